"""Attachments bound behind the paper, and what their first pages are marked with."""

import io
from typing import cast

import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from office.domain.errors import Invalid, NotFound
from office.paper import layout, pdf
from office.paper.picture import page_picture
from tests.paper.measuring import pages_of
from tests.paper.papers import SAMPLES

LABEL = "咸政发〔2026〕3号附件2"


@pytest.fixture(scope="module")
def paper() -> bytes:
    return layout.render(SAMPLES["notice"].paper).pdf


@pytest.fixture(scope="module")
def annex() -> bytes:
    return layout.render(SAMPLES["long letter"].paper).pdf


def turned(data: bytes, angle: int, move: float = 0.0) -> bytes:
    """The file with its first page turned, its boxes moved by so many points."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    page = writer.pages[0]
    if move:
        page.add_transformation(pypdf.Transformation().translate(move, move))
        for box in (page.mediabox, page.cropbox):
            box.lower_left = (move, move)
            box.upper_right = (float(box.right) + move, float(box.top) + move)
    page.rotate(angle)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_attachments_follow_in_order_and_each_first_page_is_marked(paper: bytes, annex: bytes) -> None:
    first, second = pdf.label_of("咸政发〔2026〕3号", 1, 2), pdf.label_of("咸政发〔2026〕3号", 2, 2)
    whole = pdf.merge(paper, [pdf.Bound("甲", annex, first), pdf.Bound("乙", annex, second)])
    pages = pages_of(whole)
    assert len(pages) == pdf.page_count(whole) == 2 + 3 + 3
    assert [pages[at].lines[0].text for at in (2, 5)] == [first, second]
    assert all(LABEL[:11] not in page.lines[0].text for page in (pages[0], pages[3], pages[7]))
    assert [line.text for line in pages[1].lines] == [line.text for line in pages_of(paper)[1].lines]


def test_a_single_attachment_has_no_number() -> None:
    assert pdf.label_of("咸政发〔2026〕3号", 1, 1) == "咸政发〔2026〕3号附件"


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("move", [0.0, 40.0])
def test_the_mark_stands_upper_left_however_the_page_is_turned(annex: bytes, angle: int, move: float) -> None:
    page = pypdf.PdfReader(io.BytesIO(pdf.stamp(turned(annex, angle, move), LABEL))).pages[0]
    found: list[tuple[float, float]] = []

    def note(text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        if "附件" in text:
            found.append((tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]))

    page.extract_text(visitor_text=note)
    x, y = found[0][0] - move, found[0][1] - move
    wide, high = 595.3, 841.9
    across, down = {0: (x, high - y), 90: (y, x), 180: (wide - x, y), 270: (high - y, wide - x)}[angle]
    assert across * 25.4 / 72 == pytest.approx(28, abs=0.5)
    assert 12 < down * 25.4 / 72 < 19


def test_the_merged_file_still_claims_pdf_a_and_keeps_its_colours_and_names(paper: bytes, annex: bytes) -> None:
    reader = pypdf.PdfReader(io.BytesIO(pdf.merge(paper, [pdf.Bound("甲", annex, LABEL)])))
    root = cast("DictionaryObject", reader.trailer["/Root"])
    assert b"pdfaid" in cast("StreamObject", root["/Metadata"]).get_data()
    intents = cast("ArrayObject", root["/OutputIntents"])
    assert str(cast("DictionaryObject", intents[0].get_object())["/S"]) == "/GTS_PDFA1"
    assert reader.metadata is not None
    assert reader.metadata.title == SAMPLES["notice"].paper.content.title
    assert len(cast("ArrayObject", reader.trailer["/ID"])) == 2


def test_merging_is_repeatable_and_pages_can_be_drawn(paper: bytes, annex: bytes) -> None:
    extra = [pdf.Bound("甲", annex, LABEL)]
    whole = pdf.merge(paper, extra)
    assert pdf.merge(paper, extra) == whole
    assert page_picture(whole, 3, width=200).startswith(b"\x89PNG")
    with pytest.raises(NotFound):
        page_picture(whole, 6, width=200)


def test_what_cannot_be_read_is_refused_by_name(paper: bytes, annex: bytes) -> None:
    for broken in (b"no pdf at all", annex[: len(annex) // 3], b"%PDF-1.7\n%%EOF"):
        with pytest.raises(Invalid) as refused:
            pdf.merge(paper, [pdf.Bound("名单.pdf", broken, LABEL)])
        assert "名单.pdf" in refused.value.sentence
        assert refused.value.fix


def test_a_locked_attachment_is_refused(paper: bytes, annex: bytes) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(annex))
    writer.encrypt("geheim", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(Invalid):
        pdf.merge(paper, [pdf.Bound("名单.pdf", out.getvalue())])


def test_too_many_pages_and_too_many_bytes_are_refused(
    paper: bytes, annex: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "MOST_PAGES", 4)
    with pytest.raises(Invalid, match="4页"):
        pdf.merge(paper, [pdf.Bound("长.pdf", annex)])
    monkeypatch.setattr(pdf, "MOST_BYTES", len(paper))
    with pytest.raises(Invalid, match="100兆"):
        pdf.merge(paper, [pdf.Bound("大.pdf", annex)])
