"""The built-in engine: starts media workers, keeps one link to each, starts a dead one again, pins rooms to workers."""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

from rtc.engine import control
from rtc.engine.control import Commands, Done, Line, Notes, Refused, Slot, Source
from rtc.engine.port import EngineDown, EngineRefused
from rtc.engine.worker_link import WorkerLink
from rtc.engine.worker_process import WorkerProcess

log = logging.getLogger("yiwang.engine")

ANSWER_WITHIN: Final = 5.0  # seconds a call may take
MOST_UNREAD: Final = 20_000  # notes nobody took; then the workers start afresh and so does whoever reads
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before a dead worker is started again
PROVEN: Final = 30.0  # seconds of life after which the pause is short again


class BuiltinEngine:
    """A `MediaEngine` (see port.py) over worker processes of our own. `start` before use, `close` at the end.

    `host` is the address browsers send media to, `bind` the one the sockets are bound to; worker n listens on UDP
    `port` + n, or on any free port when `port` is 0.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 8444, bind: str = "", workers: int = 1) -> None:
        self._events: asyncio.Queue[Notes] = asyncio.Queue(MOST_UNREAD)
        self._keepers = [
            _Keeper(WorkerProcess(host=host, bind=bind or host, port=port and port + n), self._tell)
            for n in range(workers)
        ]  # fmt: skip

    @property
    def up(self) -> bool:
        """Whether every worker answers now."""
        return all(keeper.link is not None for keeper in self._keepers)

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that run."""
        return [keeper.process.pid for keeper in self._keepers if keeper.process.pid]

    async def start(self) -> None:
        """Begin to keep the workers running; returns at once, a Hello of each follows."""
        for keeper in self._keepers:
            keeper.start()

    async def close(self) -> None:
        """End the workers."""
        await asyncio.gather(*(keeper.close() for keeper in self._keepers))

    async def ensure_room(self, room: str) -> None:
        """Make the room if it is not there."""
        await self._call(room, control.EnsureRoom(call=0, room=room))

    async def close_room(self, room: str) -> None:
        """Cut everyone and forget the room."""
        await self._call(room, control.CloseRoom(call=0, room=room))

    async def admit(self, room: str, seat: str, sources: Sequence[Source]) -> None:
        """Let a seat in, with what it may publish."""
        await self._call(room, control.Admit(call=0, room=room, seat=seat, sources=tuple(sources)))

    async def remove(self, room: str, seat: str) -> None:
        """Cut a seat."""
        await self._call(room, control.Remove(call=0, room=room, seat=seat))

    async def publish(self, room: str, seat: str, sdp: str, lines: Sequence[Line]) -> str:
        """Answer a publish offer; EngineRefused when the SDP is not acceptable."""
        done = await self._call(room, control.Publish(call=0, room=room, seat=seat, sdp=sdp, lines=tuple(lines)))
        return done.sdp

    async def answer(self, room: str, seat: str, version: int, sdp: str) -> None:
        """Take the client's answer to a subscribe offer."""
        await self._call(room, control.Answer(call=0, room=room, seat=seat, version=version, sdp=sdp))

    async def restart(self, room: str, seat: str) -> None:
        """Offer the subscribe connection again with new credentials."""
        await self._call(room, control.Restart(call=0, room=room, seat=seat))

    async def allow(self, room: str, seats: Sequence[str], source: Source, *, on: bool) -> None:
        """Forward or drop at the server."""
        await self._call(room, control.Allow(call=0, room=room, seats=tuple(seats), source=source, on=on))

    async def show(self, room: str, viewer: str, slots: Sequence[Slot]) -> None:
        """What a viewer is to get, the whole list."""
        await self._call(room, control.Show(call=0, room=room, viewer=viewer, slots=tuple(slots)))

    async def record(self, room: str, folder: str) -> None:
        """Record what is published in the room into this folder; "" ends it, and a Recorded note follows."""
        await self._call(room, control.Record(call=0, room=room, folder=folder))

    async def stats(self, room: str) -> dict[str, Any]:
        """Figures of the room."""
        return (await self._call(room, control.Stats(call=0, room=room))).body

    async def events(self) -> AsyncIterator[Notes]:
        """Notes of the workers in order; a Hello again means that it is a new, empty worker. One reader."""
        while True:
            yield await self._events.get()

    async def _call(self, room: str, command: Commands) -> Done:
        keeper = self._keepers[zlib.crc32(room.encode()) % len(self._keepers)]  # pinned: the same after a restart
        if keeper.link is None:
            raise EngineDown
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                answer = await keeper.link.call(command)
        except TimeoutError:
            raise EngineDown from None
        if isinstance(answer, Refused):
            raise EngineRefused(answer.code, answer.reason)
        return answer

    def _tell(self, note: Notes) -> None:
        if self._events.full():
            log.error("nobody reads the engine's notes; the workers start afresh")
            while not self._events.empty():
                self._events.get_nowait()
            for keeper in self._keepers:
                keeper.process.kill()
        self._events.put_nowait(note)


class _Keeper:
    """Keeps one worker running and linked."""

    def __init__(self, process: WorkerProcess, tell: Callable[[Notes], None]) -> None:
        self.process = process
        self.link: WorkerLink | None = None
        self.port = 0  # of the control link
        self._tell = tell
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; harmless when begun."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """End the worker and stop keeping it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _keep(self) -> None:
        pause, clock = FIRST_PAUSE, asyncio.get_running_loop().time
        while True:
            began = clock()
            await self._live()
            pause = FIRST_PAUSE if clock() - began > PROVEN else min(2 * pause, LONGEST_PAUSE)
            log.warning("media worker ended; the next one starts in %.1f s", pause)
            await asyncio.sleep(pause)

    async def _live(self) -> None:
        """One life of the worker: from its start until its link breaks."""
        try:
            self.port = port = await self.process.start()
            async with WorkerLink.open(port, self.process.token) as link:
                self.link = link
                await link.read(self._tell)
        except (OSError, TimeoutError, ValueError) as wrong:
            log.warning("media worker: %s", wrong)
        finally:
            if self.link is not None:
                self.link.fail()
                self.link = None
            await self.process.end()
