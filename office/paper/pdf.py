"""Merges and stamps PDF files with pypdf, before sealing; nothing here touches a sealed original."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.errors import PyPdfError

from office.domain.errors import Invalid
from office.paper import layout

POINTS = 72 / 25.4  # a millimetre in points
MOST_PAGES = 500
MOST_BYTES = 100 * 1024 * 1024
STAMP_LEFT, STAMP_TOP = 28.0, 12.0  # mm: in the upper margin, where a finished page keeps no text


@dataclass(frozen=True, slots=True)
class Bound:
    """A PDF that goes behind the paper, and what its first page is marked with; no label, no mark."""

    name: str
    pdf: bytes
    label: str = ""


def page_count(pdf: bytes) -> int:
    """Number of pages."""
    return len(PdfReader(io.BytesIO(pdf)).pages)


def label_of(number: str, index: int, count: int) -> str:
    """What a file bound apart carries: number and 附件, with its place when there are several (7.3.7)."""
    return f"{number}附件{index if count > 1 else ''}"


def merge(pdf: bytes, extra: Sequence[Bound]) -> bytes:
    """The paper with the files behind it; its own metadata and output intent stay. Invalid for what cannot be read."""
    if len(pdf) + sum(len(bound.pdf) for bound in extra) > MOST_BYTES:
        raise Invalid(
            "附件加起来超过100兆，合不成一个文件。", code="PdfTooLarge", fix="请缩小附件，或改为单独分发的附件。"
        )
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    for bound in extra:
        _append(writer, bound)
    return _written(writer)


def stamp(pdf: bytes, label: str) -> bytes:
    """The file with `label` in the upper left corner of its first page."""
    writer = PdfWriter(clone_from=io.BytesIO(pdf))
    _mark(writer.pages[0], label)
    return _written(writer)


def _append(writer: PdfWriter, bound: Bound) -> None:
    first = len(writer.pages)
    try:
        reader = PdfReader(io.BytesIO(bound.pdf))
        if first + len(reader.pages) > MOST_PAGES:
            raise Invalid(
                f"加上附件“{bound.name}”超过{MOST_PAGES}页，合不成一个文件。", code="PdfTooLong",
                fix="请拆开附件，或改为单独分发的附件。",
            )  # fmt: skip
        writer.append(reader, import_outline=False)
        if bound.label and len(writer.pages) > first:
            _mark(writer.pages[first], bound.label)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise Invalid(
            f"附件“{bound.name}”读不出来，合不进正文。", code="PdfBroken", fix="请用打印成PDF的办法重新做一份再上传。"
        ) from error


def _mark(page: PageObject, label: str) -> None:
    """Lay the label over the page, upright however the page is turned."""
    over = PdfReader(io.BytesIO(layout.label(label))).pages[0]
    place = Transformation().translate(STAMP_LEFT * POINTS, _top(page) - float(over.mediabox.height))
    page.merge_transformed_page(over, place.transform(_upright(page)), over=True, expand=False)


def _top(page: PageObject) -> float:
    """Where the label's upper edge lies, in points from the bottom of the page as seen."""
    box = page.cropbox
    height = box.width if page.rotation % 180 else box.height
    return float(height) - STAMP_TOP * POINTS


def _upright(page: PageObject) -> Transformation:
    """From the page as seen to the page as stored: pages may be turned and moved."""
    box = page.cropbox
    left, bottom, right, top = (float(v) for v in (box.left, box.bottom, box.right, box.top))
    match page.rotation % 360:
        case 90:
            return Transformation((0, 1, -1, 0, right, bottom))
        case 180:
            return Transformation((-1, 0, 0, -1, right, top))
        case 270:
            return Transformation((0, -1, 1, 0, left, top))
        case _:
            return Transformation((1, 0, 0, 1, left, bottom))


def _written(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
