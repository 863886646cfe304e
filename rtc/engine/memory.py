"""An engine that carries nothing: it keeps what it was told, can be killed and revived. For tests and rehearsals."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rtc.engine.control import PROTOCOL, Hello, Line, Notes, Slot, Source
from rtc.engine.port import EngineDown, EngineRefused


@dataclass(slots=True)
class MemoryRoom:
    """What the engine knows of one room. Mutes and wishes outlive the seats they are about."""

    seats: dict[str, frozenset[Source]] = field(default_factory=dict)
    dropped: set[tuple[str, Source]] = field(default_factory=set)
    shows: dict[str, tuple[Slot, ...]] = field(default_factory=dict)
    answers: dict[str, int] = field(default_factory=dict)
    folder: str = ""  # of a recording

    def forwarded(self, seat: str) -> frozenset[Source]:
        """What of the seat's sources reaches anyone."""
        return frozenset(s for s in self.seats.get(seat, ()) if (seat, s) not in self.dropped)


class MemoryEngine:
    """A `MediaEngine` (see port.py). `calls` are all calls in order, as tuples of their arguments."""

    def __init__(self) -> None:
        self.rooms: dict[str, MemoryRoom] = {}
        self.calls: list[tuple[Any, ...]] = []
        self._events: asyncio.Queue[Notes] = asyncio.Queue(20_000)
        self._up = False

    @property
    def up(self) -> bool:
        """Whether it answers now."""
        return self._up

    async def start(self) -> None:
        """Begin, with a Hello; harmless when begun."""
        if not self._up:
            self._up = True
            self._events.put_nowait(Hello(protocol=PROTOCOL, pid=0, host="127.0.0.1", port=0, most_packets=0))

    async def close(self) -> None:
        """End it."""
        self.kill()

    def kill(self) -> None:
        """The worker is gone with everything it knew."""
        self._up = False
        self.rooms.clear()

    def tell(self, note: Notes) -> None:
        """Say what a worker would say by itself."""
        self._events.put_nowait(note)

    async def ensure_room(self, room: str) -> None:
        """Make the room if it is not there."""
        self._called("ensure_room", room)
        self.rooms.setdefault(room, MemoryRoom())

    async def close_room(self, room: str) -> None:
        """Forget the room."""
        self._called("close_room", room)
        self.rooms.pop(room, None)

    async def admit(self, room: str, seat: str, sources: Sequence[Source]) -> None:
        """Let a seat in, with what it may publish."""
        self._called("admit", room, seat, tuple(sources))
        self._room(room).seats[seat] = frozenset(sources)

    async def remove(self, room: str, seat: str) -> None:
        """Cut a seat."""
        self._called("remove", room, seat)
        self._room(room).seats.pop(seat, None)

    async def publish(self, room: str, seat: str, sdp: str, lines: Sequence[Line]) -> str:
        """Answer with a line that names the offer; not-allowed beyond what was admitted, bad-sdp without a version."""
        self._called("publish", room, seat, tuple(line.source for line in lines))
        if not sdp.startswith("v=0"):
            raise EngineRefused("bad-sdp", "no version line")
        if not {line.source for line in lines} <= self._seat(room, seat):
            raise EngineRefused("not-allowed", "this seat may not publish that")
        return f"v=0 answer to {len(sdp)} bytes"

    async def answer(self, room: str, seat: str, version: int, sdp: str) -> None:
        """Keep the version that was answered."""
        self._called("answer", room, seat, version, len(sdp))
        self._room(room).answers[seat] = version

    async def restart(self, room: str, seat: str) -> None:
        """Only recorded."""
        self._called("restart", room, seat)
        self._seat(room, seat)

    async def allow(self, room: str, seats: Sequence[str], source: Source, *, on: bool) -> None:
        """Forward or drop."""
        self._called("allow", room, tuple(seats), source, on)
        keys = {(seat, source) for seat in seats}
        found = self._room(room)
        found.dropped = found.dropped - keys if on else found.dropped | keys

    async def show(self, room: str, viewer: str, slots: Sequence[Slot]) -> None:
        """What a viewer is to get."""
        self._called("show", room, viewer, tuple(slots))
        self._room(room).shows[viewer] = tuple(slots)

    async def record(self, room: str, folder: str) -> None:
        """Where it would be written."""
        self._called("record", room, folder)
        self._room(room).folder = folder

    async def stats(self, room: str) -> dict[str, Any]:
        """How many seats there are."""
        self._called("stats", room)
        return {"seats": len(self._room(room).seats)}

    async def events(self) -> AsyncIterator[Notes]:
        """Notes in order."""
        while True:
            yield await self._events.get()

    def _called(self, *call: object) -> None:
        if not self._up:
            raise EngineDown
        self.calls.append(call)

    def _room(self, room: str) -> MemoryRoom:
        if room not in self.rooms:
            raise EngineRefused("no-seat", "there is no such room")
        return self.rooms[room]

    def _seat(self, room: str, seat: str) -> frozenset[Source]:
        if seat not in self._room(room).seats:
            raise EngineRefused("no-seat", "there is no such seat")
        return self._room(room).seats[seat]
