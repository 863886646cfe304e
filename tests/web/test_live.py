"""/ws/live from the outside, by another library than the server's: who may listen, what he hears, what cuts him off."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import websockets
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from office.domain.people import Role
from tests.town import CITY, VILLAGE
from tests.web.conftest import Client, House
from tests.web.papers import act, sent_for_review
from web.guard import PLAIN_COOKIE
from web.live import MOST_A_SECOND, MOST_OF_PERSON, SIGNED_OUT, TOO_MUCH

SOON = 5.0  # seconds anything here may take


async def token_of(client: Client) -> str:
    """What the page would greet with."""
    page = await (await client.get("/me")).text()
    found = re.search(r'name="csrf" content="([^"]+)"', page)
    assert found is not None
    return found[1]


def line(house: House, client: Client, *, origin: str | None = None) -> connect:
    """A connection with the client's session; `origin` as some other page would send it."""
    cookie = next(c.value for c in client.session.cookie_jar if c.key == PLAIN_COOKIE)
    own = house.origin["Origin"]
    address = f"ws://{house.server.host}:{house.server.port}/ws/live"
    sent = {"Cookie": f"{PLAIN_COOKIE}={cookie}"}
    return connect(address, additional_headers=sent, origin=websockets.Origin(origin or own), compression="deflate")


@asynccontextmanager
async def greeted(house: House, client: Client) -> AsyncIterator[ClientConnection]:
    """A line that has said who it is."""
    token = await token_of(client)
    async with line(house, client) as socket:
        await socket.send(json.dumps({"kind": "hello", "token": token}))
        yield socket


async def heard(socket: ClientConnection) -> dict[str, object]:
    """The next news."""
    async with asyncio.timeout(SOON):
        news: dict[str, object] = json.loads(await socket.recv())
        return news


async def closed(socket: ClientConnection) -> int | None:
    """The code the server closed with."""
    async with asyncio.timeout(SOON):
        try:
            async for _ in socket:
                pass
        except ConnectionClosed:
            return socket.close_code
    return socket.close_code


async def taken_in(socket: ClientConnection) -> None:
    """Wait until the server has dealt with everything sent so far: it answers a ping in its turn."""
    async with asyncio.timeout(SOON):
        answered = await socket.ping()
        await answered


async def test_the_next_holder_hears_of_his_task(house: House) -> None:
    document_id = await sent_for_review(house)
    head, mayor = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(CITY, Role.LEADER)
    async with greeted(house, mayor) as socket:
        await taken_in(socket)
        assert await act(house, head, document_id, "COMPLETE", opinion="同意") == 303
        assert (await heard(socket))["kind"] == "changed"


async def test_who_watches_a_paper_hears_which_one_changed(house: House) -> None:
    document_id = await sent_for_review(house)
    head, clerk = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(CITY)
    async with greeted(house, clerk) as socket:
        await socket.send(json.dumps({"kind": "watch", "document_id": document_id}))
        await taken_in(socket)
        assert await act(house, head, document_id, "COMPLETE", opinion="同意") == 303
        while (await heard(socket)).get("document_id") != document_id:
            pass


async def test_a_village_cannot_watch_what_it_may_not_see(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head, village = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(VILLAGE)
    async with greeted(house, village) as socket:
        await socket.send(json.dumps({"kind": "watch", "document_id": document_id}))
        await taken_in(socket)
        assert await act(house, head, document_id, "COMPLETE", opinion="同意") == 303
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await socket.recv()


async def test_another_site_opens_no_socket(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    with pytest.raises(InvalidStatus) as refused:
        async with line(sqlite_house, client, origin="https://evil.example"):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("greeting", ['{"kind": "hello", "token": "wrong"}', "no JSON", "[]", '{"kind": "watch"}'])
async def test_who_does_not_greet_rightly_is_cut_off(sqlite_house: House, greeting: str) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    async with line(sqlite_house, client) as socket:
        await socket.send(greeting)
        assert await closed(socket) == SIGNED_OUT


async def test_too_many_messages_cut_the_line(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    async with greeted(sqlite_house, client) as socket:
        for _ in range(MOST_A_SECOND + 5):
            await socket.send('{"kind": "watch", "document_id": 1}')
        assert await closed(socket) == TOO_MUCH


async def test_a_long_message_cuts_the_line(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    async with greeted(sqlite_house, client) as socket:
        await socket.send("x" * 10_000)
        assert await closed(socket) == 1009


async def test_one_person_has_a_few_sockets_and_none_is_compressed(sqlite_house: House) -> None:
    house = sqlite_house
    client = await house.sign_in(VILLAGE)
    token = await token_of(client)
    lines = [await line(house, client) for _ in range(MOST_OF_PERSON)]
    try:
        for socket in lines:
            assert socket.response is not None
            assert "Sec-WebSocket-Extensions" not in socket.response.headers
            await socket.send(json.dumps({"kind": "hello", "token": token}))
            await taken_in(socket)
        with pytest.raises(InvalidStatus) as refused:
            async with line(house, client):
                pass
        assert refused.value.response.status_code == 503
    finally:
        for socket in lines:
            await socket.close()
