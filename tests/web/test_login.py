"""Who comes in, who stays out, and what a session is worth."""

from datetime import timedelta

import pytest
from aiohttp import WSMsgType
from sqlalchemy import select

from office.domain.people import Role
from office.store.base_tables import event
from office.store.tables import login, session
from office.store.work import Work
from tests.town import CITY, VILLAGE
from tests.web.conftest import PASSWORD, House, login_name
from web import passwords
from web.view import local_path


async def test_a_page_leads_to_the_login_and_back(sqlite_house: House) -> None:
    client = await sqlite_house.outside()
    answer = await client.get("/done", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login?to=/done")
    fields = {"name": login_name(VILLAGE), "password": PASSWORD, "to": "/done"}
    answer = await client.post("/login", data=fields, headers=sqlite_house.origin, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/done")


async def test_wrong_name_and_wrong_password_look_alike(sqlite_house: House) -> None:
    client = await sqlite_house.outside()
    texts = []
    for fields in ({"name": "nobody", "password": PASSWORD}, {"name": login_name(VILLAGE), "password": "wrong"}):
        answer = await client.post("/login", data=fields, headers=sqlite_house.origin)
        assert answer.status == 422
        texts.append((await answer.text()).replace(fields["name"], ""))
    assert texts[0] == texts[1]


async def test_five_failures_rest_the_account_and_are_recorded(house: House) -> None:
    client = await house.outside()
    for _ in range(5):
        await client.post("/login", data={"name": login_name(VILLAGE), "password": "wrong"}, headers=house.origin)
    right = {"name": login_name(VILLAGE), "password": PASSWORD}
    answer = await client.post("/login", data=right, headers=house.origin)
    assert answer.status == 422
    assert "15 分钟" in await answer.text()

    def failures(work: Work) -> list[str]:
        return [row[0] for row in work.execute(select(event.c.kind).where(event.c.kind == "LOGIN_FAILED"))]

    assert len(await house.services.db.read(failures)) == 5


async def test_logging_out_ends_the_session_and_its_socket(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    page = await (await client.get("/")).text()
    token = page.split('name="csrf" content="')[1].split('"')[0]
    socket = await client.ws_connect("/ws/live", headers=sqlite_house.origin)
    await socket.send_json({"kind": "hello", "token": token})
    await client.post("/logout", data={"csrf": token}, allow_redirects=False)
    message = await socket.receive(timeout=5)
    assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED)
    answer = await client.get("/", allow_redirects=False)
    assert answer.status == 303


async def test_a_session_ends_when_nobody_uses_it(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)

    def age(work: Work) -> None:
        work.execute(session.update().values(seen=work.now - timedelta(minutes=31)))

    await sqlite_house.services.db.write(age)
    answer = await client.get("/", allow_redirects=False)
    assert answer.headers["Location"] == "/login"


async def test_a_one_time_password_is_changed_first(sqlite_house: House) -> None:
    def one_time(work: Work) -> None:
        work.execute(login.update().where(login.c.name == login_name(CITY)).values(must_change=True))

    await sqlite_house.services.db.write(one_time)
    client = await sqlite_house.sign_in(CITY)
    answer = await client.get("/", allow_redirects=False)
    assert answer.headers["Location"] == "/me/password"
    fields = {"old": PASSWORD, "new": "Another-2026-word", "again": "Another-2026-word"}
    answer = await client.post("/me/password", data=fields, allow_redirects=False)
    assert answer.status == 303
    assert (await client.get("/", allow_redirects=False)).status == 200


@pytest.mark.parametrize("weak", ["short1A", "alllowercaseletters", "Clerk3-clerkA"])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(Exception, match="新密码"):
        passwords.check_new(weak, "3-clerk")


@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x"])
def test_no_address_leads_to_another_site(path: str) -> None:
    assert local_path(path) == "/"


async def test_an_administrator_reads_no_paper(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(CITY, Role.SYSTEM_ADMIN)
    assert (await client.get("/documents/1")).status == 404


async def test_behind_a_proxy_with_tls_the_cookie_is_for_tls_only(sqlite_house: House) -> None:
    client = await sqlite_house.outside()
    fields = {"name": login_name(VILLAGE), "password": PASSWORD}
    for proto, expected in (("https", True), ("http", False)):
        headers = {**sqlite_house.origin, "X-Forwarded-Proto": proto}
        answer = await client.post("/login", data=fields, headers=headers, allow_redirects=False)
        assert ("secure" in answer.headers["Set-Cookie"].lower()) is expected
        assert ("Strict-Transport-Security" in answer.headers) is expected
