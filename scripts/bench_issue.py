"""One notice to all 2,530 units until every inbox query shows it; peer: the same through ORM objects one by one.

Ours is the whole dispatch: the chain's last step, receipts, tasks, history, COMMIT, and then a fresh look into the last
unit's inbox. The peer only stores a receipt and a task for each unit. To reach: 100 ms, and 20 times the peer.
"""

import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, registry

from office.domain.document import Content, Selection
from office.domain.organs import Level, OrganKind
from office.domain.people import Actor, Role
from office.service import outgoing, reading
from office.store import migrate, organs, tables
from office.store.database import Database
from office.store.work import Work
from tests.service.steps import notice, numbered, released
from tests.town import Town
from web.demo.city import load_city

ROUNDS = 7
UNITS = 2_530
TIERS = (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)


def city(work: Work) -> int:
    """The city's government."""
    return next(o.id for o in organs.tree(work) if o.level is Level.CITY and o.kind is OrganKind.GOVERNMENT)


def people(work: Work) -> Town:
    """The first holder of each kind of post in every organ."""
    p = tables.post.c
    rows = work.execute(select(p.id, p.organ_id, p.person_id, p.role).order_by(p.id.desc()))
    return Town({(organ, Role(role)): Actor(person, post, organ, Role(role)) for post, organ, person, role in rows})


def to_everybody(root: int) -> Content:
    """A notice to all counties, townships and villages."""
    return notice(principals=Selection(tiers=tuple((root, level) for level in TIERS)))


def receivers(work: Work, root: int, staff: Town) -> list[Actor]:
    """The clerk of every unit below the city's government."""
    units = [o for o in organs.tree(work) if o.kind in (OrganKind.GOVERNMENT, OrganKind.VILLAGE) and o.id != root]
    return [staff(unit.id) for unit in sorted(units, key=lambda o: (o.sort, o.id))]


def ours(db: Database, root: int, staff: Town, clerks: list[Actor]) -> tuple[int, float]:
    """Document and milliseconds of one dispatch; afterwards every single inbox is looked into."""
    clerk = staff(root)
    document_id = numbered(db, staff, root, to_everybody(root))
    chain_id = released(db, document_id, clerk)
    start = time.perf_counter()
    sent = db.write_now(outgoing.dispatch, outgoing.Dispatch(chain_id), clerk)
    there = db.read_now(shows, clerks[-1], document_id)
    taken = (time.perf_counter() - start) * 1000
    assert there
    assert sent.organs == len(clerks) == UNITS, (sent.organs, len(clerks))
    missing = [actor.organ_id for actor in clerks if not db.read_now(shows, actor, document_id)]
    assert missing == []
    return document_id, taken


def shows(work: Work, actor: Actor, document_id: int) -> bool:
    """Whether this clerk's inbox has the paper."""
    return any(row.document_id == document_id for row in reading.tasks(work, actor, reading=False).rows)


Stored = TypeVar("Stored")


class ReceiptRow:
    """A row of `receipt` as an object."""

    id: int


class TaskRow:
    """A row of `task` as an object."""


def filled(row: Stored, **values: object) -> Stored:
    """The object with those fields."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


def one_by_one(engine: Engine, document_id: int, clerks: list[Actor], now: datetime) -> None:
    """A receipt and a task for each unit, as objects, in one transaction."""
    shared = {"document_id": document_id}
    with Session(engine) as session:
        for actor in clerks:
            organ = shared | {"organ_id": actor.organ_id}
            receipt = filled(ReceiptRow(), **organ, role="PRINCIPAL", delivered_at=now)
            session.add(receipt)
            session.flush()
            values = {"receipt_id": receipt.id, "post_id": actor.post_id, "kind": "RECEIVE"}
            session.add(filled(TaskRow(), **organ, **values, due=now, created=now))
        session.commit()


@contextmanager
def copied(folder: Path) -> Iterator[Engine]:
    """An engine of its own on a copy of the file, with the same durability."""
    copy = folder / "peer.db"
    for ending in ("", "-wal", "-shm"):
        source = folder / f"city.db{ending}"
        if source.exists():
            shutil.copy(source, f"{copy}{ending}")
    engine = create_engine(f"sqlite:///{copy}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("PRAGMA synchronous=FULL")
    yield engine
    engine.dispose()


def peer(folder: Path, document_id: int, clerks: list[Actor], now: datetime) -> float:
    """The peer's milliseconds for as many units, for a document nobody has got yet."""
    with copied(folder) as engine:
        with engine.begin() as connection:
            for table in ("task", "receipt"):
                connection.exec_driver_sql(f"DELETE FROM {table} WHERE document_id = {document_id}")
        start = time.perf_counter()
        one_by_one(engine, document_id, clerks, now)
        return (time.perf_counter() - start) * 1000


def main() -> None:
    mapper = registry()
    mapper.map_imperatively(ReceiptRow, tables.receipt)
    mapper.map_imperatively(TaskRow, tables.task)
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as name:
        folder = Path(name)
        with closing(Database.open(f"sqlite:///{folder / 'city.db'}")) as db:
            migrate.upgrade(db)
            load_city(db, hasher=lambda _: "-")
            root, staff = db.read_now(city), db.read_now(people)
            clerks = db.read_now(receivers, root, staff)
            rounds = []
            for i in range(ROUNDS):
                document_id, value = ours(db, root, staff, clerks)
                rounds.append((value, peer(folder, document_id, clerks, db.now())))
                print(f"round {i + 1}: {value:.1f} ms, ORM {rounds[-1][1]:.0f} ms; {UNITS} inbox queries show it")
    value, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(f"issue {value:.1f} ms (ORM one by one {other:.0f}, ratio {other / value:.1f})")


if __name__ == "__main__":
    main()
