"""Votes by the doors: the chair's page opens one, venues vote, everybody's line hears; strangers find nothing."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from rtc.engine.memory import MemoryEngine
from rtc.service import invitations, meetings
from tests import town
from tests.rtc.service.calling import BRANCHES, live, venue_of
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, WATER
from tests.web.conftest import Client, House
from tests.web.test_rooms_socket import heard, inside
from web.app import create_app
from web.config import Config

ALL = (CITY, COUNTY, TOWN, VILLAGE, OTHER_VILLAGE)


@pytest.fixture
async def house(sqlite_city: tuple[Path, town.Town], tmp_path: Path) -> AsyncIterator[House]:
    """The application with an engine in memory."""
    shutil.copy(sqlite_city[0], tmp_path / "office.db")
    config = Config(data=tmp_path, database=f"sqlite:///{tmp_path}/office.db", plain=True)
    app = create_app(config, engine=MemoryEngine())
    async with TestServer(app) as server:
        opened = House(server, app, sqlite_city[1])
        async with opened.stack:
            yield opened


@pytest.fixture
def meeting_id(house: House) -> int:
    db, clerk = house.services.db, house.people(CITY)
    begin = db.now() + timedelta(hours=1)
    number = db.write_now(meetings.plan, meetings.Plan("全市防汛视频会议", begin, begin + timedelta(hours=2)), clerk)
    db.write_now(invitations.invite, invitations.Invite(number, BRANCHES), clerk)
    db.write_now(meetings.call, meetings.Call(number), clerk)
    return number


async def ask(client: Client, path: str, **body: object) -> tuple[int, Any]:
    answer = await client.post(path, json=body)
    text = await answer.text()
    return answer.status, (await answer.json() if answer.status == 200 else text)


async def test_a_secret_vote_from_the_pages(house: House, meeting_id: int) -> None:
    db = house.services.db
    chair = live(db, meeting_id, house.people(CITY))
    sits = {"venue": chair.venue_id, "fence": chair.fence}
    clients = {organ: await house.sign_in(organ) for organ in ALL}
    base = f"/meetings/{meeting_id}/ballots"
    async with inside(house, COUNTY, meeting_id) as (line, _):
        status, said = await ask(clients[CITY], base, **sits, question="通过方案", secret=True)
        assert status == 200
        one = f"{base}/{said['id']}"
        assert (await ask(clients[CITY], f"{one}/open", **sits, seconds=60))[0] == 200
        opened = (await heard(line, "ballot"))["ballot"]
        assert (opened["stage"], opened["of"], opened["voted"], opened["result"]) == ("OPEN", 5, None, None)
        for organ in ALL:
            seat = venue_of(db, meeting_id, organ)
            assert (await ask(clients[organ], f"{one}/vote", venue=seat, choice=0))[0] == 200
        again = await ask(clients[COUNTY], f"{one}/vote", venue=venue_of(db, meeting_id, COUNTY), choice=1)
        assert again[0] == 409
        assert (await ask(clients[CITY], f"{one}/close", **sits))[0] == 200
        assert not list((house.services.config.data / "ballots").iterdir())
        assert (await ask(clients[CITY], f"{one}/publish", **sits))[0] == 200
        told = (await heard(line, "ballot"))["ballot"]
        while told["stage"] != "PUBLISHED":
            told = (await heard(line, "ballot"))["ballot"]
        assert told["result"] == {"counts": [5, 0, 0], "present": 5, "quorate": True, "carried": 0}
        assert told["votes"] == {}


async def test_who_comes_later_is_told_of_the_ballots(house: House, meeting_id: int) -> None:
    chair = live(house.services.db, meeting_id, house.people(CITY))
    sits = {"venue": chair.venue_id, "fence": chair.fence}
    client = await house.sign_in(CITY)
    base = f"/meetings/{meeting_id}/ballots"
    _, said = await ask(client, base, **sits, question="通过方案")
    await ask(client, f"{base}/{said['id']}/open", **sits)
    async with inside(house, COUNTY, meeting_id) as (line, hello):
        assert hello["ballots"] == []
        assert (await heard(line, "ballot"))["ballot"]["question"] == "通过方案"
        async with inside(house, TOWN, meeting_id) as (_, later):
            assert [one["id"] for one in later["ballots"]] == [said["id"]]


async def test_nobody_votes_for_another_and_strangers_find_nothing(house: House, meeting_id: int) -> None:
    db = house.services.db
    chair = live(db, meeting_id, house.people(CITY))
    sits = {"venue": chair.venue_id, "fence": chair.fence}
    city, county, stranger = [await house.sign_in(organ) for organ in (CITY, COUNTY, WATER)]
    base = f"/meetings/{meeting_id}/ballots"
    _, said = await ask(city, base, **sits, question="通过方案")
    one = f"{base}/{said['id']}"
    own, other = venue_of(db, meeting_id, COUNTY), venue_of(db, meeting_id, TOWN)
    assert (await ask(county, f"{one}/open", venue=own, fence=chair.fence))[0] == 403
    await ask(city, f"{one}/open", **sits)
    assert (await ask(county, f"{one}/vote", venue=other, choice=0))[0] == 404
    assert (await ask(county, f"{one}/vote", venue=own, choice=7))[0] == 422
    assert (await ask(county, f"{one}/vote", venue="甲"))[0] == 422
    assert (await ask(city, f"/meetings/{meeting_id}/ballots/99/vote", **sits, choice=0))[0] == 404
    for act in ("open", "vote", "close", "publish", "void"):
        assert (await ask(stranger, f"{one}/{act}", venue=own))[0] == 404
    assert (await stranger.get(f"{base}.json")).status == 404
    assert (await ask(city, f"{base}", **sits, question="第二件"))[0] == 200
    assert [b["question"] for b in await (await city.get(f"{base}.json")).json()] == ["通过方案", "第二件"]
    assert [b["question"] for b in await (await county.get(f"{base}.json")).json()] == ["通过方案"]
