"""Following the history after commit: by id on SQLite, by the snapshot horizon on PostgreSQL."""

from collections.abc import AsyncIterator

from sqlalchemy import func, select, text

from office.store import history
from office.store.base_tables import event
from office.store.bell import waited
from office.store.database import Database
from office.store.work import Work

BATCH = 1_000
POLL = 0.5  # seconds: a lost bell costs no more than this
Position = tuple[int, int]  # (xid, id); xid is 0 on SQLite
# Sequence numbers commit out of order; below this horizon every transaction has ended.
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


def end(work: Work) -> Position:
    """The position after everything committed so far."""
    if work.dialect == "sqlite":
        return 0, work.integer(select(func.coalesce(func.max(event.c.id), 0)))
    # Everything below the horizon has been seen; what is in flight will still come.
    return work.integer(text(f"SELECT {HORIZON} - 1")), 2**63 - 1


def after(work: Work, position: Position, limit: int = BATCH) -> tuple[tuple[history.Row, ...], Position]:
    """The events after a position, in commit order, and the position after them."""
    found = _after(work, position, limit)
    return tuple(row for row, _ in found), found[-1][1] if found else position


def _after(work: Work, position: Position, limit: int = BATCH) -> list[tuple[history.Row, Position]]:
    statement = select(func.coalesce(event.c.xid, 0), *history.FIELDS).limit(limit)
    if work.dialect == "sqlite":
        statement = statement.where(event.c.id > position[1]).order_by(event.c.id)
    else:
        after_this = text("(event.xid, event.id) > (:x, :i)").bindparams(x=position[0], i=position[1])
        settled = text(f"event.xid < {HORIZON}")
        statement = statement.where(after_this, settled).order_by(event.c.xid, event.c.id)
    return [(history.Row(*row[1:]), (row[0], row[1])) for row in work.execute(statement)]


async def follow(db: Database, position: Position | None = None) -> AsyncIterator[history.Row]:
    """Every event after `position` (default: from now on), each once, however often the bell is lost."""
    async for row, _ in positions(db, position):
        yield row


async def positions(db: Database, position: Position | None = None) -> AsyncIterator[tuple[history.Row, Position]]:
    """The same, each with the position to store once it has been dealt with."""
    here = position if position is not None else await db.read(end)
    with db.bell.listening() as heard:
        while True:
            heard.clear()
            found = await db.read(_after, here)
            for row, here in found:
                yield row, here
            if len(found) < BATCH:
                await waited(heard, POLL)
