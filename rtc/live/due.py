"""When the clock has something to decide in a room."""

from collections.abc import Iterator
from datetime import datetime

from rtc.domain.room import Room


def due(room: Room, now: datetime) -> bool:
    """Whether a lease, a called venue, a rotation or a floor has run out."""
    return any(moment is not None and moment <= now for moment in _moments(room))


def _moments(room: Room) -> Iterator[datetime | None]:
    if room.chair.holder is not None:
        yield room.chair.until
    if room.floor is not None:
        yield room.floor.until
    if room.rotation is not None and not room.rotation.held:
        yield room.rotation.until
    if room.roll_call is not None and not (room.roll_call.paused or room.roll_call.closed):
        yield room.roll_call.until
