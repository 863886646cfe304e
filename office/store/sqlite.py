"""SQLite, the embedded default: one writer thread with group commit, a few readers that cannot write."""

import asyncio
import importlib
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from office.domain.errors import TooBusy
from office.store.work import Clock, Unconfirmed, Work


def _module() -> Any:  # noqa: ANN401 - a DB-API module
    """pysqlite3 where there is one: its SQLite is free of the WAL-reset bug that many distributions still link."""
    with suppress(ImportError):
        return importlib.import_module("pysqlite3.dbapi2")
    return sqlite3


sqlite_module = _module()
MOST_IN_BATCH = 64
MOST_WAITING = 10_000
READERS = 4
# Prepared statements a connection keeps. pysqlite3 keeps the most used ones and drops the newcomer: with its default of
# 100 the statements of a migration fill it for good, and each later statement is parsed again every time it runs.
STATEMENTS = 1_000
# recursive_triggers: without it REPLACE would delete history rows past the trigger that forbids it.
PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA busy_timeout=10000", "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536", "PRAGMA mmap_size=268435456", "PRAGMA temp_store=MEMORY",
    "PRAGMA recursive_triggers=ON",
)  # fmt: skip
Version = tuple[int, int, int]
Fn = Callable[..., Any]
Args = tuple[Any, ...]


class UnsafeSqlite(RuntimeError):
    """The linked SQLite can lose acknowledged commits."""


def safe(version: Version) -> bool:
    """Whether a version is free of the WAL-reset bug (3.7.0 to 3.51.2; fixed in 3.51.3, 3.50.7, 3.44.6)."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def linked_version() -> Version:
    """The SQLite library this process really uses."""
    major, minor, patch = sqlite_module.sqlite_version.split(".")[:3]
    return int(major), int(minor), int(patch)


def guard(version: Version, *, allow_unsafe: bool) -> None:
    """Refuse a file database on an unsafe library, and say the way out."""
    if not safe(version) and not allow_unsafe:
        shown = ".".join(map(str, version))
        raise UnsafeSqlite(
            f"SQLite {shown} 有可能丢失已确认的提交（WAL-reset 缺陷，3.51.3 起修复）。"
            "请安装 pysqlite3 0.6.1 以上，或改用 PostgreSQL；仅演示时可设 allow_unsafe_sqlite。"
        )


def engine_for(path: Path, *, writer: bool) -> Engine:
    """The one writing engine of a file, or one that can neither write nor checkpoint: safe beside a running server."""
    target = f"file:{quote(str(path))}?mode={'rwc' if writer else 'ro'}"

    def connect() -> Any:  # noqa: ANN401 - a DB-API connection of either module
        raw = sqlite_module.connect(
            target, uri=True, check_same_thread=False, isolation_level=None, timeout=10, cached_statements=STATEMENTS
        )
        for pragma in PRAGMAS if writer else (*PRAGMAS[2:], "PRAGMA query_only=1"):
            raw.execute(pragma)
        return raw

    engine = create_engine("sqlite://", module=sqlite_module, creator=connect, poolclass=QueuePool)
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("own_begin"):
            connection.exec_driver_sql(begin)

    return engine


class _Lane:
    """A connection for life. SQLAlchemy sees one endless transaction; BEGIN and COMMIT go straight to the driver,

    which spares every job the pool, the reset and three passes through the event system.
    """

    __slots__ = ("connection", "raw")

    def __init__(self, engine: Engine) -> None:
        self.connection = engine.connect().execution_options(own_begin=True)
        self.connection.begin()
        self.raw: Any = self.connection.connection.dbapi_connection

    def rollback(self) -> None:
        """Leave whatever transaction is open."""
        if self.raw.in_transaction:
            self.raw.execute("ROLLBACK")


class _Job:
    """A use case waiting for the writer, and where its answer goes."""

    __slots__ = ("args", "fn", "future", "loop")

    def __init__(self, fn: Fn, args: Args, loop: asyncio.AbstractEventLoop | None) -> None:
        self.fn = fn
        self.args = args
        self.loop = loop
        self.future: Any = Future() if loop is None else loop.create_future()


_Outcome = tuple[_Job, Any, BaseException | None]


class SqliteStore:
    """The writer thread owns every write and every checkpoint; it opens first and closes last."""

    dialect = "sqlite"

    def __init__(
        self, path: Path, clock: Clock, *, after_commit: Callable[[], None], demo: bool, allow_unsafe: bool = False
    ) -> None:
        guard(linked_version(), allow_unsafe=allow_unsafe)
        self._clock = clock
        self._demo = demo
        self._after_commit = after_commit
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self.writer_engine = engine_for(path, writer=True)
        self._writer = _Lane(self.writer_engine)  # the file exists before a reader opens it
        self.reader_engine = engine_for(path, writer=False)
        self._idle: queue.SimpleQueue[_Lane | None] = queue.SimpleQueue()
        for _ in range(READERS):
            self._idle.put(None)  # a reader opens its connection at its first question
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def _put(self, fn: Fn, args: Args, loop: asyncio.AbstractEventLoop | None) -> Any:  # noqa: ANN401
        if self._closed:
            raise TooBusy("系统正在停止，没有收下这一次。请过一会儿再试。")
        if self._jobs.qsize() >= MOST_WAITING:
            raise TooBusy("现在提交的人太多，没有收下这一次。请过一会儿再按一次。")
        job = _Job(fn, args, loop)
        self._jobs.put(job)
        return job.future

    def submit(self, fn: Fn, args: Args) -> Future[Any]:
        """Queue a write; the future resolves after the COMMIT. TooBusy when the queue is full."""
        future: Future[Any] = self._put(fn, args, None)
        return future

    async def write(self, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        """Run a use case in the writer and wait for its COMMIT; cancelling the wait does not undo it."""
        return await self._put(fn, args, asyncio.get_running_loop())

    async def read(self, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        """Run a question on one snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, fn, args)

    def read_now(self, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        """The same, in the calling thread."""
        lane = self._idle.get()
        try:
            lane = lane or _Lane(self.reader_engine)
            lane.raw.execute("BEGIN")
            return fn(Work(lane.connection, self._clock(), self.dialect, self._demo), *args)
        finally:
            if lane is not None:
                lane.rollback()
            self._idle.put(lane)

    def _run(self) -> None:
        stop = False
        while not stop:
            batch, stop = self._next()
            if batch:
                _answer(self._commit(batch))

    def _next(self) -> tuple[list[_Job], bool]:
        """What waits, at most one batch of it; True when this was the last."""
        batch: list[_Job] = []
        first = self._jobs.get()
        if first is None:
            return batch, True
        batch.append(first)
        while len(batch) < MOST_IN_BATCH:
            try:
                following = self._jobs.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return batch, True
            batch.append(following)
        return batch, False

    def _commit(self, batch: list[_Job]) -> list[_Outcome]:
        """One COMMIT for the batch; nobody hears of it before. When it fails, everybody in it hears that."""
        lane = self._writer
        recorded = False
        try:
            lane.raw.execute("BEGIN IMMEDIATE")
            outcomes = []
            for job in batch:
                work = Work(lane.connection, self._clock(), self.dialect, self._demo)
                outcomes.append(self._perform(lane.raw, job, work))
                recorded = recorded or work.recorded
            lane.raw.execute("COMMIT")
        except BaseException as error:
            with suppress(Exception):
                lane.rollback()
            return [(job, None, _unconfirmed(error)) for job in batch]
        if recorded:
            self._after_commit()
        return outcomes

    @staticmethod
    def _perform(raw: Any, job: _Job, work: Work) -> _Outcome:  # noqa: ANN401
        """Always inside a SAVEPOINT: a job that fails leaves nothing, also when it is alone in its batch."""
        raw.execute("SAVEPOINT job")
        value, failure = None, None
        try:
            value = job.fn(work, *job.args)
        except BaseException as error:
            failure = error
            # Raises when SQLite itself gave up the whole transaction (disk full): then nobody was saved.
            raw.execute("ROLLBACK TO job")
        raw.execute("RELEASE job")
        return job, value, failure

    def close(self) -> None:
        """Drain the queue; the readers close before the writer, so that the writer makes the last checkpoint."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._readers.shutdown(wait=True)
        for _ in range(READERS):
            if (lane := self._idle.get()) is not None:
                lane.connection.close()
        self.reader_engine.dispose()
        self._writer.connection.close()
        self.writer_engine.dispose()


def _unconfirmed(error: BaseException) -> Unconfirmed:
    failure = Unconfirmed()
    failure.__cause__ = error
    return failure


def _answer(outcomes: Iterable[_Outcome]) -> None:
    """Resolve the futures: those of each event loop by one call into it."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        job = outcome[0]
        if job.loop is not None:
            by_loop.setdefault(job.loop, []).append(outcome)
        elif job.future.set_running_or_notify_cancel():
            _resolve(outcome)
    for loop, some in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed: nobody waits any more, the effect stands
            loop.call_soon_threadsafe(_resolve_all, some)


def _resolve_all(outcomes: Iterable[_Outcome]) -> None:
    for outcome in outcomes:
        if not outcome[0].future.done():
            _resolve(outcome)


def _resolve(outcome: _Outcome) -> None:
    job, value, failure = outcome
    if failure is not None:
        job.future.set_exception(failure)
    else:
        job.future.set_result(value)
