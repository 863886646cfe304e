"""PostgreSQL, for several nodes: the same synchronous use cases in a pool of threads."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import DBAPIError

from office.domain.errors import TooBusy
from office.store.work import Clock, Unconfirmed, Work

THREADS = 12
TRIES = 6
MOST_WAITING = 2_000
RETRY = frozenset({"40001", "40P01"})  # serialization failure, deadlock: PostgreSQL promises nothing was done
# A long transaction holds everybody's tail back; statements and idle transactions are cut.
OPTIONS = "-c idle_in_transaction_session_timeout=30000 -c statement_timeout=30000 -c timezone=UTC"
Fn = Callable[..., Any]
Args = tuple[Any, ...]


class PostgresStore:
    """As many threads as connections; a write is READ COMMITTED, a read one REPEATABLE READ snapshot."""

    dialect = "postgresql"

    def __init__(self, url: str, clock: Clock, *, after_commit: Callable[[], None], demo: bool) -> None:
        self._clock = clock
        self._demo = demo
        self._after_commit = after_commit
        self._room = threading.Semaphore(MOST_WAITING)
        # One connection more than threads: the command line works in its own thread.
        self.writer_engine = create_engine(
            url, pool_size=THREADS + 1, max_overflow=0, connect_args={"options": OPTIONS}
        )
        self.reader_engine = self.writer_engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="postgres")

    def submit(self, fn: Fn, args: Args) -> Future[Any]:
        """Run a write in a thread; the future resolves after the COMMIT. TooBusy when too many wait."""
        return self._queue(self._write, fn, args)

    def _queue(self, run: Callable[[Fn, Args], Any], fn: Fn, args: Args) -> Future[Any]:
        if not self._room.acquire(blocking=False):
            raise TooBusy("现在提交的人太多，没有收下这一次。请过一会儿再按一次。")
        try:
            future = self._pool.submit(run, fn, args)
        except RuntimeError:
            self._room.release()
            raise TooBusy("系统正在停止，没有收下这一次。请过一会儿再试。") from None
        future.add_done_callback(lambda _: self._room.release())
        return future

    def _write(self, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        work, value = _again(lambda: self._transact(fn, args))
        if work.recorded:
            self._after_commit()
        return value

    def _transact(self, fn: Fn, args: Args) -> tuple[Work, Any]:
        with self.writer_engine.connect() as connection:
            transaction = connection.begin()
            work = Work(connection, self._clock(), self.dialect, self._demo)
            try:
                value = fn(work, *args)
            except BaseException:
                transaction.rollback()
                raise
            try:
                transaction.commit()
            except DBAPIError as error:
                if _state(error) in RETRY:
                    raise
                raise Unconfirmed from error
            return work, value

    async def write(self, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        """Run a use case and wait for its COMMIT; cancelling the wait does not undo it."""
        return await asyncio.shield(asyncio.wrap_future(self.submit(fn, args)))

    async def read(self, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        """Run a question on one snapshot."""
        return await asyncio.wrap_future(self._queue(self.read_now, fn, args))

    def read_now(self, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        """The same, in the calling thread."""
        return _again(lambda: self._look(self.reader_engine, fn, args))

    def _look(self, engine: Engine, fn: Fn, args: Args) -> Any:  # noqa: ANN401
        with engine.connect() as connection, connection.begin():
            return fn(Work(connection, self._clock(), self.dialect, self._demo), *args)

    def close(self) -> None:
        """Let what was accepted end, then the connections go."""
        self._pool.shutdown(wait=True)
        self.writer_engine.dispose()


def _state(error: DBAPIError) -> str | None:
    state: str | None = getattr(error.orig, "sqlstate", None)
    return state


def _again(run: Callable[[], Any]) -> Any:  # noqa: ANN401
    """Run, and run again what PostgreSQL surely did not do: a conflict, or a connection lost before the COMMIT."""
    for attempt in range(TRIES - 1):
        try:
            return run()
        except DBAPIError as error:
            if _state(error) not in RETRY and not error.connection_invalidated:
                raise
        time.sleep(0.01 * 2**attempt)
    return run()
