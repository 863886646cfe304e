"""发文: send for review, number, seal, dispatch. The slow work (setting, sealing) is the edge's."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from office.domain import commands as verbs
from office.domain import incoming, outgoing
from office.domain.chain import Purpose
from office.domain.document import Content, Kind, Layout, Paper
from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.numbering import DocumentNumber
from office.domain.organs import OrganKind
from office.domain.outgoing import Countersign, OutgoingPlan
from office.domain.people import Actor, Role
from office.service import access, approvals, joint, setting
from office.store import chains, desks, documents, history, numbers, organs, receipts
from office.store.tables import organ
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class SendForReview:
    """送审. Who is left out is resolved from the organ's posts, also the heads of the organs of a joint issue.

    `joint_organs` None: the paper is issued with the organs its draft names.
    """

    document_id: int
    countersign: Countersign | None = None
    signatory_post: int | None = None
    joint_organs: tuple[int, ...] | None = None
    joint_signatories: tuple[int, ...] = ()
    due: datetime | None = None
    opinion: str = ""


def send_for_review(work: Work, command: SendForReview, actor: Actor) -> chains.StoredChain:
    """Start the chain of a draft, or send a returned one on; the rules were checked by the edge with the same ids."""
    found = access.document(work, command.document_id, by=actor)
    if found.drafter_post_id != actor.post_id or found.stage != "DRAFT":
        raise WrongStage("这份稿子不在您手上，不能送审。")
    if command.joint_organs is not None:
        joint.choose(work, joint.Choose(found.id, command.joint_organs), actor)
        found = documents.load(work, found.id)
    content = documents.content(work, found.id, found.content_seq)
    if not content.principals and not content.copies:
        raise Invalid("还没有选发给谁，签发以后不能再改。请先选主送或抄送。", code="S03")
    running = running_chain(work, found.id)
    if running is None:
        chain = outgoing.start(_plan(work, found, content, command), at=work.now)
        running = chains.insert_chain(work, found.id, chain)
    joint.check_signed_by_all(running.chain, content)
    seat = running.chain.open_seats()[0][1]
    return approvals.perform(work, running, verbs.Complete(seat.id, opinion=command.opinion), actor)


def running_chain(work: Work, document_id: int) -> chains.StoredChain | None:
    """The outgoing chain of a document, if one is running."""
    found = [c for c in chains.of_document(work, document_id) if c.chain.purpose.value == "OUTGOING"]
    return next((c for c in reversed(found) if c.chain.current is not None), None)


def _plan(work: Work, found: documents.Document, content: Content, command: SendForReview) -> OutgoingPlan:
    organ_id = found.organ_id
    leaders = desks.posts(work, organ_id, Role.LEADER)
    signatory = command.signatory_post or desks.first(leaders, "主要负责人")
    signing_posts = desks.posts(work, organ_id, Role.LEADER, Role.DEPUTY_LEADER)
    if signatory not in signing_posts:
        raise Invalid("签发人要是本单位负责人。")
    if found.kind in outgoing.UPWARD_KINDS and signatory not in leaders:
        raise Invalid(
            "上行文由主要负责人签发。请改选主要负责人。",
            code="D06",
            article="《党政机关公文处理工作条例》第二十二条",
        )
    heads = desks.posts(work, organ_id, Role.OFFICE_HEAD) or (signatory,)
    clerks = desks.posts(work, organ_id, Role.CLERK)
    return OutgoingPlan(
        organ_id=organ_id,
        kind=found.kind,
        drafter=found.drafter_post_id,
        reviewers=heads,
        signatories=((signatory, organ_id), *joint.signatories(work, content, command.joint_signatories)),
        clerks=clerks or (found.drafter_post_id,),
        countersign=command.countersign,
        reach=found.reach,
        due=command.due,
    )


@dataclass(frozen=True, slots=True)
class OnStep:
    """A clerk's act on the current step of an outgoing chain."""

    chain_id: int


def _at(work: Work, chain_id: int, purpose: Purpose, actor: Actor) -> tuple[chains.StoredChain, int]:
    stored = access.chain(work, chain_id, by=actor)
    current = stored.chain.current
    if current is None or current.purpose is not purpose:
        raise WrongStage("文件现在不在这一步，请刷新后再看。")
    held = [s for s in current.live() if actor.post_id in (s.post_id, s.deputy_id)]
    mine = [s for s in held if s.parent is None]
    if held and not mine:
        raise WrongStage("您是被请来先看的，请写意见后办理；编号、用印、核发、分发由经办人办。")
    if not mine:
        raise NotPermitted("这一步由本单位文秘办。", article="《党政机关公文处理工作条例》第二十九条")
    return stored, mine[0].id


def _complete(work: Work, stored: chains.StoredChain, seat_id: int, actor: Actor) -> chains.StoredChain:
    act = approvals.filled(work, stored, verbs.Complete(seat_id))
    return approvals.perform(work, stored, act, actor)


def assign_number(work: Work, command: OnStep, actor: Actor) -> str:
    """登记编号: take the next number of the organ's ledger, or keep the one this paper already has."""
    stored, seat = _at(work, command.chain_id, Purpose.NUMBER, actor)
    found = documents.load(work, stored.document_id)
    issuer = organs.load(work, found.organ_id)
    if not issuer.word or not issuer.may_issue:
        raise Invalid("本单位还没有发文立户，没有发文代字。请先向本级办公室申请。", code="R16")
    held = numbers.live_serial(work, found.id)
    if held is None:
        year = work.today.year
        serial = numbers.take(work, organ_id=issuer.id, word=issuer.word, year=year, document_id=found.id)
        held = (issuer.word, year, serial)
    text = DocumentNumber(*held).text
    documents.change(work, found, number=text, updated=work.now)
    _complete(work, stored, seat, actor)
    return text


@dataclass(frozen=True, slots=True)
class SealJob:
    """Everything the edge needs to set, merge and seal a paper, read in one snapshot."""

    document_id: int
    chain_id: int
    paper: Paper
    attachments: tuple[documents.Attachment, ...]
    seal_organs: tuple[tuple[int, str, float], ...]  # (organ, title, diameter in mm)
    signed_hash: str


def seal_job(work: Work, command: OnStep, actor: Actor) -> SealJob:
    """What is to be sealed; refused unless the chain stands at the seal and the content is the signed one."""
    stored, _ = _at(work, command.chain_id, Purpose.SEAL, actor)
    found = documents.load(work, stored.document_id)
    now = documents.signed_hash(work, found)
    if stored.chain.signed_hash is None or stored.chain.signed_hash != now or found.signed_hash != now:
        raise WrongStage("签发后内容变了，不能用印。请点“报原签批人再审”。", code="S01")
    content = documents.content(work, found.id, found.content_seq)
    sealing = (found.organ_id, *content.joint_organ_ids)
    seals = tuple((o.id, o.title, o.seal_mm) for o in (organs.load(work, i) for i in sealing))
    if content.layout is Layout.MINUTES:
        seals = seals[:1]  # minutes carry no stamp on the page (GB/T 9704 10.3), but the file is still signed
    return SealJob(
        found.id, stored.id, setting.paper_of(work, found), documents.attachments(work, found.id), seals, now
    )


@dataclass(frozen=True, slots=True)
class Affix:
    """The sealed file is in the blob store; the row that names it comes now."""

    chain_id: int
    blob: str
    signed_hash: str
    pages: int


def affix(work: Work, command: Affix, actor: Actor) -> chains.StoredChain:
    """用印: record the sealed file, if the content is still the one that was sealed."""
    stored, seat = _at(work, command.chain_id, Purpose.SEAL, actor)
    found = documents.load(work, stored.document_id)
    if documents.signed_hash(work, found) != command.signed_hash or found.signed_hash != command.signed_hash:
        raise WrongStage("用印期间内容变了，这次用印作废。请重新用印。", code="S01")
    documents.change(work, found, issued_blob=command.blob, updated=work.now)
    return _complete(work, stored, seat, actor)


def release(work: Work, command: OnStep, actor: Actor) -> chains.StoredChain:
    """核发: the check of text, format and print before dispatch (条例25(4))."""
    stored, seat = _at(work, command.chain_id, Purpose.RELEASE, actor)
    return _complete(work, stored, seat, actor)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """分发 to everybody the recipients name. `due`: until when an answer is wanted."""

    chain_id: int
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dispatched:
    """How many organs it went to."""

    document_id: int
    organs: int


def dispatch(work: Work, command: Dispatch, actor: Actor) -> Dispatched:
    """Issue: receipts and tasks for all recipients in the same transaction, all or none."""
    stored, seat = _at(work, command.chain_id, Purpose.DISPATCH, actor)
    found = documents.load(work, stored.document_id)
    if found.issued_blob is None:
        raise WrongStage("还没有用印，不能分发。", code="S04")
    content = documents.content(work, found.id, found.content_seq)
    if not content.principals and not content.copies:
        raise Invalid("还没有选发给谁。请先选主送。", code="S03")
    _complete(work, stored, seat, actor)
    found = documents.load(work, found.id)
    documents.change(work, found, stage="ISSUED", issued_at=work.now, updated=work.now)
    sent = deliver_all(work, found, content, command.due)
    entry = history.Entry(kind="ISSUED", by=approvals.by(actor), document_id=found.id, body=[{"organs": sent}])
    history.record(work, entry)
    _continue_matter(work, found, content, actor)
    return Dispatched(found.id, sent)


def deliver_all(work: Work, found: documents.Document, content: Content, due: datetime | None) -> int:
    """A receipt for every recipient and a task for its clerk; returns to how many organs it goes."""
    roots = {root for part in (content.principals, content.copies) for root, _ in part.tiers}
    paths = {row[0]: row[1] for row in work.execute(select(organ.c.id, organ.c.path).where(organ.c.id.in_(roots)))}
    sent = 0
    for role, part in (("PRINCIPAL", content.principals), ("COPY", content.copies)):
        if part:
            where = receipts.chosen(part, paths) & (organ.c.id != found.organ_id)
            if found.reach is not None:  # 条例31: the page of recipients names who is below it
                where &= organ.c.level <= int(found.reach)
            sent += receipts.deliver(work, document_id=found.id, role=role, where=where, due=due)
    if found.kind is not Kind.REQUEST and not _answers_climb(work, content):
        receipts.give_out(work, document_id=found.id)
    return sent


def _answers_climb(work: Work, content: Content) -> bool:
    return content.answers_document_id is not None and _climb_of(work, content.answers_document_id) is not None


def _climb_of(work: Work, document_id: int) -> chains.StoredChain | None:
    found = [c for c in chains.of_document(work, document_id) if c.chain.purpose.value == "REQUEST"]
    return found[-1] if found else None


def _continue_matter(work: Work, found: documents.Document, content: Content, actor: Actor) -> None:
    """A request starts its way up; a reply goes on the way down."""
    if found.kind is Kind.REQUEST:
        above = organs.tree(work).ascend(found.organ_id)
        reporting = tuple(o for o in above if o.kind is OrganKind.GOVERNMENT)
        desks_up = tuple(desks.desk(work, o.id) for o in reporting)
        drafter = (found.drafter_post_id, found.organ_id)
        chain = incoming.climb(drafter, desks_up, kind=found.kind, amount_yuan=content.amount_yuan, at=work.now)
        stored = chains.insert_chain(work, found.id, chain)
        as_drafter = replace(actor, post_id=found.drafter_post_id)
        approvals.perform(work, stored, verbs.Complete(chain.steps[0].seats[0].id), as_drafter)
    elif content.answers_document_id is not None:
        climb = _climb_of(work, content.answers_document_id)
        if climb is not None and climb.chain.current is not None and climb.chain.current.purpose is Purpose.RESPOND:
            held = climb.chain.current.live()[0]
            answering = replace(actor, post_id=held.post_id)
            approvals.perform(work, climb, verbs.Complete(held.id, opinion=f"已发{found.number}"), answering)


@dataclass(frozen=True, slots=True)
class Amend:
    """报原签批人再审, after `drafting.write_amended` stored the changed content."""

    document_id: int
    note: str = ""


def amend(work: Work, command: Amend, actor: Actor) -> chains.StoredChain:
    """Content changed after sign-off: back to the signatory; a number already taken is kept."""
    found = access.own_draft(work, command.document_id, by=actor)
    stored = running_chain(work, found.id)
    if stored is None:
        raise WrongStage("这份文件已经发出，内容不能再改。请用“撤销”或“废止”，再发新文。")
    now = documents.signed_hash(work, found)
    return approvals.perform(work, stored, verbs.Amend(now, command.note), actor)
