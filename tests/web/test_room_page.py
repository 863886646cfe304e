"""The page before the room and the room's page: who gets them, what they allow, that no text of theirs is missing."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rtc.domain.room_commands import SetPhase
from rtc.service import invitations, meetings, topics
from rtc.store.meetings import Settings
from tests.rtc.service.calling import do, live, venue_of
from tests.town import CITY, COUNTY, TOWN, WATER
from tests.web.conftest import House
from web.texts import catalogue

ASSETS = Path(__file__).resolve().parents[2] / "web" / "assets" / "pages"
ASKED = re.compile(r'\bt\("([^"$]+)"')
ACTS = re.compile(r'\{ id: "(\w+)", family:')
DATA = re.compile(r'<script type="application/json" id="(\w+)">(.*?)</script>', re.DOTALL)


def planned_now(house: House) -> int:
    """A meeting that begins now, with county and town called to it."""
    db, clerk = house.services.db, house.people(CITY)
    now = db.now()
    settings = Settings(phone="029-0000 0000", recording=True)
    number = db.write_now(
        meetings.plan, meetings.Plan("全市<冬灌>会议", now, now + timedelta(hours=2), settings=settings), clerk
    )
    db.write_now(topics.add, topics.Add(number, "汇报灌渠修复", "兴平市", 15), clerk)
    db.write_now(invitations.invite, invitations.Invite(number, (COUNTY, TOWN)), clerk)
    db.write_now(meetings.call, meetings.Call(number), clerk)
    return number


@pytest.fixture
def meeting_id(sqlite_house: House) -> int:
    return planned_now(sqlite_house)


def embedded(html: str) -> dict[str, dict[str, Any]]:
    """What the server wrote into the page for the script."""
    return {name: json.loads(text) for name, text in DATA.findall(html)}


async def test_the_room_is_told_what_it_must_know(sqlite_house: House, meeting_id: int) -> None:
    county = await sqlite_house.sign_in(COUNTY)
    answer = await county.get(f"/meetings/{meeting_id}/room")
    html = await answer.text()
    facts, words = embedded(html)["facts"], embedded(html)["words"]
    assert answer.status == 200
    assert facts["title"] == "全市<冬灌>会议"
    assert "全市<冬灌>" not in html
    assert facts["venue"] == venue_of(sqlite_house.services.db, meeting_id, COUNTY)
    assert facts["topics"] == [{"number": 1, "title": "汇报灌渠修复", "speaker": "兴平市", "minutes": 15}]
    assert (facts["may_record"], facts["many"], facts["inspected"]) == (True, False, False)
    assert words["act_mute"] == "静音"


@pytest.mark.parametrize("page", ["check", "room"])
async def test_camera_and_microphone_are_allowed_on_these_pages_alone(
    sqlite_house: House, meeting_id: int, page: str
) -> None:
    clerk = await sqlite_house.sign_in(CITY)
    allowed = (await clerk.get(f"/meetings/{meeting_id}/{page}")).headers["Permissions-Policy"]
    assert "camera=(self)" in allowed
    assert "microphone=(self)" in allowed
    assert "camera=()" in (await clerk.get("/meetings")).headers["Permissions-Policy"]


async def test_entering_is_always_possible_and_the_venue_is_named(sqlite_house: House, meeting_id: int) -> None:
    town = await sqlite_house.sign_in(TOWN)
    html = await (await town.get(f"/meetings/{meeting_id}/check")).text()
    own = venue_of(sqlite_house.services.db, meeting_id, TOWN)
    assert "<h1>南位镇</h1>" in html
    assert f'href="/meetings/{meeting_id}/room?venue={own}"' in html
    assert f"/meetings/{meeting_id}/room?venue={own}&amp;listen=1" in html
    assert "029-0000 0000" in html


@pytest.mark.parametrize("page", ["check", "room", "clock"])
async def test_who_is_not_invited_finds_nothing(sqlite_house: House, meeting_id: int, page: str) -> None:
    stranger, county = await sqlite_house.sign_in(WATER), await sqlite_house.sign_in(COUNTY)
    assert (await stranger.get(f"/meetings/{meeting_id}/{page}")).status == 404
    assert (await stranger.get(f"/meetings/987654/{page}")).status == 404
    assert (await county.get(f"/meetings/{meeting_id}/{page}")).status == 200


async def test_nobody_sits_at_anothers_venue(sqlite_house: House, meeting_id: int) -> None:
    county = await sqlite_house.sign_in(COUNTY)
    other = venue_of(sqlite_house.services.db, meeting_id, TOWN)
    assert (await county.get(f"/meetings/{meeting_id}/room?venue={other}")).status == 404


async def test_a_meeting_that_is_over_says_so(sqlite_house: House, meeting_id: int) -> None:
    db = sqlite_house.services.db
    chair = live(db, meeting_id, sqlite_house.people(CITY))
    do(db, meeting_id, SetPhase("ENDED"), chair, chair.venue_id)
    county = await sqlite_house.sign_in(COUNTY)
    answer = await county.get(f"/meetings/{meeting_id}/room")
    assert answer.status == 409
    assert "会议已经结束" in await answer.text()


async def test_the_clock_is_the_servers(sqlite_house: House, meeting_id: int) -> None:
    county = await sqlite_house.sign_in(COUNTY)
    answer = await county.get(f"/meetings/{meeting_id}/clock")
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await answer.json())["now"].endswith("+00:00")


def scripts() -> list[str]:
    found = [*ASSETS.glob("room*.ts"), *(ASSETS / "room").glob("*.ts")]
    return [path.read_text(encoding="utf-8") for path in sorted(found)]


def test_the_scripts_ask_for_no_text_that_is_missing() -> None:
    asked = {key for text in scripts() for key in ASKED.findall(text)}
    assert len(asked) > 100
    assert sorted(key for key in asked if f"rooms.{key}" not in catalogue()) == []


def test_every_act_has_a_name_and_a_word_and_no_word_means_two() -> None:
    acts = {act for text in scripts() for act in ACTS.findall(text)}
    assert len(acts) > 50
    words = [word for act in acts for word in catalogue()[f"rooms.word_{act}"].split()]
    assert [act for act in acts if f"rooms.act_{act}" not in catalogue()] == []
    assert sorted(word for word in set(words) if words.count(word) > 1) == []


def test_every_module_is_short() -> None:
    lengths = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (ASSETS / "room").glob("*.ts")}
    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}
