"""`evolve`: the chain after an event. A fact is never refused; replaying the events gives the stored state."""

from typing import assert_never

from office.domain.chain import (
    AFTER_NUMBER,
    Chain,
    ChainStage,
    Opinion,
    Purpose,
    ReturnMode,
    Seat,
    SeatState,
    Step,
    StepState,
    Undo,
)
from office.domain.chain_events import (
    BesideEvent,
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
    SeatEvent,
    SeatsClosed,
    SeatsOpened,
    SignerAdded,
    SignersRemoved,
    StepClosed,
    StepEvent,
    StepInserted,
    StepsSkipped,
    Supervised,
    TookBack,
    Withdrawn,
)
from office.domain.replacing import replace
from office.domain.rounds import renew, required_step, rerun, set_seats, undecided, unfinished, unsigned


def _opened(chain: Chain, event: SeatsOpened) -> Chain:
    step = required_step(chain, event.step_id)
    deputies = dict(event.seats)
    seats = tuple(
        replace(seat, state=SeatState.OPEN, deputy_id=deputies[seat.id], opened=event.at)
        if seat.id in deputies
        else seat
        for seat in step.seats
    )
    return replace(
        chain,
        steps=chain.steps_with(replace(step, seats=seats, state=StepState.OPEN)),
        position=chain.index(step.id),
        resume=None if chain.resume == step.id else chain.resume,
    )


def _acted(chain: Chain, event: SeatActed) -> Chain:
    step = required_step(chain, event.step_id)
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
            acted=chain.acted,
            granted=chain.granted,
            decided_by=chain.decided_by,
        )
    return replace(
        chain,
        steps=chain.steps_with(replace(step, seats=seats)),
        opinions=(*chain.opinions, opinion),
        undo=undo,
        acted=step.purpose is not Purpose.DRAFT,
        next_id=chain.next_id + 1,
    )


def _closed(chain: Chain, event: StepClosed) -> Chain:
    step = required_step(chain, event.step_id)
    return chain.with_step(replace(step, state=StepState.DONE, agreed=event.agreed, closed=event.at))


def _undo_of_return(before: Chain, after: Chain, opinion: Opinion | None) -> Undo | None:
    undo = before.undo  # of the act that disagreed
    if opinion is not None:
        undo = Undo(
            step=before.steps[before.position],
            position=before.position,
            resume=before.resume,
            by_post_id=opinion.by.post_id,
            opinion_id=opinion.id,
            signed_hash=before.signed_hash,
            proposal=before.proposal,
            acted=before.acted,
            granted=before.granted,
            decided_by=before.decided_by,
        )
    if undo is None:
        return None
    changed = tuple(old for old in before.steps if old.id != undo.step.id and after.step(old.id) != old)
    return replace(undo, others=changed)


def _returned(chain: Chain, event: Returned) -> Chain:
    target = chain.index(event.to_step)
    here = chain.steps[chain.position].id
    straight = event.mode is ReturnMode.STRAIGHT_BACK
    after = chain
    if event.opinion is not None:
        after = replace(chain, opinions=(*chain.opinions, event.opinion), next_id=chain.next_id + 1)
    after = undecided(unsigned(after, target), target)
    after = renew(after, (event.to_step, here)) if straight else rerun(after, target)
    undo = _undo_of_return(chain, after, event.opinion)
    return replace(after, position=target, resume=here if straight else None, undo=undo, acted=True)


def _withdrawn(chain: Chain) -> Chain:
    return replace(rerun(chain, 0), position=0, resume=None, undo=None, acted=False, signed_hash=None)


def _took_back(chain: Chain) -> Chain:
    undo = chain.undo
    if undo is None:
        return chain
    before = {step.id: step for step in (undo.step, *undo.others)}
    after = replace(chain, steps=tuple(step for step in chain.steps if step.id not in undo.inserted))
    current = chain.current
    if current is not None and current.id not in before and current.id not in undo.inserted:
        after = renew(after, (current.id,))
    steps = tuple(
        replace(step, state=StepState.WAITING) if step.id in undo.skipped else before.get(step.id, step)
        for step in after.steps
    )
    said = tuple(replace(o, taken_back=True) if undo.opinion_id in (o.id, o.corrects) else o for o in after.opinions)
    return replace(
        after,
        steps=steps,
        position=undo.position,
        resume=undo.resume,
        opinions=said,
        signed_hash=undo.signed_hash,
        proposal=undo.proposal,
        acted=undo.acted,
        granted=undo.granted,
        decided_by=undo.decided_by,
        undo=None,
    )


def _drafted_by(chain: Chain, step: Step, seat: Seat | None, post_id: int) -> Chain:
    """Whoever holds the draft is its drafter: withdrawing and ending are his now."""
    if step.purpose is not Purpose.DRAFT or seat is None or seat.post_id != chain.drafter_post_id:
        return chain
    return replace(chain, drafter_post_id=post_id)


def _handed_over(chain: Chain, event: HandedOver) -> Chain:
    step = set_seats(required_step(chain, event.step_id), (event.from_seat,), SeatState.HANDED_OVER)
    chain = _drafted_by(chain, step, step.seat(event.from_seat), event.to_seat.post_id)
    at = next(i for i, seat in enumerate(step.seats) if seat.id == event.from_seat)
    seats = (*step.seats[: at + 1], event.to_seat, *step.seats[at + 1 :])
    return replace(chain.with_step(replace(step, seats=seats)), next_id=chain.next_id + 1, undo=None)


def _signer_added(chain: Chain, event: SignerAdded) -> Chain:
    step = required_step(chain, event.step_id)
    if event.seat.parent is not None:
        step = set_seats(step, (event.seat.parent,), SeatState.WAITING)
    step = replace(step, seats=(*step.seats, event.seat))
    return replace(chain.with_step(step), next_id=chain.next_id + 1, undo=None)


def _inserted(chain: Chain, event: StepInserted) -> Chain:
    at = chain.index(event.after_step) + 1
    steps = (*chain.steps[:at], event.step, *chain.steps[at:])
    asked = event.step.purpose is Purpose.ADDED  # 后加签 is somebody's next act, an assignment is part of the last
    kept = None if asked else chain.undo
    undo = replace(kept, inserted=(*kept.inserted, event.step.id)) if kept else None
    return replace(chain, steps=steps, undo=undo, next_id=chain.next_id + 1 + len(event.step.seats))


def _skipped(chain: Chain, event: StepsSkipped) -> Chain:
    ids = event.step_ids
    steps = tuple(replace(s, state=StepState.SKIPPED) if s.id in ids else s for s in chain.steps)
    decided = tuple(s.id for s in chain.steps if s.id in ids and s.purpose is not Purpose.ADDED)
    undo = replace(chain.undo, skipped=(*chain.undo.skipped, *decided)) if chain.undo else None
    return replace(chain, steps=steps, undo=undo)


def _redirected(chain: Chain, event: Redirected) -> Chain:
    target = chain.index(event.to_step)
    if target <= chain.position:
        after = rerun(undecided(unsigned(chain, target), target), target)
    else:
        here = chain.steps[chain.position]
        left = replace(set_seats(here, unfinished(here), SeatState.CLOSED), state=StepState.SKIPPED)
        jumped = chain.steps[chain.position + 1 : target]
        skipped = StepsSkipped(tuple(step.id for step in jumped if step.state is StepState.WAITING))
        after = _skipped(renew(chain, (event.to_step,)).with_step(left), skipped)
    return replace(after, position=target, resume=None, undo=None, acted=True)


def _reassigned(chain: Chain, event: Reassigned) -> Chain:
    step = required_step(chain, event.step_id)
    seats = tuple(
        replace(seat, post_id=event.to_post, organ_id=event.to_organ, deputy_id=event.deputy_id, claimed_by=None)
        if seat.id == event.seat_id
        else seat
        for seat in step.seats
    )
    chain = _drafted_by(chain, step, step.seat(event.seat_id), event.to_post)
    return replace(chain.with_step(replace(step, seats=seats)), undo=None)


def _claimed(chain: Chain, event: Claimed) -> Chain:
    step = required_step(chain, event.step_id)
    others = tuple(s.id for s in step.live() if s.id != event.seat_id)
    closed = set_seats(step, others, SeatState.CLOSED)
    seats = tuple(replace(s, claimed_by=event.by.person_id) if s.id == event.seat_id else s for s in closed.seats)
    return replace(chain.with_step(replace(closed, seats=seats)), undo=None)


def _reopened(chain: Chain) -> Chain:
    target = next(i for i, step in enumerate(chain.steps) if step.purpose is Purpose.SIGN_OFF)
    after = rerun(chain, target)
    return replace(after, position=target, resume=None, undo=None, signed_hash=None, acted=True)


def _ended(chain: Chain, event: ChainEnded) -> Chain:
    ended = replace(chain, stage=event.stage, end_reason=event.reason, undo=None, resume=None)
    current = chain.current
    if current is None or event.stage is ChainStage.DONE:
        return replace(ended, position=len(chain.steps))
    return ended.with_step(set_seats(current, unfinished(current), SeatState.CLOSED))


def _read(chain: Chain, event: ReaderRead) -> Chain:
    readers = tuple(replace(r, read_at=event.at) if r.id == event.reader_id else r for r in chain.readers)
    return replace(chain, readers=readers)


def _of_seats(chain: Chain, event: SeatEvent) -> Chain:  # noqa: C901 - one arm an event, nothing else
    match event:
        case SeatsOpened():
            return _opened(chain, event)
        case SeatActed():
            return _acted(chain, event)
        case SeatsClosed():
            return chain.with_step(set_seats(required_step(chain, event.step_id), event.seat_ids, SeatState.CLOSED))
        case HandedOver():
            return _handed_over(chain, event)
        case SignerAdded():
            return _signer_added(chain, event)
        case SignersRemoved():
            removed = set_seats(required_step(chain, event.step_id), event.seat_ids, SeatState.REMOVED)
            return replace(chain.with_step(removed), undo=None)
        case Claimed():
            return _claimed(chain, event)
        case Reassigned():
            return _reassigned(chain, event)
        case _:
            assert_never(event)


def _of_steps(chain: Chain, event: StepEvent) -> Chain:  # noqa: C901 - one arm an event, nothing else
    match event:
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
        case Redirected():
            return _redirected(chain, event)
        case ContentReopened():
            return _reopened(chain)
        case ChainEnded():
            return _ended(chain, event)
        case _:
            assert_never(event)


def _beside(chain: Chain, event: BesideEvent) -> Chain:  # noqa: C901 - one arm an event, nothing else
    match event:
        case ContentSigned():
            return replace(chain, signed_hash=event.content_hash)
        case ProposalMade():
            return replace(chain, proposal=event.proposal)
        case RequestDecided():
            return replace(chain, granted=event.granted, decided_by=event.organ_id)
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
        case _:
            assert_never(event)


def evolve(chain: Chain, event: Event) -> Chain:
    """The chain after `event`; pure, total, never refuses."""
    if isinstance(event, ChainStarted):
        return event.chain
    if isinstance(event, SeatEvent):
        return _of_seats(chain, event)
    if isinstance(event, StepEvent):
        return _of_steps(chain, event)
    return _beside(chain, event)
