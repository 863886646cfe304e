"""Every door of the running house: it has a rule, it is shut to strangers, and shut looks like absent."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import FormData, WSMsgType
from aiohttp.web import AbstractRoute

from office.domain.people import Role
from office.service import drafting
from office.store import receipts
from office.store.work import Work
from tests.town import CITY, OTHER_VILLAGE, VILLAGE, WATER
from tests.web.conftest import Client, House
from tests.web.issuing import issued, notice, start
from web.api.openapi import document
from web.routing import RULES, Route

# Without login. Whoever adds a line says why: each of these shows nothing that belongs to anybody.
PUBLIC = {
    ("GET", "/login"), ("POST", "/login"), ("POST", "/api/v1/login"),  # the way in
    ("POST", "/me/elder"),  # large letters, before login too
    ("GET", "/verify"), ("POST", "/verify"), ("POST", "/api/v1/verify"), ("GET", "/verify/root.pem"),  # who has a file
    ("GET", "/suggestions"), ("POST", "/suggestions"), ("GET", "/suggestions/thanks"),  # 投诉建议
    ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics"),  # no unit, no person
    ("GET", "/static/{name:.+}"), ("GET", "/api/openapi.json"),  # what the program is made of
}  # fmt: skip
SECRET = "关于补办张里村灌渠手续的通知"
ABSENT = 987_654
FIELDS = re.compile(r"{(\w+)(?::((?:[^{}]|{\d+})*))?}")


def routes(house: House) -> Iterator[tuple[AbstractRoute, Route]]:
    for route in house.app.router.routes():
        yield route, house.app[RULES][route.handler]


def doors(house: House) -> list[Route]:
    return [door for _, door in routes(house)]


def fill(path: str, values: Mapping[str, object]) -> str:
    """The address with values in it; what is not named becomes something that fits the pattern."""

    def one(match: re.Match[str]) -> str:
        name, pattern = match[1], match[2] or ""
        usual = "a" * 64 if "64" in pattern else "1" if "d" in pattern else "abc123"
        return str(values.get(name, usual))

    return FIELDS.sub(one, path)


# Enough of everything for every form of ours: what is refused then is refused for whose it is.
FORM = {
    "verb": "WITHDRAW", "seat_id": "1", "reason": "OTHER", "text": "内容", "why": "改正", "answer": "答复", "to": "1,1",
    "revoked": "1", "fix": "all", "base_seq": "1", "title": "标题", "rule": "R01", "reach": "4", "task_id": "1",
    "name": "名字", "organ": "1", "organ_ids": "1", "opinion": "同意", "receipt_id": "1",
}  # fmt: skip


def sample(schema: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """A value that fits a schema of the API."""
    if "$ref" in schema:
        return sample(document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]])
    if "oneOf" in schema or "anyOf" in schema:
        return sample((schema.get("oneOf") or schema["anyOf"])[0])
    if "enum" in schema or "const" in schema:
        return schema.get("const", (schema.get("enum") or [None])[0])
    if schema.get("type") == "object":
        return {name: sample(schema["properties"][name]) for name in schema.get("required", ())}
    plain = {"integer": 1, "string": "内容", "boolean": True, "array": [], "number": 1.0, "null": None}
    return plain[schema["type"]]


def body_of(door: Route) -> Any:  # noqa: ANN401 - JSON
    """A body that fits a door of the API."""
    address = re.sub(r"{(\w+):[^}]*}", r"{\1}", door.path)
    described = document()["paths"][address][door.method.lower()]
    return (
        sample(described["requestBody"]["content"]["application/json"]["schema"]) if "requestBody" in described else {}
    )


async def send(client: Client, door: Route, path: str, **options: object) -> tuple[int, str]:
    """The door with a body of the right kind; answer and text without what differs at every turn."""
    if door.heavy:
        file = FormData()
        file.add_field("file", b"%PDF-1.4", filename="a.pdf")
        options["data"] = file
    elif path.startswith("/api/") and door.method != "GET":
        options["json"] = body_of(door)
    elif door.method != "GET":
        options["data"] = FORM
    elif path.endswith("/compare"):
        path += "?old=1&new=1"
    answer = await client.request(door.method, path, allow_redirects=False, **options)  # type: ignore[arg-type]
    return answer.status, await answer.text(errors="replace")


async def test_every_door_has_a_rule_and_only_the_short_list_is_public(sqlite_house: House) -> None:
    found = list(routes(sqlite_house))
    assert len(found) > 150
    for route, door in found:
        assert route.method == door.method
        assert door.rule.public or door.rule.name
    assert {(door.method, door.path) for _, door in found if door.rule.public} == PUBLIC


async def test_nothing_else_opens_without_login(sqlite_house: House) -> None:
    stranger = await sqlite_house.outside()
    for door in doors(sqlite_house):
        if door.rule.public:
            continue
        path = fill(door.path, {})
        answer = await stranger.request(door.method, path, allow_redirects=False)
        assert answer.status in (303, 401), (door.method, path)
        if answer.status == 303:
            assert answer.headers["Location"].startswith("/login"), path


@dataclass(frozen=True)
class Secrets:
    """What belongs to one village: a draft with an attachment, a paper on its leader's desk, a receipt."""

    draft: int
    attachment: int
    running: int
    chain: int
    receipt: int
    received: int


def _secrets(work: Work, house: House, received: int) -> Secrets:
    clerk = house.people(VILLAGE)
    draft = drafting.start(work, drafting.StartDraft(notice(title=SECRET)), clerk)
    file = drafting.Attach(draft, f"{SECRET}.pdf", "b" * 64, 10, "application/pdf", 1)
    attachment = drafting.attach(work, file, clerk)
    running, chain = start(work, notice(title=SECRET), clerk)
    got = receipts.of_organ(work, received, VILLAGE)
    assert got is not None
    return Secrets(draft, attachment, running, chain, got.id, received)


@pytest.fixture
async def secrets(sqlite_house: House) -> Secrets:
    paper = await issued(sqlite_house, notice(VILLAGE, SECRET))
    return await sqlite_house.services.db.write(_secrets, sqlite_house, paper.document_id)


OBJECTS = re.compile(r"^(?:/api/v1)?/(documents|drafts|chains|receipts|tasks)/{")


def real(kind: str, secrets: Secrets) -> list[Mapping[str, object]]:
    """The ids of somebody else's things, by the names the addresses use for them."""
    files = {"aid": secrets.attachment, "attachment_id": secrets.attachment, "n": 1}
    papers: list[Mapping[str, object]] = [
        {"id": i, "document_id": i} | files for i in (secrets.draft, secrets.running, secrets.received)
    ]
    match kind:
        case "documents" | "drafts":
            return papers
        case "chains":
            return [{"chain_id": secrets.chain}]
        case "receipts":
            return [{"id": secrets.receipt, "receipt_id": secrets.receipt}]
        case _:
            return [{"id": 1, "task_id": 1}]


@pytest.mark.parametrize(("organ_id", "role"), [(OTHER_VILLAGE, Role.CLERK), (WATER, Role.LEADER)])
async def test_what_belongs_to_others_looks_absent_by_every_door(
    sqlite_house: House, secrets: Secrets, organ_id: int, role: Role
) -> None:
    client = await sqlite_house.sign_in(organ_id, role)
    tried = 0
    for door in doors(sqlite_house):
        kind = OBJECTS.match(door.path)
        if kind is None or door.rule.roles is not None:
            continue
        absent = dict.fromkeys(("id", "document_id", "chain_id", "receipt_id", "task_id"), ABSENT)
        nothing = await send(client, door, fill(door.path, absent))
        for values in real(kind[1], secrets):
            forbidden = await send(client, door, fill(door.path, values))
            assert forbidden == nothing, (door.method, door.path, values)
            assert SECRET not in forbidden[1]
            assert forbidden[0] == 404, (door.method, door.path, forbidden)
            tried += 1
    assert tried > 100


async def test_the_owner_does_see_it_by_the_same_doors(sqlite_house: House, secrets: Secrets) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    for path in ("", "/edit", "/versions", "/history", "/pages/1.png", "/paper.pdf", "/paper.docx", "/send"):
        answer = await client.get(f"/documents/{secrets.draft}{path}")
        assert answer.status == 200, path


@pytest.mark.parametrize(
    ("organ_id", "role"),
    [(OTHER_VILLAGE, Role.CLERK), (WATER, Role.LEADER), (CITY, Role.SYSTEM_ADMIN), (CITY, Role.AUDITOR)],
)
async def test_no_list_and_no_search_shows_it(sqlite_house: House, secrets: Secrets, organ_id: int, role: Role) -> None:
    client = await sqlite_house.sign_in(organ_id, role)
    queries = f"?q={SECRET}&text={SECRET}&number={secrets.draft}&document_id={secrets.draft}"
    for door in doors(sqlite_house):
        if door.method == "GET" and "{" not in door.path and door.path not in ("/ws/live", "/metrics"):
            for path in (door.path, f"{door.path}{queries}"):
                _, text = await send(client, door, path)
                shown = text.replace(f'value="{SECRET}"', "")
                assert SECRET not in shown, path


async def test_no_socket_tells_of_it(sqlite_house: House, secrets: Secrets) -> None:
    client = await sqlite_house.sign_in(OTHER_VILLAGE)
    token = (await (await client.get("/")).text()).split('name="csrf" content="')[1].split('"')[0]
    socket = await client.ws_connect("/ws/live", headers=sqlite_house.origin)
    await socket.send_json({"kind": "hello", "token": token})
    db, people = sqlite_house.services.db, sqlite_house.people
    for document_id in (secrets.draft, secrets.running, secrets.received):
        await socket.send_json({"kind": "watch", "document_id": document_id})
    note = drafting.Discard(secrets.draft)
    await db.write(drafting.discard, note, people(VILLAGE))
    own, _ = await db.write(start, notice(title="自己的通知"), people(OTHER_VILLAGE))
    message = await socket.receive(timeout=10)
    assert message.type is WSMsgType.TEXT
    assert message.json() == {"kind": "changed"}  # of one's own paper; nothing of the watched ones came before
    await socket.send_json({"kind": "watch", "document_id": own})
    await socket.close()


async def test_every_answer_is_fenced_and_files_are_only_saved(sqlite_house: House, secrets: Secrets) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    for path in ("/", "/login", "/no-such-page", f"/documents/{secrets.draft}", "/api/v1/me", "/verify"):
        answer = await client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if answer.content_type == "text/html":
            text = await answer.text()
            assert not re.search(r"<script(?![^>]* src=)|<[^>]* (?:style|on[a-z]+)=", text), path
    answer = await client.get(f"/documents/{secrets.draft}/paper.pdf")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["Content-Disposition"].startswith("attachment")


async def test_a_socket_from_another_site_is_refused(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(VILLAGE)
    answer = await client.get("/ws/live", headers={"Origin": "https://evil.example"})
    assert answer.status == 403


async def test_every_write_needs_our_origin_or_the_token(sqlite_house: House) -> None:
    client = await sqlite_house.sign_in(CITY)
    del client.session.headers["Origin"]
    writes = [door for door in doors(sqlite_house) if door.method != "GET"]
    assert len(writes) > 80
    for door in writes:
        path = fill(door.path, {})
        status, _ = await send(client, door, path, headers={"Origin": "https://evil.example"})
        assert status == 403, (door.method, path)
        status, _ = await send(client, door, path)
        assert status == 403, (door.method, path)


async def test_a_strangers_form_on_another_site_is_refused_too(sqlite_house: House) -> None:
    stranger = await sqlite_house.outside()
    for door in doors(sqlite_house):
        if door.method != "GET" and door.rule.public:
            status, _ = await send(stranger, door, fill(door.path, {}), headers={"Origin": "https://evil.example"})
            assert status == 403, door.path


@pytest.mark.parametrize(
    ("organ_id", "role"),
    [
        (CITY, Role.LEADER),
        (VILLAGE, Role.CLERK),
        (CITY, Role.SYSTEM_ADMIN),
        (CITY, Role.SECURITY_ADMIN),
        (CITY, Role.AUDITOR),
    ],
)
async def test_doors_of_a_role_are_absent_for_others(sqlite_house: House, organ_id: int, role: Role) -> None:
    client = await sqlite_house.sign_in(organ_id, role)
    absent = await client.get("/no-such-page")
    assert absent.status == 404
    shut = [door for door in doors(sqlite_house) if door.rule.roles is not None and role not in door.rule.roles]
    assert shut
    for door in shut:
        status, text = await send(client, door, fill(door.path, {}))
        assert status == 404, (door.method, door.path)
        assert "没有这个页面" in text


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR])
async def test_no_administrator_opens_a_paper(sqlite_house: House, secrets: Secrets, role: Role) -> None:
    client = await sqlite_house.sign_in(CITY, role)
    for door in doors(sqlite_house):
        if door.method == "GET" and re.match(r"^(?:/api/v1)?/(documents|drafts)/{", door.path):
            for values in real("documents", secrets):
                status, text = await send(client, door, fill(door.path, values))
                assert SECRET not in text
                checked = door.path.endswith("/history/check") and role is Role.AUDITOR
                assert status == (200 if checked else 404), door.path
