"""The rules on stored drafts, on both databases: what is gathered, sent, rechecked, and who may give reasons."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from office.domain import body
from office.domain.commands import Complete
from office.domain.document import Content, Kind, Selection
from office.domain.errors import Invalid, NotFound, RefusedFile
from office.domain.organs import EdgeKind, Level
from office.domain.people import Role
from office.service import approvals, checking, directory, drafting, gathering, outgoing, tasks
from office.store import chains, documents, history, organs
from office.store.database import Database
from office.store.tables import document, number
from office.store.work import Work
from tests import town
from tests.conftest import Clock
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town

REQUEST = Content(
    kind=Kind.REQUEST,
    title="南位镇张里村民委员会关于补助灌渠维修资金的请示",
    principal_text="兴平市南位镇人民政府",
    principals=Selection((TOWN,)),
    body=body.parse("我村1.2公里灌渠垮塌，现申请补助资金30万元。\n妥否，请批示。"),
    note="联系人：甲，电话0000 0000",
)
NOTICE = Content(
    kind=Kind.NOTICE,
    title="咸阳市水利局关于防汛的通知",
    principal_text="咸阳市财政局",
    principals=Selection((FINANCE,)),
    body=body.parse("请做好准备。"),
)


@pytest.fixture
def people(db: Database) -> Town:
    return db.write_now(town.build)


def drafted(db: Database, people: Town, organ: int, content: Content) -> int:
    """A draft of that organ's clerk."""
    return db.write_now(drafting.start, drafting.StartDraft(content), people(organ))


def rules_of(db: Database, people: Town, document_id: int, organ: int, moment: str = "typing") -> set[str]:
    """The rules that found something."""
    report = db.read_now(checking.report, document_id, people(organ), moment)
    return {fault.rule for fault in report.faults}


def test_a_good_request_of_a_village_passes(db: Database, people: Town) -> None:
    document_id = drafted(db, people, VILLAGE, REQUEST)
    report = db.read_now(checking.report, document_id, people(VILLAGE), "send")
    assert (report.faults, report.stops) == ((), 0)
    assert report.passed > 50


@pytest.mark.parametrize(
    ("to", "rule"), [(COUNTY, "R01"), (CITY, "R01"), (OTHER_VILLAGE, "G07"), (WATER, "G07")], ids=str
)
def test_relations_come_from_the_tree(db: Database, people: Town, to: int, rule: str) -> None:
    title = db.read_now(lambda work: organs.load(work, to).title)
    content = replace(REQUEST, principals=Selection((to,)), principal_text=title)
    assert rule in rules_of(db, people, drafted(db, people, VILLAGE, content), VILLAGE)


def test_guidance_and_dual_leadership_come_from_the_edges(db: Database, people: Town) -> None:
    report = replace(NOTICE, kind=Kind.REPORT, title="咸阳市财政局关于抗旱的报告", principals=Selection((WATER,)))
    report = replace(report, principal_text="咸阳市水利局")
    document_id = drafted(db, people, FINANCE, report)
    assert "G04" in rules_of(db, people, document_id, FINANCE)
    db.write_now(lambda work: organs.insert_edges(work, EdgeKind.GUIDANCE, [(WATER, FINANCE)]))
    assert "G04" not in rules_of(db, people, document_id, FINANCE)
    db.write_now(lambda work: organs.insert_edges(work, EdgeKind.DUAL, [(WATER, FINANCE)]))
    assert "R07" in rules_of(db, people, document_id, FINANCE)


def test_a_whole_tier_is_checked_too(db: Database, people: Town) -> None:
    content = replace(NOTICE, title="咸阳市人民政府关于防汛的通知", principal_text="各村（社区）")
    content = replace(content, principals=Selection(tiers=((CITY, Level.VILLAGE),)))
    assert "R18" in rules_of(db, people, drafted(db, people, CITY, content), CITY)


def test_the_list_of_attachments_is_held_against_the_real_ones(db: Database, people: Town) -> None:
    document_id = drafted(db, people, VILLAGE, replace(REQUEST, attachment_names=("预算表",)))
    assert "F08" in rules_of(db, people, document_id, VILLAGE)
    attach = drafting.Attach(document_id, "预算表.pdf", "a" * 64, 10, "application/pdf", 1)
    db.write_now(drafting.attach, attach, people(VILLAGE))
    assert "F08" not in rules_of(db, people, document_id, VILLAGE)


def test_a_reply_needs_the_request_it_answers(db: Database, people: Town) -> None:
    asked = drafted(db, people, VILLAGE, REQUEST)
    content = Content(
        kind=Kind.REPLY, title="兴平市南位镇人民政府关于补助灌渠维修资金的批复", principals=Selection((VILLAGE,)),
        principal_text="南位镇张里村民委员会", body=body.parse(f"《{REQUEST.title}》收悉。同意补助30万元。"),
    )  # fmt: skip
    document_id = drafted(db, people, TOWN, content)
    assert "G05" in rules_of(db, people, document_id, TOWN)

    def link(work: Work) -> None:
        found = documents.load(work, document_id)
        linked = replace(content, answers_document_id=asked)
        documents.write_version(work, found, linked, post_id=1, person_id=1, note="", over=None)

    db.write_now(link)
    assert "G05" not in rules_of(db, people, document_id, TOWN)


def test_nearly_the_same_paper_is_named_until_a_year_has_passed(db: Database, people: Town, clock: Clock) -> None:
    first = drafted(db, people, WATER, NOTICE)
    db.write_now(lambda work: work.execute(update(document).where(document.c.id == first).values(stage="ISSUED")))
    again = drafted(db, people, WATER, NOTICE)
    assert "R17" in rules_of(db, people, again, WATER)
    other = replace(NOTICE, title="咸阳市水利局关于防汛演练的通知", body=body.parse("定于明日演练，请派员参加。"))
    assert "R17" not in rules_of(db, people, drafted(db, people, WATER, other), WATER)
    clock.pass_(days=370)
    assert "R17" not in rules_of(db, people, again, WATER)


def test_more_papers_than_last_year_ask_for_a_note(db: Database, people: Town) -> None:
    document_id = drafted(db, people, WATER, NOTICE)

    def issued(work: Work) -> None:
        rows = [(2025, serial) for serial in (1, 2, 3)] + [(2026, serial) for serial in (1, 2, 3)]
        for year, serial in rows:
            values = {"organ_id": WATER, "word": "咸水发", "year": year, "serial": serial, "taken_at": work.now}
            work.execute(insert(number).values(document_id=document_id, **values))

    db.write_now(issued)
    assert "B02b" in rules_of(db, people, document_id, WATER)


def test_a_fix_makes_a_version_of_its_own(db: Database, people: Town) -> None:
    document_id = drafted(db, people, VILLAGE, replace(REQUEST, title=f"{REQUEST.title}。"))
    saved = db.write_now(checking.apply_fix, checking.ApplyFix(document_id, "title:stop", 1), people(VILLAGE))
    assert saved.seq == 2
    assert db.read_now(documents.content, document_id, 1).title.endswith("。")
    assert db.read_now(documents.content, document_id, 2).title == REQUEST.title
    again = db.write_now(checking.apply_fix, checking.ApplyFix(document_id, "all", 2), people(VILLAGE))
    assert again.seq == 2


def test_a_reason_is_an_event_and_the_last_one_counts(db: Database, people: Town) -> None:
    document_id = drafted(db, people, VILLAGE, replace(REQUEST, note=""))
    for reason in ("电话在封面上", "电话写在正文里了"):
        db.write_now(checking.give_reason, checking.GiveReason(document_id, "C11", reason), people(VILLAGE))
    report = db.read_now(checking.report, document_id, people(VILLAGE))
    assert [(f.rule, f.reason, f.needs_reason) for f in report.faults] == [("C11", "电话写在正文里了", False)]
    kinds = [row.kind for row in db.read_now(history.of_document, document_id)]
    assert kinds.count(gathering.REASON_GIVEN) == 2


def test_only_the_drafter_gives_reasons_and_presses_fixes(db: Database, people: Town) -> None:
    document_id = drafted(db, people, VILLAGE, REQUEST)
    for actor in (people(TOWN), people(VILLAGE, Role.LEADER)):
        with pytest.raises(NotFound):
            db.write_now(checking.give_reason, checking.GiveReason(document_id, "C11", "理由充分"), actor)
        with pytest.raises(NotFound):
            db.write_now(checking.apply_fix, checking.ApplyFix(document_id, "levels", 1), actor)
        with pytest.raises(NotFound):
            db.read_now(checking.report, document_id, actor)


def test_a_reason_never_replaces_a_refused_rule_nor_carries_a_mark_of_secrecy(db: Database, people: Town) -> None:
    document_id = drafted(db, people, VILLAGE, REQUEST)
    for rule, reason in (("G11", "就这样办"), ("R01", "密"), ("R01", "见机密★1年的文件"), ("R99", "没有这条规则")):
        with pytest.raises(Invalid):
            db.write_now(checking.give_reason, checking.GiveReason(document_id, rule, reason), people(VILLAGE))


def test_a_mark_of_secrecy_is_never_stored(db: Database, people: Town) -> None:
    marked = replace(REQUEST, body=body.parse("秘密★1年\n内容"))
    with pytest.raises(RefusedFile):
        drafted(db, people, VILLAGE, marked)
    document_id = drafted(db, people, VILLAGE, REQUEST)
    with pytest.raises(RefusedFile):
        db.write_now(drafting.save, drafting.SaveDraft(document_id, marked, 1), people(VILLAGE))
    assert db.read_now(documents.content, document_id, 1) == REQUEST


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("兴平市人民政府", (COUNTY,)),
        ("镇政府", (TOWN,)),
        ("张里村、定周村", (VILLAGE, OTHER_VILLAGE)),
        ("各村", ()),
        ("某某局", ()),
    ],
)
def test_typed_names_become_chosen_organs(db: Database, people: Town, typed: str, chosen: tuple[int, ...]) -> None:
    content = replace(NOTICE, principal_text=typed, principals=Selection())
    issuer = VILLAGE if typed == "镇政府" else TOWN
    document_id = drafted(db, people, issuer, content)

    def by_name(work: Work) -> Content:
        return checking.chosen_by_name(work, documents.load(work, document_id), content)

    assert db.read_now(by_name).principals.organ_ids == chosen


def sent(db: Database, people: Town, content: Content) -> chains.StoredChain:
    """A paper of the water bureau, signed off, at recheck."""
    document_id = drafted(db, people, WATER, content)
    stored = db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), people(WATER))
    for role in (Role.OFFICE_HEAD, Role.LEADER):
        seat = stored.chain.open_seats()[0][1]
        shown = db.read_now(lambda work: documents.signed_hash(work, documents.load(work, document_id)))
        act = approvals.Act(stored.id, Complete(seat.id, content_hash=shown))
        db.write_now(approvals.act, act, people(WATER, role))
        stored = db.read_now(chains.load, stored.id)
    return stored


def test_recheck_runs_the_rules_again(db: Database, people: Town) -> None:
    good = sent(db, people, NOTICE)
    seat = good.chain.open_seats()[0][1]
    done = db.write_now(tasks.act, approvals.Act(good.id, Complete(seat.id)), people(WATER))
    assert done.purpose == "NUMBER"
    bad = sent(db, people, replace(NOTICE, body=body.parse("妥否，请批示。")))
    seat = bad.chain.open_seats()[0][1]
    with pytest.raises(Invalid) as refused:
        db.write_now(tasks.act, approvals.Act(bad.id, Complete(seat.id)), people(WATER))
    assert (refused.value.code, "第十五条" in refused.value.article) == ("G11", True)
    assert db.read_now(chains.load, bad.id).chain == bad.chain


def test_who_can_be_asked_to_countersign(db: Database, people: Town) -> None:
    found = db.read_now(directory.countersigners, WATER)
    assert [(post.organ_id, post.role) for post in found] == [(FINANCE, Role.LEADER)]
    assert found[0].name == "市财政局 主要负责人"
    assert {post.organ_id for post in db.read_now(directory.countersigners, CITY)} == {WATER, FINANCE}
    assert db.read_now(directory.countersigners, VILLAGE) == ()


def test_clerks_of_the_units_below(db: Database, people: Town) -> None:
    found = db.read_now(directory.unit_clerks, TOWN)
    assert [(post.organ_id, post.role) for post in found] == [(VILLAGE, Role.CLERK), (OTHER_VILLAGE, Role.CLERK)]
    assert found[0].name.startswith("张里村 ")


def test_posts_of_an_organ_are_the_held_ones(db: Database, people: Town) -> None:
    held = db.read_now(directory.posts_of, VILLAGE)
    assert {post.role for post in held} == {Role.CLERK, Role.LEADER}
    assert all(post.person_id is not None for post in held)
