"""The editable copy, read back: what GB/T 9704 asks for is in the file, whichever program opens it."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

import docx as library
import pytest
from docx.document import Document
from docx.oxml.ns import nsmap, qn
from lxml import etree

from office.domain.document import BlockKind, Layout
from office.paper import docx, sheet, title
from office.paper.child import Readers
from tests.paper.papers import SAMPLES, text

EVERY = pytest.mark.parametrize("name", SAMPLES)
GENERAL = pytest.mark.parametrize("name", [n for n, s in SAMPLES.items() if s.paper.content.layout is Layout.GENERAL])
Element = etree._Element
# The order the schema (ECMA-376, CT_PPr and CT_RPr) asks for, as far as we write it.
PARAGRAPH_ORDER = (
    "keepNext", "pageBreakBefore", "framePr", "widowControl", "pBdr", "tabs", "autoSpaceDE", "autoSpaceDN",
    "spacing", "ind", "jc",
)  # fmt: skip
RUN_ORDER = ("rFonts", "color", "spacing", "sz", "szCs", "lang")
SECTION_ORDER = ("headerReference", "footerReference", "pgSz", "pgMar", "cols", "titlePg", "docGrid")


@lru_cache
def written(name: str) -> bytes:
    sample = SAMPLES[name]
    return docx.write(sample.paper, sample.annexes)


def opened(name: str) -> Document:
    return library.Document(io.BytesIO(written(name)))


def parts(name: str) -> Iterator[tuple[str, Element]]:
    with zipfile.ZipFile(io.BytesIO(written(name))) as package:
        for part in package.namelist():
            if re.fullmatch(r"word/(document|header\d+|footer\d+)\.xml", part):
                yield part, etree.fromstring(package.read(part))


def local(element: Element) -> str:
    return str(etree.QName(element).localname)


def value(element: Element, path: str, key: str) -> str:
    found = element.find(path, {"w": nsmap["w"]})
    assert found is not None, path
    return str(found.get(qn(f"w:{key}")))


def words_of(element: Element) -> str:
    """The text in it; python-docx's own classes make `itertext` count twice."""
    return "".join(str(part.text) for part in element.iter(qn("w:t")))


def paragraph_with(document: Document, words: str) -> Element:
    """The first paragraph of the body, tables included, that holds `words`."""
    paragraphs: Iterator[Element] = document.element.body.iter(qn("w:p"))
    for paragraph in paragraphs:
        if words in words_of(paragraph):
            return paragraph
    raise AssertionError(words)


def face_of(paragraph: Element, words: str) -> tuple[str, str]:
    """Face and half points of the run that holds `words`."""
    run = next(r for r in paragraph.iter(qn("w:r")) if words in words_of(r))
    return value(run, "w:rPr/w:rFonts", "eastAsia"), value(run, "w:rPr/w:sz", "val")


@EVERY
def test_every_word_of_the_paper_is_in_the_file_in_order(name: str) -> None:
    paper = SAMPLES[name].paper
    whole = words_of(opened(name).element.body)
    wanted = [*sheet.mark_of(paper)[0], paper.imprint.number]
    if paper.content.layout is not Layout.ORDER:
        wanted += title.lines_of(paper.content.title)
    for block in paper.content.body:
        wanted += [block.text] if block.kind is not BlockKind.TABLE else [c for row in block.rows for c in row]
    wanted += [*paper.content.attachment_names, sheet.day_text(paper.imprint.day)] * (
        paper.content.layout is not Layout.MINUTES
    )
    wanted += [annex.name for annex in SAMPLES[name].annexes if len(annex.name) < 20]
    at = 0
    for words in wanted:
        found = whole.find(words, at)
        assert found >= 0, words
        at = found


@EVERY
def test_the_same_paper_gives_the_same_bytes(name: str) -> None:
    assert docx.write(SAMPLES[name].paper, SAMPLES[name].annexes) == written(name)


@EVERY
def test_children_stand_in_the_order_of_the_schema(name: str) -> None:
    for part, root in parts(name):
        for kind, order in (("pPr", PARAGRAPH_ORDER), ("rPr", RUN_ORDER), ("sectPr", SECTION_ORDER)):
            for look in root.iter(qn(f"w:{kind}")):
                places = [order.index(local(child)) for child in look]
                assert places == sorted(places), (part, [local(child) for child in look])


@EVERY
def test_the_page_has_the_type_area_the_grid_and_mirrored_margins(name: str) -> None:
    document = opened(name)
    section = document.sections[0]
    found = [
        round((length or 0) / 36000, 1)
        for length in (
            section.page_width, section.page_height, section.top_margin, section.left_margin, section.right_margin,
            section.bottom_margin,
        )
    ]  # fmt: skip
    assert found == [210.0, 297.0, 37.0, 28.0, 26.0, 35.0]
    grid = document.element.body.find(f"{qn('w:sectPr')}/{qn('w:docGrid')}")
    assert grid.get(qn("w:type")) == "lines"
    assert grid.get(qn("w:linePitch")) == "580"
    assert document.settings.element.find(qn("w:mirrorMargins")) is not None
    assert document.settings.odd_and_even_pages_header_footer


@EVERY
def test_body_lines_are_exact_and_28_characters_fit(name: str) -> None:
    body = SAMPLES[name].paper.content.body[0].text[:8]
    paragraph = paragraph_with(opened(name), body)
    assert value(paragraph, "w:pPr/w:spacing", "line") == "579"  # 28.95 pt
    assert value(paragraph, "w:pPr/w:spacing", "lineRule") == "exact"
    assert value(paragraph, "w:pPr/w:ind", "firstLine") == "632"  # two characters
    assert value(paragraph, "w:r/w:rPr/w:spacing", "val") == "-4"
    assert value(paragraph, "w:r/w:rPr/w:rFonts", "hint") == "eastAsia"
    assert 28 * (16 - 0.2) <= 156 / 25.4 * 72 + 0.3


def test_faces_and_sizes_are_those_of_the_standard() -> None:
    document = opened("notice")
    faces = {
        "咸阳市人民政府文件": ("方正小标宋简体", "96"),
        "关于切实做好": ("方正小标宋简体", "44"),
        "一、压紧压实责任": ("黑体", "32"),
        "（一）抓好监测预警。": ("楷体_GB2312", "32"),
        "市水利局要会同": ("仿宋_GB2312", "32"),
        "抄送：": ("仿宋_GB2312", "28"),
    }
    for words, wanted in faces.items():
        assert face_of(paragraph_with(document, words), words) == wanted, words


@EVERY
def test_odd_pages_are_numbered_at_the_right_and_even_ones_at_the_left(name: str) -> None:
    section = opened(name).sections[0]
    for foot, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        xml = foot._element
        assert [code.text for code in xml.iter(qn("w:instrText"))] == [" PAGE "]
        assert words_of(xml) == "— 1 —"
        assert value(xml, "w:p/w:pPr/w:jc", "val") == side
        assert int(value(xml, "w:p/w:pPr/w:ind", side)) == 280  # one 四号 character


@GENERAL
def test_the_red_line_is_below_the_number_and_the_mark_in_red(name: str) -> None:
    paper = SAMPLES[name].paper
    number = paragraph_with(opened(name), paper.imprint.number)
    assert value(number, "w:pPr/w:pBdr/w:bottom", "color") == "E60012"
    assert value(number, "w:pPr/w:pBdr/w:bottom", "space") == "11"  # 4 mm
    mark = paragraph_with(opened(name), sheet.mark_of(paper)[0][0])
    assert value(mark, "w:r/w:rPr/w:color", "val") == "E60012"


def test_the_mark_begins_35_mm_below_the_type_area_with_labels_or_without() -> None:
    plain = paragraph_with(opened("notice"), "咸阳市人民政府文件")
    labelled = paragraph_with(opened("urgent"), "咸阳市人民政府文件")
    first, second = (int(value(p, "w:pPr/w:spacing", "before")) for p in (plain, labelled))
    assert first == pytest.approx(35 / 25.4 * 1440, abs=1)
    assert first - second == 2 * 579  # the two lines of the labels


@EVERY
def test_the_colophon_floats_to_the_foot_with_its_three_lines(name: str) -> None:
    paper = SAMPLES[name].paper
    tables = [t for t in opened(name).element.body.iter(qn("w:tbl")) if t.find(f".//{qn('w:tblpPr')}") is not None]
    rows = bool(paper.content.copy_text) + (paper.content.layout is not Layout.LETTER)
    assert len(tables) == bool(rows)
    if not rows:
        return
    (table,) = tables
    assert value(table, "w:tblPr/w:tblpPr", "tblpYSpec") == "bottom"
    assert len(table.findall(qn("w:tr"))) == rows
    borders = table.find(f".//{qn('w:tblBorders')}")
    if paper.content.layout is Layout.LETTER:
        assert borders is None
    else:
        weights = {local(side): side.get(qn("w:sz")) for side in borders}
        assert weights == {"top": "8", "bottom": "8", "insideH": "6"}  # eighths of a point: 0.35 and 0.25 mm


def test_a_letter_has_its_mark_at_30_mm_and_no_number_on_its_first_page() -> None:
    document = opened("letter")
    mark = paragraph_with(document, "咸阳市人民政府办公室")
    assert value(mark, "w:pPr/w:framePr", "y") == str(round(30 / 25.4 * 1440))
    assert value(mark, "w:pPr/w:framePr", "w") == str(round(170 / 25.4 * 1440))
    assert value(mark, "w:pPr/w:pBdr/w:bottom", "val") == "thickThinSmallGap"
    section = document.sections[0]
    assert section.different_first_page_header_footer
    foot = section.first_page_footer._element
    assert not list(foot.iter(qn("w:instrText")))
    assert value(foot, "w:p/w:pPr/w:pBdr/w:bottom", "val") == "thinThickSmallGap"


def test_signatories_of_a_request_are_in_kai_and_its_note_is_bracketed() -> None:
    document = opened("request")
    assert face_of(paragraph_with(document, "签发人："), "甲乙丙") == ("楷体_GB2312", "32")
    assert words_of(paragraph_with(document, "联系人")) == "（联系人：某某，电话：000-0000000）"


def test_tables_repeat_their_first_row_and_fill_the_width() -> None:
    table = next(opened("table").element.body.iter(qn("w:tbl")))
    widths = [int(column.get(qn("w:w"))) for column in table.iter(qn("w:gridCol"))]
    assert sum(widths) == pytest.approx(156 / 25.4 * 1440, abs=len(widths))
    first, *rest = table.findall(qn("w:tr"))
    assert first.find(f".//{qn('w:tblHeader')}") is not None
    assert len(rest) == 3


def test_annexes_begin_new_pages() -> None:
    document = opened("annexes")
    for label in ("附件1", "附件2"):
        assert paragraph_with(document, label).find(f".//{qn('w:pageBreakBefore')}") is not None


def test_a_demonstration_file_says_so_on_every_page() -> None:
    paper = SAMPLES["letter"].paper
    marked = replace(paper, imprint=replace(paper.imprint, demo=True))
    section = library.Document(io.BytesIO(docx.write(marked))).sections[0]
    for head in (section.header, section.even_page_header, section.first_page_header):
        assert [p.text for p in head.paragraphs] == ["演示文件，不具效力"]


def test_characters_no_file_may_hold_are_left_out() -> None:
    paper = SAMPLES["notice"].paper
    wild = replace(paper, content=replace(paper.content, body=(text("甲\x00\x0b乙<w:p>&amp;\ud800丙"),)))
    document = library.Document(io.BytesIO(docx.write(wild)))
    assert "甲乙<w:p>&amp;丙" in words_of(document.element.body)


def test_nothing_of_the_machine_or_the_clock_is_in_the_file() -> None:
    with zipfile.ZipFile(io.BytesIO(written("notice"))) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "docProps/thumbnail.jpeg" not in package.namelist()
    facts = opened("notice").core_properties
    assert facts.created == facts.modified
    assert (facts.author, facts.last_modified_by, facts.comments) == ("咸阳市人民政府", "", "")
    assert facts.created.date() == SAMPLES["notice"].paper.imprint.day


@pytest.mark.parametrize("name", ["notice", "letter", "minutes", "table"])
async def test_what_was_downloaded_can_be_uploaded_again(name: str) -> None:
    content = SAMPLES[name].paper.content
    readers = Readers(spare=False)
    try:
        found = (await readers.read_file(written(name), f"{name}.docx")).intake
    finally:
        await readers.close()
    assert found is not None
    assert (found.content.title, found.content.principal_text) == (content.title, content.principal_text)
    assert [block.kind for block in found.content.body] == [block.kind for block in content.body]
    assert [block.text for block in found.content.body] == [block.text for block in content.body]
