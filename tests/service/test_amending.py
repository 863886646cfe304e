"""签发以后: the content is frozen, what changes goes back to the signatory; number, date, seal, colophon may come."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from office.domain import commands as verbs
from office.domain.chain import Purpose
from office.domain.document import Block, BlockKind, Content, Selection, content_hash
from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.people import Actor, Role
from office.service import drafting, outgoing
from office.service.drafting import Amendment, Attach, SaveDraft
from office.store import documents
from office.store.database import Database
from office.store.tables import attachment, document_version
from office.store.work import Work
from tests.service.steps import (
    SEALED,
    act,
    chain_of,
    do,
    draft,
    issued,
    notice,
    numbered,
    receipt_of,
    released,
    seal_and_send,
    seat_of,
    signed,
)
from tests.town import CITY, COUNTY, WATER, Town

CHANGED = notice(title="关于做好今冬明春取暖安全工作的通知")
CHANGES = {
    "title": "另一个标题",
    "principal_text": "市政府各部门",
    "body": (Block(BlockKind.PARAGRAPH, "另一段正文。"),),
    "attachment_names": ("清单",),
    "note": "此件公开发布",
    "principals": Selection((COUNTY,)),
    "reach": None,
    "joint_organ_ids": (WATER,),
    "amount_yuan": 5,
}


def rewritten(db: Database, document_id: int, content: Content) -> None:
    """Somebody with the database in his hands changes the stored content."""

    def write(work: Work) -> int:
        changed = update(document_version).where(document_version.c.document_id == document_id)
        return work.execute(changed.values(content=documents.encode(content))).rowcount

    assert db.write_now(write) == 1


def test_after_sign_off_nothing_is_typed_over(db: Database, town: Town) -> None:
    document_id, clerk = signed(db, town), town(CITY)
    before = db.read_now(documents.load, document_id)
    assert before.signed_hash == db.read_now(documents.signed_hash, before)
    file = Attach(document_id, "附件.pdf", "c" * 64, 9, "application/pdf", 1)
    with pytest.raises(WrongStage, match="不能直接改"):
        db.write_now(drafting.save, SaveDraft(document_id, CHANGED, 1), clerk)
    with pytest.raises(WrongStage, match="附件不能再改"):
        db.write_now(drafting.attach, file, clerk)
    with pytest.raises(WrongStage, match="附件不能再改"):
        db.write_now(drafting.detach, drafting.Detach(document_id, 1), clerk)
    choice = drafting.ChooseRecipients(document_id, Selection((COUNTY,)), Selection(), "兴平市", "")
    with pytest.raises(WrongStage, match="不能直接改"):
        db.write_now(drafting.choose_recipients, choice, clerk)
    assert db.read_now(documents.load, document_id) == before


def test_a_change_goes_back_to_the_signatory_and_the_number_is_kept(db: Database, town: Town) -> None:
    document_id, clerk, mayor = numbered(db, town), town(CITY), town(CITY, Role.LEADER)
    first = db.read_now(documents.load, document_id)
    saved = db.write_now(drafting.write_amended, Amendment(document_id, CHANGED, "标题不准"), clerk)
    stored = db.write_now(outgoing.amend, outgoing.Amend(document_id, "标题不准"), clerk)
    current = stored.chain.current
    assert current is not None
    assert current.purpose is Purpose.SIGN_OFF
    between = db.read_now(documents.load, document_id)
    assert (between.signed_hash, between.signed_at, between.number) == (None, None, first.number)
    assert [v.seq for v in db.read_now(documents.versions, document_id)] == [saved.seq, 1]
    act(db, document_id, mayor, "同意改")
    act(db, document_id, clerk)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    assert db.write_now(outgoing.assign_number, step, clerk) == first.number
    assert seal_and_send(db, document_id, clerk) == 4
    after = db.read_now(documents.load, document_id)
    assert (after.number, after.stage) == (first.number, "ISSUED")
    assert after.signed_hash == content_hash(CHANGED, {})
    assert after.signed_hash != first.signed_hash


def test_amending_needs_a_change_a_holder_and_a_paper_that_is_not_out(db: Database, town: Town) -> None:
    document_id, clerk = numbered(db, town), town(CITY)
    with pytest.raises(Invalid, match="内容没有变"):
        db.write_now(outgoing.amend, outgoing.Amend(document_id), clerk)
    with pytest.raises(NotPermitted):
        db.write_now(drafting.write_amended, Amendment(document_id, CHANGED, ""), town(CITY, Role.LEADER))
    done = issued(db, town)
    with pytest.raises(NotPermitted):
        db.write_now(drafting.write_amended, Amendment(done, CHANGED, ""), clerk)


@pytest.mark.parametrize("field", sorted(CHANGES))
def test_a_changed_field_is_not_sealed(db: Database, town: Town, field: str) -> None:
    document_id, clerk = numbered(db, town), town(CITY)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    job = db.read_now(outgoing.seal_job, step, clerk)
    rewritten(db, document_id, replace(notice(), **{field: CHANGES[field]}))  # type: ignore[arg-type]
    with pytest.raises(WrongStage, match="签发后内容变了"):
        db.read_now(outgoing.seal_job, step, clerk)
    with pytest.raises(WrongStage, match="这次用印作废"):
        db.write_now(outgoing.affix, outgoing.Affix(step.chain_id, SEALED, job.signed_hash, 1), clerk)
    assert db.read_now(documents.load, document_id).issued_blob is None


def test_an_attachment_slipped_in_is_not_sealed(db: Database, town: Town) -> None:
    document_id, clerk = numbered(db, town), town(CITY)
    row = {
        "document_id": document_id, "name": "另一份.pdf", "blob": "d" * 64, "size": 1, "media": "application/pdf",
        "added_by": clerk.post_id,
    }  # fmt: skip
    db.write_now(lambda work: work.execute(insert(attachment).values(row | {"added_at": work.now})).rowcount)
    with pytest.raises(WrongStage, match="签发后内容变了"):
        db.read_now(outgoing.seal_job, outgoing.OnStep(chain_of(db, document_id).id), clerk)


def with_copies(db: Database, document_id: int, clerk: Actor, **changes: str) -> drafting.Saved:
    """抄送 added on the page of recipients, the rest as it was."""
    now = notice()
    texts = {"principal_text": now.principal_text, "copy_text": "市水利局"} | changes
    command = drafting.ChooseRecipients(document_id, now.principals, Selection((WATER,)), **texts)
    return db.write_now(drafting.choose_recipients, command, clerk)


def test_the_colophon_may_still_change_until_the_seal(db: Database, town: Town) -> None:
    document_id, clerk = numbered(db, town), town(CITY)
    before = db.read_now(documents.load, document_id)
    assert with_copies(db, document_id, clerk).seq == 2  # never over the version that was signed
    with pytest.raises(WrongStage, match="正文不能直接改"):
        with_copies(db, document_id, clerk, principal_text="有关单位")
    after = db.read_now(documents.load, document_id)
    assert (after.signed_hash, after.number) == (before.signed_hash, before.number)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    job = db.read_now(outgoing.seal_job, step, clerk)
    db.write_now(outgoing.affix, outgoing.Affix(step.chain_id, SEALED, job.signed_hash, 1), clerk)
    with pytest.raises(WrongStage, match="已经用印"):
        with_copies(db, document_id, clerk, copy_text="市水利局，市财政局")
    stored = chain_of(db, document_id)
    do(db, stored, verbs.Return(seat_of(stored, clerk), "抄送漏了市财政局"), clerk)
    assert with_copies(db, document_id, clerk, copy_text="市水利局，市财政局").seq == 3
    chain_id = released(db, document_id, clerk)
    assert db.write_now(outgoing.dispatch, outgoing.Dispatch(chain_id), clerk).organs == 5
    assert receipt_of(db, document_id, WATER).role == "COPY"


def test_a_paper_changed_after_its_seal_is_sealed_anew(db: Database, town: Town) -> None:
    document_id, clerk = numbered(db, town), town(CITY)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    job = db.read_now(outgoing.seal_job, step, clerk)
    db.write_now(outgoing.affix, outgoing.Affix(step.chain_id, SEALED, job.signed_hash, 1), clerk)
    db.write_now(drafting.write_amended, Amendment(document_id, CHANGED, ""), clerk)
    with pytest.raises(Exception, match="内容"):
        db.write_now(outgoing.release, step, clerk)
    db.write_now(outgoing.amend, outgoing.Amend(document_id), clerk)
    assert db.read_now(documents.load, document_id).issued_blob is None
    act(db, document_id, town(CITY, Role.LEADER))
    act(db, document_id, clerk)
    db.write_now(outgoing.assign_number, step, clerk)
    assert seal_and_send(db, document_id, clerk) == 4
    assert db.read_now(documents.load, document_id).issued_blob == SEALED


def test_a_seal_of_an_older_content_is_not_taken(db: Database, town: Town) -> None:
    document_id, clerk, mayor = numbered(db, town), town(CITY), town(CITY, Role.LEADER)
    old = db.read_now(outgoing.seal_job, outgoing.OnStep(chain_of(db, document_id).id), clerk)
    db.write_now(drafting.write_amended, Amendment(document_id, CHANGED, ""), clerk)
    db.write_now(outgoing.amend, outgoing.Amend(document_id), clerk)
    act(db, document_id, mayor)
    act(db, document_id, clerk)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    db.write_now(outgoing.assign_number, step, clerk)
    with pytest.raises(WrongStage, match="这次用印作废"):
        db.write_now(outgoing.affix, outgoing.Affix(step.chain_id, SEALED, old.signed_hash, 1), clerk)


def test_one_signs_what_one_has_seen(db: Database, town: Town) -> None:
    document_id = draft(db, notice(), town(CITY))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), town(CITY))
    act(db, document_id, town(CITY, Role.OFFICE_HEAD))
    seen = db.read_now(lambda work: documents.signed_hash(work, documents.load(work, document_id)))
    mayor = town(CITY, Role.LEADER)
    db.write_now(drafting.save, SaveDraft(document_id, CHANGED, 1), mayor)  # the signatory himself mends a word
    stored = chain_of(db, document_id)
    with pytest.raises(Invalid, match="内容又改过了"):
        do(db, stored, verbs.Complete(seat_of(stored, mayor), content_hash=seen), mayor)
    act(db, document_id, mayor)
    assert db.read_now(documents.load, document_id).signed_hash == content_hash(CHANGED, {})


def test_a_version_others_have_seen_is_never_overwritten(db: Database, town: Town) -> None:
    document_id, clerk = draft(db, notice(), town(CITY)), town(CITY)
    db.write_now(drafting.save, SaveDraft(document_id, CHANGED, 1), clerk)
    assert [v.seq for v in db.read_now(documents.versions, document_id)] == [1]  # still typing
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
    head = town(CITY, Role.OFFICE_HEAD)
    db.write_now(drafting.save, SaveDraft(document_id, notice(), 1), head)
    assert [v.seq for v in db.read_now(documents.versions, document_id)] == [2, 1]
    old, new = db.read_now(drafting.compare, document_id, 1, 2, clerk)
    assert (old.title, new.title) == (CHANGED.title, notice().title)
