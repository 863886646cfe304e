"""The hub with the real media worker: killed, it comes back by itself and knows everything again."""

import os
import signal
from collections.abc import AsyncIterator

import pytest

from office.store.database import Database
from rtc.engine.builtin import BuiltinEngine
from rtc.engine.memory import MemoryEngine
from rtc.live.hub import RoomHub
from tests.conftest import Clock
from tests.rtc.live.pages import Rooms
from tests.rtc.service.calling import called
from tests.town import COUNTY, build


@pytest.fixture
async def real(sqlite_db: Database, clock: Clock) -> AsyncIterator[tuple[Rooms, BuiltinEngine]]:
    town = sqlite_db.write_now(build)
    engine = BuiltinEngine(port=0)
    rooms = Rooms(sqlite_db, clock, town, RoomHub(sqlite_db, engine), MemoryEngine(), called(sqlite_db, town))
    yield rooms, engine
    await rooms.hub.close()


@pytest.mark.slow
async def test_a_killed_worker_is_back_with_every_seat_and_mute(real: tuple[Rooms, BuiltinEngine]) -> None:
    rooms, engine = real
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    await chair.do("Mute", group={"venues": [rooms.venue(COUNTY)]})
    await rooms.quiet()
    assert (await engine.stats(str(rooms.meeting_id))).get("seats") is not None
    for _ in range(2):
        (pid,) = engine.pids
        await county.all()
        os.kill(pid, signal.SIGKILL)
        await county.until(lambda m: m["kind"] == "engine" and not m["up"], "engine lost")
        await county.until(lambda m: m["kind"] == "engine" and m["up"], "engine back")
        await rooms.quiet()
        assert engine.pids != [pid]
    assert rooms.owner.failed == 0
    assert rooms.owner.live.engine.silent
