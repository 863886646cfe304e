"""Anybody may ask whether a file is genuine, and gets one answer that a clerk understands."""

import io
from datetime import UTC, datetime

import pypdf
import pytest
from aiohttp import FormData
from pypdf.annotations import FreeText

from office.domain.people import Role
from office.service import voiding
from office.service.verifying import Standing
from office.sign.provider import Change, Outcome, SealFact, Verdict
from tests.town import CITY, VILLAGE
from tests.web.conftest import Client, House
from tests.web.issuing import TITLE, issued
from web import judging
from web.verdict import Answer, answer_of, marked, next_of, sentence_of

SEALED_AT = datetime(2026, 11, 20, 8, 42, tzinfo=UTC)


def form(data: bytes, name: str = "file.pdf") -> FormData:
    fields = FormData()
    fields.add_field("file", data, filename=name, content_type="application/pdf")
    return fields


async def ask(client: Client, house: House, data: bytes) -> str:
    answer = await client.post("/verify", data=form(data), headers=house.origin)
    assert answer.status == 200
    return await answer.text()


def annotated(pdf: bytes) -> bytes:
    """Somebody added a note with an ordinary PDF program."""
    writer = pypdf.PdfWriter(io.BytesIO(pdf), incremental=True)
    writer.add_annotation(0, FreeText(text="86", rect=(200, 500, 260, 530), font_size="12pt"))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.slow
async def test_a_genuine_an_altered_a_voided_and_a_strange_file(sqlite_house: House) -> None:
    paper = await issued(sqlite_house)
    client = await sqlite_house.outside()
    page = await ask(client, sqlite_house, paper.pdf)
    assert "此文件为真" in page
    assert TITLE in page
    assert "咸政发〔" in page
    assert "有效，没有撤销或废止" in page
    assert "/documents/" not in page  # a stranger is led nowhere
    page = await ask(client, sqlite_house, annotated(paper.pdf))
    assert 'data-answer="ALTERED"' in page
    assert "不要据此办理" in page
    assert TITLE in page  # known by what its seal closed
    void = voiding.VoidDocument(paper.document_id, revoked=True, reason="依据已变")
    await sqlite_house.services.db.write(voiding.void, void, sqlite_house.people(CITY, Role.LEADER))
    page = await ask(client, sqlite_house, paper.pdf)
    assert 'data-answer="REVOKED"' in page
    assert "撤销，自始无效" in page
    page = await ask(client, sqlite_house, b"%PDF-1.4 nothing of ours")
    assert 'data-answer="UNKNOWN"' in page
    assert "不等于是假的" in page


async def test_who_may_open_the_paper_is_led_to_it(sqlite_house: House) -> None:
    paper = await issued(sqlite_house)
    receiver = await sqlite_house.sign_in(VILLAGE)
    assert f"/documents/{paper.document_id}/history" in await ask(receiver, sqlite_house, paper.pdf)
    stranger = await sqlite_house.sign_in(3)
    assert "/documents/" not in await ask(stranger, sqlite_house, paper.pdf)


async def test_too_large_too_often_and_no_file(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await sqlite_house.outside()
    monkeypatch.setattr(judging, "MOST_BYTES", 1_000)
    answer = await client.post("/verify", data=form(b"x" * 1_001), headers=sqlite_house.origin)
    assert answer.status == 422
    answer = await client.post("/verify", data=form(b""), headers=sqlite_house.origin)
    assert "没有收到文件" in await answer.text()
    for _ in range(9):
        answer = await client.post("/verify", data=form(b""), headers=sqlite_house.origin)
    assert answer.status == 503


async def test_the_root_certificate_is_public_and_holds_no_key(sqlite_house: House) -> None:
    answer = await (await sqlite_house.outside()).get("/verify/root.pem")
    text = await answer.text()
    assert text.startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in text


def test_the_verdict_in_sentences() -> None:
    seal = SealFact("咸阳市人民政府", SEALED_AT, "1", trusted=True, revoked=False, intact=True, unchanged_since=False)
    verdict = Verdict(Outcome.ALTERED, (seal,), (Change(1, "尚缺68万元", "尚缺86万元"),), ("盖章之后有人改过。",))
    assert sentence_of(verdict) == (
        "已被改动。",
        "盖章之后有人改过。",
        "盖章：咸阳市人民政府，2026年11月20日 16:42。",
        "第 1 页：盖章时是“尚缺68万元”，现在是“尚缺86万元”。",
        "请向发文单位要原件，并告诉对方这份被改过。",
    )


def test_a_genuine_seal_alone_does_not_say_that_the_paper_holds() -> None:
    assert sentence_of(Verdict(Outcome.GENUINE))[-1] == "内容可信。是否已经撤销或废止，请在“验证文件”页再查一次。"
    assert "核实后再办" in next_of(Answer.GENUINE, None)
    issued_paper = Standing(1, "", "", "", "ISSUED", SEALED_AT, None, exact=True)
    assert sentence_of(Verdict(Outcome.GENUINE), issued_paper)[-1] == "可以放心据此办理。"


def test_a_void_paper_is_not_genuine_and_a_change_weighs_more() -> None:
    abolished = Standing(1, "", "", "", "ABOLISHED", SEALED_AT, SEALED_AT, exact=True)
    assert answer_of(Verdict(Outcome.GENUINE), abolished) is Answer.ABOLISHED
    assert answer_of(Verdict(Outcome.ALTERED), abolished) is Answer.ALTERED
    assert answer_of(Verdict(Outcome.GENUINE), None) is Answer.GENUINE


def test_the_changed_part_of_a_line() -> None:
    found = marked(Change(1, "尚缺68万元，超出", "尚缺86万元，超出"))
    assert (found.head, found.before, found.after, found.tail) == ("尚缺", "68", "86", "万元，超出")
    assert marked(Change(1, "", "加上的")).after == "加上的"
