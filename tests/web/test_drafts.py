"""拟稿 over HTTP: every kind, saving while typing, faults and their buttons, who may see what."""

import re
from typing import Any

import pytest
from aiohttp import ClientResponse, FormData
from sqlalchemy import func, select

from office.domain import body
from office.domain.document import Content, Issuer, Kind, Paper
from office.domain.people import Role
from office.paper import docx
from office.service import gathering
from office.store import documents
from office.store.tables import document_version, refused_file
from office.store.work import Work
from tests.town import CITY, COUNTY, FINANCE, TOWN, VILLAGE, WATER
from tests.web.conftest import Client, House

TITLE = "南位镇张里村民委员会关于补助灌渠维修资金的请示"
FIELDS = {
    "kind": "请示", "title": TITLE, "principal_text": "兴平市南位镇人民政府", "note": "联系人：甲，电话0000 0000",
    "body": "我村1.2公里灌渠垮塌，现申请补助资金30万元。\n妥否，请批示。", "amount_yuan": "300000",
}  # fmt: skip


async def new_draft(client: Client, kind: str = "请示") -> int:
    """A draft of that kind."""
    answer = await client.post("/drafts", data={"kind": kind}, allow_redirects=False)
    assert answer.status == 303, await answer.text()
    found = re.match(r"/documents/(\d+)/edit", answer.headers["Location"])
    assert found
    return int(found[1])


async def typed(client: Client, document_id: int, **fields: str) -> dict[str, Any]:
    """What the editor gets after a pause."""
    answer = await client.post(f"/documents/{document_id}/content", json=fields)
    assert answer.status == 200, await answer.text()
    found: dict[str, Any] = await answer.json()
    return found


@pytest.mark.parametrize("kind", [kind.value for kind in Kind])
async def test_every_kind_opens_saves_and_shows_its_page(sqlite_house: House, kind: str) -> None:
    client = await sqlite_house.sign_in(CITY)
    document_id = await new_draft(client, kind)
    answer = await typed(client, document_id, title=f"咸阳市人民政府关于防火的{kind}", body="一、责任\n到人到岗。")
    assert answer["pages"]
    picture = await client.get(answer["pages"][0])
    assert picture.status == 200
    assert (await picture.read()).startswith(b"\x89PNG")
    shown = await (await client.get(f"/documents/{document_id}/edit")).text()
    assert f"<option selected>{kind}</option>" in shown
    assert f"关于防火的{kind}" in shown


async def test_a_kind_that_is_none_is_refused_in_words(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(CITY)
    answer = await client.post("/drafts", data={"kind": "方案"}, allow_redirects=False)
    assert answer.status == 422
    assert "15 种" in await answer.text()


async def test_typed_recipients_are_chosen_and_a_good_request_has_no_fault(house: House) -> None:
    client = await house.sign_in(VILLAGE)
    document_id = await new_draft(client)
    answer = await typed(client, document_id, **FIELDS)
    assert (answer["count"], answer["stops"]) == (0, 0), answer["faults"]

    def stored(work: Work) -> tuple[tuple[int, ...], int]:
        found = documents.load(work, document_id)
        content = documents.content(work, found.id, found.content_seq)
        return content.principals.organ_ids, content.amount_yuan

    assert await house.services.db.read(stored) == ((TOWN,), 300_000)


async def test_a_fault_stops_sending_and_its_button_mends_it(house: House) -> None:
    client = await house.sign_in(COUNTY)
    document_id = await new_draft(client, "报告")
    text = "现将情况报告如下。\n以上请予批准。"
    first = await typed(
        client, document_id, title="兴平市人民政府关于拨款的报告", principal_text="咸阳市人民政府", body=text
    )
    assert first["stops"] == 1
    assert "第十五条第（四）项" in first["faults"]
    assert first["marks"] == [{"page": 1, "top": first["marks"][0]["top"], "column": 0, "n": 1, "stop": True}]
    refused = await client.post(f"/documents/{document_id}/send", data={}, allow_redirects=False)
    assert refused.status == 422
    answer = await client.post(f"/documents/{document_id}/fix", json={"fix": "kind:请示", "base_seq": first["seq"]})
    mended = await answer.json()
    assert mended["fields"]["kind"] == "请示"
    assert mended["fields"]["title"].endswith("的请示")
    assert "G11" not in mended["faults"]
    back = await client.post(f"/documents/{document_id}/versions/{mended['undo']}/restore", json={})
    assert (await back.json())["fields"]["kind"] == "报告"


async def test_a_reason_stays_with_the_document_and_a_required_one_lets_it_pass(house: House) -> None:
    client = await house.sign_in(CITY)
    document_id = await new_draft(client, "纪要")
    answer = await typed(client, document_id, title="防汛工作会议纪要", body="会议议定，备足物资。")
    assert answer["stops"] == 1
    given = await client.post(
        f"/documents/{document_id}/reasons", data={"rule": "G09", "reason": "11月20日防汛会商会"}, allow_redirects=False
    )
    assert given.status == 303
    after = await typed(client, document_id, body="会议议定，备足物资。")
    assert after["stops"] == 0
    assert "11月20日防汛会商会" in after["faults"]
    assert await house.services.db.read(gathering.reasons, document_id) == {"G09": "11月20日防汛会商会"}
    for rule, reason in (("G11", "就这样办"), ("G09", "短"[:1]), ("没有", "这条规则不存在")):
        refused = await client.post(f"/documents/{document_id}/reasons", data={"rule": rule, "reason": reason})
        assert refused.status == 422


async def test_a_typed_mark_of_secrecy_is_refused_and_nothing_of_it_is_kept(house: House) -> None:
    client = await house.sign_in(VILLAGE)
    document_id = await new_draft(client)
    await typed(client, document_id, **FIELDS)
    answer = await client.post(f"/documents/{document_id}/content", json={**FIELDS, "body": "机密★1年\n内容"})
    assert answer.status == 422
    assert "密级标志" in (await answer.json())["sentence"]

    def kept(work: Work) -> tuple[int, int]:
        text = select(func.count()).select_from(document_version).where(document_version.c.content.contains("★"))
        return work.integer(text), work.integer(select(func.count()).select_from(refused_file))

    assert await house.services.db.read(kept) == (0, 1)


async def test_without_a_script_the_form_saves_too(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    document_id = await new_draft(client)
    answer = await client.post(f"/documents/{document_id}/content", data=FIELDS, allow_redirects=False)
    assert answer.status == 303
    assert TITLE in await (await client.get(f"/documents/{document_id}/edit")).text()


async def test_minutes_keep_who_was_there(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(CITY)
    document_id = await new_draft(client, "纪要")
    answer = await typed(
        client, document_id, title="防汛工作会议纪要", body="会议议定，备足物资。", present="甲、乙，丙", observing="丁"
    )
    assert answer["fields"]["present"] == "甲、乙、丙"
    assert answer["stops"] == 0


async def test_attachments_come_go_and_come_back(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    document_id = await new_draft(client)
    answer = await client.post(
        f"/documents/{document_id}/attachments", data=_png(), headers={"X-File-Name": "map.png"}, allow_redirects=False
    )
    assert answer.status == 303, await answer.text()
    shown = await (await client.get(f"/documents/{document_id}/edit")).text()
    found = re.search(rf"/documents/{document_id}/attachments/(\d+)/remove", shown)
    assert found
    place = f"/documents/{document_id}/attachments/{found[1]}"
    await client.post(f"{place}/remove")
    assert "map.png" not in await (await client.get(f"/documents/{document_id}/edit")).text()
    await client.post(f"{place}/restore")
    assert "map.png" in await (await client.get(f"/documents/{document_id}/edit")).text()


def _png() -> bytes:
    from io import BytesIO

    from PIL import Image

    made = BytesIO()
    Image.new("RGB", (8, 8), "white").save(made, "PNG")
    return made.getvalue()


async def test_a_draft_is_put_away_and_brought_back(house: House) -> None:
    client = await house.sign_in(VILLAGE)
    document_id = await new_draft(client)
    await typed(client, document_id, **FIELDS)
    await client.post(f"/documents/{document_id}/discard", allow_redirects=False)
    assert TITLE not in await (await client.get("/drafts")).text()
    await client.post(f"/documents/{document_id}/restore", allow_redirects=False)
    assert TITLE in await (await client.get("/drafts")).text()


async def test_nobody_else_sees_a_draft_by_any_of_these_doors(house: House) -> None:
    owner = await house.sign_in(VILLAGE)
    document_id = await new_draft(owner)
    answer = await typed(owner, document_id, **FIELDS)
    for organ, role in ((TOWN, Role.CLERK), (VILLAGE, Role.LEADER), (CITY, Role.SYSTEM_ADMIN)):
        other = await house.sign_in(organ, role)
        for path in (f"/documents/{document_id}/edit", answer["pages"][0]):
            assert (await other.get(path)).status == 404
        for door in ("content", "fix", "reasons", "attachments", "discard", "restore", "versions/1/restore"):
            refused = await other.post(f"/documents/{document_id}/{door}", json={"fix": "levels", "title": "改"})
            assert refused.status == 404, door
        assert TITLE not in await (await other.get("/drafts")).text()


async def test_a_picture_of_one_draft_is_not_reached_through_another(sqlite_house: House) -> None:
    owner = await sqlite_house.sign_in(VILLAGE)
    answer = await typed(owner, await new_draft(owner), **FIELDS)
    name = answer["pages"][0].rpartition("/")[2]
    other = await sqlite_house.sign_in(TOWN)
    own = await new_draft(other)
    assert (await other.get(f"/documents/{own}/preview/{name}")).status == 404


async def test_a_page_that_did_not_change_keeps_its_address(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(CITY)
    document_id = await new_draft(client, "通知")
    lines = "\n".join(["各县要把责任落实到镇、到村、到山头，抓好值守，严禁野外用火。"] * 60)
    before = await typed(client, document_id, title="咸阳市人民政府关于防火的通知", body=f"{lines}\n特此通知。")
    after = await typed(client, document_id, body=f"{lines}\n请照此办。")
    assert len(before["pages"]) > 2
    assert before["pages"][0] == after["pages"][0]
    assert before["pages"] != after["pages"]


def _word(content: Content) -> bytes:
    return docx.write(Paper(content, Issuer("南位镇张里村民委员会", "南位镇张里村民委员会文件")))


async def dropped(client: Client, data: bytes, name: str, **fields: str) -> ClientResponse:
    """The file dropped on the page, as a browser sends it."""
    form = FormData()
    for field, value in fields.items():
        form.add_field(field, value)
    form.add_field("file", data, filename=name, content_type="application/octet-stream")
    return await client.post("/drafts/import", data=form, allow_redirects=False)


async def test_a_dropped_word_file_becomes_a_draft_with_its_recipients_chosen(house: House) -> None:
    client = await house.sign_in(VILLAGE)
    written = Content(
        kind=Kind.REQUEST, title=TITLE, principal_text="兴平市南位镇人民政府", body=body.parse(FIELDS["body"]),
        attachment_names=("预算表",),
    )  # fmt: skip
    answer = await dropped(client, _word(written), "请示.docx")
    assert answer.status == 303, await answer.text()
    shown = await (await client.get(answer.headers["Location"])).text()
    assert TITLE in shown
    assert "我村1.2公里灌渠垮塌" in shown
    assert "附件1“预算表”没有上传" in shown

    def stored(work: Work) -> tuple[int, ...]:
        found = documents.load(work, int(answer.headers["Location"].split("/")[2]))
        return documents.content(work, found.id, found.content_seq).principals.organ_ids

    assert await house.services.db.read(stored) == (TOWN,)


async def test_a_file_with_a_mark_of_secrecy_never_becomes_a_draft(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    marked = Content(kind=Kind.REQUEST, title=TITLE, body=body.parse("机密★1年\n内容。"))
    answer = await dropped(client, _word(marked), "请示.docx")
    assert answer.status == 422
    assert TITLE not in await (await client.get("/drafts")).text()


async def test_countersign_chosen_at_sending_satisfies_the_rule_that_asks_for_it(house: House) -> None:
    client = await house.sign_in(WATER)
    document_id = await new_draft(client, "通知")
    await typed(
        client, document_id, title="咸阳市水利局关于防汛的通知", principal_text="兴平市人民政府",
        body="经市政府同意，请做好准备，由市财政局负责拨付资金。",
    )  # fmt: skip
    alone = await client.post(f"/documents/{document_id}/send", data={}, allow_redirects=False)
    assert alone.status == 422
    assert "第十九条第（六）项" in await alone.text()
    leader = house.people(FINANCE, Role.LEADER)
    asked = {"countersign": f"{leader.post_id},{leader.organ_id}", "countersign_kind": "ALL"}
    together = await client.post(f"/documents/{document_id}/send", data=asked, allow_redirects=False)
    assert together.status == 303, await together.text()
