"""The number ledger (发文字号台账): a counter row for each organ, word and year, and every number ever taken."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from office.store.tables import document, ledger, number
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class TakenNumber:
    """One line of the ledger."""

    serial: int
    document_id: int
    title: str
    taken_at: datetime
    voided_at: datetime | None
    void_reason: str


def take(work: Work, *, organ_id: int, word: str, year: int, document_id: int) -> int:
    """The next serial, unique for ever: the counter row is locked by its own update until commit."""
    key = (ledger.c.organ_id == organ_id, ledger.c.word == word, ledger.c.year == year)
    serial = work.execute(
        update(ledger).where(*key).values(last=ledger.c.last + 1).returning(ledger.c.last)
    ).scalar_one_or_none()
    if serial is None:
        _open_year(work, organ_id, word, year)
        serial = work.execute(
            update(ledger).where(*key).values(last=ledger.c.last + 1).returning(ledger.c.last)
        ).scalar_one()
    work.execute(
        insert(number).values(
            organ_id=organ_id, word=word, year=year, serial=serial, document_id=document_id, taken_at=work.now
        )
    )
    return int(serial)


def _open_year(work: Work, organ_id: int, word: str, year: int) -> None:
    """The year's counter at 0; two writers may open it at once and both find it open."""
    row = {"organ_id": organ_id, "word": word, "year": year, "last": 0}
    if work.dialect == "postgresql":
        work.execute(postgresql.insert(ledger).values(row).on_conflict_do_nothing())
    else:
        work.execute(sqlite.insert(ledger).values(row).on_conflict_do_nothing())


def void(work: Work, *, document_id: int, reason: str) -> bool:
    """Void the live number of a document; it stays visible and is never used again."""
    n = number.c
    changed = work.execute(
        update(number)
        .where(n.document_id == document_id, n.voided_at.is_(None))
        .values(voided_at=work.now, void_reason=reason)
    )
    return changed.rowcount > 0


def live_serial(work: Work, document_id: int) -> tuple[str, int, int] | None:
    """(word, year, serial) of the number a document holds, or None."""
    n = number.c
    row = work.execute(
        select(n.word, n.year, n.serial).where(n.document_id == document_id, n.voided_at.is_(None))
    ).first()
    return (row[0], row[1], row[2]) if row else None


def book(work: Work, *, organ_id: int, word: str, year: int) -> tuple[TakenNumber, ...]:
    """Every number of the year, newest first, voids included."""
    n = number.c
    rows = work.execute(
        select(n.serial, n.document_id, document.c.title, n.taken_at, n.voided_at, n.void_reason)
        .join(document, document.c.id == n.document_id)
        .where(n.organ_id == organ_id, n.word == word, n.year == year)
        .order_by(n.serial.desc())
    )
    return tuple(TakenNumber(*row) for row in rows)
