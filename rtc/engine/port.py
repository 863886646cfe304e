"""MediaEngine: what the hub asks of whatever carries the media. It knows seats and sources, never chairs or venues."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

from rtc.engine.control import Line, Notes, Slot, Source


class EngineDown(Exception):
    """The engine does not answer. What was decided stands; the room is built again when it is back."""


class EngineRefused(Exception):
    """The engine refused one call; `code` as in `control.Refused`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(f"{code}: {reason}")
        self.code = code


class MediaEngine(Protocol):
    """A room's media. Rooms in an engine are a cache: after `Hello` (again) the hub builds them anew."""

    @property
    def up(self) -> bool:
        """Whether it answers now."""
        ...

    async def start(self) -> None:
        """Begin; harmless when begun. A Hello follows."""

    async def close(self) -> None:
        """End it."""

    async def ensure_room(self, room: str) -> None:
        """Make the room if it is not there."""

    async def close_room(self, room: str) -> None:
        """Cut everyone and forget the room."""

    async def admit(self, room: str, seat: str, sources: Sequence[Source]) -> None:
        """Let a seat in, with what it may publish."""

    async def remove(self, room: str, seat: str) -> None:
        """Cut a seat."""

    async def publish(self, room: str, seat: str, sdp: str, lines: Sequence[Line]) -> str:
        """Answer a publish offer; EngineRefused when the SDP is not acceptable."""

    async def answer(self, room: str, seat: str, version: int, sdp: str) -> None:
        """Take the client's answer to a subscribe offer."""

    async def restart(self, room: str, seat: str) -> None:
        """Offer the subscribe connection again with new credentials."""

    async def allow(self, room: str, seats: Sequence[str], source: Source, *, on: bool) -> None:
        """Forward or drop at the server."""

    async def show(self, room: str, viewer: str, slots: Sequence[Slot]) -> None:
        """What a viewer is to get, the whole list."""

    async def record(self, room: str, folder: str) -> None:
        """Record what is published in the room into this folder; "" ends it, and a Recorded note follows."""

    async def stats(self, room: str) -> dict[str, Any]:
        """Figures of the room."""

    def events(self) -> AsyncIterator[Notes]:
        """Notes of the worker in order; a Hello again means that it is a new, empty worker."""
        ...
