"""Going back: which steps run another round, and what signed or decided is taken away with it."""

from office.domain.chain import Chain, Purpose, SeatState, Step, StepState, fresh
from office.domain.replacing import replace


def set_seats(step: Step, ids: tuple[int, ...], state: SeatState) -> Step:
    """The step with those seats in that state."""
    return replace(step, seats=tuple(replace(s, state=state) if s.id in ids else s for s in step.seats))


def unfinished(step: Step) -> tuple[int, ...]:
    """The seats that have not acted and are still asked."""
    return tuple(seat.id for seat in step.seats if seat.state in (SeatState.OPEN, SeatState.WAITING))


def required_step(chain: Chain, step_id: int) -> Step:
    """The step an event names; LookupError when the event is not of this chain."""
    step = chain.step(step_id)
    if step is None:  # an event of this chain always names a step of it
        raise LookupError(step_id)
    return step


def renew(chain: Chain, steps: tuple[int, ...]) -> Chain:
    """Those steps as new, for another round; skipped ones stay skipped."""
    for step_id in steps:
        step = required_step(chain, step_id)
        if step.state is not StepState.SKIPPED:
            again = fresh(step, first_id=chain.next_id)
            chain = replace(chain.with_step(again), next_id=chain.next_id + len(again.seats))
    return chain


def rerun(chain: Chain, target: int) -> Chain:
    """The step at `target` and whatever was begun after it as new, so that all of it runs again, in order."""
    begun = (StepState.OPEN, StepState.DONE)
    return renew(chain, tuple(step.id for step in chain.steps[target:] if step.state in begun))


def unsigned(chain: Chain, target: int) -> Chain:
    """Going back to sign-off or before it takes the frozen hash away."""
    signing = [i for i, step in enumerate(chain.steps) if step.purpose is Purpose.SIGN_OFF]
    return replace(chain, signed_hash=None) if signing and target <= signing[0] else chain


_WAY_UP = frozenset({Purpose.RECEIVE, Purpose.REGISTER, Purpose.SCREEN, Purpose.PROPOSE, Purpose.INSTRUCT})


def deciding(chain: Chain) -> int | None:
    """Position of the step that decided a request, or None while it is undecided."""
    organ = chain.decided_by
    found = (i for i, s in enumerate(chain.steps) if s.purpose is Purpose.INSTRUCT and s.organ_id == organ)
    return None if organ is None else next(found, None)


def undecided(chain: Chain, target: int) -> Chain:
    """Going back to the deciding step or before it takes the decision away and clears the way up again."""
    at = deciding(chain)
    if at is None or target > at:
        return chain
    way_down = {s.id for s in chain.steps if s.purpose in (Purpose.RESPOND, Purpose.RELAY)}
    above = tuple(
        s.id
        for s in chain.steps[at + 1 :]
        if s.state is StepState.SKIPPED and s.merged_into is None and s.purpose in _WAY_UP
    )
    for step in chain.steps:
        if step.id in above:
            chain = chain.with_step(replace(step, state=StepState.WAITING))
        elif step.id in way_down:
            chain = chain.with_step(
                replace(set_seats(step, unfinished(step), SeatState.CLOSED), state=StepState.SKIPPED)
            )
    return replace(renew(chain, above), granted=None, decided_by=None)
