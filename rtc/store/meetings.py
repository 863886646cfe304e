"""Meetings and their topics in rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Select, insert, select, update

from office.domain.errors import NotFound, Stale
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.store.tables import meeting, topic

ABSENT = "没有这个会议，或者您看不到它。"


class Replay(StrEnum):
    """Who may see the recording afterwards."""

    NOBODY = "NOBODY"  # kept as evidence only
    ORGANISER = "ORGANISER"
    VENUES = "VENUES"  # everyone invited


@dataclass(frozen=True, slots=True)
class Settings:
    """What the organiser decides beforehand. `phone` is read out to who has no picture; `keep_days` of recordings."""

    lobby: bool = False
    recording: bool = False
    replay: Replay = Replay.ORGANISER
    inspection_told: bool = True
    phone: str = ""
    keep_days: int = 365
    captioner_post: int | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """One meeting row. `phase` is the room's, for lists."""

    id: int
    organ_id: int
    post_id: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    report_minutes: int
    phase: Phase
    settings: Settings
    notice_document_id: int | None
    minutes_document_id: int | None
    called_at: datetime | None
    changed_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str
    papers_back_at: datetime | None
    created: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Topic:
    """An item of the agenda; numbers run from 1 without a gap."""

    id: int
    meeting_id: int
    number: int
    title: str
    speaker: str
    minutes: int


FIELDS = tuple(getattr(meeting.c, name) for name in Meeting.__slots__)
_TOPIC = tuple(getattr(topic.c, name) for name in Topic.__slots__)
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Settings)


def of_row(row: Sequence[Any]) -> Meeting:
    """The meeting in a row of `FIELDS`."""
    values = dict(zip(Meeting.__slots__, row, strict=False))
    values["phase"] = Phase(values["phase"])
    values["settings"] = _decoder.decode(values["settings"])
    return Meeting(**values)


def encode(settings: Settings) -> str:
    """The stored text of the settings."""
    return _encoder.encode(settings).decode()


def load(work: Work, meeting_id: int) -> Meeting:
    """The meeting by id; NotFound when absent."""
    return _one(work, select(*FIELDS).where(meeting.c.id == meeting_id))


def held(work: Work, meeting_id: int) -> Meeting:
    """The meeting by id, its row held against other writers until the commit."""
    return _one(work, select(*FIELDS).where(meeting.c.id == meeting_id).with_for_update())


def _one(work: Work, statement: Select[Any]) -> Meeting:
    row = work.execute(statement).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return of_row(row)


def of_document(work: Work, document_id: int) -> Meeting | None:
    """The meeting whose notice or minutes that document is."""
    theirs = (meeting.c.notice_document_id == document_id) | (meeting.c.minutes_document_id == document_id)
    row = work.execute(select(*FIELDS).where(theirs).order_by(meeting.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else of_row(row)


def add(work: Work, values: dict[str, Any]) -> int:
    """Insert a meeting and return its id."""
    new = insert(meeting).values(**values, created=work.now, phase=str(Phase.PLANNED)).returning(meeting.c.id)
    return work.integer(new)


def change(work: Work, found: Meeting, **values: Any) -> None:  # noqa: ANN401 - columns
    """Write columns of the meeting that was read; Stale when somebody else wrote first."""
    statement = update(meeting).where(meeting.c.id == found.id, meeting.c.version == found.version)
    if work.execute(statement.values(version=found.version + 1, **values)).rowcount != 1:
        raise Stale("这个会议刚被别人改过。请刷新后再改。")


def copy_phase(work: Work, meeting_id: int, phase: Phase) -> None:
    """Keep the list's phase equal to the room's."""
    work.execute(update(meeting).where(meeting.c.id == meeting_id).values(phase=str(phase)))


def topics(work: Work, meeting_id: int) -> tuple[Topic, ...]:
    """The agenda in order."""
    t = topic.c
    rows = work.execute(
        select(*_TOPIC).where(t.meeting_id == meeting_id, t.removed_at.is_(None)).order_by(t.number, t.id)
    )
    return tuple(Topic(*row) for row in rows)


def topic_of(work: Work, topic_id: int) -> Topic:
    """The topic by id; NotFound when absent or taken off."""
    row = work.execute(select(*_TOPIC).where(topic.c.id == topic_id, topic.c.removed_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound("没有这个议题，或者已经撤下。请刷新后再看。")
    return Topic(*row)
