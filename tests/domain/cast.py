"""A small made-up city for chain tests: post 13 leads organ 1; organs 1-4 are the four tiers, 5-7 bureaus."""

from datetime import UTC, datetime

from office.domain.chain import Chain, Seat, SeatRole, SeatState, Step, StepKind, StepState
from office.domain.chain import ChainPurpose as Life
from office.domain.chain import Purpose as For
from office.domain.document import Kind
from office.domain.incoming import Desk, climb
from office.domain.outgoing import Countersign, OutgoingPlan, start
from office.domain.people import Actor, Role

NINE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09:00 in Xianyang
CITY, COUNTY, TOWN, VILLAGE = 1, 2, 3, 4
ROLES = {
    0: Role.AUDITOR, 1: Role.CLERK, 2: Role.OFFICE_HEAD, 3: Role.LEADER, 4: Role.DEPUTY_LEADER,
    5: Role.HANDLER, 6: Role.HANDLER, 7: Role.HANDLER, 8: Role.SECURITY_ADMIN, 9: Role.SYSTEM_ADMIN,
}  # fmt: skip
ADMIN = 19


def actor(post: int) -> Actor:
    return Actor(1000 + post, post, post // 10, ROLES[post % 10], f"人{post}", f"岗{post}")


def seated(*posts: int) -> tuple[tuple[int, int], ...]:
    return tuple((post, post // 10) for post in posts)


def outgoing(
    *,
    countersign: Countersign | None = None,
    signatories: tuple[int, ...] = (13,),
    reviewers: tuple[int, ...] = (12,),
    clerks: tuple[int, ...] = (11,),
    due: datetime | None = None,
) -> Chain:
    """A city's notice: drafted by 15, reviewed by 12, signed off by 13, the rest by clerk 11."""
    plan = OutgoingPlan(CITY, Kind.NOTICE, 15, reviewers, seated(*signatories), clerks, countersign, due=due)
    return start(plan, at=NINE)


def desk(organ: int, *, limit: int | None = None, heads: int = 1) -> Desk:
    base = organ * 10
    return Desk(organ, base + 1, (base + 2, base + 4)[:heads], base + 3, limit)


def request(amount: int, *, heads: int = 1) -> Chain:
    """A village's request on its way to township (50,000), county (500,000) and city."""
    desks = (desk(TOWN, limit=50_000, heads=heads), desk(COUNTY, limit=500_000, heads=heads), desk(CITY, heads=heads))
    return climb((41, VILLAGE), desks, kind=Kind.REQUEST, amount_yuan=amount, at=NINE)


ROLE_IN = {
    StepKind.CIRCULATION: SeatRole.READER, StepKind.SUBORDINATE: SeatRole.UNIT, StepKind.LEAD: SeatRole.CO,
}  # fmt: skip


def step(
    step_id: int,
    kind: StepKind,
    posts: tuple[int, ...],
    *,
    purpose: For = For.HANDLE,
    quorum: tuple[int, int] = (1, 1),
    due: datetime | None = None,
) -> Step:
    """One step of organ 1; the first post leads where the kind has a lead."""
    role = ROLE_IN.get(kind, SeatRole.MEMBER)
    seats = tuple(
        Seat(step_id + 1 + i, post, post // 10, SeatRole.LEAD if kind is StepKind.LEAD and i == 0 else role)
        for i, post in enumerate(posts)
    )
    return Step(step_id, CITY, purpose, kind, seats, quorum=quorum, due=due)


def line(*steps: Step, life: Life = Life.INCOMING, drafter: int = 11) -> Chain:
    """A running chain of those steps, the first one open."""
    first = steps[0]
    going = first.seats[:1] if first.kind is StepKind.ORDERED else first.seats
    ids = {seat.id for seat in going}
    seats = tuple(
        Seat(s.id, s.post_id, s.organ_id, s.role, SeatState.OPEN, opened=NINE) if s.id in ids else s
        for s in first.seats
    )
    opened = Step(
        first.id, first.organ_id, first.purpose, first.kind, seats, StepState.OPEN, first.quorum, due=first.due
    )
    return Chain(life, CITY, Kind.NOTICE, drafter, (opened, *steps[1:]))
