"""One notice to all 2,530 units until every inbox query shows it; peer: the same through ORM objects one by one."""

import shutil
import statistics
import tempfile
import time
from pathlib import Path

from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session, registry

from office.domain.document import Content, Kind, Selection
from office.domain.organs import Level
from office.domain.people import Actor, Role
from office.service import outgoing, reading
from office.store import documents, migrate, organs, tables
from office.store.database import Database
from office.store.work import Work
from web.demo.city import load_city

ROUNDS = 7
EVERYBODY = tuple((1, level) for level in (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE))


def city_id(work: Work) -> int:
    """The city's organ."""
    return next(o.id for o in organs.tree(work) if o.level is Level.CITY and o.parent_id is None)


def clerks(work: Work) -> list[Actor]:
    """The first clerk of every unit."""
    p = tables.post.c
    rows = work.execute(select(p.id, p.organ_id, p.person_id).where(p.role == "CLERK").order_by(p.id))
    first: dict[int, Actor] = {}
    for post, organ, person in rows:
        first.setdefault(organ, Actor(person, post, organ, Role.CLERK))
    return list(first.values())


def ready(work: Work, root: int) -> int:
    """A notice that only has to be sent."""
    clerk = next(a for a in clerks(work) if a.organ_id == root)
    content = Content(Kind.NOTICE, "关于做好冬季取暖安全工作的通知", reach=Level.VILLAGE, principals=everybody(root))
    return documents.insert_document(
        work, organ_id=root, post_id=clerk.post_id, person_id=clerk.person_id, content=content
    )


def everybody(root: int) -> Selection:
    """All counties, towns and villages."""
    return Selection(tiers=tuple((root, level) for _, level in EVERYBODY))


def send(work: Work, document_id: int) -> int:
    """The fan-out as dispatching does it."""
    found = documents.load(work, document_id)
    content = documents.content(work, document_id, 1)
    documents.change(work, found, stage="ISSUED", issued_at=work.now)
    return outgoing.deliver_all(work, found, content, None)


mapper = registry()


def map_classes() -> tuple[type, type]:
    """The same two tables as ORM classes."""

    class ReceiptRow:
        pass

    class TaskRow:
        pass

    mapper.map_imperatively(ReceiptRow, tables.receipt)
    mapper.map_imperatively(TaskRow, tables.task)
    return ReceiptRow, TaskRow


def peer(engine: Engine, kinds: tuple[type, type], document_id: int, actors: list[Actor], now: object) -> None:
    """A receipt and a task for each unit, as objects, in one transaction."""
    receipt_kind, task_kind = kinds
    with Session(engine) as session:
        for actor in actors:
            row = receipt_kind()
            values = {"document_id": document_id, "organ_id": actor.organ_id, "role": "PRINCIPAL", "delivered_at": now}
            for name, value in values.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            job = task_kind()
            values = {
                "document_id": document_id, "receipt_id": row.id, "organ_id": actor.organ_id,
                "post_id": actor.post_id, "kind": "RECEIVE", "due": now, "created": now,
            }  # fmt: skip
            for name, value in values.items():
                setattr(job, name, value)
            session.add(job)
        session.commit()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as folder:
        db = Database.open(f"sqlite:///{Path(folder) / 'city.db'}")
        migrate.upgrade(db)
        load_city(db)
        root = db.read_now(city_id)
        receivers = [a for a in db.read_now(clerks) if a.organ_id != root]
        units = db.read_now(lambda work: {o.id for o in organs.tree(work) if not o.demo})
        receivers = [a for a in receivers if a.organ_id in units]
        ours, theirs = [], []
        kinds = map_classes()
        for i in range(ROUNDS):
            document_id = db.write_now(ready, root)
            start = time.perf_counter()
            sent = db.write_now(send, document_id)
            ours.append((time.perf_counter() - start) * 1000)
            assert sent == len(receivers) == 2530, (sent, len(receivers))
            other = db.write_now(ready, root)
            now = db.read_now(lambda work: work.now)
            theirs.append(measure_peer(Path(folder), kinds, other, receivers, now))
            print(f"round {i + 1}: {ours[-1]:.1f} ms, ORM {theirs[-1]:.0f} ms")
        seen = sum(db.read_now(shows, actor, document_id) for actor in receivers)
        assert seen == len(receivers), seen
        print(f"{seen} inbox queries show it")
        db.close()
        value, other_value = statistics.median(ours), statistics.median(theirs)
        print(f"issue {value:.1f} ms (ORM one by one {other_value:.0f}, ratio {other_value / value:.1f})")


def measure_peer(folder: Path, kinds: tuple[type, type], document_id: int, actors: list[Actor], now: object) -> float:
    """The peer's time in milliseconds, on a copy of the same file so that the writer keeps its own."""
    copy = folder / "peer.db"
    for ending in ("", "-wal", "-shm"):
        source = folder / f"city.db{ending}"
        if source.exists():
            shutil.copy(source, f"{copy}{ending}")
    own = create_engine(f"sqlite:///{copy}")
    with own.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("PRAGMA synchronous=FULL")
    start = time.perf_counter()
    peer(own, kinds, document_id, actors, now)
    taken = (time.perf_counter() - start) * 1000
    own.dispose()
    return taken


def shows(work: Work, actor: Actor, document_id: int) -> bool:
    """Whether this clerk's inbox has the paper."""
    return any(row.document_id == document_id for row in reading.tasks(work, actor, reading=False).rows)


if __name__ == "__main__":
    main()
