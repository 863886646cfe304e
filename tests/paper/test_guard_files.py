"""Every bad file is refused by the rule meant for it, in the child's own code; good ones pass."""

from collections.abc import Callable
from pathlib import Path

import pytest

from office.domain.errors import RefusedFile
from office.domain.secrecy import Tier
from office.paper.child_entry import read
from office.paper.guard import Media
from office.paper.reading_result import Reading, Request
from tests.paper import makers as m
from tests.paper.bad_files import CONTAINERS, MARKS


def _read(tmp_path: Path, data: bytes, name: str = "文件.docx", *, draft: bool = True) -> Reading:
    place = tmp_path / "file"
    place.write_bytes(data)
    return read(place, Request(name, draft))


@pytest.mark.parametrize(("rule", "make"), CONTAINERS.values(), ids=CONTAINERS)
def test_a_bad_container_is_refused_by_its_rule(tmp_path: Path, rule: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(RefusedFile) as refused:
        _read(tmp_path, make())
    assert refused.value.rule == rule
    assert "没有收下" in refused.value.sentence or "打不开" in refused.value.sentence


@pytest.mark.parametrize(("where", "make"), MARKS.items(), ids=MARKS)
def test_a_mark_is_found_wherever_it_stands(tmp_path: Path, where: str, make: Callable[[], bytes]) -> None:
    with pytest.raises(RefusedFile) as refused:
        _read(tmp_path, make(), draft=False)
    assert refused.value.rule.startswith("mark_")
    assert refused.value.sentence.startswith(where.split(" ")[0])
    assert "机密" not in refused.value.sentence


def test_a_mark_in_the_file_name(tmp_path: Path) -> None:
    with pytest.raises(RefusedFile) as refused:
        _read(tmp_path, m.docx(), "【机密】通知.docx")
    assert refused.value.rule == "mark_name"


def test_a_word_that_needs_vouching_is_a_question(tmp_path: Path) -> None:
    reading = _read(tmp_path, m.docx(m.paragraph("不得泄露国家秘密。") + m.BODY))
    assert reading.question is not None
    assert (reading.question.tier, reading.question.where) == (Tier.SOFT, "正文")


ORDINARY = {
    "small": lambda: m.docx(),
    "directories": lambda: m.zipped([("word/", b""), *m.parts().items()]),
    "embedded font": lambda: m.docx(extra={"word/fonts/font1.odttf": bytes(range(256)) * 8}),
    "printer settings": lambda: m.docx(extra={"word/printerSettings1.bin": b"\0\1\2"}),
    "custom XML": lambda: m.docx(extra={"customXml/item1.xml": "<a xmlns='x'>1</a>"}),
    "WMF picture": lambda: m.docx(extra={"word/media/image1.wmf": b"\xd7\xcd\xc6\x9a" + bytes(100)}),
    "small white picture": lambda: m.docx(extra={"word/media/white.bmp": bytes(200_000)}),
    "web link": lambda: m.docx(
        extra={"word/_rels/document.xml.rels": m.relations(("hyperlink", "https://x.test/link?a=1", "External"))}
    ),
    "template of the author's drive": lambda: m.docx(
        extra={"word/_rels/settings.xml.rels": m.relations(("attachedTemplate", "file:///C:\\a\\wps.dot", "External"))}
    ),
    "page number and link fields": lambda: m.docx(
        m.BODY + '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>HYPERLINK "http://x.test/ LINK"'
        "</w:instrText></w:r></w:p>" + '<w:p><w:fldSimple w:instr=" PAGE "/></w:p>'
    ),
    "OLE type without an object": lambda: m.docx(
        types='<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.oleObject"/>'
    ),
}


@pytest.mark.parametrize("make", ORDINARY.values(), ids=ORDINARY)
def test_an_ordinary_word_file_passes(tmp_path: Path, make: Callable[[], bytes]) -> None:
    reading = _read(tmp_path, make())
    assert reading.media is Media.DOCX
    assert reading.question is None
    assert reading.intake is not None
    assert reading.intake.content.title == "关于做好防汛工作的通知"


@pytest.mark.slow
def test_exactly_the_limits_pass(tmp_path: Path) -> None:
    names = [(f"word/x{n}.txt", b"") for n in range(2_000 - len(m.parts()))]
    assert _read(tmp_path, m.zipped([*m.parts().items(), *names])).media is Media.DOCX
    elements = 300_000 - 1 - sum(data.count(b"</") + data.count(b"/>") for data in m.parts().values())
    many = "".join(f"<b>{n * 7919:x}</b>" for n in range(elements))
    assert _read(tmp_path, m.docx(extra={"customXml/item1.xml": f"<a>{many}</a>"})).media is Media.DOCX
    with pytest.raises(RefusedFile) as refused:
        _read(tmp_path, m.docx(extra={"customXml/item1.xml": f"<a>{many}<b/></a>"}))
    assert refused.value.rule == "xml_elements"


@pytest.mark.parametrize(
    "data",
    [
        m.pdf("第一页", "第二页"),
        m.pdf("第一页", "第二页", catalog="/OpenAction [100 0 R /XYZ null null 0]"),
        m.pdf("第一页", "第二页", catalog="/OpenAction << /S /GoTo /D [100 0 R /Fit] >>"),
        m.pdf("第一页", "第二页", objects=["<< /A << /S /URI /URI (https://x.test/) >> >>"]),
    ],
    ids=["plain", "opens at a place", "opens by GoTo", "web link"],
)
def test_an_ordinary_pdf_passes_and_its_pages_are_counted(tmp_path: Path, data: bytes) -> None:
    reading = _read(tmp_path, data, "附件.pdf", draft=False)
    assert (reading.media, reading.pages, reading.intake) == (Media.PDF, 2, None)


def test_pictures_are_attachments_not_drafts(tmp_path: Path) -> None:
    assert _read(tmp_path, m.png(30, 20), "图.png", draft=False).media is Media.PNG
    with pytest.raises(RefusedFile) as refused:
        _read(tmp_path, m.png(30, 20), "图.png")
    assert refused.value.rule == "not_a_draft"


def test_the_name_does_not_decide_the_type(tmp_path: Path) -> None:
    assert _read(tmp_path, m.pdf("通知"), "其实是.docx", draft=False).media is Media.PDF
