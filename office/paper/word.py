"""Pieces of WordprocessingML, each child in the order the schema asks for."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from docx.oxml.ns import nsmap, qn
from lxml import etree

from office.paper import measures

TWIPS = 1440 / 25.4  # a millimetre in twentieths of a point
CELL = measures.CELL * TWIPS
LINE = 28.95  # points: 22 lines fill the type area
BODY, SMALL, TITLE, TABLE = 16.0, 14.0, 22.0, 12.0  # 三号, 四号, 二号, 小四号
TIGHTER = -4  # twentieths of a point: 28 characters of 16 pt are wider than the type area
RED = "E60012"
FOOT = {"vertAnchor": "margin", "horzAnchor": "margin", "tblpX": 0, "tblpYSpec": "bottom"}
UNPRINTABLE = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PIECES = re.compile(r"[\t\n]|[^\t\n]+")

Element = etree._Element  # noqa: SLF001 (the only name lxml has for the type)


class Face(StrEnum):
    """The faces GB/T 9704 names; the reader's own fonts serve them, none is embedded."""

    FANG = "仿宋_GB2312"
    KAI = "楷体_GB2312"
    HEI = "黑体"
    TITLE = "方正小标宋简体"
    SONG = "宋体"


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one face, size (points) and colour; tabs and line breaks are kept."""

    text: str
    face: Face = Face.FANG
    size: float = BODY
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a paragraph stands. Indents and tabs in characters, heights in points; `first` below 0 hangs."""

    align: str = "both"
    left: float = 0.0
    right: float = 0.0
    first: float = 0.0
    before: float = 0.0
    line: float = LINE
    keep: bool = False
    new_page: bool = False
    tabs: tuple[float, ...] = ()
    ends: tuple[float, ...] = ()  # tabs that text ends at
    rule: Mapping[str, str] = field(default_factory=dict)  # a line below: attributes of w:bottom
    frame: Mapping[str, object] = field(default_factory=dict)  # a fixed place on the page


def element(name: str, *children: Element, **attributes: object) -> Element:
    """One element of the w: namespace; attributes too."""
    made: Element = etree.Element(qn(f"w:{name}"), nsmap={"w": nsmap["w"]})
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    made.extend(children)
    return made


def twips(cells: float) -> int:
    """Characters of 三号 as twips."""
    return round(cells * CELL)


def cells_wide(text: str) -> float:
    """How many characters wide a text is: Latin letters and digits are half."""
    return sum(1.0 if ord(letter) > 0x2E7F or letter in "—…“”" else 0.5 for letter in text)


def run(part: Run) -> Element:
    """A w:r."""
    made = element("r", run_look(part.face, part.size, part.colour))
    for piece in PIECES.findall(UNPRINTABLE.sub("", part.text)):
        made.append(element({"\t": "tab", "\n": "br"}[piece]) if piece in "\t\n" else text_of("t", piece))
    return made


def text_of(name: str, value: str) -> Element:
    """An element that holds text, its spaces kept."""
    made = element(name)
    made.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    made.text = value
    return made


def run_look(face: Face, size: float, colour: str = "") -> Element:
    """A w:rPr."""
    fonts = element("rFonts", hint="eastAsia", ascii=face, hAnsi=face, eastAsia=face, cs=face)
    tint = [element("color", val=colour)] if colour else []
    tight = [element("spacing", val=TIGHTER)] if size == BODY else []
    points = round(size * 2)
    return element("rPr", fonts, *tint, *tight, element("sz", val=points), element("szCs", val=points))


def paragraph(parts: Sequence[Run | Element], look: Look | None = None) -> Element:
    """A w:p of runs."""
    runs = [run(part) if isinstance(part, Run) else part for part in parts]
    return element("p", paragraph_look(look or Look()), *runs)


def paragraph_look(look: Look) -> Element:
    """A w:pPr."""
    keep = [element("keepNext")] if look.keep else []
    page = [element("pageBreakBefore")] if look.new_page else []
    frame = [element("framePr", **look.frame)] if look.frame else []
    rule = [element("pBdr", element("bottom", **look.rule))] if look.rule else []
    stops = [element("tab", val="left", pos=twips(at)) for at in look.tabs]
    stops += [element("tab", val="right", pos=twips(at)) for at in look.ends]
    tabs = [element("tabs", *stops)] if stops else []
    spacing = element("spacing", before=round(look.before * 20), after=0, line=round(look.line * 20), lineRule="exact")
    turned = {"firstLine": twips(look.first)} if look.first >= 0 else {"hanging": twips(-look.first)}
    indent = element("ind", left=twips(look.left), right=twips(look.right), **turned)
    calm, jc = element("widowControl", val=0), element("jc", val=look.align)
    close = element("autoSpaceDE", val=0), element("autoSpaceDN", val=0)  # no gap between Han and digits
    return element("pPr", *keep, *page, *frame, calm, *rule, *tabs, *close, spacing, indent, jc)


def page_frame(width: float, top: float) -> Mapping[str, object]:
    """A place of `width` mm in the middle of the page, `top` mm below the paper's edge; text stays above or below."""
    left = (measures.PAGE_WIDTH - width) / 2
    return {
        "w": round(width * TWIPS), "wrap": "notBeside", "vAnchor": "page", "hAnchor": "page",
        "x": round(left * TWIPS), "y": round(top * TWIPS),
    }  # fmt: skip


def table(
    rows: Sequence[Sequence[Sequence[Element]]],
    widths: Sequence[int],
    borders: Element | None = None,
    *,
    header: bool = False,
    at_foot: bool = False,
) -> Element:
    """A w:tbl as wide as its columns (twips); no lines without `borders`; `at_foot` of the type area it floats."""
    look = element(
        "tblPr",
        *([element("tblpPr", **FOOT)] if at_foot else []),
        element("tblW", w=sum(widths), type="dxa"),
        *([borders] if borders is not None else []),
        element("tblLayout", type="fixed"),
        element("tblCellMar", element("left", w=0, type="dxa"), element("right", w=0, type="dxa")),
    )
    grid = element("tblGrid", *(element("gridCol", w=width) for width in widths))
    lines = [_row(row, widths, repeated=header and at == 0) for at, row in enumerate(rows)]
    return element("tbl", look, grid, *lines)


def _row(cells: Sequence[Sequence[Element]], widths: Sequence[int], *, repeated: bool) -> Element:
    head = [element("tblHeader")] if repeated else []
    look = element("trPr", element("cantSplit"), *head)
    return element("tr", look, *(cell(content, width) for content, width in zip(cells, widths, strict=True)))


def cell(content: Sequence[Element], width: int) -> Element:
    """A w:tc; it must hold a paragraph."""
    look = element("tcPr", element("tcW", w=width, type="dxa"), element("vAlign", val="center"))
    return element("tc", look, *content)


def borders(**lines: float) -> Element:
    """w:tblBorders with the named sides, widths in mm; the others have none."""
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    drawn = [
        element(side, val="single", sz=max(2, round(lines[side] * 8 * 72 / 25.4)), space=0, color="000000")
        for side in sides
        if side in lines
    ]
    return element("tblBorders", *drawn)


def page_field() -> list[Element]:
    """The runs of a PAGE field in 四号宋体."""
    look = (Face.SONG, SMALL)
    marks = [
        element("r", run_look(*look), element("fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end")
    ]
    code = element("r", run_look(*look), text_of("instrText", " PAGE "))
    return [marks[0], code, marks[1], run(Run("1", *look)), marks[2]]
