"""收发: what waits to be signed for, the register, what was issued and how far it is, the ledger of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal_column, or_, select, tuple_

from office.domain import commands as verbs
from office.domain.chain import Purpose
from office.domain.errors import NotPermitted, WrongStage
from office.domain.people import Actor, Role
from office.service import access, approvals, exchange
from office.store import chains, numbers, receipts
from office.store.tables import document, ledger, organ, post, receipt, register, task
from office.store.work import Work

PAGE = 20
MOST_WAITING = 100
KEEPERS = frozenset({Role.CLERK, Role.OFFICE_HEAD})  # 条例29: who keeps the books of an organ
_RECEIVING = ("RECEIVE", "RELAY")


def check_keeper(actor: Actor) -> None:
    """The books are kept by clerks and office heads."""
    if actor.role not in KEEPERS:
        raise NotPermitted("收发由文秘和办公室主任办。", article="《党政机关公文处理工作条例》第二十九条")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One paper that waits to be signed for. `receipt_id` None: the receipt of a request's way up or down."""

    task_id: int
    document_id: int
    receipt_id: int | None
    title: str
    kind: str
    number: str
    urgency: str
    organ: str
    due: datetime | None
    since: datetime
    mine: bool


def waiting(work: Work, actor: Actor) -> tuple[Waiting, ...]:
    """What the organ's clerks have to sign for, oldest first, bounded."""
    check_keeper(actor)
    t, d = task.c, document.c
    clerks = select(post.c.id).where(post.c.organ_id == actor.organ_id, post.c.role == str(Role.CLERK))
    rows = work.execute(
        select(
            t.id, d.id, t.receipt_id, d.title, d.kind, d.number, d.urgency, organ.c.name, t.due, t.created, t.post_id,
            t.deputy_post_id,
        )
        .join(d.id.table, d.id == t.document_id)
        .join(organ, organ.c.id == d.organ_id)
        .where(t.post_id.in_(clerks), t.state == literal_column("0"), t.kind.in_(_RECEIVING))
        .order_by(t.created, t.id)
        .limit(MOST_WAITING)
    )  # fmt: skip
    return tuple(_waiting(tuple(row), actor) for row in rows)


def _waiting(row: tuple[Any, ...], actor: Actor) -> Waiting:
    due = None if row[8] == chains.NO_DUE else row[8]
    fields: tuple[Any, ...] = (*row[:8], due, row[9], actor.post_id in (row[10], row[11]))
    return Waiting(*fields)


def sign_task(work: Work, task_id: int, actor: Actor, *, register_it: bool) -> int:
    """Sign for one waiting paper of the actor's own; returns its document. Stale if somebody was faster."""
    t = task.c
    row = work.execute(
        select(t.document_id, t.receipt_id, t.chain_id).where(
            t.id == task_id, t.organ_id == actor.organ_id, t.kind.in_(_RECEIVING), t.state == literal_column("0")
        )
    ).one_or_none()
    if row is None:
        raise WrongStage("这份文件已经签收了。")
    if row[1] is not None:
        exchange.sign_for(work, exchange.SignFor(row[1], register_it), actor)
    else:
        _sign_on_chain(work, row[2], actor, register_it=register_it)
    return int(row[0])


def _sign_on_chain(work: Work, chain_id: int, actor: Actor, *, register_it: bool) -> None:
    """A request on its way, or its answer coming down: its own chain's step is the receipt."""
    stored = access.chain(work, chain_id, by=actor)
    for purposes in ((Purpose.RECEIVE, Purpose.RELAY), (Purpose.REGISTER,) if register_it else ()):
        step = stored.chain.current
        if step is None or step.purpose not in purposes or step.organ_id != actor.organ_id:
            continue
        mine = [seat.id for seat in step.live() if actor.post_id in (seat.post_id, seat.deputy_id)]
        if not mine:
            raise NotPermitted("这件不在您手上，由本单位文秘签收。")
        stored = approvals.perform(work, stored, verbs.Complete(mine[0]), actor)


def sign_receipt(work: Work, receipt_id: int, actor: Actor, *, register_it: bool) -> int:
    """The same by the receipt; returns the document."""
    found = access.receipt(work, receipt_id, by=actor)
    t = task.c
    asked = select(document.c.answers_id).where(document.c.id == found.document_id).scalar_subquery()
    on_way = work.execute(
        select(t.id).where(
            or_(t.document_id == found.document_id, t.document_id == asked), t.organ_id == actor.organ_id,
            t.receipt_id.is_(None), t.kind.in_(_RECEIVING), t.state == literal_column("0"),
        )
    ).first()  # fmt: skip
    if on_way is not None:
        sign_task(work, on_way[0], actor, register_it=register_it)
    else:
        exchange.sign_for(work, exchange.SignFor(found.id, register_it), actor)
    return found.document_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register (收文簿)."""

    serial: int
    at: datetime
    document_id: int
    receipt_id: int
    title: str
    kind: str
    number: str
    stage: str
    organ: str
    handled_at: datetime | None
    replied_at: datetime | None
    returned_at: datetime | None


def register_book(work: Work, actor: Actor, *, year: int, before: int | None = None) -> tuple[Entry, ...]:
    """A year's register, newest first, a page below the number `before`."""
    check_keeper(actor)
    g, r, d = register.c, receipt.c, document.c
    where = [g.organ_id == actor.organ_id, g.year == year]
    if before is not None:
        where.append(g.serial < before)
    rows = work.execute(
        select(
            g.serial, g.at, d.id, r.id, d.title, d.kind, d.number, d.stage, organ.c.name, r.handled_at, r.replied_at,
            r.returned_at,
        )
        .join(r.id.table, r.id == g.receipt_id)
        .join(d.id.table, d.id == r.document_id)
        .join(organ, organ.c.id == d.organ_id)
        .where(*where)
        .order_by(g.serial.desc())
        .limit(PAGE + 1)
    )  # fmt: skip
    return tuple(Entry(*row) for row in rows)


def register_years(work: Work, actor: Actor) -> tuple[int, ...]:
    """The years the organ has a register of, newest first; this year always."""
    rows = work.execute(select(register.c.year).where(register.c.organ_id == actor.organ_id).distinct())
    return tuple(sorted({row[0] for row in rows} | {work.today.year}, reverse=True))


@dataclass(frozen=True, slots=True)
class Sent:
    """One issued paper and how far its deliveries are."""

    document_id: int
    title: str
    kind: str
    number: str
    stage: str
    issued_at: datetime
    total: int
    signed: int
    returned: int
    replied: int


def sent(work: Work, actor: Actor, *, before: tuple[datetime, int] | None = None) -> tuple[Sent, ...]:
    """The organ's issued papers, newest first: a page, and the counts of exactly these in one statement."""
    check_keeper(actor)
    d = document.c
    where: list[ColumnElement[bool]] = [d.organ_id == actor.organ_id, d.issued_at.is_not(None)]
    if before is not None:
        where.append(tuple_(d.issued_at, d.id) < tuple_(*before, types=(d.issued_at.type, d.id.type)))
    rows = work.execute(
        select(d.id, d.title, d.kind, d.number, d.stage, d.issued_at)
        .where(*where)
        .order_by(d.issued_at.desc(), d.id.desc())
        .limit(PAGE + 1)
    ).all()
    counts = {row[0]: row[1:] for row in work.execute(_counts([row[0] for row in rows]))}
    return tuple(Sent(*row, *counts.get(row[0], (0, 0, 0, 0))) for row in rows)


def _counts(ids: Sequence[int]) -> Select[Any]:
    r = receipt.c
    returned = r.returned_at.is_not(None)

    def number_of(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    return (
        select(
            r.document_id, func.count(), number_of(r.signed_at.is_not(None) & ~returned), number_of(returned),
            number_of(r.replied_at.is_not(None)),
        )
        .where(r.document_id.in_(ids), r.return_reason != "RECALLED")
        .group_by(r.document_id)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Book:
    """A word's numbers of a year (发文台账): every number ever taken, voids with their reasons, gaps named.

    `voidable`: documents that hold a number and are not out yet.
    """

    word: str
    year: int
    lines: tuple[numbers.TakenNumber, ...]
    missing: tuple[int, ...]
    voidable: frozenset[int]
    following: int | None


def ledger_book(
    work: Work, actor: Actor, *, word: str = "", year: int = 0, before: int | None = None
) -> tuple[Book | None, tuple[tuple[str, int], ...]]:
    """One book of the organ, a page of it, and which books there are; None while it has taken no number."""
    check_keeper(actor)
    rows = work.execute(select(ledger.c.word, ledger.c.year, ledger.c.last).where(ledger.c.organ_id == actor.organ_id))
    lasts = {(row[0], row[1]): row[2] for row in rows}
    there = tuple(sorted(lasts, key=lambda key: (-key[1], key[0])))
    chosen = (word, year) if (word, year) in lasts else (there[0] if there else None)
    if chosen is None:
        return None, there
    taken = numbers.book(work, organ_id=actor.organ_id, word=chosen[0], year=chosen[1])
    missing = tuple(sorted(set(range(1, lasts[chosen] + 1)) - {line.serial for line in taken}))
    below = [line for line in taken if before is None or line.serial < before]
    following = below[PAGE - 1].serial if len(below) > PAGE else None
    return Book(chosen[0], chosen[1], tuple(below[:PAGE]), missing, _voidable(work, below[:PAGE]), following), there


def _voidable(work: Work, lines: Sequence[numbers.TakenNumber]) -> frozenset[int]:
    d = document.c
    ids = [line.document_id for line in lines if line.voided_at is None]
    return frozenset(row[0] for row in work.execute(select(d.id).where(d.id.in_(ids), d.stage == "IN_CHAIN")))


@dataclass(frozen=True, slots=True)
class Answering:
    """What the reply page needs: the receipt, what it is about, a text to start from."""

    receipt: receipts.Receipt
    title: str
    number: str
    organ: str
    start: str
    units: int


def answering(work: Work, receipt_id: int, actor: Actor) -> Answering:
    """Prefilled from the replies of the units the paper was passed on to; who is missing is named there."""
    found = access.receipt(work, receipt_id, by=actor)
    d = document.c
    to = found.via_organ_id if found.via_organ_id is not None else d.organ_id
    row = work.execute(
        select(d.title, d.number, organ.c.title).join(organ, organ.c.id == to).where(d.id == found.document_id)
    ).one()
    units = receipts.forwarded_by(work, found.document_id, actor.organ_id)
    start = exchange.roll_up(work, found.document_id, actor) if units else ""
    return Answering(found, row[0], row[1], row[2], start, len(units))


def reply(work: Work, command: exchange.Reply, actor: Actor) -> int:
    """Answer once; returns the document."""
    if access.receipt(work, command.receipt_id, by=actor).replied_at is not None:
        raise WrongStage("已经答复过了。要补充，请与来文单位联系。")
    return exchange.reply(work, command, actor).document_id
