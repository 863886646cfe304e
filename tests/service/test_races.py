"""Races on both databases: one wins, the others are told; numbers are never taken twice."""

import asyncio
from collections import Counter

import pytest
from sqlalchemy import select

from office.domain import commands as verbs
from office.domain.chain import Verdict
from office.domain.errors import OfficeError, Stale, WrongStage
from office.domain.people import Role
from office.service import approvals, books, drafting, outgoing, tasks
from office.store import chains, history, numbers
from office.store.database import Database
from office.store.tables import number, task
from office.store.work import Work
from tests.service.steps import notice
from tests.town import CITY, Town

ACTORS = 50
WRITERS = 16
NUMBERS = 2_000


def at_sign_off(db: Database, town: Town) -> tuple[int, int, int]:
    """A document waiting for the mayor: (document, chain, seat)."""
    document_id = db.write_now(drafting.start, drafting.StartDraft(notice()), town(CITY))
    stored = db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), town(CITY))
    head = town(CITY, Role.OFFICE_HEAD)
    review = stored.chain.open_seats()[0][1].id
    db.write_now(approvals.act, approvals.Act(stored.id, verbs.Complete(review)), head)
    stored = db.read_now(chains.load, stored.id)
    return document_id, stored.id, stored.chain.open_seats()[0][1].id


async def test_fifty_act_on_one_step_and_exactly_one_wins(db: Database, town: Town) -> None:
    document_id, chain_id, seat = at_sign_off(db, town)
    mayor = town(CITY, Role.LEADER)

    async def one(i: int) -> str:
        command: verbs.Command = verbs.Complete(seat, Verdict.AGREE, f"同意{i}")
        if i % 2:
            command = verbs.Return(seat, f"退回{i}")
        try:
            await db.write(approvals.act, approvals.Act(chain_id, command), mayor)
        except (Stale, WrongStage) as refused:
            return refused.sentence
        return "won"

    said = Counter(await asyncio.gather(*(one(i) for i in range(ACTORS))))
    assert said["won"] == 1
    losers = [sentence for sentence in said if sentence != "won"]
    assert losers
    assert all("办过" in sentence or "不在" in sentence or "没有" in sentence for sentence in losers)
    stored = db.read_now(chains.load, chain_id)
    assert len([o for o in stored.chain.opinions if o.seat_id == seat]) == 1
    open_now = db.read_now(
        lambda work: work.execute(select(task.c.id).where(task.c.document_id == document_id, task.c.state == 0)).all()
    )
    assert len(open_now) == 1


async def test_a_double_press_has_one_effect_and_one_answer(db: Database, town: Town) -> None:
    _, chain_id, seat = at_sign_off(db, town)
    act = approvals.Act(chain_id, verbs.Complete(seat))
    answers = await asyncio.gather(
        *(db.write(tasks.act, act, town(CITY, Role.LEADER), "one-press") for _ in range(10)), return_exceptions=True
    )
    assert len({repr(answer) for answer in answers}) == 1
    assert isinstance(answers[0], tasks.Acted)


def take_number(work: Work, town: Town, document_id: int) -> int:
    return numbers.take(work, organ_id=CITY, word="咸政发", year=2026, document_id=document_id)


def take_and_fail(work: Work, town: Town, document_id: int) -> None:
    """A writer that takes a number and then cannot go on: the number must come back."""
    take_number(work, town, document_id)
    raise OfficeError("不办了")


async def test_sixteen_writers_take_two_thousand_numbers_without_gap_or_double(db: Database, town: Town) -> None:
    document_id = db.write_now(drafting.start, drafting.StartDraft(notice()), town(CITY))

    async def writer(count: int) -> list[int]:
        got = []
        for i in range(count):
            if i % 10 == 0:
                with pytest.raises(OfficeError):
                    await db.write(take_and_fail, town, document_id)
            got.append(await db.write(take_number, town, document_id))
        return got

    taken = [n for some in await asyncio.gather(*(writer(NUMBERS // WRITERS) for _ in range(WRITERS))) for n in some]
    assert sorted(taken) == list(range(1, NUMBERS + 1))
    stored = db.read_now(lambda work: work.execute(select(number.c.serial)).scalars().all())
    assert sorted(stored) == list(range(1, NUMBERS + 1))
    ledger, _ = db.read_now(books.ledger_book, town(CITY))
    assert ledger is not None
    assert ledger.missing == ()


async def test_sixteen_organs_write_history_at_once_and_every_chain_is_whole(db: Database, town: Town) -> None:
    by = [town(organ).organ_id for organ in (CITY, 2, 3, 4)]

    def note(work: Work, organ_id: int) -> None:
        history.record(work, history.Entry(kind="NOTED", by=history.By(organ_id)))

    await asyncio.gather(*(db.write(note, by[i % 4]) for i in range(200)))
    assert db.read_now(lambda work: history.verify(work.connection)) is None
