"""Files in: streamed to a folder of their own, hashed on the way, checked in a limited child, only then stored.

A refused file never reaches the blob store: its folder goes, its hash, size and rule stay in the log.
"""

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from office.domain.errors import Invalid, RefusedFile
from office.domain.people import Actor
from office.paper.intake import Intake
from office.paper.reading_result import Reading
from office.service import access, drafting, vouching
from office.store.work import Work
from web.keys import actor, blobs, db, readers, services

LIMIT = 100 << 20  # bytes of one file
CHUNK = 64 << 10
LONGEST_NAME = 255  # bytes
LONGEST_FIELD = 4 << 10  # bytes of a text field beside the file
MOST_PARTS = 10
SLOWEST = 600.0  # seconds for the whole body
NAME_HEADER = "X-File-Name"  # percent-encoded, for a body that is the file itself
REASON = "confirmed_reason"
FILE = "file"
INCOMING = "incoming"  # folder in the data, emptied at each start (Readers.open)


@dataclass(slots=True)
class Received:
    """A body on our disk: where, what it is called, its hash; and why a person vouches for it."""

    path: Path
    name: str = ""
    hash: str = ""
    size: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that passed and is in the blob store."""

    upload: drafting.Upload
    reading: Reading


async def take_draft_file(request: web.Request, *, confirmed_reason: str = "") -> tuple[int, Intake]:
    """The upload's id and the draft read from it. RefusedFile, or Invalid asking for a reason (soft mark)."""
    checked = await receive(request, draft=True, confirmed_reason=confirmed_reason)
    intake = checked.reading.intake
    if intake is None:
        raise Invalid("文件里读不出公文。请传 Word（.docx）或 PDF。")
    upload_id = await db(request).write(drafting.keep_upload, checked.upload, actor(request))
    return upload_id, intake


async def take_attachment(request: web.Request, document_id: int, *, confirmed_reason: str = "") -> None:
    """Check a file and attach it to the actor's draft; nothing is read before the draft is known to be his."""
    by = actor(request)
    await db(request).read(_own_draft, document_id, by)
    checked = await receive(request, draft=False, confirmed_reason=confirmed_reason, document_id=document_id)
    file = checked.upload
    command = drafting.Attach(document_id, file.name, file.blob, file.size, file.media, file.pages)
    await db(request).write(drafting.attach, command, by)


def _own_draft(work: Work, document_id: int, by: Actor) -> None:
    access.own_draft(work, document_id, by=by)


async def receive(
    request: web.Request, *, draft: bool, confirmed_reason: str = "", document_id: int | None = None
) -> Checked:
    """Stream the body in, check it in a child, store it. A refusal is logged; a soft mark needs a reason."""
    async with _own_folder(services(request).config.data) as folder:
        got = Received(folder / FILE, reason=confirmed_reason)
        try:
            async with asyncio.timeout(SLOWEST):
                await _take_body(request, got)
        except TimeoutError:
            raise Invalid("文件传得太慢，没有收下。请换个网络再传。", code="too_slow") from None
        if not got.size:
            raise Invalid("没有收到文件。请选择文件后再传。", code="no_file")
        reading = await _check(request, got, draft=draft)
        if reading.question is not None:
            await _vouched(request, got, reading, document_id)
        stored = await blobs(request).put_stream(_chunks(got.path), limit=LIMIT)
    upload = drafting.Upload(got.name, stored.hash, stored.size, reading.media.value, reading.pages)
    return Checked(upload, reading)


async def _check(request: web.Request, got: Received, *, draft: bool) -> Reading:
    try:
        return await readers(request).read_file(got.path, got.name, draft=draft)
    except RefusedFile as refused:
        log = drafting.Refused(got.hash, got.size, refused.rule)
        await db(request).write(drafting.log_refused, log, actor(request))
        raise


async def _vouched(request: web.Request, got: Received, reading: Reading, document_id: int | None) -> None:
    question = reading.question
    if question is None:
        return
    if not got.reason.strip():
        raise Invalid(question.sentence, code="confirm_mark", fix="写明不涉密的理由")
    command = vouching.Vouch(got.hash, question.rule, question.where, got.reason, document_id)
    await db(request).write(vouching.vouch, command, actor(request))


@asynccontextmanager
async def _own_folder(data: Path) -> AsyncIterator[Path]:
    """A folder for one upload, on the disk of the data; gone at the end, whatever happened."""
    place = data / INCOMING
    await asyncio.to_thread(place.mkdir, parents=True, exist_ok=True)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=place))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _take_body(request: web.Request, got: Received) -> None:
    if request.content_type == "multipart/form-data":
        try:
            await _take_parts(request, got)
        except (ValueError, LookupError):  # a boundary or a part that is none
            raise Invalid("提交的内容格式不对。请刷新后再传。") from None
        return
    got.name = _clean_name(request.headers.get(NAME_HEADER, "") or request.query.get("name", ""))
    await _write(request.content.iter_chunked(CHUNK), got)


async def _take_parts(request: web.Request, got: Received) -> None:
    """Text fields are few and short; one part is the file."""
    seen = 0
    async for part in await request.multipart():
        seen += 1
        if not isinstance(part, BodyPartReader) or seen > MOST_PARTS:
            raise Invalid("提交的内容格式不对。请刷新后再传。")
        if part.filename is not None:
            if got.name:
                raise Invalid("一次只能传一个文件。请逐个上传。")
            got.name = _clean_name(part.filename)
            await _write(_part_chunks(part), got)
        else:
            text = await _short(part)
            if part.name == REASON:
                got.reason = text


async def _part_chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(CHUNK):
        yield bytes(chunk)


async def _short(part: BodyPartReader) -> str:
    data = b""
    async for chunk in _part_chunks(part):
        data += chunk
        if len(data) > LONGEST_FIELD:
            raise Invalid("填写的内容太长。请缩短。")
    return data.decode("utf-8", "replace").strip()


async def _write(chunks: AsyncIterator[bytes], got: Received) -> None:
    """To our disk, counting and hashing."""
    digest = hashlib.sha256()
    file = await asyncio.to_thread(got.path.open, "wb")
    try:
        async for chunk in chunks:
            got.size += len(chunk)
            if got.size > LIMIT:
                raise Invalid(f"文件超过 {LIMIT >> 20} MB，没有收下。请拆分或压缩后再传。", code="too_large")
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
    got.hash = digest.hexdigest()


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, 1 << 20):
            yield chunk
    finally:
        await asyncio.to_thread(file.close)


def _clean_name(name: str) -> str:
    """The last step of a path, without control characters, cut to what we keep; data only, never a path of ours.

    Programs send it percent-encoded, browsers as it is: both end up as the name that people read.
    """
    last = unquote(name).replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if c.isprintable()).strip() or "未命名"
    return shown.encode()[:LONGEST_NAME].decode("utf-8", "ignore")
