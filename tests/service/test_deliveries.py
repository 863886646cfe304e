"""How far deliveries are: who may see it, counts by place, whom to call, the list."""

from dataclasses import replace

import pytest

from office.domain import commands as verbs
from office.domain.document import Selection
from office.domain.errors import NotFound
from office.domain.organs import Level
from office.domain.people import Actor, Role
from office.service import deliveries, exchange
from office.service.deliveries import Board, Stand
from office.store.database import Database
from office.store.work import Work
from tests.conftest import Clock
from tests.service import steps
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town, build


@pytest.fixture
def town(db: Database) -> Town:
    return db.write_now(build)


def board(db: Database, document_id: int, by: Actor) -> Board:
    def read(work: Work) -> Board:
        return deliveries.board(work, deliveries.scope(work, document_id, by))

    return db.read_now(read)


def test_each_stand_is_counted_for_every_place_above(db: Database, town: Town) -> None:
    document_id = steps.issued(db, town)
    steps.sign_for(db, document_id, town, TOWN)
    steps.sign_for(db, document_id, town, VILLAGE)
    command = exchange.Reply(steps.receipt_of(db, document_id, VILLAGE).id, "无。")
    db.write_now(exchange.reply, command, town(VILLAGE))
    back = verbs.ReturnDocument(0, verbs.ReturnReason.NOT_OURS, "应由交通局办")
    act = exchange.ActOnReceipt(steps.receipt_of(db, document_id, COUNTY).id, back)
    db.write_now(exchange.act_on_receipt, act, town(COUNTY))
    found = board(db, document_id, town(CITY))
    assert {o: d.stand for o, d in found.deliveries.items()} == {
        COUNTY: Stand.RETURNED, TOWN: Stand.SIGNED, VILLAGE: Stand.REPLIED, OTHER_VILLAGE: Stand.DELIVERED,
    }  # fmt: skip
    assert found.whole == deliveries.Count(4, 2, 1)
    assert found.whole.waiting == 1
    assert found.counts[TOWN] == deliveries.Count(3, 2, 0)
    assert (found.own(TOWN), found.own(COUNTY), found.own(WATER)) == (True, False, None)
    lines = db.read_now(lambda work: deliveries.listed(work, found, stand=Stand.RETURNED))
    assert [(x.organ.id, x.return_reason, x.return_text) for x in lines.lines] == [(COUNTY, "NOT_OURS", "应由交通局办")]
    lines = db.read_now(lambda work: deliveries.listed(work, found, at=TOWN))
    assert [(x.organ.id, x.reply) for x in lines.lines] == [(TOWN, ""), (VILLAGE, "无。"), (OTHER_VILLAGE, "")]


def test_a_recalled_delivery_counts_nowhere(db: Database, town: Town) -> None:
    document_id = steps.issued(db, town)
    receipt = steps.receipt_of(db, document_id, VILLAGE)
    db.write_now(exchange.recall, receipt.id, town(CITY), reason="发错了")
    found = board(db, document_id, town(CITY))
    assert found.whole == deliveries.Count(3, 0, 0)
    assert VILLAGE not in [d.organ_id for d in deliveries.waiting(found)]


def test_only_the_issuer_and_who_passed_it_on_see_deliveries(db: Database, town: Town) -> None:
    content = steps.notice(principals=Selection((COUNTY, TOWN)))
    document_id = steps.issued(db, town, content=content)
    steps.sign_for(db, document_id, town, TOWN)

    def ask(by: Actor) -> object:
        return lambda: db.read_now(deliveries.scope, document_id, by)

    strangers = [town(COUNTY), town(TOWN), town(VILLAGE), town(WATER), town(CITY, Role.HANDLER)]
    steps.refused(NotFound, [(by.person_name, ask(by)) for by in strangers])  # type: ignore[misc]
    db.write_now(exchange.forward, exchange.Forward(document_id), town(TOWN))
    assert set(board(db, document_id, town(TOWN)).deliveries) == {VILLAGE, OTHER_VILLAGE}
    assert set(board(db, document_id, town(CITY)).deliveries) == {COUNTY, TOWN, VILLAGE, OTHER_VILLAGE}
    steps.refused(NotFound, [("county", ask(town(COUNTY)))])  # type: ignore[list-item]


def test_villages_are_called_through_their_township_in_official_order(db: Database, town: Town) -> None:
    document_id = steps.issued(db, town)
    found = board(db, document_id, town(CITY))
    calls = deliveries.calls(found)
    assert [(c.organ.id, c.own, c.villages) for c in calls] == [(COUNTY, True, 0), (TOWN, True, 2)]
    clerks = db.read_now(deliveries.clerks, calls)
    assert {organ: post.person_id for organ, post in clerks.items()} == {
        COUNTY: town(COUNTY).person_id, TOWN: town(TOWN).person_id,
    }  # fmt: skip
    below = deliveries.calls(found, TOWN)
    assert [(c.organ.id, c.villages) for c in below] == [(TOWN, 0), (VILLAGE, 0), (OTHER_VILLAGE, 0)]


def test_nobody_is_reminded_twice_within_four_hours(db: Database, town: Town, clock: Clock) -> None:
    document_id = steps.issued(db, town)

    def due() -> int:
        found = board(db, document_id, town(CITY))
        return deliveries.due_for_reminder(deliveries.waiting(found), clock.now)

    assert due() == 4
    assert db.write_now(exchange.remind_unsigned, document_id, town(CITY)) == 4
    assert due() == 0
    clock.pass_(hours=4)
    assert due() == 4


def test_the_stamp_grows_with_every_event(db: Database, town: Town) -> None:
    document_id = steps.issued(db, town)
    before = db.read_now(deliveries.scope, document_id, town(CITY))
    steps.sign_for(db, document_id, town, VILLAGE)
    after = db.read_now(deliveries.scope, document_id, town(CITY))
    assert after.stamp > before.stamp
    read = db.read_now(deliveries.board, replace(before, stamp=0))
    assert read.scope.stamp == after.stamp


def test_a_department_writes_within_its_governments_area(db: Database, town: Town) -> None:
    content = steps.notice(principals=Selection(tiers=((CITY, Level.COUNTY),)), reach=None)
    document_id = steps.issued(db, town, WATER, content)
    found = db.read_now(deliveries.scope, document_id, town(WATER))
    assert found.root == CITY
