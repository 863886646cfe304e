"""A PDF object by object: nothing that runs, opens, hides a file or needs a password comes in.

Every object of the cross-reference table is looked at, reachable or not: what an incremental update has hidden
from one reader another may still show.
"""

import mmap
import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, IndirectObject, NullObject, TextStringObject

from office.paper.guard import refuse

MOST_OBJECTS: Final = 200_000
MOST_PAGES: Final = 5_000
MOST_DEPTH: Final = 64

# What pypdf raises on damaged files; anything else is caught one floor up and named after its type.
UNREADABLE: Final = (
    PyPdfError, RecursionError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError,
    NotImplementedError, ArithmeticError, AssertionError, zlib.error, struct.error,
)  # fmt: skip
_BROKEN = "文件损坏，打不开。请重新导出 PDF 后再传。"
_RUNS = "文件里有会自动运行的内容，没有收下。请用“打印为 PDF”重新导出后再传。"
_FORBIDDEN_KEYS = {
    "/JS": ("pdf_javascript", _RUNS),
    "/JavaScript": ("pdf_javascript", _RUNS),
    "/AA": ("pdf_action", _RUNS),
    "/EmbeddedFiles": ("pdf_embedded", "PDF 里夹带了别的文件，没有收下。请把它们作为附件分别上传。"),
    "/EF": ("pdf_embedded", "PDF 里夹带了别的文件，没有收下。请把它们作为附件分别上传。"),
    "/RichMedia": ("pdf_media", "PDF 里有音视频或三维内容，没有收下。请用“打印为 PDF”重新导出后再传。"),
    "/RichMediaContent": ("pdf_media", "PDF 里有音视频或三维内容，没有收下。请用“打印为 PDF”重新导出后再传。"),
    "/XFA": ("pdf_xfa", "这是动态表单 PDF，没有收下。请用“打印为 PDF”重新导出后再传。"),
}
_FORBIDDEN_ACTIONS = {
    "/JavaScript": "pdf_javascript", "/Launch": "pdf_launch", "/ImportData": "pdf_action", "/SubmitForm": "pdf_action",
    "/GoToE": "pdf_action", "/GoToR": "pdf_action", "/Rendition": "pdf_media", "/Movie": "pdf_media",
    "/Sound": "pdf_media", "/GoTo3DView": "pdf_media", "/RichMediaExecute": "pdf_media",
}  # fmt: skip
_FORBIDDEN_KINDS = {
    "/FileAttachment": "pdf_embedded", "/RichMedia": "pdf_media", "/Screen": "pdf_media", "/3D": "pdf_media",
    "/Movie": "pdf_media", "/Sound": "pdf_media",
}  # fmt: skip
_PLAIN_RULES = {
    "/JavaScript": "pdf_javascript", "/Launch": "pdf_launch", "/EmbeddedFile": "pdf_embedded",
    "/FileAttachment": "pdf_embedded", "/RichMedia": "pdf_media",
}  # fmt: skip
_PLAIN = re.compile(b"|".join(name.encode() for name in _PLAIN_RULES))
_SAID_KEYS = ("/Contents", "/T", "/TU", "/Subj", "/Title", "/V", "/DV", "/RC", "/Alt", "/ActualText", "/Name")
_WEB = re.compile(r"^(?:https?|mailto|tel):|^[A-Za-z]:[\\/]|^file:///[A-Za-z]:|^[^:]*$", re.IGNORECASE)


def check(path: Path) -> tuple[PdfReader, list[str]]:
    """The reader of a PDF that passed, and every text that stands in its objects outside the pages."""
    _check_bytes(path)
    try:
        reader = PdfReader(path, strict=False)
        if reader.is_encrypted:
            refuse("encrypted", "PDF 设了密码或权限限制，没有收下。请去掉密码后再传。")
        said: list[str] = []
        for found in _objects(reader):
            _check_object(found, said)
        _check_opening(reader)
        _count_pages(reader)
    except UNREADABLE:
        refuse("pdf_broken", _BROKEN)
    return reader, said


def _check_bytes(path: Path) -> None:
    """Plain in the bytes: an object that this reader cannot make out, another one might."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        found = _PLAIN.search(data)
        name = found.group().decode() if found else ""
    if name:
        refuse(_PLAIN_RULES[name], _RUNS)


def _objects(reader: PdfReader) -> Iterator[object]:
    places = [(number, generation) for generation, numbers in reader.xref.items() for number in numbers]
    places.extend((number, 0) for number in reader.xref_objStm)
    if len(places) > MOST_OBJECTS:
        refuse("pdf_objects", "PDF 过于复杂，没有收下。请拆成几个文件。")
    yield reader.trailer
    for number, generation in places:
        if number:
            yield reader.get_object(IndirectObject(number, generation, reader))


def _check_object(top: object, said: list[str]) -> None:
    waiting = [(top, 0)]
    while waiting:
        found, depth = waiting.pop()
        if depth > MOST_DEPTH:
            refuse("pdf_depth", _BROKEN)
        if isinstance(found, DictionaryObject):
            _check_dictionary(found, said)
            waiting.extend((value, depth + 1) for value in found.values())
        elif isinstance(found, ArrayObject):
            waiting.extend((value, depth + 1) for value in found)


def _check_dictionary(found: DictionaryObject, said: list[str]) -> None:
    for key, (rule, sentence) in _FORBIDDEN_KEYS.items():
        if key in found and not isinstance(found[key], NullObject):
            refuse(rule, sentence)
    action, kind = found.get("/S"), found.get("/Subtype")
    if action in _FORBIDDEN_ACTIONS:
        refuse(_FORBIDDEN_ACTIONS[action], _RUNS)
    if kind in _FORBIDDEN_KINDS:
        refuse(_FORBIDDEN_KINDS[kind], _RUNS)
    target = found.get("/URI")
    if isinstance(target, TextStringObject) and not _WEB.match(str(target).strip()):
        refuse("pdf_action", "PDF 里有可疑的链接，没有收下。请用“打印为 PDF”重新导出后再传。")
    said.extend(_text(found[key]) for key in _SAID_KEYS if isinstance(found.get(key), str | bytes))


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, ByteStringObject) else str(value)


def _check_opening(reader: PdfReader) -> None:
    """A place to open at is common and harmless; any other action is not."""
    opening = reader.root_object.get("/OpenAction")
    found = opening.get_object() if opening is not None else None
    if isinstance(found, DictionaryObject) and found.get("/S") != "/GoTo":
        refuse("pdf_action", _RUNS)


def _count_pages(reader: PdfReader) -> int:
    """Walk the page tree ourselves: a loop or an endless tree ends here."""
    waiting, seen, pages = [reader.root_object.raw_get("/Pages")], set[tuple[int, int]](), 0
    while waiting:
        node = waiting.pop()
        if isinstance(node, IndirectObject):
            place = (node.idnum, node.generation)
            if place in seen:
                refuse("pdf_loop", _BROKEN)
            seen.add(place)
        found = node.get_object() if node is not None else None
        if not isinstance(found, DictionaryObject):
            refuse("pdf_broken", _BROKEN)
        kids = found.get("/Kids")
        if isinstance(kids, ArrayObject):
            waiting.extend(kids)
        else:
            pages += 1
        if pages > MOST_PAGES:
            refuse("pdf_pages", f"PDF 超过 {MOST_PAGES} 页，没有收下。请拆成几个文件。")
    if not pages:
        refuse("pdf_broken", _BROKEN)
    return pages
