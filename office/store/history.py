"""The append-only history: one hash chain for each organ, written in the business transaction.

`hash = SM3(0x00 ‖ canonical body)`, where the body holds every column and the hash of the row before.
It proves later change; it cannot stop whoever controls the application from writing false rows as they happen.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, insert, select, text
from sqlalchemy.dialects import postgresql, sqlite

from office.store.base_tables import event, event_head
from office.store.work import Work

GENESIS = "0" * 64
_encoder = msgspec.json.Encoder(order="sorted")


def _digest() -> Callable[[bytes], str]:
    try:
        hashlib.new("sm3")
    except ValueError:  # an OpenSSL without SM3: the choice is part of the hash's own prefix
        return lambda data: hashlib.sha256(b"\x01" + data).hexdigest()
    return lambda data: hashlib.new("sm3", b"\x00" + data).hexdigest()


digest = _digest()


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
    prev: str
    hash: str


_FIELDS = tuple(getattr(event.c, name) for name in Row.__slots__)


def hash_of(*, seq: int, prev: str, entry: Entry, at: datetime, body: str) -> str:
    """The hash of a row over all its columns and the row before."""
    by = entry.by
    fields = [
        seq, prev, by.organ_id, entry.document_id, entry.chain_id, by.person_id, by.post_id, by.on_behalf,
        int(at.timestamp() * 1_000_000), entry.kind, body,
    ]  # fmt: skip
    return digest(_encoder.encode(fields))


_HEAD = select(event_head.c.seq, event_head.c.hash).where(event_head.c.organ_id == bindparam("organ"))
_INSERT = insert(event)


def _upsert(dialect: str) -> Any:  # noqa: ANN401 - the two dialects share no public insert type
    make = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(event_head)
    return statement.on_conflict_do_update(
        index_elements=["organ_id"], set_={"seq": statement.excluded.seq, "hash": statement.excluded.hash}
    )


_UPSERT = {name: _upsert(name) for name in ("postgresql", "sqlite")}


def record(work: Work, entry: Entry) -> str:
    """Append a row to the organ's chain; returns its hash."""
    organ = entry.by.organ_id
    work.lock("history", organ)
    head = work.execute(_HEAD, {"organ": organ}).one_or_none()
    seq, prev = (head[0] + 1, head[1]) if head is not None else (1, GENESIS)
    body = _encoder.encode(entry.body).decode()
    new = hash_of(seq=seq, prev=prev, entry=entry, at=work.now, body=body)
    by = entry.by
    row = {
        "organ_id": organ, "organ_seq": seq, "document_id": entry.document_id, "chain_id": entry.chain_id,
        "person_id": by.person_id, "post_id": by.post_id, "on_behalf_post_id": by.on_behalf, "at": work.now,
        "kind": entry.kind, "body": body, "prev": prev, "hash": new,
    }  # fmt: skip
    if work.dialect == "postgresql":
        row["xid"] = work.execute(text("SELECT pg_current_xact_id()::text::bigint")).scalar_one()
    work.execute(_INSERT, row)
    work.execute(_UPSERT[work.dialect], {"organ_id": organ, "seq": seq, "hash": new})
    return new


@dataclass(frozen=True, slots=True)
class Finding:
    """The first broken row of an organ's chain and what is wrong with it."""

    organ_id: int
    organ_seq: int
    event_id: int | None
    what: str  # "changed", "missing", "order", "cut"


def _entry(row: Row) -> Entry:
    by = By(row.organ_id, row.person_id, row.post_id, row.on_behalf_post_id)
    return Entry(row.kind, by, row.document_id, row.chain_id)


def check(rows: Iterator[Row], heads: dict[int, tuple[int, str]]) -> Finding | None:
    """The first broken row among rows ordered by organ and seq, or None."""
    last: dict[int, tuple[int, str]] = {}
    for row in rows:
        seq, prev = last.get(row.organ_id, (0, GENESIS))
        if row.organ_seq != seq + 1:
            return Finding(row.organ_id, seq + 1, None, "missing")
        if row.prev != prev:
            return Finding(row.organ_id, row.organ_seq, row.id, "order")
        if row.hash != hash_of(seq=row.organ_seq, prev=row.prev, entry=_entry(row), at=row.at, body=row.body):
            return Finding(row.organ_id, row.organ_seq, row.id, "changed")
        last[row.organ_id] = (row.organ_seq, row.hash)
    for organ, (seq, hash_) in heads.items():
        if last.get(organ, (0, GENESIS)) != (seq, hash_):
            return Finding(organ, last.get(organ, (0, ""))[0] + 1, None, "cut")
    return None


def verify(connection: Connection, organ_id: int | None = None) -> Finding | None:
    """Recompute every hash; the first broken row by organ and sequence, or None when all is whole."""
    statement = select(*_FIELDS).order_by(event.c.organ_id, event.c.organ_seq)
    head = select(event_head.c.organ_id, event_head.c.seq, event_head.c.hash)
    if organ_id is not None:
        statement = statement.where(event.c.organ_id == organ_id)
        head = head.where(event_head.c.organ_id == organ_id)
    heads = {row[0]: (row[1], row[2]) for row in connection.execute(head)}
    rows = connection.execution_options(yield_per=2_000).execute(statement)
    return check((Row(*row) for row in rows), heads)


def count(connection: Connection) -> int:
    """How many events there are."""
    return int(connection.execute(text("SELECT count(*) FROM event")).scalar_one())


def of_document(work: Work, document_id: int, *, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
    """What happened to a document, newest first."""
    return _page(work, event.c.document_id == document_id, before, limit)


def of_person(work: Work, person_id: int, *, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
    """What a person did, newest first."""
    return _page(work, event.c.person_id == person_id, before, limit)


def of_organ(work: Work, organ_id: int, *, before: int | None = None, limit: int = 100) -> tuple[Row, ...]:
    """What happened in an organ, newest first."""
    return _page(work, event.c.organ_id == organ_id, before, limit)


def _page(work: Work, condition: Any, before: int | None, limit: int) -> tuple[Row, ...]:  # noqa: ANN401
    statement = select(*_FIELDS).where(condition).order_by(event.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(event.c.id < before)
    return tuple(Row(*row) for row in work.execute(statement))


# Triggers refuse UPDATE and DELETE on both databases.
SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER event_no_{verb.lower()} BEFORE {verb} ON event "
    "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_TRIGGERS = (
    "CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$",
    "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE ON event "
    "FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()",
)


def install_triggers(connection: Connection) -> None:
    """Make the event table append-only."""
    statements = POSTGRES_TRIGGERS if connection.dialect.name == "postgresql" else SQLITE_TRIGGERS
    for statement in statements:
        connection.exec_driver_sql(statement)
