"""A hub on a database of each kind, with the small city's meeting."""

from collections.abc import AsyncIterator

import pytest

from office.store.database import Database
from rtc.engine.memory import MemoryEngine
from rtc.live.hub import RoomHub
from rtc.store.meetings import Settings
from tests.conftest import Clock
from tests.rtc.live.pages import Rooms
from tests.rtc.service.calling import called
from tests.town import build


async def opened(db: Database, clock: Clock, settings: Settings | None = None) -> Rooms:
    town = db.write_now(build)
    engine = MemoryEngine()
    return Rooms(db, clock, town, RoomHub(db, engine), engine, called(db, town, settings))


@pytest.fixture
async def rooms(sqlite_db: Database, clock: Clock) -> AsyncIterator[Rooms]:
    """On SQLite: what the hub does does not depend on the database."""
    running = await opened(sqlite_db, clock)
    yield running
    await running.hub.close()


@pytest.fixture
async def rooms_twice(db: Database, clock: Clock) -> AsyncIterator[Rooms]:
    """On each database."""
    running = await opened(db, clock)
    yield running
    await running.hub.close()


@pytest.fixture
async def lobby(sqlite_db: Database, clock: Clock) -> AsyncIterator[Rooms]:
    """A meeting with a waiting room."""
    running = await opened(sqlite_db, clock, Settings(lobby=True))
    yield running
    await running.hub.close()
