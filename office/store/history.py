"""The append-only history: one hash chain for each organ, written in the business transaction.

`hash = H(0x00 ‖ canonical)`; canonical is the UTF-8 JSON list, without spaces, of organ_seq, prev, organ_id,
document_id, chain_id, person_id, post_id, on_behalf_post_id, at (microseconds since 1970 UTC), kind, body.
H is SM3, or SHA-256 where the machine has no SM3; each row says which in `alg`.
It proves later change; it cannot stop whoever controls the application from writing false rows as they happen.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, func, select

from office.store.base_tables import event, event_head, microseconds
from office.store.work import Work

GENESIS = "0" * 64
PAGE = 100
Head = tuple[int, str]  # (organ_seq, hash) of an organ's last row
_encode = msgspec.json.Encoder(order="sorted").encode


def _algorithm() -> str:
    try:
        hashlib.new("sm3")
    except ValueError:
        return "sha256"
    return "sm3"


ALG = _algorithm()


@dataclass(frozen=True, slots=True)
class By:
    """Who acted: organ, person, post, and the post he signed for."""

    organ_id: int
    person_id: int | None = None
    post_id: int | None = None
    on_behalf: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `body` is JSON-ready and holds no text of the paper."""

    kind: str
    by: By
    document_id: int | None = None
    chain_id: int | None = None
    body: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One stored event."""

    id: int
    organ_id: int
    organ_seq: int
    document_id: int | None
    chain_id: int | None
    person_id: int | None
    post_id: int | None
    on_behalf_post_id: int | None
    at: datetime
    kind: str
    body: str
    alg: str
    prev: str
    hash: str


FIELDS = tuple(getattr(event.c, name) for name in Row.__slots__)


@cache
def _begun(alg: str) -> "hashlib._Hash":
    """A hash that has read the 0x00: copying it is cheaper than looking an algorithm up by name for every row."""
    return hashlib.new(alg, b"\x00")


def hash_of(fields: Sequence[int | str | None], alg: str = ALG) -> str:
    """The hash of the eleven fields named above, in that order; ValueError for an algorithm unknown here."""
    digest = _begun(alg).copy()
    digest.update(_encode(fields))
    return digest.hexdigest()


# Driver SQL: this runs with every single act, and Core would cost three times the statements themselves.
_COLUMNS = (
    "organ_id, organ_seq, document_id, chain_id, person_id, post_id, on_behalf_post_id, at, kind, body, alg, prev, hash"
)
_ADVANCE = (
    "INSERT INTO event_head (organ_id, seq, hash) VALUES ({0}, {0}, {0}) "
    "ON CONFLICT (organ_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"
)
_SQLITE_HEAD = "SELECT seq, hash FROM event_head WHERE organ_id = ?"
_SQLITE_INSERT = f"INSERT INTO event ({_COLUMNS}) VALUES ({', '.join('?' * 13)})"
_SQLITE_ADVANCE = _ADVANCE.format("?")
# The head's row lock puts the organ's writers in order until they commit; after waiting, the newest head is read.
_POSTGRES_HEAD = "SELECT seq, hash FROM event_head WHERE organ_id = %s FOR UPDATE"
_POSTGRES_FIRST = "INSERT INTO event_head (organ_id, seq, hash) VALUES (%s, 0, %s) ON CONFLICT DO NOTHING"
_POSTGRES_INSERT = (
    f"WITH head AS ({_ADVANCE.format('%s')}) "
    f"INSERT INTO event ({_COLUMNS}, xid) VALUES ({', '.join(['%s'] * 13)}, pg_current_xact_id()::text::bigint)"
)


def record(work: Work, entry: Entry) -> str:
    """Append a row to the organ's chain; returns its hash. The bell rings after the commit."""
    by, driver = entry.by, work.driver
    postgres = work.dialect == "postgresql"
    seq, prev = _postgres_head(work, by.organ_id) if postgres else _sqlite_head(work, by.organ_id)
    seq += 1
    at = microseconds(work.now)
    body = _encode(entry.body).decode()
    who = (by.organ_id, entry.document_id, entry.chain_id, by.person_id, by.post_id, by.on_behalf)
    new = hash_of((seq, prev, *who, at, entry.kind, body))
    row = (who[0], seq, *who[1:], at, entry.kind, body, ALG, prev, new)
    if postgres:
        driver(_POSTGRES_INSERT, (by.organ_id, seq, new, *row))
    else:
        driver(_SQLITE_INSERT, row)
        driver(_SQLITE_ADVANCE, (by.organ_id, seq, new))
    work.recorded = True
    return new


def _sqlite_head(work: Work, organ_id: int) -> Head:
    found = work.driver(_SQLITE_HEAD, (organ_id,)).fetchone()
    return (found[0], found[1]) if found is not None else (0, GENESIS)


def _postgres_head(work: Work, organ_id: int) -> Head:
    driver = work.driver
    found = driver(_POSTGRES_HEAD, (organ_id,)).fetchone()
    if found is None:
        driver(_POSTGRES_FIRST, (organ_id, GENESIS))
        found = driver(_POSTGRES_HEAD, (organ_id,)).fetchone()
    return found[0], found[1]


class Break(StrEnum):
    """In which way a chain is broken."""

    CHANGED = "changed"  # a field is not what was hashed
    MISSING = "missing"  # a row is gone
    ORDER = "order"  # a row does not follow the one before it: moved, put in, or rewritten together with its hash
    CUT = "cut"  # the end is gone, or is not the end a known head names


@dataclass(frozen=True, slots=True)
class Finding:
    """The first broken row of an organ's chain and what is wrong with it; `event_id` None: no such row."""

    organ_id: int
    organ_seq: int
    event_id: int | None
    what: Break


# A row as `check` takes it: id, then the eleven hashed fields in their order, then alg and hash.
Link = Sequence[Any]
_LINK_COLUMNS = (
    "id, organ_seq, prev, organ_id, document_id, chain_id, person_id, post_id, on_behalf_post_id, at, kind, body, "
    "alg, hash"
)


def check(links: Iterable[Link], heads: Mapping[int, Head], known: Mapping[int, Head]) -> Finding | None:
    """The first broken row among links ordered by organ and seq, then the first wrong end; None when all is whole.

    `heads` are the ends the table itself names, `known` those somebody kept outside of it (a checkpoint).
    """
    organ, seq, last = -1, 0, GENESIS
    ends: dict[int, Head] = {}
    for link in links:
        if link[3] != organ:
            ends[organ] = (seq, last)
            organ, seq, last = link[3], 0, GENESIS
        seq += 1
        broken = _broken(link, seq, last)
        if broken is not None:
            return Finding(organ, seq, None if broken is Break.MISSING else link[0], broken)
        last = link[13]
        if organ in known and known[organ][0] == seq and known[organ][1] != last:
            return Finding(organ, seq, link[0], Break.ORDER)
    ends[organ] = (seq, last)
    return _cut(ends, heads, known)


def _broken(link: Link, seq: int, last: str) -> Break | None:
    if link[1] == seq and link[2] == last and link[13] == _rehash(link, last):
        return None
    if link[1] > seq:
        return Break.MISSING
    if link[2] == last or link[13] == _rehash(link, last):
        return Break.CHANGED
    return Break.ORDER


def _rehash(link: Link, prev: str) -> str:
    try:
        return hash_of((link[1], prev, *link[3:12]), link[12])
    except ValueError:  # an algorithm that does not exist: somebody wrote it there
        return ""


def _cut(ends: Mapping[int, Head], heads: Mapping[int, Head], known: Mapping[int, Head]) -> Finding | None:
    for organ, head in sorted(heads.items()):
        if ends.get(organ, (0, GENESIS)) != head:
            return Finding(organ, ends.get(organ, (0, GENESIS))[0] + 1, None, Break.CUT)
    for organ, (seq, _) in sorted(known.items()):
        if ends.get(organ, (0, GENESIS))[0] < seq:
            return Finding(organ, ends.get(organ, (0, GENESIS))[0] + 1, None, Break.CUT)
    return None


def heads(connection: Connection, organ_id: int | None = None) -> dict[int, Head]:
    """The end of each organ's chain; kept elsewhere it is what shows a cut or a rewritten tail."""
    statement = select(event_head.c.organ_id, event_head.c.seq, event_head.c.hash)
    if organ_id is not None:
        statement = statement.where(event_head.c.organ_id == organ_id)
    return {row[0]: (row[1], row[2]) for row in connection.execute(statement)}


def verify(
    connection: Connection, organ_id: int | None = None, known: Mapping[int, Head] | None = None
) -> Finding | None:
    """Recompute every hash; the first broken row by organ and sequence, or None when all is whole."""
    where = "" if organ_id is None else f" WHERE organ_id = {int(organ_id)}"
    sql = f"SELECT {_LINK_COLUMNS} FROM event{where} ORDER BY organ_id, organ_seq"
    return check(_links(connection, sql), heads(connection, organ_id), known or {})


def _links(connection: Connection, sql: str) -> Iterator[Link]:
    """Rows straight from the driver in portions, on PostgreSQL by a server-side cursor."""
    raw: Any = connection.connection
    cursor = raw.cursor("history") if connection.dialect.name == "postgresql" else raw.cursor()
    try:
        cursor.execute(sql)
        while portion := cursor.fetchmany(2_000):
            yield from portion
    finally:
        cursor.close()


def count(connection: Connection) -> int:
    """How many events there are."""
    return int(connection.execute(select(func.count()).select_from(event)).scalar_one())


def of_document(work: Work, document_id: int, *, before: int | None = None, limit: int = PAGE) -> tuple[Row, ...]:
    """What happened to a document, newest first; `before` is the id of the last row seen."""
    return _page(work, event.c.document_id == document_id, before, limit)


def of_person(work: Work, person_id: int, *, before: int | None = None, limit: int = PAGE) -> tuple[Row, ...]:
    """What a person did, newest first; `before` is the id of the last row seen."""
    return _page(work, event.c.person_id == person_id, before, limit)


def of_organ(work: Work, organ_id: int, *, before: int | None = None, limit: int = PAGE) -> tuple[Row, ...]:
    """What happened in an organ, newest first; `before` is the organ_seq of the last row seen."""
    return _page(work, event.c.organ_id == organ_id, before, limit, event.c.organ_seq)


def _page(
    work: Work,
    condition: ColumnElement[bool],
    before: int | None,
    limit: int,
    key: ColumnElement[int] = event.c.id,
) -> tuple[Row, ...]:
    statement = select(*FIELDS).where(condition).order_by(key.desc()).limit(limit)
    if before is not None:
        statement = statement.where(key < before)
    return tuple(Row(*row) for row in work.execute(statement))
