"""What may lie in a room's inbox."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rtc.engine.control import Notes
from rtc.live.messages import Said
from rtc.live.seats import Seat


@dataclass(frozen=True, slots=True)
class Join:
    """A page greeted. `again`: it was here before and kept its media connections if it could."""

    seat: Seat
    again: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """Its line is gone."""

    seat: Seat


@dataclass(frozen=True, slots=True)
class SaidBy:
    """A page said something."""

    seat: Seat
    said: Said


@dataclass(frozen=True, slots=True)
class Noted:
    """The engine said something of this room."""

    note: Notes


@dataclass(frozen=True, slots=True)
class EngineTurned:
    """The engine was lost, or knows everything again."""

    up: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A quarter of a second went by."""


@dataclass(frozen=True, slots=True)
class Reload:
    """Somebody changed the room or its venues past this hub."""


@dataclass(frozen=True, slots=True)
class BallotMoved:
    """A ballot is otherwise, as everyone may see it."""

    ballot: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sync:
    """Everything before it has been dealt with."""

    done: Callable[[], None]


Entry = Join | Leave | SaidBy | Noted | EngineTurned | Tick | Reload | BallotMoved | Sync
