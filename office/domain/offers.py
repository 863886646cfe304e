"""What a person may ask of a chain now: each verb is tried on it, and what would not be refused is offered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from office.domain.chain import Assignment, Chain, Purpose, Seat, Step, StepKind, StepState, Verdict
from office.domain.commands import (
    AddSigner,
    Amend,
    Circulate,
    Claim,
    Command,
    Complete,
    Decide,
    HandOver,
    PassUpward,
    RefuseDelivery,
    Remind,
    RemoveSigner,
    Return,
    ReturnDocument,
    ReturnReason,
    Supervise,
    TakeBack,
    Terminate,
    Withdraw,
)
from office.domain.commands import Placement as Place
from office.domain.errors import OfficeError
from office.domain.matrix import VERB_OF, Verb
from office.domain.people import Actor
from office.domain.turn import signed_content
from office.domain.verbs import decide

SOMEBODY = -1  # a post that sits nowhere: who it will be is chosen afterwards
SAID = "理由"


@dataclass(frozen=True, slots=True)
class Offers:
    """The verbs that work on one chain for one person, and what may be chosen with them."""

    verbs: frozenset[str] = frozenset()  # names of `Verb`
    verdicts: tuple[Verdict, ...] = ()
    return_to: tuple[int, ...] = ()  # steps, in order of the chain
    placements: tuple[Place, ...] = ()
    removable: frozenset[int] = frozenset()  # seats
    asked: bool = False  # he was asked to sign first: his word goes to who asked, the step is not his

    def __contains__(self, verb: str) -> bool:
        return verb in self.verbs


@dataclass(frozen=True, slots=True)
class _Trial:
    chain: Chain
    by: Actor
    at: datetime
    deputies: Mapping[int, int]

    def works(self, command: Command) -> bool:
        try:
            decide(self.chain, command, by=self.by, at=self.at, deputies=self.deputies)
        except OfficeError:
            return False
        return True


def offers(
    chain: Chain, *, by: Actor, at: datetime, seat_id: int | None, deputies: Mapping[int, int] = MappingProxyType({})
) -> Offers:
    """What `by` may ask of the chain; `seat_id` is the open seat he holds, himself or as deputy, None: none."""
    trial = _Trial(chain, by, at, deputies)
    names = {_name(command) for command in _beside(chain, by, at) if trial.works(command)}
    removable = frozenset(seat.id for seat in _removable(chain) if trial.works(RemoveSigner(seat.id)))
    step, seat = _held(chain, seat_id)
    if step is None or seat is None:
        return Offers(frozenset(names), removable=removable)
    names |= {_name(command) for command in _with_seat(seat) if trial.works(command)}
    verdicts = tuple(v for v in _verdicts(step) if trial.works(_complete(chain, step, seat, v)))
    placements = tuple(p for p in Place if trial.works(AddSigner(seat.id, SOMEBODY, by.organ_id, p)))
    if placements:
        names.add(Verb.ADD_SIGNER.name)
    passed = (s.id for s in chain.steps[: chain.position] if s.state is StepState.DONE)
    return_to = tuple(i for i in passed if trial.works(Return(seat.id, SAID, i)))
    if verdicts:
        names.add(Verb.COMPLETE.name)
    return Offers(frozenset(names), verdicts, return_to, placements, removable, seat.parent is not None)


def _name(command: Command) -> str:
    return VERB_OF[type(command)].name


def _held(chain: Chain, seat_id: int | None) -> tuple[Step | None, Seat | None]:
    step = chain.current
    return step, step.seat(seat_id) if step is not None and seat_id is not None else None


def _beside(chain: Chain, by: Actor, at: datetime) -> tuple[Command, ...]:
    """Verbs that need no seat; a reminder only where somebody else is waited for."""
    others = any(by.post_id not in (seat.post_id, seat.deputy_id) for _, seat in chain.open_seats())
    remind: tuple[Command, ...] = (Remind(),) if others else ()
    return (
        *remind,
        Supervise(by.post_id, at + timedelta(days=1)),
        Circulate(((SOMEBODY, by.organ_id),), SAID),
        Withdraw(),
        TakeBack(),
        Terminate(SAID),
        Amend("another content"),
    )


def _with_seat(seat: Seat) -> tuple[Command, ...]:
    return (
        Claim(seat.id),
        Return(seat.id, SAID),
        HandOver(seat.id, SOMEBODY, seat.organ_id),
        ReturnDocument(seat.id, ReturnReason.NOT_OURS, SAID),
        RefuseDelivery(seat.id, SAID),
        *(Decide(seat.id, granted=granted, opinion=SAID) for granted in (True, False)),
        PassUpward(seat.id, SAID),
    )


def _removable(chain: Chain) -> tuple[Seat, ...]:
    """Seats somebody could be taken from: of the open step, and of signers asked to sign after it."""
    later = (s for s in chain.steps if s.purpose is Purpose.ADDED and s.state is StepState.WAITING)
    steps = ((chain.current,) if chain.current is not None else ()) + tuple(later)
    return tuple(seat for step in steps for seat in step.seats)


def _verdicts(step: Step) -> tuple[Verdict, ...]:
    """A circulated paper is read, whatever is said."""
    return (Verdict.READ,) if step.kind is StepKind.CIRCULATION else (Verdict.AGREE, Verdict.TICK, Verdict.DISAGREE)


def _complete(chain: Chain, step: Step, seat: Seat, verdict: Verdict) -> Complete:
    """An act with everything a person could fill in, so that only what is refused for itself is refused."""
    shown = chain.signed_hash or signed_content(chain, step) or "what is shown"
    kind = StepKind.CIRCULATION if step.purpose is Purpose.SCREEN else StepKind.LEAD
    assign = Assignment(kind, ((SOMEBODY, chain.organ_id),), SOMEBODY)
    return Complete(seat.id, verdict, SAID, shown, assign=assign, unread_reason=SAID)
