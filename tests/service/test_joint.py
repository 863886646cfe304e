"""联合行文: organs of one level issue together, every head signs, and the paper names them all."""

from dataclasses import replace

import pytest

from office.domain import commands as verbs
from office.domain.document import Kind, Selection
from office.domain.errors import Invalid, WrongStage
from office.domain.people import Role
from office.service import joint, outgoing, setting
from office.store import documents
from office.store.database import Database
from office.store.work import Work
from tests.service.steps import act, chain_of, do, draft, notice, request
from tests.town import CITY, COUNTY, FINANCE, VILLAGE, WATER, Town


def test_only_organs_of_the_same_level_are_parties(db: Database, town: Town) -> None:
    def named(work: Work, organ_id: int) -> list[int]:
        return [party.organ.id for party in joint.parties(work, organ_id)]

    assert db.read_now(named, WATER) == [FINANCE]
    assert [db.read_now(named, organ) for organ in (CITY, COUNTY, VILLAGE)] == [[], [], []]
    document_id = draft(db, notice(principals=Selection((COUNTY,))), town(WATER))
    for other in (CITY, COUNTY, WATER, 999):
        with pytest.raises(Invalid, match="同级"):
            db.write_now(joint.choose, joint.Choose(document_id, (FINANCE, other)), town(WATER))


def test_every_head_is_asked_and_the_parties_stay_as_they_were_sent(db: Database, town: Town) -> None:
    clerk = town(WATER)
    document_id = draft(db, notice(principals=Selection((COUNTY,))), clerk)
    command = outgoing.SendForReview(document_id, joint_organs=(FINANCE,))
    db.write_now(outgoing.send_for_review, command, clerk)
    signing = next(s for s in chain_of(db, document_id).chain.steps if s.purpose == "SIGN_OFF")
    assert [seat.post_id for seat in signing.seats] == [town(o, Role.LEADER).post_id for o in (WATER, FINANCE)]
    do(db, chain_of(db, document_id), verbs.Withdraw(), clerk)
    with pytest.raises(WrongStage, match="另起新稿"):
        db.write_now(joint.choose, joint.Choose(document_id, ()), clerk)


def test_an_upward_paper_names_all_signatories_the_lead_first(db: Database, town: Town) -> None:
    clerk = town(WATER)
    content = replace(request(principals=Selection((CITY,)), joint_organ_ids=(FINANCE,)), kind=Kind.REPORT)
    document_id = draft(db, content, clerk)
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
    act(db, document_id, town(WATER, Role.OFFICE_HEAD))
    for organ in (WATER, FINANCE):  # the last to sign is not the signatory of the lead organ
        act(db, document_id, town(organ, Role.LEADER))
    found = db.read_now(documents.load, document_id)
    paper = db.read_now(setting.paper_of, found)
    assert paper.imprint.signatories == tuple(town(o, Role.LEADER).person_name for o in (WATER, FINANCE))
    assert paper.issuer.joint == ("咸阳市财政局",)
