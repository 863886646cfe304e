"""`evolve`: the chain after an event. A fact is never refused; replaying the events gives the stored state."""

from dataclasses import replace
from typing import assert_never

from office.domain.chain import (
    AFTER_NUMBER,
    Chain,
    ChainStage,
    Purpose,
    ReturnMode,
    SeatState,
    Step,
    StepState,
    Undo,
    fresh,
)
from office.domain.chain_events import (
    ChainEnded,
    ChainStarted,
    Circulated,
    Claimed,
    ContentReopened,
    ContentSigned,
    Event,
    HandedOver,
    OpinionCorrected,
    ProposalMade,
    ReaderRead,
    Reassigned,
    Redirected,
    Reminded,
    RequestDecided,
    Returned,
    SeatActed,
    SeatsClosed,
    SeatsOpened,
    SignerAdded,
    SignersRemoved,
    StepClosed,
    StepInserted,
    StepsSkipped,
    Supervised,
    TookBack,
    Withdrawn,
)


def _set_seats(step: Step, ids: tuple[int, ...], state: SeatState) -> Step:
    return replace(step, seats=tuple(replace(s, state=state) if s.id in ids else s for s in step.seats))


def _required(chain: Chain, step_id: int) -> Step:
    step = chain.step(step_id)
    if step is None:  # an event of this chain always names a step of it
        raise LookupError(step_id)
    return step


def _opened(chain: Chain, event: SeatsOpened) -> Chain:
    step = _required(chain, event.step_id)
    deputies = dict(event.seats)
    seats = tuple(
        replace(seat, state=SeatState.OPEN, deputy_id=deputies[seat.id], opened=event.at)
        if seat.id in deputies
        else seat
        for seat in step.seats
    )
    opened = chain.with_step(replace(step, seats=seats, state=StepState.OPEN))
    resume = None if chain.resume == step.id else chain.resume
    return replace(opened, position=chain.index(step.id), resume=resume)


def _acted(chain: Chain, event: SeatActed) -> Chain:
    step = _required(chain, event.step_id)
    opinion = event.opinion
    seats = tuple(
        replace(seat, state=SeatState.DONE, verdict=opinion.verdict) if seat.id == event.seat_id else seat
        for seat in step.seats
    )
    undo = None
    if step.purpose not in AFTER_NUMBER:
        undo = Undo(
            step=step,
            position=chain.position,
            resume=chain.resume,
            by_post_id=opinion.by.post_id,
            opinion_id=opinion.id,
            signed_hash=chain.signed_hash,
            proposal=chain.proposal,
        )
    return replace(
        chain.with_step(replace(step, seats=seats)),
        opinions=(*chain.opinions, opinion),
        undo=undo,
        acted=step.purpose is not Purpose.DRAFT,
        next_id=chain.next_id + 1,
    )


def _closed(chain: Chain, event: StepClosed) -> Chain:
    step = _required(chain, event.step_id)
    return chain.with_step(replace(step, state=StepState.DONE, agreed=event.agreed, closed=event.at))


def renew(chain: Chain, steps: tuple[int, ...]) -> Chain:
    """Those steps as new, for another round; skipped ones stay skipped."""
    for step_id in steps:
        step = _required(chain, step_id)
        if step.state is not StepState.SKIPPED:
            again = fresh(step, first_id=chain.next_id)
            chain = replace(chain.with_step(again), next_id=chain.next_id + len(again.seats))
    return chain


def between(chain: Chain, first: int, last: int) -> tuple[int, ...]:
    """Ids of the steps at positions first..last, both included."""
    return tuple(step.id for step in chain.steps[first : last + 1])


def unsigned(chain: Chain, target: int) -> Chain:
    """Going back to sign-off or before it takes the frozen hash away."""
    signing = [i for i, step in enumerate(chain.steps) if step.purpose is Purpose.SIGN_OFF]
    return replace(chain, signed_hash=None) if signing and target <= signing[0] else chain


def _returned(chain: Chain, event: Returned) -> Chain:
    target = chain.index(event.to_step)
    here = chain.position
    chain = unsigned(chain, target)
    straight = event.mode is ReturnMode.STRAIGHT_BACK
    again = (event.to_step, chain.steps[here].id) if straight else between(chain, target, here)
    after = renew(chain, again)
    if event.opinion is not None:
        after = replace(after, opinions=(*after.opinions, event.opinion), next_id=after.next_id + 1)
    return replace(after, position=target, resume=chain.steps[here].id if straight else None, undo=None, acted=True)


def _withdrawn(chain: Chain) -> Chain:
    after = renew(chain, between(chain, 0, chain.position))
    return replace(after, position=0, resume=None, undo=None, acted=False, signed_hash=None)


def _undoes_decision(undo: Undo) -> bool:
    return undo.step.purpose is Purpose.INSTRUCT


def _took_back(chain: Chain) -> Chain:
    undo = chain.undo
    if undo is None:
        return chain
    steps = tuple(step for step in chain.steps if step.id not in undo.inserted)
    after = (
        replace(chain, steps=steps, granted=None, decided_by=None)
        if _undoes_decision(undo)
        else replace(chain, steps=steps)
    )
    current = chain.current
    if current is not None and current.id != undo.step.id and current.id not in undo.inserted:
        after = renew(after, (current.id,))
    for step in after.steps:
        if step.id in undo.skipped:
            after = after.with_step(replace(step, state=StepState.WAITING))
    opinions = tuple(replace(o, taken_back=True) if o.id == undo.opinion_id else o for o in after.opinions)
    return replace(
        after.with_step(undo.step),
        position=undo.position,
        resume=undo.resume,
        opinions=opinions,
        signed_hash=undo.signed_hash,
        proposal=undo.proposal,
        undo=None,
    )


def _handed_over(chain: Chain, event: HandedOver) -> Chain:
    step = _set_seats(_required(chain, event.step_id), (event.from_seat,), SeatState.CLOSED)
    at = next(i for i, seat in enumerate(step.seats) if seat.id == event.from_seat)
    seats = (*step.seats[: at + 1], event.to_seat, *step.seats[at + 1 :])
    return replace(chain.with_step(replace(step, seats=seats)), next_id=chain.next_id + 1, undo=None)


def _signer_added(chain: Chain, event: SignerAdded) -> Chain:
    step = _required(chain, event.step_id)
    if event.seat.parent is not None:
        step = _set_seats(step, (event.seat.parent,), SeatState.WAITING)
    step = replace(step, seats=(*step.seats, event.seat))
    return replace(chain.with_step(step), next_id=chain.next_id + 1, undo=None)


def _inserted(chain: Chain, event: StepInserted) -> Chain:
    at = chain.index(event.after_step) + 1
    steps = (*chain.steps[:at], event.step, *chain.steps[at:])
    undo = replace(chain.undo, inserted=(*chain.undo.inserted, event.step.id)) if chain.undo else None
    return replace(chain, steps=steps, undo=undo, next_id=chain.next_id + 1 + len(event.step.seats))


def _skipped(chain: Chain, event: StepsSkipped) -> Chain:
    ids = event.step_ids
    steps = tuple(replace(s, state=StepState.SKIPPED) if s.id in ids else s for s in chain.steps)
    undo = replace(chain.undo, skipped=(*chain.undo.skipped, *ids)) if chain.undo else None
    return replace(chain, steps=steps, undo=undo)


def _redirected(chain: Chain, event: Redirected) -> Chain:
    target = chain.index(event.to_step)
    again = between(chain, min(target, chain.position), max(target, chain.position))
    after = unsigned(renew(chain, again if target <= chain.position else (event.to_step,)), target)
    if target > chain.position:
        here = _required(after, chain.steps[chain.position].id)
        live = tuple(seat.id for seat in here.seats if seat.state in (SeatState.OPEN, SeatState.WAITING))
        left = replace(_set_seats(here, live, SeatState.CLOSED), state=StepState.SKIPPED)
        skipped = between(chain, chain.position + 1, target - 1)
        after = _skipped(after.with_step(left), StepsSkipped(skipped))
    return replace(after, position=target, resume=None, undo=None, acted=True)


def _reassigned(chain: Chain, event: Reassigned) -> Chain:
    step = _required(chain, event.step_id)
    seats = tuple(
        replace(seat, post_id=event.to_post, organ_id=event.to_organ, deputy_id=event.deputy_id, claimed_by=None)
        if seat.id == event.seat_id
        else seat
        for seat in step.seats
    )
    return replace(chain.with_step(replace(step, seats=seats)), undo=None)


def _claimed(chain: Chain, event: Claimed) -> Chain:
    step = _required(chain, event.step_id)
    others = tuple(s.id for s in step.live() if s.id != event.seat_id)
    closed = _set_seats(step, others, SeatState.CLOSED)
    seats = tuple(replace(s, claimed_by=event.by.person_id) if s.id == event.seat_id else s for s in closed.seats)
    return replace(chain.with_step(replace(closed, seats=seats)), undo=None)


def _reopened(chain: Chain) -> Chain:
    target = next(i for i, step in enumerate(chain.steps) if step.purpose is Purpose.SIGN_OFF)
    after = renew(chain, between(chain, target, chain.position))
    return replace(after, position=target, resume=None, undo=None, signed_hash=None, acted=True)


def _ended(chain: Chain, event: ChainEnded) -> Chain:
    ended = replace(chain, stage=event.stage, end_reason=event.reason, undo=None, resume=None)
    current = chain.current
    if current is None or event.stage is ChainStage.DONE:
        return replace(ended, position=len(chain.steps))
    live = tuple(seat.id for seat in current.seats if seat.state in (SeatState.OPEN, SeatState.WAITING))
    return ended.with_step(_set_seats(current, live, SeatState.CLOSED))


def _read(chain: Chain, event: ReaderRead) -> Chain:
    readers = tuple(replace(r, read_at=event.at) if r.id == event.reader_id else r for r in chain.readers)
    return replace(chain, readers=readers)


def evolve(chain: Chain, event: Event) -> Chain:  # noqa: C901 - one arm an event, nothing else
    """The chain after `event`; pure, total, never refuses."""
    match event:
        case ChainStarted():
            return event.chain
        case SeatsOpened():
            return _opened(chain, event)
        case SeatActed():
            return _acted(chain, event)
        case SeatsClosed():
            return chain.with_step(_set_seats(_required(chain, event.step_id), event.seat_ids, SeatState.CLOSED))
        case StepClosed():
            return _closed(chain, event)
        case StepsSkipped():
            return _skipped(chain, event)
        case StepInserted():
            return _inserted(chain, event)
        case Returned():
            return _returned(chain, event)
        case Withdrawn():
            return _withdrawn(chain)
        case TookBack():
            return _took_back(chain)
        case HandedOver():
            return _handed_over(chain, event)
        case SignerAdded():
            return _signer_added(chain, event)
        case SignersRemoved():
            removed = _set_seats(_required(chain, event.step_id), event.seat_ids, SeatState.REMOVED)
            return replace(chain.with_step(removed), undo=None)
        case Claimed():
            return _claimed(chain, event)
        case Redirected():
            return _redirected(chain, event)
        case Reassigned():
            return _reassigned(chain, event)
        case Reminded():
            return replace(chain, reminded_at=event.at)
        case Supervised():
            return replace(chain, supervision=event.supervision)
        case Circulated():
            readers = (*chain.readers, *event.readers)
            return replace(chain, readers=readers, next_id=chain.next_id + len(event.readers))
        case ReaderRead():
            return _read(chain, event)
        case OpinionCorrected():
            return replace(chain, opinions=(*chain.opinions, event.opinion), next_id=chain.next_id + 1)
        case ContentSigned():
            return replace(chain, signed_hash=event.content_hash)
        case ContentReopened():
            return _reopened(chain)
        case ProposalMade():
            return replace(chain, proposal=event.proposal)
        case RequestDecided():
            return replace(chain, granted=event.granted, decided_by=event.organ_id)
        case ChainEnded():
            return _ended(chain, event)
        case _:
            assert_never(event)
