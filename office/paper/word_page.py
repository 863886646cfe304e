"""The page of a DOCX: margins, grid, page numbers, and the colophon at its foot."""

from collections.abc import Iterator

from docx.document import Document
from docx.section import _Footer, _Header
from docx.shared import Mm

from office.domain.document import Layout, Paper
from office.paper import measures, sheet, word
from office.paper.word import SMALL, Element, Face, Look, Run, paragraph

CELLS = SMALL / 15.8  # one 四号 character in characters of 三号
ROW = 22.0  # points, a line of the colophon
FOOT_LINE = 18.0
FOOT_GAP = 25.5  # mm from the paper's edge: the dash stands 7 mm below the type area
PITCH = 580  # twentieths of a point; `linesAndChars` would set 27 characters a line elsewhere
LOWER_RULE = {"val": "thinThickSmallGap", "sz": "24", "space": "0", "color": word.RED}
DEMO = "演示文件，不具效力"
DEMO_GREY = "6E6E6E"


def colophon(paper: Paper) -> Iterator[Element]:
    """版记: a table that floats to the foot of the type area of the last page, 7.4; a letter's has no lines, 10.1."""
    lettered = paper.content.layout is Layout.LETTER
    rows = [[[row]] for row in _rows(paper, lettered=lettered)]
    if not rows:
        return
    thick, thin = measures.COLOPHON_THICK, measures.COLOPHON_THIN
    lines = None if lettered else word.borders(top=thick, bottom=thick, insideH=thin)
    yield word.table(rows, [round(measures.AREA_WIDTH * word.TWIPS)], lines, at_foot=True)
    yield paragraph([], Look(line=1.0))  # a floating table needs a paragraph to hang on


def _rows(paper: Paper, *, lettered: bool) -> Iterator[Element]:
    if copies := paper.content.copy_text.rstrip("。. \n"):
        hanging = Look("left", left=4 * CELLS, right=CELLS, first=-3 * CELLS, line=ROW)
        yield paragraph([Run(f"抄送：{copies}。", size=SMALL)], hanging)
    printed = sheet.day_text(paper.imprint.printed)
    if not lettered and (paper.imprint.printer or printed):
        end = f"{printed}印发" if printed else ""
        look = Look("left", line=ROW, tabs=(CELLS,), ends=(measures.COLUMNS - CELLS,))
        yield paragraph([Run(f"\t{paper.imprint.printer}\t{end}", size=SMALL)], look)


def set_page(document: Document, paper: Paper) -> None:
    """5.2: A4, the type area, two-sided with the margins mirrored, 22 lines a page."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(measures.PAGE_WIDTH), Mm(measures.PAGE_HEIGHT)
    section.top_margin = Mm(measures.TOP_MARGIN)
    section.bottom_margin = Mm(measures.PAGE_HEIGHT - measures.TOP_MARGIN - measures.AREA_HEIGHT)
    section.left_margin = Mm(measures.BINDING_MARGIN)
    section.right_margin = Mm(measures.PAGE_WIDTH - measures.BINDING_MARGIN - measures.AREA_WIDTH)
    section.header_distance, section.footer_distance = Mm(12), Mm(FOOT_GAP)
    for old in document.element.body.xpath("w:sectPr/w:docGrid"):
        old.addnext(word.element("docGrid", type="lines", linePitch=PITCH))
        old.getparent().remove(old)
    settings = document.settings
    settings.odd_and_even_pages_header_footer = True
    settings.element[0].addnext(word.element("mirrorMargins"))  # right after w:zoom, as the schema wants
    _set_default_run(document)
    _set_feet(document, paper)
    if paper.imprint.demo:
        _warn(document)


def _set_default_run(document: Document) -> None:
    normal = document.styles["Normal"].element
    look = word.run_look(Face.FANG, word.BODY)
    look.append(word.element("lang", val="en-US", eastAsia="zh-CN"))
    normal.append(look)


def _set_feet(document: Document, paper: Paper) -> None:
    """Page numbers outside, one character in, 7.5; a letter's first page has its lower red line instead, 10.1."""
    section = document.sections[0]
    _fill(section.footer, _number(Look("right", right=CELLS, line=FOOT_LINE)))
    _fill(section.even_page_footer, _number(Look("left", left=CELLS, line=FOOT_LINE)))
    if paper.content.layout is Layout.LETTER:
        section.different_first_page_header_footer = True
        top = measures.PAGE_HEIGHT - measures.LETTER_FOOT - 3
        place = word.page_frame(measures.LETTER_LINE, top)
        _fill(section.first_page_footer, paragraph([], Look(line=4.0, rule=LOWER_RULE, frame=place)))


def _number(look: Look) -> Element:
    dash = Run("— ", Face.SONG, SMALL), Run(" —", Face.SONG, SMALL)
    return paragraph([dash[0], *word.page_field(), dash[1]], look)


def _warn(document: Document) -> None:
    section = document.sections[0]
    kinds = [section.header, section.even_page_header]
    if section.different_first_page_header_footer:
        kinds.append(section.first_page_header)
    for kind in kinds:
        _fill(kind, paragraph([Run(DEMO, Face.HEI, SMALL, DEMO_GREY)], Look("center", line=FOOT_LINE)))


def _fill(part: _Footer | _Header, content: Element) -> None:
    """The one paragraph of a header or footer."""
    part.is_linked_to_previous = False
    first = part.paragraphs[0]._p  # noqa: SLF001 (python-docx has no other door)
    first.addnext(content)
    first.getparent().remove(first)
