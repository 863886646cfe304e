"""Jobs and timers: one table with a due time, a lease and a count of tries. A job may run twice; its key makes it one.

A claim moves `run_at` behind the lease, so a worker that dies gives its jobs back by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from office.store.base_tables import job
from office.store.work import Work

LEASE = timedelta(minutes=5)
FIRST_WAIT = timedelta(seconds=10)
LONGEST_WAIT = timedelta(hours=1)
MOST_TRIES = 10
BATCH = 100
_WAITING: ColumnElement[int] = literal_column("0")  # literals: a parameter never matches a partial index
_DONE: ColumnElement[int] = literal_column("1")
_GIVEN_UP: ColumnElement[int] = literal_column("2")


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job. `tries` counts this one too and proves at the end that the lease was still ours."""

    id: int
    kind: str
    key: str
    data: Any
    tries: int
    locked_until: datetime


def add(work: Work, kind: str, key: str, data: object = None, *, run_at: datetime | None = None) -> bool:
    """Add a job, due now or at `run_at`; False when its key is already there (then nothing changes)."""
    make: Any = postgresql.insert if work.dialect == "postgresql" else sqlite.insert
    text = msgspec.json.encode(data, order="sorted").decode()
    row = {"kind": kind, "key": key, "data": text, "run_at": run_at or work.now}
    added = work.execute(make(job).values(row).on_conflict_do_nothing().returning(job.c.id))
    return added.first() is not None


def postpone(work: Work, key: str, run_at: datetime) -> bool:
    """Give a waiting job another due time (the calendar changed, a deadline moved); False when none waits."""
    changed = update(job).where(job.c.key == key, job.c.state == _WAITING, job.c.locked_until.is_(None))
    return bool(work.execute(changed.values(run_at=run_at)).rowcount)


def cancel(work: Work, key: str) -> bool:
    """End a waiting job without running it; False when none waits."""
    changed = update(job).where(job.c.key == key, job.c.state == _WAITING)
    return bool(work.execute(changed.values(state=_GIVEN_UP, error="cancelled")).rowcount)


def claim(work: Work, kinds: Sequence[str] = (), *, limit: int = BATCH, lease: timedelta = LEASE) -> tuple[Job, ...]:
    """Take due jobs, oldest first, for as long as `lease`; nobody else gets them meanwhile."""
    due = select(job.c.id).where(job.c.state == _WAITING, job.c.run_at <= work.now).order_by(job.c.run_at, job.c.id)
    if kinds:
        due = due.where(job.c.kind.in_(kinds))
    due = due.limit(limit).with_for_update(skip_locked=True)  # SQLite has one writer and leaves the clause out
    until = work.now + lease
    taken = (
        update(job)
        .where(job.c.id.in_(due.scalar_subquery()))
        .values(tries=job.c.tries + 1, run_at=until, locked_until=until)
        .returning(job.c.id, job.c.kind, job.c.key, job.c.data, job.c.tries)
    )
    rows = sorted(work.execute(taken).all())
    return tuple(Job(row[0], row[1], row[2], msgspec.json.decode(row[3]), row[4], until) for row in rows)


def extend(work: Work, held: Job, lease: timedelta = LEASE) -> bool:
    """Heartbeat: a further lease; False when it was lost, then stop."""
    until = work.now + lease
    return _change(work, held, {"run_at": until, "locked_until": until})


def finish(work: Work, held: Job) -> bool:
    """Done; False when the lease was lost and somebody else has the job now."""
    return _change(work, held, {"state": _DONE, "locked_until": None, "error": ""})


def fail(work: Work, held: Job, error: str) -> bool:
    """Not done: again after 10 s, 20 s, … at most an hour; given up after ten tries. False: the lease was lost."""
    if held.tries >= MOST_TRIES:
        return _change(work, held, {"state": _GIVEN_UP, "locked_until": None, "error": error})
    wait = min(FIRST_WAIT * 2 ** (held.tries - 1), LONGEST_WAIT)
    return _change(work, held, {"run_at": work.now + wait, "locked_until": None, "error": error})


def _change(work: Work, held: Job, values: dict[str, object]) -> bool:
    mine: ColumnElement[bool] = (job.c.id == bindparam("held")) & (job.c.tries == bindparam("at_try"))
    changed = update(job).where(mine, job.c.state == _WAITING).values(values)
    return bool(work.execute(changed, {"held": held.id, "at_try": held.tries}).rowcount)


def next_due(work: Work) -> datetime | None:
    """When the next job is due, so that a worker can sleep until then."""
    statement = select(job.c.run_at).where(job.c.state == _WAITING).order_by(job.c.run_at).limit(1)
    due: datetime | None = work.execute(statement).scalar_one_or_none()
    return due
