"""The ZIP container, read once in a stream: every limit is counted while reading, no header is believed."""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from office.paper.guard import refuse

MOST_ENTRIES: Final = 2_000
MOST_BYTES: Final = 100 << 20  # inflated, of all entries
MOST_ENTRY_BYTES: Final = 50 << 20
MOST_TEXT_BYTES: Final = 16 << 20  # of one XML part
MOST_DIRECTORY_BYTES: Final = 2 << 20
MOST_RATIO: Final = 100
RATIO_FROM: Final = 256 << 10  # a small part of blanks harms nobody, whatever its ratio
CHUNK: Final = 64 << 10

_TEXT = (".xml", ".rels", ".vml")
_NESTED_NAMES = (".zip", ".rar", ".7z", ".gz", ".tar", ".jar", ".docx", ".xlsx", ".pptx", ".docm", ".xlsm", ".ofd")
_NESTED_MAGIC = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08")
_TOO_BIG = "文件展开后过大，像是“压缩炸弹”，没有收下。请另存后再传；内容确实多的，请拆成几个文件。"
_BROKEN = "文件损坏，打不开。请重新保存后再传。"

Sink = Callable[[bytes], object]


def is_text(name: str) -> bool:
    """Whether an entry is an XML part."""
    return name.lower().endswith(_TEXT)


def entries(path: Path) -> zipfile.ZipFile:
    """The archive, its directory checked: number, names, links, encryption, methods."""
    _check_directory(path)
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        refuse("zip_broken", _BROKEN)
    seen: set[str] = set()
    for info in archive.infolist():
        _check_entry(info)
        key = info.filename.lower()
        if key in seen:
            refuse("zip_duplicate", "文件里有两个同名部分，不同软件会看到不同内容，没有收下。请另存后再传。")
        seen.add(key)
    return archive


def _check_directory(path: Path) -> None:
    """Read the end record by hand: `zipfile` would load a directory of any length."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        refuse("zip_broken", _BROKEN)
    count, directory = struct.unpack("<HI", tail[at + 10 : at + 16])
    if count > MOST_ENTRIES or directory > MOST_DIRECTORY_BYTES:
        refuse("zip_entries", f"文件里的部分超过 {MOST_ENTRIES} 个，没有收下。请另存后再传。")


def _check_entry(info: zipfile.ZipInfo) -> None:
    name = info.orig_filename
    if name.startswith("/") or "\\" in name or ":" in name or "\x00" in name or ".." in name.split("/"):
        refuse("zip_name", "文件里有越界的路径，没有收下。请用 Word 或 WPS 另存后再传。")
    if info.flag_bits & 0x41:
        refuse("encrypted", "文件里有加密的部分，没有收下。请去掉密码后再传。")
    if stat.S_ISLNK(info.external_attr >> 16):
        refuse("zip_link", "文件里有指向别处的链接，没有收下。请用 Word 或 WPS 另存后再传。")
    if name.lower().endswith(_NESTED_NAMES) and not name.lower().startswith("word/embeddings/"):
        refuse("zip_nested", "文件里套着别的压缩包或文档，没有收下。请把它们作为附件分别上传。")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refuse("zip_method", "文件的压缩方式不常见，没有收下。请用 Word 或 WPS 另存后再传。")


def pour(archive: zipfile.ZipFile, sink_for: Callable[[str], Sink | None]) -> None:
    """Read every entry to its end, counting; XML parts go chunk by chunk to the sink made for them."""
    total = 0
    for info in archive.infolist():
        sink = sink_for(info.filename)
        for chunk in _chunks(archive, info):
            total += len(chunk)
            if total > MOST_BYTES:
                refuse("zip_total", _TOO_BIG)
            if sink is not None:
                sink(chunk)
        if sink is not None:
            sink(b"")


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    limit = MOST_TEXT_BYTES if is_text(info.filename) else MOST_ENTRY_BYTES
    size = 0
    try:
        with archive.open(info) as file:
            while chunk := file.read(CHUNK):
                if size == 0 and chunk.startswith(_NESTED_MAGIC):
                    refuse("zip_nested", "文件里套着别的压缩包或文档，没有收下。请把它们作为附件分别上传。")
                size += len(chunk)
                _check_size(size, info, limit)
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError, ValueError, OSError):
        refuse("zip_broken", _BROKEN)


def _check_size(size: int, info: zipfile.ZipInfo, limit: int) -> None:
    if size > limit:
        refuse("zip_entry", _TOO_BIG)
    if size > RATIO_FROM and size > MOST_RATIO * max(info.compress_size, 1):
        refuse("zip_ratio", _TOO_BIG)
