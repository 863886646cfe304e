"""When the clock has something to decide in a room."""

from datetime import datetime

from rtc.domain.deciding import due_at
from rtc.domain.room import Room


def due(room: Room, now: datetime) -> bool:
    """Whether a lease, a called venue, a rotation, a floor or the meeting itself has run out."""
    moment = due_at(room)
    return moment is not None and moment <= now
