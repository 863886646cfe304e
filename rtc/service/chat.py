"""Words beside the picture: chat, the captioner's lines, the common notes. Who speaks was let in by `rooms.enter`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, insert, select, update

from office.domain.errors import Invalid, NotPermitted, Stale, TooBusy
from office.domain.people import Actor
from office.store.tables import person
from office.store.work import Work
from rtc.domain.venue import Participant
from rtc.service import access
from rtc.store import meetings
from rtc.store.tables import caption, chat, shared_note, venue

LONGEST = 500
LONGEST_NOTES = 20_000
MOST_LINES = 50_000  # of one meeting
PAGE = 50


@dataclass(frozen=True, slots=True)
class Say:
    """A line to everybody, or the captioner's: `venue_id` is then who speaks."""

    meeting_id: int
    text: str
    venue_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was said."""

    id: int
    at: datetime
    venue_id: int | None
    venue: str
    person_id: int
    person: str
    text: str


@dataclass(frozen=True, slots=True)
class WriteNotes:
    """The whole common text over the version that was read (0: there was none)."""

    meeting_id: int
    text: str
    version: int


@dataclass(frozen=True, slots=True)
class Notes:
    """The common text."""

    text: str
    version: int
    by: str
    at: datetime | None


def say(work: Work, command: Say, by: Participant) -> int:
    """Keep a line of the chat; returns its id."""
    return _keep(work, chat, command.meeting_id, by.venue_id, by.person_id, command.text)


def captioned(work: Work, command: Say, actor: Actor) -> int:
    """Keep a line of the captioner, whom the organiser named."""
    found = access.meeting(work, command.meeting_id, by=actor)
    if found.settings.captioner_post != actor.post_id:
        raise NotPermitted("字幕由本次会议的速录员打。请与发起单位联系。")
    return _keep(work, caption, found.id, command.venue_id, actor.person_id, command.text)


def _keep(work: Work, table: Table, meeting_id: int, venue_id: int | None, person_id: int, text: str) -> int:
    clean = text.strip()
    if not clean or len(clean) > LONGEST:
        raise Invalid(f"一句话要有 1 到 {LONGEST} 个字。")
    if work.integer(select(func.count()).select_from(table).where(table.c.meeting_id == meeting_id)) >= MOST_LINES:
        raise TooBusy("这个会议的文字太多了，没有再收。请改用发言。")
    values = {"meeting_id": meeting_id, "venue_id": venue_id, "person_id": person_id, "text": clean}
    return work.integer(insert(table).values(at=work.now, **values).returning(table.c.id))


def recent(work: Work, meeting_id: int, before: int | None = None) -> tuple[Line, ...]:
    """The newest lines of the chat before the one with that id, oldest first: for who was let in."""
    return _lines(work, chat, meeting_id, before, PAGE)


def whole(work: Work, meeting_id: int, actor: Actor) -> tuple[Line, ...]:
    """The whole chat for somebody who may see the meeting, oldest first."""
    access.meeting(work, meeting_id, by=actor)
    return _lines(work, chat, meeting_id, None, MOST_LINES)


def captions(work: Work, meeting_id: int, actor: Actor) -> tuple[Line, ...]:
    """The captions of a meeting, oldest first."""
    access.meeting(work, meeting_id, by=actor)
    return _lines(work, caption, meeting_id, None, MOST_LINES)


def _lines(work: Work, table: Table, meeting_id: int, before: int | None, limit: int) -> tuple[Line, ...]:
    t = table.c
    statement = (
        select(t.id, t.at, t.venue_id, func.coalesce(venue.c.name, ""), t.person_id, person.c.name, t.text)
        .outerjoin(venue, venue.c.id == t.venue_id)
        .join(person, person.c.id == t.person_id)
        .where(t.meeting_id == meeting_id)
        .order_by(t.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(t.id < before)
    return tuple(Line(r[0], r[1], r[2], r[3], r[4], r[5], r[6]) for r in reversed(work.execute(statement).all()))


def notes(work: Work, meeting_id: int) -> Notes:
    """The common text of a meeting: for who was let in."""
    n = shared_note.c
    row = work.execute(
        select(n.text, n.version, person.c.name, n.at)
        .join(person, person.c.id == n.person_id)
        .where(n.meeting_id == meeting_id)
    ).one_or_none()
    return Notes("", 0, "", None) if row is None else Notes(row[0], row[1], row[2], row[3])


def write_notes(work: Work, command: WriteNotes, by: Participant) -> int:
    """Write the common text; returns its version. Stale when somebody wrote since it was read."""
    if len(command.text) > LONGEST_NOTES:
        raise Invalid(f"会议共用笔记最多 {LONGEST_NOTES} 个字。请删掉一些。")
    found = meetings.held(work, command.meeting_id)
    if notes(work, found.id).version != command.version:
        raise Stale("共用笔记刚被别人改过。请看过新的内容再改。")
    values = {"text": command.text, "version": command.version + 1, "person_id": by.person_id, "at": work.now}
    if command.version == 0:
        work.execute(insert(shared_note).values(meeting_id=found.id, **values))
    else:
        work.execute(update(shared_note).where(shared_note.c.meeting_id == found.id).values(**values))
    return command.version + 1
