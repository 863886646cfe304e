"""One document as a person sees it: the paper, where it is, since when, who is next, every opinion ever given."""

import difflib
from dataclasses import dataclass
from datetime import datetime

from office.domain.chain import Chain, ChainPurpose, Opinion, Purpose, Seat, Step, StepState
from office.domain.document import Content, Paper
from office.domain.organs import Level
from office.domain.people import Actor
from office.service import access, setting
from office.store import chains, desks, documents, organs, receipts
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class SeatView:
    """Who sits in a step: name, post, phone, what he said."""

    seat: Seat
    person: str
    post: str
    organ: str
    phone: str
    deputy: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One bead of the chain line."""

    chain_id: int
    step: Step
    tier: Level
    organ: str
    seats: tuple[SeatView, ...]
    opinions: tuple[Opinion, ...]
    now: bool
    mine: int | None  # the live seat this person holds


@dataclass(frozen=True, slots=True)
class ChainView:
    """A chain with its steps; skipped steps are left out unless they were merged into another signer's."""

    id: int
    version: int
    purpose: ChainPurpose
    organ_id: int
    organ: str
    chain: Chain
    steps: tuple[StepView, ...]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """Everything one page shows."""

    document: documents.Document
    content: Content
    paper: Paper
    organ: str
    attachments: tuple[documents.Attachment, ...]
    chains: tuple[ChainView, ...]
    receipt: receipts.Receipt | None
    related: tuple[documents.Document, ...]
    may_edit: bool
    issuer: bool

    @property
    def mine(self) -> StepView | None:
        """The step that waits for this person, if any."""
        return next((s for c in self.chains for s in c.steps if s.mine is not None), None)

    @property
    def mine_chain(self) -> "ChainView | None":
        """The chain his step belongs to."""
        return next((c for c in self.chains for s in c.steps if s.mine is not None), None)

    @property
    def current(self) -> StepView | None:
        """The step that is open now: his own first."""
        return self.mine or next((s for c in reversed(self.chains) for s in c.steps if s.now), None)


def view(work: Work, document_id: int, actor: Actor) -> DocumentView:
    """The page of a document for this person; NotFound when it is not his to see."""
    found = access.document(work, document_id, by=actor)
    content = documents.content(work, found.id, found.content_seq)
    shown = tuple(
        chain_view(work, stored, actor) for stored in chains.of_document(work, found.id) if _shows(stored, found, actor)
    )
    editing = found.stage == "DRAFT" and found.drafter_post_id == actor.post_id
    return DocumentView(
        document=found,
        content=content,
        paper=setting.paper_of(work, found, content),
        organ=organs.load(work, found.organ_id).title,
        attachments=documents.attachments(work, found.id),
        chains=shown,
        receipt=receipts.of_organ(work, found.id, actor.organ_id),
        related=_related(work, found, actor),
        may_edit=editing,
        issuer=found.organ_id == actor.organ_id,
    )


def _shows(stored: chains.StoredChain, found: documents.Document, actor: Actor) -> bool:
    """An organ's inner handling is its own; the way up is everybody's on it; outgoing is the issuer's."""
    if stored.chain.purpose is ChainPurpose.REQUEST:
        return True
    if stored.organ_id == actor.organ_id:
        return True
    took_part = any(seat.post_id == actor.post_id for step in stored.chain.steps for seat in step.seats)
    took_part = took_part or any(reader.post_id == actor.post_id for reader in stored.chain.readers)
    return took_part or (stored.chain.purpose is ChainPurpose.OUTGOING and found.organ_id == actor.organ_id)


def _related(work: Work, found: documents.Document, actor: Actor) -> tuple[documents.Document, ...]:
    others = documents.of_matter(work, found.matter_id)
    return tuple(d for d in others if d.id != found.id and access.may_see(work, d, actor))


def chain_view(work: Work, stored: chains.StoredChain, actor: Actor) -> ChainView:
    """The chain with names."""
    chain = stored.chain
    posts = {seat.post_id for step in chain.steps for seat in step.seats}
    posts |= {seat.deputy_id for step in chain.steps for seat in step.seats if seat.deputy_id is not None}
    who = desks.posts_by_id(work, posts)
    where = {i: organs.load(work, i) for i in {s.organ_id for s in chain.steps} | {p.organ_id for p in who.values()}}

    def seat_view(seat: Seat) -> SeatView:
        held = who.get(seat.post_id)
        deputy = who.get(seat.deputy_id) if seat.deputy_id is not None else None
        organ = where[held.organ_id].name if held else ""
        if held is None:
            return SeatView(seat, "（空缺）", "", "", "", "")
        return SeatView(seat, held.person_name, held.name, organ, held.phone, deputy.person_name if deputy else "")

    def step_view(step: Step) -> StepView:
        now = chain.current is not None and chain.current.id == step.id
        held = [s.id for s in step.live() if actor.post_id in (s.post_id, s.deputy_id)] if now else []
        return StepView(
            stored.id, step, where[step.organ_id].level, where[step.organ_id].name,
            tuple(seat_view(s) for s in step.seats), tuple(o for o in chain.opinions if o.step_id == step.id),
            now, held[0] if held else None,
        )  # fmt: skip

    shown = tuple(step_view(s) for s in chain.steps if s.state is not StepState.SKIPPED or s.merged_into is not None)
    organ = organs.load(work, stored.organ_id).name
    return ChainView(stored.id, stored.version, chain.purpose, stored.organ_id, organ, chain, shown)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a paper is, in one line: step, holder, since when, who is next."""

    purpose: Purpose
    organ: str
    holders: tuple[str, ...]
    since: datetime | None
    following: Purpose | None


def where(shown: ChainView) -> Where | None:
    """The one-line answer to "whose desk is it on"."""
    current = next((s for s in shown.steps if s.now), None)
    if current is None:
        return None
    after = [s for s in shown.steps if s.step.state is StepState.WAITING]
    live = [s for s in current.seats if s.seat in current.step.live()]
    since = min((s.seat.opened for s in live if s.seat.opened is not None), default=None)
    return Where(
        current.step.purpose, current.organ, tuple(s.person for s in live), since,
        after[0].step.purpose if after else None,
    )  # fmt: skip


def summary(view: DocumentView) -> str:
    """What a person reads before the page: what is asked for, and who has agreed."""
    parts = [f"申请 {view.content.amount_yuan:,} 元。"] if view.content.amount_yuan else []
    chain = view.chains[-1].chain if view.chains else None
    said = [o for o in chain.opinions if o.text and not o.taken_back] if chain is not None else []
    parts.extend(f"{o.by.person_name}：{o.text[:24]}" for o in said[-2:])
    return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison: kept, added or removed, with the changed parts inside."""

    mark: str  # " ", "+", "-"
    text: str


def compare_lines(old: Content, new: Content) -> tuple[Line, ...]:
    """Both versions as lines, what went and what came."""
    before, after = old.text().split("\n"), new.text().split("\n")
    lines = (Line(raw[0], raw[2:]) for raw in difflib.ndiff(before, after) if raw[0] != "?")
    return tuple(line for line in lines if line.text.strip())
