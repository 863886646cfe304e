"""/ws/rooms from the outside, by another library than the server's: who gets in, what cuts him off."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import websockets
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from websockets.asyncio.client import ClientConnection, connect

from office.store.tables import session
from office.store.work import Work
from rtc.engine.memory import MemoryEngine
from rtc.live.messages import MOST_FRAME
from rtc.live.seats import NOT_INVITED, OTHER_PROTOCOL, SIGNED_OUT, TOO_MANY
from rtc.service import invitations, meetings
from tests import town
from tests.rtc.service.calling import BRANCHES, venue_of
from tests.town import CITY, COUNTY, FINANCE, VILLAGE
from tests.web.conftest import Client, House
from tests.web.test_live import closed, token_of
from web.app import create_app
from web.config import Config
from web.guard import PLAIN_COOKIE
from web.room_lines import MOST_A_SECOND

SOON = 5.0
Message = dict[str, Any]


@pytest.fixture
async def engine() -> MemoryEngine:
    return MemoryEngine()


@pytest.fixture
async def house(sqlite_city: tuple[Path, town.Town], tmp_path: Path, engine: MemoryEngine) -> AsyncIterator[House]:
    """The application with an engine in memory."""
    shutil.copy(sqlite_city[0], tmp_path / "office.db")
    config = Config(data=tmp_path, database=f"sqlite:///{tmp_path}/office.db", plain=True)
    app = create_app(config, engine=engine)
    async with TestServer(app) as server:
        opened = House(server, app, sqlite_city[1])
        async with opened.stack:
            yield opened


@pytest.fixture
def meeting_id(house: House) -> int:
    """A meeting that begins in an hour, by the clock on the wall."""
    db, clerk = house.services.db, house.people(CITY)
    begin = db.now() + timedelta(hours=1)
    plan = meetings.Plan("全市防汛视频会议", begin, begin + timedelta(hours=2), "三楼会议室")
    number = db.write_now(meetings.plan, plan, clerk)
    db.write_now(invitations.invite, invitations.Invite(number, BRANCHES), clerk)
    db.write_now(meetings.call, meetings.Call(number), clerk)
    return number


def line(house: House, client: Client, meeting_id: int, *, origin: str = "") -> connect:
    """A connection with the client's session."""
    cookie = next(c.value for c in client.session.cookie_jar if c.key == PLAIN_COOKIE)
    address = f"ws://{house.server.host}:{house.server.port}/ws/rooms/{meeting_id}"
    sent = {"Cookie": f"{PLAIN_COOKIE}={cookie}"}
    own = websockets.Origin(origin or house.origin["Origin"])
    return connect(address, additional_headers=sent, origin=own, compression=None, max_size=None)


def hello(token: str, **other: object) -> str:
    """The first frame."""
    return json.dumps({"kind": "hello", "token": token, "protocol": 1, "device": "abcdefgh12345678"} | other)


async def heard(socket: ClientConnection, kind: str) -> Message:
    """The next message of a kind."""
    async with asyncio.timeout(SOON):
        while True:
            message: Message = json.loads(await socket.recv())
            if message["kind"] == kind:
                return message


@asynccontextmanager
async def inside(house: House, organ_id: int, meeting_id: int) -> AsyncIterator[tuple[ClientConnection, Message]]:
    """A line that was greeted, and the hello it got."""
    client = await house.sign_in(organ_id)
    token = await token_of(client)
    async with line(house, client, meeting_id) as socket:
        await socket.send(hello(token))
        yield socket, await heard(socket, "hello")


async def do(socket: ClientConnection, number: int, command: str, fence: int = 0, **arguments: object) -> Message:
    """Ask, and get done or refused."""
    await socket.send(json.dumps({"kind": "do", "id": number, "command": command, "fence": fence, "with": arguments}))
    async with asyncio.timeout(SOON):
        while True:
            message: Message = json.loads(await socket.recv())
            if message.get("id") == number and message["kind"] in {"done", "refused"}:
                return message


async def test_two_venues_meet_in_a_room(house: House, meeting_id: int, engine: MemoryEngine) -> None:
    async with inside(house, CITY, meeting_id) as (city, first), inside(house, COUNTY, meeting_id) as (county, second):
        assert first["you"]["grants"] == ["chair", "organise"]
        assert second["you"]["venue"] == venue_of(house.services.db, meeting_id, COUNTY)
        assert len(second["venues"]) == 5
        assert (await do(city, 1, "RequestChair"))["kind"] == "done"
        assert (await do(city, 2, "Mute", 1, group={"everyone": True}))["undo"] is True
        change = await heard(county, "change")
        while "muted" not in change["room"]:
            change = await heard(county, "change")
        assert change["said"].endswith("已静音。")
        assert (await do(county, 1, "SwitchMicrophone", on=True))["kind"] == "refused"
        await county.send(json.dumps({"kind": "chat", "id": 3, "text": "收到"}))
        assert (await heard(city, "chat"))["text"] == "收到"
        assert engine.rooms[str(meeting_id)].seats


async def test_a_stranger_is_sent_away_with_a_reason(house: House, meeting_id: int) -> None:
    client = await house.sign_in(FINANCE)
    token = await token_of(client)
    for number in (meeting_id, 999_999):
        async with line(house, client, number) as socket:
            await socket.send(hello(token))
            assert (await heard(socket, "bye"))["again"] is False
            assert await closed(socket) == NOT_INVITED


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ('{"kind": "beat"}', SIGNED_OUT),
        ("nonsense", SIGNED_OUT),
        (hello("not the token"), SIGNED_OUT),
        ("[" * 10_000, SIGNED_OUT),
    ],
)
async def test_who_does_not_greet_is_cut(house: House, meeting_id: int, first: str, code: int) -> None:
    client = await house.sign_in(COUNTY)
    async with line(house, client, meeting_id) as socket:
        await socket.send(first)
        assert await closed(socket) == code


@pytest.mark.parametrize(
    ("other", "code"),
    [({"protocol": 2}, OTHER_PROTOCOL), ({"device": "../../etc"}, NOT_INVITED), ({"venue": 10**30}, NOT_INVITED)],
)
async def test_a_wrong_greeting_is_answered(house: House, meeting_id: int, other: Message, code: int) -> None:
    client = await house.sign_in(COUNTY)
    token = await token_of(client)
    async with line(house, client, meeting_id) as socket:
        await socket.send(hello(token, **other))
        assert (await heard(socket, "bye"))["sentence"].endswith("。")
        assert await closed(socket) == code


async def test_another_website_cannot_open_a_line(house: House, meeting_id: int) -> None:
    client = await house.sign_in(COUNTY)
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        async with line(house, client, meeting_id, origin="https://elsewhere.example"):
            pass
    assert refused.value.response.status_code == 403


async def test_a_flood_cuts_its_own_line_and_nobody_elses(house: House, meeting_id: int) -> None:
    async with inside(house, CITY, meeting_id) as (city, _), inside(house, COUNTY, meeting_id) as (county, _):
        for _ in range(MOST_A_SECOND * 3):
            await county.send('{"kind": "react", "what": "👏"}')
        assert await closed(county) == TOO_MANY
        assert (await do(city, 1, "RequestChair"))["kind"] == "done"


async def test_a_frame_that_is_too_large_cuts_the_line(house: House, meeting_id: int) -> None:
    async with inside(house, COUNTY, meeting_id) as (county, _):
        await county.send("x" * (MOST_FRAME + 1))
        assert await closed(county) == 1009


async def test_nonsense_is_refused_and_the_line_stays(house: House, meeting_id: int) -> None:
    async with inside(house, COUNTY, meeting_id) as (county, _):
        for frame in ("{", "null", '{"kind": "hello"}', '{"kind": "do", "id": "x"}'):
            await county.send(frame)
            assert (await heard(county, "refused"))["sentence"].endswith("。")
        assert (await do(county, 5, "RaiseHand"))["kind"] in {"done", "refused"}


async def test_signing_out_closes_the_line(house: House, meeting_id: int) -> None:
    client = await house.sign_in(COUNTY)
    token = await token_of(client)
    async with line(house, client, meeting_id) as socket:
        await socket.send(hello(token))
        await heard(socket, "hello")
        answer = await client.post("/logout", headers=house.origin, allow_redirects=False)
        assert answer.status == 303
        await house.services.lines.check_sessions()
        assert (await heard(socket, "bye"))["again"] is False
        assert await closed(socket) == SIGNED_OUT


async def test_who_sits_in_a_meeting_is_not_idle(house: House, meeting_id: int) -> None:
    db = house.services.db
    async with inside(house, COUNTY, meeting_id):
        seen = db.read_now(_seen)
        await house.services.lines.touch_sessions()
        assert db.read_now(_seen) > seen


def _seen(work: Work) -> datetime:
    """The last use of any session."""
    moments: list[datetime] = [row[0] for row in work.execute(select(session.c.seen))]
    return max(moments)


async def test_a_stopped_server_says_come_back(house: House, meeting_id: int) -> None:
    async with inside(house, COUNTY, meeting_id) as (county, _):
        await house.services.rooms.close()
        assert (await heard(county, "bye"))["again"] is True
        assert await closed(county) == 1012


async def test_venues_of_a_subtree_for_those_invited(house: House, meeting_id: int) -> None:
    village = await house.sign_in(VILLAGE)
    path = f"/meetings/{meeting_id}/venues.json"
    found = await (await village.get(path, params={"under": f"/{CITY}/{COUNTY}/"})).json()
    assert [venue["name"] for venue in found] == ["兴平市", "南位镇", "张里村", "定周村"]
    assert (await village.get(path, params={"under": "%' OR 1"})).status == 422
    assert (await (await house.sign_in(FINANCE)).get(path)).status == 404
