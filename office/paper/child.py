"""The parent of the limited children: one process a file, few at once, a short queue, no file left behind."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import msgspec

from office.domain.errors import RefusedFile, TooBusy
from office.paper.reading_result import MOST_ANSWER, Answer, Reading, Request

__all__ = ["Limits", "Readers", "Reading"]

FILE: Final = "file"
_ROOT: Final = Path(__file__).resolve().parents[2]  # where the package `office` lies
_TOO_LONG = "文件太复杂，检查没能在限定时间内做完，没有收下。请拆成几个文件，或用 Word、WPS 另存后再传。"
_FAILED = "文件读不懂，没有收下。请用 Word 或 WPS 另存后再传。"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one child may use."""

    memory: int = 512 << 20  # bytes of address space
    cpu: int = 10  # seconds of processor time
    wall: float = 20.0  # seconds until its group is killed


@dataclass(slots=True)
class _Child:
    """A started process and its own empty folder."""

    process: asyncio.subprocess.Process
    folder: Path

    async def end(self) -> None:
        """Kill the whole group, reap it, remove the folder."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
        await self.process.communicate()
        await asyncio.to_thread(shutil.rmtree, self.folder, ignore_errors=True)


class Readers:
    """Owns the children. One waits warmed up, so that a person does not wait for imports.

    `folder` is where files lie while they are read; nobody else keeps anything in it.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        folder: Path | None = None,
        at_once: int = 2,
        waiting: int = 16,
        spare: bool = True,
    ) -> None:
        self._limits = limits or Limits()
        self._folder = folder
        self._places = asyncio.Semaphore(at_once)
        self._most = at_once + waiting
        self._present = 0
        self._keeps_spare = spare
        self._spare: _Child | None = None
        self._refill: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Remove what a killed server left, and start the spare child."""
        if self._folder is not None:
            await asyncio.to_thread(_empty, self._folder)
        await self._stock()

    async def _stock(self) -> None:
        if self._keeps_spare and self._spare is None:
            self._spare = await self._start("warm")

    async def close(self) -> None:
        """End the spare child; readings under way end with their callers."""
        self._keeps_spare = False
        if self._refill is not None:
            await self._refill
        if self._spare is not None:
            await self._spare.end()
            self._spare = None

    async def read_file(self, source: bytes | Path | AsyncIterable[bytes], name: str, *, draft: bool = True) -> Reading:
        """Read one file in a child; RefusedFile with rule and sentence, TooBusy when the queue is full."""
        if self._present >= self._most:
            raise TooBusy("现在上传的人多，请过一会儿再传。您的文件没有丢，还在您的电脑上。")
        self._present += 1
        try:
            async with self._places:
                return await self._read(source, Request(name, draft))
        finally:
            self._present -= 1

    async def _read(self, source: bytes | Path | AsyncIterable[bytes], request: Request) -> Reading:
        child = await self._take()
        try:
            await _put(child.folder / FILE, source)
            found = await self._ask(child, request)
        finally:
            await child.end()
            self._restock()
        if found.reading is not None:
            return found.reading
        refusal = found.refusal
        if refusal is None:
            _fail("child_answer", _FAILED)
        raise RefusedFile(refusal.sentence, rule=refusal.rule, fix=refusal.fix)

    async def _take(self) -> _Child:
        spare, self._spare = self._spare, None
        if spare is not None and spare.process.returncode is None:
            return spare
        if spare is not None:
            await spare.end()
        starting = asyncio.create_task(self._start())
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await (await starting).end()  # the caller went away while it started
            raise

    def _restock(self) -> None:
        if self._keeps_spare and self._spare is None and (self._refill is None or self._refill.done()):
            self._refill = asyncio.create_task(self._stock())

    async def _start(self, *how: str) -> _Child:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="yiwang-read-", dir=self._folder))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-s", "-B", "-m", "office.paper.child_entry",
            str(folder), str(self._limits.memory), str(self._limits.cpu), *how,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            cwd=folder, env={"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8"}, start_new_session=True,
            limit=MOST_ANSWER,
        )  # fmt: skip
        return _Child(process, folder)

    async def _ask(self, child: _Child, request: Request) -> Answer:
        try:
            async with asyncio.timeout(self._limits.wall):
                data = await _exchange(child.process, request)
                code = await child.process.wait()
        except TimeoutError:
            _fail("child_wall", _TOO_LONG)
        if code in (-signal.SIGXCPU, -signal.SIGKILL):
            _fail("child_cpu", _TOO_LONG)
        try:
            return msgspec.json.decode(data, type=Answer)
        except msgspec.MsgspecError:
            _fail("child_crash", _FAILED)


def _fail(rule: str, sentence: str) -> NoReturn:
    raise RefusedFile(sentence, rule=rule)


async def _exchange(process: asyncio.subprocess.Process, request: Request) -> bytes:
    """One line in, everything out up to the bound."""
    if process.stdin is None or process.stdout is None:
        _fail("child_crash", _FAILED)
    with contextlib.suppress(ConnectionError):
        process.stdin.write(msgspec.json.encode(request) + b"\n")
        await process.stdin.drain()
        process.stdin.close()
    pieces: list[bytes] = []
    size = 0
    while piece := await process.stdout.read(1 << 16):
        size += len(piece)
        if size > MOST_ANSWER:
            _fail("answer_size", _FAILED)
        pieces.append(piece)
    return b"".join(pieces)


async def _put(place: Path, source: bytes | Path | AsyncIterable[bytes]) -> None:
    """The file into the child's folder, never more than a chunk of it in memory."""
    match source:
        case bytes():
            await asyncio.to_thread(place.write_bytes, source)
        case Path():
            await asyncio.to_thread(_link, source, place)
        case _:
            file = await asyncio.to_thread(place.open, "wb")
            try:
                async for chunk in source:
                    await asyncio.to_thread(file.write, chunk)
            finally:
                await asyncio.to_thread(file.close)


def _empty(folder: Path) -> None:
    """Make the folder, without anything in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.iterdir():
        shutil.rmtree(left, ignore_errors=True)


def _link(source: Path, place: Path) -> None:
    """A second name for the same bytes; a copy where the folders lie on different disks."""
    try:
        place.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, place)
