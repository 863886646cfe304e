"""经过: who did what and when, of a document, a person, an organ; and whether a row was changed afterwards.

No text of a paper is in here. Auditors see kinds, people, posts, organs and times of everything; numbers, never titles.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, FromClause, and_, func, or_, select, tuple_

from office.domain.errors import NotFound
from office.domain.people import Actor, Role
from office.service import access
from office.store import documents, history, organs, people
from office.store.base_tables import event, event_head, microseconds
from office.store.tables import chain, document, person, post, task
from office.store.work import Work

PAGE = 50
MOST_SCANNED = 200_000  # rows one page looks at for a filter that no index serves
MOST_CHECKED = 50_000  # rows of one document or person
SLICE = 1_000
TOLD_TO_ALL = ("ISSUED", "REVOKED", "ABOLISHED", "REACH_WIDENED")
HASHED = (
    "organ_seq", "prev", "organ_id", "document_id", "chain_id", "person_id", "post_id", "on_behalf_post_id", "at",
    "kind", "body",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happened:
    """One event in names. `verdict` and `organs` are what the event itself says, where it does."""

    id: int
    organ_seq: int
    at: datetime
    kind: str
    organ: str
    person: str
    post: str
    on_behalf: str  # the post he signed for (代)
    document_id: int | None
    number: str
    verdict: str
    organs: int | None
    hash: str


@dataclass(frozen=True, slots=True)
class Past:
    """A page of events, newest first; `before` asks for the older ones, None at the end."""

    rows: tuple[Happened, ...]
    before: int | None


@dataclass(frozen=True, slots=True)
class OfDocument:
    """A document's past, before an event."""

    document_id: int
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Older:
    """One's own past, before an event."""

    before: int | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """What an auditor looks for; every field narrows."""

    organ_id: int | None = None
    person_id: int | None = None
    document_id: int | None = None
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def of_document(work: Work, command: OfDocument, actor: Actor) -> Past:
    """What happened to a document this person sees."""
    found = access.document(work, command.document_id, by=actor)
    return _past(work, [event.c.document_id == found.id, _visible(found, actor)], command.before)


def _visible(found: documents.Document, actor: Actor) -> ColumnElement[bool]:
    """As on the document's page: one's own organ's acts, chains one is on, a request's whole way, what all may know."""
    c, t, issuer = chain.c, task.c, found.organ_id == actor.organ_id
    theirs = or_(c.organ_id == actor.organ_id, c.purpose == "REQUEST")
    shown = select(c.id).where(c.document_id == found.id, theirs)
    mine = or_(t.post_id == actor.post_id, t.deputy_post_id == actor.post_id)
    took_part = select(t.chain_id).where(t.document_id == found.id, t.chain_id.is_not(None), mine)
    outside = event.c.chain_id.is_(None) if issuer else and_(event.c.chain_id.is_(None), event.c.kind.in_(TOLD_TO_ALL))
    return or_(
        event.c.organ_id == actor.organ_id, event.c.chain_id.in_(shown), event.c.chain_id.in_(took_part), outside
    )


def mine(work: Work, command: Older, actor: Actor) -> Past:
    """What the actor himself did."""
    return _past(work, [event.c.person_id == actor.person_id], command.before)


def of_organ(work: Work, command: Older, actor: Actor) -> Past:
    """What happened in the actor's organ, for its office posts; a colleague's draft is not there yet."""
    if actor.role not in access.OFFICE:
        raise NotFound("没有这个页面。地址可能抄错了，或者文件已移走。")
    d = document.c
    shown = or_(d.id.is_(None), d.stage != "DRAFT", d.drafter_post_id == actor.post_id)
    return _past(work, [event.c.organ_id == actor.organ_id, shown], command.before)


def search(work: Work, command: Search, actor: Actor) -> Past:
    """What the auditor looks for. Without organ, person or document each page looks at a bounded stretch."""
    check_auditor(actor)
    e = event.c
    asked = (
        (e.organ_id, command.organ_id), (e.person_id, command.person_id), (e.document_id, command.document_id),
        (e.kind, command.kind or None),
    )  # fmt: skip
    where = [column == value for column, value in asked if value is not None]
    if command.since is not None:
        where.append(e.id >= first_since(work, command.since))
    before = command.before
    if command.until is not None:
        end = first_since(work, command.until)
        before = end if before is None else min(before, end)
    indexed = any(value is not None for _, value in asked[:3])
    return _past(work, where, before) if indexed or not where else _scan(work, where, before)


def check_auditor(actor: Actor) -> None:
    """Only the auditor reads everything; for others there is nothing here."""
    if actor.role is not Role.AUDITOR:
        raise NotFound("没有这个页面。地址可能抄错了，或者文件已移走。")


def first_since(work: Work, moment: datetime) -> int:
    """The id of the first event at or after `moment`: ids follow time, so halving finds it without an index."""
    low, high = 1, work.integer(select(func.coalesce(func.max(event.c.id), 0))) + 1
    while low < high:
        middle = (low + high) // 2
        here = select(event.c.at).where(event.c.id >= middle).order_by(event.c.id).limit(1)
        at = work.execute(here).scalar_one_or_none()
        if at is not None and at < moment:
            low = middle + 1
        else:
            high = middle
    return low


def _scan(work: Work, where: list[ColumnElement[bool]], before: int | None) -> Past:
    top = before or work.integer(select(func.coalesce(func.max(event.c.id), 0))) + 1
    floor = max(0, top - MOST_SCANNED)
    found = _past(work, [*where, event.c.id >= floor], top)
    return Past(found.rows, found.before or (floor if floor else None))


_STANDING = post.alias()
_COLUMNS = (
    event.c.id, event.c.organ_seq, event.c.at, event.c.kind, event.c.organ_id, person.c.name, post.c.name,
    _STANDING.c.name, event.c.document_id, document.c.number, event.c.body, event.c.hash,
)  # fmt: skip
_NAMED = (
    event.outerjoin(person, person.c.id == event.c.person_id)
    .outerjoin(post, post.c.id == event.c.post_id)
    .outerjoin(_STANDING, _STANDING.c.id == event.c.on_behalf_post_id)
    .outerjoin(document, document.c.id == event.c.document_id)
)


def _past(work: Work, where: list[ColumnElement[bool]], before: int | None) -> Past:
    statement = select(*_COLUMNS).select_from(_NAMED).where(*where).order_by(event.c.id.desc()).limit(PAGE + 1)
    if before is not None:
        statement = statement.where(event.c.id < before)
    tree = organs.tree(work)
    rows = work.execute(statement).all()
    shown = tuple(_happened(tuple(row), tree.trail(row[4]) if row[4] in tree else "") for row in rows[:PAGE])
    return Past(shown, shown[-1].id if len(rows) > PAGE else None)


def _happened(row: tuple[Any, ...], organ: str) -> Happened:
    verdict, reached = _said(row[10])
    return Happened(
        row[0], row[1], row[2], row[3], organ, row[5] or "", row[6] or "", row[7] or "", row[8], row[9] or "", verdict,
        reached, row[11],
    )  # fmt: skip


def _said(body: str) -> tuple[str, int | None]:
    """The verdict of an act and how many organs something went to, where the event says so."""
    verdict, reached = "", None
    for part in msgspec.json.decode(body):
        opinion = part.get("opinion")
        verdict = verdict or (opinion["verdict"] if isinstance(opinion, dict) else "")
        count = part.get("organs")
        reached = count if isinstance(count, int) else reached
    return verdict, reached


@dataclass(frozen=True, slots=True)
class Named:
    """People whose name holds a word, each with id and posts, for an auditor who looks for one."""

    id: int
    name: str
    posts: str


def people_named(work: Work, name: str, actor: Actor) -> tuple[Named, ...]:
    """People by a part of their name, at most 30."""
    check_auditor(actor)
    if not name.strip():
        return ()
    tree = organs.tree(work)
    found = people.search_people(work, name.strip(), limit=30)
    return tuple(
        Named(
            who.id, who.name, "；".join(f"{tree.trail(p.organ_id)} {p.name}" for p in people.posts_held(work, who.id))
        )
        for who, _ in found
    )


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rows were recomputed, and the first wrong one, if any."""

    rows: int
    whole: bool
    event_id: int | None = None
    what: history.Break | None = None


@dataclass(frozen=True, slots=True)
class CheckDocument:
    """核对 the past of one document."""

    document_id: int


def check_document(work: Work, command: CheckDocument, actor: Actor) -> Checked:
    """Recompute every row of a document and look whether the rows before and after it in its organ's chain fit."""
    if actor.role is Role.AUDITOR:
        document_id = command.document_id
    else:
        document_id = access.document(work, command.document_id, by=actor).id
    return _check(work, event.c.document_id == document_id)


def check_mine(work: Work, actor: Actor) -> Checked:
    """The same over what the actor himself did."""
    return _check(work, event.c.person_id == actor.person_id)


def check_person(work: Work, person_id: int, actor: Actor) -> Checked:
    """The same over what any person did, for the auditor."""
    check_auditor(actor)
    return _check(work, event.c.person_id == person_id)


def _check(work: Work, which: ColumnElement[bool]) -> Checked:
    earlier, later = event.alias(), event.alias()
    fields = [getattr(event.c, name) for name in (*HASHED, "alg", "hash", "id")]
    rows = work.execute(
        select(*fields, earlier.c.hash, later.c.prev, event_head.c.seq, event_head.c.hash)
        .select_from(event)
        .outerjoin(earlier, _beside(earlier, -1))
        .outerjoin(later, _beside(later, 1))
        .outerjoin(event_head, event_head.c.organ_id == event.c.organ_id)
        .where(which)
        .order_by(event.c.id)
        .limit(MOST_CHECKED)
    )
    return _first_wrong(tuple(row) for row in rows)


def _beside(other: FromClause, step: int) -> ColumnElement[bool]:
    return and_(other.c.organ_id == event.c.organ_id, other.c.organ_seq == event.c.organ_seq + step)


def _first_wrong(rows: Iterable[tuple[Any, ...]]) -> Checked:
    count = 0
    for row in rows:
        count += 1
        wrong = _wrong(row)
        if wrong is not None:
            return Checked(count, whole=False, event_id=row[13], what=wrong)
    return Checked(count, whole=True)


def _wrong(row: tuple[Any, ...]) -> history.Break | None:
    fields, alg, own = row[:11], row[11], row[12]
    before, after, head_seq, head = row[14:]
    values = [*fields[:8], microseconds(fields[8]), *fields[9:]]
    try:
        fits = history.hash_of(values, alg) == own
    except ValueError:
        fits = False
    if not fits:
        return history.Break.CHANGED
    if fields[1] != (history.GENESIS if fields[0] == 1 else before):
        return history.Break.MISSING if before is None else history.Break.ORDER
    if after is not None:
        return None if after == own else history.Break.ORDER
    return None if (head_seq, head) == (fields[0], own) else history.Break.CUT


def chains_to_check(work: Work, actor: Actor) -> tuple[tuple[int, int], ...]:
    """(organ, rows) of every organ's chain: what a check of the whole goes through, one organ a slice."""
    check_auditor(actor)
    h = event_head.c
    return tuple((row[0], row[1]) for row in work.execute(select(h.organ_id, h.seq).order_by(h.organ_id)))


def check_organ(work: Work, organ_id: int) -> history.Finding | None:
    """Recompute one organ's chain; the first broken row, or None."""
    return history.verify(work.connection, organ_id)


def record_check(work: Work, rows: int, finding: str, actor: Actor) -> None:
    """That the whole was checked, and what came of it, is history too."""
    by = history.By(actor.organ_id, actor.person_id, actor.post_id)
    history.record(work, history.Entry("HISTORY_CHECKED", by, body=[{"rows": rows, "finding": finding}]))


def exported(work: Work, after: tuple[int, int]) -> tuple[dict[str, Any], ...]:
    """A slice of raw rows behind (organ, seq), in the order of the chains, with all that a recomputation needs."""
    fields = [getattr(event.c, name) for name in ("id", *HASHED, "alg", "hash")]
    rows = work.execute(
        select(*fields)
        .where(tuple_(event.c.organ_id, event.c.organ_seq) > tuple_(*after))
        .order_by(event.c.organ_id, event.c.organ_seq)
        .limit(SLICE)
    )
    names = ("id", *HASHED, "alg", "hash")
    return tuple(dict(zip(names, row, strict=True)) | {"at": microseconds(row[9])} for row in rows)
