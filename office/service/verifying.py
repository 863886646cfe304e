"""验证: what our books know of a file by its fingerprint: which paper it is, and whether it still holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from office.domain.people import Actor
from office.service import access
from office.store import documents
from office.store.tables import document, organ
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class Standing:
    """An issued paper as a stranger who holds its file may know it: what the file says itself, and whether it holds."""

    document_id: int
    title: str
    number: str
    organ: str
    stage: str
    issued_at: datetime | None
    voided_at: datetime | None
    exact: bool  # the very file; else only its sealed beginning


def standing(work: Work, hashes: tuple[str, ...]) -> Standing | None:
    """The paper one of the fingerprints belongs to, the first fingerprint first; None when none is ours."""
    d = document.c
    rows = work.execute(
        select(d.issued_blob, d.id, d.title, d.number, organ.c.title, d.stage, d.issued_at, d.voided_at)
        .join(organ, organ.c.id == d.organ_id)
        .where(d.issued_blob.in_(hashes))
    ).all()
    found = {row[0]: row for row in rows}
    for place, wanted in enumerate(hashes):
        if wanted in found:
            values: tuple[Any, ...] = (*found[wanted][1:], place == 0)
            return Standing(*values)
    return None


def may_open(work: Work, document_id: int, actor: Actor) -> bool:
    """Whether this person may open the paper itself."""
    return access.may_see(work, documents.load(work, document_id), actor)
