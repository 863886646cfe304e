"""The main job on both databases: a request climbs four tiers and is answered; a notice reaches everybody."""

import pytest

from office.domain import commands as verbs
from office.domain.chain import Purpose
from office.domain.document import Block, BlockKind, Content, Kind, Selection
from office.domain.errors import NotFound, WrongStage
from office.domain.outgoing import Countersign
from office.domain.people import Role
from office.service import approvals, drafting, exchange, outgoing, papers, reading
from office.store import documents, history, receipts
from office.store.database import Database
from tests.service.steps import act, chain_of, issue, notice, seat_of
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town


def test_a_notice_is_countersigned_signed_numbered_and_reaches_everybody_once(db: Database, town: Town) -> None:
    clerk, head, mayor = town(CITY), town(CITY, Role.OFFICE_HEAD), town(CITY, Role.LEADER)
    water, finance = town(WATER, Role.LEADER), town(FINANCE, Role.LEADER)
    document_id = db.write_now(drafting.start, drafting.StartDraft(notice()), clerk)
    asked = Countersign(((water.post_id, WATER), (finance.post_id, FINANCE)))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id, asked), clerk)
    act(db, document_id, head, "同意")
    act(db, document_id, water, "无意见")
    act(db, document_id, finance, "无意见")
    act(db, document_id, mayor, "发")
    found = db.read_now(documents.load, document_id)
    assert found.signed_hash is not None
    assert issue(db, document_id, clerk) == 4
    found = db.read_now(documents.load, document_id)
    assert (found.stage, found.number) == ("ISSUED", "咸政发〔2026〕1号")
    sent = db.read_now(receipts.of_document, document_id)
    assert [r.organ_id for r in sent] == [COUNTY, TOWN, VILLAGE, OTHER_VILLAGE]
    for organ_id in (COUNTY, TOWN, VILLAGE, OTHER_VILLAGE):
        box = db.read_now(reading.inbox, town(organ_id))
        assert [row.kind for row in box.todo.rows] == ["RECEIVE"]
    village = town(VILLAGE)
    mine = next(r for r in sent if r.organ_id == VILLAGE)
    db.write_now(exchange.sign_for, exchange.SignFor(mine.id), village)
    replied = db.write_now(exchange.reply, exchange.Reply(mine.id, "已排查，无隐患"), village)
    assert None not in (replied.signed_at, replied.handled_at, replied.replied_at)
    assert db.read_now(reading.inbox, village).todo_count == 0
    assert db.read_now(lambda work: history.verify(work.connection)) is None


def test_a_request_climbs_to_the_city_and_its_answer_comes_down(db: Database, town: Town) -> None:
    village, leader = town(VILLAGE), town(VILLAGE, Role.LEADER)
    content = Content(
        kind=Kind.REQUEST, title="关于修复灌渠所需资金的请示", principal_text="南位镇人民政府", amount_yuan=680_000,
        body=(Block(BlockKind.PARAGRAPH, "妥否，请批示。"),), principals=Selection((TOWN,)),
    )  # fmt: skip
    document_id = db.write_now(drafting.start, drafting.StartDraft(content), village)
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), village)
    act(db, document_id, leader, "情况属实")
    assert issue(db, document_id, village) == 1
    for organ_id in (TOWN, COUNTY, CITY):
        for role in (Role.CLERK, Role.CLERK, Role.CLERK, Role.OFFICE_HEAD):
            act(db, document_id, town(organ_id, role), purpose="REQUEST")
        stored = chain_of(db, document_id, "REQUEST")
        boss = town(organ_id, Role.LEADER)
        seat = seat_of(stored, boss)
        decide = verbs.Decide(seat, granted=True, opinion="同意安排")
        if organ_id != CITY:
            with pytest.raises(WrongStage, match="超出本级权限"):
                db.write_now(approvals.act, approvals.Act(stored.id, decide), boss)
            db.write_now(approvals.act, approvals.Act(stored.id, verbs.PassUpward(seat, "同意上报")), boss)
        else:
            db.write_now(approvals.act, approvals.Act(stored.id, decide), boss)
    clerk, head, mayor = town(CITY), town(CITY, Role.OFFICE_HEAD), town(CITY, Role.LEADER)
    reply = Content(
        kind=Kind.REPLY, title="关于修复灌渠资金的批复", principal_text="兴平市人民政府",
        body=(Block(BlockKind.PARAGRAPH, "同意。"),), principals=Selection((COUNTY,)),
    )  # fmt: skip
    answer = db.write_now(drafting.start, drafting.StartDraft(reply, answers=document_id), clerk)
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(answer), clerk)
    act(db, answer, head)
    act(db, answer, mayor)
    issue(db, answer, clerk)
    for organ_id in (COUNTY, TOWN, VILLAGE):
        current = chain_of(db, document_id, "REQUEST").chain.current
        assert current is not None
        assert (current.purpose, current.organ_id) == (Purpose.RELAY, organ_id)
        act(db, document_id, town(organ_id), purpose="REQUEST")
    stored = chain_of(db, document_id, "REQUEST")
    assert stored.chain.stage == "DONE"
    got = db.read_now(receipts.of_organ, answer, VILLAGE)
    assert got is not None
    assert got.signed_at is not None
    view = db.read_now(papers.view, document_id, village)
    assert [d.id for d in view.related] == [answer]
    assert len(view.chains[-1].chain.opinions) > 15
    with pytest.raises(NotFound):
        db.read_now(papers.view, document_id, town(OTHER_VILLAGE))


def test_a_draft_is_nobody_elses(db: Database, town: Town) -> None:
    document_id = db.write_now(drafting.start, drafting.StartDraft(notice()), town(VILLAGE))
    for actor in (town(OTHER_VILLAGE), town(TOWN), town(CITY, Role.LEADER), town(CITY, Role.SYSTEM_ADMIN)):
        with pytest.raises(NotFound):
            db.read_now(papers.view, document_id, actor)


def test_what_was_sent_by_mistake_comes_back_with_its_reason(db: Database, town: Town) -> None:
    clerk, head, mayor = town(CITY), town(CITY, Role.OFFICE_HEAD), town(CITY, Role.LEADER)
    document_id = db.write_now(drafting.start, drafting.StartDraft(notice()), clerk)
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
    act(db, document_id, head)
    act(db, document_id, mayor)
    issue(db, document_id, clerk)
    got = db.read_now(receipts.of_organ, document_id, TOWN)
    assert got is not None
    back = verbs.ReturnDocument(0, verbs.ReturnReason.NOT_OURS, "应由水利站办")
    db.write_now(exchange.act_on_receipt, exchange.ActOnReceipt(got.id, back), town(TOWN))
    got = db.read_now(receipts.load, got.id)
    assert (got.return_reason, got.return_text) == ("NOT_OURS", "应由水利站办")
    box = db.read_now(reading.inbox, clerk)
    assert [(row.kind, row.note) for row in box.todo.rows] == [
        ("RETURNED", "南位镇 退文：不属本单位办理：应由水利站办")
    ]
