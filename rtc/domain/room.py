"""A live room: what is decided and kept in the database. Who is online, and media, are no part of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rtc.domain.chair import Chair
from rtc.domain.layout import Layout
from rtc.domain.roll_call import RollCall
from rtc.domain.rotation import Rotation


class Phase(StrEnum):
    """Where a meeting stands. Only LIVE and PAUSED count for attendance."""

    PLANNED = "PLANNED"
    NOTICED = "NOTICED"
    REHEARSAL = "REHEARSAL"  # 调试
    WAITING = "WAITING"
    LIVE = "LIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    MINUTED = "MINUTED"
    ARCHIVED = "ARCHIVED"


@dataclass(frozen=True, slots=True)
class Hand:
    """举手, first come first."""

    venue_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Floor:
    """Who has been given the word, and until when; `before` is who was mute then."""

    venue_id: int
    until: datetime | None
    before: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Page:
    """The page that is shown to all."""

    paper_id: int
    page: int


@dataclass(frozen=True, slots=True)
class Room:
    """All of it. Sets hold venue ids."""

    meeting_id: int
    phase: Phase = Phase.PLANNED
    ends_at: datetime | None = None
    chair: Chair = field(default_factory=Chair)
    locked: bool = False
    lobby: bool = False  # 等候室: who is not `let_in` waits outside
    let_in: frozenset[int] = frozenset()
    removed: frozenset[int] = frozenset()
    muted: frozenset[int] = frozenset()  # microphone dropped at the server
    dark: frozenset[int] = frozenset()  # camera dropped at the server
    deafened: frozenset[int] = frozenset()
    held_mute: frozenset[int] = frozenset()  # muted by the chair: they may not open it themselves
    held_dark: frozenset[int] = frozenset()
    self_unmute: bool = True
    voice_switch: bool = False
    hands: tuple[Hand, ...] = ()
    floor: Floor | None = None
    stage: frozenset[int] = frozenset()
    layout: Layout | None = None
    broadcast: int | None = None
    watched: int | None = None
    screen: int | None = None  # the venue whose screen is shown
    rotation: Rotation | None = None
    roll_call: RollCall | None = None
    topic: int = 0
    page: Page | None = None
    banner: str = ""
    recording: bool = False
    inspection_told: bool = False
