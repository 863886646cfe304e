"""Between organs: sign for, register, forward, reply, return, refuse, remind, recall, void; nothing gets lost."""

from dataclasses import replace

import pytest

from office.domain import commands as verbs
from office.domain.chain import Assignment, Purpose, StepKind
from office.domain.commands import ReturnReason
from office.domain.document import Selection
from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.domain.organs import Level
from office.domain.people import Role
from office.service import (
    books,
    deliveries,
    drafting,
    exchange,
    outgoing,
    papers,
    reading,
    tasks,
    voiding,
)
from office.store import chains, documents, history, receipts
from office.store.database import Database
from tests.conftest import Clock
from tests.service.steps import (
    EVERYBODY,
    act,
    chain_of,
    do,
    issue,
    issued,
    notice,
    open_tasks,
    receipt_of,
    refused,
    request,
    seat_of,
    sign_for,
    signed,
)
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town

TO_COUNTY = Selection((COUNTY,))


def to_county(**changes: object) -> object:
    return notice(principals=TO_COUNTY, **changes)


def kinds(db: Database, town: Town, organ_id: int, role: Role = Role.CLERK) -> list[str]:
    """What waits on a desk."""
    return [row.kind for row in db.read_now(reading.tasks, town(organ_id, role), reading=False).rows]


def given_back(db: Database, document_id: int, town: Town, organ_id: int, command: verbs.Command) -> None:
    """The organ's clerk acts while the delivery waits for him."""
    asked = exchange.ActOnReceipt(receipt_of(db, document_id, organ_id).id, command)
    db.write_now(exchange.act_on_receipt, asked, town(organ_id))


def test_signing_for_keeps_who_when_and_what_and_registers(db: Database, town: Town, clock: Clock) -> None:
    document_id = issued(db, town)
    clock.pass_(hours=1)
    sign_for(db, document_id, town, TOWN, register=True)
    got = receipt_of(db, document_id, TOWN)
    assert (got.signed_at, got.opened_at) == (clock.now, clock.now)
    entries = db.read_now(books.register_book, town(TOWN), year=2026)
    assert [(e.serial, e.document_id, e.number) for e in entries] == [(1, document_id, "咸政发〔2026〕1号")]
    assert kinds(db, town, TOWN) == ["SCREEN"]
    with pytest.raises(WrongStage, match="已经签收"):
        sign_for(db, document_id, town, TOWN)


def test_the_register_counts_within_organ_and_year(db: Database, town: Town) -> None:
    for _ in range(3):
        document_id = issued(db, town)
        for organ_id in (TOWN, COUNTY):
            sign_for(db, document_id, town, organ_id, register=True)
    for organ_id in (TOWN, COUNTY):
        assert [e.serial for e in db.read_now(books.register_book, town(organ_id), year=2026)] == [3, 2, 1]
    assert db.read_now(books.register_book, town(TOWN), year=2025) == ()


def test_only_the_receiving_clerk_signs(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    command = exchange.SignFor(receipt_of(db, document_id, TOWN).id)
    with pytest.raises(NotPermitted, match="由本单位文秘签收"):
        db.write_now(exchange.sign_for, command, town(TOWN, Role.LEADER))
    with pytest.raises(NotFound):
        db.write_now(exchange.sign_for, command, town(COUNTY))


def test_it_goes_down_within_the_reach_and_not_below(db: Database, town: Town) -> None:
    document_id = issued(db, town, CITY, to_county(reach=Level.TOWNSHIP))  # type: ignore[arg-type]
    with pytest.raises(WrongStage, match="先签收"):
        db.write_now(exchange.forward, exchange.Forward(document_id), town(COUNTY))
    sign_for(db, document_id, town, COUNTY)
    assert db.write_now(exchange.forward, exchange.Forward(document_id), town(COUNTY)) == 1
    assert receipt_of(db, document_id, TOWN).via_organ_id == COUNTY
    assert kinds(db, town, TOWN) == ["RECEIVE"]
    assert db.write_now(exchange.forward, exchange.Forward(document_id), town(COUNTY)) == 0  # once is enough
    sign_for(db, document_id, town, TOWN)
    with pytest.raises(NotPermitted, match="发至层级到此为止"):
        db.write_now(exchange.forward, exchange.Forward(document_id), town(TOWN))
    assert db.read_now(receipts.of_organ, document_id, VILLAGE) is None


def test_the_reach_is_widened_by_the_issuer_alone_and_only_downwards(db: Database, town: Town) -> None:
    document_id = issued(db, town, CITY, to_county(reach=Level.TOWNSHIP))  # type: ignore[arg-type]
    sign_for(db, document_id, town, COUNTY)
    wider = voiding.WidenReach(document_id, Level.VILLAGE)
    refused(
        NotFound,
        [
            (str(organ_id), lambda o=organ_id: db.write_now(voiding.widen_reach, wider, town(o)))  # type: ignore[misc]
            for organ_id in (COUNTY, WATER, TOWN)
        ],
    )
    with pytest.raises(Invalid, match="更往下"):
        db.write_now(voiding.widen_reach, voiding.WidenReach(document_id, Level.COUNTY), town(CITY))
    db.write_now(voiding.widen_reach, wider, town(CITY))
    db.write_now(exchange.forward, exchange.Forward(document_id), town(COUNTY))
    sign_for(db, document_id, town, TOWN)
    assert db.write_now(exchange.forward, exchange.Forward(document_id, (VILLAGE,)), town(TOWN)) == 1
    assert db.read_now(receipts.of_organ, document_id, OTHER_VILLAGE) is None


def test_a_reach_is_not_widened_before_the_paper_is_out(db: Database, town: Town) -> None:
    document_id = signed(db, town, CITY, notice(reach=Level.COUNTY))
    with pytest.raises(WrongStage, match="发出以后"):
        db.write_now(voiding.widen_reach, voiding.WidenReach(document_id, Level.VILLAGE), town(CITY))


@pytest.mark.parametrize("reason", list(ReturnReason))
def test_each_reason_brings_it_back_to_the_source_at_once(db: Database, town: Town, reason: ReturnReason) -> None:
    document_id = issued(db, town)
    given_back(db, document_id, town, TOWN, verbs.ReturnDocument(0, reason, "请看第二条"))
    got = receipt_of(db, document_id, TOWN)
    assert (got.returned_at, got.return_text) == (db.now(), "请看第二条")
    assert reason.value.startswith(got.return_reason)
    assert kinds(db, town, TOWN) == []
    (told,) = db.read_now(reading.tasks, town(CITY), reading=False).rows
    assert (told.kind, told.document_id) == ("RETURNED", document_id)
    assert told.note.startswith("南位镇 退文：")
    with pytest.raises(WrongStage, match="已经退文"):
        sign_for(db, document_id, town, TOWN)
    db.write_now(tasks.acknowledge, told.id, town(CITY))
    assert kinds(db, town, CITY) == []
    others = [r for r in db.read_now(receipts.of_document, document_id) if r.organ_id != TOWN]
    assert all(r.returned_at is None for r in others)


def test_another_reason_needs_words_and_screening_may_return_too(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    with pytest.raises(Invalid, match="写明原因"):
        given_back(db, document_id, town, TOWN, verbs.ReturnDocument(0, ReturnReason.OTHER, " "))
    sign_for(db, document_id, town, TOWN, register=True)
    given_back(db, document_id, town, TOWN, verbs.ReturnDocument(0, ReturnReason.NOT_OURS, "水利站的事"))
    got = receipt_of(db, document_id, TOWN)
    assert (got.signed_at, got.returned_at) == (db.now(), db.now())
    with pytest.raises(WrongStage, match="已经退文"):
        db.write_now(exchange.reply, exchange.Reply(got.id, "收到"), town(TOWN))
    with pytest.raises(WrongStage, match="已经退文"):
        db.write_now(exchange.forward, exchange.Forward(document_id), town(TOWN))


def test_a_wrong_delivery_is_refused_only_at_receipt(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    with pytest.raises(Invalid, match="写明理由"):
        given_back(db, document_id, town, COUNTY, verbs.RefuseDelivery(0, ""))
    given_back(db, document_id, town, COUNTY, verbs.RefuseDelivery(0, "发错单位"))
    got = receipt_of(db, document_id, COUNTY)
    assert got.returned_at is not None
    assert "发错单位" in got.return_text
    assert kinds(db, town, CITY) == ["RETURNED"]
    sign_for(db, document_id, town, TOWN)
    with pytest.raises(WrongStage, match="请用“退文”"):
        given_back(db, document_id, town, TOWN, verbs.RefuseDelivery(0, "发错单位"))


def test_what_was_forwarded_wrongly_comes_back_to_who_forwarded_it(db: Database, town: Town) -> None:
    document_id = issued(db, town, CITY, to_county())  # type: ignore[arg-type]
    sign_for(db, document_id, town, COUNTY)
    db.write_now(exchange.forward, exchange.Forward(document_id), town(COUNTY))
    given_back(db, document_id, town, TOWN, verbs.ReturnDocument(0, ReturnReason.NOT_OURS, ""))
    assert "RETURNED" in kinds(db, town, COUNTY)
    assert kinds(db, town, CITY) == []


def test_a_returned_paper_is_sent_again_as_a_new_one_in_the_same_matter(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    given_back(db, document_id, town, TOWN, verbs.ReturnDocument(0, ReturnReason.WRITING_RULES, "主送不对"))
    (told,) = db.read_now(reading.tasks, town(CITY), reading=False).rows
    again = db.write_now(drafting.start_again, document_id, told.id, town(CITY))
    assert kinds(db, town, CITY) == []
    view = db.read_now(papers.view, again, town(CITY))
    assert (view.document.stage, view.content, [d.id for d in view.related]) == ("DRAFT", notice(), [document_id])
    with pytest.raises(NotPermitted):
        db.write_now(drafting.start_again, document_id, 0, town(COUNTY))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(again), town(CITY))
    act(db, again, town(CITY, Role.OFFICE_HEAD))
    act(db, again, town(CITY, Role.LEADER))
    assert issue(db, again, town(CITY)) == len(EVERYBODY)
    assert db.read_now(documents.load, again).number == "咸政发〔2026〕2号"


def test_a_request_returned_on_its_way_is_its_drafters_again(db: Database, town: Town) -> None:
    document_id = issued(db, town, VILLAGE, request())
    stored = chain_of(db, document_id, "REQUEST")
    seat = seat_of(stored, town(TOWN))
    do(db, stored, verbs.ReturnDocument(seat, ReturnReason.KIND_OR_FORMAT, "缺预算"), town(TOWN))
    assert kinds(db, town, TOWN) == []
    current = chain_of(db, document_id, "REQUEST").chain.current
    assert current is not None
    assert (current.purpose, current.organ_id) == (Purpose.DRAFT, VILLAGE)
    assert kinds(db, town, VILLAGE) == ["DRAFT"]
    assert receipt_of(db, document_id, TOWN).returned_at is not None


def handled_by_villages(db: Database, town: Town) -> int:
    """A notice to the township alone, which its leader gives to both villages to handle."""
    document_id = issued(db, town, CITY, notice(principals=Selection((TOWN,))))
    sign_for(db, document_id, town, TOWN, register=True)
    act(db, document_id, town(TOWN), purpose="INCOMING")
    units = ((town(VILLAGE).post_id, VILLAGE), (town(OTHER_VILLAGE).post_id, OTHER_VILLAGE))
    assign = Assignment(StepKind.SUBORDINATE, units)
    for role in (Role.OFFICE_HEAD, Role.LEADER):
        stored = of_town(db, document_id)
        held = seat_of(stored, town(TOWN, role))
        do(db, stored, verbs.Complete(held, opinion="请各村办", assign=assign), town(TOWN, role))
    return document_id


def of_town(db: Database, document_id: int) -> chains.StoredChain:
    """The township's inner chain."""
    found = db.read_now(chains.of_document, document_id)
    return next(c for c in found if c.chain.purpose == "INCOMING" and c.organ_id == TOWN)


def test_replies_of_villages_become_one_of_the_township(db: Database, town: Town) -> None:
    document_id = handled_by_villages(db, town)
    for village, said in ((VILLAGE, "已排查 12 户"), (OTHER_VILLAGE, "无")):
        assert kinds(db, town, village) == ["RECEIVE"]
        current = of_town(db, document_id).chain.current
        assert current is not None
        assert current.purpose is Purpose.FORWARD
        db.write_now(exchange.reply, exchange.Reply(receipt_of(db, document_id, village).id, said), town(village))
        if village == VILLAGE:
            draft = db.read_now(exchange.roll_up, document_id, town(TOWN))
            assert draft == "共 2 个村（社区），已回复 1 个。\n张里村：已排查 12 户\n未回复：定周村。"
    current = of_town(db, document_id).chain.current
    assert current is not None
    assert current.purpose is Purpose.CLOSE
    mine = receipt_of(db, document_id, TOWN)
    page = db.read_now(books.answering, mine.id, town(TOWN))
    assert (page.units, page.start.splitlines()) == (
        2,
        ["共 2 个村（社区），已回复 2 个。", "张里村：已排查 12 户", "定周村：无"],
    )
    db.write_now(exchange.reply, exchange.Reply(mine.id, page.start), town(TOWN))
    assert receipt_of(db, document_id, TOWN).reply == page.start
    with pytest.raises(WrongStage, match="已经答复过"):
        db.write_now(exchange.reply, exchange.Reply(mine.id, "再说一次"), town(TOWN))
    seen = db.read_now(deliveries.board, db.read_now(deliveries.scope, document_id, town(CITY)))
    assert {d.organ_id: d.stand for d in seen.deliveries.values()}[TOWN] is deliveries.Stand.REPLIED


def test_a_village_that_gives_its_part_back_does_not_hold_up_the_others(db: Database, town: Town) -> None:
    document_id = handled_by_villages(db, town)
    given_back(db, document_id, town, OTHER_VILLAGE, verbs.ReturnDocument(0, ReturnReason.NOT_OURS, "本村无此事"))
    assert "RETURNED" in kinds(db, town, TOWN)
    mine = receipt_of(db, document_id, VILLAGE)
    db.write_now(exchange.reply, exchange.Reply(mine.id, "已办"), town(VILLAGE))
    current = of_town(db, document_id).chain.current
    assert current is not None
    assert current.purpose is Purpose.CLOSE


def test_reminding_reaches_those_who_have_not_signed_once_in_four_hours(db: Database, town: Town, clock: Clock) -> None:
    document_id = issued(db, town)
    sign_for(db, document_id, town, COUNTY)
    assert db.write_now(exchange.remind_unsigned, document_id, town(CITY)) == 3
    clock.pass_(hours=3, minutes=59)
    assert db.write_now(exchange.remind_unsigned, document_id, town(CITY)) == 0
    sign_for(db, document_id, town, TOWN)
    clock.pass_(minutes=1)
    scope = db.read_now(deliveries.scope, document_id, town(CITY))
    board = db.read_now(deliveries.board, scope)
    waiting = deliveries.waiting(board)
    assert [d.organ_id for d in waiting] == [VILLAGE, OTHER_VILLAGE]
    assert deliveries.due_for_reminder(waiting, clock.now) == 2
    (call,) = deliveries.calls(board)
    assert (call.organ.id, call.villages, call.own) == (TOWN, 2, False)
    assert db.read_now(deliveries.clerks, (call,))[TOWN].id == town(TOWN).post_id
    assert db.write_now(exchange.remind_unsigned, document_id, town(CITY)) == 2
    assert [receipt_of(db, document_id, o).reminders for o in EVERYBODY] == [0, 1, 2, 2]
    with pytest.raises(NotPermitted, match="只有发文或转发"):
        refuse_stranger(db, document_id, town)


def refuse_stranger(db: Database, document_id: int, town: Town) -> None:
    """Somebody with a part in it, in an organ that neither issued nor received it."""
    stored = chain_of(db, document_id)
    show = verbs.Circulate(((town(WATER, Role.LEADER).post_id, WATER),), "供参考")
    do(db, stored, show, town(CITY))
    db.write_now(exchange.remind_unsigned, document_id, town(WATER, Role.LEADER))


def test_a_delivery_is_recalled_before_it_is_signed_for(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    unsigned = receipt_of(db, document_id, VILLAGE)
    with pytest.raises(Invalid, match="写明理由"):
        db.write_now(exchange.recall, unsigned.id, town(CITY), reason=" ")
    with pytest.raises(NotPermitted):
        db.write_now(exchange.recall, unsigned.id, town(VILLAGE), reason="不要")
    db.write_now(exchange.recall, unsigned.id, town(CITY), reason="发错了")
    assert kinds(db, town, VILLAGE) == []
    with pytest.raises(WrongStage, match="撤回"):
        sign_for(db, document_id, town, VILLAGE)
    board = db.read_now(deliveries.board, db.read_now(deliveries.scope, document_id, town(CITY)))
    assert board.deliveries[VILLAGE].stand is deliveries.Stand.RECALLED
    assert board.whole.total == len(EVERYBODY) - 1
    sign_for(db, document_id, town, TOWN)
    with pytest.raises(WrongStage, match="已经签收"):
        db.write_now(exchange.recall, receipt_of(db, document_id, TOWN).id, town(CITY), reason="发错了")


def test_what_was_returned_is_not_recalled_over_its_reason(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    given_back(db, document_id, town, COUNTY, verbs.ReturnDocument(0, ReturnReason.NOT_OURS, "不归我们"))
    before = receipt_of(db, document_id, COUNTY)
    with pytest.raises(WrongStage, match="已经退回来"):
        db.write_now(exchange.recall, before.id, town(CITY), reason="发错了")
    assert receipt_of(db, document_id, COUNTY) == before


@pytest.mark.parametrize("revoked", [True, False])
def test_voiding_reaches_every_copy_and_every_open_task(db: Database, town: Town, revoked: bool) -> None:  # noqa: FBT001
    document_id = handled_by_villages(db, town)
    sign_for(db, document_id, town, VILLAGE)
    db.write_now(exchange.reply, exchange.Reply(receipt_of(db, document_id, VILLAGE).id, "已办"), town(VILLAGE))
    assert open_tasks(db, document_id)
    command = voiding.VoidDocument(document_id, revoked=revoked, reason="依据已变")
    done = db.write_now(voiding.void, command, town(CITY, Role.LEADER))
    assert (done.copies, done.acted) == (3, (VILLAGE,))
    assert open_tasks(db, document_id) == []
    found = db.read_now(documents.load, document_id)
    assert (found.stage, found.void_reason) == ("REVOKED" if revoked else "ABOLISHED", "依据已变")
    assert found.voided_at == db.now()
    for organ_id in (TOWN, VILLAGE, OTHER_VILLAGE):
        assert db.read_now(papers.view, document_id, town(organ_id)).document.stage == found.stage
    with pytest.raises(WrongStage, match="不用再办"):
        sign_for(db, document_id, town, OTHER_VILLAGE)
    with pytest.raises(WrongStage, match="不用再办"):
        db.write_now(exchange.forward, exchange.Forward(document_id), town(TOWN))
    with pytest.raises(WrongStage):
        db.write_now(exchange.remind_unsigned, document_id, town(CITY))
    assert open_tasks(db, document_id) == []
    assert db.read_now(lambda work: history.verify(work.connection)) is None


def test_the_issuer_and_its_superior_void_nobody_else(db: Database, town: Town) -> None:
    document_id = issued(db, town, TOWN, notice(principals=Selection((VILLAGE, OTHER_VILLAGE))))
    command = voiding.VoidDocument(document_id, revoked=True, reason="依据已变")
    with pytest.raises(NotPermitted, match="无权撤销"):
        db.write_now(voiding.void, command, town(VILLAGE, Role.LEADER))
    for actor in (town(WATER, Role.LEADER), town(TOWN, Role.HANDLER), town(CITY, Role.SYSTEM_ADMIN)):
        with pytest.raises(NotFound):
            db.write_now(voiding.void, command, actor)
    with pytest.raises(Invalid, match="写明理由"):
        db.write_now(voiding.void, replace(command, reason=""), town(TOWN))
    db.write_now(voiding.void, command, town(COUNTY, Role.LEADER))
    assert db.read_now(documents.load, document_id).stage == "REVOKED"
    with pytest.raises(NotFound):
        db.write_now(voiding.void, command, town(TOWN))


def test_an_opened_paper_shows_so_once(db: Database, town: Town, clock: Clock) -> None:
    document_id = issued(db, town)
    assert receipt_of(db, document_id, TOWN).opened_at is None
    first = clock.now
    for _ in range(2):
        db.write_now(exchange.open_document, document_id, town(TOWN))
        clock.pass_(hours=1)
    assert receipt_of(db, document_id, TOWN).opened_at == first
    opened = [row for row in db.read_now(history.of_document, document_id) if row.kind == "OPENED"]
    assert len(opened) == 1
