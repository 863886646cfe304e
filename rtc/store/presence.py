"""Presence in rows: one row for each connection of a device, from joining to its last sign of life."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from office.store.work import Work
from rtc.store.tables import presence

GAP = timedelta(seconds=45)  # rooms.md 7.6: a silence up to this is no absence


@dataclass(frozen=True, slots=True)
class Joined:
    """A device that came in."""

    meeting_id: int
    venue_id: int
    person_id: int
    device: str


@dataclass(frozen=True, slots=True)
class Stay:
    """One row: [joined_at, until) with `until` the leaving, or the last beat while it is open."""

    id: int
    venue_id: int
    person_id: int
    device: str
    joined_at: datetime
    until: datetime
    open: bool


def add(work: Work, joined: Joined) -> int:
    """Open a row; returns its id, which beats and the leaving name."""
    values = {
        "meeting_id": joined.meeting_id, "venue_id": joined.venue_id, "person_id": joined.person_id,
        "device": joined.device, "joined_at": work.now, "beat_at": work.now,
    }  # fmt: skip
    return work.integer(insert(presence).values(**values).returning(presence.c.id))


def beat(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """They are all still there. A row silent for longer than the gap ends where it fell silent and a new one opens:

    returned are the ids that were replaced, old to new. Ids of rows that left are passed over.
    """
    p = presence.c
    silent = work.execute(
        select(p.id, p.meeting_id, p.venue_id, p.person_id, p.device)
        .where(p.id.in_(ids), p.left_at.is_(None), p.beat_at < work.now - GAP)
        .order_by(p.id)
    ).all()
    if silent:
        gone = [row[0] for row in silent]
        work.execute(update(presence).where(p.id.in_(gone)).values(left_at=p.beat_at))
    work.execute(update(presence).where(p.id.in_(ids), p.left_at.is_(None)).values(beat_at=work.now))
    return {row[0]: add(work, Joined(row[1], row[2], row[3], row[4])) for row in silent}


def leave(work: Work, ids: Sequence[int]) -> None:
    """They went. Who was silent for longer than the gap went when it fell silent."""
    p = presence.c
    still = (p.id.in_(ids), p.left_at.is_(None))
    work.execute(update(presence).where(*still, p.beat_at < work.now - GAP).values(left_at=p.beat_at))
    work.execute(update(presence).where(*still).values(left_at=work.now, beat_at=work.now))


def close_open(work: Work, meeting_id: int) -> int:
    """After a restart no device is here: open rows end at their last beat. Returns how many."""
    p = presence.c
    statement = update(presence).where(p.meeting_id == meeting_id, p.left_at.is_(None)).values(left_at=p.beat_at)
    return work.execute(statement).rowcount


def of_meeting(work: Work, meeting_id: int) -> tuple[Stay, ...]:
    """Every stay of a meeting, by venue and time."""
    p = presence.c
    rows = work.execute(
        select(p.id, p.venue_id, p.person_id, p.device, p.joined_at, p.left_at, p.beat_at)
        .where(p.meeting_id == meeting_id)
        .order_by(p.venue_id, p.joined_at, p.id)
    )
    return tuple(Stay(r[0], r[1], r[2], r[3], r[4], r[5] or r[6], r[5] is None) for r in rows)
