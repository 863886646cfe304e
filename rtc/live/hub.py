"""The hub: which rooms are open, who serves them, and the engine's notes to each of them."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from office.domain.errors import TooBusy
from office.store.database import Database
from rtc.engine.control import Done, Hello, Notes, Recorded, Refused
from rtc.engine.port import MediaEngine
from rtc.live import keeping
from rtc.live.entries import BallotMoved, EngineTurned, Join, Leave, Reload
from rtc.live.owner import RoomOwner
from rtc.live.seats import Seat

log = logging.getLogger("yiwang.rooms")

MOST_ROOMS: Final = 200
LOOK_EVERY: Final = 0.5  # seconds: whether the engine answers, and which rooms are empty


class RoomHub:
    """All rooms of this server. The engine is started by the first who comes."""

    def __init__(self, db: Database, engine: MediaEngine, recordings: Path | None = None) -> None:
        self._db, self._engine, self._recordings = db, engine, recordings
        self._rooms: dict[int, RoomOwner] = {}
        self._opening = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._keeping: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Send everyone away to come back, end the engine."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        async with self._opening:
            rooms, self._rooms = tuple(self._rooms.values()), {}
            await asyncio.gather(*(owner.close() for owner in rooms))
            if self._tasks:
                await self._engine.close()
            self._tasks = []

    async def join(self, meeting_id: int, seat: Seat, *, again: bool = False) -> RoomOwner:
        """A page comes into the room, which is opened when it is not yet; the owner that serves it."""
        async with self._opening:
            owner = self._rooms.get(meeting_id)
            if owner is None:
                owner = await self._open(meeting_id)
            owner.post(Join(seat, again))
        return owner

    async def _open(self, meeting_id: int) -> RoomOwner:
        if len(self._rooms) >= MOST_ROOMS:
            raise TooBusy("同时开的会议太多，这个会场暂时打不开。请过几分钟再试。")
        if not self._tasks:
            await self._engine.start()
            self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._look())]
            if self._recordings is not None:
                self._tasks.append(asyncio.create_task(keeping.keep_all(self._db, self._recordings)))
        owner = self._rooms[meeting_id] = await RoomOwner.open(self._db, self._engine, meeting_id)
        owner.live.recordings = self._recordings
        return owner

    def leave(self, owner: RoomOwner, seat: Seat) -> None:
        """A page's line is gone."""
        owner.post(Leave(seat))

    def reload(self, meeting_id: int) -> None:
        """Somebody changed the meeting past this hub: its venues, or the room itself."""
        if meeting_id in self._rooms:
            self._rooms[meeting_id].post(Reload())

    def ballot(self, meeting_id: int, ballot: dict[str, Any]) -> None:
        """A ballot (with its "id") is otherwise, as everyone may see it."""
        if meeting_id in self._rooms:
            self._rooms[meeting_id].post(BallotMoved(ballot))

    def room(self, meeting_id: int) -> RoomOwner | None:
        """The owner of an open room."""
        return self._rooms.get(meeting_id)

    async def _listen(self) -> None:
        async for note in self._engine.events():
            self._pass_on(note)

    def _pass_on(self, note: Notes) -> None:
        if isinstance(note, Recorded):
            self._keep(Path(note.folder))
        elif isinstance(note, Hello):
            for owner in self._rooms.values():
                owner.note(note)
        elif not isinstance(note, Done | Refused) and note.room.isdigit():
            found = self._rooms.get(int(note.room))
            if found is not None:
                found.note(note)

    def _keep(self, folder: Path) -> None:
        if self._recordings is not None:
            task = asyncio.create_task(keeping.keep(self._db, self._recordings, folder))
            self._keeping.add(task)
            task.add_done_callback(self._keeping.discard)

    async def _look(self) -> None:
        """A worker that died is noticed before anyone calls it; rooms without anybody are closed."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            if not self._engine.up:
                for owner in self._rooms.values():
                    owner.post(EngineTurned(up=False))
            with suppress(Exception):
                await self._close_empty()

    async def _close_empty(self) -> None:
        async with self._opening:
            for meeting_id, owner in tuple(self._rooms.items()):
                if owner.idle:
                    del self._rooms[meeting_id]
                    await owner.close()
