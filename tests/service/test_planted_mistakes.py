"""Mistakes planted in use cases and store, one after another: each check passes without it and fails with it."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import pytest

from office.domain import commands as verbs
from office.domain import verbs_seats
from office.domain.document import Selection
from office.domain.errors import NotFound, NotPermitted, WrongStage
from office.domain.organs import Level
from office.domain.people import Role
from office.service import access, drafting, exchange, outgoing, papers, receiving, voiding
from office.store import chains, documents, history, numbers, receipts
from office.store.database import Database
from tests.domain.planting import plant
from tests.service.steps import (
    act,
    chain_of,
    draft,
    issued,
    notice,
    numbered,
    open_tasks,
    receipt_of,
    request,
    sign_for,
    signed,
)  # fmt: skip
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, Town, build

Check = Callable[[Database, Town], None]


def below_the_reach(db: Database, town: Town) -> None:
    document_id = issued(db, town, content=notice(principals=Selection((COUNTY,)), reach=Level.COUNTY))
    sign_for(db, document_id, town, COUNTY)
    with suppress(NotPermitted):
        db.write_now(exchange.forward, exchange.Forward(document_id), town(COUNTY))
    assert [r.organ_id for r in db.read_now(receipts.of_document, document_id)] == [COUNTY]


def a_draft_is_its_drafters(db: Database, town: Town) -> None:
    document_id = draft(db, request(), town(VILLAGE))
    for other in (town(VILLAGE, Role.LEADER), town(OTHER_VILLAGE)):
        with pytest.raises(NotFound):
            raise_or(partial(db.read_now, papers.view, document_id, other))


def raise_or(question: Callable[[], object]) -> None:
    """An answer is a failure here."""
    question()
    raise AssertionError("answered")


def revoking_stops_every_task(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    sign_for(db, document_id, town, TOWN)
    command = voiding.VoidDocument(document_id, revoked=True, reason="不当")
    db.write_now(voiding.void, command, town(CITY, Role.LEADER))
    assert open_tasks(db, document_id) == []


def history_is_whole(db: Database, town: Town) -> None:
    issued(db, town)
    assert db.read_now(lambda work: history.verify(work.connection)) is None


def a_number_is_taken_once(db: Database, town: Town) -> None:
    first = numbered(db, town)
    db.write_now(voiding.void_number, voiding.VoidNumber(first, "不发了"), town(CITY))
    numbered(db, town)
    book = db.read_now(lambda work: numbers.book(work, organ_id=CITY, word="咸政发", year=2026))
    assert [(line.serial, line.voided_at is not None) for line in book] == [(2, False), (1, True)]


def a_number_waits_for_the_recheck(db: Database, town: Town) -> None:
    document_id = signed(db, town)
    with suppress(WrongStage):
        db.write_now(outgoing.assign_number, outgoing.OnStep(chain_of(db, document_id).id), town(CITY))
    assert db.read_now(documents.load, document_id).number == ""


def changed(db: Database, document_id: int, town: Town) -> None:
    """The content after sign-off, without telling the signatory."""
    command = drafting.Amendment(document_id, notice(title="改过的通知"), "")
    db.write_now(drafting.write_amended, command, town(CITY))


def changed_content_is_not_sealed(db: Database, town: Town) -> None:
    document_id = numbered(db, town)
    changed(db, document_id, town)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    with pytest.raises(WrongStage):
        raise_or(lambda: db.read_now(outgoing.seal_job, step, town(CITY)))


def changed_content_is_not_rechecked(db: Database, town: Town) -> None:
    document_id = signed(db, town)
    changed(db, document_id, town)
    with pytest.raises(WrongStage):
        raise_or(lambda: act(db, document_id, town(CITY)))


def everybody_gets_it_once(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    kinds = [kind for _, kind in open_tasks(db, document_id)]
    assert kinds == ["RECEIVE"] * 4


def the_source_hears_of_a_return(db: Database, town: Town) -> None:
    document_id = issued(db, town)
    command = verbs.ReturnDocument(0, verbs.ReturnReason.NOT_OURS, "不归我们")
    asked = exchange.ActOnReceipt(receipt_of(db, document_id, TOWN).id, command)
    db.write_now(exchange.act_on_receipt, asked, town(TOWN))
    assert (town(CITY).post_id, "RETURNED") in open_tasks(db, document_id)


def a_task_ends_when_it_was_done(db: Database, town: Town) -> None:
    document_id = signed(db, town)
    act(db, document_id, town(CITY))
    assert [kind for _, kind in open_tasks(db, document_id)] == ["NUMBER"]


@dataclass(frozen=True, slots=True)
class Mistake:
    """Where it is planted, and which check must find it."""

    module: ModuleType
    function: str
    right: str
    wrong: str
    check: Check


MISTAKES = (
    Mistake(exchange, "forward", "found.reach < below", "found.reach < 1", below_the_reach),
    Mistake(access, "may_see", 'and found.stage != "DRAFT"', "", a_draft_is_its_drafters),
    Mistake(voiding, "void", "receipts.close_document_tasks(work, found.id)", "None", revoking_stops_every_task),
    Mistake(history, "record", "new = hash_of((seq, prev,", "new = hash_of((seq, GENESIS,", history_is_whole),
    Mistake(numbers, "void", "values(voided_at=work.now, void_reason=reason)", "values(void_reason=reason)",
            a_number_is_taken_once),
    Mistake(outgoing, "_at", "current.purpose is not purpose", "False", a_number_waits_for_the_recheck),
    Mistake(outgoing, "seal_job", "stored.chain.signed_hash is None or stored.chain.signed_hash != now or "
            "found.signed_hash != now", "False", changed_content_is_not_sealed),
    Mistake(receipts, "deliver", ".where(where, ~there)", ".where(where & (organ.c.id > 4))", everybody_gets_it_once),
    Mistake(receiving, "_returned", "tell_source(", "(lambda *a, **k: None)(", the_source_hears_of_a_return),
    Mistake(chains, "save", "sync_tasks(work, stored, after)", "None", a_task_ends_when_it_was_done),
    Mistake(verbs_seats, "_check_complete", "turn.chain.signed_hash != command.content_hash",
            "turn.chain.signed_hash is None", changed_content_is_not_rechecked),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.function)
def test_a_planted_mistake_is_found(mistake: Mistake, sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    town = sqlite_db.write_now(build)
    with monkeypatch.context() as patch:
        plant(patch, mistake.module, mistake.function, mistake.right, mistake.wrong)
        with pytest.raises(AssertionError):
            mistake.check(sqlite_db, town)


@pytest.mark.parametrize("check", list(dict.fromkeys(m.check for m in MISTAKES)))
def test_each_check_passes_as_things_are(check: Check, db: Database, town: Town) -> None:
    check(db, town)
