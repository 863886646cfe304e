"""A checked PDF to lines: text of every page, lines that fill the type area joined with the next one."""

import html
import re
from collections import Counter
from typing import cast

from pypdf import PageObject, PdfReader
from pypdf.generic import DictionaryObject, EncodedStreamObject, StreamObject

from office.domain.body import kind_of
from office.domain.document import BlockKind
from office.domain.secrecy import BODY, Part
from office.paper import intake_lines as lines
from office.paper.guard import refuse
from office.paper.guard_pdf import UNREADABLE
from office.paper.reading_source import Item, Line, Source

_PAGE_NUMBER = re.compile(r"^[—－\-–_\s]*(?:第\s*)?\d{1,4}(?:\s*页)?[—－\-–_\s]*$")
_STARTS = re.compile(r"^(?:附\s*件|抄\s*送|主\s*送|[（(]?联系人|[（(]此件|出席|列席|请假|目\s*录$|\d+(?:\.\d+)+\s)")
_SENTENCE_ENDS = tuple("。：:；！？!?）)")
_HAN_SPACE = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])[ \t]+(?=[\u3400-\u9fff])")
_DIGIT_SPACE = re.compile(r"(?<![\d.])(\d+) (?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]) (?=\d)")
_TAG = re.compile(rb"<[^>]{0,2000}>")
MOST_TEXT = 4_000_000


def read(reader: PdfReader, said: list[str]) -> Source:
    """Lines and all texts of a PDF."""
    pages: list[str] = []
    size = 0
    for page in reader.pages:
        try:
            text = page.extract_text()
            stamped = _stamped(page)
        except UNREADABLE:
            refuse("pdf_broken", "PDF 里有读不出的页，没有收下。请重新导出 PDF 后再传。")
        pages.append(text)
        said.extend(stamped)
        size += len(text) + sum(map(len, stamped))
        if size > MOST_TEXT:
            refuse("pdf_text", "PDF 的文字过多，没有收下。请拆成几个文件。")
    source = Source(items=_lines(pages), pages=len(pages))
    source.parts = [Part(BODY, "\n".join(pages)), Part("文件属性", "\n".join(_properties(reader)))]
    source.parts.append(Part("批注、书签或表单", "\n".join(said)))
    if not any(page.strip() for page in pages):
        source.notes.append("这份 PDF 是扫描件，读不出文字。请传 Word 文件，或手工录入。")
    else:
        source.notes.append("从 PDF 取字，段落按行末推断。请核对分段。")
    return source


def _stamped(page: PageObject) -> list[str]:
    """What notes and stamps draw on the page: it is seen, though it is no text of the page."""
    found: list[str] = []
    annotations = page.get("/Annots")
    for one in annotations.get_object() or () if annotations is not None else ():
        annotation = one.get_object()
        appearance = annotation.get("/AP") if isinstance(annotation, DictionaryObject) else None
        drawn = appearance.get_object().get("/N") if appearance is not None else None
        stream = drawn.get_object() if drawn is not None else None
        if isinstance(stream, StreamObject):
            found.append(page.extract_xform_text(cast("EncodedStreamObject", stream)))
    return found


def _properties(reader: PdfReader) -> list[str]:
    found = [str(value) for value in (reader.metadata or {}).values()]
    metadata = reader.root_object.get("/Metadata")
    stream = metadata.get_object() if metadata is not None else None
    if isinstance(stream, StreamObject):
        found.append(_said_in(stream))
    return found


def _said_in(metadata: StreamObject) -> str:
    """XMP without its tags; refused when it cannot be unpacked, for a mark may stand in it."""
    try:
        data = metadata.get_data()[: 1 << 20]
    except UNREADABLE:
        refuse("pdf_broken", "PDF 的文件属性读不出，没有收下。请重新导出 PDF 后再传。")
    return html.unescape(_TAG.sub(b"\n", data).decode("utf-8", "replace"))


def _lines(pages: list[str]) -> list[Item]:
    rows: list[str] = []
    for page in pages:
        rows.extend(_without_page_numbers(page.split("\n")))
    full = _full_width(rows)
    items: list[Item] = []
    open_text = ""
    for n, row in enumerate(rows):
        text = _tidy(row)
        if open_text and (not text or _begins(row, rows[n + 1 : n + 4])):
            items.append(Line(open_text))
            open_text = ""
        if not text:
            items.append(Line(""))
            continue
        first = not open_text and kind_of(text) is BlockKind.PARAGRAPH  # an indent of two is missing in its text
        open_text = _join(open_text, text)
        if _ends(row, text, full, first=first):
            items.append(Line(open_text))
            open_text = ""
    return [*items, Line(open_text)] if open_text else items


def _ends(row: str, text: str, full: float, *, first: bool) -> bool:
    """Whether a line is the last of its paragraph: short of the type area, or nearly full at a sentence's end."""
    width = _width(row)
    return width < full - (5.5 if first else 3.5) or (text.endswith(_SENTENCE_ENDS) and width < full - 1.5)


def _without_page_numbers(rows: list[str]) -> list[str]:
    """A page number stands on the first or the last line of its page."""
    kept = [row.replace("\xad", "-") for row in rows]
    while kept and not kept[-1].strip():
        kept.pop()
    if kept and _PAGE_NUMBER.match(kept[-1]):
        kept.pop()
    if kept and _PAGE_NUMBER.match(kept[0]):
        kept.pop(0)
    return kept


def _begins(row: str, following: list[str]) -> bool:
    """Whether a line begins a paragraph though the one above it is full."""
    text = row.strip()
    if row.startswith(("  ", "\u3000\u3000")) or kind_of(text) is not BlockKind.PARAGRAPH or _STARTS.match(text):
        return True
    if lines.is_date(text) or lines.is_colophon(text):
        return True
    after = next((one for one in following if one.strip()), "")
    return lines.is_date(after) and lines.is_signature(text, right=False)


def _width(row: str) -> float:
    """In Chinese characters: a Latin letter or digit is half of one."""
    text = row.strip()
    return sum(0.5 if ord(c) < 0x2000 else 1.0 for c in text)


def _full_width(rows: list[str]) -> float:
    """The width of the type area: what most of the longest lines come to. Short ones, as in tables, say nothing."""
    widths = sorted(_width(row) for row in rows if _width(row) >= 12)
    if not widths:
        return 28.0
    longest = widths[len(widths) * 19 // 20]  # a stray line that sticks out is not the measure
    common, _ = Counter(round(w) for w in widths if longest * 0.85 <= w <= longest + 1).most_common(1)[0]
    return float(common)


def _tidy(row: str) -> str:
    return _DIGIT_SPACE.sub(r"\1", _HAN_SPACE.sub(" ", row.strip()))


def _join(before: str, after: str) -> str:
    latin = bool(before) and before[-1].isascii() and before[-1].isalpha() and after[0].isascii() and after[0].isalpha()
    return f"{before} {after}" if latin else before + after
