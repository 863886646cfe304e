"""委托: a post's holder names a deputy for a period and kinds of document; the deputy's acts are shown with 代."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, or_, select

from office.domain.document import Kind
from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.domain.outgoing import UPWARD_KINDS
from office.domain.people import ADMIN_ROLES, Actor, Delegation, Post, Role
from office.store import history, people
from office.store.base_tables import event
from office.store.people import StoredDelegation
from office.store.tables import document, person, post
from office.store.work import Work

LONGEST = timedelta(days=366)
MOST_ACTS = 50
# A→B→C: acting reaches one hop only, and nobody should have to follow a longer line to see who decides.
LONGEST_LINE = 3


class DelegationState(StrEnum):
    """Where a delegation stands at a moment."""

    AHEAD = "AHEAD"  # 未开始
    RUNNING = "RUNNING"  # 生效中
    ENDED = "ENDED"  # 已到期
    REVOKED = "REVOKED"  # 已收回


@dataclass(frozen=True, slots=True)
class CreateDelegation:
    """Name a deputy for [since, until); `kinds` None means all kinds except upward documents (条例22)."""

    deputy_post_id: int
    since: datetime
    until: datetime
    kinds: frozenset[Kind] | None = None


@dataclass(frozen=True, slots=True)
class RevokeDelegation:
    """Take a delegation back, from now on; what the deputy has done stands."""

    delegation_id: int


@dataclass(frozen=True, slots=True)
class DelegationView:
    """A delegation as both sides see it. `mine`: made by the asking post, else it is the deputy."""

    id: int
    post: Post
    deputy: Post
    since: datetime
    until: datetime
    kinds: tuple[Kind, ...] | None
    state: DelegationState
    mine: bool


def create(work: Work, command: CreateDelegation, actor: Actor) -> int:
    """Store the delegation and return its id; Invalid or NotPermitted say what stands against it."""
    people.lock_organ(work, actor.organ_id)
    own = _own_post(work, actor)
    deputy = _deputy(work, command, own)
    held = _period(command, own, deputy, work.now)
    others = [stored.delegation for stored in people.delegations_of_organ(work, actor.organ_id, at=work.now)]
    _check_overlap(held, others)
    _check_line(held, others)
    delegation_id = people.add_delegation(work, held, made_by=actor.person_id)
    _record(work, "DELEGATION_CREATED", delegation_id, held, actor)
    return delegation_id


def _own_post(work: Work, actor: Actor) -> Post:
    if actor.on_behalf is not None:
        raise NotPermitted("您在替别人办，不能把别人的岗位再委托出去。")
    if actor.role in ADMIN_ROLES:
        raise NotPermitted("管理员的权限不能委托。")
    own = people.post_by_id(work, actor.post_id)
    if own.person_id != actor.person_id:
        raise NotPermitted("这个岗位已经不是您的，不能委托。")
    return own


def _deputy(work: Work, command: CreateDelegation, own: Post) -> Post:
    deputy = people.post_by_id(work, command.deputy_post_id)
    if deputy.organ_id != own.organ_id:
        raise NotPermitted("只能委托本单位的人。")
    if deputy.role in ADMIN_ROLES:
        raise NotPermitted("管理员不能代办文件，请委托别人。")
    if deputy.person_id is None:
        raise Invalid("这个岗位现在没有人，不能委托给它。")
    if deputy.id == own.id or deputy.person_id == own.person_id:
        raise Invalid("不能委托给自己。")
    return deputy


def _period(command: CreateDelegation, own: Post, deputy: Post, now: datetime) -> Delegation:
    """The delegation to store: it never reaches back, for what was done then was not done by a deputy."""
    since = max(command.since, now)
    if command.until <= since:
        raise Invalid("结束时间要晚于开始时间，也要晚于现在。")
    if command.until - since > LONGEST:
        raise Invalid("一次最多委托一年，到期可以再办。")
    if command.kinds is not None and not command.kinds:
        raise Invalid("请至少选一种文种，或选“全部”。")
    return Delegation(own.id, deputy.id, since, command.until, command.kinds)


def _meet(one: Delegation, other: Delegation) -> bool:
    return one.since < other.until and other.since < one.until


def _same_kinds(one: Delegation, other: Delegation) -> bool:
    return one.kinds is None or other.kinds is None or bool(one.kinds & other.kinds)


def _check_overlap(held: Delegation, others: Iterable[Delegation]) -> None:
    for other in others:
        if other.post_id == held.post_id and _meet(held, other) and _same_kinds(held, other):
            raise Invalid("这段时间里同样的文件已经委托给别人。请先收回那一条。")


def _check_line(held: Delegation, others: list[Delegation]) -> None:
    """No circle, and no line longer than `LONGEST_LINE` through the new delegation, at any moment it holds."""
    ahead = _line(held.deputy_id, held, others, forward=True)
    behind = _line(held.post_id, held, others, forward=False)
    if held.post_id in ahead:
        raise Invalid("这样委托会转一圈回到自己，请换一个人。")
    if len(ahead) + len(behind) > LONGEST_LINE:
        raise Invalid("委托接得太长，没人说得清谁在办。请直接委托给最后那个人。")


def _line(start: int, held: Delegation, others: list[Delegation], *, forward: bool) -> list[int]:
    """Posts reached from `start`, itself included, over delegations that meet the new one's period."""
    reached = [start]
    for post_id in reached:
        for other in others:
            here, there = (other.post_id, other.deputy_id) if forward else (other.deputy_id, other.post_id)
            if here == post_id and there not in reached and _meet(held, other):
                reached.append(there)
    return reached


def revoke(work: Work, command: RevokeDelegation, actor: Actor) -> None:
    """End a delegation now. Only its post's holder, or the system administrator when somebody leaves."""
    stored = people.delegation_by_id(work, command.delegation_id)
    administrator = actor.role is Role.SYSTEM_ADMIN
    if not administrator and (stored.delegation.post_id != actor.post_id or actor.on_behalf is not None):
        raise NotFound("没有这条委托。")
    if stored.delegation.until <= work.now:
        raise WrongStage("这条委托已经到期，不用收回。")
    people.revoke_delegation(work, stored.id)
    _record(work, "DELEGATION_REVOKED", stored.id, stored.delegation, actor)


def mine(work: Work, actor: Actor) -> tuple[DelegationView, ...]:
    """Delegations the actor's post made or was named in, newest first."""
    found = []
    for stored in people.delegations_around(work, actor.post_id):
        held = stored.delegation
        found.append(
            DelegationView(
                stored.id,
                people.post_by_id(work, held.post_id),
                people.post_by_id(work, held.deputy_id),
                held.since,
                held.until,
                None if held.kinds is None else tuple(kind for kind in Kind if kind in held.kinds),
                state_of(stored, work.now),
                held.post_id == actor.post_id,
            )
        )
    return tuple(found)


def state_of(stored: StoredDelegation, at: datetime) -> DelegationState:
    """Where the delegation stands at `at`; the period is half open."""
    if stored.revoked_at is not None and stored.revoked_at <= at:
        return DelegationState.REVOKED
    if at >= stored.delegation.until:
        return DelegationState.ENDED
    return DelegationState.RUNNING if at >= stored.delegation.since else DelegationState.AHEAD


def candidates(work: Work, actor: Actor) -> tuple[Post, ...]:
    """The posts of the actor's organ that could be named deputy."""
    own = people.posts_of(work, actor.organ_id)
    return tuple(
        post for post in own
        if post.person_id not in (None, actor.person_id) and post.role not in ADMIN_ROLES
    )  # fmt: skip


def deputies_for(work: Work, post_ids: Iterable[int], kind: Kind, at: datetime) -> dict[int, int]:
    """Post to the post that stands in for it at `at`. One hop; upward documents need the kind to be named (条例22)."""
    found: dict[int, int] = {}
    for stored in people.delegations_by(work, post_ids, at=at):
        held = stored.delegation
        if held.covers(kind, at) and (held.kinds is not None or kind not in UPWARD_KINDS):
            found.setdefault(held.post_id, held.deputy_id)
    return found


def acting_for(work: Work, actor: Actor) -> tuple[Post, ...]:
    """The posts the actor's post stands in for now."""
    found = [
        stored.delegation.post_id
        for stored in people.delegations_around(work, actor.post_id)
        if stored.delegation.deputy_id == actor.post_id and state_of(stored, work.now) is DelegationState.RUNNING
    ]
    return tuple(people.post_by_id(work, post_id) for post_id in dict.fromkeys(found))


def _record(work: Work, what: str, delegation_id: int, held: Delegation, actor: Actor) -> None:
    body = {
        "delegation": delegation_id,
        "post": held.post_id,
        "deputy": held.deputy_id,
        "since": held.since.isoformat(),
        "until": held.until.isoformat(),
        "kinds": people.kinds_text(held.kinds),
    }
    by = history.By(actor.organ_id, actor.person_id, actor.post_id, actor.on_behalf)
    history.record(work, history.Entry(kind=what, by=by, body=[body]))


@dataclass(frozen=True, slots=True)
class DeputyAct:
    """One act signed for another post (代): who, for which post, on which paper."""

    at: datetime
    kind: str
    person: str
    post: str
    document_id: int
    title: str


def acts(work: Work, actor: Actor) -> tuple[DeputyAct, ...]:
    """What deputies did for the actor's post and what he did for others, newest first, at most `MOST_ACTS`."""
    e = event.c
    named = [s.delegation.deputy_id for s in people.delegations_around(work, actor.post_id)]
    deputies = {people.post_by_id(work, post_id).person_id for post_id in dict.fromkeys(named)}
    by_others = and_(e.person_id.in_(deputies - {None}), e.on_behalf_post_id == actor.post_id)
    by_oneself = and_(e.person_id == actor.person_id, e.on_behalf_post_id.is_not(None))
    rows = work.execute(
        select(e.at, e.kind, person.c.name, post.c.name, document.c.id, document.c.title)
        .join(person, person.c.id == e.person_id)
        .join(post, post.c.id == e.on_behalf_post_id)
        .join(document, document.c.id == e.document_id)
        .where(or_(by_others, by_oneself))
        .order_by(e.id.desc())
        .limit(MOST_ACTS)
    )
    return tuple(DeputyAct(*row) for row in rows)
