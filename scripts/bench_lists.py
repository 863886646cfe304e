"""The inbox page of a busy person over HTTP: 1,000,000 documents and 5,000,000 tasks; peer: a store with 30 papers.

To reach: p95 of 50 ms, and at most twice the peer.

The big store is made once by set-based SQL and kept in var/bench, by the hash of the migrations that made its tables
and of the functions that fill them.
"""

import asyncio
import inspect
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from typing import Any

import aiohttp
from sqlalchemy import Table, select, text, update

from office.domain import commands as verbs
from office.domain.document import Block, BlockKind, Content, Kind, Selection
from office.domain.organs import Level
from office.domain.people import Actor, Role
from office.service import approvals, drafting, outgoing
from office.store import migrate, tables
from office.store.base_tables import microseconds
from office.store.chains import NO_DUE
from office.store.sqlite import sqlite_module
from office.store.work import Work
from tests.e2e.serving import Server, start
from web import passwords
from web.app import open_database
from web.config import Config
from web.demo import city

WHO = "shi-wenshu"
DOCUMENTS, TASKS = 1_000_000, 5_000_000
BUSY = (400, 60)  # open tasks of the busy person: to do, to read
QUIET = (25, 5)  # in the peer's store: the same first page, and nothing else
PAST = 20_000  # tasks the busy person has done before
WARM, ROUNDS = 20, 200
DAY = 86_400_000_000  # microseconds
Run = Callable[[str], Any]
FOLDER = Path(__file__).resolve().parents[1] / "var" / "bench"


def copied(table: Table, given: Mapping[str, str], source: str) -> str:
    """INSERT … SELECT of all columns of a template row `t`, except those given as SQL."""
    names = [column.name for column in table.columns if given.get(column.name) != ""]
    values = [given.get(name, f"t.{name}") for name in names]
    return f"INSERT INTO {table.name} ({', '.join(names)}) {source.format(values=', '.join(values))}"


def numbers(amount: int) -> str:
    """Rows 0 … amount-1 as `n.i`, in front of a SELECT."""
    return f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {amount}) "


def template(work: Work) -> tuple[int, Actor]:
    """A notice that went the real way to the clerk's recheck, and that clerk."""
    p, name = tables.post.c, tables.login.c
    who = work.execute(
        select(p.person_id, p.id, p.organ_id).join(name.person_id.table, name.person_id == p.person_id)
        .where(name.name == WHO)
    ).one()  # fmt: skip
    clerk = Actor(who[0], who[1], who[2], Role.CLERK)
    content = Content(
        Kind.NOTICE, "关于做好冬季取暖安全工作的通知", "各县（市、区）人民政府", reach=Level.VILLAGE,
        body=tuple(Block(BlockKind.PARAGRAPH, "现就做好冬季取暖安全工作有关事项通知如下。" * 3) for _ in range(3)),
        principals=Selection(tiers=((clerk.organ_id, Level.COUNTY),)),
    )  # fmt: skip
    document_id = drafting.start(work, drafting.StartDraft(content), clerk)
    stored = outgoing.send_for_review(work, outgoing.SendForReview(document_id), clerk)
    for _ in ("审核", "签发"):
        seat = stored.chain.open_seats()[0][1]
        holder = work.execute(select(p.person_id, p.role).where(p.id == seat.post_id)).one()
        acting = Actor(holder[0], seat.post_id, seat.organ_id, Role(holder[1]))
        act = verbs.Complete(seat.id, opinion="同意")
        stored = approvals.perform(work, stored, approvals.filled(work, stored, act), acting)
    return document_id, clerk


def fill(work: Work, document_id: int, clerk: Actor, desk: tuple[int, int]) -> None:
    """The clerk's own desk: papers with their chains to do, and copies to read."""
    todo, reading = desk
    now = microseconds(work.now)
    own = {"id": f"{document_id} + 1 + n.i", "matter_id": f"{document_id} + 1 + n.i"}
    amount = todo + reading
    run = work.connection.exec_driver_sql

    def source(table: str, key: str, rows: int) -> str:
        return numbers(rows) + f"SELECT {{values}} FROM n, {table} t WHERE t.{key} = {document_id}"

    run(copied(tables.document, own, source("document", "id", amount)))
    version = {"document_id": own["id"]}
    run(copied(tables.document_version, version, source("document_version", "document_id", amount)))
    chain = {"id": "t.id + 1 + n.i", "document_id": own["id"]}
    run(copied(tables.chain, chain, source("chain", "document_id", amount)))
    due = f"CASE n.i % 3 WHEN 0 THEN {microseconds(NO_DUE)} ELSE {now} + (n.i - 40) * {DAY // 8} END"
    task = {"id": "", "document_id": own["id"], "chain_id": "t.chain_id + 1 + n.i", "due": due}
    where = f" AND t.state = 0 AND t.post_id = {clerk.post_id}"
    run(copied(tables.task, task, source("task", "document_id", todo) + where))
    task |= {"kind": "'READ'", "reading": "1", "document_id": f"{own['id']} + {todo}", "chain_id": "NULL"}
    run(copied(tables.task, task, source("task", "document_id", reading) + where))


def everybody_else(run: Run, document_id: int, clerk: Actor, now: int) -> None:
    """The rest of the million: spread over all posts of the city and three years."""
    run("CREATE TEMP TABLE seat AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id, organ_id FROM post")
    run("CREATE UNIQUE INDEX temp.seat_n ON seat (n)")
    seats = number(run("SELECT count(*) FROM seat"))
    first = number(run("SELECT max(id) + 1 FROM document"))
    amount = DOCUMENTS - number(run("SELECT count(*) FROM document"))
    left = TASKS - number(run("SELECT count(*) FROM task"))
    at = f"{now} - (n.i * 7919) % 1095 * {DAY} - n.i"
    join = f"JOIN seat s ON s.n = (n.i * 2654435761) % {seats}"
    document = {
        "id": f"{first} + n.i", "matter_id": f"{first} + n.i", "organ_id": "s.organ_id", "drafter_post_id": "s.id",
        "stage": "CASE n.i % 20 WHEN 0 THEN 'DRAFT' WHEN 1 THEN 'IN_CHAIN' ELSE 'ISSUED' END",
        "number": "'办发〔2026〕' || (n.i % 900 + 1) || '号'", "created": at, "updated": at,
        "issued_at": f"CASE n.i % 20 WHEN 0 THEN NULL WHEN 1 THEN NULL ELSE {at} END",
    }  # fmt: skip
    rows = f"SELECT {{values}} FROM n {join}, document t WHERE t.id = {document_id}"
    run(copied(tables.document, document, numbers(amount) + rows))
    version = {"document_id": f"{first} + n.i", "by_post_id": "s.id", "at": at}
    rows = f"SELECT {{values}} FROM n {join}, document_version t WHERE t.document_id = {document_id}"
    run(copied(tables.document_version, version, numbers(amount) + rows))
    state = f"CASE WHEN n.i % 25 = 0 AND s.id <> {clerk.post_id} THEN 0 ELSE 1 END"
    whose = f"CASE WHEN n.i % {left // PAST} = 1 THEN {clerk.post_id} ELSE s.id END"
    task = {
        "id": "", "document_id": f"{first} + n.i % {amount}", "chain_id": "NULL", "organ_id": "s.organ_id",
        "post_id": whose, "reading": "n.i / 25 % 5 = 0", "state": state, "created": at, "kind": "'HANDLE'",
        "due": f"CASE n.i % 2 WHEN 0 THEN {microseconds(NO_DUE)} ELSE {at} + {5 * DAY} END",
        "done": f"CASE WHEN {state} = 1 THEN {at} + {DAY // 4} END",
    }  # fmt: skip
    rows = f"SELECT {{values}} FROM n {join}, (SELECT * FROM task WHERE document_id = {document_id} LIMIT 1) t"
    run(copied(tables.task, task, numbers(left) + rows))


def in_bulk(path: Path, document_id: int, clerk: Actor, now: int) -> None:
    """Past the office's writer: no journal, and the indexes are made once at the end."""
    with closing(sqlite_module.connect(path, isolation_level=None)) as raw:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -400000", "temp_store = MEMORY"):
            raw.execute(f"PRAGMA {pragma}").fetchall()
        named = "('document', 'document_version', 'task')"
        of_them = f"FROM sqlite_master WHERE type = 'index' AND sql <> '' AND tbl_name IN {named}"
        indexes = raw.execute(f"SELECT name, sql {of_them}").fetchall()
        raw.execute("BEGIN")
        for name, _ in indexes:
            raw.execute(f"DROP INDEX {name}")
        everybody_else(raw.execute, document_id, clerk, now)
        for _, statement in indexes:
            raw.execute(statement)
        raw.execute("COMMIT")


def number(cursor: Any) -> int:  # noqa: ANN401 - the driver's own cursor
    """The one number a statement gives."""
    return int(cursor.fetchone()[0])


def make(folder: Path, *, big: bool) -> None:
    """A store with the whole city in it, and the clerk's desk; `big`: and everything else."""
    db = open_database(Config(data=folder))
    city.load_city(db, passwords={WHO: passwords.fresh()}, hasher=lambda _: "-")

    def work_on(work: Work) -> tuple[int, Actor, int]:
        document_id, clerk = template(work)
        fill(work, document_id, clerk, BUSY if big else QUIET)
        return document_id, clerk, microseconds(work.now)

    made = db.write_now(work_on)
    db.close()
    if big:
        in_bulk(folder / "office.db", *made)


def kept() -> Path:
    """The big store of this schema, made if it is not there."""
    versions = [path.read_text(encoding="utf-8") for path in sorted((migrate.FOLDER / "versions").glob("*.py"))]
    makers = [inspect.getsource(made) for made in (template, fill, everybody_else, in_bulk)]
    key = sha256("".join([*versions, *makers]).encode()).hexdigest()[:12]
    folder = FOLDER / f"lists-{key}"
    if not (folder / "made").exists():
        for old in FOLDER.glob("lists-*"):  # two gigabytes each
            rmtree(old)
        folder.mkdir(parents=True)
        began = time.perf_counter()
        make(folder, big=True)
        (folder / "made").touch()
        print(f"made {DOCUMENTS} documents and {TASKS} tasks in {time.perf_counter() - began:.0f} s")
    return folder


def counted(folder: Path, password: str) -> str:
    """Give the clerk a password of this run, and say what is in the store."""
    db = open_database(Config(data=folder))
    login = tables.login
    values = {"password_hash": passwords.hash_now(password), "must_change": False}
    db.write_now(lambda work: work.execute(update(login).where(login.c.name == WHO).values(values)).rowcount)
    documents, tasks = db.read_now(
        lambda work: tuple(work.integer(text(f"SELECT count(*) FROM {name}")) for name in ("document", "task"))
    )
    db.close()
    return f"{documents} documents, {tasks} tasks"


async def signed_in(server: Server, password: str) -> aiohttp.ClientSession:
    """A client of the clerk that keeps its connection."""
    client = aiohttp.ClientSession(server.address, cookie_jar=aiohttp.CookieJar(unsafe=True))
    fields = {"name": WHO, "password": password}
    async with client.post("login", data=fields, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
    return client


async def visit(client: aiohttp.ClientSession) -> float:
    """Milliseconds of one inbox page, read to its end."""
    began = time.perf_counter()
    async with client.get("", allow_redirects=False) as answer:
        body = await answer.text()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, answer.status
    assert body.count("关于做好冬季取暖安全工作的通知") >= 20
    return took


async def measured(big: Path, small: Path, password: str) -> tuple[list[float], list[float]]:
    """Both servers run; their pages are asked for in turn, so that noise meets both."""
    settings = {"YIWANG_PLAIN": "1"}
    servers = [await start(settings | {"YIWANG_DATA": str(f)}, small / f"log{i}") for i, f in enumerate((big, small))]
    clients = [await signed_in(server, password) for server in servers]
    taken: tuple[list[float], list[float]] = ([], [])
    try:
        for i in range(WARM + ROUNDS):
            for client, times in zip(clients, taken, strict=True):
                took = await visit(client)
                if i >= WARM:
                    times.append(took)
    finally:
        for client in clients:
            await client.close()
        for server in servers:
            await server.stop()
    return taken


def p95(times: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(times, n=20)[18]


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-") as name:
        big, small, password = kept(), Path(name), passwords.fresh()
        make(small, big=False)
        print(f"big: {counted(big, password)}; peer: {counted(small, password)}")
        ours, theirs = asyncio.run(measured(big, small, password))
    value, peer = p95(ours), p95(theirs)
    print(f"median {statistics.median(ours):.1f} ms (peer {statistics.median(theirs):.1f} ms)")
    print(f"lists {value:.1f} ms p95 (nearly empty store {peer:.1f}, ratio {value / peer:.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
