"""The bell: it says only "look". It may be lost or ring twice; nobody relies on it, everybody polls besides."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg

COALESCE = 0.02  # seconds; one NOTIFY at most in that time, outside every business transaction
AGAIN = 1.0  # seconds until a lost connection is tried again; meanwhile everybody polls
CHANNEL = "yiwang_bell"


class Bell:
    """Wakes readers in this process, and on PostgreSQL those of other nodes."""

    def __init__(self, url: str) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._rung = threading.Event()
        self._conninfo = url.replace("postgresql+psycopg://", "postgresql://", 1) if "postgresql" in url else ""
        self._threads: dict[str, threading.Thread] = {}

    def ring(self) -> None:
        """Something was committed."""
        self._wake()
        if self._conninfo:
            self._rung.set()
            self._start("bell-teller", self._tell)

    def _wake(self) -> None:
        with self._lock:
            waiting = tuple(self._waiting)
        for loop, heard in waiting:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(heard.set)

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        """An event that is set at each ring; clear it *before* looking, else a ring in between is lost."""
        heard = asyncio.Event()
        pair = (asyncio.get_running_loop(), heard)
        with self._lock:
            self._waiting.add(pair)
        if self._conninfo:
            self._start("bell-hearer", self._hear)
        try:
            yield heard
        finally:
            with self._lock:
                self._waiting.discard(pair)

    async def wait(self, seconds: float) -> None:
        """Until it rings, or that long."""
        with self.listening() as heard:
            await waited(heard, seconds)

    def _start(self, name: str, run: Callable[[psycopg.Connection], None]) -> None:
        """Threads and connections only for those who ring or listen."""
        if name in self._threads:
            return
        with self._lock:
            if name in self._threads or self._stop.is_set():
                return
            thread = threading.Thread(target=self._connected, args=(run,), name=name, daemon=True)
            self._threads[name] = thread
            thread.start()

    def _connected(self, run: Callable[[psycopg.Connection], None]) -> None:
        while not self._stop.is_set():
            with suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as connection:
                run(connection)
            self._stop.wait(AGAIN)

    def _tell(self, connection: psycopg.Connection) -> None:
        while not self._stop.is_set():
            self._rung.wait()
            self._rung.clear()
            connection.execute(f"NOTIFY {CHANNEL}")
            self._stop.wait(COALESCE)

    def _hear(self, connection: psycopg.Connection) -> None:
        connection.execute(f"LISTEN {CHANNEL}")
        while not self._stop.is_set():
            for _ in connection.notifies(timeout=0.1, stop_after=1):
                self._wake()

    def close(self) -> None:
        """Stop telling and hearing."""
        self._stop.set()
        self._rung.set()
        for thread in self._threads.values():
            thread.join(timeout=2)


async def waited(heard: asyncio.Event, seconds: float) -> None:
    """Until the event is set, or that long."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await heard.wait()
