"""Reads places back from a PDF: each character's box and baseline, each filled rectangle, in mm from the top left."""

import ctypes
from dataclasses import dataclass
from functools import cached_property

import pypdfium2
import pypdfium2.raw as pdfium

MM = 25.4 / 72
NEAR = 0.6  # mm: baselines nearer than this are one line


@dataclass(frozen=True, slots=True)
class Glyph:
    """A character as drawn: its ink's box, where its cell begins, its baseline, its size in points."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    x: float
    baseline: float
    size: float
    red: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """A filled rectangle or stroked path."""

    left: float
    top: float
    right: float
    bottom: float
    red: bool

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Line:
    """Characters on one baseline, left to right."""

    glyphs: tuple[Glyph, ...]

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def baseline(self) -> float:
        return self.glyphs[0].baseline

    @property
    def left(self) -> float:
        return min(glyph.left for glyph in self.glyphs)

    @property
    def right(self) -> float:
        return max(glyph.right for glyph in self.glyphs)

    @property
    def top(self) -> float:
        return min(glyph.top for glyph in self.glyphs)

    @property
    def bottom(self) -> float:
        return max(glyph.bottom for glyph in self.glyphs)

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Page:
    """One page; `number` from 1."""

    number: int
    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    bars: tuple[Bar, ...]

    @property
    def left(self) -> float:
        """The type area's left edge: the binding margin is left on odd pages, right on even ones."""
        return 28.0 if self.number % 2 else 26.0

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Lines from top to bottom."""
        found: list[list[Glyph]] = []
        for glyph in sorted(self.glyphs, key=lambda g: g.baseline):
            if found and abs(found[-1][0].baseline - glyph.baseline) < NEAR:
                found[-1].append(glyph)
            else:
                found.append([glyph])
        return tuple(Line(tuple(sorted(line, key=lambda g: g.x))) for line in found)

    @property
    def text_lines(self) -> tuple[Line, ...]:
        """Lines of the type area: without mark and page number."""
        return tuple(line for line in self.lines if not line.glyphs[0].red and line.baseline < 264)

    @property
    def mark(self) -> tuple[Glyph, ...]:
        return tuple(glyph for glyph in self.glyphs if glyph.red)

    def line_with(self, words: str) -> Line:
        """The first line that holds `words`."""
        return next(line for line in self.lines if words in line.text)


def pages_of(pdf: bytes) -> tuple[Page, ...]:
    """Every page, measured."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return tuple(_page(document[index], index + 1) for index in range(len(document)))
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage, number: int) -> Page:
    width, height = page.get_size()
    text = page.get_textpage()
    glyphs = [_glyph(text.raw, index, height) for index in range(text.count_chars())]
    bars = [_bar(found, height) for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])]
    return Page(number, width * MM, height * MM, tuple(g for g in glyphs if g.text.strip()), tuple(bars))


def _glyph(text: object, index: int, height: float) -> Glyph:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    pdfium.FPDFText_GetCharBox(text, index, left, right, bottom, top)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, index, x, y)
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFText_GetFillColor(text, index, *colour)
    return Glyph(
        chr(pdfium.FPDFText_GetUnicode(text, index)),
        left.value * MM, (height - top.value) * MM, right.value * MM, (height - bottom.value) * MM,
        x.value * MM, (height - y.value) * MM, pdfium.FPDFText_GetFontSize(text, index), _is_red(colour),
    )  # fmt: skip


def _bar(found: pypdfium2.PdfObject, height: float) -> Bar:
    left, bottom, right, top = found.get_bounds()
    colour = [ctypes.c_uint() for _ in range(4)]
    pdfium.FPDFPageObj_GetFillColor(found.raw, *colour)
    return Bar(left * MM, (height - top) * MM, right * MM, (height - bottom) * MM, _is_red(colour))


def _is_red(colour: list[ctypes.c_uint]) -> bool:
    red, green, blue, _ = (part.value for part in colour)
    return red > 150 and green < 80 and blue < 80
