"""How papers go over desks in the stories: drafted, reviewed, signed, numbered, sealed, sent; received and handled."""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from office.domain import commands as verbs
from office.domain.chain import Assignment, ChainPurpose, Purpose, Seat, StepKind, Verdict
from office.domain.document import Block, BlockKind, Content, Imprint, Issuer, Kind, Paper
from office.domain.outgoing import Countersign
from office.domain.people import Actor
from office.paper import layout, pdf
from office.service import approvals, checking, drafting, exchange, outgoing
from office.store import chains, documents, receipts
from office.store.chains import StoredChain
from office.store.work import Work
from web.demo.stage import Stage

Making = Generator[datetime, None, int]  # a story that leaves a document
_SAID: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.REVIEW: ("同意，请领导审签。", "文字已核，报请签发。", "依据和数字已核对，请审签。"),
    Purpose.COUNTERSIGN: ("同意。", "无不同意见。", "同意，请按职责分工落实。"),
    Purpose.SIGN_OFF: ("发。", "同意，印发。", "同意。"),
    Purpose.PROPOSE: ("拟请负责人阅示。", "建议按职责办理，请阅示。", "拟同意，请批示。"),
    Purpose.INSTRUCT: ("照办，按期办结。", "同意拟办意见。", "请抓紧办理，办结后报我。"),
    Purpose.HANDLE: ("已办理，情况见答复。", "已按要求落实。", "已会同有关村办完。"),
}
_BY_CLERK = frozenset({Purpose.REGISTER, Purpose.SCREEN, Purpose.CLOSE, Purpose.RECHECK})


@dataclass(frozen=True, slots=True)
class Way:
    """How far a paper goes and who is asked. `hold`: it stays at this step."""

    hold: Purpose | None = None
    countersign: Countersign | None = None
    signatory: int | None = None
    due: datetime | None = None
    reply_by: datetime | None = None
    slow: int = 90  # most working minutes a desk takes
    annex: str = ""  # name of a PDF attachment
    reasons: Mapping[str, str] = field(default_factory=dict)  # rule → reason given before it is sent


def current(work: Work, document_id: int, purpose: ChainPurpose, organ_id: int | None = None) -> StoredChain | None:
    """The running chain of that purpose on a document (in that organ)."""
    found = (c for c in chains.of_document(work, document_id) if c.chain.purpose is purpose)
    return next((c for c in found if c.chain.current is not None and organ_id in (None, c.organ_id)), None)


def said(stage: Stage, purpose: Purpose) -> str:
    """What is said at a step."""
    return stage.chance.choice(_SAID.get(purpose, ("",)))


def issue(stage: Stage, start: datetime, drafter: Actor, make: Callable[[], Content], way: Way | None = None) -> Making:
    """A paper from the first word to dispatch, or to where `way` holds it."""
    way = way or Way()
    yield start
    command = drafting.StartDraft(make())
    document_id = stage.write(drafting.start, command, drafter)
    for rule, reason in way.reasons.items():
        stage.write(checking.give_reason, checking.GiveReason(document_id, rule, reason), drafter)
    if way.annex:
        stage.write(drafting.attach, _annex(stage, document_id, way.annex), drafter)
    return (yield from send(stage, document_id, drafter, way))


def _annex(stage: Stage, document_id: int, name: str) -> drafting.Attach:
    """A table as a PDF of its own."""
    rows = (("地点", "检查内容", "是否正常", "备注"), *((place, "塌坡、渗漏、淤堵", "", "") for place in _PLACES))
    content = Content(Kind.NOTICE, name, body=(Block(BlockKind.TABLE, rows=rows),))
    data = layout.render(Paper(content, Issuer("", ""), Imprint(demo=True))).pdf
    pages = pdf.page_count(data)
    return drafting.Attach(document_id, f"{name}.pdf", stage.blobs.put_now(data), len(data), "application/pdf", pages)


_PLACES = ("进水闸", "支渠", "斗渠", "涵洞", "渡槽", "分水口", "退水闸")


def send(stage: Stage, document_id: int, drafter: Actor, way: Way) -> Making:
    """A draft on its way out."""
    if way.hold is Purpose.DRAFT:
        return document_id
    yield stage.after(10, way.slow)
    command = outgoing.SendForReview(document_id, way.countersign, way.signatory, due=way.due)
    stage.write(outgoing.send_for_review, command, drafter)
    while (stored := stage.read(current, document_id, ChainPurpose.OUTGOING)) is not None:
        step = stored.chain.current
        if step is None or step.purpose is way.hold:
            break
        yield stage.after(6, way.slow)
        _step_out(stage, stored, way)
    return document_id


def _step_out(stage: Stage, stored: StoredChain, way: Way) -> None:
    """The next act on an outgoing chain, by whoever holds its first live seat."""
    step, seat = stored.chain.open_seats()[0]
    holder, on_step = stage.holder(seat.post_id), outgoing.OnStep(stored.id)
    match step.purpose:
        case Purpose.NUMBER:
            stage.write(outgoing.assign_number, on_step, holder)
        case Purpose.SEAL:
            job = stage.read(outgoing.seal_job, on_step, holder)
            blob, pages = stage.seal(job)
            stage.write(outgoing.affix, outgoing.Affix(stored.id, blob, job.signed_hash, pages), holder)
        case Purpose.RELEASE:
            stage.write(outgoing.release, on_step, holder)
        case Purpose.DISPATCH:
            stage.write(outgoing.dispatch, outgoing.Dispatch(stored.id, way.reply_by), holder)
        case Purpose.SIGN_OFF:
            act(stage, stored, seat, said(stage, step.purpose), content_hash=stage.read(_hash, stored))
        case _:
            act(stage, stored, seat, "" if step.purpose in _BY_CLERK else said(stage, step.purpose))


def _hash(work: Work, stored: StoredChain) -> str:
    return documents.signed_hash(work, documents.load(work, stored.document_id))


def act(stage: Stage, stored: StoredChain, seat: Seat, opinion: str, *, content_hash: str = "") -> None:
    """办理 one seat."""
    command = verbs.Complete(seat.id, opinion=opinion, content_hash=content_hash)
    stage.write(approvals.act, approvals.Act(stored.id, command), stage.holder(seat.post_id))


def do(stage: Stage, stored: StoredChain, command: verbs.Command, by: Actor) -> None:
    """Any other verb."""
    stage.write(approvals.act, approvals.Act(stored.id, command), by)


@dataclass(frozen=True, slots=True)
class Handling:
    """How a received paper is handled: by whom, held where, and what is answered."""

    by: tuple[Actor, ...] = ()
    hold: Purpose | None = None
    proposal: str = ""
    reply: str = ""
    slow: int = 120


def receive(stage: Stage, start: datetime, document_id: int, organ_id: int, how: Handling) -> Making:
    """A delivered paper in one organ: signed for, registered, screened, proposed, instructed, handled, closed."""
    yield start
    clerk = stage.clerk_of(organ_id)
    found = stage.read(receipts.of_organ, document_id, organ_id)
    if found is None or how.hold is Purpose.RECEIVE:
        return document_id
    if found.signed_at is None:
        stage.write(exchange.sign_for, exchange.SignFor(found.id, register=True), clerk)
    while (stored := stage.read(current, document_id, ChainPurpose.INCOMING, organ_id)) is not None:
        step = stored.chain.current
        if step is None or step.purpose is how.hold:
            return document_id
        yield stage.after(15, how.slow)
        if step.purpose is Purpose.HANDLE and how.reply and stage.organ_at(organ_id).level == 4:
            break
        _step_in(stage, stored, how)
    if how.reply:
        yield stage.after(10, how.slow)
        stage.write(exchange.reply, exchange.Reply(found.id, how.reply), clerk)
    return document_id


def _step_in(stage: Stage, stored: StoredChain, how: Handling) -> None:
    step, seat = stored.chain.open_seats()[0]
    assign = None
    if step.purpose is Purpose.PROPOSE or (step.purpose is Purpose.INSTRUCT and stored.chain.proposal is None):
        assign = _assignment(how.by or (stage.clerk_of(stored.organ_id),))
    text = "" if step.purpose in _BY_CLERK else said(stage, step.purpose)
    if step.purpose is Purpose.PROPOSE and how.proposal:
        text = how.proposal
    command = verbs.Complete(seat.id, Verdict.AGREE, text, assign=assign)
    do(stage, stored, command, stage.holder(seat.post_id))


def _assignment(handlers: tuple[Actor, ...]) -> Assignment:
    posts = tuple((one.post_id, one.organ_id) for one in handlers)
    kind = StepKind.SINGLE if len(posts) == 1 else StepKind.LEAD
    return Assignment(kind, posts, posts[0][0] if len(posts) > 1 else None)


def show(stage: Stage, document_id: int, by: Actor, readers: tuple[Actor, ...], reason: str) -> None:
    """传阅 a paper beside its newest chain in that organ."""
    stored = stage.read(_newest, document_id, by.organ_id)
    posts = tuple((one.post_id, one.organ_id) for one in readers)
    do(stage, stored, verbs.Circulate(posts, reason), by)


def _newest(work: Work, document_id: int, organ_id: int) -> StoredChain:
    found = [c for c in chains.of_document(work, document_id) if c.organ_id == organ_id]
    return found[-1]


def read_it(stage: Stage, document_id: int, reader: Actor) -> None:
    """阅知."""
    stored = stage.read(_newest, document_id, reader.organ_id)
    mine = next(r for r in stored.chain.readers if r.post_id == reader.post_id)
    do(stage, stored, verbs.MarkRead(mine.id), reader)


@dataclass(frozen=True, slots=True)
class Climbing:
    """A request's way: where it stops (level, step), what each tier says, whether the deciding one grants it."""

    stop: tuple[int, Purpose] | None = None
    granted: bool = True
    opinion: str = "情况属实。"
    slow: int = 150


def climb(stage: Stage, document_id: int, how: Climbing) -> Making:
    """A sent request over the desks above, decided where the tier is competent, and answered down."""
    while (stored := stage.read(current, document_id, ChainPurpose.REQUEST)) is not None:
        step, seat = stored.chain.open_seats()[0]
        if (stage.organ_at(step.organ_id).level, step.purpose) == how.stop:
            break
        yield stage.after(20, how.slow)
        by = stage.holder(seat.post_id)
        if step.purpose is Purpose.INSTRUCT:
            _instruct(stage, stored, seat, how)
        elif step.purpose is Purpose.RESPOND:
            yield from _answer(stage, document_id, by, granted=how.granted)
        else:
            act(stage, stored, seat, said(stage, step.purpose) if step.purpose is Purpose.PROPOSE else "")
    return document_id


_TERMS = "请按核定的工程量实施，资金专款专用。"


def _instruct(stage: Stage, stored: StoredChain, seat: Seat, how: Climbing) -> None:
    step = stored.chain.current
    above = step is not None and step.limit_yuan is not None and stored.chain.amount_yuan > step.limit_yuan
    command: verbs.Command = (
        verbs.PassUpward(seat.id, f"{how.opinion}所需资金超出本级权限，请上级支持。")
        if above
        else verbs.Decide(seat.id, how.granted, how.opinion + (_TERMS if how.granted else ""))
    )
    do(stage, stored, command, stage.holder(seat.post_id))


def _answer(stage: Stage, document_id: int, by: Actor, *, granted: bool) -> Making:
    answer = stage.write(drafting.start_answer, document_id, by)
    stage.write(_retitle, answer, f"{stage.organ_at(by.organ_id).title}关于{'同意' if granted else ''}", by)
    return (yield from send(stage, answer, by, Way(slow=60)))


def _retitle(work: Work, document_id: int, beginning: str, by: Actor) -> None:
    """The answer names who answers, not who asked."""
    found = documents.load(work, document_id)
    changed = replace(
        documents.content(work, found.id, found.content_seq), title=beginning + found.title.split("关于", 1)[-1]
    )
    drafting.save(work, drafting.SaveDraft(found.id, changed, found.content_seq), by)
