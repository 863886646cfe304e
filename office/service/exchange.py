"""收发: what happens between organs: open, sign for, forward, reply, roll up, remind, recall."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from office.domain import commands as verbs
from office.domain import incoming
from office.domain.chain import Purpose
from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.organs import Level
from office.domain.people import Actor, Role
from office.service import access, approvals
from office.store import chains, desks, documents, history, receipts
from office.store.tables import organ, receipt
from office.store.work import Work

REMIND_EVERY = timedelta(hours=4)
VOID = {"REVOKED": "撤销", "ABOLISHED": "废止"}


def open_document(work: Work, document_id: int, actor: Actor) -> None:
    """The first time a post of the receiving organ opens a paper, the receipt says so."""
    found = receipts.of_organ(work, document_id, actor.organ_id)
    access.document(work, document_id, by=actor)
    if found is not None and found.opened_at is None:
        receipts.change(work, found, opened_at=work.now, opened_by=actor.person_id)
        entry = history.Entry(kind="OPENED", by=approvals.by(actor), document_id=document_id, body=[])
        history.record(work, entry)


def begin(work: Work, receipt_id: int, actor: Actor) -> chains.StoredChain:
    """The receiving organ's chain, begun now if nobody has; its first step is to sign for the paper."""
    found = access.receipt(work, receipt_id, by=actor)
    paper = documents.load(work, found.document_id)
    _check_in_force(found, paper)
    stored = chains.of_receipt(work, found.id)
    if stored is not None:
        return stored
    level = Level(work.execute(select(organ.c.level).where(organ.c.id == found.organ_id)).scalar_one())
    desk = desks.desk(work, found.organ_id)
    chain = incoming.start(desk, kind=paper.kind, level=level, at=work.now, due=found.due, reach=paper.reach)
    stored = chains.insert_chain(work, found.document_id, chain, found.id, tasks=False)
    step = chain.steps[0]
    receipts.link_task(work, found.id, chain_id=stored.id, step_id=step.id, seat_id=step.seats[0].id)
    return stored


def _check_in_force(found: receipts.Receipt, paper: documents.Document) -> None:
    """Nothing goes on with a delivery that went back, or a paper that was taken back from everybody (条例33)."""
    if found.return_reason == "RECALLED":
        raise WrongStage("发文单位已经撤回这份文件，不用再办。")
    if found.returned_at is not None:
        raise WrongStage("这份文件已经退文，不能再办。")
    if paper.stage in VOID:
        raise WrongStage(f"这份文件已{VOID[paper.stage]}，不用再办。")


@dataclass(frozen=True, slots=True)
class SignFor:
    """签收: one paper, by the receiving clerk. `register` also writes it into the register at once."""

    receipt_id: int
    register: bool = False


def sign_for(work: Work, command: SignFor, actor: Actor) -> chains.StoredChain:
    """Sign for a delivery: person, time and the fingerprint of what was received are kept (条例24(1))."""
    stored = begin(work, command.receipt_id, actor)
    step = stored.chain.current
    if step is None or step.purpose is not Purpose.RECEIVE:
        raise WrongStage("这份文件已经签收。")
    stored = approvals.perform(work, stored, verbs.Complete(_seat(stored, actor)), actor)
    following = stored.chain.current
    if command.register and following is not None and following.purpose is Purpose.REGISTER:
        stored = approvals.perform(work, stored, verbs.Complete(_seat(stored, actor)), actor)
    return stored


def _seat(stored: chains.StoredChain, actor: Actor) -> int:
    """The live seat this actor holds; the domain refuses if he holds none."""
    seats = [seat for _, seat in stored.chain.open_seats()]
    mine = [s for s in seats if actor.post_id in (s.post_id, s.deputy_id)]
    if not mine:
        raise NotPermitted("这件不在您手上，由本单位文秘签收。")
    return mine[0].id


@dataclass(frozen=True, slots=True)
class ActOnReceipt:
    """Any verb while a delivery still waits to be signed for: hand over, refuse, return …"""

    receipt_id: int
    command: verbs.Command


def act_on_receipt(work: Work, command: ActOnReceipt, actor: Actor) -> chains.StoredChain:
    """Begin the chain if need be, then act on it. `seat_id` 0 in the command means the actor's own seat."""
    stored = begin(work, command.receipt_id, actor)
    act = command.command
    if getattr(act, "seat_id", None) == 0:
        act = type(act)(**{name: getattr(act, name) for name in act.__slots__} | {"seat_id": _seat(stored, actor)})
    approvals.check_known_posts(work, act)
    return approvals.perform(work, stored, act, actor)


def forwardable(work: Work, found: documents.Document, actor: Actor) -> int:
    """How many direct subordinates this paper could still be forwarded to by this person, within its reach."""
    mine = receipts.of_organ(work, found.id, actor.organ_id)
    if mine is None or mine.signed_at is None or actor.role not in (Role.CLERK, Role.OFFICE_HEAD):
        return 0
    level = work.execute(select(organ.c.level).where(organ.c.id == actor.organ_id)).scalar_one()
    if found.reach is None or level >= Level.VILLAGE or found.reach < level + 1 or found.stage != "ISSUED":
        return 0
    there = select(receipt.c.organ_id).where(receipt.c.document_id == found.id)
    return work.integer(
        select(func.count())
        .select_from(organ)
        .where(organ.c.parent_id == actor.organ_id, organ.c.level == level + 1, organ.c.id.not_in(there))
    )


@dataclass(frozen=True, slots=True)
class Forward:
    """转发 to units below, within 发至层级. Empty `organ_ids`: all direct subordinates."""

    document_id: int
    organ_ids: tuple[int, ...] = ()
    due: datetime | None = None


def forward(work: Work, command: Forward, actor: Actor) -> int:
    """Send a received paper on to lower units; refused below the reach the issuer set (条例31)."""
    found = access.document(work, command.document_id, by=actor)
    mine = receipts.of_organ(work, found.id, actor.organ_id)
    if actor.role not in (Role.CLERK, Role.OFFICE_HEAD):
        raise NotPermitted("转发由文秘办。", article="《党政机关公文处理工作条例》第二十九条")
    if mine is None or mine.signed_at is None:
        raise WrongStage("请先签收，再往下转发。")
    _check_in_force(mine, found)
    own = work.execute(select(organ.c.level, organ.c.path).where(organ.c.id == actor.organ_id)).one()
    below = Level(own[0] + 1) if own[0] < Level.VILLAGE else None
    if below is None or found.reach is None or found.reach < below:
        raise NotPermitted(
            "发文单位定的发至层级到此为止，不能再往下转。可以向发文单位申请扩大范围。",
            code="M02",
            article="《党政机关公文处理工作条例》第三十一条",
        )
    where = organ.c.parent_id == actor.organ_id
    if command.organ_ids:
        where = where & organ.c.id.in_(command.organ_ids)
    sent = receipts.deliver(
        work, document_id=found.id, role="FORWARDED", where=where & (organ.c.level == int(below)),
        due=command.due or mine.due, via_organ_id=actor.organ_id,
    )  # fmt: skip
    receipts.give_out(work, document_id=found.id)
    entry = history.Entry(kind="FORWARDED", by=approvals.by(actor), document_id=found.id, body=[{"organs": sent}])
    history.record(work, entry)
    return sent


@dataclass(frozen=True, slots=True)
class Reply:
    """答复 to who sent it; for a township this may be its villages' replies in one."""

    receipt_id: int
    text: str


def reply(work: Work, command: Reply, actor: Actor) -> receipts.Receipt:
    """Answer the sender, once; the village's handling and the sender's waiting seat end with it."""
    found = access.receipt(work, command.receipt_id, by=actor)
    if not command.text.strip():
        raise Invalid("请写答复内容。没有情况的，写“无”。")
    if found.replied_at is not None:
        raise WrongStage("已经答复过了。要补充，请与来文单位联系。")
    _check_in_force(found, documents.load(work, found.document_id))
    if found.signed_at is None:
        sign_for(work, SignFor(found.id), actor)
        found = receipts.load(work, found.id)
    stored = chains.of_receipt(work, found.id)
    if stored is not None and _is_handling(stored, actor):
        done = verbs.Complete(_seat(stored, actor), opinion=command.text.strip()[:200])
        approvals.perform(work, stored, done, actor)
        found = receipts.load(work, found.id)
    receipts.change(work, found, reply=command.text.strip(), replied_at=work.now)
    answered = command.text.strip()[:200]
    approvals.end_unit(work, found, lambda seat: verbs.Complete(seat, opinion=answered), actor)
    entry = history.Entry(kind="REPLIED", by=approvals.by(actor), document_id=found.document_id, body=[])
    history.record(work, entry)
    return receipts.load(work, found.id)


def _is_handling(stored: chains.StoredChain, actor: Actor) -> bool:
    current = stored.chain.current
    if current is None or current.purpose is not Purpose.HANDLE:
        return False
    return any(actor.post_id in (s.post_id, s.deputy_id) for s in current.live())


def roll_up(work: Work, document_id: int, actor: Actor) -> str:
    """The replies of the units this organ forwarded to, as one text to start from; who is missing is named."""
    access.document(work, document_id, by=actor)
    rows = receipts.forwarded_by(work, document_id, actor.organ_id)
    found = work.execute(select(organ.c.id, organ.c.name).where(organ.c.id.in_([r.organ_id for r in rows])))
    names = {row[0]: row[1] for row in found}
    said = [f"{names[r.organ_id]}：{r.reply}" for r in rows if r.replied_at is not None]
    silent = [names[r.organ_id] for r in rows if r.replied_at is None]
    lines = [f"共 {len(rows)} 个村（社区），已回复 {len(said)} 个。", *said]
    if silent:
        lines.append("未回复：" + "、".join(silent) + "。")
    return "\n".join(lines)


def remind_unsigned(work: Work, document_id: int, actor: Actor) -> int:
    """催办 everyone who has not signed for it; nobody twice within four hours. Returns how many were reminded."""
    found = access.document(work, document_id, by=actor)
    mine = receipts.of_organ(work, document_id, actor.organ_id)
    if found.organ_id != actor.organ_id and mine is None:
        raise NotPermitted("只有发文或转发的单位能催。")
    if found.stage != "ISSUED":
        raise WrongStage("这份文件没有在外面等签收，不用催。")
    only = None if found.organ_id == actor.organ_id else actor.organ_id
    count = receipts.remind_unsigned(work, document_id, not_since=work.now - REMIND_EVERY, via_organ_id=only)
    entry = history.Entry(
        kind="REMINDED", by=approvals.by(actor), document_id=document_id, body=[{"organs": count, "via": only}]
    )
    history.record(work, entry)
    return count


def recall(work: Work, receipt_id: int, actor: Actor, *, reason: str) -> None:
    """撤回 one delivery before it is signed for."""
    found = receipts.load(work, receipt_id)
    paper = access.document(work, found.document_id, by=actor)
    if actor.organ_id not in (paper.organ_id, found.via_organ_id):
        raise NotPermitted("只有发出的单位能撤回。")
    if found.signed_at is not None:
        raise WrongStage("对方已经签收，不能撤回。请与对方联系，或用“撤销”“废止”。")
    if found.returned_at is not None:
        raise WrongStage("这份文件已经退回来了，不用再撤回。")
    if not reason.strip():
        raise Invalid("撤回要写明理由。")
    approvals.end_unit(work, found, lambda seat: verbs.RemoveSigner(seat, reason), actor)
    stored = chains.of_receipt(work, found.id)
    if stored is not None:
        approvals.perform(work, stored, verbs.Stop(revoked=True, reason=reason), actor)
        found = receipts.load(work, found.id)
    receipts.change(work, found, returned_at=work.now, return_reason="RECALLED", return_text=reason.strip())
    receipts.close_tasks(work, [found.id], state=chains.CLOSED)
    entry = history.Entry(
        kind="RECALLED", by=approvals.by(actor), document_id=found.document_id,
        body=[{"organ": found.organ_id, "reason": reason.strip()}],
    )  # fmt: skip
    history.record(work, entry)
