"""A notice that was really issued, sealed file and all: what web tests look at, verify, void and re-assign."""

from dataclasses import dataclass

from office.domain import commands as verbs
from office.domain.document import Block, BlockKind, Content, Kind, Selection
from office.domain.people import Actor, Role
from office.service import approvals, drafting, outgoing
from office.store import chains, documents
from office.store.work import Work
from tests.town import CITY, VILLAGE
from tests.web.conftest import House

TITLE = "关于安排冬灌资金68万元的通知"


@dataclass(frozen=True, slots=True)
class IssuedNotice:
    """The paper and its sealed file."""

    document_id: int
    chain_id: int
    pdf: bytes


def notice(to: int = VILLAGE, title: str = TITLE) -> Content:
    """A short notice to one organ."""
    body = (Block(BlockKind.PARAGRAPH, "现安排冬灌资金68万元，请抓紧落实。"),)
    return Content(Kind.NOTICE, title, "各村民委员会", body, principals=Selection((to,)))


def start(work: Work, content: Content, by: Actor) -> tuple[int, int]:
    """A draft that is on its reviewer's desk: (document, chain)."""
    document_id = drafting.start(work, drafting.StartDraft(content), by)
    stored = outgoing.send_for_review(work, outgoing.SendForReview(document_id), by)
    return document_id, stored.id


def agree(work: Work, chain_id: int, by: Actor) -> None:
    """The person's open seat says yes."""
    open_seats = chains.load(work, chain_id).chain.open_seats()
    seat = next(s.id for _, s in open_seats if by.post_id in (s.post_id, s.deputy_id))
    approvals.act(work, approvals.Act(chain_id, verbs.Complete(seat)), by)


async def signed(house: House, content: Content) -> tuple[int, int]:
    """Drafted in the city, reviewed, signed, rechecked: the chain stands at the number."""
    db, people = house.services.db, house.people
    document_id, chain_id = await db.write(start, content, people(CITY))
    for role in (Role.OFFICE_HEAD, Role.LEADER, Role.CLERK):
        await db.write(agree, chain_id, people(CITY, role))
    return document_id, chain_id


async def issued(house: House, content: Content | None = None) -> IssuedNotice:
    """The notice numbered, sealed, released and dispatched."""
    db, clerk = house.services.db, house.people(CITY)
    document_id, chain_id = await signed(house, content or notice())
    step = outgoing.OnStep(chain_id)
    await db.write(outgoing.assign_number, step, clerk)
    job = await db.read(outgoing.seal_job, step, clerk)
    data, pages = await house.services.press.seal(job)
    blob = await house.services.blobs.put(data)
    await db.write(outgoing.affix, outgoing.Affix(chain_id, blob, job.signed_hash, pages), clerk)
    await db.write(outgoing.release, step, clerk)
    await db.write(outgoing.dispatch, outgoing.Dispatch(chain_id), clerk)
    found = await db.read(documents.load, document_id)
    assert found.stage == "ISSUED"
    return IssuedNotice(document_id, chain_id, data)
