"""查找: papers a person may see, by words of the title, number, kind and time. The right is part of the question."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, literal_column, or_, select, tuple_, union

from office.domain.document import Kind
from office.domain.people import ADMIN_ROLES, Actor
from office.service import access
from office.service.reading import DocumentRow
from office.store.tables import document, organ, post, receipt, task
from office.store.work import Work

PAGE = 20
LONGEST = 60
MOST_WORDS = 6


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for; empty parts ask for nothing. `since` and `until` are moments, `until` excluded."""

    text: str = ""
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A page, newest first, and the cursor of the next."""

    rows: tuple[DocumentRow, ...]
    following: tuple[datetime, int] | None


def search(work: Work, query: Query, actor: Actor, *, before: tuple[datetime, int] | None = None) -> Found:
    """Only papers `access.may_see` would show are ever compared."""
    if actor.role in ADMIN_ROLES:
        return Found((), None)
    d = document.c
    where = [d.id.in_(_visible(actor)), *_matching(query)]
    if before is not None:
        where.append(tuple_(d.updated, d.id) < tuple_(*before, types=(d.updated.type, d.id.type)))
    statement = (
        select(d.id, d.kind, d.title, d.number, d.stage, organ.c.name, d.updated)
        .join(organ, organ.c.id == d.organ_id)
        .where(*where)
        .order_by(d.updated.desc(), d.id.desc())
        .limit(PAGE + 1)
    )
    rows = tuple(DocumentRow(*row) for row in work.execute(statement))
    shown = rows[:PAGE]
    return Found(shown, (shown[-1].at, shown[-1].id) if len(rows) > PAGE else None)


def _matching(query: Query) -> list[ColumnElement[bool]]:
    d = document.c
    words = query.text[:LONGEST].split()[:MOST_WORDS]
    found = [or_(d.title.contains(w, autoescape=True), d.number.contains(w, autoescape=True)) for w in words]
    moment = func.coalesce(d.issued_at, d.updated)
    if query.kind is not None:
        found.append(d.kind == str(query.kind))
    if query.since is not None:
        found.append(moment >= query.since)
    if query.until is not None:
        found.append(moment < query.until)
    return found


def _visible(by: Actor) -> CompoundSelect[Any]:
    """Ids of the papers this person may see, each part by an index of its own."""
    d, r, t = document.c, receipt.c, task.c
    parts: list[Select[Any]] = [
        select(d.id).where(d.drafter_post_id == by.post_id, d.organ_id == by.organ_id),
        *_tasks(t.post_id == by.post_id),
        select(t.document_id).where(t.deputy_post_id == by.post_id, t.state == literal_column("0")),
    ]
    if by.role in access.OFFICE:
        colleagues = select(post.c.id).where(post.c.organ_id == by.organ_id)
        ours = t.post_id.in_(colleagues) & (t.organ_id == by.organ_id) & (t.kind != literal_column("'DRAFT'"))
        parts.append(select(d.id).where(d.organ_id == by.organ_id, d.stage != literal_column("'DRAFT'")))
        parts.append(select(r.document_id).where(r.organ_id == by.organ_id))
        parts.extend(_tasks(ours))
    return union(*parts)


def _tasks(whose: ColumnElement[bool]) -> tuple[Select[Any], ...]:
    """Open and done tasks: each state has its own index by post."""
    t = task.c
    return tuple(select(t.document_id).where(whose, t.state == literal_column(state)) for state in ("0", "1"))
