"""The bell: it says only "look". It may be lost or ring twice; nobody relies on it, everybody polls besides."""

import asyncio
import threading
from contextlib import suppress

import psycopg

COALESCE = 0.02  # seconds; one NOTIFY at most in that time, outside every business transaction
CHANNEL = "yiwang_bell"


class Bell:
    """Wakes readers in this process, and on PostgreSQL those of other nodes."""

    def __init__(self, url: str) -> None:
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._rung = threading.Event()
        self._conninfo = url.replace("postgresql+psycopg://", "postgresql://", 1) if "postgresql" in url else ""
        self._threads: list[threading.Thread] = []
        if self._conninfo:
            for target in (self._tell_others, self._hear_others):
                thread = threading.Thread(target=target, name="bell", daemon=True)
                self._threads.append(thread)
                thread.start()

    def ring(self) -> None:
        """Something was committed."""
        self._wake()
        if self._conninfo:
            self._rung.set()

    def _wake(self) -> None:
        with self._lock:
            waiting = tuple(self._waiting)
        for loop, heard in waiting:
            with suppress(RuntimeError):  # the loop was closed meanwhile
                loop.call_soon_threadsafe(heard.set)

    async def wait(self, seconds: float) -> None:
        """Until it rings, or that long."""
        heard = asyncio.Event()
        pair = (asyncio.get_running_loop(), heard)
        with self._lock:
            self._waiting.add(pair)
        try:
            async with asyncio.timeout(seconds):
                await heard.wait()
        except TimeoutError:
            pass
        finally:
            with self._lock:
                self._waiting.discard(pair)

    def _tell_others(self) -> None:
        with suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as connection:
            while not self._stop.is_set():
                if self._rung.wait(0.2):
                    self._rung.clear()
                    connection.execute(f"NOTIFY {CHANNEL}")
                    self._stop.wait(COALESCE)

    def _hear_others(self) -> None:
        with suppress(psycopg.Error), psycopg.connect(self._conninfo, autocommit=True) as connection:
            connection.execute(f"LISTEN {CHANNEL}")
            while not self._stop.is_set():
                for _ in connection.notifies(timeout=0.2, stop_after=1):
                    self._wake()

    def close(self) -> None:
        """Stop telling and hearing."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=2)
