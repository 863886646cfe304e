"""What a worker takes: measured, never less than a floor; more than that is refused, not lost."""

import pytest

from rtc.engine.control import Hello, Source
from rtc.engine.port import EngineRefused
from rtc.media.capacity import LEAST, Load, measure
from tests.rtc.media.room import Client, Told, indoors


def test_a_measured_machine_takes_at_least_the_floor() -> None:
    assert measure() >= LEAST


def test_the_rate_is_that_of_the_last_second() -> None:
    load = Load(100)
    load.look(0, 1.0)
    load.look(50, 1.5)
    assert (load.rate, load.full) == (0, False)
    load.look(240, 3.0)
    assert (load.rate, load.full) == (120, True)
    load.look(250, 4.0)
    assert (load.rate, load.full) == (10, False)


async def test_a_full_worker_refuses_who_is_new_and_keeps_who_is_there() -> None:
    engine, indoor = indoors()
    await engine.start()
    async with Told(engine) as told:
        await told.first(Hello)
        await engine.ensure_room("1")
        bots = [Client(engine, seat) for seat in ("v1", "v2")]
        for bot in bots:
            await engine.admit("1", bot.seat, list(Source))
        await bots[0].publish(Source.CAMERA)
        assert indoor.worker is not None
        indoor.worker._load.rate = indoor.worker._load.most
        await bots[0].publish(Source.CAMERA)
        with pytest.raises(EngineRefused) as refused:
            await bots[1].publish(Source.CAMERA)
        assert refused.value.code == "full"
        for bot in bots:
            await bot.close()
    await engine.close()
