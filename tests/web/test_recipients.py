"""发给谁 over HTTP: presses with and without a script, searching, saved lists with undo."""

import asyncio

from office.domain.document import Content, Kind, Selection
from office.domain.organs import Level
from office.service import lists
from office.store import documents
from office.store.work import Work
from tests.service import steps
from tests.town import CITY, COUNTY, TOWN, VILLAGE, WATER
from tests.web.conftest import House
from tests.web.test_receipts import post, text


async def new_draft(house: House) -> int:
    content = Content(Kind.NOTICE, "关于取暖的通知", reach=Level.TOWNSHIP)
    return await asyncio.to_thread(steps.draft, house.services.db, content, house.people(CITY))


async def content_of(house: House, document_id: int) -> Content:
    def read(work: Work) -> Content:
        return documents.content(work, document_id, documents.load(work, document_id).content_seq)

    return await house.services.db.read(read)


async def test_a_press_is_kept_and_leads_back_to_the_same_place(house: House) -> None:
    document_id = await new_draft(house)
    client = await house.sign_in(CITY)
    path = f"/documents/{document_id}/recipients"
    where = await post(client, path, do=f"organ:{TOWN}", part="principals", open=str(COUNTY), q="")
    assert where == f"{path}?part=principals&open={COUNTY}"
    page = await text(client, where)
    assert 'aria-label="去掉 兴平市 南位镇"' in page
    assert (await content_of(house, document_id)).principals == Selection((TOWN,))


async def test_with_a_script_the_page_comes_back_at_once(sqlite_house: House) -> None:
    document_id = await new_draft(sqlite_house)
    client = await sqlite_house.sign_in(CITY)
    fields = {"do": f"organ:{WATER}", "part": "copies", "open": "", "q": ""}
    answer = await client.post(
        f"/documents/{document_id}/recipients", data=fields, headers={"HX-Request": "true"}, allow_redirects=False
    )
    assert answer.status == 200
    assert "已选 1 个单位" in await answer.text()
    assert (await content_of(sqlite_house, document_id)).copy_text == "咸阳市水利局"


async def test_out_of_scope_stands_on_top_with_both_ways_out(sqlite_house: House) -> None:
    document_id = await new_draft(sqlite_house)
    client = await sqlite_house.sign_in(CITY)
    path = f"/documents/{document_id}/recipients"
    await post(client, path, do=f"organ:{TOWN}")
    await post(client, path, do=f"organ:{VILLAGE}")
    page = await text(client, path)
    assert "已选 2 个，能发 1 个" in page
    assert 'value="reach:4"' in page
    assert page.index("badbox") < page.index('class="chips"')
    await post(client, path, do="take-out")
    assert (await content_of(sqlite_house, document_id)).principals == Selection((TOWN,))
    await post(client, path, do=f"organ:{VILLAGE}")
    await post(client, path, do="reach:4")
    assert (await content_of(sqlite_house, document_id)).reach is Level.VILLAGE
    assert "badbox" not in await text(client, path)
    await post(client, path, do="reach:", reach="0")
    assert (await content_of(sqlite_house, document_id)).reach is None
    await post(client, path, 422, do="reach:7")
    await post(client, path, 422, do="everything")


async def test_units_are_found_by_name_with_their_path(sqlite_house: House) -> None:
    document_id = await new_draft(sqlite_house)
    client = await sqlite_house.sign_in(CITY)
    page = await text(client, f"/documents/{document_id}/recipients?q=张里")
    assert "兴平市 南位镇 张里村" in page
    assert "定周村" not in page


async def test_the_printed_text_is_written_by_hand(sqlite_house: House) -> None:
    document_id = await new_draft(sqlite_house)
    client = await sqlite_house.sign_in(CITY)
    path = f"/documents/{document_id}/recipients"
    where = await post(client, f"{path}/texts", principal_text="各有关单位", copy_text="")
    assert where == f"/documents/{document_id}/edit"
    await post(client, path, do=f"tier:{CITY}:2")
    assert (await content_of(sqlite_house, document_id)).principal_text == "各有关单位"
    assert "按选的写：各县（市、区）人民政府" in await text(client, path)


async def test_lists_are_saved_used_renamed_deleted_and_brought_back(house: House) -> None:
    document_id = await new_draft(house)
    client = await house.sign_in(CITY)
    path = f"/documents/{document_id}/recipients"
    await post(client, f"{path}/list", 422, name="空的", part="principals")
    await post(client, path, do=f"organ:{TOWN}")
    await post(client, f"{path}/list", name="冬灌", part="principals")
    kept = (await house.services.db.read(lists.of_organ, house.people(CITY)))[0]
    await post(client, path, do="clear")
    await post(client, path, do=f"list:{kept.id}")
    assert (await content_of(house, document_id)).principals == Selection((TOWN,))
    assert await post(client, f"/lists/{kept.id}/rename", name="冬灌有关镇", back=path) == path
    await post(client, f"/lists/{kept.id}/delete", name="x", back=path)
    page = await text(client, path)
    assert f"/lists/{kept.id}/restore?back={path}" in page
    assert "冬灌有关镇" not in page
    assert await post(client, f"/lists/{kept.id}/restore?back={path}") == path
    assert "冬灌有关镇" in await text(client, path)
    stranger = await house.sign_in(COUNTY)
    await post(stranger, f"/lists/{kept.id}/delete", 404, back=path)


async def test_another_organs_draft_is_out_of_reach(sqlite_house: House) -> None:
    document_id = await new_draft(sqlite_house)
    client = await sqlite_house.sign_in(COUNTY)
    await text(client, f"/documents/{document_id}/recipients", 404)
    await post(client, f"/documents/{document_id}/recipients", 404, do=f"organ:{TOWN}")
