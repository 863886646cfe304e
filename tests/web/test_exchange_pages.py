"""收发, 台账, 查找, 通讯录 and the village's home over HTTP."""

import asyncio

import pytest

from office.domain.document import Selection
from office.domain.people import Role
from office.store import receipts
from office.store.receipts import Receipt
from tests.service import steps
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER
from tests.web.conftest import House
from tests.web.test_receipts import issued, post, text


async def receipt_of(house: House, document_id: int, organ_id: int) -> Receipt:
    found = await house.services.db.read(receipts.of_organ, document_id, organ_id)
    assert found is not None
    return found


async def test_ticked_papers_are_signed_for_and_registered_at_once(house: House) -> None:
    first, second = await issued(house), await issued(house, title="关于值班的通知")
    client = await house.sign_in(TOWN)
    page = await text(client, "/exchange")
    ticks = [part.split('"')[0] for part in page.split('name="task" value="')[1:]]
    assert len(ticks) == 2
    answer = await client.post("/exchange/sign", data={"task": ticks, "register": "1"}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/exchange")
    page = await text(client, "/exchange")
    assert "已签收 2 份" in page
    assert "没有要签收的文件" in page
    for document_id in (first, second):
        assert (await receipt_of(house, document_id, TOWN)).signed_at is not None
    register = await text(client, "/exchange/register")
    assert "1 号" in register
    assert "2 号" in register
    answer = await client.post("/exchange/sign", data={"task": ticks}, allow_redirects=False)
    assert answer.status == 409
    await post(client, "/exchange/sign", 422)


async def test_one_paper_is_signed_for_once_however_often_it_is_sent(house: House) -> None:
    document_id = await issued(house)
    mine = await receipt_of(house, document_id, VILLAGE)
    client = await house.sign_in(VILLAGE)
    assert await post(client, f"/receipts/{mine.id}/sign", command_id="a-1", then="home") == "/"
    assert await post(client, f"/receipts/{mine.id}/sign", command_id="a-1", then="home") == "/"
    await post(client, f"/receipts/{mine.id}/sign", 409, command_id="a-2")
    other = await house.sign_in(OTHER_VILLAGE)
    await post(other, f"/receipts/{mine.id}/sign", 404)


async def test_a_paper_is_passed_on_answered_and_rolled_up(house: House) -> None:
    document_id = await issued(house, principals=Selection((TOWN,)))
    town, village = await house.sign_in(TOWN), await house.sign_in(VILLAGE)
    mine = await receipt_of(house, document_id, TOWN)
    assert "没有可以转发的单位" in await text(town, f"/documents/{document_id}/forward")
    await post(town, f"/receipts/{mine.id}/sign", register="1")
    page = await text(town, f"/documents/{document_id}/forward")
    assert "张里村" in page
    await post(town, f"/documents/{document_id}/forward", 422, picked="1")
    await post(town, f"/documents/{document_id}/forward", 422, due="soon")
    await post(town, f"/documents/{document_id}/forward", picked="1", organ=str(VILLAGE), due="2026-12-01T12:00")
    assert await post(town, f"/documents/{document_id}/forward", organ=str(VILLAGE)) == f"/documents/{document_id}"
    got = await receipt_of(house, document_id, VILLAGE)
    assert got.due is not None
    assert got.due.hour == 4
    await post(village, f"/receipts/{got.id}/reply", 422, text=" ")
    await post(village, f"/receipts/{got.id}/reply", text="涵洞两处，已清。", command_id="r")
    await post(village, f"/receipts/{got.id}/reply", text="涵洞两处，已清。", command_id="r")
    await post(village, f"/receipts/{got.id}/reply", 409, text="再说一遍", command_id="s")
    page = await text(town, f"/receipts/{mine.id}/reply")
    assert "张里村：涵洞两处，已清。" in page
    await post(town, f"/receipts/{mine.id}/reply", text="已全部清完。")
    assert "已全部清完" in await text(town, f"/receipts/{mine.id}/reply")
    assert (await receipt_of(house, document_id, TOWN)).reply == "已全部清完。"


async def test_the_ledger_shows_numbers_and_voids_with_reasons(house: House) -> None:
    document_id = await asyncio.to_thread(steps.numbered, house.services.db, house.people)
    client = await house.sign_in(CITY)
    assert f'action="/documents/{document_id}/void-number"' in await text(client, "/exchange/ledger")
    await post(client, f"/documents/{document_id}/void-number", 422, reason="")
    await post(client, f"/documents/{document_id}/void-number", reason="内容并入另一份")
    page = await text(client, "/exchange/ledger")
    assert "咸政发〔2026〕1号" in page
    assert "内容并入另一份" in page
    assert "没有缺号" in page


async def test_sent_papers_lead_to_their_receipts(sqlite_house: House) -> None:
    document_id = await issued(sqlite_house)
    client = await sqlite_house.sign_in(CITY, Role.OFFICE_HEAD)
    page = await text(client, "/exchange/sent")
    assert f"/documents/{document_id}/receipts" in page
    assert "0/4 已签收" in page


@pytest.mark.parametrize("path", ["/exchange/register", "/exchange/sent", "/exchange/ledger"])
async def test_the_books_are_not_for_everybody(sqlite_house: House, path: str) -> None:
    client = await sqlite_house.sign_in(CITY, Role.HANDLER)
    await text(client, path, 403)
    assert "这里只有您能看的文件" in await text(client, "/exchange")


async def test_search_finds_what_may_be_seen(sqlite_house: House) -> None:
    await issued(sqlite_house, principals=Selection((TOWN,)))
    town, other = await sqlite_house.sign_in(TOWN), await sqlite_house.sign_in(VILLAGE)
    assert "关于做好冬季取暖安全工作的通知" in await text(
        town, "/search?q=取暖&kind=通知&since=2020-01-01&until=2099-01-01"
    )
    assert "没有查到" in await text(other, "/search?q=取暖")
    await text(town, "/search?kind=诗", 422)
    await text(town, "/search?since=yesterday", 422)


async def test_the_directory_opens_level_by_level_and_finds_by_name(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(FINANCE)
    page = await text(client, f"/directory/{TOWN}")
    assert "兴平市南位镇人民政府" in page
    assert "tel:00000000" in page
    assert f"/directory/{VILLAGE}" in page
    assert "兴平市 南位镇 定周村" in await text(client, "/directory?q=定周")
    assert "咸阳市财政局" in await text(client, "/directory")
    await text(client, "/directory/999999", 404)


async def test_a_village_has_a_home_of_its_own(house: House) -> None:
    client = await house.sign_in(VILLAGE)
    assert "手上的都办完了" in await text(client, "/")
    await issued(house)
    await issued(house, title="关于值班的通知")
    page = await text(client, "/")
    assert "1 份文件要签收" in page
    assert "现就做好冬季取暖安全工作通知如下" in page
    assert "还有 1 份" in page
    assert 'href="tel:00000000"' in page
    assert "1 份文件要签收" not in await text(client, "/?list=1")
    assert "1 份文件要签收" not in await text(await house.sign_in(COUNTY), "/")


async def test_wrong_numbers_in_addresses_harm_nothing(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(CITY)
    for path in ("/exchange/register?year=x&before=-1", "/exchange/sent?before=never,1", "/exchange/ledger?year=1"):
        await text(client, path)
    await text(client, "/receipts/999999999999999999999/reply", 404)
    await text(await sqlite_house.sign_in(WATER), "/receipts/1/reply", 404)
