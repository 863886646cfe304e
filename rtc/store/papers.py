"""Papers of a meeting in rows, who may read them, and what people noted on them; the bytes lie in the blob store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from office.domain.errors import NotFound
from office.store.work import Work
from rtc.store.tables import note, paper, paper_reader

ABSENT = "没有这份会议材料，或者您看不到它。"


@dataclass(frozen=True, slots=True)
class Paper:
    """A checked file of a meeting; `blob` is its SHA-256. Without a topic it belongs to the whole meeting."""

    id: int
    meeting_id: int
    topic_id: int | None
    name: str
    blob: str
    size: int
    media: str
    pages: int


@dataclass(frozen=True, slots=True)
class Note:
    """What a person noted on a page."""

    paper_id: int
    page: int
    text: str


_FIELDS = tuple(getattr(paper.c, name) for name in Paper.__slots__)


def _of_row(row: Sequence[Any]) -> Paper:
    return Paper(row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7])


def load(work: Work, paper_id: int) -> Paper:
    """The paper by id; NotFound when absent or removed."""
    row = work.execute(select(*_FIELDS).where(paper.c.id == paper_id, paper.c.removed_at.is_(None))).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return _of_row(row)


def of_meeting(work: Work, meeting_id: int) -> tuple[Paper, ...]:
    """The papers of a meeting in the order they came."""
    p = paper.c
    rows = work.execute(select(*_FIELDS).where(p.meeting_id == meeting_id, p.removed_at.is_(None)).order_by(p.id))
    return tuple(_of_row(row) for row in rows)


def add(work: Work, values: dict[str, Any]) -> int:
    """Insert a paper and return its id."""
    return work.integer(insert(paper).values(**values, added_at=work.now).returning(paper.c.id))


def remove(work: Work, paper_id: int) -> None:
    """Take it off; the row stays."""
    work.execute(update(paper).where(paper.c.id == paper_id).values(removed_at=work.now))


def readers(work: Work, paper_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """For each paper that is not for everybody: the venues it is for."""
    r = paper_reader.c
    rows = work.execute(select(r.paper_id, r.venue_id).where(r.paper_id.in_(paper_ids))).all()
    found: dict[int, set[int]] = {}
    for paper_id, venue_id in rows:
        found.setdefault(paper_id, set()).add(venue_id)
    return {paper_id: frozenset(held) for paper_id, held in found.items()}


def set_readers(work: Work, paper_id: int, venue_ids: Iterable[int]) -> None:
    """Only these venues may read it; none: every venue may."""
    work.execute(delete(paper_reader).where(paper_reader.c.paper_id == paper_id))
    rows = [{"paper_id": paper_id, "venue_id": venue_id} for venue_id in sorted(set(venue_ids))]
    if rows:
        work.execute(insert(paper_reader), rows)


def notes(work: Work, paper_id: int, person_id: int) -> tuple[Note, ...]:
    """A person's own notes on a paper, by page."""
    n = note.c
    rows = work.execute(
        select(n.paper_id, n.page, n.text).where(n.paper_id == paper_id, n.person_id == person_id).order_by(n.page)
    )
    return tuple(Note(*row) for row in rows)


def write_note(work: Work, written: Note, person_id: int) -> None:
    """Keep a person's note on a page; an empty text takes it away."""
    n = note.c
    work.execute(delete(note).where(n.person_id == person_id, n.paper_id == written.paper_id, n.page == written.page))
    if written.text:
        values = {"paper_id": written.paper_id, "page": written.page, "text": written.text}
        work.execute(insert(note).values(person_id=person_id, at=work.now, **values))
