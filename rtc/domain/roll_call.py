"""Roll call (点名): who was called, who answered; goes on where it stopped."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mark(StrEnum):
    """What the sheet says of one venue."""

    NOT_CALLED = "NOT_CALLED"
    PRESENT = "PRESENT"
    SUBSTITUTE = "SUBSTITUTE"
    NO_ANSWER = "NO_ANSWER"


@dataclass(frozen=True, slots=True)
class Line:
    """One venue on the sheet; `reason` where it was marked by hand."""

    venue_id: int
    mark: Mark = Mark.NOT_CALLED
    at: datetime | None = None
    substitute: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RollCall:
    """`position` is the line being called, past the end when all were. Corrections are appended, never replace."""

    lines: tuple[Line, ...]
    seconds: int
    position: int = 0
    until: datetime | None = None  # when the called venue's time is over; None: paused or closed
    paused: bool = False
    closed: bool = False
    corrections: tuple[Line, ...] = ()
