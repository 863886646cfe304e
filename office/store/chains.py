"""Chains in rows: the state as JSON, a version against races, and the tasks that follow from open seats."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import msgspec
from sqlalchemy import bindparam, insert, literal_column, select, update

from office.domain.chain import Chain, Purpose, SeatRole, SeatState, StepKind
from office.domain.chain_events import Event
from office.domain.errors import NotFound, Stale
from office.store import history
from office.store.base_tables import microseconds
from office.store.prepared import Prepared
from office.store.tables import chain as chain_table
from office.store.tables import task
from office.store.work import Work

NO_DUE = datetime(9999, 1, 1, tzinfo=UTC)  # sorts after every real due time in one index
OPEN, DONE, CLOSED = 0, 1, 2

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Chain)


@dataclass(frozen=True, slots=True)
class StoredChain:
    """A chain with its row: who it belongs to and which version was read."""

    id: int
    document_id: int
    organ_id: int
    receipt_id: int | None
    version: int
    chain: Chain


class _Seating(NamedTuple):
    """One live task as a value, so that before and after can be compared as sets."""

    step_id: int
    seat_id: int
    post_id: int
    organ_id: int
    deputy_id: int | None
    kind: str
    reading: bool
    due: datetime


def encode(chain: Chain) -> str:
    """The stored text of a chain."""
    return _encoder.encode(chain).decode()


def decode(state: str) -> Chain:
    """The chain in a stored text."""
    return _decoder.decode(state)


_LOAD = select(
    chain_table.c.id,
    chain_table.c.document_id,
    chain_table.c.organ_id,
    chain_table.c.receipt_id,
    chain_table.c.version,
    chain_table.c.state,
)
_BY_ID = Prepared(_LOAD.where(chain_table.c.id == bindparam("chain_id")))


def load(work: Work, chain_id: int) -> StoredChain:
    """The chain by id; NotFound when there is none."""
    row = _BY_ID.one(work, chain_id=chain_id)
    if row is None:
        raise NotFound
    return StoredChain(row[0], row[1], row[2], row[3], row[4], decode(row[5]))


def of_document(work: Work, document_id: int) -> tuple[StoredChain, ...]:
    """Every chain of a document, oldest first."""
    rows = work.execute(_LOAD.where(chain_table.c.document_id == document_id).order_by(chain_table.c.id))
    return tuple(StoredChain(r[0], r[1], r[2], r[3], r[4], decode(r[5])) for r in rows)


def of_receipt(work: Work, receipt_id: int) -> StoredChain | None:
    """The incoming chain of a receipt, if the organ has begun one."""
    row = work.execute(_LOAD.where(chain_table.c.receipt_id == receipt_id)).first()
    return StoredChain(row[0], row[1], row[2], row[3], row[4], decode(row[5])) if row else None


def insert_chain(
    work: Work, document_id: int, chain: Chain, receipt_id: int | None = None, *, tasks: bool = True
) -> StoredChain:
    """Store a new chain and give out its first tasks, unless the caller links tasks that exist."""
    chain_id = work.execute(
        insert(chain_table)
        .values(
            document_id=document_id,
            organ_id=chain.organ_id,
            purpose=str(chain.purpose),
            stage=str(chain.stage),
            state=encode(chain),
            receipt_id=receipt_id,
            opened=work.now,
        )
        .returning(chain_table.c.id)
    ).scalar_one()
    stored = StoredChain(chain_id, document_id, chain.organ_id, receipt_id, 1, chain)
    if tasks:
        _give_out(work, stored, _seatings(chain))
    return stored


_UPDATE = Prepared(
    update(chain_table)
    .where(chain_table.c.id == bindparam("chain_id"), chain_table.c.version == bindparam("read_version"))
    .values(
        stage=bindparam("new_stage"),
        state=bindparam("new_state"),
        version=bindparam("new_version"),
        closed=bindparam("new_closed"),
    )
)


def save(
    work: Work, stored: StoredChain, after: Chain, events: Sequence[Event], *, kind: str, by: history.By
) -> StoredChain:
    """Write the new state over the version that was read, the history row, and the tasks; Stale if it moved."""
    changed = _UPDATE.run(
        work,
        chain_id=stored.id,
        read_version=stored.version,
        new_stage=after.stage.value,
        new_state=encode(after),
        new_version=stored.version + 1,
        new_closed=microseconds(work.now) if after.current is None else None,
    )
    if changed != 1:
        raise Stale
    sync_tasks(work, stored, after)
    body = [_named(event) for event in events]
    history.record(work, history.Entry(kind, by, stored.document_id, stored.id, body))
    return StoredChain(stored.id, stored.document_id, stored.organ_id, stored.receipt_id, stored.version + 1, after)


def _named(event: Event) -> msgspec.Raw:
    """An event as JSON with its name first."""
    fields = _encoder.encode(event)
    name = type(event).__name__.encode()
    return msgspec.Raw(b'{"type":"' + name + (b'"}' if fields == b"{}" else b'",' + fields[1:]))


def _seatings(chain: Chain) -> set[_Seating]:
    live = {
        _Seating(
            step.id,
            seat.id,
            seat.post_id,
            seat.organ_id,
            seat.deputy_id,
            step.purpose.value,
            step.kind is StepKind.CIRCULATION,
            step.due or NO_DUE,
        )
        for step, seat in chain.open_seats()
        if seat.role is not SeatRole.UNIT  # a lower unit's task is its receipt
    }
    readers = {
        _Seating(0, reader.id, reader.post_id, reader.organ_id, None, "READ", reading=True, due=NO_DUE)
        for reader in chain.readers
        if reader.read_at is None
    }
    return live | readers


def _was_done(chain: Chain, seating: _Seating) -> bool:
    if seating.step_id == 0:
        return True
    step = chain.step(seating.step_id)
    seat = step.seat(seating.seat_id) if step is not None else None
    return seat is None or seat.state is not SeatState.CLOSED


def sync_tasks(work: Work, stored: StoredChain, after: Chain) -> None:
    """Close the tasks that went, give out those that came."""
    before, now = _seatings(stored.chain), _seatings(after)
    acted = {opinion.seat_id for opinion in after.opinions[len(stored.chain.opinions) :]}
    for seating in before - now:
        done = seating.seat_id in acted or (seating.step_id == 0 and _was_done(after, seating))
        _end(work, stored.id, seating, state=DONE if done else CLOSED)
    _give_out(work, stored, now - before)


_END = Prepared(
    update(task)
    .where(
        task.c.chain_id == bindparam("of_chain"),
        task.c.step_id == bindparam("of_step"),
        task.c.seat_id == bindparam("of_seat"),
        task.c.state == literal_column("0"),
    )
    .values(state=bindparam("to_state"), done=bindparam("at"))
)


def _end(work: Work, chain_id: int, seating: _Seating, *, state: int) -> None:
    _END.run(
        work,
        of_chain=chain_id,
        of_step=seating.step_id,
        of_seat=seating.seat_id,
        to_state=state,
        at=microseconds(work.now),
    )


_GIVEN = (
    "document_id", "chain_id", "receipt_id", "organ_id", "post_id", "deputy_post_id", "kind", "reading", "step_id",
    "seat_id", "state", "due", "created", "note",
)  # fmt: skip
_GIVE = Prepared(insert(task).values({name: bindparam(name) for name in _GIVEN}))
_NO_DUE = microseconds(NO_DUE)


def _give_out(work: Work, stored: StoredChain, seatings: Iterable[_Seating]) -> None:
    for s in sorted(seatings, key=lambda s: (s.step_id, s.seat_id)):
        _GIVE.run(
            work,
            document_id=stored.document_id,
            chain_id=stored.id,
            receipt_id=stored.receipt_id,
            organ_id=s.organ_id,
            post_id=s.post_id,
            deputy_post_id=s.deputy_id,
            kind=s.kind,
            reading=s.reading,
            step_id=s.step_id,
            seat_id=s.seat_id,
            state=OPEN,
            due=_NO_DUE if s.due is NO_DUE else microseconds(s.due),
            created=microseconds(work.now),
            note="",
        )


def is_drafting(chain: Chain) -> bool:
    """Whether the paper is with its drafter."""
    current = chain.current
    return current is not None and current.purpose is Purpose.DRAFT


def with_open_task(work: Work, post_id: int) -> tuple[int, ...]:
    """Ids of the chains in which that post has an open task that must be done."""
    rows = work.execute(
        select(task.c.chain_id)
        .where(task.c.post_id == post_id, task.c.state == literal_column("0"), task.c.chain_id.is_not(None))
        .distinct()
    )
    return tuple(row[0] for row in rows)


def move_receipt_tasks(work: Work, from_post: int, to_post: int) -> int:
    """Papers waiting to be signed for go to the other post; returns how many."""
    return work.execute(
        update(task)
        .where(task.c.post_id == from_post, task.c.state == literal_column("0"), task.c.chain_id.is_(None))
        .values(post_id=to_post)
    ).rowcount
