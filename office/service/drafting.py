"""拟稿: start a draft, keep every version, attach checked files, choose recipients."""

from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import insert, select, update

from office.domain import secrecy
from office.domain.chain import Chain, Purpose, StepState, Verdict
from office.domain.document import LAYOUT_OF, Block, BlockKind, Content, Kind, Layout, Selection, content_hash
from office.domain.errors import Invalid, NotFound, NotPermitted, RefusedFile, WrongStage
from office.domain.organs import Level
from office.domain.people import ADMIN_ROLES, Actor
from office.service import access
from office.service.approvals import by
from office.store import chains, documents, history, organs
from office.store.tables import refused_file, task, upload
from office.store.work import Work

SETTLES_AFTER = timedelta(minutes=5)  # typing within this time writes over the same version
MOST_ATTACHMENTS = 20
MOST_BLOCKS = 5_000


@dataclass(frozen=True, slots=True)
class StartDraft:
    """A new draft; `answers` links a 批复 to the request it answers, `upload_id` the file it was read from."""

    content: Content
    answers: int | None = None
    note: str = ""


def start(work: Work, command: StartDraft, actor: Actor) -> int:
    """Create a draft on the actor's desk; returns its id."""
    if actor.role in ADMIN_ROLES:
        raise NotPermitted("管理员账号不办公文。请用办公岗位登录。")
    content = with_layout(command.content)
    check_bounds(content)
    matter = None
    if command.answers is not None:
        asked = access.document(work, command.answers, by=actor)
        matter = asked.matter_id
        content = replace(content, answers_document_id=asked.id)
    document_id = documents.insert_document(
        work, organ_id=actor.organ_id, post_id=actor.post_id, person_id=actor.person_id, content=content,
        matter_id=matter, note=command.note,
    )  # fmt: skip
    entry = history.Entry(kind="DRAFTED", by=by(actor), document_id=document_id, body=[{"kind": str(content.kind)}])
    history.record(work, entry)
    return document_id


def with_layout(content: Content) -> Content:
    """Orders, letters and minutes have their own format (GB/T 9704 chapter 10); others keep what was chosen."""
    own = LAYOUT_OF.get(content.kind)
    if own is not None:
        return replace(content, layout=own)
    fits = content.layout in (Layout.GENERAL, Layout.LETTER)
    return content if fits else replace(content, layout=Layout.GENERAL)


def check_bounds(content: Content) -> None:
    """Sizes no paper needs (a text of 100,000 characters is 100 pages), and marks of secrecy: nothing is stored."""
    found = secrecy.judge([secrecy.Part(secrecy.BODY, content.text())])
    if found is not None and found.tier is secrecy.Tier.HARD:
        raise RefusedFile(found.sentence, rule=found.rule, fix="停止操作，联系保密员。")
    if len(content.title) > 300:
        raise Invalid("标题超过 300 字。请缩短标题。")
    if len(content.body) > MOST_BLOCKS or len(content.text()) > 200_000:
        raise Invalid("正文太长，放不进一份公文。请把长内容作为附件。")


@dataclass(frozen=True, slots=True)
class SaveDraft:
    """The content as it is in the editor. `base_seq` is the version the editor started from."""

    document_id: int
    content: Content
    base_seq: int
    note: str = ""
    keep: bool = False  # make a version of its own


@dataclass(frozen=True, slots=True)
class Saved:
    """What was stored: version and hash."""

    document_id: int
    seq: int
    hash: str


def save(work: Work, command: SaveDraft, actor: Actor) -> Saved:
    """Store the editor's content. Nothing is ever lost: over a settled or old version a new one is made."""
    found = access.own_draft(work, command.document_id, by=actor)
    content = with_layout(command.content)
    check_bounds(content)
    _check_frozen(work, found, content)
    newest = documents.versions(work, found.id)[0]
    if documents.content(work, found.id, newest.seq) == content and not command.keep:
        return Saved(found.id, newest.seq, newest.hash)
    mine = newest.by_person_id == actor.person_id and work.now - newest.at < SETTLES_AFTER
    free = not newest.settled and not command.keep and found.signed_hash is None
    over = newest if mine and free and newest.seq == command.base_seq else None
    seq = documents.write_version(
        work, found, content, post_id=actor.post_id, person_id=actor.person_id, note=command.note, over=over
    )
    if command.keep:
        documents.settle(work, replace(found, content_seq=seq))
    return Saved(found.id, seq, documents.versions(work, found.id)[0].hash)


def _check_frozen(work: Work, found: documents.Document, content: Content) -> None:
    """After sign-off only the colophon may still change (条例25(1)), and only until the seal is on it."""
    if found.signed_hash is None:
        return
    files = documents.attachment_hashes(documents.attachments(work, found.id))
    if content_hash(content, files) != found.signed_hash:
        raise WrongStage("已经签发，正文不能直接改。请点“报原签批人再审”。", code="S01")
    running = (c.chain.current for c in chains.of_document(work, found.id) if c.chain.purpose.value == "OUTGOING")
    if any(step is not None and step.purpose in (Purpose.RELEASE, Purpose.DISPATCH) for step in running):
        raise WrongStage("已经用印，版记也不能再改。确要改，请先退回到“用印”，改好再用印。", code="S01")


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change after sign-off: the new content goes back to the signatory (条例25(1))."""

    document_id: int
    content: Content
    note: str


def write_amended(work: Work, command: Amendment, actor: Actor) -> Saved:
    """Store the changed content as a version of its own; `outgoing.amend` sends it to the signatory."""
    found = access.own_draft(work, command.document_id, by=actor)
    content = with_layout(command.content)
    check_bounds(content)
    seq = documents.write_version(
        work, found, content, post_id=actor.post_id, person_id=actor.person_id, note=command.note, over=None
    )
    return Saved(found.id, seq, documents.versions(work, found.id)[0].hash)


@dataclass(frozen=True, slots=True)
class ChooseRecipients:
    """主送 and 抄送 as selections and as they are printed."""

    document_id: int
    principals: Selection
    copies: Selection
    principal_text: str
    copy_text: str


def choose_recipients(work: Work, command: ChooseRecipients, actor: Actor) -> Saved:
    """Set the recipients; the selection travels with the content."""
    found = access.own_draft(work, command.document_id, by=actor)
    now = documents.content(work, found.id, found.content_seq)
    changed = replace(
        now, principals=command.principals, copies=command.copies, principal_text=command.principal_text,
        copy_text=command.copy_text,
    )  # fmt: skip
    return save(work, SaveDraft(found.id, changed, found.content_seq), actor)


@dataclass(frozen=True, slots=True)
class Attach:
    """A file that passed the guard; the bytes are in the blob store already."""

    document_id: int
    name: str
    blob: str
    size: int
    media: str
    pages: int


def attach(work: Work, command: Attach, actor: Actor) -> int:
    """Add a checked file to a draft; returns the attachment's id."""
    found = access.own_draft(work, command.document_id, by=actor)
    if found.signed_hash is not None:
        raise WrongStage("已经签发，附件不能再改。请点“报原签批人再审”。", code="S01")
    there = documents.attachments(work, found.id)
    if len(there) >= MOST_ATTACHMENTS:
        raise Invalid(f"附件最多 {MOST_ATTACHMENTS} 个。请合并后再传。")
    attachment_id = documents.add_attachment(
        work, found.id, name=command.name[:200], blob=command.blob, size=command.size, media=command.media,
        pages=command.pages, post_id=actor.post_id,
    )  # fmt: skip
    _rename_in_text(work, found, actor)
    return attachment_id


def _rename_in_text(work: Work, found: documents.Document, actor: Actor) -> None:
    """附件说明 follows the real attachments (F08)."""
    names = tuple(plain_name(file.name) for file in documents.attachments(work, found.id))
    now = documents.content(work, found.id, found.content_seq)
    save(work, SaveDraft(found.id, replace(now, attachment_names=names), found.content_seq), actor)


def plain_name(name: str) -> str:
    """A file's name without its ending, as 附件说明 prints it."""
    stem, dot, ending = name.rpartition(".")
    return stem if dot and len(ending) <= 5 else name


@dataclass(frozen=True, slots=True)
class Detach:
    """Take a file off a draft, or put it back."""

    document_id: int
    attachment_id: int
    restore: bool = False


def detach(work: Work, command: Detach, actor: Actor) -> None:
    """Remove an attachment, undoably; the bytes stay in the store."""
    found = access.own_draft(work, command.document_id, by=actor)
    if found.signed_hash is not None:
        raise WrongStage("已经签发，附件不能再改。请点“报原签批人再审”。", code="S01")
    documents.remove_attachment(work, found.id, command.attachment_id, restore=command.restore)
    _rename_in_text(work, found, actor)


@dataclass(frozen=True, slots=True)
class Discard:
    """Put a draft away, or bring it back. Nothing is deleted (条例35)."""

    document_id: int
    restore: bool = False


def discard(work: Work, command: Discard, actor: Actor) -> None:
    """A draft that was never sent can be put away by its drafter, and brought back."""
    found = access.document(work, command.document_id, by=actor)
    if found.drafter_post_id != actor.post_id:
        raise NotPermitted("只有拟稿人能收起草稿。")
    expected = "ENDED" if command.restore else "DRAFT"
    if found.stage != expected or found.signed_hash is not None:
        raise WrongStage("只有没送出的草稿能收起。已送出的请用“撤回”或“终止”。")
    documents.change(work, found, stage="DRAFT" if command.restore else "ENDED", updated=work.now)
    kind = "RESTORED" if command.restore else "DISCARDED"
    history.record(work, history.Entry(kind=kind, by=by(actor), document_id=found.id, body=[]))


def compare(work: Work, document_id: int, old: int, new: int, actor: Actor) -> tuple[Content, Content]:
    """Two versions' contents, for comparison."""
    found = access.document(work, document_id, by=actor)
    return documents.content(work, found.id, old), documents.content(work, found.id, new)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that passed the guard."""

    name: str
    blob: str
    size: int
    media: str
    pages: int


def keep_upload(work: Work, command: Upload, actor: Actor) -> int:
    """Remember a checked file for its uploader; returns the upload's id."""
    return work.integer(
        insert(upload)
        .values(
            person_id=actor.person_id, name=command.name, blob=command.blob, size=command.size,
            media=command.media, pages=command.pages, at=work.now,
        )
        .returning(upload.c.id)
    )  # fmt: skip


def own_upload(work: Work, upload_id: int, actor: Actor) -> Upload:
    """The actor's own upload; NotFound otherwise."""
    u = upload.c
    row = work.execute(
        select(u.name, u.blob, u.size, u.media, u.pages).where(u.id == upload_id, u.person_id == actor.person_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    return Upload(*row)


@dataclass(frozen=True, slots=True)
class Refused:
    """What is kept of a refused file: hash, size and rule; never its name or text."""

    hash: str
    size: int
    rule: str


def log_refused(work: Work, command: Refused, actor: Actor | None) -> None:
    """The security log of refused files."""
    work.execute(
        insert(refused_file).values(
            hash=command.hash, size=command.size, rule=command.rule[:64], at=work.now,
            person_id=actor.person_id if actor else None,
        )
    )  # fmt: skip
    if actor is not None:
        entry = history.Entry(kind="FILE_REFUSED", by=by(actor), body=[{"hash": command.hash, "rule": command.rule}])
        history.record(work, entry)


def blank(kind: Kind) -> Content:
    """An empty paper of a kind, in its format."""
    return with_layout(Content(kind=kind))


def start_answer(work: Work, document_id: int, actor: Actor) -> int:
    """A 批复 with title, recipient and opening line taken from the request and the decision."""
    asked = access.document(work, document_id, by=actor)
    climb = next((c for c in reversed(chains.of_document(work, asked.id)) if c.chain.granted is not None), None)
    if climb is None or climb.chain.decided_by != actor.organ_id:
        raise WrongStage("这份请示还没有在本单位批示，不能起草批复。")
    below = _organ_below(climb.chain)
    title = asked.title.removesuffix("的请示")
    decided = next(o for o in reversed(climb.chain.opinions) if o.verdict in (Verdict.GRANT, Verdict.DENY))
    lead = f"你单位《{asked.title}》{f'（{asked.number}）' if asked.number else ''}收悉。经研究，现批复如下："
    word = "同意" if decided.verdict is Verdict.GRANT else "不同意"
    body = (lead, f"{word}。{decided.text}", "此复。")
    content = Content(
        kind=Kind.REPLY,
        title=f"{title}的批复",
        principal_text=organs.load(work, below).title,
        body=tuple(Block(BlockKind.PARAGRAPH, line) for line in body),
        principals=Selection((below,)),
        reach=Level.VILLAGE,
    )
    return start(work, StartDraft(content, answers=asked.id, note="由请示起草"), actor)


def _organ_below(chain: Chain) -> int:
    """The organ from which the request reached the deciding one."""
    passed = [s.organ_id for s in chain.steps if s.state is StepState.DONE and s.organ_id != chain.decided_by]
    before = [o for o in passed if o != chain.decided_by]
    return before[-1] if before else chain.organ_id


def start_again(work: Work, document_id: int, task_id: int, actor: Actor) -> int:
    """改稿重报 or 重发: a new draft with the returned paper's content, in the same matter."""
    found = access.document(work, document_id, by=actor)
    if found.organ_id != actor.organ_id:
        raise NotPermitted("只有发文单位能改稿重发。")
    content = documents.content(work, found.id, found.content_seq)
    new = documents.insert_document(
        work, organ_id=actor.organ_id, post_id=actor.post_id, person_id=actor.person_id, content=content,
        matter_id=found.matter_id, note=f"照 {found.number or '原稿'} 改",
    )  # fmt: skip
    for file in documents.attachments(work, found.id):
        documents.add_attachment(
            work, new, name=file.name, blob=file.blob, size=file.size, media=file.media, pages=file.pages,
            post_id=actor.post_id,
        )  # fmt: skip
    if task_id:
        work.execute(
            update(task)
            .where(task.c.id == task_id, task.c.post_id == actor.post_id, task.c.state == chains.OPEN)
            .values(state=chains.DONE, done=work.now)
        )
    history.record(work, history.Entry(kind="DRAFTED", by=by(actor), document_id=new, body=[{"again": found.id}]))
    return new
