"""发文字号: unique for ever, voids visible with their reason, every gap named, one number for a joint issue."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, update

from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.people import Role
from office.service import books, drafting, outgoing, voiding
from office.store import documents
from office.store.database import Database
from office.store.tables import ledger, number, organ
from office.store.work import Work
from tests.conftest import Clock
from tests.service.steps import (
    act,
    chain_of,
    draft,
    issued,
    notice,
    numbered,
    open_tasks,
    seal_and_send,
    signed,
)
from tests.town import CITY, FINANCE, WATER, Town


def book(db: Database, town: Town, organ_id: int = CITY, *, year: int = 2026, word: str = "咸政发") -> books.Book:
    """The organ's ledger as its clerk reads it."""
    found, _ = db.read_now(books.ledger_book, town(organ_id), word=word, year=year)
    assert found is not None
    return found


def void(db: Database, town: Town, document_id: int, reason: str = "不发了") -> None:
    db.write_now(voiding.void_number, voiding.VoidNumber(document_id, reason), town(CITY))


def test_numbers_follow_each_other_and_a_paper_keeps_its_own(db: Database, town: Town) -> None:
    first, second = numbered(db, town), numbered(db, town)
    texts = [db.read_now(documents.load, i).number for i in (first, second)]
    assert texts == ["咸政发〔2026〕1号", "咸政发〔2026〕2号"]
    again = outgoing.OnStep(chain_of(db, first).id)
    with pytest.raises(WrongStage):
        db.write_now(outgoing.assign_number, again, town(CITY))
    assert [line.serial for line in book(db, town).lines] == [2, 1]


def test_a_voided_number_stays_visible_and_never_comes_back(db: Database, town: Town) -> None:
    gone = numbered(db, town)
    with pytest.raises(Invalid, match="废号要写明原因"):
        void(db, town, gone, " ")
    void(db, town, gone, "会议取消")
    with pytest.raises(WrongStage):
        void(db, town, gone)
    following = numbered(db, town)
    assert db.read_now(documents.load, following).number == "咸政发〔2026〕2号"
    lines = {line.serial: line for line in book(db, town).lines}
    assert (lines[1].void_reason, lines[1].voided_at) == ("会议取消", db.now())
    assert (lines[2].void_reason, lines[2].voided_at) == ("", None)
    assert book(db, town).missing == ()
    found = db.read_now(documents.load, gone)
    assert (found.stage, found.number) == ("ENDED", "")
    assert open_tasks(db, gone) == []


def test_voiding_is_for_the_issuers_clerk_before_dispatch(db: Database, town: Town) -> None:
    document_id = numbered(db, town)
    command = voiding.VoidNumber(document_id, "不发了")
    with pytest.raises(NotPermitted):
        db.write_now(voiding.void_number, command, town(CITY, Role.LEADER))
    seal_and_send(db, document_id, town(CITY))
    with pytest.raises(WrongStage, match="已经发出"):
        void(db, town, document_id)
    plain = signed(db, town)
    with pytest.raises(WrongStage, match="还没有编号"):
        void(db, town, plain)


def test_a_gap_is_named_and_nobody_outside_reads_the_book(db: Database, town: Town) -> None:
    for _ in range(3):
        numbered(db, town)
    assert book(db, town).missing == ()

    def lose(work: Work) -> int:  # what no use case can do: somebody with the database in his hands
        return work.execute(delete(number).where(number.c.serial == 2)).rowcount

    assert db.write_now(lose) == 1
    assert book(db, town).missing == (2,)
    with pytest.raises(NotPermitted):
        db.read_now(books.ledger_book, town(CITY, Role.LEADER))
    assert db.read_now(books.ledger_book, town(WATER)) == (None, ())


def test_the_same_number_cannot_be_written_twice(db: Database, town: Town) -> None:
    document_id = numbered(db, town)
    row = {"organ_id": CITY, "word": "咸政发", "year": 2026, "serial": 1, "document_id": document_id}
    with pytest.raises(Exception, match=r"(?i)unique"):
        db.write_now(lambda work: work.execute(insert(number).values(row | {"taken_at": work.now})).rowcount)


def test_each_year_and_each_organ_counts_for_itself(db: Database, town: Town, clock: Clock) -> None:
    numbered(db, town)
    numbered(db, town, WATER, notice())
    clock.now = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # 00:30 on 1 January in Xianyang
    document_id = numbered(db, town)
    assert db.read_now(documents.load, document_id).number == "咸政发〔2027〕1号"
    assert [line.serial for line in book(db, town, WATER, word="咸水发").lines] == [1]
    _, there = db.read_now(books.ledger_book, town(CITY))
    assert there == (("咸政发", 2027), ("咸政发", 2026))


def test_a_joint_issue_takes_the_lead_organs_number_only(db: Database, town: Town) -> None:
    clerk, water, finance = town(WATER), town(WATER, Role.LEADER), town(FINANCE, Role.LEADER)
    document_id = draft(db, notice(joint_organ_ids=(FINANCE,)), clerk)
    command = outgoing.SendForReview(document_id, joint_signatories=(finance.post_id,))
    db.write_now(outgoing.send_for_review, command, clerk)
    act(db, document_id, town(WATER, Role.OFFICE_HEAD))
    act(db, document_id, water)
    assert db.read_now(documents.load, document_id).signed_hash is None  # both heads sign (条例22)
    act(db, document_id, finance)
    act(db, document_id, clerk)
    text = db.write_now(outgoing.assign_number, outgoing.OnStep(chain_of(db, document_id).id), clerk)
    assert text == "咸水发〔2026〕1号"
    assert db.read_now(books.ledger_book, town(FINANCE)) == (None, ())
    job = db.read_now(outgoing.seal_job, outgoing.OnStep(chain_of(db, document_id).id), clerk)
    assert [seal[0] for seal in job.seal_organs] == [WATER, FINANCE]


def test_an_organ_without_a_word_takes_no_number(db: Database, town: Town) -> None:
    document_id = signed(db, town)
    act(db, document_id, town(CITY))
    db.write_now(lambda work: work.execute(update(organ).where(organ.c.id == CITY).values(word="")).rowcount)
    with pytest.raises(Invalid, match="发文立户"):
        db.write_now(outgoing.assign_number, outgoing.OnStep(chain_of(db, document_id).id), town(CITY))
    assert db.read_now(lambda work: work.execute(ledger.select()).all()) == []


def test_a_number_is_kept_when_the_paper_goes_back_to_the_signatory(db: Database, town: Town) -> None:
    document_id, clerk, mayor = numbered(db, town), town(CITY), town(CITY, Role.LEADER)
    changed = notice(title="关于做好今冬明春取暖安全工作的通知")
    db.write_now(drafting.write_amended, drafting.Amendment(document_id, changed, "标题不准"), clerk)
    db.write_now(outgoing.amend, outgoing.Amend(document_id, "标题不准"), clerk)
    act(db, document_id, mayor)
    act(db, document_id, clerk)
    text = db.write_now(outgoing.assign_number, outgoing.OnStep(chain_of(db, document_id).id), clerk)
    assert text == "咸政发〔2026〕1号"
    assert [line.serial for line in book(db, town).lines] == [1]
    seal_and_send(db, document_id, clerk)
    assert db.read_now(documents.load, issued(db, town)).number == "咸政发〔2026〕2号"


def test_a_number_needs_its_own_step_and_its_own_clerk(db: Database, town: Town) -> None:
    document_id = signed(db, town)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    with pytest.raises(WrongStage):
        db.write_now(outgoing.assign_number, step, town(CITY))
    act(db, document_id, town(CITY))
    with pytest.raises(NotPermitted):
        db.write_now(outgoing.assign_number, step, town(CITY, Role.LEADER))
