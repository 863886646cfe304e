"""GB/T 9704-2012, measured from the PDF itself: sixteen papers, every place within half a millimetre."""

import itertools
import re
from dataclasses import replace
from functools import lru_cache

import pytest

from office.domain.document import Block, BlockKind, Kind, Layout
from office.domain.errors import Invalid
from office.paper import layout, sheet, title
from tests.paper.measuring import Bar, Line, Page, pages_of
from tests.paper.papers import SAMPLES, text

NEAR = 0.5  # mm
PITCH, CELL, TOP, BOTTOM, WIDE = 225 / 22, 156 / 28, 37.0, 262.0, 156.0
SMALL = 14 * 25.4 / 72  # one 四号 character
EVERY = pytest.mark.parametrize("name", SAMPLES)
MARK_TOP = {Layout.GENERAL: 72.0, Layout.MINUTES: 72.0, Layout.ORDER: 57.0, Layout.LETTER: 30.0}


@lru_cache
def rendered(name: str) -> layout.Rendered:
    sample = SAMPLES[name]
    return layout.render(sample.paper, annexes=sample.annexes)


@lru_cache
def measured(name: str) -> tuple[Page, ...]:
    return pages_of(rendered(name).pdf)


def layouts(*wanted: Layout) -> pytest.MarkDecorator:
    names = [name for name, sample in SAMPLES.items() if sample.paper.content.layout in wanted]
    return pytest.mark.parametrize("name", names)


def near(found: float, wanted: float, within: float = NEAR) -> bool:
    return abs(found - wanted) <= within


def red_lines(page: Page) -> list[Bar]:
    return [bar for bar in page.bars if bar.red]


def colophon(page: Page) -> list[Bar]:
    return [bar for bar in page.bars if not bar.red and near(bar.width, WIDE) and bar.height < 0.5]


def page_number(page: Page) -> Line | None:
    return next((line for line in page.lines if re.fullmatch(r"—\d+—", line.text)), None)


@EVERY
def test_every_page_is_a4_and_its_text_keeps_to_the_type_area(name: str) -> None:
    for page in measured(name):
        assert near(page.width, 210, 0.1)
        assert near(page.height, 297, 0.1)
        for line in page.text_lines:
            assert line.left >= page.left - NEAR, line.text
            assert line.right <= page.left + WIDE + NEAR, line.text
            assert line.top >= TOP - NEAR or SAMPLES[name].paper.content.layout is Layout.LETTER, line.text
            assert line.bottom <= BOTTOM + NEAR, line.text


def test_a_full_page_has_22_lines_of_28_characters() -> None:
    paper = SAMPLES["notice"].paper
    full = replace(paper, content=replace(paper.content, body=(text("国" * 28 * 22 * 4),)))
    for page in pages_of(layout.render(full).pdf)[1:3]:
        assert [len(line.glyphs) for line in page.text_lines] == [28] * 22
        for at, line in enumerate(page.text_lines):
            assert near(line.baseline, TOP + CELL * 0.88 + PITCH * at, 0.1)
            assert near(line.glyphs[0].x, page.left, 0.1)
            assert near(line.glyphs[-1].x + CELL, page.left + WIDE, 0.1)


@EVERY
def test_lines_of_the_body_stand_one_pitch_apart(name: str) -> None:
    """7.3.5: only where the closing would stand alone on a page may the pitch change, by a tenth at most."""
    gaps = []
    for page in measured(name):
        lines = [line for line in page.text_lines if near(line.glyphs[0].size, 15.79, 0.05)]
        pairs = itertools.pairwise(lines)
        gaps += [b.baseline - a.baseline for a, b in pairs if b.baseline - a.baseline < PITCH * 1.15]
    usual = sorted(gaps)[len(gaps) // 2]
    assert near(usual, PITCH, 0.05) or (name in {"reply", "long notice"} and near(usual, PITCH, PITCH * 0.11))
    assert sum(near(gap, usual, 0.3) for gap in gaps) >= len(gaps) * 0.6


@EVERY
def test_the_mark_is_red_centred_and_at_its_height(name: str) -> None:
    page = measured(name)[0]
    mark = page.mark
    assert near(min(glyph.top for glyph in mark), MARK_TOP[SAMPLES[name].paper.content.layout])
    left, right = min(glyph.left for glyph in mark), max(glyph.right for glyph in mark)
    assert near((left + right) / 2, page.left + WIDE / 2)
    assert right - left <= WIDE + NEAR
    assert not any(later.mark for later in measured(name)[1:])


@layouts(Layout.GENERAL, Layout.MINUTES)
def test_the_red_line_is_4_mm_below_the_number_and_as_wide_as_the_area(name: str) -> None:
    page = measured(name)[0]
    (line,) = red_lines(page)
    assert near(line.left, page.left, 0.1)
    assert near(line.width, WIDE, 0.1)
    above = max(found.baseline for found in page.text_lines if found.baseline < line.top)
    assert near(line.top - (above + CELL * 0.12), 4.0, 0.1)


@EVERY
def test_number_and_title_are_centred(name: str) -> None:
    paper, page = SAMPLES[name].paper, measured(name)[0]
    number = page.line_with(paper.imprint.number)
    if paper.content.kind is Kind.REQUEST:
        assert near(number.glyphs[0].x, page.left + CELL)  # with 签发人, 7.2.5
    elif paper.content.layout is Layout.LETTER:
        assert near(number.right, page.left + WIDE)  # 10.1
    else:
        assert near(number.middle, page.left + WIDE / 2)
    if paper.content.layout is not Layout.ORDER:
        for part in title.lines_of(paper.content.title):
            assert near(page.line_with(part).middle, page.left + WIDE / 2)
            assert near(page.line_with(part).glyphs[0].size, 22, 0.01)


@layouts(Layout.GENERAL, Layout.MINUTES)
def test_the_title_stands_two_lines_below_and_the_principal_one_line_below_that(name: str) -> None:
    paper, page = SAMPLES[name].paper, measured(name)[0]
    first, last = (page.line_with(title.lines_of(paper.content.title)[at]) for at in (0, -1))
    (line,) = red_lines(page)
    squeeze = 1.1
    assert 2 * PITCH - NEAR <= first.baseline - 22 * 0.3528 * 0.88 - line.bottom <= 2 * PITCH * squeeze
    if paper.content.principal_text:
        principal = page.line_with(paper.content.principal_text[:6])
        gap = principal.baseline - last.baseline
        assert PITCH * 0.95 + CELL <= gap <= PITCH * 1.1 + CELL + NEAR


@EVERY
def test_the_first_page_shows_body(name: str) -> None:
    first = SAMPLES[name].paper.content.body[0].text[:8]
    assert rendered(name).body_on_first_page
    assert first in measured(name)[0].line_with(first).text


@EVERY
def test_page_numbers_stand_outside_one_character_in(name: str) -> None:
    pages = measured(name)
    bare = {1} if SAMPLES[name].paper.content.layout is Layout.LETTER else set()
    if not pages[-1].text_lines or (len(pages) > 1 and not pages[-2].text_lines):
        bare |= {len(pages), len(pages) - 1}  # a blank page before the colophon's, 7.5
    for page in pages:
        line = page_number(page)
        assert (line is None) == (page.number in bare), page.number
        if line is None:
            continue
        assert line.text == f"—{page.number}—"
        dash = line.glyphs[0]
        assert near((dash.top + dash.bottom) / 2, BOTTOM + 7)
        if page.number % 2:
            assert near(line.glyphs[-1].right, page.left + WIDE - SMALL)
        else:
            assert near(line.glyphs[0].left, page.left + SMALL)


@EVERY
def test_the_colophon_ends_an_even_last_page_at_the_foot_of_the_type_area(name: str) -> None:
    pages, paper = measured(name), SAMPLES[name].paper
    if paper.content.layout is Layout.LETTER:
        assert not any(colophon(page) for page in pages)  # 10.1
        return
    assert len(pages) % 2 == 0
    assert not any(colophon(page) for page in pages[:-1])
    lines = sorted(colophon(pages[-1]), key=lambda bar: bar.top)
    assert len(lines) == (3 if paper.content.copy_text else 2)
    assert near(lines[-1].bottom, BOTTOM, 0.1)
    assert all(near(bar.left, pages[-1].left, 0.1) for bar in lines)
    weights = [0.35, *[0.25] * (len(lines) - 2), 0.35]
    assert [round(bar.height, 2) for bar in lines] == weights
    printer = pages[-1].line_with(paper.imprint.printer)
    assert near(printer.glyphs[0].x, pages[-1].left + SMALL)
    assert near(printer.right, pages[-1].left + WIDE - SMALL)
    assert printer.text.endswith("印发")


@EVERY
def test_no_seal_and_no_name_stands_on_a_page_without_text(name: str) -> None:
    pages, paper = measured(name), SAMPLES[name].paper
    boxes = rendered(name).seal_boxes
    assert bool(boxes) == (sheet.closing_of(paper) == "SEALED")
    for box in boxes:
        page = pages[box.page - 1]
        above = [line for line in page.text_lines if line.baseline < box.y]
        assert above, "the seal would begin the page"
        lowest = max(above, key=lambda line: line.baseline)
        assert 0 <= box.y - lowest.bottom <= PITCH * 1.1  # within one line of the text, 7.3.5.1
        assert box.x >= page.left
        assert box.x + box.width <= page.left + WIDE + 0.01
        assert box.y + box.height <= BOTTOM


@pytest.mark.parametrize("name", [n for n in SAMPLES if sheet.closing_of(SAMPLES[n].paper) == "SEALED"])
def test_each_seal_is_centred_on_its_name_and_the_last_on_the_date(name: str) -> None:
    paper, boxes = SAMPLES[name].paper, rendered(name).seal_boxes
    organs = (paper.issuer.title, *paper.issuer.joint)
    assert len(boxes) == len(organs)
    page = measured(name)[boxes[0].page - 1]
    beside = 12 if len(boxes) == 1 else 4  # a name may be wider than its seal
    for box, organ in zip(boxes, organs, strict=True):
        middle = box.x + box.width / 2
        row = [line for line in page.text_lines if box.y < line.baseline < box.y + box.height]
        inside = [g for line in row for g in line.glyphs if box.x - beside < g.x < box.x + box.width + beside]
        named = [g for g in inside if g.baseline == min(h.baseline for h in inside)]
        assert "".join(g.text for g in named) == organ
        assert near((named[0].left + named[-1].right) / 2, middle)
    day = Line(page.line_with("年11月24日").glyphs[-11:])
    assert near((day.glyphs[0].x + day.glyphs[-1].x + CELL) / 2, boxes[-1].x + boxes[-1].width / 2)
    assert boxes[-1].y < day.baseline < boxes[-1].y + boxes[-1].height
    if len(boxes) == 1 and len(organs[0]) < 9:
        assert near(day.glyphs[-1].x + CELL, page.left + WIDE - 4 * CELL)


@pytest.mark.parametrize("name", ["joint of two", "joint of three"])
def test_seals_of_a_joint_issue_do_not_touch(name: str) -> None:
    for a, b in itertools.combinations(rendered(name).seal_boxes, 2):
        centres = ((a.x - b.x) ** 2 + (a.y - b.y) ** 2) ** 0.5
        assert centres >= a.width + 1


@layouts(Layout.LETTER)
def test_a_letter_has_two_red_double_lines_of_170_mm(name: str) -> None:
    page = measured(name)[0]
    thick_above, thin_below, thin_above, thick_below = sorted(red_lines(page), key=lambda bar: bar.top)
    for bar in (thick_above, thin_below, thin_above, thick_below):
        assert near(bar.width, 170, 0.1)
        assert near(bar.left, 20, 0.1)
    assert thick_above.height > thin_below.height
    assert thick_below.height > thin_above.height
    assert near(thick_above.top, max(glyph.bottom for glyph in page.mark) + 4)
    assert near(thick_below.bottom, 297 - 20, 0.1)
    number = page.line_with(SAMPLES[name].paper.imprint.number)
    assert near(number.baseline - 0.88 * CELL - thin_below.bottom, CELL * 7 / 8)


def test_an_order_has_its_number_two_lines_below_the_mark_and_the_name_four_from_the_right() -> None:
    page = measured("order")[0]
    number = page.line_with("第12号")
    assert near(number.baseline - 0.88 * CELL, max(g.bottom for g in page.mark) + 2 * PITCH + (PITCH - CELL))
    signed = page.line_with("甲乙丙")
    assert near(signed.glyphs[-1].x + 22 * 25.4 / 72, page.left + WIDE - 4 * CELL)
    post = page.line_with("长")
    assert near(signed.glyphs[-3].x - (post.glyphs[-1].x + CELL), 2 * CELL)
    day = page.line_with("2026年11月24日")
    assert near(day.baseline - post.baseline, 2 * PITCH)


def test_signatories_stand_two_a_row_under_the_first_name() -> None:
    page = measured("request")[0]
    first, second = page.line_with("签发人"), page.line_with("己庚辛")
    assert "甲乙丙丁戊" in first.text
    one = next(glyph for glyph in first.glyphs if glyph.text == "甲")
    other = next(glyph for glyph in second.glyphs if glyph.text == "己")
    assert near(one.x, other.x, 0.1)
    assert near(second.baseline, page.line_with("兴政发").baseline, 0.1)
    assert near(first.right, page.left + WIDE - CELL)


def test_serial_and_urgency_stand_in_the_first_two_lines() -> None:
    page = measured("urgent")[0]
    serial, urgency = page.line_with("000037"), page.line_with("特急")
    assert near(serial.baseline, TOP + 0.88 * CELL, 0.1)
    assert near(serial.glyphs[0].x, page.left, 0.1)
    assert near(urgency.baseline - serial.baseline, PITCH, 0.1)


def test_turned_lines_of_the_attachment_list_align_with_the_name() -> None:
    page = measured("annexes")[1]
    first, second, turned = (page.line_with(words) for words in ("附件：1.", "2.《淤地坝", "方案编制说明"))
    assert near(first.glyphs[0].x, page.left + 2 * CELL, 0.1)
    assert near(second.glyphs[0].x, page.left + 5 * CELL, 0.1)
    name = next(glyph for glyph in first.glyphs if glyph.text == "防")
    assert near(turned.glyphs[0].x, name.x, 0.1)
    assert near(first.baseline - page.line_with("群众监督").baseline, 2 * PITCH, 0.1)


def test_annexes_begin_new_pages_with_label_and_title() -> None:
    third, fourth = measured("annexes")[2:4]
    for page, label, name in ((third, "附件1", "防汛责任人名单"), (fourth, "附件2", "《淤地坝安全")):
        lead = page.text_lines[0]
        assert lead.text == label
        assert near(lead.baseline, TOP + 0.88 * CELL, 0.1)
        assert near(lead.glyphs[0].x, page.left, 0.1)
        assert near(page.line_with(name).middle, page.left + WIDE / 2)
        assert page.line_with(name).baseline - lead.baseline >= 2 * PITCH - NEAR


def test_without_a_seal_the_date_begins_two_characters_after_the_name() -> None:
    page = measured("unsealed")[1]
    name, day = page.line_with("咸阳市人民政府"), page.line_with("2026年11月24日")
    assert near(day.glyphs[0].x - name.glyphs[0].x, 2 * CELL)
    assert near(day.baseline - name.baseline, PITCH, 0.1)


@pytest.mark.parametrize("name", ["notice", "joint of three"])
def test_at_any_length_text_stands_above_the_seals_and_the_colophon_ends_an_even_page(name: str) -> None:
    paper = SAMPLES[name].paper
    for lines in range(1, 36):
        blocks = (text("国" * (28 * lines - 4)),)
        done = layout.render(replace(paper, content=replace(paper.content, body=blocks)))
        box = done.seal_boxes[0]
        assert done.body_on_first_page
        assert box.page == 1 or box.y > TOP + PITCH * 0.8, lines
        assert done.pages % 2 == 0


def test_the_same_paper_gives_the_same_bytes_and_claims_pdf_a_2b() -> None:
    paper = SAMPLES["notice"].paper
    first = layout.render(paper).pdf
    layout.render(SAMPLES["letter"].paper)
    assert layout.render(paper).pdf == first
    assert b"pdfaid:part>2<" in first or b'pdfaid:part="2"' in first


def test_a_paper_that_ends_with_a_table_keeps_its_last_row_above_the_seal() -> None:
    paper = SAMPLES["notice"].paper
    for rows in range(4, 20, 3):
        table = Block(BlockKind.TABLE, rows=tuple((f"第{row}行", "内容") for row in range(rows)))
        done = layout.render(replace(paper, content=replace(paper.content, body=(text("如下。"), table))))
        (box,) = done.seal_boxes
        assert box.y > TOP + PITCH * 0.9 or box.page == 1, rows


def test_a_colophon_longer_than_a_page_is_refused() -> None:
    paper = SAMPLES["notice"].paper
    crowded = replace(paper, content=replace(paper.content, copy_text="市委各部门，" * 400))
    with pytest.raises(Invalid, match="抄送"):
        layout.render(crowded)


def test_a_principal_list_that_fills_the_first_page_moves_to_the_colophon() -> None:
    paper = SAMPLES["notice"].paper
    listed = "、".join(f"第{place}县人民政府" for place in range(70))
    done = layout.render(replace(paper, content=replace(paper.content, principal_text=listed)))
    pages = pages_of(done.pdf)
    assert done.body_on_first_page
    assert "第0县" not in "".join(line.text for line in pages[0].lines)
    moved, copies = pages[-1].line_with("主送：第0县"), pages[-1].line_with("抄送：")
    assert not any(moved.baseline < bar.top < copies.baseline for bar in colophon(pages[-1]))  # no line between, 7.4


def test_markup_in_a_paper_is_only_text() -> None:
    paper = SAMPLES["notice"].paper
    wild = "#panic(1) *粗* $x$ `code` <label> @ref"
    done = layout.render(replace(paper, content=replace(paper.content, body=(text(wild),))))
    assert "#panic(1)*粗*$x$`code`<label>@ref" in pages_of(done.pdf)[0].line_with("#panic").text


def test_a_character_without_a_glyph_is_refused_in_a_file_and_boxed_in_a_preview() -> None:
    paper = SAMPLES["notice"].paper
    strange = replace(paper, content=replace(paper.content, body=(text("一个\U0001f9a4字"),)))
    with pytest.raises(Invalid) as refused:
        layout.render(strange)
    assert refused.value.code == "NoGlyph"
    assert layout.preview(strange).pages[0].startswith(b"\x89PNG")


def test_names_of_villages_with_rare_characters_are_printed() -> None:
    paper = SAMPLES["notice"].paper
    rare = "姜嫄村、好畤村、南磵村、陈贠湾村、七〇四社区"
    done = layout.render(replace(paper, content=replace(paper.content, body=(text(rare),))))
    assert rare in pages_of(done.pdf)[0].line_with("姜").text
