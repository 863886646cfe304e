"""SQLite, the embedded default: one writer thread with group commit, a few readers that cannot write."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool, StaticPool

from office.domain.errors import TooBusy
from office.store.work import Clock, Work

try:  # its SQLite is free of the WAL-reset bug that many distributions still link
    from pysqlite3 import dbapi2 as sqlite_module
except ImportError:
    import sqlite3 as sqlite_module

MOST_IN_BATCH = 64
MOST_WAITING = 10_000
READERS = 4
PRAGMAS = (
    "PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA busy_timeout=10000", "PRAGMA foreign_keys=ON",
    "PRAGMA cache_size=-65536", "PRAGMA mmap_size=268435456", "PRAGMA temp_store=MEMORY",
)  # fmt: skip
Version = tuple[int, int, int]


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


def _engine(path: Path, *, writer: bool) -> Engine:
    mode = "rwc" if writer else "ro"
    target = f"file:{path}?mode={mode}"

    def connect() -> Any:  # noqa: ANN401 - a DB-API connection of either module
        raw = sqlite_module.connect(target, uri=True, check_same_thread=False, isolation_level=None, timeout=10)
        for pragma in PRAGMAS if writer else PRAGMAS[2:]:
            raw.execute(pragma)
        if not writer:
            raw.execute("PRAGMA query_only=1")
        return raw

    if writer:
        engine = create_engine("sqlite://", module=sqlite_module, creator=connect, poolclass=StaticPool)
    else:
        engine = create_engine(
            "sqlite://",
            module=sqlite_module,
            creator=connect,
            poolclass=QueuePool,
            pool_size=READERS + 1,
            max_overflow=0,
        )
    begin = "BEGIN IMMEDIATE" if writer else "BEGIN"

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


class _Job:
    """A use case waiting for the writer, and where its answer goes."""

    __slots__ = ("args", "fn", "future")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.fn = fn
        self.args = args
        self.future: Future[Any] = Future()


class SqliteStore:
    """The writer thread owns every write and every checkpoint; it opens first and closes last."""

    dialect = "sqlite"

    def __init__(
        self, path: Path, clock: Clock, *, after_commit: Callable[[], None], demo: bool, allow_unsafe: bool = False
    ) -> None:
        guard(linked_version(), allow_unsafe=allow_unsafe)
        self.path = path
        self._clock = clock
        self._demo = demo
        self._after_commit = after_commit
        self._jobs: queue.Queue[_Job | None] = queue.Queue(MOST_WAITING)
        self.writer_engine = _engine(path, writer=True)
        with self.writer_engine.connect():  # the file exists before a reader opens it
            pass
        self.reader_engine = _engine(path, writer=False)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="sqlite-reader")
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Future[Any]:
        """Queue a write; the future resolves after the COMMIT. TooBusy when the queue is full."""
        job = _Job(fn, args)
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            raise TooBusy("现在提交的人太多，没有收下这一次。请过一会儿再按一次。") from None
        return job.future

    async def write(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """Run a use case in the writer and wait for its COMMIT."""
        return await asyncio.wrap_future(self.submit(fn, args))

    async def read(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """Run a question on one snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self.read_now, fn, args)

    def read_now(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """The same, in the calling thread."""
        with self.reader_engine.connect() as connection, connection.begin():
            return fn(Work(connection, self._clock(), self.dialect, self._demo), *args)

    def _run(self) -> None:
        with self.writer_engine.connect() as connection:
            while (first := self._jobs.get()) is not None:
                batch = [first]
                stop = False
                while len(batch) < MOST_IN_BATCH and not stop:
                    try:
                        following = self._jobs.get_nowait()
                    except queue.Empty:
                        break
                    if following is None:
                        stop = True
                    else:
                        batch.append(following)
                self._commit(connection, batch)
                if stop:
                    return

    def _commit(self, connection: Connection, batch: list[_Job]) -> None:
        """One COMMIT for the batch; nobody hears of it before."""
        outcomes: list[tuple[_Job, Any, Exception | None]] = []
        try:
            with connection.begin():
                outcomes.extend(self._perform(connection, job) for job in batch)
        except Exception as error:
            outcomes = [(job, None, error) for job in batch]
        else:
            self._after_commit()
        for job, value, failure in outcomes:
            if not job.future.set_running_or_notify_cancel():
                continue  # whoever asked went away; the effect stands
            if failure is not None:
                job.future.set_exception(failure)
            else:
                job.future.set_result(value)

    def _perform(self, connection: Connection, job: _Job) -> tuple[_Job, Any, Exception | None]:
        """Always inside a SAVEPOINT: a job that fails leaves nothing, also when it is alone in its batch."""
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            value = job.fn(Work(connection, self._clock(), self.dialect, self._demo), *job.args)
        except Exception as error:
            connection.exec_driver_sql("ROLLBACK TO job")
            connection.exec_driver_sql("RELEASE job")
            return job, None, error
        connection.exec_driver_sql("RELEASE job")
        return job, value, None

    def close(self) -> None:
        """Drain the queue, then close the readers, then the writer."""
        self._jobs.put(None)
        self._thread.join()
        self._readers.shutdown(wait=True)
        self.reader_engine.dispose()
        self.writer_engine.dispose()
