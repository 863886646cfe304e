"""撤销, 废止, 废号, 扩大发至层级: what an issuer may still do to a paper that has its number or is out."""

from dataclasses import dataclass

from sqlalchemy import update

from office.domain import commands as verbs
from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.domain.organs import Level
from office.domain.people import Actor, Role
from office.service import access, approvals
from office.service.outgoing import running_chain
from office.store import chains, documents, history, numbers, organs, receipts
from office.store.tables import document as document_table
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class VoidDocument:
    """撤销 (void from the start) or 废止 (void from now) of an issued document (条例33)."""

    document_id: int
    revoked: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Voided:
    """What the voiding reached: copies, and organs that had acted already."""

    copies: int
    acted: tuple[int, ...]


def void(work: Work, command: VoidDocument, actor: Actor) -> Voided:
    """Reach every copy and open task; only the issuer or its superior may (条例33)."""
    found = documents.load(work, command.document_id)
    if found.stage != "ISSUED" or actor.role not in (Role.LEADER, Role.OFFICE_HEAD, Role.CLERK):
        raise NotFound
    issuer = organs.load(work, found.organ_id)
    superior = str(actor.organ_id) in issuer.path.strip("/").split("/")
    if not superior:
        access.document(work, found.id, by=actor)
        raise NotPermitted(
            "本单位无权撤销或废止此文。请报发文机关或上级。",
            code="M07",
            article="《党政机关公文处理工作条例》第三十三条",
        )
    if not command.reason.strip():
        raise Invalid("撤销、废止要写明理由。")
    for stored in chains.of_document(work, found.id):
        if stored.chain.current is not None:
            approvals.perform(work, stored, verbs.Stop(command.revoked, command.reason), actor)
    found = documents.load(work, found.id)
    stage = "REVOKED" if command.revoked else "ABOLISHED"
    documents.change(work, found, stage=stage, voided_at=work.now, void_reason=command.reason.strip(), updated=work.now)
    reached = receipts.of_document(work, found.id)
    receipts.close_document_tasks(work, found.id)
    entry = history.Entry(
        kind=stage, by=approvals.by(actor), document_id=found.id, body=[{"reason": command.reason.strip()}]
    )
    history.record(work, entry)
    acted = tuple(r.organ_id for r in reached if r.handled_at is not None or r.replied_at is not None)
    return Voided(len(reached), acted)


@dataclass(frozen=True, slots=True)
class VoidNumber:
    """废号: the paper will not go out; its number stays visible and is never used again."""

    document_id: int
    reason: str


def void_number(work: Work, command: VoidNumber, actor: Actor) -> None:
    """End a numbered paper before it is dispatched; the ledger keeps the number with the reason."""
    found = access.document(work, command.document_id, by=actor)
    if found.organ_id != actor.organ_id or actor.role is not Role.CLERK:
        raise NotPermitted("废号由本单位文秘办。")
    if found.stage == "ISSUED":
        raise WrongStage("已经发出，不能废号。请用“撤销”或“废止”。")
    if not command.reason.strip():
        raise Invalid("废号要写明原因，台账里会一直显示。")
    if not numbers.void(work, document_id=found.id, reason=command.reason.strip()):
        raise WrongStage("这份文件还没有编号。")
    stored = running_chain(work, found.id)
    if stored is not None:
        approvals.perform(work, stored, verbs.Stop(revoked=True, reason=command.reason), actor)
    found = documents.load(work, found.id)
    documents.change(work, found, stage="ENDED", number="", updated=work.now)
    entry = history.Entry(
        kind="NUMBER_VOIDED", by=approvals.by(actor), document_id=found.id, body=[{"reason": command.reason.strip()}]
    )
    history.record(work, entry)


@dataclass(frozen=True, slots=True)
class WidenReach:
    """发至层级: only the issuer may widen it (条例31)."""

    document_id: int
    reach: Level


def widen_reach(work: Work, command: WidenReach, actor: Actor) -> None:
    """Let an issued document go further down."""
    found = access.issued_by_us(work, command.document_id, by=actor)
    if found.stage != "ISSUED":
        raise WrongStage("发出以后才能扩大发至层级。还没发出的，请改稿。")
    if found.reach is not None and command.reach <= found.reach:
        raise Invalid("新的发至层级要比现在更往下。")
    work.execute(
        update(document_table)
        .where(document_table.c.id == found.id)
        .values(reach=int(command.reach), version=document_table.c.version + 1)
    )
    entry = history.Entry(
        kind="REACH_WIDENED", by=approvals.by(actor), document_id=found.id, body=[{"reach": int(command.reach)}]
    )
    history.record(work, entry)
