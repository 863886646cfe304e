"""The API of drafts and documents: write, check, send, issue, look, compare, forward, void."""

from dataclasses import dataclass

from office.domain.chain import ChainPurpose, ChainStage, Purpose
from office.domain.document import Content
from office.domain.people import Actor
from office.service import access, checking, drafting, exchange, outgoing, papers, reading, voiding
from office.store import chains, documents, receipts
from office.store.work import Work
from web.api.entry import Entry, read, write
from web.handlers.outgoing import send_checked


@dataclass(frozen=True, slots=True)
class Nothing:
    """A question without fields."""


@dataclass(frozen=True, slots=True)
class Started:
    """A new document."""

    document_id: int


@dataclass(frozen=True, slots=True)
class OneDocument:
    """Which document."""

    document_id: int


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where a chain stands after an act."""

    chain_id: int
    document_id: int
    version: int
    stage: ChainStage
    purpose: Purpose | None


def state_of(stored: chains.StoredChain) -> ChainState:
    """Where the chain stands."""
    current = stored.chain.current
    purpose = current.purpose if current is not None else None
    return ChainState(stored.id, stored.document_id, stored.version, stored.chain.stage, purpose)


def drafts(work: Work, _command: Nothing, actor: Actor) -> tuple[reading.DocumentRow, ...]:
    """One's own drafts."""
    return reading.drafts(work, actor)


def start(work: Work, command: drafting.StartDraft, actor: Actor) -> Started:
    """A new draft."""
    return Started(drafting.start(work, command, actor))


@dataclass(frozen=True, slots=True)
class AttachUpload:
    """A file that was uploaded and checked before."""

    document_id: int
    upload_id: int


@dataclass(frozen=True, slots=True)
class Attached:
    """A new attachment."""

    attachment_id: int


def attach(work: Work, command: AttachUpload, actor: Actor) -> Attached:
    """Put one's own upload on one's own draft."""
    file = drafting.own_upload(work, command.upload_id, actor)
    added = drafting.Attach(command.document_id, file.name, file.blob, file.size, file.media, file.pages)
    return Attached(drafting.attach(work, added, actor))


@dataclass(frozen=True, slots=True)
class CheckAt:
    """Which document, and at which moment: typing, send, recheck."""

    document_id: int
    moment: str = "typing"


def faults(work: Work, command: CheckAt, actor: Actor) -> checking.Report:
    """What the writing rules say."""
    if command.moment not in MOMENTS:
        command = CheckAt(command.document_id)
    return checking.report(work, command.document_id, actor, moment=command.moment)


MOMENTS = frozenset({"typing", "send", "recheck"})


@dataclass(frozen=True, slots=True)
class Sent:
    """The chain that was begun or goes on."""

    chain_id: int


def send(work: Work, command: outgoing.SendForReview, actor: Actor) -> Sent:
    """Send for review; refused while a fault stops."""
    return Sent(send_checked(work, command, actor))


@dataclass(frozen=True, slots=True)
class Amended:
    """The changed content of a signed paper, and why it was changed."""

    document_id: int
    content: Content
    note: str


def amend(work: Work, command: Amended, actor: Actor) -> ChainState:
    """Store the change and go back to the signatory."""
    drafting.write_amended(work, drafting.Amendment(command.document_id, command.content, command.note), actor)
    return state_of(outgoing.amend(work, outgoing.Amend(command.document_id, command.note), actor))


@dataclass(frozen=True, slots=True)
class ChainOf:
    """A chain of a document with every step, seat and opinion, and where it is in one line."""

    id: int
    version: int
    purpose: ChainPurpose
    organ: str
    stage: ChainStage
    where: papers.Where | None
    steps: tuple[papers.StepView, ...]


@dataclass(frozen=True, slots=True)
class DocumentOf:
    """A document as this person sees it. `content_hash` is what a signature signs."""

    document: documents.Document
    organ: str
    content: Content
    content_hash: str
    attachments: tuple[documents.Attachment, ...]
    chains: tuple[ChainOf, ...]
    receipt: receipts.Receipt | None
    related: tuple[documents.Document, ...]
    may_edit: bool


def document(work: Work, command: OneDocument, actor: Actor) -> DocumentOf:
    """The paper, where it is, since when, who is next, every opinion."""
    view = papers.view(work, command.document_id, actor)
    shown = tuple(
        ChainOf(c.id, c.version, c.purpose, c.organ, c.chain.stage, papers.where(c), c.steps) for c in view.chains
    )
    signed = documents.signed_hash(work, view.document)
    return DocumentOf(
        view.document, view.organ, view.content, signed, view.attachments, shown, view.receipt, view.related,
        view.may_edit,
    )  # fmt: skip


def opened(work: Work, command: OneDocument, actor: Actor) -> None:
    """The receiving organ has opened it."""
    exchange.open_document(work, command.document_id, actor)


def versions(work: Work, command: OneDocument, actor: Actor) -> tuple[documents.Version, ...]:
    """All versions, newest first."""
    found = access.document(work, command.document_id, by=actor)
    return documents.versions(work, found.id)


@dataclass(frozen=True, slots=True)
class TwoVersions:
    """Which two versions."""

    document_id: int
    old: int
    new: int


def compare(work: Work, command: TwoVersions, actor: Actor) -> tuple[papers.Line, ...]:
    """Two versions line by line."""
    return papers.compare_lines(*drafting.compare(work, command.document_id, command.old, command.new, actor))


@dataclass(frozen=True, slots=True)
class Numbered:
    """The number taken from the ledger."""

    number: str


def number(work: Work, command: outgoing.OnStep, actor: Actor) -> Numbered:
    """登记编号."""
    return Numbered(outgoing.assign_number(work, command, actor))


def release(work: Work, command: outgoing.OnStep, actor: Actor) -> ChainState:
    """核发."""
    return state_of(outgoing.release(work, command, actor))


def answer(work: Work, command: OneDocument, actor: Actor) -> Started:
    """Begin the 批复 of a decided request."""
    return Started(drafting.start_answer(work, command.document_id, actor))


@dataclass(frozen=True, slots=True)
class Again:
    """A returned paper, and the task that told of it."""

    document_id: int
    task_id: int = 0


def again(work: Work, command: Again, actor: Actor) -> Started:
    """改稿重报."""
    return Started(drafting.start_again(work, command.document_id, command.task_id, actor))


@dataclass(frozen=True, slots=True)
class Reached:
    """How many organs."""

    organs: int


def forward(work: Work, command: exchange.Forward, actor: Actor) -> Reached:
    """转发."""
    return Reached(exchange.forward(work, command, actor))


def remind(work: Work, command: OneDocument, actor: Actor) -> Reached:
    """催办 everyone who has not signed."""
    return Reached(exchange.remind_unsigned(work, command.document_id, actor))


@dataclass(frozen=True, slots=True)
class RolledUp:
    """The villages' replies in one text."""

    text: str


def roll_up(work: Work, command: OneDocument, actor: Actor) -> RolledUp:
    """汇总."""
    return RolledUp(exchange.roll_up(work, command.document_id, actor))


ENTRIES: tuple[Entry, ...] = (
    read("/drafts", drafts, "自己的草稿"),
    write("POST", "/drafts", start, "起草"),
    write("PUT", "/drafts/{document_id}", drafting.save, "保存草稿"),
    write("PUT", "/drafts/{document_id}/recipients", drafting.choose_recipients, "选发给谁"),
    write("POST", "/drafts/{document_id}/attachments", attach, "加附件（先上传）"),
    write("PUT", "/drafts/{document_id}/attachments/{attachment_id}", drafting.detach, "去掉或放回附件"),
    write("PUT", "/drafts/{document_id}/stage", drafting.discard, "收起或恢复草稿"),
    read("/drafts/{document_id}/faults", faults, "检查"),
    write("POST", "/drafts/{document_id}/fix", checking.apply_fix, "按提示改"),
    write("POST", "/drafts/{document_id}/reasons", checking.give_reason, "写明理由"),
    write("POST", "/drafts/{document_id}/send", send, "送审"),
    write("POST", "/documents/{document_id}/amend", amend, "签发后改稿，报原签批人再审"),
    read("/documents/{document_id}", document, "一份文件：内容、走到哪、每条意见"),
    write("POST", "/documents/{document_id}/open", opened, "收文单位打开"),
    read("/documents/{document_id}/versions", versions, "各稿"),
    read("/documents/{document_id}/compare", compare, "比较两稿"),
    write("POST", "/documents/{document_id}/answer", answer, "起草批复"),
    write("POST", "/documents/{document_id}/again", again, "改稿重报"),
    write("POST", "/documents/{document_id}/forward", forward, "转发到下级"),
    write("POST", "/documents/{document_id}/remind", remind, "催办"),
    read("/documents/{document_id}/roll-up", roll_up, "汇总下级答复"),
    write("POST", "/documents/{document_id}/void", voiding.void, "撤销或废止"),
    write("POST", "/documents/{document_id}/void-number", voiding.void_number, "废号"),
    write("PUT", "/documents/{document_id}/reach", voiding.widen_reach, "扩大发至层级"),
    write("POST", "/chains/{chain_id}/number", number, "登记编号"),
    write("POST", "/chains/{chain_id}/release", release, "核发"),
    write("POST", "/chains/{chain_id}/dispatch", outgoing.dispatch, "分发"),
)
