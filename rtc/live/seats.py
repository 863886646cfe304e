"""Seats: the open pages of a room. What a page is still to be told waits in a bounded queue; a page that does not
read loses chatter first, then its line, so that it comes back and gets the whole state."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from rtc.domain.room_commands import RoomCommand
from rtc.domain.venue import Participant
from rtc.live.messages import Bye, encode

MOST_QUEUED: Final = 512  # messages
MOST_BYTES: Final = 4 * 1024 * 1024
CHATTER_UNTIL: Final = 128  # messages that wait already; then chatter is dropped
MOST_UNDO: Final = 20
SIGNED_OUT, NOT_INVITED, OTHER_PROTOCOL, TOO_MANY = 4401, 4403, 4409, 4429
DISPLACED, RESTART, COME_BACK = 1000, 1012, 1013


@dataclass(frozen=True, slots=True)
class Close:
    """The line is to be closed with this code, after what was queued before it."""

    code: int


class Outbox:
    """What one page is still to be told; one reader."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | Close] = asyncio.Queue(MOST_QUEUED + 2)
        self._bytes = 0
        self.closed = False

    def tell(self, frame: bytes, *, chatter: bool = False) -> None:
        """Queue a frame. A page that does not read is closed with 1013, to come back."""
        waiting = self._queue.qsize()
        if self.closed or (chatter and waiting >= CHATTER_UNTIL):
            return
        if waiting >= MOST_QUEUED or self._bytes + len(frame) > MOST_BYTES:
            self.drop(COME_BACK)
            return
        self._bytes += len(frame)
        self._queue.put_nowait(frame)

    def close(self, code: int, bye: Bye | None = None) -> None:
        """Say goodbye after everything that waits."""
        if not self.closed:
            if bye is not None and not self._queue.full():
                self._queue.put_nowait(encode(bye))
            self.closed = True
            self._queue.put_nowait(Close(code))

    def drop(self, code: int) -> None:
        """Close without sending what waits."""
        if not self.closed:
            while not self._queue.empty():
                self._queue.get_nowait()
            self.closed = True
            self._queue.put_nowait(Close(code))

    @property
    def empty(self) -> bool:
        """Whether nothing waits."""
        return self._queue.empty()

    async def get(self) -> bytes | Close:
        """The next thing to send; Close is the last."""
        frame = await self._queue.get()
        if isinstance(frame, bytes):
            self._bytes -= len(frame)
        return frame


@dataclass(eq=False, slots=True)
class Seat:
    """One open page of one person at one venue; `id` is its name in the engine, unique in the room."""

    id: str
    device: str
    who: Participant
    grants: tuple[str, ...] = ()
    inspector: bool = False
    audio_only: bool = False
    outbox: Outbox = field(default_factory=Outbox)
    undo: "OrderedDict[int, tuple[RoomCommand, int]]" = field(default_factory=OrderedDict)
    publishing: bool = False  # an offer is being answered
    left: Callable[[], None] | None = None

    @property
    def venue_id(self) -> int:
        """Where it is."""
        return self.who.venue_id

    def tell(self, message: msgspec.Struct, *, chatter: bool = False) -> None:
        """Send this page one message."""
        self.outbox.tell(encode(message), chatter=chatter)

    def remember(self, number: int, undo: RoomCommand, fence: int) -> None:
        """Keep how an act is taken back; the last 20 are kept."""
        self.undo[number] = (undo, fence)
        while len(self.undo) > MOST_UNDO:
            self.undo.popitem(last=False)
