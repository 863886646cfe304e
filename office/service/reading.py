"""Lists and pages: frozen views for reading, no rules. Keyset pages on partial indexes; never OFFSET."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select, tuple_

from office.domain.people import Actor
from office.service import access
from office.store import chains
from office.store.tables import delegation, document, organ, receipt, register, task
from office.store.work import Work

PAGE = 20
STATE_OPEN: ColumnElement[int] = literal_column("0")
STATE_DONE: ColumnElement[int] = literal_column("1")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row of the inbox: when, what, from whom, which verb. `due` is None when the paper sets no time."""

    id: int
    document_id: int
    chain_id: int | None
    receipt_id: int | None
    kind: str
    title: str
    document_kind: str
    number: str
    urgency: str
    stage: str
    from_organ: str
    due: datetime | None
    created: datetime
    on_behalf: bool
    note: str
    done: datetime | None


@dataclass(frozen=True, slots=True)
class Page:
    """Rows and the cursor of the next page, None at the end."""

    rows: tuple[TaskRow, ...]
    following: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class Inbox:
    """今日: what to do, due first; what to read; how many are due today and how many were done today."""

    todo: Page
    todo_count: int
    reading: Page
    reading_count: int
    due_today: int
    done_today: int
    next_due: TaskRow | None


_COLUMNS = (
    task.c.id, task.c.document_id, task.c.chain_id, task.c.receipt_id, task.c.kind, document.c.title,
    document.c.kind, document.c.number, document.c.urgency, document.c.stage, organ.c.name, task.c.due,
    task.c.created, task.c.post_id, task.c.note, task.c.done,
)  # fmt: skip


def _select(*where: ColumnElement[bool]) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(document, document.c.id == task.c.document_id)
        .join(organ, organ.c.id == document.c.organ_id)
        .where(*where)
    )


def _row(values: tuple[Any, ...], by: Actor) -> TaskRow:
    due = values[11]
    shown = None if due == chains.NO_DUE else due
    row: tuple[Any, ...] = (*values[:11], shown, values[12], values[13] != by.post_id, *values[14:])
    return TaskRow(*row)


def _open(*, reading: bool) -> tuple[ColumnElement[bool], ...]:
    flag = task.c.reading.is_(True) if reading else task.c.reading.is_(False)
    return (task.c.state == STATE_OPEN, flag)


def tasks(
    work: Work, by: Actor, *, reading: bool, after: tuple[datetime, int] | None = None, limit: int = PAGE
) -> Page:
    """One page of open tasks, due first, by the post's own index and the deputy's, merged."""
    found: list[tuple[Any, ...]] = []
    for whose in _mine(work, by):
        where = [*whose, *_open(reading=reading)]
        if after is not None:
            where.append(tuple_(task.c.due, task.c.id) > tuple_(*after, types=(task.c.due.type, task.c.id.type)))
        statement = _select(*where).order_by(task.c.due, task.c.id).limit(limit + 1)
        found.extend(tuple(row) for row in work.execute(statement))
    found.sort(key=lambda v: (v[11], v[0]))
    rows = found[:limit]
    following = (rows[-1][11], rows[-1][0]) if len(found) > limit else None
    return Page(tuple(_row(v, by) for v in rows), following)


def _mine(work: Work, by: Actor) -> tuple[tuple[ColumnElement[bool], ...], ...]:
    """Own tasks, and those of posts this one stands in for as long as it does."""
    d, t = delegation.c, task.c
    holds = exists().where(
        d.post_id == t.post_id, d.deputy_id == by.post_id, d.since <= work.now, d.until > work.now,
        d.revoked_at.is_(None),
    )  # fmt: skip
    return (t.post_id == by.post_id,), (t.deputy_post_id == by.post_id, holds)


def _count(work: Work, *where: ColumnElement[bool]) -> int:
    return work.integer(select(func.count()).select_from(task).where(*where))


def count_open(work: Work, by: Actor, *, reading: bool) -> int:
    """How many open tasks the actor has, his own and those he stands in for."""
    flags = _open(reading=reading)
    return sum(_count(work, *whose, *flags) for whose in _mine(work, by))


def inbox(work: Work, by: Actor, after: tuple[datetime, int] | None = None) -> Inbox:
    """The first page a person sees."""
    todo = tasks(work, by, reading=False, after=after)
    reading = tasks(work, by, reading=True, limit=5)
    midnight = work.midnight
    due_today = _count(
        work, task.c.post_id == by.post_id, *_open(reading=False), task.c.due < midnight + timedelta(days=1)
    )
    done_today = _count(work, task.c.post_id == by.post_id, task.c.state == STATE_DONE, task.c.done >= midnight)
    next_due = next((row for row in todo.rows if row.due is not None), None)
    return Inbox(
        todo, count_open(work, by, reading=False), reading, count_open(work, by, reading=True), due_today,
        done_today, next_due,
    )  # fmt: skip


def done(work: Work, by: Actor, *, limit: int = 50) -> tuple[TaskRow, ...]:
    """What this post did last, newest first."""
    statement = (
        _select(task.c.post_id == by.post_id, task.c.state == STATE_DONE)
        .order_by(task.c.done.desc(), task.c.id.desc())
        .limit(limit)
    )
    return tuple(_row(tuple(row), by) for row in work.execute(statement))


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A line of a list of documents."""

    id: int
    kind: str
    title: str
    number: str
    stage: str
    organ: str
    at: datetime


def _documents(statement: Select[Any], work: Work) -> tuple[DocumentRow, ...]:
    return tuple(DocumentRow(*row) for row in work.execute(statement))


def drafts(work: Work, by: Actor, *, limit: int = 50) -> tuple[DocumentRow, ...]:
    """The actor's own drafts, newest first."""
    d = document.c
    statement = (
        select(d.id, d.kind, d.title, d.number, d.stage, organ.c.name, d.updated)
        .join(organ, organ.c.id == d.organ_id)
        .where(d.drafter_post_id == by.post_id, d.stage == literal_column("'DRAFT'"))
        .order_by(d.updated.desc(), d.id.desc())
        .limit(limit)
    )
    return _documents(statement, work)


def sent(
    work: Work, by: Actor, *, before: tuple[datetime, int] | None = None, limit: int = PAGE, text: str = ""
) -> tuple[DocumentRow, ...]:
    """The organ's own papers that left the drafter's desk, newest first; for posts that may see them all."""
    if by.role not in access.OFFICE:
        return ()
    d = document.c
    where = [d.organ_id == by.organ_id, d.stage.not_in(["DRAFT"])]
    if before is not None:
        where.append(tuple_(d.updated, d.id) < tuple_(*before, types=(d.updated.type, d.id.type)))
    if text:
        where.append(or_(d.title.contains(text, autoescape=True), d.number.contains(text, autoescape=True)))
    statement = (
        select(d.id, d.kind, d.title, d.number, d.stage, organ.c.name, d.updated)
        .join(organ, organ.c.id == d.organ_id)
        .where(*where)
        .order_by(d.updated.desc(), d.id.desc())
        .limit(limit)
    )
    return _documents(statement, work)


@dataclass(frozen=True, slots=True)
class ReceivedRow:
    """A line of the organ's incoming papers; `serial` is its number in the register, 0 before that."""

    receipt_id: int
    document_id: int
    title: str
    kind: str
    number: str
    stage: str
    organ: str
    serial: int
    delivered_at: datetime
    signed_at: datetime | None
    handled_at: datetime | None
    replied_at: datetime | None
    returned_at: datetime | None
    due: datetime | None


def received(
    work: Work, by: Actor, *, before: tuple[datetime, int] | None = None, limit: int = PAGE, text: str = ""
) -> tuple[ReceivedRow, ...]:
    """What reached the organ, newest first; for posts that may see it all."""
    if by.role not in access.OFFICE:
        return ()
    r, d = receipt.c, document.c
    where: list[ColumnElement[bool]] = [r.organ_id == by.organ_id]
    if before is not None:
        where.append(tuple_(r.delivered_at, r.id) < tuple_(*before, types=(r.delivered_at.type, r.id.type)))
    if text:
        where.append(or_(d.title.contains(text, autoescape=True), d.number.contains(text, autoescape=True)))
    statement = (
        select(
            r.id, d.id, d.title, d.kind, d.number, d.stage, organ.c.name, func.coalesce(register.c.serial, 0),
            r.delivered_at, r.signed_at, r.handled_at, r.replied_at, r.returned_at, r.due,
        )
        .join(d.id.table, d.id == r.document_id)
        .join(organ, organ.c.id == d.organ_id)
        .outerjoin(register, register.c.receipt_id == r.id)
        .where(and_(*where))
        .order_by(r.delivered_at.desc(), r.id.desc())
        .limit(limit)
    )  # fmt: skip
    return tuple(ReceivedRow(*row) for row in work.execute(statement))
