"""Whatever a signed-in clerk sends, by address, query, form or JSON: an answer or a refusal, never our failure."""

import inspect
import re
import sys
from functools import lru_cache
from random import Random
from typing import Any

import pytest
from aiohttp import FormData
from yarl import URL

from office.service import drafting
from office.store import receipts
from office.store.work import Work
from tests.town import VILLAGE
from tests.web.conftest import Client, House
from tests.web.issuing import issued, notice, start
from tests.web.test_access import FIELDS, FORM, body_of, doors
from web.api.openapi import document
from web.guard import LOGINS, REQUESTS, STRANGERS
from web.routing import Route

ABSURD = (
    "", " ", "0", "-1", "1e9", "²", "١٢", "9" * 15, "9" * 19, "9" * 5_000, "a\x00b", "\x00", "\ud7ff\uffff", "％",
    "x" * 70_000, "2026-11-25", "2026-11-25T09:00", "0001-01-01T00:00+08:00", "9999-12-31T23:59:59-12:00",
    "9999-12-31", "0001-01-01,1", "9999-12-31T23:59:59-12:00,9", "2026-11-25T09:00,1",
    "2026-11-25T09:00+00:00,²", "1,²", "²,1", "1,1", "9" * 14 + "," + "9" * 14, "tier:1:²", "tier:" + "9" * 40 + ":4",
    "unit:-1", "list:²", "reach:²", "//evil.example", "/\\evil", "\r\nSet-Cookie: a=b", "<b>", "{{ 7 }}", "%00",
    "NaN", "true", "null", "[]", "COMPLETE", "PDF-1",
)  # fmt: skip
PLAIN = tuple(text for text in ABSURD if text.isprintable())  # what a header may hold
ODD_JSON: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 1e300, 2**31, 2**53, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, "", "a\x00b", "x" * 70_000, [],
    {}, [[]], [None], ["a\x00b"], [2**63], {"a": "\x00"}, "2026-11-25", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+08:00", "2026-11-25T09:00:00",
)  # fmt: skip
READING = re.compile(r"\b(?:query|form|f|fields|command\.form)\b|for name in")
WORDS = re.compile(r"""["']([a-z_]{1,20})["']""")
ROUNDS = 8


def names(door: Route) -> tuple[str, ...]:
    """The words a door may look for in a query or a form: what the API describes, what the module's text says."""
    if door.path.startswith("/api/v1/"):
        described = document()["paths"][re.sub(r"{(\w+):[^}]*}", r"{\1}", door.path)][door.method.lower()]
        return tuple(one["name"] for one in described.get("parameters", ()) if one["in"] == "query")
    lines = [line for line in source(door.handler.__module__).splitlines() if READING.search(line)]
    found = set(WORDS.findall("\n".join(lines)))
    return tuple(sorted(found if door.method == "GET" else found | FORM.keys()))


@lru_cache
def source(module: str) -> str:
    return inspect.getsource(sys.modules[module])


def _mine(work: Work, house: House, received: int) -> dict[str, list[int]]:
    clerk = house.people(VILLAGE)
    draft = drafting.start(work, drafting.StartDraft(notice(title="灌渠")), clerk)
    attachment = drafting.attach(work, drafting.Attach(draft, "表.pdf", "b" * 64, 10, "application/pdf", 1), clerk)
    running, chain = start(work, notice(title="灌渠手续"), clerk)
    got = receipts.of_organ(work, received, VILLAGE)
    assert got is not None
    papers = [draft, running, received]
    return {
        "id": [*papers, got.id, 1], "document_id": papers, "chain_id": [chain], "receipt_id": [got.id],
        "aid": [attachment], "attachment_id": [attachment], "task_id": [1, 2, 3],
    }  # fmt: skip


@pytest.fixture
async def mine(house: House) -> dict[str, list[int]]:
    """What the clerk has: a draft with an attachment, a paper on its way, one that came in."""
    for bucket in (house.app[REQUESTS], house.app[LOGINS], house.app[STRANGERS]):
        bucket._burst = 1e9  # how often one may ask is shown elsewhere
    paper = await issued(house, notice(VILLAGE, "灌渠检修"))
    return await house.services.db.write(_mine, house, paper.document_id)


def address(dice: Random, door: Route, mine: dict[str, list[int]]) -> str:
    """The door with one's own things in the address, or with numbers and names that are none."""

    def one(match: re.Match[str]) -> str:
        name, pattern = match[1], match[2] or ""
        if "64" in pattern:
            return dice.choice("abf") * 64
        if "d" in pattern and dice.random() < 0.8:
            return str(dice.choice(mine.get(name, [1, 2])))
        odd = ["0", "7" * 15, "8" * 18, "9" * 19, "9" * 5_000, "١٢"]
        return dice.choice(odd if "d" in pattern else ["abc", "0" * 3_000, *odd[:-1]])

    return FIELDS.sub(one, door.path)


def fields(dice: Random, door: Route) -> list[tuple[str, str]]:
    """A form that mostly fits, with one thing or many absurd."""
    known = names(door)
    odd = set(dice.sample(known, min(len(known), dice.choice((1, 1, 2, 9)))))
    return [
        (name, dice.choice(ABSURD) if name in odd else FORM.get(name, "1"))
        for name in known
        if name in odd or (door.method != "GET" and dice.random() < 0.9)
    ]  # fmt: skip


def odd_body(dice: Random, door: Route) -> Any:  # noqa: ANN401 - JSON
    """A JSON body that mostly fits."""
    body = body_of(door)
    if not isinstance(body, dict) or dice.random() < 0.1:
        return dice.choice(ODD_JSON)
    wrong = dice.sample(sorted(body), min(len(body), dice.randint(0, 2)))
    return body | {name: dice.choice(ODD_JSON) for name in wrong}


async def call(client: Client, dice: Random, door: Route, path: str) -> tuple[int, str]:
    """One absurd call."""
    options: dict[str, Any] = {}
    url = URL(path)
    if door.heavy:
        file = FormData()
        file.add_field("file", dice.choice((b"", b"%PDF-1.4", b"PK\x03\x04" * 99)), filename=dice.choice(PLAIN)[:900])
        options["data"] = file
    elif door.method == "GET":
        query = [(name, value[: dice.choice((60, 6_000))]) for name, value in fields(dice, door)]
        dice.shuffle(query)
        for name, value in query:
            wider = url.update_query({name: value})
            url = wider if len(str(wider)) < 7_000 else url
    elif path.startswith("/api/") or dice.random() < 0.15:
        options["json"] = odd_body(dice, door) if path.startswith("/api/") else dict(fields(dice, door))
        options["headers"] = {"Idempotency-Key": dice.choice(PLAIN)[:4_000].encode().decode("latin-1")}
    else:
        options["data"] = fields(dice, door)
    answer = await client.request(door.method, url, allow_redirects=False, **options)
    return answer.status, await answer.text(errors="replace")


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_absurd_makes_the_house_fail(house: House, mine: dict[str, list[int]], method: str) -> None:
    client, dice = await house.sign_in(VILLAGE), Random(20_261_125)
    failed: set[tuple[str, str, int]] = set()
    seen: dict[int, int] = {}
    for door in doors(house):
        if (door.method == "GET") is not (method == "GET") or door.path in ("/ws/live", "/login", "/logout"):
            continue
        for _ in range(ROUNDS):
            path = address(dice, door, mine)
            status, _ = await call(client, dice, door, path)
            seen[status] = seen.get(status, 0) + 1
            if status >= 500:
                failed.add((door.method, door.path, status))
    assert not failed
    assert seen.keys() > {200, 404, 422}
