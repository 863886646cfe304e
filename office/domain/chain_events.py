"""What happened to a chain: past tense, one frozen dataclass an event, a closed union. `evolve.py` applies them."""

from dataclasses import dataclass
from datetime import datetime

from office.domain.chain import (
    Assignment,
    Chain,
    ChainStage,
    Opinion,
    Reader,
    ReturnMode,
    Seat,
    Signer,
    Step,
    Supervision,
    Verdict,
)

CONSENT = frozenset({Verdict.AGREE, Verdict.TICK, Verdict.GRANT, Verdict.READ, Verdict.PASS_UPWARD})


@dataclass(frozen=True, slots=True)
class ChainStarted:
    """The chain as it was resolved from its template."""

    chain: Chain


@dataclass(frozen=True, slots=True)
class SeatsOpened:
    """Tasks were given out; `seats` are (seat, deputy post or None)."""

    step_id: int
    seats: tuple[tuple[int, int | None], ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class SeatActed:
    """Somebody acted with an opinion."""

    step_id: int
    seat_id: int
    opinion: Opinion


@dataclass(frozen=True, slots=True)
class SeatsClosed:
    """Seats ended without an act: outvoted, or the step was left."""

    step_id: int
    seat_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StepClosed:
    """A step ended, once."""

    step_id: int
    agreed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class StepsSkipped:
    """Steps that are not needed any more, or merged into another signer's step."""

    step_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StepInserted:
    """A step was put after another: 后加签, assignment, the way down."""

    after_step: int
    step: Step


@dataclass(frozen=True, slots=True)
class Returned:
    """退回 to an earlier step; `opinion` carries the reason."""

    to_step: int
    mode: ReturnMode
    opinion: Opinion | None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """撤回: the whole paper is a draft again."""

    by: Signer
    at: datetime


@dataclass(frozen=True, slots=True)
class TookBack:
    """取回: the last act is undone; its opinion stays, marked."""

    by: Signer
    at: datetime


@dataclass(frozen=True, slots=True)
class HandedOver:
    """转办: one task ended, another's started, the due time unchanged."""

    step_id: int
    from_seat: int
    to_seat: Seat
    by: Signer
    note: str


@dataclass(frozen=True, slots=True)
class SignerAdded:
    """加签 before or beside; a seat with a parent makes the parent wait."""

    step_id: int
    seat: Seat
    by: Signer
    note: str


@dataclass(frozen=True, slots=True)
class SignersRemoved:
    """减签."""

    step_id: int
    seat_ids: tuple[int, ...]
    by: Signer
    reason: str


@dataclass(frozen=True, slots=True)
class Claimed:
    """抢办."""

    step_id: int
    seat_id: int
    by: Signer


@dataclass(frozen=True, slots=True)
class Redirected:
    """跳转."""

    to_step: int
    by: Signer
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reassigned:
    """重新指派 of a seat that is open or still waiting."""

    step_id: int
    seat_id: int
    to_post: int
    to_organ: int
    deputy_id: int | None
    by: Signer
    reason: str


@dataclass(frozen=True, slots=True)
class Reminded:
    """催办."""

    post_ids: tuple[int, ...]
    by: Signer
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Supervised:
    """督办."""

    supervision: Supervision


@dataclass(frozen=True, slots=True)
class Circulated:
    """传阅."""

    readers: tuple[Reader, ...]


@dataclass(frozen=True, slots=True)
class ReaderRead:
    """阅知."""

    reader_id: int
    by: Signer
    at: datetime


@dataclass(frozen=True, slots=True)
class OpinionCorrected:
    """A correction entry was added."""

    opinion: Opinion


@dataclass(frozen=True, slots=True)
class ContentSigned:
    """Sign-off froze this hash."""

    content_hash: str


@dataclass(frozen=True, slots=True)
class ContentReopened:
    """The content changed after sign-off; the signatory must sign again."""

    content_hash: str
    by: Signer
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class ProposalMade:
    """拟办: the proposed handlers."""

    proposal: Assignment | None


@dataclass(frozen=True, slots=True)
class RequestDecided:
    """A competent tier decided."""

    granted: bool
    organ_id: int


@dataclass(frozen=True, slots=True)
class ChainEnded:
    """Nothing is open any more."""

    stage: ChainStage
    reason: str
    at: datetime


# Whose work it is to apply them: what happens to seats, to steps, and what only is written down.
SeatEvent = (
    SeatsOpened | SeatActed | SeatsClosed | HandedOver | SignerAdded | SignersRemoved | Claimed | Reassigned
)  # fmt: skip
StepEvent = (
    StepClosed | StepsSkipped | StepInserted | Returned | Withdrawn | TookBack | Redirected | ContentReopened
    | ChainEnded
)  # fmt: skip
BesideEvent = (
    ContentSigned | ProposalMade | RequestDecided | Reminded | Supervised | Circulated | ReaderRead | OpinionCorrected
)  # fmt: skip
Event = ChainStarted | SeatEvent | StepEvent | BesideEvent
