"""Database: the only way from async code to SQL. `write` resolves after the COMMIT, `read` is one snapshot."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import Engine, create_engine

from office.store.bell import Bell
from office.store.postgres import PostgresStore
from office.store.sqlite import SqliteStore, engine_for
from office.store.work import Clock, Work

P = ParamSpec("P")
T = TypeVar("T")


def wall_clock() -> datetime:
    """The machine's clock, in UTC."""
    return datetime.now(UTC)


class Database:
    """One code path on two databases."""

    def __init__(self, store: SqliteStore | PostgresStore, bell: Bell, clock: Clock = wall_clock) -> None:
        self._store = store
        self.bell = bell
        self.now = clock

    @classmethod
    def open(
        cls, url: str, *, clock: Clock = wall_clock, demo: bool = False, allow_unsafe_sqlite: bool = False
    ) -> Self:
        """Open `sqlite:///path` or `postgresql+psycopg://…`; refuses a SQLite that may lose commits."""
        bell = Bell(url)
        if url.startswith("sqlite:///"):
            path = Path(url.removeprefix("sqlite:///"))
            store: SqliteStore | PostgresStore = SqliteStore(
                path, clock, after_commit=bell.ring, demo=demo, allow_unsafe=allow_unsafe_sqlite
            )
        else:
            store = PostgresStore(url, clock, after_commit=bell.ring, demo=demo)
        return cls(store, bell, clock)

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._store.dialect

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations before the first use and for tests."""
        return self._store.writer_engine

    @property
    def reader_engine(self) -> Engine:
        """The reading engine."""
        return self._store.reader_engine

    async def write(self, fn: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(work, *args)` in one transaction; may run twice on PostgreSQL."""
        answer: T = await self._store.write(_bound(fn, kwargs), args)
        return answer

    async def read(self, fn: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `fn(work, *args)` on one read-only snapshot."""
        answer: T = await self._store.read(_bound(fn, kwargs), args)
        return answer

    def submit(self, fn: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queue a write from a plain thread."""
        return self._store.submit(_bound(fn, kwargs), args)

    def write_now(self, fn: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A write for the command line: waits in the calling thread."""
        return self.submit(fn, *args, **kwargs).result()

    def read_now(self, fn: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A read for the command line."""
        answer: T = self._store.read_now(_bound(fn, kwargs), args)
        return answer

    def close(self) -> None:
        """Drain what was accepted, then close; nothing acknowledged is lost. Blocks: `aclose` from async code."""
        self._store.close()
        self.bell.close()

    async def aclose(self) -> None:
        """The same without stopping the event loop."""
        await asyncio.to_thread(self.close)


def reading_engine(url: str) -> Engine:
    """For another process than the server: one snapshot a connection, no write, no checkpoint, no migration."""
    if url.startswith("sqlite:///"):
        return engine_for(Path(url.removeprefix("sqlite:///")), writer=False)
    return create_engine(url).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _bound(fn: Callable[..., T], kwargs: dict[str, object]) -> Callable[..., T]:
    if not kwargs:
        return fn
    return lambda work, *args: fn(work, *args, **kwargs)
