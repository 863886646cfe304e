"""The sheet of one meeting (签到表): when each venue was there, what it had answered, and corrections beside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from office.domain.errors import Invalid
from office.domain.people import Actor
from office.store.tables import person
from office.store.work import Work
from rtc.domain.attendance import Interval, attended, counted
from rtc.domain.meeting import OVER, Reply
from rtc.domain.roll_call import Line, Mark
from rtc.domain.room import Room
from rtc.domain.room_events import PhaseSet
from rtc.service import access
from rtc.service.history import told
from rtc.service.meetings import LONGEST_TEXT
from rtc.store import meetings, presence, rooms, venues
from rtc.store.tables import attendance_correction

_CAME = frozenset({Mark.PRESENT, Mark.SUBSTITUTE})


@dataclass(frozen=True, slots=True)
class Correct:
    """The organiser knows better than the lines did: a venue was there, or was not."""

    venue_id: int
    attended: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of correction; the newest holds."""

    at: datetime
    by: str
    attended: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Row:
    """One venue on the sheet. `intervals` lie within the time the meeting was on; `mark` is the last roll call's."""

    venue: venues.Invited
    reply: Reply | None
    intervals: tuple[Interval, ...]
    mark: Line | None
    corrections: tuple[Correction, ...]
    attended: bool


def sheet(work: Work, meeting_id: int, actor: Actor) -> tuple[Row, ...]:
    """The sheet for the organiser: of this meeting alone, in official order, inspectors not on it."""
    found = access.organised(work, meeting_id, by=actor)
    return rows(work, found)


def rows(work: Work, found: meetings.Meeting) -> tuple[Row, ...]:
    """The lines of the sheet."""
    windows = _windows(work, found)
    stays = _stays(work, found.id)
    room = rooms.load(work, found.id).room
    fixed = _corrections(work, found.id)
    invited = (one for one in venues.of_meeting(work, found.id) if not one.inspector)
    return tuple(
        _row(one, attended(stays.get(one.id, ()), windows), _mark(room, one.id), fixed.get(one.id, ()))
        for one in invited
    )


def _row(one: venues.Invited, there: tuple[Interval, ...], mark: Line | None, fixed: tuple[Correction, ...]) -> Row:
    came = bool(there) or (mark is not None and mark.mark in _CAME)
    reply = None if one.reply is None else Reply(one.reply)
    return Row(one, reply, there, mark, fixed, fixed[-1].attended if fixed else came)


def _windows(work: Work, found: meetings.Meeting) -> tuple[Interval, ...]:
    """When the meeting was on: from its phases, by the server's clock."""
    steps = [
        (one.at, one.event.phase) for one in rooms.of_kinds(work, found.id, PhaseSet) if isinstance(one.event, PhaseSet)
    ]
    return counted(steps, steps[-1][0] if steps and steps[-1][1] in OVER else work.now)


def _stays(work: Work, meeting_id: int) -> Mapping[int, Iterable[Interval]]:
    """All stays of a venue's devices; one that is open and was heard within the gap lasts until now."""
    found: dict[int, list[Interval]] = {}
    for stay in presence.of_meeting(work, meeting_id):
        lasts = stay.open and stay.until >= work.now - presence.GAP
        found.setdefault(stay.venue_id, []).append(Interval(stay.joined_at, work.now if lasts else stay.until))
    return found


def _mark(room: Room, venue_id: int) -> Line | None:
    call = room.roll_call
    if call is None:
        return None
    lines = [line for line in (*call.lines, *call.corrections) if line.venue_id == venue_id]
    return lines[-1] if lines else None


def _corrections(work: Work, meeting_id: int) -> Mapping[int, tuple[Correction, ...]]:
    a = attendance_correction.c
    found: dict[int, tuple[Correction, ...]] = {}
    lines = work.execute(
        select(a.venue_id, a.at, person.c.name, a.attended, a.reason)
        .join(person, person.c.id == a.person_id)
        .where(a.meeting_id == meeting_id)
        .order_by(a.id)
    )
    for venue_id, *rest in lines:
        found[venue_id] = (*found.get(venue_id, ()), Correction(rest[0], rest[1], rest[2], rest[3]))
    return found


def correct(work: Work, command: Correct, actor: Actor) -> None:
    """Add a correction; what the lines said stays as it is."""
    place = venues.load(work, command.venue_id)
    found = access.organised(work, place.meeting_id, by=actor)
    reason = command.reason.strip()
    if not reason or len(reason) > LONGEST_TEXT or place.inspector:
        raise Invalid(f"更正要写明原因，1 到 {LONGEST_TEXT} 个字。")
    values = {"meeting_id": found.id, "venue_id": place.id, "attended": command.attended, "reason": reason}
    work.execute(insert(attendance_correction).values(**values, at=work.now, person_id=actor.person_id))
    told(work, "MEETING_ATTENDANCE_CORRECTED", found.id, actor, {"venue": place.id, "attended": command.attended})
