"""发文: the chain of an outgoing document inside its organ, in the order of 条例18-22 and 25."""

from dataclasses import dataclass, replace
from datetime import datetime

from office.domain.chain import (
    Chain,
    ChainPurpose,
    Purpose,
    Seat,
    SeatRole,
    SeatState,
    Step,
    StepKind,
    StepState,
)
from office.domain.document import Kind
from office.domain.errors import Invalid
from office.domain.organs import Level

UPWARD_KINDS = frozenset({Kind.REQUEST, Kind.REPORT})
MOST_COUNTERSIGNS = 200
COUNTERSIGN_KINDS = frozenset({StepKind.ALL, StepKind.POOL, StepKind.QUORUM, StepKind.ORDERED, StepKind.LEAD})


@dataclass(frozen=True, slots=True)
class Countersign:
    """会签: who is asked and by which rule. Seats are (post, organ)."""

    seats: tuple[tuple[int, int], ...]
    kind: StepKind = StepKind.ALL
    quorum: tuple[int, int] = (1, 1)
    lead_post_id: int | None = None


@dataclass(frozen=True, slots=True)
class OutgoingPlan:
    """The people of one outgoing document, resolved from the organ's posts when it is sent for review."""

    organ_id: int
    kind: Kind
    drafter: int
    reviewers: tuple[int, ...]  # several: any one of them
    signatories: tuple[tuple[int, int], ...]  # (post, organ); joint issue: the head of every party (条例22)
    clerks: tuple[int, ...]  # recheck, number, seal, release, dispatch (条例29)
    countersign: Countersign | None = None
    reach: Level | None = None
    due: datetime | None = None


@dataclass(slots=True)
class _Ids:
    last: int = 0

    def next(self) -> int:
        self.last += 1
        return self.last


def _step(
    ids: _Ids, organ: int, purpose: Purpose, kind: StepKind, seats: tuple[tuple[int, int], ...], due: datetime | None
) -> Step:
    step_id = ids.next()
    return Step(step_id, organ, purpose, kind, tuple(Seat(ids.next(), post, o) for post, o in seats), due=due)


def _countersign_step(ids: _Ids, plan: OutgoingPlan, asked: Countersign) -> Step:
    if asked.kind not in COUNTERSIGN_KINDS or not asked.seats:
        raise Invalid("会签要选方式，并至少选一家。")
    if len({post for post, _ in asked.seats}) != len(asked.seats):
        raise Invalid("会签里同一个人选了两次。")
    if len(asked.seats) > MOST_COUNTERSIGNS:
        raise Invalid(f"会签最多 {MOST_COUNTERSIGNS} 家。人再多，请改用征求意见。")
    if not 0 < asked.quorum[0] <= asked.quorum[1]:
        raise Invalid("会签比例要大于零，不超过全部。")
    step = _step(ids, plan.organ_id, Purpose.COUNTERSIGN, asked.kind, asked.seats, plan.due)
    if asked.kind is not StepKind.LEAD:
        return replace(step, quorum=asked.quorum)
    if asked.lead_post_id not in {post for post, _ in asked.seats}:
        raise Invalid("主办加协办的会签要定一家主办。")
    seats = tuple(
        replace(s, role=SeatRole.LEAD if s.post_id == asked.lead_post_id else SeatRole.CO) for s in step.seats
    )
    return replace(step, seats=seats)


def _single_or_pool(posts: tuple[int, ...]) -> StepKind:
    return StepKind.SINGLE if len(posts) == 1 else StepKind.POOL


def start(plan: OutgoingPlan, *, at: datetime) -> Chain:
    """The chain of a draft, still with its drafter; completing the first seat sends it for review.

    A reviewer who is also the only signatory acts once: the review is merged into the sign-off and shown so.
    """
    if not plan.signatories or not plan.reviewers or not plan.clerks:
        raise Invalid("本单位还缺审核、签发或文秘岗位的人。请先请管理员补上，再送审。")
    ids = _Ids()
    organ = plan.organ_id

    def own(posts: tuple[int, ...], purpose: Purpose) -> Step:
        return _step(ids, organ, purpose, _single_or_pool(posts), tuple((p, organ) for p in posts), plan.due)

    draft = own((plan.drafter,), Purpose.DRAFT)
    review = own(plan.reviewers, Purpose.REVIEW)
    asked = (_countersign_step(ids, plan, plan.countersign),) if plan.countersign else ()
    signing_kind = StepKind.SINGLE if len(plan.signatories) == 1 else StepKind.ALL
    signing = _step(ids, organ, Purpose.SIGN_OFF, signing_kind, plan.signatories, plan.due)
    if plan.reviewers == tuple(post for post, _ in plan.signatories):
        review = replace(review, state=StepState.SKIPPED, merged_into=signing.id)
    after = tuple(
        own(plan.clerks, purpose)
        for purpose in (Purpose.RECHECK, Purpose.NUMBER, Purpose.SEAL, Purpose.RELEASE, Purpose.DISPATCH)
    )
    opened = replace(draft.seats[0], state=SeatState.OPEN, opened=at)
    draft = replace(draft, seats=(opened,), state=StepState.OPEN)
    return Chain(
        ChainPurpose.OUTGOING, organ, plan.kind, plan.drafter, (draft, review, *asked, signing, *after),
        reach=plan.reach,
    )  # fmt: skip
