"""Receipts of a meeting (回执): a venue attends, sends somebody, or is excused; the organiser sees who comes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from office.domain.organs import Level, OrganTree
from office.domain.people import Actor, Role
from office.store import organs
from office.store.tables import organ, person, post
from office.store.work import Work
from rtc.domain.meeting import Reply, check_reply
from rtc.service import access
from rtc.service.history import told
from rtc.service.meetings import COMING, check_open
from rtc.store import meetings, venues
from rtc.store.tables import venue, venue_reply


@dataclass(frozen=True, slots=True)
class Answer:
    """What a venue answers; a substitute needs a name and a reason, an excuse a reason."""

    venue_id: int
    reply: Reply
    substitute: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was given, for its history."""

    at: datetime
    by: str
    reply: Reply
    substitute: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One venue on the board, with whom to call."""

    venue: venues.Invited
    contact: str
    phone: str
    outdated: bool  # answered before time or place changed


@dataclass(frozen=True, slots=True)
class Part:
    """The venues of one county, or those of the city itself, in official order."""

    organ_id: int
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Who comes. Counts are of venues; None counts those that have not answered."""

    parts: tuple[Part, ...]
    counts: Mapping[Reply | None, int]


def answer(work: Work, command: Answer, actor: Actor) -> None:
    """Give or change one's own venue's answer until the meeting begins; every answer is kept."""
    found, place = access.invited(work, command.venue_id, by=actor)
    check_open(found, COMING)
    substitute, reason = " ".join(command.substitute.split()), command.reason.strip()
    check_reply(command.reply, substitute, reason)
    values = {
        "reply": str(command.reply), "reason": reason,
        "substitute": substitute if command.reply is Reply.SUBSTITUTE else "",
    }  # fmt: skip
    changed = {"reply_by": actor.person_id, "replied_at": work.now}
    work.execute(update(venue).where(venue.c.id == place.id).values(**values, **changed))
    who = {"venue_id": place.id, "at": work.now, "person_id": actor.person_id, "post_id": actor.post_id}
    work.execute(insert(venue_reply).values(**values, **who))
    told(work, "MEETING_REPLIED", found.id, actor, {"reply": str(command.reply)})


def given(work: Work, venue_id: int, actor: Actor) -> tuple[Given, ...]:
    """Every answer of a venue, newest first: for itself and for the organiser."""
    place = venues.load(work, venue_id)
    found = access.meeting(work, place.meeting_id, by=actor)
    if place.organ_id != actor.organ_id:
        access.organised(work, found.id, by=actor)
    r = venue_reply.c
    rows = work.execute(
        select(r.at, person.c.name, r.reply, r.substitute, r.reason)
        .join(person, person.c.id == r.person_id)
        .where(r.venue_id == place.id)
        .order_by(r.id.desc())
        .limit(100)
    )
    return tuple(Given(row[0], row[1], Reply(row[2]), row[3], row[4]) for row in rows)


def board(work: Work, meeting_id: int, actor: Actor) -> Board:
    """The organiser's board, by county: answers, names and phones; no rates, no order of merit."""
    found = access.organised(work, meeting_id, by=actor)
    invited = [one for one in venues.of_meeting(work, found.id) if not one.inspector and one.organ_id != found.organ_id]
    people = _contacts(work, {one.organ_id for one in invited})
    tree = organs.tree(work)
    lines: dict[int, list[Line]] = {}
    for one in invited:
        lines.setdefault(_county(tree, one.organ_id), []).append(_line(found, one, people))
    parts = [Part(county, tree[county].name, tuple(some)) for county, some in lines.items()]
    counts: dict[Reply | None, int] = dict.fromkeys((*Reply, None), 0)
    for one in invited:
        counts[None if one.reply is None else Reply(one.reply)] += 1
    return Board(tuple(parts), counts)


def _line(found: meetings.Meeting, one: venues.Invited, people: Mapping[int, tuple[str, str]]) -> Line:
    name, phone = people.get(one.organ_id, ("", ""))
    late = found.changed_at is not None and one.replied_at is not None and one.replied_at < found.changed_at
    return Line(one, name, phone, late)


def _county(tree: OrganTree, organ_id: int) -> int:
    """The county an organ stands in; the city's own organs stand under the city."""
    way = (tree[organ_id], *tree.ascend(organ_id))
    return next((one.id for one in way if one.level is Level.COUNTY and _is_seat(tree, one.id)), way[-1].id)


def _is_seat(tree: OrganTree, organ_id: int) -> bool:
    """Whether it is the county itself and not one of its bureaus, which have the same tier."""
    above = tree.ascend(organ_id)
    return not above or above[0].level is not Level.COUNTY


def _contacts(work: Work, organ_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
    """The first clerk of each organ, with the organ's own phone where the clerk has none."""
    p = post.c
    first = (
        select(func.min(p.id))
        .where(p.role == str(Role.CLERK), p.person_id.is_not(None), p.organ_id.in_(tuple(organ_ids)))
        .group_by(p.organ_id)
    )
    rows = work.execute(
        select(p.organ_id, person.c.name, person.c.phone, organ.c.phone)
        .join(person, person.c.id == p.person_id)
        .join(organ, organ.c.id == p.organ_id)
        .where(p.id.in_(first))
    )
    return {row[0]: (row[1], row[2] or row[3]) for row in rows}
