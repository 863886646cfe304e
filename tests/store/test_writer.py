"""The writer: nobody hears of a commit before it, a failure touches only its own job, a failed COMMIT everybody's."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, text, update

from office.domain.errors import Stale, TooBusy
from office.store import sqlite
from office.store.base_tables import event_head
from office.store.database import Database
from office.store.work import Unconfirmed, Work
from tests.conftest import START, Clock


class Refused(Exception):
    """A use case says no."""


def put(work: Work, organ_id: int, *, then: type[Exception] | None = None) -> int:
    work.execute(insert(event_head).values(organ_id=organ_id, seq=0, hash=""))
    if then is not None:
        raise then
    return organ_id


def kept(work: Work) -> list[int]:
    return [row[0] for row in work.execute(select(event_head.c.organ_id).order_by(event_head.c.organ_id))]


async def test_a_read_after_the_answer_sees_the_write(db: Database) -> None:
    assert await db.write(put, 1) == 1
    assert await db.read(kept) == [1]


async def test_a_lone_job_that_fails_leaves_nothing(db: Database) -> None:
    with pytest.raises(Refused):
        await db.write(put, 1, then=Refused)
    await db.write(put, 2)
    assert await db.read(kept) == [2]


async def test_a_database_error_stays_with_its_job(db: Database) -> None:
    await db.write(put, 1)
    with pytest.raises(Exception, match=r"(?i)unique"):
        await db.write(put, 1)
    await db.write(put, 2)
    assert await db.read(kept) == [1, 2]


def held(db: Database) -> tuple[Callable[[], None], "Future[None]"]:
    """Stop the writer inside a job of its own, so that what is sent meanwhile makes one batch."""
    go, there = threading.Event(), threading.Event()

    def hold(_: Work) -> None:
        there.set()
        assert go.wait(10)

    future = db.submit(hold)
    assert there.wait(10)
    return go.set, future


@pytest.mark.parametrize("position", range(sqlite.MOST_IN_BATCH))
def test_one_failing_in_a_full_batch_leaves_the_others(sqlite_db: Database, position: int) -> None:
    release, _ = held(sqlite_db)
    sent = [sqlite_db.submit(put, i, then=Refused if i == position else None) for i in range(sqlite.MOST_IN_BATCH)]
    release()
    failed = [i for i, future in enumerate(sent) if future.exception(10) is not None]
    assert failed == [position]
    assert sqlite_db.read_now(kept) == [i for i in range(sqlite.MOST_IN_BATCH) if i != position]


def commit_fails(db: Database) -> None:
    """Make the next COMMIT fail as a full disk would: a deferred constraint is broken until it is looked at."""
    db.write_now(lambda work: work.execute(text("CREATE TABLE parent (id INTEGER PRIMARY KEY)")))
    child = "CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED)"
    db.write_now(lambda work: work.execute(text(child)))


def orphan(work: Work) -> None:
    work.execute(text("INSERT INTO child VALUES (99)"))


def test_a_failed_commit_is_told_to_everybody_in_the_batch_and_the_writer_lives_on(sqlite_db: Database) -> None:
    commit_fails(sqlite_db)
    release, first = held(sqlite_db)
    sent: list[Future[Any]] = [sqlite_db.submit(put, i) for i in range(5)]
    sent.append(sqlite_db.submit(orphan))
    release()
    assert first.result(10) is None
    assert [type(future.exception(10)) for future in sent] == [Unconfirmed] * 6
    assert sqlite_db.read_now(kept) == []
    assert sqlite_db.write_now(put, 7) == 7
    assert sqlite_db.read_now(kept) == [7]


def test_a_failed_commit_on_postgres_answers_unconfirmed(postgres_db: Database) -> None:
    commit_fails(postgres_db)
    with pytest.raises(Unconfirmed):
        postgres_db.write_now(orphan)
    assert postgres_db.write_now(put, 1) == 1


def test_a_job_that_ends_the_transaction_fails_its_batch_and_saves_nothing(sqlite_db: Database) -> None:
    def rogue(work: Work) -> None:
        put(work, 1)
        work.connection.exec_driver_sql("ROLLBACK")

    with pytest.raises(Unconfirmed):
        sqlite_db.write_now(rogue)
    sqlite_db.write_now(put, 2)
    assert sqlite_db.read_now(kept) == [2]


def test_even_a_system_exit_does_not_end_the_writer(sqlite_db: Database) -> None:
    def leave(_: Work) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        sqlite_db.write_now(leave)
    assert sqlite_db.write_now(put, 1) == 1


async def test_eight_writers_on_one_row_each_either_win_or_hear_it(db: Database) -> None:
    await db.write(put, 1)

    def step(work: Work, version: int) -> None:
        of = (event_head.c.organ_id == 1) & (event_head.c.seq == version)
        if work.execute(update(event_head).where(of).values(seq=version + 1)).rowcount != 1:
            raise Stale

    async def writer() -> int:
        won = 0
        for _ in range(25):
            version = await db.read(lambda work: work.integer(select(event_head.c.seq)))
            try:
                await db.write(step, version)
                won += 1
            except Stale:
                continue
        return won

    won = sum(await asyncio.gather(*(writer() for _ in range(8))))
    assert won == await db.read(lambda work: work.integer(select(event_head.c.seq)))
    assert won >= 25


def test_a_conflict_on_postgres_runs_again_and_ends_well(postgres_db: Database) -> None:
    for organ in (1, 2):
        postgres_db.write_now(put, organ)
    both = threading.Barrier(2, timeout=10)
    tries: list[int] = []

    def crossing(work: Work, first: int, second: int) -> None:
        mine = [t for t in tries if t == first]
        tries.append(first)
        for organ in (first, second):
            work.execute(update(event_head).where(event_head.c.organ_id == organ).values(seq=event_head.c.seq + 1))
            if organ == first and not mine:
                both.wait()  # both hold their first row now: PostgreSQL must find the deadlock

    sent = [postgres_db.submit(crossing, 1, 2), postgres_db.submit(crossing, 2, 1)]
    assert [future.result(30) for future in sent] == [None, None]
    assert len(tries) == 3
    seqs = postgres_db.read_now(lambda work: [row[0] for row in work.execute(select(event_head.c.seq))])
    assert seqs == [2, 2]


def test_a_connection_cut_before_the_commit_is_tried_again(postgres_db: Database) -> None:
    cuts: list[int] = []

    def cut_once(work: Work) -> int:
        if not cuts:
            cuts.append(work.integer(text("SELECT pg_backend_pid()")))
            with postgres_db.engine.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": cuts[0]})
        return put(work, 4)

    assert postgres_db.write_now(cut_once) == 4
    assert postgres_db.read_now(kept) == [4]


async def test_two_selects_of_one_read_are_one_snapshot(db: Database) -> None:
    counted = select(func.count()).select_from(event_head)
    written, looked = threading.Event(), threading.Event()

    def twice(work: Work) -> tuple[int, int]:
        before = work.integer(counted)
        looked.set()
        assert written.wait(10)
        return before, work.integer(counted)

    reading = asyncio.create_task(db.read(twice))
    await asyncio.to_thread(looked.wait, 10)
    await db.write(put, 1)
    written.set()
    assert await reading == (0, 0)
    assert await db.read(lambda work: work.integer(counted)) == 1


@pytest.mark.parametrize(
    "statement", ["INSERT INTO event_head VALUES (1, 0, '')", "DELETE FROM event_head", "CREATE TABLE x (y INTEGER)"]
)
async def test_a_read_cannot_write(db: Database, statement: str) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await db.read(lambda work: work.execute(text(statement)))
    assert await db.read(kept) == []


def test_a_reader_cannot_checkpoint(sqlite_db: Database) -> None:
    sqlite_db.write_now(put, 1)
    with pytest.raises(Exception, match=r"(?i)read-?only|locked|unable|disk i/o"):
        sqlite_db.read_now(lambda work: work.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).all())


def test_sqlite_keeps_what_it_acknowledged(sqlite_db: Database) -> None:
    def pragma(work: Work, name: str) -> str:
        return str(work.execute(text(f"PRAGMA {name}")).scalar_one())

    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "recursive_triggers")
    assert [sqlite_db.write_now(pragma, name) for name in names] == ["wal", "2", "1", "10000", "1"]
    assert sqlite_db.read_now(pragma, "query_only") == "1"


async def test_every_job_has_its_own_moment_from_the_clock(db: Database, clock: Clock) -> None:
    first = await db.write(lambda work: (work.now, work.now))
    clock.pass_(seconds=1)
    second = await db.read(lambda work: work.now)
    assert first == (START, START)
    assert second == START + timedelta(seconds=1)
    assert await db.read(lambda work: work.today.isoformat()) == "2026-11-24"
    assert await db.read(lambda work: work.midnight.isoformat()) == "2026-11-23T16:00:00+00:00"


async def test_who_stops_waiting_does_not_undo_it(db: Database) -> None:
    started, go = threading.Event(), threading.Event()

    def slow(work: Work) -> int:
        started.set()
        assert go.wait(10)
        return put(work, 1)

    waiting = asyncio.create_task(db.write(slow))
    await asyncio.to_thread(started.wait, 10)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    go.set()
    await db.write(put, 2)
    await asyncio.to_thread(db.close)
    again = Database.open(db.engine.url.render_as_string(hide_password=False)) if db.dialect == "postgresql" else None
    if again is not None:
        assert again.read_now(kept) == [1, 2]
        again.close()


def test_closing_drains_what_was_accepted(database_url: str, clock: Clock) -> None:
    database = Database.open(database_url, clock=clock)
    sent = [database.submit(put, i) for i in range(200)]
    database.close()
    assert [future.result(0) for future in sent] == list(range(200))
    with pytest.raises(TooBusy):
        database.submit(put, 201)
    again = Database.open(database_url, clock=clock)
    assert len(again.read_now(kept)) == 200
    again.close()


def test_a_full_queue_refuses_instead_of_growing(sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "MOST_WAITING", 3)
    release, _ = held(sqlite_db)
    sent = [sqlite_db.submit(put, i) for i in range(3)]
    with pytest.raises(TooBusy, match="没有收下"):
        sqlite_db.submit(put, 3)
    release()
    assert [future.result(10) for future in sent] == [0, 1, 2]


def test_jobs_of_several_loops_each_come_back_to_their_own(sqlite_db: Database) -> None:
    answers: list[int] = []

    async def some(base: int) -> None:
        answers.extend(await asyncio.gather(*(sqlite_db.write(put, base + i) for i in range(50))))

    threads = [threading.Thread(target=lambda base=base: asyncio.run(some(base))) for base in (0, 100, 200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(answers) == sqlite_db.read_now(kept)
    assert len(answers) == 150
