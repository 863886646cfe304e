"""Acting on a chain: one path for every verb. Load through access, decide, save; the rest follows the commit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from office.domain import commands as verbs
from office.domain.chain import Chain, ChainPurpose, ChainStage, Purpose, SeatRole, SeatState
from office.domain.chain_events import ChainEnded, Event, SeatActed
from office.domain.commands import Command
from office.domain.errors import Invalid, NotPermitted, Stale
from office.domain.matrix import VERB_OF
from office.domain.people import ADMIN_ROLES, Actor
from office.domain.verbs import decided
from office.service import access, receiving
from office.store import chains, desks, documents, history, receipts
from office.store.tables import post
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class Act:
    """One verb on one chain. `version` is what the person saw; None: whatever is there now."""

    chain_id: int
    command: Command
    version: int | None = None


def by(actor: Actor, on_behalf: int | None = None) -> history.By:
    """The actor as history keeps him, and the post he signed for (代) when that shows only in what he did."""
    return history.By(actor.organ_id, actor.person_id, actor.post_id, actor.on_behalf or on_behalf)


def act(work: Work, command: Act, actor: Actor) -> Chain:
    """Perform a verb. Stale if somebody acted first; the sentence then says who."""
    stored = access.chain(work, command.chain_id, by=actor)
    if command.version not in (None, stored.version):
        raise Stale
    check_known_posts(work, command.command)
    return perform(work, stored, filled(work, stored, command.command), actor).chain


def filled(work: Work, stored: chains.StoredChain, command: Command) -> Command:
    """Sign-off and what follows carry the hash of the content as it is in this transaction."""
    if not isinstance(command, verbs.Complete) or stored.chain.purpose is not ChainPurpose.OUTGOING:
        return command
    found = documents.load(work, stored.document_id)
    now = documents.signed_hash(work, found)
    current = stored.chain.current
    if current is not None and current.purpose is Purpose.SIGN_OFF and command.content_hash not in ("", now):
        raise Invalid("您看的时候内容又改过了。请刷新，看过新内容再签。", code="S01")
    return verbs.Complete(
        command.seat_id, command.verdict, command.opinion, now, command.signature, command.assign,
        command.unread_reason,
    )  # fmt: skip


def perform(work: Work, stored: chains.StoredChain, command: Command, actor: Actor) -> chains.StoredChain:
    """Decide and save, without access: for use cases that have already looked."""
    deputies = desks.Deputies(work, stored.chain.kind)
    _check_standing_in(stored.chain, command, actor, deputies)
    events, after = decided(stored.chain, command, by=actor, at=work.now, deputies=deputies)
    signed_for = by(actor, on_behalf=on_behalf(events))
    saved = chains.save(work, stored, after, events, kind=VERB_OF[type(command)].name, by=signed_for)
    if saved.chain.purpose is ChainPurpose.OUTGOING:
        _follow_outgoing(work, saved)
    else:
        receiving.follow(work, saved, events, actor)
        _tell_sender_of_return(work, saved, events, actor)
    return saved


def _tell_sender_of_return(work: Work, saved: chains.StoredChain, events: Sequence[Event], actor: Actor) -> None:
    """退文, 拒收: the forwarding organ does not wait for this unit any more."""
    ended = next((e for e in events if isinstance(e, ChainEnded) and e.stage is ChainStage.RETURNED), None)
    if ended is not None and saved.receipt_id is not None:
        found = receipts.load(work, saved.receipt_id)
        reason = verbs.ReturnReason.OTHER
        end_unit(work, found, lambda seat: verbs.ReturnDocument(seat, reason, found.return_text or "拒收"), actor)


def end_unit(work: Work, found: receipts.Receipt, command: Callable[[int], Command], actor: Actor) -> None:
    """Where the forwarding organ waits for this unit in a FORWARD step, its seat there ends by `command(seat)`."""
    theirs = receipts.of_organ(work, found.document_id, found.via_organ_id) if found.via_organ_id else None
    stored = chains.of_receipt(work, theirs.id) if theirs is not None else None
    if stored is None or stored.chain.current is None or stored.chain.current.purpose is not Purpose.FORWARD:
        return
    for seat in stored.chain.current.seats:
        if seat.role is SeatRole.UNIT and seat.organ_id == found.organ_id and seat.state is SeatState.OPEN:
            ends = command(seat.id)
            unit = actor if isinstance(ends, verbs.RemoveSigner) else replace(actor, post_id=seat.post_id)
            perform(work, stored, ends, unit)


def _check_standing_in(chain: Chain, command: Command, actor: Actor, deputies: Mapping[int, int]) -> None:
    """Whoever was given a task as deputy may act only while the delegation still holds: [from, to), not revoked."""
    seat_id, step = getattr(command, "seat_id", None), chain.current
    seat = step.seat(seat_id) if step is not None and seat_id is not None else None
    if seat is None or seat.post_id == actor.post_id or seat.deputy_id != actor.post_id:
        return
    if deputies.get(seat.post_id) != actor.post_id:
        raise NotPermitted("委托已经到期或收回，您不能再代办这一件。请由本人办理。")


def on_behalf(events: Sequence[Event]) -> int | None:
    """The post somebody signed for (代), so that history names it too."""
    signers = (e.opinion.by for e in events if isinstance(e, SeatActed))
    return next((s.on_behalf for s in signers if s.on_behalf is not None), None)


def _follow_outgoing(work: Work, after: chains.StoredChain) -> None:
    """What an act means for the document row: its stage, the frozen hash."""
    found = documents.load(work, after.document_id)
    values: dict[str, object] = {}
    stage = _document_stage(after.chain, found.stage)
    if stage != found.stage:
        values["stage"] = stage
        if stage == "IN_CHAIN":
            documents.settle(work, found)
    if after.chain.signed_hash != found.signed_hash:
        values |= _signed(work, after.chain)
    if values:
        documents.change(work, found, updated=work.now, **values)


def _document_stage(chain: Chain, now: str) -> str:
    if now in ("ISSUED", "REVOKED", "ABOLISHED"):
        return now
    if chain.stage is ChainStage.ENDED:
        return "ENDED"
    return "DRAFT" if chains.is_drafting(chain) else "IN_CHAIN"


def _signed(work: Work, chain: Chain) -> dict[str, object]:
    if chain.signed_hash is None:
        gone = ("signed_hash", "signed_at", "signatory_post_id", "day", "issued_blob")  # its seal is void with it
        return dict.fromkeys(gone)
    signing = next(step for step in chain.steps if step.purpose is Purpose.SIGN_OFF)
    seats = {seat.id for seat in signing.members() if seat.organ_id == chain.organ_id}  # of several the lead organ's
    said = [o for o in chain.opinions if o.step_id == signing.id and not o.taken_back]
    signed = [o for o in said if o.seat_id in seats] or said
    return {
        "signed_hash": chain.signed_hash,
        "signed_at": work.now,
        "signatory_post_id": signed[-1].by.on_behalf or signed[-1].by.post_id,
        "day": work.today.isoformat(),
    }


def check_known_posts(work: Work, command: Command) -> None:
    """Posts named in a command are held, belong to the organ they are said to, and have a part in papers."""
    named: list[tuple[int, int]] = []
    match command:
        case verbs.AddSigner(post_id=post_id, organ_id=organ_id):
            named.append((post_id, organ_id))
        case verbs.HandOver(to_post=to_post, to_organ=to_organ) | verbs.Reassign(to_post=to_post, to_organ=to_organ):
            named.append((to_post, to_organ))
        case verbs.Circulate(posts=posts):
            named.extend(posts)
        case verbs.Supervise(owner_post_id=owner):
            named.append((owner, desks.organ_of(work, owner)))
        case verbs.Complete(assign=assign) if assign is not None:
            named.extend(assign.post_ids)
        case _:
            return
    known = {
        (row[0], row[1])
        for row in work.execute(
            select(post.c.id, post.c.organ_id)
            .where(post.c.id.in_([p for p, _ in named]))
            .where(post.c.person_id.is_not(None), post.c.role.not_in([str(role) for role in ADMIN_ROLES]))
        )
    }
    if set(named) - known:
        raise Invalid("选的岗位不存在、现在没有人，或是不办公文的管理员。请重新选。")


@dataclass(frozen=True, slots=True)
class ReassignAll:
    """移交: every open task of a post to another post of the same organ."""

    from_post: int
    to_post: int
    reason: str


def reassign_all(work: Work, command: ReassignAll, actor: Actor) -> int:
    """Move all open seats of a post; returns how many tasks moved."""
    organ_id = desks.organ_of(work, command.from_post)
    if desks.organ_of(work, command.to_post) != organ_id:
        raise Invalid("只能移交给同一单位的岗位。")
    moved = 0
    for chain_id in chains.with_open_task(work, command.from_post):
        stored = chains.load(work, chain_id)
        for _, seat in stored.chain.open_seats():
            if seat.post_id == command.from_post:
                move = verbs.Reassign(seat.id, command.to_post, organ_id, command.reason)
                stored = perform(work, stored, move, actor)
                moved += 1
    return moved + chains.move_receipt_tasks(work, command.from_post, command.to_post)
