"""会议 over HTTP: planned, called by a document, answered, prepared with papers; shut and absent for everybody else."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from aiohttp import FormData

from office.domain.document import Content
from office.domain.people import Role
from office.service import outgoing
from office.store import documents
from office.store.work import LOCAL, Work
from rtc.domain.room import Phase
from rtc.store import meetings as rows
from tests.paper import makers
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, WATER
from tests.web.conftest import Client, House
from tests.web.issuing import agree
from tests.web.pressing import page_of
from tests.web.test_access import ABSENT, doors, fill, send
from tests.web.test_receipts import text

TITLE = "全市防汛视频会议"
SECRET = "关于张里村灌渠的内部会"


async def begin(house: House, client: Client, title: str = TITLE, **more: str | list[str]) -> int:
    """A meeting of tomorrow, planned on the page; its id."""
    page = await page_of(client, "/meetings/new")
    where = await page.press(action="/meetings", title=title, **more)
    return int(where.rsplit("/", 1)[1])


async def invite(client: Client, meeting_id: int, *organ_ids: int) -> None:
    for organ_id in organ_ids:
        data = {"do": f"organ:{organ_id}", "open": "", "q": ""}
        answer = await client.post(f"/meetings/{meeting_id}/venues", data=data, allow_redirects=False)
        assert answer.status == 303, await answer.text()


async def called(house: House, client: Client, *organ_ids: int, title: str = TITLE) -> int:
    """A meeting called without a document."""
    meeting_id = await begin(house, client, title)
    await invite(client, meeting_id, *organ_ids)
    await (await page_of(client, f"/meetings/{meeting_id}")).press(action="/call")
    return meeting_id


async def becomes(what: Callable[[], Awaitable[bool]], said: str) -> None:
    """Wait until it is so."""
    try:
        async with asyncio.timeout(10):
            while not await what():  # noqa: ASYNC110 - a task of the application makes it so
                await asyncio.sleep(0.02)
    except TimeoutError:
        pytest.fail(said)


def _content(work: Work, document_id: int) -> Content:
    return documents.content(work, document_id, documents.load(work, document_id).content_seq)


async def issue(house: House, document_id: int) -> None:
    """The draft goes through the city's office and out."""
    db, people = house.services.db, house.people
    stored = await db.write(outgoing.send_for_review, outgoing.SendForReview(document_id), people(CITY))
    for role in (Role.OFFICE_HEAD, Role.LEADER, Role.CLERK):
        await db.write(agree, stored.id, people(CITY, role))
    step = outgoing.OnStep(stored.id)
    await db.write(outgoing.assign_number, step, people(CITY))
    job = await db.read(outgoing.seal_job, step, people(CITY))
    data, pages = await house.services.press.seal(job)
    blob = await house.services.blobs.put(data)
    await db.write(outgoing.affix, outgoing.Affix(stored.id, blob, job.signed_hash, pages), people(CITY))
    await db.write(outgoing.release, step, people(CITY))
    await db.write(outgoing.dispatch, outgoing.Dispatch(stored.id), people(CITY))


async def test_a_notice_goes_its_way_and_its_dispatch_calls_the_meeting(house: House) -> None:
    clerk = await house.sign_in(CITY)
    meeting_id = await begin(house, clerk, place="市政府三楼会议室")
    page = await page_of(clerk, f"/meetings/{meeting_id}")
    await page.press(action="/topics", title="通报汛情", speaker="水利局", minutes="20")
    await invite(clerk, meeting_id, COUNTY, TOWN)
    where = await (await page_of(clerk, f"/meetings/{meeting_id}")).press(action="/notice")
    document_id = int(where.split("/")[2])
    content = await house.services.db.read(_content, document_id)
    assert content.title == f"咸阳市人民政府关于召开{TITLE}的通知"
    assert set(content.principals.organ_ids) == {COUNTY, TOWN}
    assert "通报汛情，汇报人：水利局，约20分钟" in content.text()
    assert "市政府三楼会议室" in content.text()
    county = await house.sign_in(COUNTY)
    assert (await county.get(f"/meetings/{meeting_id}")).status == 404
    await issue(house, document_id)

    async def noticed() -> bool:
        return (await house.services.db.read(rows.load, meeting_id)).phase is Phase.NOTICED

    await becomes(noticed, "the dispatched notice did not call its meeting")
    notice = await page_of(county, f"/documents/{document_id}")
    assert "这是会议通知" in notice.markup
    await notice.press(action="/reply", reply="SUBSTITUTE", substitute="副市长周谷雨", reason="市长出差")
    board = await text(clerk, f"/meetings/{meeting_id}/board")
    assert "副市长周谷雨" in board
    assert "未报回执" in board


async def test_a_second_press_leads_to_the_same_notice(sqlite_house: House) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    meeting_id = await begin(sqlite_house, clerk)
    await invite(clerk, meeting_id, COUNTY)
    first = await clerk.post(f"/meetings/{meeting_id}/notice", allow_redirects=False)
    again = await clerk.post(f"/meetings/{meeting_id}/notice", allow_redirects=False)
    assert first.headers["Location"] == again.headers["Location"]


async def test_without_a_document_those_invited_see_it_at_once(sqlite_house: House) -> None:
    clerk, village = await sqlite_house.sign_in(CITY), await sqlite_house.sign_in(VILLAGE)
    assert "今天和接下来没有会议" in await text(village, "/meetings")
    meeting_id = await called(sqlite_house, clerk, VILLAGE)
    assert TITLE in await text(village, "/meetings")
    assert TITLE in await text(village, "/")
    page = await page_of(village, f"/meetings/{meeting_id}")
    assert f"/meetings/{meeting_id}/check" in page.markup
    await page.press(action="/reply", reply="EXCUSED", reason="村里抢险")
    assert "已报：请假" in await text(village, f"/meetings/{meeting_id}")
    assert "村里抢险" in await text(clerk, f"/meetings/{meeting_id}/board")
    assert (await village.get(f"/meetings/{meeting_id}/board")).status == 403


async def test_an_excuse_needs_its_reason(sqlite_house: House) -> None:
    clerk, village = await sqlite_house.sign_in(CITY), await sqlite_house.sign_in(VILLAGE)
    meeting_id = await called(sqlite_house, clerk, VILLAGE)
    page = await page_of(village, f"/meetings/{meeting_id}")
    form = page.form(action="/reply")
    assert form is not None
    answer = await village.post(form.action, data=form.filled({"reply": "EXCUSED"}), allow_redirects=False)
    assert answer.status == 422 or answer.status == 400
    assert "请假要写原因" in await answer.text()


async def test_a_tier_is_chosen_and_taken_out_by_one_press(sqlite_house: House) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    meeting_id = await begin(sqlite_house, clerk)
    path = f"/meetings/{meeting_id}/venues"
    data = {"do": f"tier:{CITY}:4", "open": "", "q": ""}
    answer = await clerk.post(path, data=data, headers={"HX-Request": "true"}, allow_redirects=False)
    page = await answer.text()
    assert "已选 2 个分会场" in page
    assert re.search(rf'value="tier:{CITY}:4" aria-pressed="true"', page)
    await clerk.post(path, data=data, allow_redirects=False)
    assert "已选 0 个分会场" in await text(clerk, path)
    assert "张里村" in await text(clerk, f"{path}?q=张里")


async def test_what_is_wrong_with_the_plan_is_said(sqlite_house: House) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    await called(sqlite_house, clerk, VILLAGE)
    other = await begin(sqlite_house, clerk, "另一个会", report_minutes="75")
    await invite(clerk, other, VILLAGE)
    page = await text(clerk, f"/meetings/{other}")
    assert "主报告排了 75 分钟" in page
    assert "时间有冲突" in page
    assert TITLE in page


async def test_the_settings_of_a_meeting_are_kept_as_they_were_chosen(sqlite_house: House) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    meeting_id = await begin(
        sqlite_house, clerk, lobby="1", recording="1", replay="VENUES", inspection_told=[], phone="0000 1"
    )  # fmt: skip
    kept = (await sqlite_house.services.db.read(rows.load, meeting_id)).settings
    assert kept == rows.Settings(
        lobby=True, recording=True, replay=rows.Replay.VENUES, inspection_told=False, phone="0000 1"
    )
    page = await page_of(clerk, f"/meetings/{meeting_id}/edit")
    await page.press(action=f"/{meeting_id}", title="改名的会")
    after = await sqlite_house.services.db.read(rows.load, meeting_id)
    assert (after.title, after.settings) == ("改名的会", kept)


async def test_a_change_after_the_call_and_a_cancelling_are_seen(sqlite_house: House) -> None:
    clerk, village = await sqlite_house.sign_in(CITY), await sqlite_house.sign_in(VILLAGE)
    meeting_id = await called(sqlite_house, clerk, VILLAGE)
    await (await page_of(clerk, f"/meetings/{meeting_id}/edit")).press(action=f"/{meeting_id}", place="二楼会议室")
    page = await text(village, f"/meetings/{meeting_id}")
    assert "时间或地点改过" in page
    assert "二楼会议室" in page
    await (await page_of(clerk, f"/meetings/{meeting_id}")).press(action="/cancel", reason="改为现场会")
    page = await text(village, f"/meetings/{meeting_id}")
    assert "改为现场会" in page
    assert "/check" not in page
    assert TITLE not in await text(village, "/")


async def upload(client: Client, meeting_id: int, data: bytes, name: str) -> tuple[int, str]:
    form = FormData()
    form.add_field("file", data, filename=name)
    answer = await client.post(f"/meetings/{meeting_id}/papers", data=form, allow_redirects=False)
    return answer.status, await answer.text()


async def test_a_paper_is_read_as_pictures_by_whom_it_is_for_until_it_is_taken_back(sqlite_house: House) -> None:
    clerk, village = await sqlite_house.sign_in(CITY), await sqlite_house.sign_in(VILLAGE)
    town = await sqlite_house.sign_in(TOWN)
    meeting_id = await called(sqlite_house, clerk, VILLAGE, TOWN)
    status, _ = await upload(clerk, meeting_id, makers.pdf("汛情通报"), "汛情通报.pdf")
    assert status == 303
    paper = re.search(rf"/meetings/{meeting_id}/papers/\d+", await text(village, f"/meetings/{meeting_id}"))
    assert paper is not None
    page = f"{paper[0]}/pages/1.png"
    picture = await village.get(page)
    assert (picture.status, picture.content_type) == (200, "image/png")
    whole = await page_of(clerk, f"/meetings/{meeting_id}")
    form = whole.form(action="/readers")
    assert form is not None
    ids = form.fields["venue_id"].allowed
    assert ids is not None
    await whole.press(action="/readers", venue_id=[ids[-1]])  # official order: the village is last
    assert (await town.get(page)).status == 404
    assert (await village.get(page)).status == 200
    assert (await clerk.post(f"/meetings/{meeting_id}/papers/back", allow_redirects=False)).status == 303
    for client in (clerk, village, town):
        assert (await client.get(page)).status == 404
        assert (await client.get(paper[0])).status == 404


async def test_only_a_pdf_lies_on_the_table_and_marks_of_secrecy_stay_out(sqlite_house: House) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    meeting_id = await begin(sqlite_house, clerk)
    status, said = await upload(clerk, meeting_id, makers.docx(makers.BODY), "汇报.docx")
    assert status in (400, 422)
    assert "另存为 PDF" in said
    status, said = await upload(clerk, meeting_id, makers.docx(makers.paragraph("机密★1年") + makers.BODY), "x.docx")
    assert status in (400, 422)
    assert "没有会议材料" in await text(clerk, f"/meetings/{meeting_id}")


@pytest.mark.parametrize(
    ("organ_id", "role"),
    [(OTHER_VILLAGE, Role.CLERK), (WATER, Role.LEADER), (CITY, Role.SYSTEM_ADMIN), (CITY, Role.AUDITOR)],
)
async def test_what_belongs_to_others_looks_absent_by_every_door(
    sqlite_house: House, organ_id: int, role: Role
) -> None:
    clerk = await sqlite_house.sign_in(TOWN)
    meeting_id = await called(sqlite_house, clerk, VILLAGE, title=SECRET)
    await (await page_of(clerk, f"/meetings/{meeting_id}")).press(action="/topics", title=SECRET)
    await upload(clerk, meeting_id, makers.pdf(SECRET), f"{SECRET}.pdf")
    stranger = await sqlite_house.sign_in(organ_id, role)
    tried = 0
    for door in doors(sqlite_house):
        if not re.match(r"^(?:/api/v1)?/meetings/{", door.path):
            continue
        own = {"id": meeting_id, "meeting_id": meeting_id, "paper_id": 1, "tid": 1, "n": 1}
        nothing = await send(stranger, door, fill(door.path, own | {"id": ABSENT, "meeting_id": ABSENT}))
        forbidden = await send(stranger, door, fill(door.path, own))
        assert forbidden == nothing, (door.method, door.path)
        # what does not even fit the form is refused before anybody looks whose it is
        assert forbidden[0] in ((404, 422, 400) if door.method in ("POST", "PUT") else (404,)), (door.path, forbidden)
        assert SECRET not in forbidden[1]
        tried += 1
    assert tried >= 15
    assert SECRET not in await (await stranger.get("/meetings")).text()


async def test_a_topic_or_a_paper_of_another_meeting_is_absent(sqlite_house: House) -> None:
    clerk, village = await sqlite_house.sign_in(TOWN), await sqlite_house.sign_in(VILLAGE)
    theirs = await begin(sqlite_house, clerk)
    await (await page_of(clerk, f"/meetings/{theirs}")).press(action="/topics", title="别人的议题")
    mine = await begin(sqlite_house, village, "村里的会")
    answer = await village.post(f"/meetings/{mine}/topics/1/remove", allow_redirects=False)
    assert answer.status == 404
    assert "别人的议题" in await text(clerk, f"/meetings/{theirs}")


async def test_the_list_has_today_then_what_comes_then_what_was(sqlite_house: House) -> None:
    clerk, now = await sqlite_house.sign_in(CITY), sqlite_house.services.db.now()
    soon, later = now + timedelta(minutes=1), now + timedelta(days=2)
    await begin(sqlite_house, clerk, "后天的会", **_times(later))
    await begin(sqlite_house, clerk, "马上的会", **_times(soon))
    page = await text(clerk, "/meetings")
    assert page.index("马上的会") < page.index("后天的会") < page.index("开过的")
    if soon.astimezone(LOCAL).date() == now.astimezone(LOCAL).date():
        assert page.index('id="today-h"') < page.index("马上的会") < page.index('id="coming-h"')


def _times(start: datetime) -> dict[str, str | list[str]]:
    begins, ends = (at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M") for at in (start, start + timedelta(hours=1)))
    return {"starts_at": begins, "ends_at": ends}
