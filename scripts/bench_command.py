"""Muting a subtree of 300 venues until every page is told and the media worker has silenced them; no peer.

To reach: p99 of 500 ms. The server runs here, with the built-in media worker; the 300 pages run in a process of their
own over plain WebSockets, so that both share this machine's cores as strangers would.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import websockets
from aiohttp import web as aio
from sqlalchemy import insert
from typing_extensions import override
from websockets.asyncio.client import ClientConnection, connect

from office.domain.organs import Level, OrganKind
from office.domain.people import Actor, Role
from office.service import signing_in
from office.store.database import Database
from office.store.tables import login, organ
from office.store.work import Work
from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import Source
from rtc.service import invitations, meetings
from tests import town
from web.app import create_app, open_database
from web.config import Config
from web.guard import PLAIN_COOKIE, token_hash
from web.keys import SERVICES

VENUES, WARM, ROUNDS = 300, 5, 100
LIMIT = 500.0  # milliseconds
UNDER = f"/{town.CITY}/{town.COUNTY}/"


class Timed(BuiltinEngine):
    """The engine, and when each call to silence somebody was acknowledged."""

    def __init__(self, **where: Any) -> None:  # noqa: ANN401
        super().__init__(**where)
        self.silenced: list[float] = []

    @override
    async def allow(self, room: str, seats: Sequence[str], source: Source, *, on: bool) -> None:
        await super().allow(room, seats, source, on=on)
        if not on:
            self.silenced.append(time.monotonic())


@dataclass(frozen=True, slots=True)
class Prepared:
    """A meeting, and the token of one person at each venue; the first is the chair's."""

    meeting_id: int
    tokens: tuple[str, ...]


def village(work: Work, number: int) -> Actor:
    """One more village under the town, with a clerk."""
    organ_id = 1_000 + number
    path = f"{UNDER}{town.TOWN}/{organ_id}/"
    row = {
        "id": organ_id, "uuid": f"v{number}", "name": f"第{number}村", "title": f"南位镇第{number}村", "path": path,
        "level": int(Level.VILLAGE), "kind": str(OrganKind.VILLAGE), "parent_id": town.TOWN, "sort": organ_id,
        "word": "村",
    }  # fmt: skip
    work.execute(insert(organ).values(**row))
    return town.seat(work, organ_id, Role.CLERK, f"第{number}村文秘")


def come_in(work: Work, who: Actor, token: str) -> None:
    """An account nobody can sign in to, and a session of it."""
    account = {"person_id": who.person_id, "name": f"p{who.person_id}", "password_hash": "", "must_change": False}
    work.execute(insert(login).values(**account))
    opening = signing_in.OpenCommand(who.person_id, token_hash(token), "csrf", "127.0.0.1", "bench")
    signing_in.open_session(work, opening)


def prepare(db: Database) -> Prepared:
    """The small city with 300 villages more, all called to a meeting and signed in."""
    built = db.write_now(town.build)
    clerk = built(town.CITY)
    people = [db.write_now(village, number) for number in range(VENUES)]
    begin = db.now() + timedelta(minutes=30)
    plan = meetings.Plan("测量", begin, begin + timedelta(hours=2), "")
    meeting_id = db.write_now(meetings.plan, plan, clerk)
    invited = tuple(one.organ_id for one in people)
    db.write_now(invitations.invite, invitations.Invite(meeting_id, invited), clerk)
    db.write_now(meetings.call, meetings.Call(meeting_id), clerk)
    tokens = tuple(f"token-{number}" for number in range(VENUES + 1))
    for token, who in zip(tokens, (clerk, *people), strict=True):
        db.write_now(come_in, who, token)
    return Prepared(meeting_id, tokens)


# --- the pages, in a process of their own


async def page(address: str, origin: str, token: str, number: int) -> ClientConnection:
    """A line that was greeted."""
    sent = {"Cookie": f"{PLAIN_COOKIE}={token}"}
    line = await connect(
        address, additional_headers=sent, origin=websockets.Origin(origin), compression=None, max_size=None,
        ping_interval=None,
    )  # fmt: skip
    greeting = {"kind": "hello", "token": "csrf", "protocol": 1, "device": f"bench-{number:04}-page"}
    await line.send(json.dumps(greeting))
    return line


async def told(line: ClientConnection, what: bytes) -> float:
    """When the page got a frame that holds this."""
    while True:
        frame = await line.recv(decode=False)
        if what in frame:
            return time.monotonic()


async def ask(line: ClientConnection, number: int, command: str, fence: int, **arguments: object) -> None:
    """A command."""
    await line.send(json.dumps({"kind": "do", "id": number, "command": command, "fence": fence, "with": arguments}))


async def beat(lines: Sequence[ClientConnection]) -> None:
    """Each page says every ten seconds that it is there."""
    while True:
        await asyncio.sleep(10)
        for line in lines:
            await line.send('{"kind": "beat"}')


async def pages(address: str, origin: str, tokens: Sequence[str]) -> list[tuple[float, float]]:
    """For each round: when the chair pressed, and when the last page was told."""
    lines = [await page(address, origin, token, number) for number, token in enumerate(tokens)]
    chair, beating = lines[0], asyncio.create_task(beat(lines))
    await ask(chair, 1, "RequestChair", 0)
    await told(chair, b'"done"')
    rounds = []
    for number in range(WARM + ROUNDS):
        pressed = time.monotonic()
        await ask(chair, 2 * number + 2, "Mute", 1, group={"under": UNDER})
        last = max(await asyncio.gather(*(told(line, "已静音".encode()) for line in lines)))
        rounds.append((pressed, last))
        await asyncio.sleep(0.05)  # the worker's acknowledgement of this round
        await ask(chair, 2 * number + 3, "Mute", 1, group={"under": UNDER}, on=True)
        await asyncio.gather(*(told(line, "已打开麦克风".encode()) for line in lines))
        await asyncio.sleep(0.15)  # ten acts a second are more than any chair's hand
    beating.cancel()
    for line in lines:
        await line.close()
    return rounds


def act_pages() -> int:
    """The child: reads where to go, writes what it measured."""
    asked = json.loads(sys.stdin.read())
    json.dump(asyncio.run(pages(asked["address"], asked["origin"], asked["tokens"])), sys.stdout)
    return 0


# --- the server


async def measure(folder: Path) -> tuple[list[tuple[float, float]], list[float]]:
    """Serve the room and let the child press."""
    config = Config(data=folder, plain=True)
    db = await asyncio.to_thread(open_database, config)
    ready = await asyncio.to_thread(prepare, db)
    await db.aclose()
    engine = Timed(port=0)
    runner = aio.AppRunner(create_app(config, engine=engine), access_log=None)
    await runner.setup()
    site = aio.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host = f"127.0.0.1:{runner.addresses[0][1]}"
        asked = {
            "address": f"ws://{host}/ws/rooms/{ready.meeting_id}",
            "origin": f"http://{host}",
            "tokens": ready.tokens,
        }
        child = await asyncio.create_subprocess_exec(
            sys.executable, __file__, "--pages", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            limit=2**24,
        )  # fmt: skip
        answer, _ = await child.communicate(json.dumps(asked).encode())
        owner = runner.app[SERVICES].rooms.room(ready.meeting_id)
        assert owner is not None
        assert owner.failed == 0
    finally:
        await runner.cleanup()
    return [(a, b) for a, b in json.loads(answer)], engine.silenced


def silent_at(silenced: Sequence[float], pressed: float, until: float) -> float:
    """When the worker had acknowledged the round that began at `pressed`."""
    return max((at for at in silenced if pressed <= at < until), default=float("inf"))


def percentile(values: Sequence[float]) -> float:
    """The 99th."""
    return sorted(values)[int(len(values) * 0.99)]


def main() -> int:
    if "--pages" in sys.argv:
        return act_pages()
    with tempfile.TemporaryDirectory() as text:
        rounds, silenced = asyncio.run(measure(Path(text)))
    ends = [pressed for pressed, _ in rounds[1:]] + [float("inf")]
    worker = [1000 * (silent_at(silenced, p, end) - p) for (p, _), end in zip(rounds, ends, strict=True)][WARM:]
    heard = [1000 * (last - pressed) for pressed, last in rounds][WARM:]
    both = sorted(map(max, heard, worker))
    for name, values in (("told", heard), ("silent", worker)):
        print(
            f"{name:8} p50 {statistics.median(values):6.1f} ms   p99 {sorted(values)[int(len(values) * 0.99)]:6.1f} ms"
        )
    p99 = both[int(len(both) * 0.99)]
    print(f"rounds {len(both)}, venues {VENUES}, worst {both[-1]:.1f} ms")
    print(f"command {p99:.1f} ms p99 (peer none, ratio of the limit of 500 ms {p99 / LIMIT:.2f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
