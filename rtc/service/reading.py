"""Lists and pages of meetings: what is coming for a person, what was, and one meeting as he may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select

from office.domain.people import ADMIN_ROLES, Actor
from office.store.tables import organ
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.domain.venue import VenueKind
from rtc.service import access, papers
from rtc.service.meetings import LONG_REPORT
from rtc.store import meetings, venues
from rtc.store.tables import meeting, venue
from rtc.store.venues import Invited

PAGE = 50
MOST_COMING = 200
LINGERS = timedelta(hours=24)  # a meeting nobody ended leaves the list of coming ones after this
_OVER = tuple(str(phase) for phase in (Phase.ENDED, Phase.MINUTED, Phase.ARCHIVED))


@dataclass(frozen=True, slots=True)
class Listed:
    """One meeting in a list. `reply` is one's own venue's answer; `organiser`: it is this person's to run."""

    meeting: meetings.Meeting
    organ: str
    organiser: bool
    reply: str | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A page of past meetings: those before (starts_at, id) of the last one seen."""

    starts_at: datetime | None = None
    meeting_id: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """One meeting as this person sees it: every venue for its organiser, else the main ones and his own."""

    meeting: meetings.Meeting
    organ: str
    organiser: bool
    topics: tuple[meetings.Topic, ...]
    papers: tuple[papers.Listed, ...]
    venues: tuple[Invited, ...]
    own: tuple[Invited, ...]
    long_report: bool


@dataclass(frozen=True, slots=True)
class Clash:
    """Another meeting at the same time that an organ of this one is invited to."""

    organ: str
    title: str
    starts_at: datetime
    ends_at: datetime


def _mine(actor: Actor) -> ColumnElement[bool]:
    """Meetings of one's organ, and those called to which one's organ or post is invited."""
    m, v = meeting.c, venue.c
    invited = exists().where(
        v.meeting_id == m.id, v.organ_id == actor.organ_id, v.removed_at.is_(None),
        or_(v.post_id.is_(None), v.post_id == actor.post_id),
    )  # fmt: skip
    own = m.organ_id == actor.organ_id
    if actor.role not in access.OFFICE:
        own = and_(own, m.post_id == actor.post_id)
    return or_(own, and_(m.called_at.is_not(None), invited))


_OWN_REPLY = select(venue.c.reply).where(
    venue.c.meeting_id == meeting.c.id, venue.c.post_id.is_(None), venue.c.removed_at.is_(None)
)


def _listed(work: Work, actor: Actor, *where: ColumnElement[bool], newest: bool, limit: int) -> tuple[Listed, ...]:
    if actor.role in ADMIN_ROLES:
        return ()
    m = meeting.c
    reply = _OWN_REPLY.where(venue.c.organ_id == actor.organ_id).limit(1).scalar_subquery()
    order = (m.starts_at.desc(), m.id.desc()) if newest else (m.starts_at, m.id)
    statement = select(*meetings.FIELDS, organ.c.name, reply).join(organ, organ.c.id == m.organ_id)
    rows = work.execute(statement.where(_mine(actor), *where).order_by(*order).limit(limit))
    return tuple(_line(row, actor) for row in rows)


def _line(row: Sequence[Any], actor: Actor) -> Listed:
    found = meetings.of_row(row)
    return Listed(found, row[-2], access.organises(found, actor), row[-1])


def coming(work: Work, actor: Actor) -> tuple[Listed, ...]:
    """What is on or comes, soonest first: to organise and to attend."""
    m = meeting.c
    there = (m.phase.not_in(_OVER), m.ends_at > work.now - LINGERS)
    return _listed(work, actor, *there, newest=False, limit=MOST_COMING)


def past(work: Work, command: Earlier, actor: Actor) -> tuple[Listed, ...]:
    """What was, latest first, a page at a time."""
    m = meeting.c
    over = or_(m.phase.in_(_OVER), m.ends_at <= work.now - LINGERS)
    if command.starts_at is not None:
        before = and_(m.starts_at == command.starts_at, m.id < command.meeting_id)
        over = and_(over, or_(m.starts_at < command.starts_at, before))
    return _listed(work, actor, over, newest=True, limit=PAGE)


def view(work: Work, meeting_id: int, actor: Actor) -> View:
    """One meeting for somebody who may see it."""
    found = access.meeting(work, meeting_id, by=actor)
    organiser = access.organises(found, actor)
    own = access.own_venues(work, found, actor)
    everyone = venues.of_meeting(work, found.id) if organiser else _main_and(work, found.id, own)
    name = work.execute(select(organ.c.name).where(organ.c.id == found.organ_id)).scalar_one()
    return View(
        found, name, organiser, meetings.topics(work, found.id), papers.readable(work, found.id, actor), everyone,
        own, found.report_minutes > LONG_REPORT,
    )  # fmt: skip


def _main_and(work: Work, meeting_id: int, own: tuple[Invited, ...]) -> tuple[Invited, ...]:
    mains = venues.main(work, meeting_id)
    return (*mains, *(one for one in own if one.kind is not VenueKind.MAIN))


def clashes(work: Work, meeting_id: int, actor: Actor) -> tuple[Clash, ...]:
    """Other called meetings at that time with the same organs, for the organiser; titles only of his own organ's."""
    found = access.organised(work, meeting_id, by=actor)
    other, mine = (
        meeting.alias(),
        select(venue.c.organ_id).where(
            venue.c.meeting_id == found.id, venue.c.removed_at.is_(None), venue.c.post_id.is_(None)
        ),
    )
    v = venue.c
    rows = work.execute(
        select(organ.c.name, other.c.title, other.c.starts_at, other.c.ends_at, other.c.organ_id)
        .join(venue, v.meeting_id == other.c.id)
        .join(organ, organ.c.id == v.organ_id)
        .where(other.c.id != found.id, other.c.called_at.is_not(None), other.c.cancelled_at.is_(None))
        .where(other.c.phase.not_in(_OVER), other.c.starts_at < found.ends_at, other.c.ends_at > found.starts_at)
        .where(v.organ_id.in_(mine), v.removed_at.is_(None), v.post_id.is_(None))
        .order_by(other.c.starts_at, v.sort)
        .limit(PAGE)
    )
    return tuple(Clash(r[0], r[1] if r[4] == actor.organ_id else "另一个会议", r[2], r[3]) for r in rows)
