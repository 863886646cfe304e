"""重新指派, 跳转, 移交 by the system administrator: where a paper is and who holds it, never what it says."""

from dataclasses import dataclass

from sqlalchemy import select

from office.domain import commands as verbs
from office.domain.chain import ChainPurpose, ChainStage, Purpose, SeatState, StepState
from office.domain.errors import NotPermitted
from office.domain.people import Actor, Post, Role
from office.service import approvals
from office.store import chains, desks, organs, people
from office.store.tables import document
from office.store.work import Work

MOVABLE = frozenset({SeatState.OPEN, SeatState.WAITING})
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class SeatHead:
    """Who sits in a step; `movable` while he has not acted."""

    id: int
    organ_id: int
    person: str
    post: str
    state: SeatState
    movable: bool


@dataclass(frozen=True, slots=True)
class StepHead:
    """One step without any opinion."""

    id: int
    purpose: Purpose
    organ_id: int
    organ: str
    state: StepState
    now: bool
    seats: tuple[SeatHead, ...]


@dataclass(frozen=True, slots=True)
class ChainHead:
    """A chain without title, text or opinion: what an administrator may know of it."""

    id: int
    document_id: int
    number: str
    kind: str
    organ: str
    purpose: ChainPurpose
    running: bool
    steps: tuple[StepHead, ...]


def _check(actor: Actor) -> None:
    if actor.role is not Role.SYSTEM_ADMIN:
        raise NotPermitted("重新指派由系统管理员办。")


def find(work: Work, wanted: str, actor: Actor) -> tuple[ChainHead, ...]:
    """The chains of the papers with that document number, or with that id; exact, so that nothing can be browsed."""
    _check(actor)
    text = wanted.strip()
    if not text or len(text) > 64:
        return ()
    d = document.c
    by_id = text.isascii() and text.isdigit() and len(text) <= 15
    same = d.id == int(text) if by_id else d.number == text
    rows = work.execute(select(d.id, d.number).where(same).order_by(d.id).limit(MOST_FOUND))
    return tuple(_head(work, stored, number) for found, number in rows for stored in chains.of_document(work, found))


def _head(work: Work, stored: chains.StoredChain, number: str) -> ChainHead:
    chain, tree = stored.chain, organs.tree(work)
    held = desks.posts_by_id(work, {seat.post_id for step in chain.steps for seat in step.seats})

    def seat_head(seat_id: int, post_id: int, organ_id: int, state: SeatState) -> SeatHead:
        who = held.get(post_id)
        name, post = (who.person_name, who.name) if who is not None else ("（空缺）", "")
        return SeatHead(seat_id, organ_id, name, post, state, state in MOVABLE)

    steps = tuple(
        StepHead(
            step.id, step.purpose, step.organ_id, tree.trail(step.organ_id), step.state,
            chain.current is not None and chain.current.id == step.id,
            tuple(seat_head(s.id, s.post_id, s.organ_id, s.state) for s in step.seats),
        )
        for step in chain.steps
        if step.state is not StepState.SKIPPED
    )  # fmt: skip
    running = chain.stage is ChainStage.RUNNING and chain.current is not None
    organ = tree.trail(stored.organ_id)
    return ChainHead(stored.id, stored.document_id, number, str(chain.kind), organ, chain.purpose, running, steps)


def colleagues(work: Work, organ_id: int, actor: Actor) -> tuple[Post, ...]:
    """The held posts of an organ that may take over a seat."""
    _check(actor)
    return tuple(p for p in people.posts_of(work, organ_id) if p.person_id is not None and p.role not in _NEVER)


_NEVER = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class MoveSeat:
    """重新指派 of one seat."""

    chain_id: int
    seat_id: int
    to_post: int
    reason: str


def move_seat(work: Work, command: MoveSeat, actor: Actor) -> int:
    """Give an open or waiting seat to another post of the same organ; returns the document's id."""
    _check(actor)
    organ_id = desks.organ_of(work, command.to_post)
    move = verbs.Reassign(command.seat_id, command.to_post, organ_id, command.reason)
    return _act(work, command.chain_id, move, actor)


@dataclass(frozen=True, slots=True)
class Jump:
    """跳转 to another step of the same organ."""

    chain_id: int
    to_step: int
    reason: str


def jump(work: Work, command: Jump, actor: Actor) -> int:
    """Open another step; recorded, nothing deleted; returns the document's id."""
    _check(actor)
    return _act(work, command.chain_id, verbs.Redirect(command.to_step, command.reason), actor)


def _act(work: Work, chain_id: int, command: verbs.Command, actor: Actor) -> int:
    approvals.act(work, approvals.Act(chain_id, command), actor)
    return chains.load(work, chain_id).document_id


def hand_over(work: Work, command: approvals.ReassignAll, actor: Actor) -> int:
    """移交: every open task of a post goes to another post of its organ; returns how many moved."""
    _check(actor)
    return approvals.reassign_all(work, command, actor)
