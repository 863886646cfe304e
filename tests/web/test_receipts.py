"""Receipts over HTTP: who sees them, live parts, reminding, recalling, widening; fifty viewers cost one reading."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from office.domain.document import Selection
from office.domain.organs import Level
from office.domain.people import Role
from office.service import deliveries
from office.store import receipts
from office.store.database import Database
from tests.service import steps
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, WATER
from tests.web.conftest import Client, House
from web.boards import Boards


async def issued(house: House, **changes: object) -> int:
    """A notice of the city that is out, its seal not looked at here."""
    return await asyncio.to_thread(steps.issued, house.services.db, house.people, CITY, steps.notice(**changes))


async def text(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status == status, await answer.text()
    return await answer.text()


async def post(client: Client, path: str, status: int = 303, **fields: str) -> str:
    answer = await client.post(path, data=fields, allow_redirects=False)
    assert answer.status == status, await answer.text()
    return answer.headers.get("Location", "")


async def token_of(client: Client) -> str:
    """The token that a person's own pages carry."""
    return (await text(client, "/me")).split('name="csrf" content="')[1].split('"')[0]


async def test_the_issuer_sees_the_number_the_picture_and_whom_to_call(house: House) -> None:
    document_id = await issued(house)
    await asyncio.to_thread(steps.sign_for, house.services.db, document_id, house.people, VILLAGE)
    client = await house.sign_in(CITY)
    page = await text(client, f"/documents/{document_id}/receipts")
    assert 'id="r-signed">1</b>' in page
    assert "/ 4 个单位已签收" in page
    assert "兴平市 南位镇和所属 1 个村、社区" in page
    assert "tel:00000000" in page
    assert page.count('class="co"') == 1
    inside = await text(client, f"/documents/{document_id}/receipts?at={TOWN}")
    assert "张里村" in inside
    assert "已签收" in inside


async def test_nobody_else_sees_them(sqlite_house: House) -> None:
    document_id = await issued(sqlite_house)
    asked = [(COUNTY, Role.CLERK), (VILLAGE, Role.CLERK), (WATER, Role.CLERK), (CITY, Role.SYSTEM_ADMIN)]
    for organ_id, role in asked:
        client = await sqlite_house.sign_in(organ_id, role)
        for path in (f"/documents/{document_id}/receipts", f"/api/v1/documents/{document_id}/receipts"):
            await text(client, path, 404)
        assert await post(client, f"/documents/{document_id}/reach", 404, reach="4") == ""


async def test_the_list_is_filtered_and_nonsense_is_refused(sqlite_house: House) -> None:
    document_id = await issued(sqlite_house)
    client = await sqlite_house.sign_in(CITY)
    path = f"/documents/{document_id}/receipts"
    assert "没有这样的单位" in await text(client, f"{path}?stand=REPLIED")
    assert "定周村" in await text(client, f"{path}?stand=DELIVERED&at={COUNTY}")
    await text(client, f"{path}?stand=BEST", 422)
    await text(client, f"{path}?at=999999", 404)
    await text(client, f"{path}?at=-1", 422)


async def test_one_press_reminds_everybody_once(house: House) -> None:
    document_id = await issued(house)
    client = await house.sign_in(CITY)
    path = f"/documents/{document_id}/receipts"
    assert "催办这 4 个" in await text(client, path)
    await post(client, f"{path}/remind", command_id="one")
    page = await text(client, path)
    assert "已催办 4 个单位" in page
    assert "四小时内不重复催" in page
    await post(client, f"{path}/remind", command_id="two")
    assert "都刚催过" in await text(client, path)
    found = await house.services.db.read(receipts.of_document, document_id)
    assert {r.reminders for r in found} == {1}


async def test_one_delivery_is_recalled_with_its_reason(sqlite_house: House) -> None:
    document_id = await issued(sqlite_house)
    client = await sqlite_house.sign_in(CITY)
    found = await sqlite_house.services.db.read(receipts.of_organ, document_id, VILLAGE)
    assert found is not None
    await post(client, f"/receipts/{found.id}/recall", 422, reason=" ")
    await post(client, f"/receipts/{found.id}/recall", reason="发错了村")
    page = await text(client, f"/documents/{document_id}/receipts?stand=RECALLED")
    assert "发错了村" in page
    assert "/ 3 个单位已签收" in page


async def test_a_wrong_delivery_comes_back_with_one_of_five_reasons(house: House) -> None:
    document_id = await issued(house)
    found = await house.services.db.read(receipts.of_organ, document_id, COUNTY)
    assert found is not None
    county = await house.sign_in(COUNTY)
    await post(county, f"/receipts/{found.id}/return", 422, reason="BORING")
    await post(county, f"/receipts/{found.id}/return", reason="NOT_COUNTERSIGNED", text="请先征求财政部门意见")
    client = await house.sign_in(CITY)
    page = await text(client, f"/documents/{document_id}/receipts?stand=RETURNED")
    assert "没有会签或征求意见" in page
    assert "请先征求财政部门意见" in page
    assert f'action="/documents/{document_id}/redraft"' in page


async def test_only_the_issuer_widens_the_reach(sqlite_house: House) -> None:
    document_id = await issued(sqlite_house, principals=Selection((TOWN,)), reach=Level.TOWNSHIP)
    client = await sqlite_house.sign_in(CITY)
    assert "扩大发至层级" in await text(client, f"/documents/{document_id}/receipts")
    await post(client, f"/documents/{document_id}/reach", 422, reach="9")
    await post(client, f"/documents/{document_id}/reach", reach="4")
    page = await text(client, f"/documents/{document_id}/receipts")
    assert "发至村级" in page
    assert f'action="/documents/{document_id}/reach"' not in page


async def test_who_passed_it_on_sees_its_part(sqlite_house: House) -> None:
    document_id = await issued(sqlite_house, principals=Selection((COUNTY, TOWN)))
    await asyncio.to_thread(steps.sign_for, sqlite_house.services.db, document_id, sqlite_house.people, TOWN)
    client = await sqlite_house.sign_in(TOWN)
    await text(client, f"/documents/{document_id}/receipts", 404)
    await post(client, f"/documents/{document_id}/forward")
    page = await text(client, f"/documents/{document_id}/receipts")
    assert "/ 2 个单位已签收" in page
    assert "汇总答复" in page
    assert "兴平市人民政府" not in page


async def test_programs_get_the_same(sqlite_house: House) -> None:
    document_id = await issued(sqlite_house)
    client = await sqlite_house.sign_in(CITY)
    answer = await client.get(f"/api/v1/documents/{document_id}/receipts?at={TOWN}")
    found: dict[str, Any] = await answer.json()
    assert (found["total"], found["signed"], found["waiting"], found["after"]) == (4, 0, 4, None)
    assert [one["organ_id"] for one in found["deliveries"]] == [TOWN, VILLAGE, OTHER_VILLAGE]
    assert {one["stand"] for one in found["deliveries"]} == {"DELIVERED"}


async def test_a_signature_is_on_the_page_of_everybody_who_looks(house: House) -> None:
    document_id = await issued(house)
    client = await house.sign_in(CITY)
    await text(client, f"/documents/{document_id}/receipts")
    token = await token_of(client)
    socket = await client.ws_connect("/ws/live", headers=house.origin)
    await socket.send_json({"kind": "hello", "token": token})
    await socket.send_json({"kind": "watch", "document_id": document_id})
    await asyncio.to_thread(steps.sign_for, house.services.db, document_id, house.people, TOWN)
    news = await socket.receive_json(timeout=5)
    assert news == {"kind": "changed", "document_id": document_id}
    live = await text(client, f"/documents/{document_id}/receipts?part=live")
    assert 'id="r-signed">1</b>' in live
    assert live.count('hx-swap-oob="true"') == 6
    assert "<html" not in live
    assert f'value="{token}"' in live
    colleague = await house.sign_in(CITY, Role.OFFICE_HEAD)
    theirs = await text(colleague, f"/documents/{document_id}/receipts?part=live")
    assert token not in theirs
    assert theirs.replace(await token_of(colleague), token) == live


class Counting:
    """Counts the readings of a board, and answers them."""

    def __init__(self, db: Database) -> None:
        self.db, self.readings = db, 0

    async def read(self, fn: Callable[..., Any], *args: object) -> object:
        self.readings += fn is deliveries.board
        return await self.db.read(fn, *args)


@pytest.mark.parametrize("signed", [0, 1])
async def test_fifty_viewers_cost_one_reading(sqlite_house: House, signed: int) -> None:
    document_id = await issued(sqlite_house)
    db = sqlite_house.services.db
    counting: Any = Counting(db)
    kept = Boards()

    async def look() -> int:
        seen = await db.read(deliveries.scope, document_id, sqlite_house.people(CITY))
        held = await kept.get(counting, seen)
        assert held.board is not None
        return held.board.whole.signed

    assert await look() == 0
    if signed:
        await asyncio.to_thread(steps.sign_for, db, document_id, sqlite_house.people, VILLAGE)
    assert set(await asyncio.gather(*(look() for _ in range(50)))) == {signed}
    assert counting.readings == 1 + signed
