"""手写签名: the pictures opinions carry; a row names each, and it is shown only with the opinion it belongs to."""

from dataclasses import dataclass

from sqlalchemy.dialects import postgresql, sqlite

from office.domain.errors import NotFound
from office.domain.people import Actor
from office.service import papers
from office.store.tables import blob
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that is in the blob store."""

    hash: str
    size: int
    media: str = "image/png"


def keep(work: Work, command: Kept) -> None:
    """Name it in a row, so that no sweep takes it away."""
    insert = postgresql.insert if work.dialect == "postgresql" else sqlite.insert
    row = {"hash": command.hash, "size": command.size, "media": command.media, "at": work.now}
    work.execute(insert(blob).values(row).on_conflict_do_nothing())


def shown(work: Work, document_id: int, picture_hash: str, actor: Actor) -> str:
    """The hash again, if an opinion that this person sees on this document carries it; else NotFound."""
    view = papers.view(work, document_id, actor)
    carried = {o.signature for c in view.chains for s in c.steps for o in s.opinions}
    if picture_hash not in carried:
        raise NotFound
    return picture_hash
