"""The API: made from one table, described by itself, enough to carry a request up four tiers and its answer down."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec
import pytest

from office.domain.people import Role
from office.store import history
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE
from tests.web.conftest import PASSWORD, Client, House, login_name
from tests.web.issuing import issued
from web.api.acting import ACTS
from web.api.entry import Entry, FileEntry
from web.api.openapi import document
from web.api.table import ENTRIES, FILES
from web.routes import ROUTES
from web.routing import PUBLIC

Json: TypeAlias = Any
LINES: tuple[Entry | FileEntry, ...] = (*ENTRIES, *FILES)
REQUEST = {
    "kind": "请示", "title": "关于修复张里村灌渠所需资金的请示", "principal_text": "南位镇人民政府",
    "body": [
        {"kind": "PARAGRAPH", "text": "今年九月连续降雨，灌渠护坡垮塌三处，影响冬灌，需资金六十八万元。"},
        {"kind": "PARAGRAPH", "text": "妥否，请批示。"},
    ],
    "note": "联系人：张某，电话：0000 0000", "amount_yuan": 680_000, "principals": {"organ_ids": [TOWN]},
}  # fmt: skip


@dataclass
class Caller:
    """A program that is signed in as one person."""

    client: Client
    token: str

    async def ask(self, method: str, path: str, body: object = None, *, status: int = 200, key: str = "") -> Json:
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": key} if key else {})
        answer = await self.client.request(method, f"/api/v1{path}", json=body, headers=headers)
        text = await answer.text()
        assert answer.status == status, f"{method} {path}: {answer.status} {text}"
        return await answer.json() if text and answer.content_type == "application/json" else text

    async def get(self, path: str) -> Json:
        return await self.ask("GET", path)

    async def post(self, path: str, body: object = None) -> Json:
        return await self.ask("POST", path, body)


async def caller(house: House, organ_id: int, role: Role = Role.CLERK) -> Caller:
    client = await house.outside()
    answer = await client.post("/api/v1/login", json={"name": login_name(organ_id, role), "password": PASSWORD})
    assert answer.status == 200
    return Caller(client, (await answer.json())["token"])


async def act(who: Caller, document_id: int, verb: str = "COMPLETE", **fields: object) -> Json:
    """The person's own open seat on a document does something."""
    found = await who.get(f"/documents/{document_id}")
    chain, step = next((c, s) for c in reversed(found["chains"]) for s in c["steps"] if s["mine"] is not None)
    body = {"verb": verb, "seat_id": step["mine"], "version": chain["version"], **fields}
    return await who.post(f"/chains/{chain['id']}/act", body)


async def issue(who: Caller, document_id: int) -> int:
    """Recheck, number, seal, release, dispatch."""
    await act(who, document_id)
    found = await who.get(f"/documents/{document_id}")
    chain = next(c["id"] for c in found["chains"] if c["purpose"] == "OUTGOING")
    number = await who.post(f"/chains/{chain}/number")
    assert re.fullmatch(r".+〔\d{4}〕\d+号", number["number"])
    assert (await who.post(f"/chains/{chain}/seal"))["purpose"] == "RELEASE"
    await who.post(f"/chains/{chain}/release")
    organs: int = (await who.post(f"/chains/{chain}/dispatch", {}))["organs"]
    return organs


async def climb(house: House) -> tuple[Caller, int]:
    """A village's request, granted by the city: (the village's clerk, the request)."""
    village, leader = await caller(house, VILLAGE), await caller(house, VILLAGE, Role.LEADER)
    document_id: int = (await village.post("/drafts", {"content": REQUEST}))["document_id"]
    report = await village.get(f"/drafts/{document_id}/faults?moment=send")
    assert report["stops"] == 0, [f["says"] for f in report["faults"] if f["stops"]]
    await village.post(f"/drafts/{document_id}/send", {"opinion": "请审"})
    await act(leader, document_id, opinion="情况属实")
    assert await issue(village, document_id) == 1
    for organ_id in (TOWN, COUNTY, CITY):
        clerk, head = await caller(house, organ_id), await caller(house, organ_id, Role.OFFICE_HEAD)
        boss = await caller(house, organ_id, Role.LEADER)
        for who in (clerk, clerk, clerk, head):
            await act(who, document_id)
        if organ_id == CITY:
            await act(boss, document_id, "DECIDE", granted=True, opinion="同意安排")
        else:
            await act(boss, document_id, "PASS_UPWARD", opinion="同意上报")
    return village, document_id


async def answer(house: House, document_id: int) -> int:
    """The city's 批复, issued; it goes down tier by tier."""
    clerk, head = await caller(house, CITY), await caller(house, CITY, Role.OFFICE_HEAD)
    mayor = await caller(house, CITY, Role.LEADER)
    reply: int = (await clerk.post(f"/documents/{document_id}/answer"))["document_id"]
    content = (await clerk.get(f"/documents/{reply}"))["content"]
    assert content["title"].endswith("的批复")
    await clerk.post(f"/drafts/{reply}/send", {})
    await act(head, reply)
    await act(mayor, reply)
    await issue(clerk, reply)
    for organ_id in (COUNTY, TOWN, VILLAGE):
        await act(await caller(house, organ_id), document_id)
    return reply


async def test_a_request_climbs_and_its_answer_comes_down_by_json_alone(house: House) -> None:
    village, document_id = await climb(house)
    reply = await answer(house, document_id)
    found = await village.get(f"/documents/{document_id}")
    assert found["related"][0]["id"] == reply
    climbed = next(c for c in found["chains"] if c["purpose"] == "REQUEST")
    assert (climbed["stage"], climbed["where"]) == ("DONE", None)
    opinions = [o["text"] for s in climbed["steps"] for o in s["opinions"]]
    assert opinions.count("同意上报") == 2
    assert "同意安排" in opinions
    pdf = await village.client.get(
        f"/api/v1/documents/{reply}/paper.pdf", headers={"Authorization": f"Bearer {village.token}"}
    )
    assert (pdf.content_type, (await pdf.read())[:5]) == ("application/pdf", b"%PDF-")
    past = await village.get(f"/documents/{document_id}/history")
    assert past["rows"][0]["kind"] == "COMPLETE"
    assert (await village.get(f"/documents/{document_id}/history/check"))["whole"] is True
    stranger = await caller(house, OTHER_VILLAGE)
    await stranger.ask("GET", f"/documents/{document_id}", status=404)
    assert await house.services.db.read(lambda work: history.verify(work.connection)) is None


async def test_a_notice_is_received_signed_for_and_replied_to(house: House) -> None:
    paper = await issued(house)
    village = await caller(house, VILLAGE)
    row = (await village.get("/inbox"))["todo"]["rows"][0]
    await village.ask("POST", f"/documents/{paper.document_id}/open", status=204)
    await village.post(f"/receipts/{row['receipt_id']}/sign", {})
    replied = await village.post(f"/receipts/{row['receipt_id']}/reply", {"text": "已落实"})
    assert replied["reply"] == "已落实"
    city = await caller(house, CITY)
    sent = await city.get(f"/documents/{paper.document_id}/receipts")
    assert [d["reply"] for d in sent["deliveries"]] == ["已落实"]
    assert (await city.get("/sent"))[0]["id"] == paper.document_id
    assert (await village.get("/received?text=冬灌"))[0]["document_id"] == paper.document_id


async def test_the_books_and_the_search_by_json(sqlite_house: House) -> None:
    paper = await issued(sqlite_house)
    city, village = await caller(sqlite_house, CITY), await caller(sqlite_house, VILLAGE)
    assert [row["id"] for row in (await city.get("/search?text=冬灌"))["rows"]] == [paper.document_id]
    assert (await city.get("/ledger"))["book"]["lines"][0]["document_id"] == paper.document_id
    assert (await city.get("/issued"))[0]["total"] == 1
    assert (await village.get("/waiting"))[0]["document_id"] == paper.document_id
    assert await village.get("/register") == []
    assert (await city.get(f"/documents/{paper.document_id}/receipts"))["total"] == 1
    assert (await village.get("/me"))["actor"]["organ_id"] == VILLAGE
    stranger = await caller(sqlite_house, OTHER_VILLAGE)
    assert (await stranger.get("/search?text=冬灌"))["rows"] == []
    await stranger.ask("GET", f"/documents/{paper.document_id}/receipts", status=404)


async def test_a_repeated_command_has_one_effect_and_one_answer(house: House) -> None:
    village = await caller(house, VILLAGE)
    first = await village.ask("POST", "/drafts", {"content": REQUEST}, key="k-1")
    again = await village.ask("POST", "/drafts", {"content": REQUEST}, key="k-1")
    assert first == again
    assert len(await village.get("/drafts")) == 1
    await village.ask("POST", "/drafts", {"content": REQUEST}, key="k-2")
    assert len(await village.get("/drafts")) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"content": {"kind": "没有的文种"}},
        {"content": REQUEST, "extra": 1},
        {"content": {"kind": "通知", "title": 7}},
    ],
)
async def test_what_does_not_fit_is_refused_in_words(sqlite_house: House, body: object) -> None:
    village = await caller(sqlite_house, VILLAGE)
    refused = await village.ask("POST", "/drafts", body, status=422)
    assert refused["sentence"]
    assert set(refused) == {"code", "sentence", "fix", "article"}


async def test_a_mark_of_secrecy_is_refused_and_only_its_hash_stays(house: House) -> None:
    village, guard = await caller(house, VILLAGE), await caller(house, CITY, Role.SECURITY_ADMIN)
    marked = REQUEST | {"body": [{"kind": "PARAGRAPH", "text": "绝密★10年"}]}
    refused = await village.ask("POST", "/drafts", {"content": marked}, status=422)
    assert refused["code"]
    assert await village.get("/drafts") == []
    rows = (await guard.get("/refused"))["rows"]
    assert [(len(row["hash"]), row["rule"]) for row in rows] == [(64, refused["code"])]


async def test_an_act_with_an_old_version_or_an_unknown_verb_is_refused(sqlite_house: House) -> None:
    village = await caller(sqlite_house, VILLAGE)
    document_id = (await village.post("/drafts", {"content": REQUEST}))["document_id"]
    chain_id = (await village.post(f"/drafts/{document_id}/send", {}))["chain_id"]
    await village.ask("POST", f"/chains/{chain_id}/act", {"verb": "STOP"}, status=422)
    await village.ask("POST", f"/chains/{chain_id}/act", {"verb": "WITHDRAW", "why": "错"}, status=422)
    done = await village.ask("POST", f"/chains/{chain_id}/act", {"verb": "WITHDRAW", "reason": "错"})
    assert done["purpose"] == "DRAFT"


async def test_the_description_is_served_without_login(sqlite_house: House) -> None:
    served = await (await sqlite_house.outside()).get("/api/openapi.json")
    assert await served.json() == msgspec.json.decode(msgspec.json.encode(document()))


def test_every_line_has_a_rule_a_door_and_a_description() -> None:
    doors = {(r.method, r.path) for r in ROUTES if r.path.startswith("/api/v1")}
    assert doors == {(e.method, e.pattern) for e in LINES}
    paths = document()["paths"]
    assert {(m, e.address) for e in LINES for m in [e.method.lower()]} == {
        (method, path) for path, operations in paths.items() for method in operations
    }
    for entry in LINES:
        described = paths[entry.address][entry.method.lower()]
        assert ("security" in described) is (entry.rule is not PUBLIC)


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_the_description_holds_together() -> None:
    described = document()
    assert described["openapi"] == "3.1.0"
    known = {f"#/components/schemas/{name}" for name in described["components"]["schemas"]}
    assert set(references(described)) <= known
    names = [o["operationId"] for p in described["paths"].values() for o in p.values()]
    assert len(names) == len(set(names))
    for path, operations in described["paths"].items():
        for operation in operations.values():
            inside = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            assert inside == set(re.findall(r"{(\w+)}", path))
            assert all(int(code) in (200, 204) for code in operation["responses"] if code != "default")
    verbs = described["paths"]["/api/v1/chains/{chain_id}/act"]["post"]["requestBody"]["content"]["application/json"]
    assert {v["properties"]["verb"]["const"] for v in verbs["schema"]["oneOf"]} == set(ACTS)
