"""Nothing is decoded and nothing encoded for a viewer: no object that could do it exists while twenty watch."""

import gc

from aiortc import RTCRtpReceiver, RTCRtpSender
from aiortc.codecs.base import Decoder, Encoder
from av.codec.context import CodecContext

from rtc.engine.control import Hello, Slot, Source
from tests.rtc.media.bot import until
from tests.rtc.media.room import Client, Told, indoors

FORBIDDEN = (CodecContext, Decoder, Encoder, RTCRtpReceiver, RTCRtpSender)
VIEWERS = 20


def coders() -> list[str]:
    """Every living object that could encode or decode, by its type."""
    return [type(one).__name__ for one in gc.get_objects() if issubclass(type(one), FORBIDDEN)]


def test_the_search_finds_what_it_is_for() -> None:
    there = len(coders())
    context = CodecContext.create("vp8", "r")
    assert len(coders()) == there + 1
    assert context.name == "vp8"


async def test_no_encoder_and_no_decoder_while_twenty_watch() -> None:
    gc.collect()
    before = coders()
    engine, _ = indoors()
    await engine.start()
    bots: list[Client] = []
    async with Told(engine) as told:
        told.listeners = bots
        await told.first(Hello)
        await engine.ensure_room("1")
        bots += [Client(engine, f"v{i}") for i in range(1, VIEWERS + 2)]
        for bot in bots:
            await engine.admit("1", bot.seat, list(Source))
        speaker, *viewers = bots
        await speaker.publish(Source.MICROPHONE, Source.CAMERA)
        for viewer in viewers:
            await engine.show("1", viewer.seat, [Slot("v1", Source.CAMERA), Slot("v1", Source.MICROPHONE)])
        await until(lambda: all(viewer.down.peer.up for viewer in viewers), "all are there", 20)
        await speaker.say_until(
            lambda: all(v.got("v1", Source.CAMERA) > 10 and v.got("v1", Source.MICROPHONE) > 10 for v in viewers),
            "all twenty get both", 20,
        )  # fmt: skip
        assert coders() == before
        for bot in bots:
            await bot.close()
    await engine.close()
