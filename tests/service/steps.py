"""What the service tests do over and over: start a paper, act on it, issue it, look at a desk."""

from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import select

from office.domain import commands as verbs
from office.domain.chain import Verdict
from office.domain.document import Block, BlockKind, Content, Kind, Selection
from office.domain.errors import OfficeError
from office.domain.organs import Level
from office.domain.people import Actor, Role
from office.service import approvals, drafting, exchange, outgoing
from office.store import chains, receipts
from office.store.database import Database
from office.store.tables import task
from office.store.work import Work
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, Town

SEALED = "a" * 64
BELOW = Selection(tiers=((CITY, Level.COUNTY), (CITY, Level.TOWNSHIP), (CITY, Level.VILLAGE)))
EVERYBODY = (COUNTY, TOWN, VILLAGE, OTHER_VILLAGE)


def notice(**changes: object) -> Content:
    """A notice of the city to everybody below it."""
    fields: dict[str, object] = {
        "title": "关于做好冬季取暖安全工作的通知",
        "principal_text": "各县（市、区）人民政府",
        "body": (Block(BlockKind.PARAGRAPH, "现就做好冬季取暖安全工作通知如下。"),),
        "principals": BELOW,
        "reach": Level.VILLAGE,
    }
    return Content(kind=Kind.NOTICE, **(fields | changes))  # type: ignore[arg-type]


def request(**changes: object) -> Content:
    """A village's request to its township."""
    fields: dict[str, object] = {
        "title": "关于修复灌渠所需资金的请示",
        "principal_text": "南位镇人民政府",
        "body": (Block(BlockKind.PARAGRAPH, "妥否，请批示。"),),
        "principals": Selection((TOWN,)),
        "amount_yuan": 680_000,
    }
    return Content(kind=Kind.REQUEST, **(fields | changes))  # type: ignore[arg-type]


def chain_of(db: Database, document_id: int, purpose: str = "OUTGOING") -> chains.StoredChain:
    """The newest chain of that purpose."""
    found = db.read_now(chains.of_document, document_id)
    return [c for c in found if c.chain.purpose == purpose][-1]


def seat_of(stored: chains.StoredChain, actor: Actor) -> int:
    """The live seat this actor holds."""
    return next(s.id for _, s in stored.chain.open_seats() if actor.post_id in (s.post_id, s.deputy_id))


def do(db: Database, stored: chains.StoredChain, command: verbs.Command, actor: Actor) -> None:
    """Any verb on a chain."""
    db.write_now(approvals.act, approvals.Act(stored.id, command), actor)


def act(db: Database, document_id: int, actor: Actor, opinion: str = "", purpose: str = "OUTGOING") -> None:
    """Complete one's own seat."""
    stored = chain_of(db, document_id, purpose)
    do(db, stored, verbs.Complete(seat_of(stored, actor), Verdict.AGREE, opinion), actor)


def draft(db: Database, content: Content, clerk: Actor) -> int:
    """A new draft."""
    return db.write_now(drafting.start, drafting.StartDraft(content), clerk)


def signed(db: Database, town: Town, organ_id: int = CITY, content: Content | None = None) -> int:
    """A paper that is signed off and waits for its recheck."""
    clerk = town(organ_id)
    document_id = draft(db, content or notice(), clerk)
    db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
    if (organ_id, Role.OFFICE_HEAD) in town.actors:
        act(db, document_id, town(organ_id, Role.OFFICE_HEAD))
    act(db, document_id, town(organ_id, Role.LEADER), "发")
    return document_id


def numbered(db: Database, town: Town, organ_id: int = CITY, content: Content | None = None) -> int:
    """A paper that has its number and waits for the seal."""
    document_id = signed(db, town, organ_id, content)
    act(db, document_id, town(organ_id))
    db.write_now(outgoing.assign_number, outgoing.OnStep(chain_of(db, document_id).id), town(organ_id))
    return document_id


def issue(db: Database, document_id: int, clerk: Actor) -> int:
    """Recheck, number, seal, release, dispatch; returns to how many organs it went."""
    act(db, document_id, clerk)
    step = outgoing.OnStep(chain_of(db, document_id).id)
    db.write_now(outgoing.assign_number, step, clerk)
    return seal_and_send(db, document_id, clerk)


def seal_and_send(db: Database, document_id: int, clerk: Actor) -> int:
    """Seal, release, dispatch a numbered paper."""
    return db.write_now(outgoing.dispatch, outgoing.Dispatch(released(db, document_id, clerk)), clerk).organs


def released(db: Database, document_id: int, clerk: Actor) -> int:
    """Seal and release a numbered paper; returns its chain, which waits for the dispatch."""
    step = outgoing.OnStep(chain_of(db, document_id).id)
    job = db.read_now(outgoing.seal_job, step, clerk)
    db.write_now(outgoing.affix, outgoing.Affix(step.chain_id, SEALED, job.signed_hash, 1), clerk)
    db.write_now(outgoing.release, step, clerk)
    return step.chain_id


def issued(db: Database, town: Town, organ_id: int = CITY, content: Content | None = None) -> int:
    """A paper that is out."""
    document_id = signed(db, town, organ_id, content)
    issue(db, document_id, town(organ_id))
    return document_id


def receipt_of(db: Database, document_id: int, organ_id: int) -> receipts.Receipt:
    """That organ's receipt."""
    found = db.read_now(receipts.of_organ, document_id, organ_id)
    assert found is not None
    return found


def sign_for(db: Database, document_id: int, town: Town, organ_id: int, *, register: bool = False) -> None:
    """The organ's clerk signs for it."""
    command = exchange.SignFor(receipt_of(db, document_id, organ_id).id, register)
    db.write_now(exchange.sign_for, command, town(organ_id))


def open_tasks(db: Database, document_id: int | None = None) -> list[tuple[int, str]]:
    """(post, kind) of every open task, of one document or of all."""

    def read(work: Work) -> list[tuple[int, str]]:
        where = [task.c.state == 0, *([task.c.document_id == document_id] if document_id else [])]
        rows = work.execute(select(task.c.post_id, task.c.kind).where(*where).order_by(task.c.id))
        return [(row[0], row[1]) for row in rows]

    return db.read_now(read)


def refused(kind: type[OfficeError], asked: Iterable[tuple[str, Callable[[], object]]]) -> None:
    """Each of the questions is refused in that way; the first that is not is named."""
    for name, question in asked:
        try:
            question()
        except kind:
            continue
        pytest.fail(f"{name} answered")
