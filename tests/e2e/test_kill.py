"""kill -9, twenty times, while papers are signed and issued: what was acknowledged is there, once."""

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import ClientError, ClientSession, CookieJar

from office.domain.chain import Purpose, Verdict
from office.domain.document import Block, BlockKind, Content, Kind, Selection
from office.domain.organs import Level
from office.domain.people import Role
from office.service import drafting, outgoing
from office.sign.local import LocalProvider
from office.store import chains, documents, history, receipts
from office.store.blobs import Blobs
from office.store.database import Database
from office.store.work import Work
from tests import town
from tests.e2e.serving import Server, start
from tests.town import CITY
from tests.web.conftest import PASSWORD, login_name

KILLS = int(os.environ.get("YIWANG_KILLS", "20"))
PAPERS = 4  # under way at once
PATIENCE = 600  # requests for one paper; far more than any round needs
STEPS = ((Purpose.REVIEW, Role.OFFICE_HEAD), (Purpose.SIGN_OFF, Role.LEADER), (Purpose.RECHECK, Role.CLERK))


@dataclass(frozen=True, slots=True)
class Paper:
    """A document on its way, and the seat of each step."""

    document_id: int
    chain_id: int
    seats: dict[Purpose, int]


@dataclass(slots=True)
class House:
    """The server that comes and goes, and who is signed in at it."""

    settings: dict[str, str]
    log: Path
    sessions: dict[Role, ClientSession]
    server: Server | None = None
    up: asyncio.Event = field(default_factory=asyncio.Event)
    kills: int = 0
    acknowledged: list[tuple[int, Purpose]] = field(default_factory=list)

    async def run(self) -> None:
        """Start, sign in the first time, be killed at a random moment, start again."""
        chance = random.Random(42)
        while self.kills < KILLS:
            await self.begin()
            await asyncio.sleep(chance.uniform(0.02, 0.5))
            assert self.server is not None
            self.up.clear()
            self.server.kill()
            await self.server.gone()
            self.kills += 1
        await self.begin()

    async def begin(self) -> None:
        self.server = await start(self.settings, self.log)
        await self.sign_in()
        self.up.set()

    async def sign_in(self) -> None:
        """Sessions live in the database: signing in once is enough for all restarts."""
        for role, client in self.sessions.items():
            if not len(client.cookie_jar):
                fields = {"name": login_name(CITY, role), "password": PASSWORD}
                answer = await client.post(self.url("login"), data=fields, headers=self.origin, allow_redirects=False)
                assert answer.status == 303

    def url(self, path: str) -> str:
        assert self.server is not None
        return self.server.address + path

    @property
    def origin(self) -> dict[str, str]:
        return {"Origin": self.url("").rstrip("/")}

    async def press(self, role: Role, path: str, fields: dict[str, str]) -> bool:
        """Press until the server answers: a cut line means unknown, so the same command goes again."""
        for _ in range(PATIENCE):
            await self.up.wait()
            try:
                post = self.sessions[role].post(
                    self.url(path), data=fields, headers={**self.origin, "HX-Request": "true"}, allow_redirects=False
                )
                async with post as answer:
                    text = await answer.text()
                    if answer.status in (204, 303):
                        return True
                    assert answer.status in (409, 503), (answer.status, text)
                    if answer.status == 409:
                        return False  # the answer to an earlier press was lost: it had been done
            except (ClientError, TimeoutError, ConnectionError):
                await asyncio.sleep(0.01)
        raise AssertionError(f"no answer to {path}")


@pytest.fixture
def settings(sqlite_city: tuple[Path, town.Town], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "office.db").write_bytes(sqlite_city[0].read_bytes())
    return {"YIWANG_DATA": str(tmp_path), "YIWANG_PLAIN": "1"}


def prepare(work: Work, people: town.Town, number: int) -> Paper:
    """A notice to everybody, sent for review."""
    content = Content(
        kind=Kind.NOTICE, title=f"关于第{number}次演练的通知", principal_text="各单位",
        body=(Block(BlockKind.PARAGRAPH, "现就演练安排通知如下。"),),
        principals=Selection(tiers=((CITY, Level.COUNTY), (CITY, Level.TOWNSHIP), (CITY, Level.VILLAGE))),
        reach=Level.VILLAGE,
    )  # fmt: skip
    clerk = people(CITY)
    document_id = drafting.start(work, drafting.StartDraft(content), clerk)
    stored = outgoing.send_for_review(work, outgoing.SendForReview(document_id), clerk)
    return Paper(document_id, stored.id, {s.purpose: s.seats[0].id for s in stored.chain.steps})


async def carry(house: House, paper: Paper) -> None:
    """One paper from review to dispatch, whatever happens to the server."""
    for purpose, role in STEPS:
        fields = {
            "verb": "COMPLETE", "seat_id": str(paper.seats[purpose]), "verdict": "AGREE", "opinion": f"{purpose}",
            "command_id": uuid4().hex,
        }  # fmt: skip
        assert await house.press(role, f"chains/{paper.chain_id}/act", fields)
        house.acknowledged.append((paper.document_id, purpose))
    await house.press(Role.CLERK, f"chains/{paper.chain_id}/finish", {})
    house.acknowledged.append((paper.document_id, Purpose.DISPATCH))


async def keep_carrying(house: House, papers: list[Paper]) -> None:
    while papers and house.kills < KILLS:
        await carry(house, papers.pop())


async def battle(settings: dict[str, str], log: Path, papers: list[Paper]) -> House:
    sessions = {role: ClientSession(cookie_jar=CookieJar(unsafe=True)) for _, role in STEPS}
    house = House(settings, log, sessions)
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(house.run())
            for _ in range(PAPERS):
                tasks.create_task(keep_carrying(house, papers))
    finally:
        for session in sessions.values():
            await session.close()
        if house.server is not None:
            await house.server.stop()
    return house


def check_paper(db: Database, data: Path, document_id: int, acknowledged: Counter[Purpose]) -> str:
    """Every acknowledged act is there once; an issued paper reached all, once, with a genuine file."""
    stored = db.read_now(chains.of_document, document_id)[0]
    step_of = {step.id: step.purpose for step in stored.chain.steps}
    acted = Counter(step_of[o.step_id] for o in stored.chain.opinions if o.verdict is Verdict.AGREE)
    for purpose in acknowledged:
        assert acted[purpose] == 1, (document_id, purpose, acted)
    assert set(acted.values()) == {1}
    found = db.read_now(documents.load, document_id)
    sent = db.read_now(receipts.of_document, document_id)
    if acknowledged[Purpose.DISPATCH] or found.stage == "ISSUED":
        assert found.stage == "ISSUED"
        assert [r.organ_id for r in sent] == [town.COUNTY, town.TOWN, town.VILLAGE, town.OTHER_VILLAGE]
        assert found.issued_blob is not None
        sealed = Blobs.open(data / "blobs").get_now(found.issued_blob)
        assert LocalProvider(data / "keys", demo=False).verify(sealed).outcome == "GENUINE"
    else:
        assert sent == ()
    return found.number


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_was_acknowledged_survives_being_killed(
    settings: dict[str, str], sqlite_city: tuple[Path, town.Town], tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/office.db"
    db = Database.open(url)
    papers = [db.write_now(prepare, sqlite_city[1], i) for i in range(1, KILLS * 12)]
    db.close()
    everything = [paper.document_id for paper in papers]
    house = asyncio.run(battle(settings, tmp_path / "server.log", papers))
    assert house.kills == KILLS
    assert len(house.acknowledged) > KILLS, "papers were under way while the server was killed"
    db = Database.open(url)
    try:
        kept = {i: Counter(p for d, p in house.acknowledged if d == i) for i in everything}
        numbers = [check_paper(db, tmp_path, i, kept[i]) for i in everything]
        taken = sorted(int(n.split("〕")[1].removesuffix("号")) for n in numbers if n)
        assert taken == list(range(1, len(taken) + 1)), "no number twice, no gap"
        with db.reader_engine.connect() as connection:
            assert history.verify(connection) is None
    finally:
        db.close()
