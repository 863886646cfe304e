"""Our own papers come back: what the suite wrote as DOCX or PDF is read as the content it was made from."""

from dataclasses import replace
from pathlib import Path

import pytest

from office.domain.document import Content
from office.paper import docx, layout
from office.paper.child_entry import read
from office.paper.reading_result import Request
from tests.paper.papers import SAMPLES

UNLIKE_IN_PDF = {"table", "order"}  # a PDF has no tables; the name of an order's signatory is no organ


def _read(tmp_path: Path, data: bytes) -> Content:
    place = tmp_path / "file"
    place.write_bytes(data)
    intake = read(place, Request("文件")).intake
    assert intake is not None
    assert intake.annex == ()
    return intake.content


def _shown(content: Content) -> Content:
    """What a page shows of a content: not who is meant by the recipients, nor links, nor sums."""
    return Content(
        content.kind, content.title, content.principal_text, content.body, content.attachment_names, content.note,
        content.urgency, layout=content.layout, copy_text=content.copy_text, attendance=content.attendance,
    )  # fmt: skip


@pytest.mark.parametrize("name", SAMPLES)
def test_our_word_file_comes_back(tmp_path: Path, name: str) -> None:
    paper = SAMPLES[name].paper
    assert _shown(_read(tmp_path, docx.write(paper))) == _shown(paper.content)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - UNLIKE_IN_PDF))
def test_our_pdf_comes_back(tmp_path: Path, name: str) -> None:
    paper = SAMPLES[name].paper
    assert _shown(_read(tmp_path, layout.render(paper).pdf)) == _shown(paper.content)


@pytest.mark.parametrize("name", sorted(UNLIKE_IN_PDF))
def test_of_the_two_others_all_but_the_body_comes_back(tmp_path: Path, name: str) -> None:
    paper = SAMPLES[name].paper
    found = _read(tmp_path, layout.render(paper).pdf)
    assert _shown(replace(found, body=paper.content.body)) == _shown(paper.content)
