"""Blobs: bytes under their SHA-256, in a local folder, in memory or on S3. Blob first, row second.

A local blob is synced, file and folder, before `put` returns: the database may name it from then on.
"""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self
from uuid import uuid4

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from office.domain.errors import Invalid, NotFound

PARTS = "parts"  # uploads under way; what a broken one leaves is swept


@dataclass(frozen=True, slots=True)
class Stored:
    """What came in: SHA-256 in hex, and its size in bytes."""

    hash: str
    size: int


class Blobs:
    """Content-addressed: never overwritten with anything else, so a hash in a row can be trusted for ever."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def open(cls, place: str | Path) -> Self:
        """A folder (made if absent), `memory://`, or `s3://bucket/prefix` with its keys in the environment."""
        text = str(place)
        if text == "memory://":
            return cls(MemoryStore())
        if "://" in text:
            return cls(from_url(text))
        folder = Path(place).resolve()
        (folder / PARTS).mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(folder), folder)

    async def put(self, data: bytes) -> str:
        """Store bytes; returns their SHA-256. Storing them again changes nothing."""
        return await asyncio.to_thread(self.put_now, data)

    def put_now(self, data: bytes) -> str:
        """The same in the calling thread: for the command line and jobs."""
        name = hashlib.sha256(data).hexdigest()
        if not self._renew(name, len(data)):
            obstore.put(self._store, _key(name), data)
            self._sync(_key(name))
        return name

    async def put_stream(self, chunks: AsyncIterable[bytes], *, limit: int) -> Stored:
        """Store while it arrives, hashing on the way; Invalid, and nothing kept, beyond `limit` bytes."""
        part = f"{PARTS}/{uuid4().hex}"
        try:
            stored = await self._receive(part, chunks, limit)
            if await asyncio.to_thread(self._renew, stored.hash, stored.size):
                await obstore.delete_async(self._store, part)
            else:
                await obstore.rename_async(self._store, part, _key(stored.hash))
                await asyncio.to_thread(self._sync, _key(stored.hash))
        except BaseException:
            await self._drop(part)
            raise
        return stored

    async def _receive(self, part: str, chunks: AsyncIterable[bytes], limit: int) -> Stored:
        digest, size = hashlib.sha256(), 0
        async with obstore.open_writer_async(self._store, part) as writer:
            async for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise Invalid(f"文件超过 {limit // 2**20} MB，没有收下。请拆分或压缩后再传。", code="too_large")
                digest.update(chunk)
                await writer.write(chunk)
        return Stored(digest.hexdigest(), size)

    async def _drop(self, part: str) -> None:
        try:
            await obstore.delete_async(self._store, part)
        except (NotFoundError, FileNotFoundError):
            return  # it had not reached the store

    def _renew(self, name: str, size: int) -> bool:
        """Whether it is already there, whole; its age begins anew, so that the sweep spares it.

        Only a local folder can do that in place: elsewhere the same bytes are written again.
        """
        if self._folder is None:
            return False
        path = self._folder / _key(name)
        try:
            if path.stat().st_size != size:
                return False  # cut by a power loss before its sync
            os.utime(path)
        except FileNotFoundError:
            return False
        self._sync(_key(name))  # whoever wrote it may have died before the sync
        return True

    def _sync(self, key: str) -> None:
        """obstore's local store renames but does not sync; a name in a committed row must survive power loss."""
        if self._folder is None:
            return
        path = self._folder / key
        for place in (path, path.parent, path.parent.parent):
            descriptor = os.open(place, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    async def get(self, name: str) -> bytes:
        """The whole blob; NotFound when it is not there."""
        try:
            answer = await obstore.get_async(self._store, _key(name))
            return bytes(await answer.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise NotFound("文件不在存储里。请联系管理员。") from None

    def get_now(self, name: str) -> bytes:
        """The same in the calling thread."""
        try:
            return bytes(obstore.get(self._store, _key(name)).bytes())
        except (NotFoundError, FileNotFoundError):
            raise NotFound("文件不在存储里。请联系管理员。") from None

    async def get_range(self, name: str, start: int, end: int) -> bytes:
        """Bytes [start, end); NotFound when the blob is not there."""
        try:
            return bytes(await obstore.get_range_async(self._store, _key(name), start=start, end=end))
        except (NotFoundError, FileNotFoundError):
            raise NotFound("文件不在存储里。请联系管理员。") from None

    async def size(self, name: str) -> int | None:
        """Its size in bytes, None when it is not there."""
        try:
            return int((await obstore.head_async(self._store, _key(name)))["size"])
        except (NotFoundError, FileNotFoundError):
            return None

    async def exists(self, name: str) -> bool:
        """Whether it is there."""
        return await self.size(name) is not None

    async def sweep(self, known: Collection[str], *, before: datetime) -> tuple[str, ...]:
        """Remove blobs and broken uploads last written before `before` that no row names; returns their names."""
        gone = []
        async for batch in obstore.list(self._store):
            for found in batch:
                name = found["path"].rsplit("/", 1)[-1]
                if found["last_modified"] < before and name not in known and await self._old(found["path"], before):
                    await obstore.delete_async(self._store, found["path"])
                    gone.append(name)
        return tuple(gone)

    async def _old(self, path: str, before: datetime) -> bool:
        """Looked at once more right before it goes: it may have been stored again since it was listed."""
        try:
            return (await obstore.head_async(self._store, path))["last_modified"] < before
        except (NotFoundError, FileNotFoundError):
            return False


def _key(name: str) -> str:
    if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
        raise NotFound("文件编号不对。")
    return f"{name[:2]}/{name}"
