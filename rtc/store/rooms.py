"""Rooms in rows: the state as JSON, a version against races, and everything that happened, numbered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import insert, select, update

from office.domain.errors import NotFound, Stale
from office.store.work import Work
from rtc.domain.room import Room
from rtc.domain.room_events import RoomEvent
from rtc.store.meetings import ABSENT
from rtc.store.tables import room, room_event

MOST_SINCE = 2_000

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Room)
_CLASSES: dict[str, type] = {kind.__name__: kind for kind in RoomEvent.__args__}


@dataclass(frozen=True, slots=True)
class StoredRoom:
    """A room with the version that was read and the number of its last event."""

    meeting_id: int
    version: int
    seq: int
    room: Room


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a room. Without a venue it came from the clock or from the organiser's pages."""

    seq: int
    at: datetime
    venue_id: int | None
    person_id: int | None
    event: RoomEvent


@dataclass(frozen=True, slots=True)
class Origin:
    """Who caused events: a person at a venue, or nobody."""

    venue_id: int | None = None
    person_id: int | None = None


NOBODY = Origin()


def encode(state: Room) -> str:
    """The stored text of a room."""
    return _encoder.encode(state).decode()


def decode(state: str) -> Room:
    """The room in a stored text."""
    return _decoder.decode(state)


def decode_event(kind: str, body: str) -> RoomEvent:
    """The event in a stored row."""
    event: RoomEvent = msgspec.json.decode(body, type=_CLASSES[kind])
    return event


def add(work: Work, state: Room) -> None:
    """Store the room of a new meeting."""
    work.execute(insert(room).values(meeting_id=state.meeting_id, version=1, seq=0, state=encode(state)))


def load(work: Work, meeting_id: int, *, hold: bool = False) -> StoredRoom:
    """The room of a meeting. `hold`: nobody else decides on it until the commit, so that claims queue up."""
    statement = select(room.c.version, room.c.seq, room.c.state).where(room.c.meeting_id == meeting_id)
    row = work.execute(statement.with_for_update() if hold else statement).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return StoredRoom(meeting_id, row[0], row[1], decode(row[2]))


def save(
    work: Work, stored: StoredRoom, after: Room, events: Sequence[RoomEvent], origin: Origin = NOBODY
) -> StoredRoom:
    """Write the state over the version that was read and append the events; Stale when somebody was faster."""
    last = stored.seq + len(events)
    changed = work.execute(
        update(room)
        .where(room.c.meeting_id == stored.meeting_id, room.c.version == stored.version)
        .values(version=stored.version + 1, seq=last, state=encode(after))
    )
    if changed.rowcount != 1:
        raise Stale("会场状态刚被别人改过，这一次没有生效。请再按一次。")
    _append(work, stored, events, origin)
    return StoredRoom(stored.meeting_id, stored.version + 1, last, after)


def _append(work: Work, stored: StoredRoom, events: Iterable[RoomEvent], origin: Origin) -> None:
    rows = [
        {
            "meeting_id": stored.meeting_id, "seq": seq, "at": work.now, "venue_id": origin.venue_id,
            "person_id": origin.person_id, "kind": type(event).__name__, "body": _encoder.encode(event).decode(),
        }
        for seq, event in enumerate(events, stored.seq + 1)
    ]  # fmt: skip
    if rows:
        work.execute(insert(room_event), rows)


def since(work: Work, meeting_id: int, seq: int, limit: int = MOST_SINCE) -> tuple[Happened, ...]:
    """What happened after the event numbered `seq`, in order, at most `limit`."""
    e = room_event.c
    rows = work.execute(
        select(e.seq, e.at, e.venue_id, e.person_id, e.kind, e.body)
        .where(e.meeting_id == meeting_id, e.seq > seq)
        .order_by(e.seq)
        .limit(limit)
    )
    return tuple(Happened(r[0], r[1], r[2], r[3], decode_event(r[4], r[5])) for r in rows)


def of_kinds(work: Work, meeting_id: int, *kinds: type) -> tuple[Happened, ...]:
    """Every event of those kinds, in order: phases for attendance, chapters for the minutes."""
    e = room_event.c
    rows = work.execute(
        select(e.seq, e.at, e.venue_id, e.person_id, e.kind, e.body)
        .where(e.meeting_id == meeting_id, e.kind.in_([kind.__name__ for kind in kinds]))
        .order_by(e.seq)
    )
    return tuple(Happened(r[0], r[1], r[2], r[3], decode_event(r[4], r[5])) for r in rows)
