"""委托: for a period and kinds, shown as 代, one hop only, and over when it is over."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from office.domain import commands as verbs
from office.domain.document import Kind
from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.domain.people import Actor, Role
from office.service import approvals, delegation, outgoing, papers, reading
from office.service.delegation import CreateDelegation, DelegationState, RevokeDelegation
from office.store import documents, history
from office.store.database import Database
from tests.conftest import Clock
from tests.service.steps import act, chain_of, do, draft, notice, request, seat_of
from tests.town import CITY, VILLAGE, WATER, Town

WEEK = timedelta(days=7)


def named(
    db: Database, town: Town, *, by: Role = Role.LEADER, deputy: Role = Role.DEPUTY_LEADER,
    wait: timedelta | None = None, kinds: frozenset[Kind] | None = None, organ_id: int = CITY,
) -> int:  # fmt: skip
    """One post names another deputy for a week."""
    since = db.now() + (wait or timedelta())
    command = CreateDelegation(town(organ_id, deputy).post_id, since, since + WEEK, kinds)
    return db.write_now(delegation.create, command, town(organ_id, by))


def before_mayor(db: Database, town: Town) -> int:
    """A notice that has just come to the mayor."""
    document_id = draft(db, notice(), town(CITY))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), town(CITY))
    act(db, document_id, town(CITY, Role.OFFICE_HEAD))
    return document_id


def waits(db: Database, actor: Actor) -> Mapping[int, bool]:
    """Documents on a desk, and whether they are there for somebody else."""
    rows = db.read_now(reading.tasks, actor, reading=False).rows
    assert db.read_now(reading.count_open, actor, reading=False) == len(rows)
    return {row.document_id: row.on_behalf for row in rows}


def test_the_deputy_signs_and_is_shown_as_such(db: Database, town: Town) -> None:
    named(db, town)
    document_id = before_mayor(db, town)
    mayor, deputy = town(CITY, Role.LEADER), town(CITY, Role.DEPUTY_LEADER)
    assert waits(db, mayor) == {document_id: False}
    assert waits(db, deputy) == {document_id: True}
    act(db, document_id, deputy, "同意")
    opinion = chain_of(db, document_id).chain.opinions[-1]
    assert (opinion.by.post_id, opinion.by.on_behalf) == (deputy.post_id, mayor.post_id)
    assert db.read_now(documents.load, document_id).signatory_post_id == mayor.post_id
    last = db.read_now(history.of_document, document_id)[0]
    assert (last.person_id, last.on_behalf_post_id) == (deputy.person_id, mayor.post_id)
    for actor in (mayor, deputy):
        assert waits(db, actor) == {}
        (done,) = db.read_now(delegation.acts, actor)
        assert (done.person, done.post, done.document_id) == (deputy.person_name, mayor.post_name, document_id)


def test_the_period_is_half_open(db: Database, town: Town, clock: Clock) -> None:
    named(db, town, wait=timedelta(hours=1))
    deputy = town(CITY, Role.DEPUTY_LEADER)
    early = before_mayor(db, town)
    assert waits(db, deputy) == {}
    clock.pass_(hours=1)
    inside = before_mayor(db, town)
    assert waits(db, deputy) == {inside: True}
    clock.now += WEEK - timedelta(microseconds=1)
    assert waits(db, deputy) == {inside: True}
    clock.pass_(microseconds=1)
    assert waits(db, deputy) == {}
    late = before_mayor(db, town)
    assert waits(db, deputy) == {}
    assert set(waits(db, town(CITY, Role.LEADER))) == {early, inside, late}


@pytest.mark.parametrize("ending", ["expiry", "revocation"])
def test_once_it_ended_the_deputy_can_do_nothing_more(db: Database, town: Town, clock: Clock, ending: str) -> None:
    held = named(db, town)
    document_id = before_mayor(db, town)
    mayor, deputy = town(CITY, Role.LEADER), town(CITY, Role.DEPUTY_LEADER)
    if ending == "expiry":
        clock.now += WEEK
    else:
        db.write_now(delegation.revoke, RevokeDelegation(held), mayor)
    assert waits(db, deputy) == {}
    stored = chain_of(db, document_id)
    for command in (verbs.Complete(seat_of(stored, mayor)), verbs.Return(seat_of(stored, mayor), "再改")):
        with pytest.raises(NotPermitted, match="到期或收回"):
            do(db, stored, command, deputy)
    assert db.read_now(papers.view, document_id, deputy).document.id == document_id  # what he was given he may read
    act(db, document_id, mayor)
    assert chain_of(db, document_id).chain.opinions[-1].by.on_behalf is None


def test_kinds_limit_it_and_upward_papers_must_be_named(db: Database, town: Town) -> None:
    clerk, leader = town(VILLAGE), town(VILLAGE, Role.LEADER)

    def sent() -> int:
        document_id = draft(db, request(), clerk)
        db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
        return document_id

    held = named(db, town, deputy=Role.CLERK, organ_id=VILLAGE)
    sent()
    assert waits(db, clerk) == {}  # 条例22: no upward paper by a delegation of everything
    db.write_now(delegation.revoke, RevokeDelegation(held), leader)
    named(db, town, deputy=Role.CLERK, organ_id=VILLAGE, kinds=frozenset({Kind.REQUEST}))
    document_id = sent()
    assert waits(db, clerk) == {document_id: True}
    found = db.read_now(delegation.deputies_for, (leader.post_id,), Kind.REQUEST, db.now())
    assert found == {leader.post_id: clerk.post_id}
    assert db.read_now(delegation.deputies_for, (leader.post_id,), Kind.NOTICE, db.now()) == {}


def test_what_was_given_cannot_be_given_on(db: Database, town: Town) -> None:
    named(db, town)
    named(db, town, by=Role.DEPUTY_LEADER, deputy=Role.HANDLER)
    document_id = before_mayor(db, town)
    handler = town(CITY, Role.HANDLER)
    assert waits(db, handler) == {}
    with pytest.raises(NotFound):
        db.write_now(approvals.act, approvals.Act(chain_of(db, document_id).id, verbs.Complete(1)), handler)
    deputy, mayor = town(CITY, Role.DEPUTY_LEADER), town(CITY, Role.LEADER)
    standing = Actor(deputy.person_id, mayor.post_id, CITY, Role.LEADER, on_behalf=mayor.post_id)
    command = CreateDelegation(handler.post_id, db.now(), db.now() + WEEK)
    with pytest.raises(NotPermitted, match="替别人办"):
        db.write_now(delegation.create, command, standing)


def test_what_cannot_be_a_delegation(db: Database, town: Town) -> None:
    mayor, now = town(CITY, Role.LEADER), db.now()

    def create(post_id: int, days: int = 7, *, by: Actor = mayor, kinds: frozenset[Kind] | None = None) -> None:
        db.write_now(delegation.create, CreateDelegation(post_id, now, now + timedelta(days=days), kinds), by)

    with pytest.raises(NotPermitted, match="只能委托本单位"):
        create(town(WATER, Role.LEADER).post_id)
    with pytest.raises(NotPermitted, match="管理员不能代办"):
        create(town(CITY, Role.SYSTEM_ADMIN).post_id)
    with pytest.raises(NotPermitted, match="管理员的权限"):
        create(mayor.post_id, by=town(CITY, Role.SYSTEM_ADMIN))
    with pytest.raises(Invalid, match="不能委托给自己"):
        create(mayor.post_id)
    with pytest.raises(Invalid, match="结束时间"):
        create(town(CITY).post_id, 0)
    with pytest.raises(Invalid, match="最多委托一年"):
        create(town(CITY).post_id, 367)
    with pytest.raises(Invalid, match="至少选一种"):
        create(town(CITY).post_id, kinds=frozenset())


def test_no_circle_no_overlap_no_long_line(db: Database, town: Town) -> None:
    named(db, town)
    with pytest.raises(Invalid, match="已经委托给别人"):
        named(db, town, deputy=Role.HANDLER)
    with pytest.raises(Invalid, match="转一圈"):
        named(db, town, by=Role.DEPUTY_LEADER, deputy=Role.LEADER)
    named(db, town, by=Role.DEPUTY_LEADER, deputy=Role.HANDLER)
    with pytest.raises(Invalid, match="接得太长"):
        named(db, town, by=Role.HANDLER, deputy=Role.CLERK)
    with pytest.raises(Invalid, match="接得太长"):
        named(db, town, by=Role.OFFICE_HEAD, deputy=Role.LEADER)


def test_both_sides_see_it_and_only_its_post_takes_it_back(db: Database, town: Town, clock: Clock) -> None:
    held = named(db, town, wait=timedelta(days=1))
    mayor, deputy = town(CITY, Role.LEADER), town(CITY, Role.DEPUTY_LEADER)
    for days, state in ((0, DelegationState.AHEAD), (1, DelegationState.RUNNING)):
        clock.pass_(days=days)
        for actor, own in ((mayor, True), (deputy, False)):
            (view,) = db.read_now(delegation.mine, actor)
            assert (view.id, view.state, view.mine) == (held, state, own)
    assert [p.id for p in db.read_now(delegation.acting_for, deputy)] == [mayor.post_id]
    for other in (deputy, town(CITY), town(WATER, Role.LEADER)):
        with pytest.raises(NotFound):
            db.write_now(delegation.revoke, RevokeDelegation(held), other)
    db.write_now(delegation.revoke, RevokeDelegation(held), mayor)
    assert db.read_now(delegation.mine, mayor)[0].state is DelegationState.REVOKED
    clock.pass_(days=8)
    with pytest.raises(WrongStage, match="到期"):
        db.write_now(delegation.revoke, RevokeDelegation(held), mayor)
    kinds = [row.kind for row in db.read_now(history.of_person, mayor.person_id)]
    assert kinds == ["DELEGATION_REVOKED", "DELEGATION_CREATED"]
