"""The only way to a document for a person. Absent and forbidden look alike (NotFound)."""

from sqlalchemy import exists, literal_column, or_, select

from office.domain.errors import NotFound, NotPermitted
from office.domain.people import ADMIN_ROLES, Actor, Role
from office.store import chains, documents, receipts
from office.store.tables import receipt as receipt_table
from office.store.tables import task as task_table
from office.store.work import Work

# Posts that see all of their organ's papers once these have left the drafter's desk.
OFFICE = frozenset({Role.CLERK, Role.OFFICE_HEAD, Role.DEPUTY_LEADER, Role.LEADER})


def _has_task(work: Work, document_id: int, by: Actor) -> bool:
    t = task_table.c
    mine = or_(t.post_id == by.post_id, t.deputy_post_id == by.post_id)
    return bool(work.execute(select(exists().where(t.document_id == document_id, mine))).scalar())


def _organ_has_part(work: Work, document_id: int, by: Actor) -> bool:
    r, t = receipt_table.c, task_table.c
    received = exists().where(r.document_id == document_id, r.organ_id == by.organ_id)
    worked = exists().where(
        t.document_id == document_id, t.organ_id == by.organ_id, t.kind != literal_column("'DRAFT'")
    )
    return bool(work.execute(select(or_(received, worked))).scalar())


def may_see(work: Work, found: documents.Document, by: Actor) -> bool:
    """Drafter, everybody who has or had a task on it, and the office posts of organs it reached."""
    if by.role in ADMIN_ROLES:
        return False
    if found.drafter_post_id == by.post_id or _has_task(work, found.id, by):
        return True
    if by.role not in OFFICE:
        return False
    own = found.organ_id == by.organ_id and found.stage != "DRAFT"
    return own or _organ_has_part(work, found.id, by)


def document(work: Work, document_id: int, *, by: Actor) -> documents.Document:
    """The document for this person, or NotFound."""
    found = documents.load(work, document_id)
    if not may_see(work, found, by):
        raise NotFound
    return found


def own_draft(work: Work, document_id: int, *, by: Actor) -> documents.Document:
    """A document this person may edit now: his draft, or one that is on his desk before sign-off or after it."""
    found = document(work, document_id, by=by)
    if found.stage == "DRAFT" and found.drafter_post_id == by.post_id:
        return found
    holds = any(
        seat.post_id == by.post_id or seat.deputy_id == by.post_id
        for stored in chains.of_document(work, document_id)
        if stored.chain.purpose.value == "OUTGOING"
        for _, seat in stored.chain.open_seats()
    )
    if not holds:
        raise NotPermitted("现在不该您改稿。稿子在谁手上，请看“走到哪了”。")
    return found


def chain(work: Work, chain_id: int, *, by: Actor) -> chains.StoredChain:
    """A chain of a document this person sees; administrators reach it to re-assign, without the content."""
    stored = chains.load(work, chain_id)
    if any(by.post_id in (seat.post_id, seat.deputy_id) for _, seat in stored.chain.open_seats()):
        return stored  # who holds a task sees its paper
    if by.role is not Role.SYSTEM_ADMIN:
        document(work, stored.document_id, by=by)
    return stored


def issued_by_us(work: Work, document_id: int, *, by: Actor) -> documents.Document:
    """A document of this person's own organ that has been issued: receipts are only for its issuer."""
    found = document(work, document_id, by=by)
    if found.organ_id != by.organ_id or by.role not in OFFICE:
        raise NotFound
    return found


def receipt(work: Work, receipt_id: int, *, by: Actor) -> receipts.Receipt:
    """A receipt of this person's own organ."""
    found = receipts.load(work, receipt_id)
    if found.organ_id != by.organ_id:
        raise NotFound
    document(work, found.document_id, by=by)
    return found
