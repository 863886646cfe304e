"""Following the history after commit: by id on SQLite, by the snapshot horizon on PostgreSQL."""

from collections.abc import AsyncIterator

from sqlalchemy import func, select, text

from office.store import history
from office.store.base_tables import event
from office.store.database import Database
from office.store.work import Work

BATCH = 1_000
POLL = 0.5  # seconds: a lost bell costs no more than this
Position = tuple[int, int]  # (xid, id); xid is 0 on SQLite

_FIELDS = tuple(getattr(event.c, name) for name in history.Row.__slots__)


def end(work: Work) -> Position:
    """The position after everything committed so far."""
    if work.dialect == "sqlite":
        return 0, work.execute(select(func.coalesce(func.max(event.c.id), 0))).scalar_one()
    # Everything below the horizon has been seen; what is in flight will still come.
    horizon = work.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")).scalar_one()
    last = select(event.c.xid, event.c.id).where(event.c.xid < horizon).order_by(event.c.xid.desc(), event.c.id.desc())
    row = work.execute(last.limit(1)).first()
    return (row[0], row[1]) if row else (0, 0)


def after(work: Work, position: Position, limit: int = BATCH) -> tuple[tuple[history.Row, ...], Position]:
    """The events after a position, in commit order, and the position after them."""
    if work.dialect == "sqlite":
        statement = select(*_FIELDS).where(event.c.id > position[1]).order_by(event.c.id).limit(limit)
        rows = tuple(history.Row(*row) for row in work.execute(statement))
        return rows, (0, rows[-1].id) if rows else position
    statement = (
        select(event.c.xid, *_FIELDS)
        .where(
            text("(event.xid, event.id) > (:x, :i)").bindparams(x=position[0], i=position[1]),
            text("event.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"),
        )
        .order_by(event.c.xid, event.c.id)
        .limit(limit)
    )
    found = work.execute(statement).all()
    rows = tuple(history.Row(*row[1:]) for row in found)
    return rows, (found[-1][0], found[-1][1]) if found else position


async def follow(db: Database, position: Position | None = None) -> AsyncIterator[history.Row]:
    """Every event after `position` (default: from now on), each once, however often the bell is lost."""
    here = position if position is not None else await db.read(end)
    while True:
        rows, here = await db.read(after, here)
        for row in rows:
            yield row
        if len(rows) < BATCH:
            await db.bell.wait(POLL)
