"""The stored events of every chain give its stored state, on both databases."""

from collections.abc import Iterator
from functools import reduce
from typing import Any, get_args

import msgspec
import pytest
from sqlalchemy import select

from office.domain import commands as verbs
from office.domain.chain import Assignment, Chain, StepKind, Verdict
from office.domain.chain_events import Event
from office.domain.evolve import evolve
from office.domain.people import Role
from office.service import exchange, outgoing, voiding
from office.store import chains
from office.store.base_tables import event
from office.store.database import Database
from office.store.tables import chain as chain_table
from office.store.work import Work
from tests.service.steps import act, chain_of, do, draft, issued, notice, receipt_of, request, seat_of, sign_for
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, Town

_EVENTS = {kind.__name__: msgspec.json.Decoder(kind) for kind in get_args(Event)}


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> dict[int, Chain]:
    """Every chain as it was when it was stored first; what happens from then on is in the history."""
    first: dict[int, Chain] = {}
    insert = chains.insert_chain

    def remember(work: Work, document_id: int, chain: Chain, *rest: Any, **named: Any) -> chains.StoredChain:  # noqa: ANN401
        stored = insert(work, document_id, chain, *rest, **named)
        first[stored.id] = chain
        return stored

    monkeypatch.setattr(chains, "insert_chain", remember)
    return first


def said(body: str) -> Iterator[Event]:
    """The events of one stored row."""
    for part in msgspec.json.decode(body, type=list[dict[str, Any]]):
        kind = part.pop("type")
        yield _EVENTS[kind].decode(msgspec.json.encode(part))


def replayed(work: Work, first: dict[int, Chain]) -> dict[int, Chain]:
    """Every chain from its stored events alone."""
    rows = work.execute(
        select(event.c.chain_id, event.c.body).where(event.c.chain_id.is_not(None)).order_by(event.c.id)
    )
    found = dict(first)
    for chain_id, body in rows:
        found[chain_id] = reduce(evolve, said(body), found[chain_id])
    return found


def stored(work: Work) -> dict[int, Chain]:
    """Every chain as the row says."""
    return {row[0]: chains.decode(row[1]) for row in work.execute(select(chain_table.c.id, chain_table.c.state))}


def check(db: Database, begun: dict[int, Chain], at_least: int) -> None:
    now = db.read_now(stored)
    assert len(now) >= at_least
    assert db.read_now(replayed, begun) == now


def test_a_request_up_and_down(db: Database, town: Town, begun: dict[int, Chain]) -> None:
    document_id = issued(db, town, VILLAGE, request(amount_yuan=60_000))
    for _ in range(3):
        act(db, document_id, town(TOWN), purpose="REQUEST")
    act(db, document_id, town(TOWN, Role.OFFICE_HEAD), "拟上报", purpose="REQUEST")
    chain, boss = chain_of(db, document_id, "REQUEST"), town(TOWN, Role.LEADER)
    do(db, chain, verbs.PassUpward(seat_of(chain, boss), "情况属实"), boss)
    act(db, document_id, town(COUNTY), purpose="REQUEST")
    chain, clerk = chain_of(db, document_id, "REQUEST"), town(COUNTY)
    back = verbs.ReturnDocument(0, verbs.ReturnReason.KIND_OR_FORMAT, "缺预算")
    do(db, chain, verbs.ReturnDocument(seat_of(chain, clerk), back.reason, back.text), clerk)
    check(db, begun, 2)


def test_an_issue_with_every_kind_of_going_back(db: Database, town: Town, begun: dict[int, Chain]) -> None:
    clerk, head, mayor = town(CITY), town(CITY, Role.OFFICE_HEAD), town(CITY, Role.LEADER)
    document_id = draft(db, notice(), clerk)
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
    chain = chain_of(db, document_id)
    do(db, chain, verbs.Withdraw("错了"), clerk)
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
    chain = chain_of(db, document_id)
    deputy = town(CITY, Role.DEPUTY_LEADER)
    asked = verbs.AddSigner(seat_of(chain, head), deputy.post_id, CITY, verbs.Placement.BEFORE)
    do(db, chain, asked, head)
    act(db, document_id, deputy, "可以")
    act(db, document_id, head)
    chain = chain_of(db, document_id)
    do(db, chain, verbs.TakeBack(), head)
    act(db, document_id, head)
    chain = chain_of(db, document_id)
    do(db, chain, verbs.Return(seat_of(chain, mayor), "再改"), mayor)
    act(db, document_id, head)
    act(db, document_id, mayor, "发")
    chain = chain_of(db, document_id)
    do(db, chain, verbs.CorrectOpinion(chain.chain.opinions[-1].id, "同意，发"), mayor)
    check(db, begun, 1)


def test_handling_below_and_revoking_from_above(db: Database, town: Town, begun: dict[int, Chain]) -> None:
    document_id = issued(db, town)
    sign_for(db, document_id, town, TOWN, register=True)
    sign_for(db, document_id, town, VILLAGE)
    clerk, head, boss = town(TOWN), town(TOWN, Role.OFFICE_HEAD), town(TOWN, Role.LEADER)
    chain = _own(db, document_id, TOWN)
    do(db, chain, verbs.Complete(seat_of(chain, clerk)), clerk)
    chain = _own(db, document_id, TOWN)
    handlers = ((town(TOWN, Role.HANDLER).post_id, TOWN), (town(TOWN, Role.DEPUTY_LEADER).post_id, TOWN))
    propose = Assignment(StepKind.LEAD, handlers, handlers[0][0])
    do(db, chain, verbs.Complete(seat_of(chain, head), Verdict.AGREE, "拟请承办", assign=propose), head)
    chain = _own(db, document_id, TOWN)
    do(db, chain, verbs.Complete(seat_of(chain, boss)), boss)
    db.write_now(exchange.reply, exchange.Reply(receipt_of(db, document_id, VILLAGE).id, "无隐患"), town(VILLAGE))
    refuse = exchange.ActOnReceipt(receipt_of(db, document_id, OTHER_VILLAGE).id, verbs.RefuseDelivery(0, "送错了"))
    db.write_now(exchange.act_on_receipt, refuse, town(OTHER_VILLAGE))
    void = voiding.VoidDocument(document_id, revoked=True, reason="不当")
    db.write_now(voiding.void, void, town(CITY, Role.LEADER))
    check(db, begun, 4)
    assert {c.stage for c in db.read_now(stored).values()} >= {"REVOKED", "RETURNED", "DONE"}


def _own(db: Database, document_id: int, organ_id: int) -> chains.StoredChain:
    return next(c for c in db.read_now(chains.of_document, document_id) if c.organ_id == organ_id)
