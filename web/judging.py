"""Judging files of strangers: streamed into an empty folder, judged in a limited child, two at once, nothing kept."""

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import msgspec
from aiohttp import BodyPartReader, web

from office.domain.errors import Invalid, TooBusy
from office.sign.provider import Outcome, Trust, Verdict
from web.judging_entry import FILE, Judged

MOST_BYTES: Final = 50 * 2**20
MOST_SECONDS: Final = 120.0  # for the file to arrive
MEMORY: Final = 1 << 30
CPU: Final = 15
WALL: Final = 30.0
AT_ONCE: Final = 2
MOST_PRESENT: Final = 12
CHUNK: Final = 1 << 16
_ROOT: Final = Path(__file__).resolve().parents[1]
_NO_ANSWER: Final = "这个文件太复杂或已损坏，没能核对完。这不等于文件是假的，请向发文单位核实。"


class Judges:
    """Owns the children; more than a few people waiting are asked to come back."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(AT_ONCE)
        self._present = 0

    async def judge(self, request: web.Request, trust: Trust) -> Judged:
        """The verdict on the file of a multipart form; TooBusy when too many wait, Invalid without a file."""
        if self._present >= MOST_PRESENT:
            raise TooBusy("现在核对的人多，请过一会儿再试。")
        self._present += 1
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="yiwang-judge-"))
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await _receive(request, folder / FILE)
            async with self._places:
                return await _ask(folder, trust)
        except TimeoutError:
            raise Invalid("文件传得太慢，没有收全。请换个网络再试。") from None
        finally:
            self._present -= 1
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


JUDGES: web.AppKey[Judges] = web.AppKey("judges", Judges)


async def _receive(request: web.Request, place: Path) -> None:
    """The first file of the form, never more than a chunk of it in memory."""
    if not request.content_type.startswith("multipart/"):
        raise Invalid("请选一份 PDF 文件。")
    file = await asyncio.to_thread(place.open, "wb")
    size = 0
    try:
        async for chunk in _chunks(request):
            size += len(chunk)
            if size > MOST_BYTES:
                raise Invalid(f"文件超过 {MOST_BYTES // 2**20} MB，这里核对不了。请用 yiwang verify 核对。")
            await asyncio.to_thread(file.write, chunk)
    except (ValueError, LookupError):  # a boundary or a part that is none
        raise Invalid("提交的内容格式不对。请刷新后再传。") from None
    finally:
        await asyncio.to_thread(file.close)
    if not size:
        raise Invalid("没有收到文件。请选一份 PDF。")


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    parts = await request.multipart()
    while (part := await parts.next()) is not None:
        if isinstance(part, BodyPartReader) and part.name == "file":
            while chunk := await part.read_chunk(CHUNK):
                yield chunk
            return


async def _ask(folder: Path, trust: Trust) -> Judged:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-s", "-B", "-m", "web.judging_entry", str(folder), str(MEMORY), str(CPU),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        cwd=folder, env={"PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8"}, start_new_session=True,
    )  # fmt: skip
    try:
        async with asyncio.timeout(WALL):
            data, _ = await process.communicate(msgspec.json.encode(trust))
        return msgspec.json.decode(data, type=Judged)
    except (TimeoutError, msgspec.MsgspecError):
        return Judged(Verdict(Outcome.UNKNOWN, findings=(_NO_ANSWER,)), ())
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()
