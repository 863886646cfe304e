"""One decision in the making: events are emitted and the chain evolves with each, so that rules see the truth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from office.domain.chain import (
    Chain,
    ChainPurpose,
    ChainStage,
    Opinion,
    Purpose,
    ReturnMode,
    Seat,
    SeatState,
    Signer,
    Step,
    StepKind,
    StepState,
    Verdict,
)
from office.domain.chain_events import (
    CONSENT,
    ChainEnded,
    ContentSigned,
    Event,
    Returned,
    SeatsClosed,
    SeatsOpened,
    StepClosed,
)
from office.domain.errors import NotPermitted, Stale, WrongStage
from office.domain.evolve import evolve
from office.domain.people import Actor

OVER = {
    ChainStage.DONE: "这份文件已经办完，不能再改流程。",
    ChainStage.RETURNED: "这份文件已经退文，不能再办。",
    ChainStage.ENDED: "这份文件已经终止，不能再办。",
    ChainStage.REVOKED: "这份文件已被撤销，自始无效，不能再办。",
    ChainStage.ABOLISHED: "这份文件已经废止，不能再办。",
}
RETURNS_WHEN_REFUSED = frozenset({Purpose.REVIEW, Purpose.COUNTERSIGN, Purpose.SIGN_OFF, Purpose.ADDED})


@dataclass(slots=True)
class Turn:
    """The chain so far, who asks, the moment, and who stands in for whom (post → deputy's post)."""

    chain: Chain
    by: Actor
    at: datetime
    deputies: Mapping[int, int] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        """Record a fact and go on from it."""
        self.events.append(event)
        self.chain = evolve(self.chain, event)

    def running(self) -> Step:
        """The open step, or a refusal that says why there is none."""
        step = self.chain.current
        if step is None:
            raise WrongStage(OVER.get(self.chain.stage, "这份文件没有正在办的环节。"))
        return step

    def signer(self, on_behalf: int | None = None) -> Signer:
        """Who acts, as history shows it."""
        by = self.by
        return Signer(by.person_id, by.post_id, by.organ_id, on_behalf, by.person_name, by.post_name)

    def held(self, seat_id: int) -> tuple[Step, Seat, Signer]:
        """The live seat this actor holds, himself or as deputy; else why not."""
        step = self.running()
        seat = step.seat(seat_id)
        if seat is None or seat.state is not SeatState.OPEN:
            raise Stale(why_gone(self.chain, seat_id))
        if seat.post_id == self.by.post_id:
            return step, seat, self.signer()
        if seat.deputy_id is not None and seat.deputy_id == self.by.post_id:
            return step, seat, self.signer(on_behalf=seat.post_id)
        raise NotPermitted("这一步不在您手上。要催办或请对方转给您，请看“走到哪了”。")

    def opinion(
        self,
        step: Step,
        seat: Seat,
        signer: Signer,
        verdict: Verdict,
        text: str,
        *,
        content_hash: str = "",
        signature: str = "",
    ) -> Opinion:
        """A new opinion with the next id; `content_hash` is what was seen, `signature` the handwriting's blob."""
        return Opinion(
            self.chain.next_id, step.id, seat.id, signer, self.at, verdict, text.strip(),
            content_hash=content_hash, signature=signature,
        )  # fmt: skip

    def open(self, step: Step, seats: tuple[Seat, ...] | None = None) -> None:
        """Give out the tasks of a step, or of those seats of it."""
        chosen = seats if seats is not None else first_seats(step)
        pairs = tuple((seat.id, self.deputies.get(seat.post_id)) for seat in chosen)
        self.emit(SeatsOpened(step.id, pairs, self.at))

    def settle(self, step_id: int, seat: Seat) -> None:
        """After a seat ended: wake who waits for it, or open the next in order, or close the step."""
        step = self.chain.step(step_id)
        if step is None:
            raise LookupError(step_id)
        if seat.parent is not None:
            self._wake(step, seat.parent)
            return
        agreed = outcome(step)
        if agreed is not None:
            self.close(step, agreed=agreed)
        elif step.kind is StepKind.ORDERED and not step.live() and not _someone_waits(step):
            self.open(step, first_seats(step))

    def _wake(self, step: Step, parent_id: int) -> None:
        pending = any(s.parent == parent_id and s.state in (SeatState.OPEN, SeatState.WAITING) for s in step.seats)
        parent = step.seat(parent_id)
        if not pending and parent is not None and parent.state is SeatState.WAITING:
            self.open(step, (parent,))

    def close(self, step: Step, *, agreed: bool) -> None:
        """Close the step, once, and go on: to the next step, back to the drafter, or to the end."""
        left = tuple(s.id for s in step.seats if s.state in (SeatState.OPEN, SeatState.WAITING))
        if left:
            self.emit(SeatsClosed(step.id, left))
        self.emit(StepClosed(step.id, agreed, self.at))
        if agreed and step.purpose is Purpose.SIGN_OFF:
            self.emit(ContentSigned(signed_content(self.chain, step)))
        if not agreed and self.chain.purpose is ChainPurpose.OUTGOING and step.purpose in RETURNS_WHEN_REFUSED:
            self.back_to_drafter()
        else:
            self.advance()

    def back_to_drafter(self) -> None:
        """Not agreed: nothing may be issued (条例16(4)); the drafter has it again."""
        draft = self.chain.steps[0]
        self.emit(Returned(draft.id, ReturnMode.RUN_AGAIN, None))
        self.open(self.chain.steps[0])

    def advance(self) -> None:
        """Open the next step that is still to be done, or end the chain."""
        after = self.chain.steps[self.chain.position + 1 :]
        following = next((step for step in after if step.state is StepState.WAITING), None)
        if following is None:
            self.emit(ChainEnded(ChainStage.DONE, "", self.at))
        else:
            self.open(following)


def _someone_waits(step: Step) -> bool:
    return any(s.parent is not None and s.state in (SeatState.OPEN, SeatState.WAITING) for s in step.seats)


def first_seats(step: Step) -> tuple[Seat, ...]:
    """The seats that start: in an ordered countersign one, else all that still wait."""
    waiting = tuple(seat for seat in step.members() if seat.state is SeatState.WAITING)
    return waiting[:1] if step.kind is StepKind.ORDERED else waiting


def needed(step: Step) -> int:
    """How many must agree in a quorum step, of the members it has now."""
    numerator, denominator = step.quorum
    return max(1, -(-len(step.members()) * numerator // denominator))


def outcome(step: Step) -> bool | None:
    """Whether the step is closed by what was said, and if so, whether agreed; None: still open."""
    members = step.members()
    done = [seat for seat in members if seat.state is SeatState.DONE]
    consents = sum(seat.verdict in CONSENT for seat in done)
    refusals = len(done) - consents
    match step.kind:
        case StepKind.SINGLE | StepKind.POOL | StepKind.EXCHANGE:
            return consents > 0 if done else None
        case StepKind.LEAD:
            lead = next((seat for seat in done if seat.role.value == "LEAD"), None)
            return None if lead is None else lead.verdict in CONSENT
        case StepKind.ALL:
            return refusals == 0 if len(done) == len(members) else None
        case StepKind.ORDERED:
            return False if refusals else (True if len(done) == len(members) else None)
        case StepKind.QUORUM:
            if consents >= needed(step):
                return True
            return False if len(members) - refusals < needed(step) else None
        case StepKind.CIRCULATION | StepKind.SUBORDINATE:
            return True if len(done) == len(members) else None


def signed_content(chain: Chain, step: Step) -> str:
    """The hash the members of a sign-off consented to so far; empty while none has."""
    signed = {seat.id for seat in step.members() if seat.verdict in CONSENT}
    return next((o.content_hash for o in reversed(chain.opinions) if o.seat_id in signed), "")


def why_gone(chain: Chain, seat_id: int) -> str:
    """Who acted first, for the one who came too late."""
    last = chain.opinions[-1] if chain.opinions else None
    mine = next((o for o in reversed(chain.opinions) if o.seat_id == seat_id and not o.taken_back), None)
    told = mine or last
    if told is None:
        return "这一步已经不在您手上了，请刷新后再看。"
    return f"{told.by.person_name or '别人'}已经在 {told.at:%m-%d %H:%M} 办过，您这次没有重复提交。请刷新后再看。"
