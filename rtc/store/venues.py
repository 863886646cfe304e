"""Venues in rows: who is invited, what they answered, and the house a decision looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, insert, select

from office.domain.errors import NotFound
from office.domain.organs import Level
from office.store.tables import organ
from office.store.work import Work
from rtc.domain.venue import Venue, VenueKind
from rtc.store.tables import venue

_tags = msgspec.json.Decoder(tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Invited:
    """A venue with what it answered; `post_id` is an inspector's own post."""

    id: int
    meeting_id: int
    organ_id: int
    post_id: int | None
    name: str
    kind: VenueKind
    tags: frozenset[str]
    may_chair: bool
    inspector: bool
    seats: int
    sort: int
    reply: str | None
    reply_by: int | None
    substitute: str
    reason: str
    replied_at: datetime | None
    level: Level
    path: str

    @property
    def venue(self) -> Venue:
        """The same as the domain knows it."""
        return Venue(
            self.id, self.organ_id, self.name, self.kind, self.level, self.path, self.tags, self.may_chair,
            self.inspector,
        )  # fmt: skip


_OWN = Invited.__slots__[:-2]
_FIELDS = (*(getattr(venue.c, name) for name in _OWN), organ.c.level, organ.c.path)


def _of_row(row: Sequence[Any]) -> Invited:
    values = dict(zip(Invited.__slots__, row, strict=True))
    values["kind"] = VenueKind(values["kind"])
    values["tags"] = frozenset(_tags.decode(values["tags"]))
    values["level"] = Level(values["level"])
    return Invited(**values)


def _found(work: Work, *where: ColumnElement[bool]) -> tuple[Invited, ...]:
    statement = select(*_FIELDS).join(organ, organ.c.id == venue.c.organ_id).where(*where, venue.c.removed_at.is_(None))
    return tuple(_of_row(row) for row in work.execute(statement.order_by(venue.c.sort, venue.c.id)))


def of_meeting(work: Work, meeting_id: int) -> tuple[Invited, ...]:
    """Every venue of a meeting in official order, inspectors last."""
    return _found(work, venue.c.meeting_id == meeting_id)


def of_organ(work: Work, meeting_id: int, organ_id: int) -> tuple[Invited, ...]:
    """The venues of one organ in a meeting; an inspector of that organ is among them."""
    return _found(work, venue.c.meeting_id == meeting_id, venue.c.organ_id == organ_id)


def main(work: Work, meeting_id: int) -> tuple[Invited, ...]:
    """The main venues of a meeting."""
    return _found(work, venue.c.meeting_id == meeting_id, venue.c.kind == str(VenueKind.MAIN))


def load(work: Work, venue_id: int) -> Invited:
    """The venue by id; NotFound when absent or no longer invited."""
    found = _found(work, venue.c.id == venue_id)
    if not found:
        raise NotFound("没有这个会场，或者它不在这个会议里了。请刷新后再看。")
    return found[0]


def house(work: Work, meeting_id: int) -> Mapping[int, Venue]:
    """Every venue of the meeting by id, as decisions look at it."""
    return {one.id: one.venue for one in of_meeting(work, meeting_id)}


def add(work: Work, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert venues; the caller has checked that none of them is there."""
    if rows:
        work.execute(insert(venue), rows)


def pack(tags: frozenset[str]) -> str:
    """The stored text of tags."""
    return msgspec.json.encode(sorted(tags)).decode()
