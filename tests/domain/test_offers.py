"""What is offered follows the matrix of verbs by kinds of step."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from office.domain.chain import Chain, ChainPurpose, Purpose, Seat, SeatRole, SeatState, Step, StepKind, StepState
from office.domain.document import Kind
from office.domain.matrix import Verb, refusal
from office.domain.offers import offers
from office.domain.people import Actor, Role

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
ME = Actor(1, 1, 7, Role.OFFICE_HEAD, "甲", "主任")
BY_SEAT = (Verb.RETURN, Verb.HAND_OVER, Verb.ADD_SIGNER, Verb.CLAIM, Verb.SUPERVISE, Verb.RETURN_DOCUMENT, Verb.REFUSE)


def chain(kind: StepKind, purpose: Purpose = Purpose.HANDLE) -> Chain:
    """A received paper that was registered by me and is now on a step of that kind that I hold with another."""
    done = Seat(2, 1, 7, state=SeatState.DONE, opened=AT)
    registered = Step(1, 7, Purpose.REGISTER, StepKind.SINGLE, (done,), StepState.DONE, agreed=True)
    mine, other = (SeatRole.LEAD, SeatRole.CO) if kind is StepKind.LEAD else (SeatRole.MEMBER, SeatRole.MEMBER)
    seats = [Seat(4, 1, 7, mine, SeatState.OPEN, opened=AT), Seat(5, 3, 7, other, SeatState.OPEN, opened=AT)]
    if kind in (StepKind.SINGLE, StepKind.EXCHANGE):
        seats = seats[:1]
    step = Step(3, 7, purpose, kind, tuple(seats), StepState.OPEN)
    return Chain(ChainPurpose.INCOMING, 7, Kind.NOTICE, 1, (registered, step), position=1)


@pytest.mark.parametrize("kind", list(StepKind))
def test_a_refused_cell_is_never_offered(kind: StepKind) -> None:
    offered = offers(chain(kind), by=ME, at=AT, seat_id=4)
    assert not [verb for verb in Verb if verb.name in offered and refusal(verb, kind) is not None]
    works = {v for v in (Verb.RETURN, Verb.HAND_OVER, Verb.ADD_SIGNER, Verb.SUPERVISE) if refusal(v, kind) is None}
    assert {verb for verb in works if verb.name not in offered} == set()


def test_without_a_seat_nothing_of_the_step_is_offered() -> None:
    offered = offers(chain(StepKind.SINGLE), by=ME, at=AT, seat_id=None)
    assert not [verb for verb in BY_SEAT if verb is not Verb.SUPERVISE and verb.name in offered]
    assert "COMPLETE" not in offered


def test_the_lead_is_not_offered_to_close_before_the_others() -> None:
    waiting = chain(StepKind.LEAD)
    assert "COMPLETE" not in offers(waiting, by=ME, at=AT, seat_id=4)
    assert offers(waiting, by=ME, at=AT, seat_id=4).removable == {5}
    step = waiting.steps[1]
    lead, other = step.seats
    done = replace(step, seats=(lead, replace(other, state=SeatState.DONE)))
    assert "COMPLETE" in offers(waiting.with_step(done), by=ME, at=AT, seat_id=4)


def test_there_is_no_disagreeing_with_what_is_only_done() -> None:
    plain = offers(chain(StepKind.SINGLE, Purpose.REGISTER), by=ME, at=AT, seat_id=4)
    assert [str(verdict) for verdict in plain.verdicts] == ["AGREE", "TICK"]
    assert "REFUSE" not in plain
    assert "RETURN_DOCUMENT" in plain
