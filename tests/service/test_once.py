"""A command that is sent twice has one effect and one answer; nobody repeats another person's command."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from office.domain import commands as verbs
from office.domain.errors import NotPermitted, Stale
from office.domain.people import Role
from office.service import approvals, outgoing, tasks
from office.store import chains, commands
from office.store.database import Database
from office.store.history import count
from office.store.work import Work
from tests.conftest import Clock
from tests.service.steps import chain_of, draft, notice, seat_of
from tests.town import CITY, Town


def counting() -> tuple[list[int], Callable[[Work, str, int], int]]:
    """A use case that notes how often it really ran, and runs under a command id."""
    ran: list[int] = []

    def effect() -> int:
        ran.append(1)
        return len(ran)

    return ran, lambda work, key, person: commands.once(work, key, person, int, effect)


def to_review(db: Database, town: Town) -> approvals.Act:
    """The office head's next act."""
    document_id = draft(db, notice(), town(CITY))
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), town(CITY))
    stored = chain_of(db, document_id)
    return approvals.Act(stored.id, verbs.Complete(seat_of(stored, town(CITY, Role.OFFICE_HEAD))))


def test_the_same_command_acts_once_and_answers_alike(db: Database, town: Town) -> None:
    act, head = to_review(db, town), town(CITY, Role.OFFICE_HEAD)
    first = db.write_now(tasks.act, act, head, "press-1")
    events = db.read_now(lambda work: count(work.connection))
    assert db.write_now(tasks.act, act, head, "press-1") == first
    assert db.read_now(lambda work: count(work.connection)) == events
    with pytest.raises(Exception, match="办过"):
        db.write_now(tasks.act, act, head, "press-2")


def test_another_persons_command_is_refused_and_tells_nothing(db: Database, town: Town) -> None:
    act, head = to_review(db, town), town(CITY, Role.OFFICE_HEAD)
    db.write_now(tasks.act, act, head, "press-1")
    with pytest.raises(NotPermitted, match="不是您发起的"):
        db.write_now(tasks.act, act, town(CITY, Role.LEADER), "press-1")


def test_a_refused_command_may_be_sent_again(db: Database, town: Town) -> None:
    act, head = to_review(db, town), town(CITY, Role.OFFICE_HEAD)
    early = approvals.Act(act.chain_id, verbs.Return(act.command.seat_id, ""))  # type: ignore[union-attr]
    with pytest.raises(Exception, match="写明理由"):
        db.write_now(tasks.act, early, head, "press-1")
    assert db.write_now(tasks.act, act, head, "press-1").purpose == "SIGN_OFF"


def test_without_an_id_and_with_another_it_runs_again(db: Database) -> None:
    ran, once = counting()
    answers = [db.write_now(once, key, 7) for key in ("", "", "a", "a", "b", "x" * 500, "x" * 500)]
    assert answers == [1, 2, 3, 3, 4, 5, 5]
    assert len(ran) == 5


def test_answers_are_kept_for_a_while_and_then_forgotten(db: Database, clock: Clock) -> None:
    ran, once = counting()
    db.write_now(once, "a", 7)
    clock.pass_(days=3)
    db.write_now(once, "b", 7)
    assert db.write_now(commands.forget, clock.now - timedelta(days=2)) == 1
    db.write_now(once, "a", 7)
    assert len(ran) == 3


def test_whoever_saw_an_older_state_is_told_so(db: Database, town: Town) -> None:
    act, head, mayor = to_review(db, town), town(CITY, Role.OFFICE_HEAD), town(CITY, Role.LEADER)
    seen = db.read_now(chains.load, act.chain_id).version
    db.write_now(tasks.act, replace(act, version=seen), head)
    now = db.read_now(chains.load, act.chain_id)
    sign = approvals.Act(act.chain_id, verbs.Complete(seat_of(now, mayor)), seen)
    with pytest.raises(Stale, match="刚才已有人办过"):
        db.write_now(tasks.act, sign, mayor)
    assert db.write_now(tasks.act, replace(sign, version=now.version), mayor).purpose == "RECHECK"
