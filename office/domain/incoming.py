"""收文: the chain of a received document in one organ (条例24), and a request's way up the tiers."""

from dataclasses import dataclass, replace
from datetime import datetime

from office.domain.chain import (
    Chain,
    ChainPurpose,
    Purpose,
    Seat,
    SeatState,
    Step,
    StepKind,
    StepState,
)
from office.domain.document import Kind
from office.domain.errors import Invalid
from office.domain.organs import Level

# Up to this sum a tier decides by itself; above it passes the request upward. None of the city's own
# rules is known to us: these are the made-up city's, and an installation sets its own.
COMPETENCE_YUAN: dict[Level, int | None] = {Level.CITY: None, Level.COUNTY: 500_000, Level.TOWNSHIP: 50_000}


@dataclass(frozen=True, slots=True)
class Desk:
    """The posts of one organ that take part in receiving: clerks, office heads (may be none), leader."""

    organ_id: int
    clerk: int
    heads: tuple[int, ...]
    leader: int
    limit_yuan: int | None = None


@dataclass(slots=True)
class _Ids:
    last: int = 0

    def next(self) -> int:
        self.last += 1
        return self.last


def _one(ids: _Ids, desk: Desk, purpose: Purpose, kind: StepKind, posts: tuple[int, ...]) -> Step:
    step_id = ids.next()
    return Step(step_id, desk.organ_id, purpose, kind, tuple(Seat(ids.next(), p, desk.organ_id) for p in posts))


def desk_steps(ids: _Ids, desk: Desk) -> tuple[Step, ...]:
    """Receive, register, screen, propose, instruct; a proposer who is the leader himself proposes by instructing."""
    clerk = (desk.clerk,)
    heads = desk.heads or (desk.leader,)
    propose = _one(ids, desk, Purpose.PROPOSE, StepKind.SINGLE if len(heads) == 1 else StepKind.POOL, heads)
    instruct = replace(_one(ids, desk, Purpose.INSTRUCT, StepKind.SINGLE, (desk.leader,)), limit_yuan=desk.limit_yuan)
    if heads == (desk.leader,):
        propose = replace(propose, state=StepState.SKIPPED, merged_into=instruct.id)
    return (
        _one(ids, desk, Purpose.RECEIVE, StepKind.EXCHANGE, clerk),
        _one(ids, desk, Purpose.REGISTER, StepKind.SINGLE, clerk),
        _one(ids, desk, Purpose.SCREEN, StepKind.SINGLE, clerk),
        propose,
        instruct,
    )


def _opened(step: Step, at: datetime) -> Step:
    seats = tuple(replace(seat, state=SeatState.OPEN, opened=at) for seat in step.seats)
    return replace(step, seats=seats, state=StepState.OPEN)


def start(desk: Desk, *, kind: Kind, level: Level, at: datetime, due: datetime | None, reach: Level | None) -> Chain:
    """The receiving organ's chain, waiting for its clerk to sign for it; a village then handles it."""
    ids = _Ids()
    if level is Level.VILLAGE:
        steps: tuple[Step, ...] = (
            _one(ids, desk, Purpose.RECEIVE, StepKind.EXCHANGE, (desk.clerk,)),
            replace(_one(ids, desk, Purpose.HANDLE, StepKind.SINGLE, (desk.clerk,)), due=due),
        )
    else:
        close = _one(ids, desk, Purpose.CLOSE, StepKind.SINGLE, (desk.clerk,))
        steps = tuple(replace(step, due=due) for step in (*desk_steps(ids, desk), close))
    steps = (_opened(steps[0], at), *steps[1:])
    return Chain(ChainPurpose.INCOMING, desk.organ_id, kind, desk.clerk, steps, reach=reach)


def climb(drafter: tuple[int, int], desks: tuple[Desk, ...], *, kind: Kind, amount_yuan: int, at: datetime) -> Chain:
    """A request on its way up: drafter (post, organ), then every superior's desk, nearest first, none skipped."""
    if not desks:
        raise Invalid("上面没有可以报送的机关。")
    ids = _Ids()
    post, organ = drafter
    draft = Step(ids.next(), organ, Purpose.DRAFT, StepKind.SINGLE, (Seat(ids.next(), post, organ),))
    draft = _opened(draft, at)
    tiers = tuple(step for desk in desks for step in desk_steps(ids, desk))
    return Chain(ChainPurpose.REQUEST, organ, kind, post, (draft, *tiers), amount_yuan=amount_yuan)
