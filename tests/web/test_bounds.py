"""What the running house takes from outside, how much of it, and what it never tells."""

import asyncio
import logging
from collections.abc import Iterator
from io import BytesIO

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from typing_extensions import override
from yarl import URL

from office.domain.people import Role
from tests.town import CITY, TOWN, VILLAGE
from tests.web.conftest import PASSWORD, Client, House, login_name
from tests.web.issuing import issued, notice
from web import guard
from web.app import FORM_BYTES
from web.live import MOST_A_SECOND, MOST_OF_PERSON, TOO_MUCH

TITLE, BODY = "关于补办张里村灌渠手续的通知", "护坡垮塌三处影响冬灌"


async def raw(house: House, text: bytes, answers: int = 1) -> list[bytes]:
    """Answers to bytes as they are, on one connection."""
    host, port = house.server.host, house.server.port
    reader, writer = await asyncio.open_connection(host, port)
    found = []
    writer.write(text)
    async with asyncio.timeout(30):
        for _ in range(answers):
            head = await reader.readuntil(b"\r\n\r\n")
            size = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:"))
            found.append(head + await reader.readexactly(size))
    writer.close()
    return found


async def test_a_form_of_more_than_two_megabytes_is_refused(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    form = "application/x-www-form-urlencoded"
    for path, kind in (("/suggestions", form), ("/api/v1/drafts", "application/json"), ("/api/v1/login", form)):
        large = BytesIO(b"x" * (FORM_BYTES + 1))
        answer = await client.post(path, data=large, headers={"Content-Type": kind})
        assert answer.status == 413, path
        assert "太大" in await answer.text()


async def test_two_requests_on_one_connection_are_both_answered(sqlite_house: House) -> None:
    ask = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    first, second = await raw(sqlite_house, ask + ask, answers=2)
    assert first.startswith(b"HTTP/1.1 200")
    assert second.endswith(b"ok")


async def test_a_body_that_never_ends_is_given_up(sqlite_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SLOWEST_FORM", 0.05)
    for kind in (b"application/json", b"application/x-www-form-urlencoded", b"multipart/form-data; boundary=a"):
        head = b"POST /suggestions HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\nContent-Type: "
        (answer,) = await raw(sqlite_house, head + kind + b"\r\n\r\n--a")
        assert answer.startswith(b"HTTP/1.1 408"), answer
        assert "没有传完" in answer.decode()


@pytest.mark.parametrize(
    "line",
    [
        b"GET /static/%FF%FE HTTP/1.1\r\nHost: x", b"GET /search?q=%FF%00 HTTP/1.1\r\nHost: x",
        b"GET / HTTP/1.1\r\nHost: x\r\nCookie: yiwang=\xff\xfe; toast=%5B%5B", b"BREW / HTTP/1.1\r\nHost: x",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Real-IP: \xff\xfe", b"GET / HTTP/1.1\r\nHost: \xff",
        b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: -1", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 9_000,
    ],
)  # fmt: skip
async def test_odd_lines_are_answered_with_a_refusal(sqlite_house: House, line: bytes) -> None:
    (answer,) = await raw(sqlite_house, line + b"\r\n\r\n")
    assert answer.split()[1] < b"500", answer
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    ("agent", "status"), [(b"\xff\xfe", b"422"), ("浏览器".encode(), b"303"), (b"x" * 5_000, b"303")]
)
async def test_who_names_his_browser_oddly_still_gets_an_answer(
    sqlite_house: House, agent: bytes, status: bytes
) -> None:
    form = f"name={login_name(VILLAGE)}&password={PASSWORD}".encode()
    head = b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nUser-Agent: "
    (answer,) = await raw(sqlite_house, head + agent + f"\r\nContent-Length: {len(form)}\r\n\r\n".encode() + form)
    assert answer.split()[1] == status, answer


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"[" * 200_000), ("application/json", b'{"name": "\\ud800"}'),
        ("application/json", b"\xff"), ("application/json", b'{"name": 1e999}'), ("text/plain", b"x"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"name=a"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"name=\xff\xfe&%00=1"),
        ("multipart/form-data", b"x"), ("multipart/form-data; boundary=a", b"--a\r\nContent-Length: x\r\n\r\n"),
        ("multipart/form-data; boundary=a", b"--b"), ("multipart/form-data; boundary=" + "a" * 99, b""),
        ("multipart/form-data; boundary=a", b"--a\r\nContent-Transfer-Encoding: odd\r\n\r\nx\r\n--a--"),
    ],
)  # fmt: skip
async def test_bodies_that_are_none_are_refused(sqlite_house: House, kind: str, body: bytes) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    paths = ("/suggestions", "/api/v1/drafts", "/api/v1/chains/1/act", "/drafts/import", "/api/v1/uploads", "/verify")
    for path in paths:
        answer = await client.post(path, data=body, headers={"Content-Type": kind}, allow_redirects=False)
        assert 400 <= answer.status < 500, (path, answer.status)


@pytest.mark.parametrize(
    "name", ["../view.py", "%2e%2e/view.py", "..%2fview.py", "/etc/passwd", "%2fetc%2fpasswd", "a\\..\\view.py", "."]
)
async def test_no_path_leads_out_of_the_built_files(sqlite_house: House, name: str) -> None:
    client = await sqlite_house.outside()
    answer = await client.get(URL(f"/static/{name}", encoded=True))
    assert answer.status == 404


async def greeted(house: House, client: Client) -> ClientWebSocketResponse:
    page = await (await client.get("/")).text()
    socket = await client.ws_connect("/ws/live", headers=house.origin)
    await socket.send_json({"kind": "hello", "token": page.split('name="csrf" content="')[1].split('"')[0]})
    return socket


async def test_who_floods_a_socket_loses_it(sqlite_house: House) -> None:
    socket = await greeted(sqlite_house, await sqlite_house.sign_in(VILLAGE))
    for text in ("[" * 4_000, '{"kind": "watch", "document_id": 1e400}', "\x00", *["{}"] * MOST_A_SECOND):
        await socket.send_str(text)
    message = await socket.receive(timeout=10)
    assert message.type is WSMsgType.CLOSE
    assert message.data == TOO_MUCH


async def test_one_person_has_few_sockets(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    sockets = [await greeted(sqlite_house, client) for _ in range(MOST_OF_PERSON)]
    answer = await client.get("/ws/live", headers=sqlite_house.origin)
    assert answer.status == 503
    assert not any(socket.closed for socket in sockets)


async def test_the_cookie_is_for_the_server_alone(sqlite_house: House) -> None:
    client = await sqlite_house.outside()
    fields = {"name": login_name(VILLAGE), "password": PASSWORD}
    answer = await client.post("/login", data=fields, headers=sqlite_house.origin, allow_redirects=False)
    (kept,) = [line for line in answer.headers.getall("Set-Cookie") if line.startswith("yiwang=")]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(kept.split("; "))


class Lines(logging.Handler):
    """Every line that is logged, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(message)s"))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[list[str]]:
    handler, root = Lines(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


async def test_neither_log_nor_metrics_tell_of_a_paper(sqlite_house: House, logged: list[str]) -> None:
    logging.getLogger("yiwang.test").info("listening")
    paper = await issued(sqlite_house, notice(VILLAGE, TITLE))
    client = await sqlite_house.sign_in(VILLAGE)
    await client.get(f"/documents/{paper.document_id}")
    await client.post("/drafts/import", data=f"{TITLE}{BODY}".encode(), headers={"X-File-Name": "a.docx"})
    await client.post("/suggestions", data={"text": BODY})
    await client.get("/search", params={"q": TITLE})
    text = "\n".join(logged)
    assert "listening" in text
    metrics = await (await client.get("/metrics")).text()
    names = [sqlite_house.people(organ).person_name for organ in (CITY, TOWN, VILLAGE)]
    for word in (TITLE, BODY, TITLE[2:8], PASSWORD, login_name(VILLAGE, Role.CLERK), *names):
        assert word not in text
        assert word not in metrics
