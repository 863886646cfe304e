"""起草传文件、传附件: streamed in, checked in a child, refused or kept; nothing of a refused file stays."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import FormData
from sqlalchemy import select

from office.store.base_tables import event
from office.store.tables import attachment, refused_file, upload
from office.store.work import Work
from tests.paper import makers as m
from tests.town import TOWN, VILLAGE
from tests.web.conftest import Client, House
from web import uploads

MARKED = m.docx(m.paragraph("机密★1年") + m.BODY)
DOUBTED = m.docx(m.paragraph("不得泄露国家秘密。") + m.BODY)


def _rows(work: Work) -> dict[str, list[tuple[object, ...]]]:
    r, u, a = refused_file.c, upload.c, attachment.c
    return {
        "refused": [tuple(x) for x in work.execute(select(r.hash, r.size, r.rule))],
        "uploads": [tuple(x) for x in work.execute(select(u.name, u.media, u.pages))],
        "attachments": [tuple(x) for x in work.execute(select(a.name, a.media, a.pages))],
        "vouched": [tuple(x) for x in work.execute(select(event.c.body).where(event.c.kind == "MARK_VOUCHED"))],
    }


def _blobs(house: House) -> list[str]:
    folder = Path(house.services.config.blob_place)
    return [path.name for path in folder.rglob("*") if path.is_file()]


def _left(house: House) -> list[str]:
    return [path.name for path in (house.services.config.data / "incoming").rglob("*") if path.is_file()]


async def _send(client: Client, path: str, data: bytes, name: str, reason: str = "") -> tuple[int, str]:
    form = FormData()
    if reason:
        form.add_field("confirmed_reason", reason)
    form.add_field("file", data, filename=name)
    answer = await client.post(path, data=form, allow_redirects=False)
    return answer.status, answer.headers.get("Location", "") or await answer.text()


async def _draft(client: Client) -> int:
    status, location = await _send(client, "/drafts/import", m.docx(), "防汛通知.docx")
    assert status == 303, location
    return int(location.split("/")[2])


async def test_a_file_becomes_a_draft(house: House) -> None:
    client = await house.sign_in(TOWN)
    document_id = await _draft(client)
    page = await (await client.get(f"/documents/{document_id}/edit")).text()
    assert "关于做好防汛工作的通知" in page
    assert "汛期将至，请做好准备。" in page
    rows = await house.services.db.read(_rows)
    assert rows["uploads"] == [
        ("防汛通知.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", 0)
    ]
    assert len(_blobs(house)) == 1
    assert _left(house) == []


async def test_of_a_refused_file_only_hash_size_and_rule_stay(house: House) -> None:
    client = await house.sign_in(TOWN)
    status, text = await _send(client, "/drafts/import", MARKED, "通知.docx")
    assert status == 422
    assert "密级标志" in text
    rows = await house.services.db.read(_rows)
    assert [(row[1], row[2]) for row in rows["refused"]] == [(len(MARKED), "mark_star")]
    assert (rows["uploads"], _blobs(house), _left(house)) == ([], [], [])


async def test_a_doubtful_word_needs_a_reason_that_is_kept(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(TOWN)
    status, text = await _send(client, "/drafts/import", DOUBTED, "通知.docx")
    assert status == 422
    assert "写明理由" in text
    assert _blobs(sqlite_house) == []
    status, _ = await _send(client, "/drafts/import", DOUBTED, "通知.docx", "宣传材料，只是提到保密要求")
    assert status == 303
    rows = await sqlite_house.services.db.read(_rows)
    assert "宣传材料" in str(rows["vouched"][0][0])


async def test_attachments_count_their_pages_and_stay_with_their_draft(house: House) -> None:
    client = await house.sign_in(TOWN)
    document_id = await _draft(client)
    path = f"/documents/{document_id}/attachments"
    status, _ = await _send(client, path, m.pdf("一", "二", "三"), "../../名单.pdf")
    assert status in (200, 303)
    status, text = await _send(client, path, m.docx(extra={"word/vbaProject.bin": b"1"}), "宏.docx")
    assert status == 422
    assert "宏" in text
    stranger = await house.sign_in(VILLAGE)
    status, _ = await _send(stranger, path, m.pdf("一"), "x.pdf")
    assert status == 404
    rows = await house.services.db.read(_rows)
    assert rows["attachments"] == [("名单.pdf", "application/pdf", 3)]
    assert [row[2] for row in rows["refused"]] == ["docx_macro"]


async def test_a_body_that_is_the_file_itself(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(TOWN)
    document_id = await _draft(client)

    async def pieces() -> AsyncIterator[bytes]:
        data = m.pdf("一", "二")
        for start in range(0, len(data), 100):
            yield data[start : start + 100]

    answer = await client.post(
        f"/documents/{document_id}/attachments",
        data=pieces(),
        headers={"Content-Type": "application/octet-stream", "X-File-Name": "%E5%90%8D%E5%8D%95.pdf"},
        allow_redirects=False,
    )
    assert answer.status in (200, 303)
    assert (await sqlite_house.services.db.read(_rows))["attachments"] == [("名单.pdf", "application/pdf", 2)]


async def test_too_large_two_files_and_no_file(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await sqlite_house.sign_in(TOWN)
    two = FormData()
    for name in ("a.docx", "b.docx"):
        two.add_field("file", m.docx(), filename=name)
    answer = await client.post("/drafts/import", data=two, allow_redirects=False)
    assert (answer.status, "一次只能传一个文件" in await answer.text()) == (422, True)
    none = FormData()
    none.add_field("file", b"", filename="a.docx")
    answer = await client.post("/drafts/import", data=none, allow_redirects=False)
    assert (answer.status, "没有收到文件" in await answer.text()) == (422, True)
    monkeypatch.setattr(uploads, "LIMIT", 1000)
    status, text = await _send(client, "/drafts/import", m.docx(), "a.docx")
    assert (status, "没有收下" in text) == (422, True)
    assert (_blobs(sqlite_house), _left(sqlite_house)) == ([], [])
