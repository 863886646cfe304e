"""Who sees a paper: by no question does anybody see what is not his; absent and forbidden look alike."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from office.domain import commands as verbs
from office.domain.document import Block, BlockKind, Selection
from office.domain.errors import NotFound, OfficeError
from office.domain.organs import Level
from office.domain.outgoing import Countersign
from office.domain.people import Actor, Role
from office.service import (
    access,
    approvals,
    books,
    checking,
    deliveries,
    drafting,
    exchange,
    finding,
    histories,
    outgoing,
    papers,
    reading,
    reassigning,
    recipients,
    signatures,
    tasks,
    verifying,
    voiding,
    vouching,
)
from office.service.recipients import Part
from office.store import documents
from office.store.database import Database
from office.store.tables import post
from tests.service.steps import (
    act,
    chain_of,
    do,
    draft,
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
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town, seat

SECRET = "关于修复灌渠所需资金的请示"
ATTACHED = drafting.Attach(0, "预算.pdf", "c" * 64, 10, "application/pdf", 1)
Question = tuple[str, Callable[[], object]]


def attached(db: Database, document_id: int, clerk: Actor) -> int:
    """An attachment on a draft."""
    command = drafting.Attach(document_id, *(getattr(ATTACHED, n) for n in ATTACHED.__slots__[1:]))
    return db.write_now(drafting.attach, command, clerk)


def questions(db: Database, document_id: int, actor: Actor) -> list[Question]:
    """Everything that could show a document, its text or its fate to somebody who names it."""
    content = request(title="改过的")
    file = ATTACHED
    choice = recipients.Choose(document_id, Part.COPIES, f"organ:{WATER}")
    vouch = vouching.Vouch("a" * 64, "C01", "正文", "只是地名，不涉密", document_id)
    return [
        ("page", lambda: db.read_now(papers.view, document_id, actor)),
        ("row", lambda: db.read_now(access.document, document_id, by=actor)),
        ("editing", lambda: db.read_now(access.own_draft, document_id, by=actor)),
        ("comparison", lambda: db.read_now(drafting.compare, document_id, 1, 1, actor)),
        ("faults", lambda: db.read_now(checking.report, document_id, actor, "typing")),
        ("history", lambda: db.read_now(histories.of_document, histories.OfDocument(document_id), actor)),
        ("check", lambda: db.read_now(histories.check_document, histories.CheckDocument(document_id), actor)),
        ("signature", lambda: db.read_now(signatures.shown, document_id, "d" * 64, actor)),
        ("board", lambda: db.read_now(deliveries.scope, document_id, actor)),
        ("roll-up", lambda: db.read_now(exchange.roll_up, document_id, actor)),
        ("receipts", lambda: db.read_now(access.issued_by_us, document_id, by=actor)),
        ("opening", lambda: db.write_now(exchange.open_document, document_id, actor)),
        ("recipients", lambda: db.read_now(recipients.show, document_id, actor, Part.COPIES, opened=None, text="")),
        ("choosing", lambda: db.write_now(recipients.choose, choice, actor)),
        ("mending", lambda: db.write_now(checking.apply_fix, checking.ApplyFix(document_id, "ALL", 1), actor)),
        ("reasoning", lambda: db.write_now(checking.give_reason, checking.GiveReason(document_id, "R01", "有"), actor)),
        ("vouching", lambda: db.write_now(vouching.vouch, vouch, actor)),
        ("saving", lambda: db.write_now(drafting.save, drafting.SaveDraft(document_id, content, 1), actor)),
        ("amending", lambda: db.write_now(drafting.write_amended, drafting.Amendment(document_id, content, ""), actor)),
        ("attaching", lambda: attached(db, document_id, actor)),
        ("detaching", lambda: db.write_now(drafting.detach, drafting.Detach(document_id, 1), actor)),
        ("discarding", lambda: db.write_now(drafting.discard, drafting.Discard(document_id), actor)),
        ("sending", lambda: db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), actor)),
        ("copying", lambda: db.write_now(drafting.start_again, document_id, 0, actor)),
        ("answering", lambda: db.write_now(drafting.start_answer, document_id, actor)),
        ("linking", lambda: db.write_now(drafting.start, drafting.StartDraft(notice(), answers=document_id), actor)),
        ("forwarding", lambda: db.write_now(exchange.forward, exchange.Forward(document_id), actor)),
        ("reminding", lambda: db.write_now(exchange.remind_unsigned, document_id, actor)),
        ("voiding", lambda: db.write_now(voiding.void_number, voiding.VoidNumber(document_id, file.name), actor)),
        ("widening", lambda: db.write_now(voiding.widen_reach, voiding.WidenReach(document_id, Level.VILLAGE), actor)),
    ]


def listed(db: Database, actor: Actor) -> set[int]:
    """Every document a list, a search or a book names to this person."""
    ids = {row.document_id for part in (False, True) for row in db.read_now(reading.tasks, actor, reading=part).rows}
    ids |= {row.document_id for row in db.read_now(reading.done, actor)}
    ids |= {row.id for row in db.read_now(reading.drafts, actor)}
    ids |= {row.id for row in db.read_now(reading.sent, actor)}
    ids |= {row.document_id for row in db.read_now(reading.received, actor)}
    ids |= {
        row.id for text in ("", "灌渠", "取暖") for row in db.read_now(finding.search, finding.Query(text), actor).rows
    }
    if actor.role in books.KEEPERS:
        ids |= {row.document_id for row in db.read_now(books.waiting, actor)}
        ids |= {row.document_id for row in db.read_now(books.sent, actor)}
        ids |= {row.document_id for row in db.read_now(books.register_book, actor, year=2026)}
    return ids


def test_a_villages_draft_is_seen_by_its_drafter_alone(db: Database, town: Town) -> None:
    document_id = draft(db, request(), town(VILLAGE))
    attached(db, document_id, town(VILLAGE))
    others = [a for a in town.actors.values() if a != town(VILLAGE) and a.role is not Role.SYSTEM_ADMIN]
    for actor in others:
        refused(NotFound, questions(db, document_id, actor))
        assert document_id not in listed(db, actor), actor
    assert document_id in listed(db, town(VILLAGE))
    assert db.read_now(papers.view, document_id, town(VILLAGE)).content.title == SECRET


def test_an_upload_is_its_uploaders_alone(db: Database, town: Town) -> None:
    command = drafting.Upload("草稿.docx", "c" * 64, 10, "application/pdf", 1)
    upload_id = db.write_now(drafting.keep_upload, command, town(VILLAGE))
    assert db.read_now(drafting.own_upload, upload_id, town(VILLAGE)) == command
    refused(
        NotFound,
        [
            (str(role), lambda r=role: db.read_now(drafting.own_upload, upload_id, town(CITY, r)))  # type: ignore[misc]
            for role in (Role.CLERK, Role.LEADER, Role.SYSTEM_ADMIN)
        ],
    )


def test_an_absent_document_is_refused_in_the_same_words(db: Database, town: Town) -> None:
    document_id = draft(db, request(), town(VILLAGE))
    said = set()
    for asked in (document_id, 987_654):
        with pytest.raises(NotFound) as refusal:
            db.read_now(papers.view, asked, town(OTHER_VILLAGE))
        said.add((refusal.value.sentence, refusal.value.code))
    assert len(said) == 1


def test_a_request_on_its_way_is_seen_only_along_it(db: Database, town: Town) -> None:
    document_id = issued(db, town, VILLAGE, request())
    for organ_id in (TOWN, VILLAGE):
        assert db.read_now(papers.view, document_id, town(organ_id)).content.title == SECRET
    for organ_id in (OTHER_VILLAGE, WATER, FINANCE, COUNTY, CITY):
        for role in (Role.CLERK, Role.LEADER):
            refused(NotFound, questions(db, document_id, town(organ_id, role)))
            assert document_id not in listed(db, town(organ_id, role))


def test_other_peoples_chains_receipts_and_tasks_have_no_handle(db: Database, town: Town) -> None:
    document_id = issued(db, town, CITY)
    request_id = issued(db, town, VILLAGE, request())
    chain_id = chain_of(db, request_id, "REQUEST").id
    mine = receipt_of(db, document_id, VILLAGE)
    sign_for(db, document_id, town, VILLAGE)
    other = town(OTHER_VILLAGE)
    back = verbs.ReturnDocument(0, verbs.ReturnReason.OTHER, "不归我们")
    refused(
        NotFound,
        [
            ("chain", lambda: db.read_now(access.chain, chain_id, by=other)),
            ("act", lambda: db.write_now(tasks.act, approvals.Act(chain_id, verbs.Withdraw()), other)),
            ("receipt", lambda: db.read_now(access.receipt, mine.id, by=other)),
            ("signing", lambda: db.write_now(exchange.sign_for, exchange.SignFor(mine.id), other)),
            ("reply", lambda: db.write_now(exchange.reply, exchange.Reply(mine.id, "有"), other)),
            ("return", lambda: db.write_now(exchange.act_on_receipt, exchange.ActOnReceipt(mine.id, back), other)),
            ("answer page", lambda: db.read_now(books.answering, mine.id, other)),
            ("told", lambda: db.write_now(tasks.acknowledge, 1, other)),
        ],
    )


def test_administrators_see_no_content(db: Database, town: Town) -> None:
    document_id = issued(db, town, CITY)
    guards = [town(CITY, Role.SYSTEM_ADMIN)]
    guards += [db.write_now(seat, CITY, role, str(role)) for role in (Role.SECURITY_ADMIN, Role.AUDITOR)]
    for guard in guards:
        for name, question in questions(db, document_id, guard):
            if name == "check" and guard.role is Role.AUDITOR:
                continue  # an auditor checks hashes: kinds, people and times, no text
            with pytest.raises(OfficeError):
                question()
        assert listed(db, guard) == set()
    assert document_id not in listed(db, town(CITY, Role.HANDLER))  # no administrator, but without part in it
    head = db.read_now(reassigning.find, str(document_id), guards[0])[0]
    assert notice().title not in repr(head)


def test_a_reassigned_seat_shows_the_paper_and_an_administrator_cannot_take_it(db: Database, town: Town) -> None:
    document_id = signed(db, town)
    stored = chain_of(db, document_id)
    live = seat_of(stored, town(CITY))
    admin = town(CITY, Role.SYSTEM_ADMIN)
    with pytest.raises(OfficeError):
        db.write_now(reassigning.move_seat, reassigning.MoveSeat(stored.id, live, admin.post_id, "我来"), admin)
    handler = town(CITY, Role.HANDLER)
    refused(NotFound, [("before", lambda: db.read_now(papers.view, document_id, handler))])
    db.write_now(reassigning.move_seat, reassigning.MoveSeat(stored.id, live, handler.post_id, "出差"), admin)
    assert db.read_now(papers.view, document_id, handler).mine is not None


def test_whoever_is_asked_sees_it_from_then_on_and_his_colleagues_at_the_desk_too(db: Database, town: Town) -> None:
    document_id = draft(db, notice(), town(CITY))
    handler, water = town(WATER, Role.HANDLER), town(WATER, Role.LEADER)
    asked = Countersign(((water.post_id, WATER),))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id, asked), town(CITY))
    refused(NotFound, [("too early", lambda: db.read_now(papers.view, document_id, water))])
    act(db, document_id, town(CITY, Role.OFFICE_HEAD))
    assert db.read_now(papers.view, document_id, water).mine is not None
    assert db.read_now(access.document, document_id, by=town(WATER)).id == document_id
    refused(NotFound, [("no office post", lambda: db.read_now(papers.view, document_id, handler))])
    act(db, document_id, water)
    assert db.read_now(papers.view, document_id, water).mine is None


def test_access_follows_the_post_not_the_person(db: Database, town: Town) -> None:
    document_id = draft(db, request(), town(VILLAGE))
    clerk, leader = town(VILLAGE), town(VILLAGE, Role.LEADER)
    successor = Actor(leader.person_id, clerk.post_id, VILLAGE, Role.CLERK, leader.person_name)
    db.write_now(
        lambda work: (
            work.execute(update(post).where(post.c.id == clerk.post_id).values(person_id=leader.person_id)).rowcount
        )
    )
    assert db.read_now(papers.view, document_id, successor).document.id == document_id
    elsewhere = Actor(clerk.person_id, town(OTHER_VILLAGE).post_id, OTHER_VILLAGE, Role.CLERK, clerk.person_name)
    refused(NotFound, questions(db, document_id, elsewhere))


def test_inner_handling_of_an_organ_is_its_own(db: Database, town: Town) -> None:
    document_id = issued(db, town, CITY)
    sign_for(db, document_id, town, TOWN)
    inner = chain_of(db, document_id, "INCOMING")
    assert inner.organ_id == TOWN
    for organ_id, shown in ((TOWN, True), (COUNTY, False), (CITY, False), (VILLAGE, False)):
        view = db.read_now(papers.view, document_id, town(organ_id))
        assert (inner.id in {c.id for c in view.chains}) is shown, organ_id
    assert {c.purpose.value for c in db.read_now(papers.view, document_id, town(VILLAGE)).chains} == set()


def test_only_the_issuer_sees_all_receipts_and_who_passed_it_on_his_own(db: Database, town: Town) -> None:
    content = notice(principals=Selection((COUNTY,)))
    document_id = issued(db, town, CITY, content)
    sign_for(db, document_id, town, COUNTY)
    db.write_now(exchange.forward, exchange.Forward(document_id), town(COUNTY))
    seen = {}
    for organ_id in (CITY, COUNTY):
        scope = db.read_now(deliveries.scope, document_id, town(organ_id))
        seen[organ_id] = set(db.read_now(deliveries.board, scope).deliveries)
    assert seen == {CITY: {COUNTY, TOWN}, COUNTY: {TOWN}}
    refused(NotFound, [("a receiver", lambda: db.read_now(deliveries.scope, document_id, town(TOWN)))])
    refused(NotFound, [("a handler", lambda: db.read_now(deliveries.scope, document_id, town(CITY, Role.HANDLER)))])


def test_a_signature_is_shown_only_with_its_opinion(db: Database, town: Town) -> None:
    document_id = draft(db, request(), town(VILLAGE))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), town(VILLAGE))
    picture, boss = "e" * 64, town(VILLAGE, Role.LEADER)
    db.write_now(signatures.keep, signatures.Kept(picture, 5))
    stored = chain_of(db, document_id)
    do(db, stored, verbs.Complete(seat_of(stored, boss), signature=picture), boss)
    assert db.read_now(signatures.shown, document_id, picture, town(VILLAGE)) == picture
    refused(
        NotFound,
        [
            ("another picture", lambda: db.read_now(signatures.shown, document_id, "f" * 64, town(VILLAGE))),
            ("another person", lambda: db.read_now(signatures.shown, document_id, picture, town(OTHER_VILLAGE))),
        ],
    )


def test_a_fingerprint_tells_no_stranger_more_than_the_file(db: Database, town: Town) -> None:
    document_id = issued(db, town, CITY)
    found = db.read_now(documents.load, document_id)
    assert found.issued_blob is not None
    standing = db.read_now(verifying.standing, (found.issued_blob,))
    assert standing is not None
    assert (standing.document_id, standing.number, standing.exact) == (document_id, "咸政发〔2026〕1号", True)
    assert db.read_now(verifying.standing, ("b" * 64,)) is None
    assert db.read_now(verifying.may_open, document_id, town(VILLAGE))
    assert not db.read_now(verifying.may_open, document_id, town(WATER))


def test_a_draft_with_body_text_stays_out_of_every_event(db: Database, town: Town) -> None:
    word = "独一无二的正文"
    content = request(body=(Block(BlockKind.PARAGRAPH, f"{word}。妥否，请批示。"),))
    document_id = issued(db, town, VILLAGE, content)
    past = db.read_now(histories.of_document, histories.OfDocument(document_id), town(VILLAGE))
    assert past.rows
    assert word not in repr(past)
    assert open_tasks(db, document_id)
