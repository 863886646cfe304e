"""Who did what and when, for those concerned and for the auditor; a press finds a change; suggestions are answered."""

import json
import re

import pytest
from sqlalchemy import text

from office.domain.people import Role
from office.service import exchange, histories
from office.store import history, receipts
from office.store.database import Database
from office.store.work import Work
from tests.conftest import Clock
from tests.town import CITY, OTHER_VILLAGE, VILLAGE, WATER
from tests.web.conftest import Client, House
from tests.web.issuing import TITLE, issued, notice, start
from web.auditing import CHECKER


async def page(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status == status, await answer.text()
    return await answer.text()


def tamper(work: Work) -> None:
    """Somebody with the database's password changes who acted; the triggers are taken away first."""
    if work.dialect == "postgresql":
        work.execute(text("ALTER TABLE event DISABLE TRIGGER event_append_only"))
    else:
        work.execute(text("DROP TRIGGER event_no_update"))
    work.execute(text("UPDATE event SET person_id = person_id + 1 WHERE kind = 'ISSUED'"))


async def test_the_past_of_a_document_in_plain_words_and_checked(house: House) -> None:
    paper, db = await issued(house), house.services.db
    city = await house.sign_in(CITY)
    path = f"/documents/{paper.document_id}/history"
    shown = await page(city, path)
    for said in ("起草", "办理", "发出", "咸阳市文秘", "1 个单位"):
        assert said in shown
    assert "没有被改过" in await page(city, f"{path}?check=1")
    await db.write(tamper)
    assert "内容和当时的指纹不符" in await page(city, f"{path}?check=1")


async def test_a_receiver_sees_the_issue_and_its_own_acts_not_other_desks(house: House) -> None:
    paper, db = await issued(house), house.services.db
    got = await db.read(receipts.of_organ, paper.document_id, VILLAGE)
    assert got is not None
    await db.write(exchange.sign_for, exchange.SignFor(got.id), house.people(VILLAGE))
    village = await house.sign_in(VILLAGE)
    shown = await page(village, f"/documents/{paper.document_id}/history")
    assert "发出" in shown
    assert "张里村文秘" in shown
    assert "起草" not in shown
    assert "咸阳市办公室主任" not in shown
    city = await page(await house.sign_in(CITY), f"/documents/{paper.document_id}/history")
    assert "张里村文秘" not in city  # what the village does inside is its own
    await page(await house.sign_in(OTHER_VILLAGE), f"/documents/{paper.document_id}/history", 404)


async def test_long_pasts_go_on_page_by_page(sqlite_house: House) -> None:
    db, people = sqlite_house.services.db, sqlite_house.people
    document_id, _ = await db.write(start, notice(), people(CITY))
    by = history.By(CITY, people(CITY).person_id, people(CITY).post_id)
    for _ in range(histories.PAGE):
        await db.write(history.record, history.Entry("OPENED", by, document_id))
    city = await sqlite_house.sign_in(CITY)
    first = await page(city, f"/documents/{document_id}/history")
    older = re.search(r'href="(/documents/\d+/history\?before=\d+)"', first)
    assert older
    assert "起草" not in first
    assert "起草" in await page(city, older[1])
    mine = await page(city, "/me/history")
    assert f"/documents/{document_id}" in mine


async def test_the_auditor_finds_everything_but_no_content(house: House) -> None:
    paper = await issued(house)
    auditor = await house.sign_in(CITY, Role.AUDITOR)
    for query in ("", f"?document_id={paper.document_id}", "?kind=ISSUED", "?organ=水利局", f"?organ_id={CITY}"):
        shown = await page(auditor, f"/history{query}")
        assert TITLE not in shown
        assert "冬灌" not in shown
    assert "咸政发〔" in await page(auditor, "/history?kind=ISSUED")
    assert "咸阳市文秘" in await page(auditor, f"/history?person_id={house.people(CITY).person_id}")
    assert "哪个人？" in await page(auditor, "/history?person=文秘")
    assert "哪个单位？" in await page(auditor, "/history?organ=村")
    assert "这里还没有记录" in await page(auditor, "/history?since=2099-01-01")
    assert "发出" in await page(auditor, "/history?since=2020-01-01&until=2098-01-01&kind=ISSUED")
    assert "没有被改过" in await page(auditor, f"/history?document_id={paper.document_id}&check=1")
    await page(auditor, f"/documents/{paper.document_id}", 404)
    await page(await house.sign_in(CITY, Role.SYSTEM_ADMIN), "/history", 404)


async def finished(house: House) -> None:
    checker = house.app[CHECKER]
    assert checker._task is not None
    await checker._task


async def test_the_whole_is_checked_with_progress_and_the_first_change_is_named(house: House) -> None:
    await issued(house)
    auditor = await house.sign_in(CITY, Role.AUDITOR)
    assert "还没有核对过" in await page(auditor, "/history/check")
    await auditor.post("/history/check")
    await finished(house)
    assert "条没有被改过" in await page(auditor, "/history/check")
    assert "核对历史记录" in await page(auditor, "/history?kind=HISTORY_CHECKED")
    await house.services.db.write(tamper)
    await auditor.post("/history/check")
    await finished(house)
    shown = await page(auditor, "/history/check")
    assert "咸阳市的第" in shown
    assert "内容和当时的指纹不符" in shown


async def test_exported_rows_can_be_recomputed_by_anybody(house: House) -> None:
    await issued(house)
    auditor = await house.sign_in(CITY, Role.AUDITOR)
    lines = (await page(auditor, "/history/export.jsonl")).splitlines()
    rows = [json.loads(line) for line in lines]
    assert len(rows) == await house.services.db.read(lambda work: history.count(work.connection))
    last: dict[int, str] = {}
    for row in rows:
        hashed = [row[name] for name in histories.HASHED]
        assert row["prev"] == last.get(row["organ_id"], history.GENESIS)
        assert history.hash_of(hashed, row["alg"]) == row["hash"]
        last[row["organ_id"]] = row["hash"]


async def test_what_anybody_suggests_reaches_the_office_and_is_answered(house: House) -> None:
    stranger = await house.outside()
    answer = await stranger.post("/suggestions", data={"text": "同一张表报了三次"}, headers=house.origin)
    assert "收到了" in await answer.text()
    answer = await stranger.post("/suggestions", data={"text": " "}, headers=house.origin)
    assert answer.status == 422
    answer = await stranger.post("/suggestions", data={"text": "多" * 2_001}, headers=house.origin)
    assert "多" * 2_001 in await answer.text()  # nothing written is lost
    village = await house.sign_in(VILLAGE)
    await village.post("/suggestions", data={"text": "信号不好时打不开"})
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    shown = await page(head, "/suggestions/received")
    assert "同一张表报了三次" in shown
    assert "没有署名" in shown
    number = re.findall(r'action="/suggestions/(\d+)/answer"', shown)
    assert len(number) == 2
    answer = await head.post(f"/suggestions/{number[0]}/answer", data={"answer": "正在改"}, allow_redirects=False)
    assert answer.status == 303
    assert (await head.post(f"/suggestions/{number[0]}/answer", data={"answer": "又一次"})).status == 409
    assert "正在改" in await page(village, "/suggestions")
    for organ_id, role in ((WATER, Role.OFFICE_HEAD), (VILLAGE, Role.LEADER), (CITY, Role.HANDLER)):
        await page(await house.sign_in(organ_id, role), "/suggestions/received", 404)


@pytest.mark.parametrize("after", [1, 3])
def test_the_first_event_since_a_moment_is_found_by_halving(db: Database, clock: Clock, after: int) -> None:
    moments = []
    for _ in range(7):
        moments.append(db.now())
        db.write_now(history.record, history.Entry("OPENED", history.By(1)))
        clock.pass_(hours=1)
    assert db.read_now(histories.first_since, moments[after]) == after + 1
    assert db.read_now(histories.first_since, db.now()) == 8
