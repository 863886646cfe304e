"""审批链: the state of one chain, in one organ or up four tiers. Pure values; the verbs are in `verbs.py`.

A chain is a line of steps. Parallel work happens inside a step, between its seats; a seat may wait for
signers it asked for first (前加签), which nests. Exactly one step is open while the chain is running.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from office.domain.document import Kind
from office.domain.organs import Level
from office.domain.replacing import replace


class StepKind(StrEnum):
    """How the seats of a step work together (`reference` matrix of verbs by kinds of step)."""

    SINGLE = "SINGLE"  # 单签
    POOL = "POOL"  # 岗池: any one, claimed
    ALL = "ALL"  # 会签 全部
    QUORUM = "QUORUM"  # 会签 比例
    ORDERED = "ORDERED"  # 会签 顺序
    LEAD = "LEAD"  # 主办 + 协办
    CIRCULATION = "CIRCULATION"  # 传阅
    SUBORDINATE = "SUBORDINATE"  # 下级 units
    EXCHANGE = "EXCHANGE"  # 收发 between organs


COUNTERSIGNS = frozenset({StepKind.ALL, StepKind.QUORUM, StepKind.ORDERED, StepKind.LEAD})


class Purpose(StrEnum):
    """What a step is for: the stages of 发文 (条例18-25), 收文 (条例24) and the way up and down."""

    DRAFT = "DRAFT"  # 拟稿
    REVIEW = "REVIEW"  # 审核
    COUNTERSIGN = "COUNTERSIGN"  # 会签
    SIGN_OFF = "SIGN_OFF"  # 签发
    RECHECK = "RECHECK"  # 复核
    NUMBER = "NUMBER"  # 登记编号
    SEAL = "SEAL"  # 用印
    RELEASE = "RELEASE"  # 核发
    DISPATCH = "DISPATCH"  # 分发
    RECEIVE = "RECEIVE"  # 签收
    REGISTER = "REGISTER"  # 登记
    SCREEN = "SCREEN"  # 初审
    PROPOSE = "PROPOSE"  # 拟办
    INSTRUCT = "INSTRUCT"  # 批办
    HANDLE = "HANDLE"  # 承办
    CIRCULATE = "CIRCULATE"  # 传阅
    FORWARD = "FORWARD"  # 交下级办
    RESPOND = "RESPOND"  # 答复
    RELAY = "RELAY"  # 转达答复
    CLOSE = "CLOSE"  # 办结
    ADDED = "ADDED"  # 后加签


FIXED_ORDER = (
    Purpose.REVIEW,
    Purpose.SIGN_OFF,
    Purpose.RECHECK,
    Purpose.NUMBER,
    Purpose.SEAL,
    Purpose.RELEASE,
)
AFTER_NUMBER = frozenset({Purpose.NUMBER, Purpose.SEAL, Purpose.RELEASE, Purpose.DISPATCH})


class StepState(StrEnum):
    """Where a step stands."""

    WAITING = "WAITING"
    OPEN = "OPEN"
    DONE = "DONE"
    SKIPPED = "SKIPPED"  # merged into the next, or not needed after a decision


class SeatState(StrEnum):
    """Where a seat stands. OPEN seats and only they have a live task."""

    WAITING = "WAITING"
    OPEN = "OPEN"
    DONE = "DONE"
    CLOSED = "CLOSED"  # ended without an act: outvoted, claimed by another, stopped
    HANDED_OVER = "HANDED_OVER"  # 转办, another seat took its place
    REMOVED = "REMOVED"  # 减签


GONE = frozenset({SeatState.CLOSED, SeatState.HANDED_OVER, SeatState.REMOVED})


class SeatRole(StrEnum):
    """What a seat is inside its step."""

    MEMBER = "MEMBER"
    LEAD = "LEAD"  # 主办
    CO = "CO"  # 协办
    READER = "READER"
    UNIT = "UNIT"  # a lower unit, held by its clerk


class Verdict(StrEnum):
    """What an act says. TICK (圈阅) counts as consent and is shown as 圈阅 (条例22)."""

    AGREE = "AGREE"
    DISAGREE = "DISAGREE"
    TICK = "TICK"
    READ = "READ"
    RETURN = "RETURN"
    GRANT = "GRANT"
    DENY = "DENY"
    PASS_UPWARD = "PASS_UPWARD"
    NOTE = "NOTE"  # a correction entry


class ReturnMode(StrEnum):
    """How a returned paper comes back: straight to the returner (直送) or through all again (重走)."""

    STRAIGHT_BACK = "STRAIGHT_BACK"
    RUN_AGAIN = "RUN_AGAIN"


class ChainPurpose(StrEnum):
    """Which of the three lives of a paper a chain is."""

    OUTGOING = "OUTGOING"
    INCOMING = "INCOMING"
    REQUEST = "REQUEST"


class ChainStage(StrEnum):
    """Where the whole chain stands."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    RETURNED = "RETURNED"  # 退文, 拒收
    ENDED = "ENDED"  # 终止
    REVOKED = "REVOKED"  # 撤销
    ABOLISHED = "ABOLISHED"  # 废止


@dataclass(frozen=True, slots=True)
class Signer:
    """Who acted, as every opinion and event shows it."""

    person_id: int
    post_id: int
    organ_id: int
    on_behalf: int | None = None
    person_name: str = ""
    post_name: str = ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """意见: only ever added. `corrects` points to the opinion this entry supersedes; both are kept."""

    id: int
    step_id: int
    seat_id: int
    by: Signer
    at: datetime
    verdict: Verdict
    text: str = ""
    corrects: int | None = None
    taken_back: bool = False
    content_hash: str = ""
    signature: str = ""  # hash of the handwriting's blob


@dataclass(frozen=True, slots=True)
class Seat:
    """One post's place in a step. `parent` is the seat that waits for this one (前加签)."""

    id: int
    post_id: int
    organ_id: int
    role: SeatRole = SeatRole.MEMBER
    state: SeatState = SeatState.WAITING
    parent: int | None = None
    added_by: int | None = None  # post
    deputy_id: int | None = None  # post that signs for it (代)
    claimed_by: int | None = None  # person, pools only
    verdict: Verdict | None = None
    opened: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `quorum` is (numerator, denominator) of the members who must agree."""

    id: int
    organ_id: int
    purpose: Purpose
    kind: StepKind
    seats: tuple[Seat, ...]
    state: StepState = StepState.WAITING
    quorum: tuple[int, int] = (1, 1)
    agreed: bool | None = None
    inserted_by: int | None = None  # post that added it (后加签) or assigned it
    merged_into: int | None = None  # step whose signer also stands for this one
    limit_yuan: int | None = None  # competence of a deciding tier; None: no limit
    due: datetime | None = None
    closed: datetime | None = None

    def seat(self, seat_id: int) -> Seat | None:
        """The seat, or None when it is not of this step."""
        for seat in self.seats:
            if seat.id == seat_id:
                return seat
        return None

    def live(self) -> tuple[Seat, ...]:
        """Seats that hold a task now."""
        return tuple(seat for seat in self.seats if seat.state is SeatState.OPEN)

    def members(self) -> tuple[Seat, ...]:
        """Top-level seats that count: not removed, not handed over."""
        return tuple(seat for seat in self.seats if seat.parent is None and seat.state not in GONE)


@dataclass(frozen=True, slots=True)
class Reader:
    """传阅 beside the chain: somebody was shown the paper; it never blocks."""

    id: int
    post_id: int
    organ_id: int
    reason: str
    by: Signer
    at: datetime
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """批办, 交办: who handles. One seat is SINGLE; several need a lead (条例24(4))."""

    kind: StepKind
    post_ids: tuple[tuple[int, int], ...]  # (post, organ)
    lead_post_id: int | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Supervision:
    """督办: a tracked matter beside the chain."""

    owner_post_id: int
    due: datetime
    by: Signer
    at: datetime


@dataclass(frozen=True, slots=True)
class Undo:
    """What 取回 restores: the steps as they were before the last act, and where the chain stood."""

    step: Step
    position: int
    resume: int | None
    by_post_id: int
    opinion_id: int
    signed_hash: str | None = None
    proposal: Assignment | None = None
    inserted: tuple[int, ...] = ()
    skipped: tuple[int, ...] = ()
    others: tuple[Step, ...] = ()  # further steps the act renewed: a return runs several again
    acted: bool = False
    granted: bool | None = None
    decided_by: int | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The whole state. `position` indexes `steps`; equals len(steps) when nothing is open any more."""

    purpose: ChainPurpose
    organ_id: int
    kind: Kind
    drafter_post_id: int
    steps: tuple[Step, ...]
    position: int = 0
    stage: ChainStage = ChainStage.RUNNING
    opinions: tuple[Opinion, ...] = ()
    readers: tuple[Reader, ...] = ()
    resume: int | None = None  # the returner's step this paper goes straight back to
    acted: bool = False  # somebody acted since the drafter sent it
    undo: Undo | None = None
    signed_hash: str | None = None
    amount_yuan: int = 0
    reach: Level | None = None
    granted: bool | None = None
    decided_by: int | None = None  # organ
    proposal: Assignment | None = None
    reminded_at: datetime | None = None
    supervision: Supervision | None = None
    next_id: int = 1000  # for seats, steps, opinions and readers made on the way
    end_reason: str = field(default="")

    @property
    def current(self) -> Step | None:
        """The open step, or None."""
        if self.stage is not ChainStage.RUNNING or self.position >= len(self.steps):
            return None
        return self.steps[self.position]

    def step(self, step_id: int) -> Step | None:
        """The step by id, or None."""
        for step in self.steps:
            if step.id == step_id:
                return step
        return None

    def index(self, step_id: int) -> int:
        """Its place in the line; LookupError when absent."""
        for i, step in enumerate(self.steps):
            if step.id == step_id:
                return i
        raise LookupError(step_id)

    def steps_with(self, step: Step) -> tuple[Step, ...]:
        """The steps with that one in the place of the one of its id."""
        at = self.index(step.id)
        return (*self.steps[:at], step, *self.steps[at + 1 :])

    def with_step(self, step: Step) -> "Chain":
        """The chain with that step replaced."""
        return replace(self, steps=self.steps_with(step))

    def open_seats(self) -> tuple[tuple[Step, Seat], ...]:
        """Every live task: (step, seat)."""
        step = self.current
        if step is None:
            return ()
        return tuple((step, seat) for seat in step.live())


def fresh(step: Step, *, first_id: int) -> Step:
    """The step as new, for another round: same members, new seats, none acted.

    Who was outvoted or came second in a pool is asked again; who handed over or was removed is not.
    """
    left = (SeatState.HANDED_OVER, SeatState.REMOVED)
    kept = {seat.post_id: seat for seat in step.seats if seat.parent is None and seat.state not in left}
    seats = tuple(
        Seat(
            id=first_id + i,
            post_id=seat.post_id,
            organ_id=seat.organ_id,
            role=seat.role,
            added_by=seat.added_by,
        )
        for i, seat in enumerate(kept.values())
    )
    return replace(step, seats=seats, state=StepState.WAITING, agreed=None, closed=None)
