"""Receipts: one for each document and receiving organ. Fan-out is set-based: two statements for the whole city."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
    update,
)

from office.domain.document import Selection
from office.domain.errors import NotFound, Stale
from office.domain.organs import Level, OrganKind
from office.domain.people import Role
from office.store.chains import NO_DUE
from office.store.tables import organ, post, receipt, task
from office.store.work import Work

_BODIES = (str(OrganKind.GOVERNMENT), str(OrganKind.VILLAGE))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of one delivery."""

    id: int
    document_id: int
    organ_id: int
    role: str
    via_organ_id: int | None
    delivered_at: datetime
    opened_at: datetime | None
    signed_at: datetime | None
    handled_at: datetime | None
    replied_at: datetime | None
    reply: str
    returned_at: datetime | None
    return_reason: str
    return_text: str
    reminded_at: datetime | None
    reminders: int
    due: datetime | None
    version: int


_FIELDS = tuple(getattr(receipt.c, name) for name in Receipt.__slots__)


def chosen(selection: Selection, paths: dict[int, str]) -> ColumnElement[bool]:
    """The organs of a selection as a condition; `paths` gives the path of every organ named in `tiers`."""
    parts: list[ColumnElement[bool]] = []
    if selection.organ_ids:
        parts.append(organ.c.id.in_(selection.organ_ids))
    for root, level in selection.tiers:
        below = and_(organ.c.path.startswith(paths[root], autoescape=True), organ.c.level == int(level))
        parts.append(and_(below, _of_tier(root, level)))
    condition = or_(*parts) if parts else false()
    if selection.excluded:
        condition = and_(condition, organ.c.id.not_in(selection.excluded))
    return condition


def _of_tier(root: int, level: Level) -> ColumnElement[bool]:
    """The tier below means its governments and villages; the root's own tier its own departments (`directory.tier`)."""
    above = organ.alias("root")
    own_tier = exists().where(above.c.id == root, above.c.level == int(level))
    departments = and_(organ.c.kind.not_in(_BODIES), organ.c.parent_id == root)
    return or_(and_(own_tier, departments), and_(~own_tier, organ.c.kind.in_(_BODIES)))


def deliver(
    work: Work, *, document_id: int, role: str, where: ColumnElement[bool], due: datetime | None,
    via_organ_id: int | None = None,
) -> int:  # fmt: skip
    """Receipts for every organ that matches and has none yet; returns how many."""
    there = exists().where(receipt.c.document_id == document_id, receipt.c.organ_id == organ.c.id)
    source = select(
        literal(document_id),
        organ.c.id,
        literal(role),
        literal(via_organ_id, type_=receipt.c.via_organ_id.type),
        literal(work.now, type_=receipt.c.delivered_at.type),
        literal(due, type_=receipt.c.due.type),
        literal(0),
        literal(1),
        literal(""), literal(""), literal(""),
    ).where(where, ~there).order_by(organ.c.sort)  # fmt: skip
    columns = [
        "document_id", "organ_id", "role", "via_organ_id", "delivered_at", "due", "reminders", "version",
        "reply", "return_reason", "return_text",
    ]  # fmt: skip
    return work.execute(insert(receipt).from_select(columns, source, include_defaults=False), counted=True).rowcount


def give_out(work: Work, *, document_id: int) -> int:
    """A task to sign for it, to each receiving organ's first clerk; organs that have one are left alone."""
    clerk = (
        select(func.min(post.c.id))
        .where(post.c.organ_id == receipt.c.organ_id, post.c.role == str(Role.CLERK))
        .correlate(receipt)
        .scalar_subquery()
    )
    there = exists().where(task.c.receipt_id == receipt.c.id)
    moment = task.c.due.type
    source = select(
        receipt.c.document_id,
        receipt.c.id,
        receipt.c.organ_id,
        clerk,
        literal("RECEIVE"),
        literal_column("false" if work.dialect == "postgresql" else "0"),
        func.coalesce(receipt.c.due, literal(NO_DUE, type_=moment)),
        literal(work.now, type_=moment),
        literal_column("0"), literal_column("0"), literal_column("0"), literal(""),
    ).where(receipt.c.document_id == document_id, receipt.c.returned_at.is_(None), ~there)  # fmt: skip
    source = source.where(clerk.is_not(None))
    columns = [
        "document_id", "receipt_id", "organ_id", "post_id", "kind", "reading", "due", "created",
        "step_id", "seat_id", "state", "note",
    ]  # fmt: skip
    return work.execute(insert(task).from_select(columns, source, include_defaults=False), counted=True).rowcount


def _select(*where: ColumnElement[bool]) -> Select[Any]:
    return select(*_FIELDS).where(*where)


def load(work: Work, receipt_id: int) -> Receipt:
    """The receipt by id."""
    row = work.execute(_select(receipt.c.id == receipt_id)).one_or_none()
    if row is None:
        raise NotFound
    return Receipt(*row)


def of_organ(work: Work, document_id: int, organ_id: int) -> Receipt | None:
    """That organ's receipt of that document, if it was sent to it."""
    row = work.execute(_select(receipt.c.document_id == document_id, receipt.c.organ_id == organ_id)).one_or_none()
    return Receipt(*row) if row else None


def of_document(work: Work, document_id: int) -> tuple[Receipt, ...]:
    """All receipts of a document, in official order of the organs."""
    rows = work.execute(
        _select(receipt.c.document_id == document_id)
        .join(organ, organ.c.id == receipt.c.organ_id)
        .order_by(organ.c.level, organ.c.sort, organ.c.id)
    )
    return tuple(Receipt(*row) for row in rows)


def forwarded_by(work: Work, document_id: int, organ_id: int) -> tuple[Receipt, ...]:
    """The receipts that came about by this organ's forwarding."""
    rows = work.execute(
        _select(receipt.c.document_id == document_id, receipt.c.via_organ_id == organ_id)
        .join(organ, organ.c.id == receipt.c.organ_id)
        .order_by(organ.c.sort, organ.c.id)
    )
    return tuple(Receipt(*row) for row in rows)


def change(work: Work, found: Receipt, **values: object) -> None:
    """Update the receipt that was read, or Stale when somebody acted in between."""
    changed = work.execute(
        update(receipt)
        .where(receipt.c.id == found.id, receipt.c.version == found.version)
        .values(version=found.version + 1, **values)
    )
    if changed.rowcount != 1:
        raise Stale


def close_tasks(work: Work, receipt_ids: Sequence[int], *, state: int) -> None:
    """End the open tasks that belong to those receipts."""
    work.execute(
        update(task)
        .where(task.c.receipt_id.in_(receipt_ids), task.c.state == literal_column("0"))
        .values(state=state, done=work.now)
    )


def remind_unsigned(work: Work, document_id: int, *, not_since: datetime, via_organ_id: int | None = None) -> int:
    """Mark every unsigned receipt as reminded, except those reminded after `not_since`; returns how many."""
    r = receipt.c
    return work.execute(
        update(receipt)
        .where(
            r.document_id == document_id,
            r.signed_at.is_(None),
            r.returned_at.is_(None),
            or_(r.reminded_at.is_(None), r.reminded_at <= not_since),
            r.via_organ_id == via_organ_id if via_organ_id is not None else true(),
        )
        .values(reminded_at=work.now, reminders=r.reminders + 1, version=r.version + 1)
    ).rowcount


def first_clerk(work: Work, organ_id: int) -> int | None:
    """The clerk's post that receives for an organ."""
    return work.execute(
        select(func.min(post.c.id)).where(post.c.organ_id == organ_id, post.c.role == str(Role.CLERK))
    ).scalar()


def link_task(work: Work, receipt_id: int, *, chain_id: int, step_id: int, seat_id: int) -> None:
    """The waiting task of a delivery becomes the task of the chain that was just begun for it."""
    work.execute(
        update(task)
        .where(task.c.receipt_id == receipt_id, task.c.state == literal_column("0"))
        .values(chain_id=chain_id, step_id=step_id, seat_id=seat_id)
    )


def close_document_tasks(work: Work, document_id: int) -> None:
    """End every open task on a document that was revoked or abolished."""
    work.execute(
        update(task)
        .where(task.c.document_id == document_id, task.c.state == literal_column("0"))
        .values(state=literal_column("2"), done=work.now)
    )
