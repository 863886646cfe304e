"""Venues (会场): neither a person nor a device. And whom an act of the chair reaches."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from office.domain.organs import Level


class VenueKind(StrEnum):
    """Where the meeting is held (主会场) and where it is followed (分会场)."""

    MAIN = "MAIN"
    BRANCH = "BRANCH"


@dataclass(frozen=True, slots=True)
class Venue:
    """One place of a meeting. `path` is its organ's path in the tree, as '/1/15/301/'."""

    id: int
    organ_id: int
    name: str
    kind: VenueKind
    level: Level
    path: str
    tags: frozenset[str] = frozenset()
    may_chair: bool = False  # may ask for the chair
    inspector: bool = False  # 督导: seen in no list, publishes nothing


@dataclass(frozen=True, slots=True)
class Group:
    """Whom an act reaches: named venues, a subtree, a tier, a tag or everyone, and all of these `but` some."""

    venues: frozenset[int] = frozenset()
    under: str = ""  # path of an organ: it and everything below
    level: Level | None = None
    tag: str = ""
    everyone: bool = False
    but: frozenset[int] = frozenset()

    def reaches(self, venue: Venue) -> bool:
        """Whether the act is for this venue; an inspector is never reached."""
        if venue.inspector or venue.id in self.but:
            return False
        return (
            self.everyone
            or venue.id in self.venues
            or (bool(self.under) and venue.path.startswith(self.under))
            or (self.level is not None and venue.level is self.level)
            or (bool(self.tag) and self.tag in venue.tags)
        )

    def select(self, venues: Iterable[Venue]) -> frozenset[int]:
        """The ids of those it reaches."""
        return frozenset(venue.id for venue in venues if self.reaches(venue))


@dataclass(frozen=True, slots=True)
class House:
    """What a decision may look at beside the room: every venue of the meeting and who is online now."""

    venues: Mapping[int, Venue]
    online: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Participant:
    """Who acts: a person at a venue. `organiser`: the clerk whose meeting it is, who may always take the chair back."""

    venue_id: int
    person_id: int
    name: str = ""
    organiser: bool = False
    fence: int = 0  # the number of the chair he believes to hold; 0: none


@dataclass(frozen=True, slots=True)
class Device:
    """One open page at a venue; the engine's seat has the same name. Only one of a venue's devices is on air."""

    id: str
    venue_id: int
    person_id: int
    since: datetime
    on_air: bool = False
    sees: frozenset[str] = field(default_factory=frozenset)  # audio only: {"MICROPHONE"}; empty: everything
