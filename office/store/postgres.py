"""PostgreSQL, for several nodes: the same synchronous use cases in a pool of threads."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from office.store.work import Clock, Work

THREADS = 12
TRIES = 5
RETRY = frozenset({"40001", "40P01"})  # serialization failure, deadlock
OPTIONS = "-c idle_in_transaction_session_timeout=30000 -c statement_timeout=30000 -c timezone=UTC"


class PostgresStore:
    """As many threads as connections; a write is READ COMMITTED, a read one REPEATABLE READ snapshot."""

    dialect = "postgresql"

    def __init__(self, url: str, clock: Clock, *, after_commit: Callable[[], None], demo: bool) -> None:
        self._clock = clock
        self._demo = demo
        self._after_commit = after_commit
        self.writer_engine = create_engine(
            url, pool_size=THREADS, max_overflow=0, pool_pre_ping=True, connect_args={"options": OPTIONS}
        )
        self.reader_engine = self.writer_engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="postgres")

    def submit(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Future[Any]:
        """Run a write in a thread; the future resolves after the COMMIT."""
        return self._pool.submit(self._write, fn, args)

    def _write(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        for attempt in range(TRIES):
            try:
                with self.writer_engine.begin() as connection:
                    value = fn(Work(connection, self._clock(), self.dialect, self._demo), *args)
            except DBAPIError as error:
                state = getattr(error.orig, "sqlstate", None)
                if state not in RETRY or attempt == TRIES - 1:
                    raise
                time.sleep(0.01 * 2**attempt)
            else:
                self._after_commit()
                return value
        raise AssertionError  # the last try returned or raised

    async def write(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """Run a use case and wait for its COMMIT."""
        return await asyncio.wrap_future(self.submit(fn, args))

    async def read(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """Run a question on one snapshot."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self.read_now, fn, args)

    def read_now(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        """The same, in the calling thread."""
        with self.reader_engine.connect() as connection, connection.begin():
            return fn(Work(connection, self._clock(), self.dialect, self._demo), *args)

    def close(self) -> None:
        """Let running work end, then the connections go."""
        self._pool.shutdown(wait=True)
        self.writer_engine.dispose()
