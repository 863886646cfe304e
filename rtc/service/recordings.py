"""Recordings (录制): what lies where, who may replay it, and when it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, assert_never

from sqlalchemy import delete, insert, select, update

from office.domain.errors import NotFound
from office.domain.people import Actor
from office.store.history import By
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.service import access, history
from rtc.store import meetings
from rtc.store.tables import meeting, recording

_OVER = frozenset({Phase.ENDED, Phase.MINUTED, Phase.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Begun:
    """A track that is being written to `path`, relative to the folder of recordings."""

    meeting_id: int
    venue_id: int
    source: str
    path: str
    started_at: datetime | None = None  # None: now


@dataclass(frozen=True, slots=True)
class Ended:
    """The file is closed; `digest` is its SHA-256, "" where the writer was killed."""

    path: str
    size: int
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """One file."""

    id: int
    meeting_id: int
    venue_id: int
    source: str
    path: str
    digest: str
    size: int
    started_at: datetime
    ended_at: datetime | None


_FIELDS = tuple(getattr(recording.c, name) for name in Recording.__slots__)


def _of_row(r: Sequence[Any]) -> Recording:
    return Recording(r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8])


def begun(work: Work, command: Begun) -> int:
    """A file begins; a repeat gives the row that is there."""
    r = recording.c
    held = work.execute(select(r.id).where(r.path == command.path)).scalar()
    if held is not None:
        return int(held)
    kept = timedelta(days=meetings.load(work, command.meeting_id).settings.keep_days)
    values = {
        "meeting_id": command.meeting_id, "venue_id": command.venue_id, "source": command.source,
        "path": command.path, "started_at": command.started_at or work.now, "keep_until": work.now + kept,
    }  # fmt: skip
    return work.integer(insert(recording).values(**values).returning(r.id))


def ended(work: Work, command: Ended) -> None:
    """A file is complete; only the first time counts."""
    r = recording.c
    work.execute(
        update(recording)
        .where(r.path == command.path, r.ended_at.is_(None))
        .values(ended_at=work.now, size=command.size, digest=command.digest)
    )


def of_meeting(work: Work, meeting_id: int, actor: Actor) -> tuple[Recording, ...]:
    """What may be replayed by this person: nothing before the end, then whom the settings name."""
    found = access.meeting(work, meeting_id, by=actor)
    if not _may_replay(found, actor):
        return ()
    r = recording.c
    rows = work.execute(select(*_FIELDS).where(r.meeting_id == found.id).order_by(r.started_at, r.id))
    return tuple(_of_row(row) for row in rows)


def _may_replay(found: meetings.Meeting, actor: Actor) -> bool:
    if found.phase not in _OVER:
        return False
    match found.settings.replay:
        case meetings.Replay.NOBODY:
            return False
        case meetings.Replay.ORGANISER:
            return access.organises(found, actor)
        case meetings.Replay.VENUES:
            return True
        case _:
            assert_never(found.settings.replay)


def one(work: Work, recording_id: int, actor: Actor) -> Recording:
    """One file for somebody who may replay it."""
    r = recording.c
    meeting_id = work.execute(select(r.meeting_id).where(r.id == recording_id)).scalar()
    held = () if meeting_id is None else of_meeting(work, int(meeting_id), actor)
    for found in held:
        if found.id == recording_id:
            return found
    raise NotFound("没有这段录制，或者您不能回放它。")


def outlived(work: Work, limit: int = 100) -> tuple[Recording, ...]:
    """Files whose days of keeping are over: the edge removes them, then says so by `removed`."""
    r = recording.c
    over = (r.keep_until < work.now, r.ended_at.is_not(None))
    rows = work.execute(select(*_FIELDS).where(*over).order_by(r.keep_until).limit(limit))
    return tuple(_of_row(row) for row in rows)


def removed(work: Work, recording_id: int) -> None:
    """The file is gone; so is its row, and the history of the organ that called the meeting says so."""
    r = recording.c
    found = work.execute(
        select(r.meeting_id, r.digest, meeting.c.organ_id)
        .join(meeting, meeting.c.id == r.meeting_id)
        .where(r.id == recording_id)
    ).one_or_none()
    if found is None:
        return
    work.execute(delete(recording).where(r.id == recording_id))
    history.record(work, "MEETING_RECORDING_REMOVED", found[0], By(found[2]), {"sha256": found[1]})
