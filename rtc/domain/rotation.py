"""Rotation (轮巡): one venue after the other on the screen; the next one is subscribed before the switch."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Rotation:
    """`showing` now, `following` next; `until` None: held."""

    venues: tuple[int, ...]
    seconds: int
    for_all: bool
    showing: int | None
    following: int | None
    until: datetime | None
    held: bool = False
