"""会后: the sheet, its corrections and its table; the minutes as a document that settles the meeting; the archive."""

import asyncio

import pytest

from office.domain.document import Content, Kind
from office.store import documents
from office.store.work import Work
from rtc.domain import room_commands as c
from rtc.domain.room import Phase
from rtc.service import chat, invitations, meetings, presence
from rtc.store import meetings as rows
from rtc.store.presence import Joined
from tests.rtc.service import calling
from tests.town import CITY, COUNTY, VILLAGE
from tests.web.conftest import House
from tests.web.pressing import page_of
from tests.web.test_receipts import text


def _over(house: House) -> int:
    """A meeting of the city at which the county was, and which is over."""
    db, people = house.services.db, house.people
    now = db.now()
    plan = meetings.Plan("全市取暖会", now, now + (calling.PLAN.ends_at - calling.PLAN.starts_at))
    meeting_id = calling.planned(db, people(CITY), plan)
    db.write_now(invitations.invite, invitations.Invite(meeting_id, calling.BRANCHES), people(CITY))
    db.write_now(meetings.call, meetings.Call(meeting_id), people(CITY))
    chair = calling.live(db, meeting_id, people(CITY))
    county = calling.entered(db, meeting_id, people(COUNTY))
    here = db.write_now(presence.join, Joined(meeting_id, county.venue_id, county.person_id, "a"))
    db.write_now(chat.say, chat.Say(meeting_id, "=1+1 听得清"), county)
    db.write_now(presence.leave, [here])
    calling.do(db, meeting_id, c.SetPhase("ENDED"), chair, chair.venue_id)
    return meeting_id


@pytest.fixture
async def over(sqlite_house: House) -> int:
    return await asyncio.to_thread(_over, sqlite_house)


def _content(work: Work, document_id: int) -> Content:
    return documents.content(work, document_id, documents.load(work, document_id).content_seq)


async def test_who_was_there_stands_on_the_sheet_and_a_correction_beside_it(sqlite_house: House, over: int) -> None:
    clerk, county = await sqlite_house.sign_in(CITY), await sqlite_house.sign_in(COUNTY)
    answer = await clerk.get(f"/meetings/{over}/attendance.csv")
    table = (await answer.read()).decode("utf-8-sig").splitlines()
    assert table[0].startswith("会场,单位层级,回执")
    lines = {line.split(",")[0]: line.split(",") for line in table[1:]}
    assert lines["兴平市"][4] == "到会"
    assert lines["张里村"][4] == "未到会"
    page = await page_of(clerk, f"/meetings/{over}/record")
    assert "听得清" in page.markup
    form = next(f for f in page.read.forms if f.action.endswith("/attendance"))
    venue = await asyncio.to_thread(calling.venue_of, sqlite_house.services.db, over, VILLAGE)
    sent = {"venue_id": str(venue), "attended": "1", "reason": "=村里设备坏，在镇上参加"}
    assert (await clerk.post(form.action, data=sent, allow_redirects=False)).status == 303
    table = (await (await clerk.get(f"/meetings/{over}/attendance.csv")).read()).decode("utf-8-sig").splitlines()
    assert any(line.startswith("张里村") and ",到会," in line for line in table)
    seen = await text(county, f"/meetings/{over}/record")
    assert "听得清" in seen
    assert "签到表" not in seen
    assert (await county.get(f"/meetings/{over}/attendance.csv")).status == 403


async def test_the_minutes_are_a_draft_that_is_made_once(sqlite_house: House, over: int) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    where = await (await page_of(clerk, f"/meetings/{over}")).press(action="/minutes")
    document_id = int(where.split("/")[2])
    content = await sqlite_house.services.db.read(_content, document_id)
    assert (content.kind, content.title) == (Kind.MINUTES, "全市取暖会纪要")
    assert "兴平市" in content.attendance.present
    assert COUNTY in content.principals.organ_ids
    again = await clerk.post(f"/meetings/{over}/minutes", allow_redirects=False)
    assert again.headers["Location"] == where
    assert "这是会议纪要" in await text(clerk, f"/documents/{document_id}")


async def test_an_archived_meeting_offers_nothing_more(sqlite_house: House, over: int) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    await (await page_of(clerk, f"/meetings/{over}")).press(action="/archive")
    assert (await sqlite_house.services.db.read(rows.load, over)).phase is Phase.ARCHIVED
    page = await page_of(clerk, f"/meetings/{over}")
    assert [f.action for f in page.read.forms if f.action.startswith("/meetings")] == []
    assert (await clerk.post(f"/meetings/{over}/minutes", allow_redirects=False)).status == 409
