"""One media worker as a child process: started with a token of its own, ended with its parent."""

import asyncio
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

READY_WITHIN: Final = 20.0  # seconds from start to the line that says where it listens
END_WITHIN: Final = 3.0  # seconds until a worker that was asked to end is killed
_ROOT: Final = Path(__file__).resolve().parents[2]  # where the package `rtc` lies


class Ready(msgspec.Struct, frozen=True):
    """The one line a worker writes to its standard output."""

    control: int  # TCP port of the link, on the loopback address
    udp: int


class WorkerProcess:
    """Starts `python -m rtc.media` again and again, one life at a time."""

    def __init__(self, *, host: str, bind: str, port: int) -> None:
        self._where = ("--host", host, "--bind", bind, "--port", str(port))
        self._child: asyncio.subprocess.Process | None = None
        self.token = ""

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self) -> int:
        """Start it and wait until it listens; the port of its control link. TimeoutError or ValueError when not."""
        self.token = secrets.token_urlsafe(32)
        file = await asyncio.to_thread(_write, self.token)
        try:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable, "-P", "-s", "-m", "rtc.media", *self._where, "--token-file", str(file),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd="/", start_new_session=True,
                env={"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8", "PATH": os.environ.get("PATH", "")},
            )  # fmt: skip
            return await self._listening()
        finally:
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def _listening(self) -> int:
        assert self._child is not None
        assert self._child.stdout is not None
        async with asyncio.timeout(READY_WITHIN):
            line = await self._child.stdout.readline()
        return msgspec.json.decode(line, type=Ready).control

    def kill(self) -> None:
        """End it at once; whoever keeps it notices."""
        if self._child is not None and self._child.returncode is None:
            with suppress(ProcessLookupError):
                self._child.kill()

    async def end(self) -> None:
        """Ask it to end by closing its standard input, kill it if it does not, and reap it."""
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        child.stdin.close()
        try:
            async with asyncio.timeout(END_WITHIN):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()


def _write(token: str) -> Path:
    handle, name = tempfile.mkstemp(prefix="yiwang-media-")  # readable by us alone
    with os.fdopen(handle, "w") as file:
        file.write(token)
    return Path(name)
