"""A worker with bots over real UDP, DTLS and SRTP: who gets what, who is silenced, who is cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import Connected, Hello, Lost, Side, Slot, Source, Speaking, Started, Stopped
from rtc.engine.port import EngineRefused
from rtc.media.negotiation import AUDIO_LEVEL
from tests.rtc.media.bot import packet, until
from tests.rtc.media.room import Client, Told, indoors

SOUND, CAMERA, SCREEN = Source.MICROPHONE, Source.CAMERA, Source.SCREEN
ALL = (SOUND, CAMERA, SCREEN)


@dataclass
class Stage:
    """An engine with room 1, its notes, and the bots that came."""

    engine: BuiltinEngine
    told: Told
    bots: list[Client] = field(default_factory=list)

    async def bot(self, seat: str, *sources: Source, admit: tuple[Source, ...] = ALL) -> Client:
        """A seat that is admitted and publishes."""
        await self.engine.admit("1", seat, admit)
        made = Client(self.engine, seat)
        self.bots.append(made)
        if sources:
            await made.publish(*sources)
        return made

    async def show(self, viewer: str, *wanted: tuple[str, Source]) -> None:
        await self.engine.show("1", viewer, [Slot(seat, source) for seat, source in wanted])


@asynccontextmanager
async def stage_with_bots() -> AsyncIterator[Stage]:
    """Room 1 of a worker in this process."""
    engine, _ = indoors()
    await engine.start()
    async with Told(engine) as told:
        made = Stage(engine, told)
        told.listeners = made.bots
        await told.first(Hello)
        await engine.ensure_room("1")
        yield made
        for bot in made.bots:
            await bot.close()
    await engine.close()


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with stage_with_bots() as made:
        yield made


async def test_what_one_publishes_the_other_gets(stage: Stage) -> None:
    speaker, viewer = await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
    await stage.show("v2", ("v1", SOUND), ("v1", CAMERA))
    await speaker.say_until(lambda: viewer.got("v1", SOUND) > 5 and viewer.got("v1", CAMERA) > 5, "both arrive")
    assert (await stage.told.first(Started)).seat == "v1"
    sides = {(note.seat, note.side) for note in stage.told.notes if isinstance(note, Connected)}
    assert sides == {("v1", Side.PUBLISH), ("v2", Side.SUBSCRIBE)}
    assert [line.seat for line in viewer.offers[-1].lines] == ["v1", "v1"]


async def test_a_wish_for_one_who_comes_later_is_kept(stage: Stage) -> None:
    viewer = await stage.bot("v2")
    await stage.show("v2", ("v1", CAMERA))
    speaker = await stage.bot("v1", SOUND, CAMERA)
    await speaker.say_until(lambda: viewer.got("v1", CAMERA) > 3, "it arrives")
    assert viewer.got("v1", SOUND) == 0


async def silent(speaker: Client, viewer: Client, source: Source, other: Source) -> bool:
    """Whether nothing of `source` comes while `other` does."""
    before, flowing = viewer.got(speaker.seat, source), viewer.got(speaker.seat, other)
    await speaker.say_until(lambda: viewer.got(speaker.seat, other) > flowing + 20, "the other source flows")
    return viewer.got(speaker.seat, source) == before


async def test_mute_at_the_server_silences_whatever_the_client_sends(stage: Stage) -> None:
    speaker, viewer = await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
    await stage.show("v2", ("v1", SOUND), ("v1", CAMERA))
    await speaker.say_until(lambda: viewer.got("v1", SOUND) and viewer.got("v1", CAMERA), "both arrive")
    await stage.engine.allow("1", ["v1"], SOUND, on=False)
    await speaker.say_until(lambda: viewer.got("v1", CAMERA) > 30, "what was under way is through")
    assert await silent(speaker, viewer, SOUND, CAMERA)
    await stage.engine.allow("1", ["v1"], SOUND, on=True)
    before = viewer.got("v1", SOUND)
    await speaker.say_until(lambda: viewer.got("v1", SOUND) > before, "heard again")


async def test_who_comes_back_is_still_muted(stage: Stage) -> None:
    speaker, viewer = await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
    await stage.engine.allow("1", ["v1", "v7"], SOUND, on=False)
    await stage.engine.remove("1", "v1")
    await stage.told.first(Hello)
    again = await stage.bot("v1", SOUND, CAMERA)
    await stage.show("v2", ("v1", SOUND), ("v1", CAMERA))
    await again.say_until(lambda: viewer.got("v1", CAMERA) > 3, "the picture arrives")
    assert await silent(again, viewer, SOUND, CAMERA)
    assert speaker is not again


async def test_who_is_removed_is_cut_both_ways(stage: Stage) -> None:
    speaker, viewer = await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
    await stage.show("v2", ("v1", CAMERA), ("v1", SOUND))
    await speaker.say_until(lambda: viewer.got("v1", CAMERA), "it arrives")
    await stage.engine.remove("1", "v1")
    async with asyncio.timeout(5):
        await speaker.up.gone.wait()
    stopped = await stage.told.first(Stopped)
    assert (stopped.seat, stopped.source) in {("v1", CAMERA), ("v1", SOUND)}
    with pytest.raises(EngineRefused) as refused:
        await speaker.publish(CAMERA)
    assert refused.value.code == "no-seat"
    await until(lambda: viewer.offers[-1].lines and not any(li.seat for li in viewer.offers[-1].lines), "lines rest")


async def test_a_seat_publishes_only_what_it_may(stage: Stage) -> None:
    viewer = await stage.bot("v2", admit=(SOUND,))
    with pytest.raises(EngineRefused) as refused:
        await viewer.publish(SOUND, CAMERA)
    assert refused.value.code == "not-allowed"
    await viewer.publish(SOUND)
    await stage.engine.admit("1", "v2", [])
    assert (await stage.engine.stats("1"))["tracks"] == []


async def test_packets_of_an_unknown_ssrc_go_nowhere(stage: Stage) -> None:
    speaker, viewer = await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
    await stage.show("v2", ("v1", SOUND), ("v1", CAMERA))
    await speaker.say_until(lambda: viewer.got("v1", SOUND) and viewer.got("v1", CAMERA), "both arrive")
    for number in range(30):
        speaker.up.send(packet(4_000_000 + number % 3, number, b"unknown", kind="audio"))
    before = viewer.got("v1", CAMERA)
    await speaker.say_until(lambda: viewer.got("v1", CAMERA) > before + 10, "the rest goes on")
    assert set(viewer.down.got) == set(viewer.flows.values())


@pytest.mark.slow
async def test_a_flood_is_cut_and_the_room_goes_on(stage: Stage) -> None:
    flooder, speaker, viewer = await stage.bot("v3", SOUND), await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
    await stage.show("v2", ("v1", CAMERA), ("v1", SOUND))
    number = 0

    def flood() -> bool:
        nonlocal number
        for _ in range(60 if flooder.up.peer.up else 0):
            number += 1
            flooder.up.send(packet(flooder.ssrcs[SOUND], number, b"x" * 20, kind="audio"))
        speaker.say()
        return any(isinstance(note, Lost) and note.seat == "v3" for note in stage.told.notes)

    await until(flood, "the flooder is cut", 20)
    lost = await stage.told.first(Lost)
    assert (lost.seat, lost.side, lost.reason) == ("v3", Side.PUBLISH, "flood")
    before = viewer.got("v1", CAMERA)
    await speaker.say_until(lambda: viewer.got("v1", CAMERA) > before + 10, "the others go on")


async def test_many_wishes_at_once_are_few_offers(stage: Stage) -> None:
    viewer = await stage.bot("v9")
    await stage.show("v9", *((f"v{i}", SOUND) for i in range(1, 7)))
    for i in range(1, 7):
        await stage.bot(f"v{i}", SOUND)
    await until(lambda: viewer.offers and len(viewer.flows) == 6, "all six are offered")
    assert len(viewer.offers) <= 6
    for _ in range(30):
        await stage.show("v9", ("v1", SOUND))
        await stage.show("v9", *((f"v{i}", SOUND) for i in range(1, 7)))
    count = len(viewer.offers)
    await stage.show("v9", ("v1", SOUND))
    await until(lambda: len(viewer.flows) == 1, "the last wish counts")
    assert len(viewer.offers) <= count + 4


async def test_a_browser_that_begins_anew_gets_a_connection_anew(stage: Stage) -> None:
    speaker, viewer = await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
    await stage.show("v2", ("v1", CAMERA))
    await speaker.say_until(lambda: viewer.got("v1", CAMERA) > 3, "it arrives")
    again = Client(stage.engine, "v1")  # the page was loaded again: another certificate, another session
    stage.bots.append(again)
    await again.publish(SOUND, CAMERA)
    await again.say_until(lambda: viewer.got("v1", CAMERA) > 3, "the new one arrives")
    fresh = Client(stage.engine, "v2")
    stage.bots.remove(viewer)
    await viewer.close()
    stage.bots.append(fresh)
    await stage.engine.restart("1", "v2")
    await again.say_until(lambda: fresh.got("v1", CAMERA) > 3, "the new viewer gets it")


async def test_who_speaks_is_told(stage: Stage) -> None:
    speaker = await stage.bot("v1", SOUND)
    number = 0

    def speak() -> bool:
        nonlocal number
        number += 1
        plain = packet(speaker.ssrcs[SOUND], number, b"opus", kind="audio", timestamp=number * 960)
        level = bytes([0xBE, 0xDE, 0, 1, 0x10, 0x80 | 20, 0, 0])
        speaker.up.send(bytes([plain[0] | 0x10]) + plain[1:12] + level + plain[12:])
        return any(isinstance(note, Speaking) and note.seats == ("v1",) for note in stage.told.notes)

    await until(speak, "v1 speaks")
    await until(lambda: any(isinstance(n, Speaking) and not n.seats for n in stage.told.notes), "and is silent", 5)
    assert AUDIO_LEVEL.endswith("audio-level")


JUNK = st.one_of(
    st.binary(min_size=1, max_size=200),
    st.builds(
        lambda head, body: head + body, st.sampled_from([b"\x90\x60", b"\xbf\x6f", b"\xa0\x61"]), st.binary(max_size=90)
    ),
)
REPORTS = st.builds(
    lambda first, kind, words, body: bytes([first, kind]) + words.to_bytes(2, "big") + body,
    st.sampled_from([0x80, 0x81, 0x8F, 0x9F, 0xA1]), st.integers(200, 207), st.integers(0, 40), st.binary(max_size=160),
)  # fmt: skip


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.lists(st.tuples(JUNK, REPORTS), min_size=5, max_size=20))
def test_no_authentic_packet_breaks_the_room(pairs: list[tuple[bytes, bytes]]) -> None:
    """Whatever a client that knows the keys sends, at worst its own connection is cut: a "fault" would be our bug."""

    async def feed() -> None:
        async with stage_with_bots() as stage:
            evil, viewer = await stage.bot("v1", SOUND, CAMERA), await stage.bot("v2")
            await stage.show("v2", ("v1", SOUND), ("v1", CAMERA))
            await evil.say_until(lambda: viewer.got("v1", CAMERA), "it arrives")
            for number, (junk, report) in enumerate(pairs):
                head = packet(evil.ssrcs[CAMERA if number % 2 else SOUND], 500 + number, b"")
                evil.up.send(junk[:2] + head[2:] + junk[2:] if junk[0] & 0xC0 == 0x80 else head + junk, sound=False)
                evil.up.peer.send_rtcp(report.ljust(8, b"\0"))
                viewer.down.peer.send_rtcp(report.ljust(8, b"\0"))
            before = viewer.got("v1", CAMERA)
            await evil.say_until(lambda: viewer.got("v1", CAMERA) > before + 3, "the room goes on")
            assert not [note for note in stage.told.notes if isinstance(note, Lost)]

    asyncio.run(feed())
