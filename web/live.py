"""Live news: committed events, turned into "look again" for the sockets they concern. Losing one harms nothing."""

import asyncio
import json
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, WSMsgType, web
from sqlalchemy import select

from office.domain.errors import NotFound
from office.domain.people import Actor
from office.service import access, signing_in
from office.store import tail
from office.store.database import Database
from office.store.tables import task
from office.store.work import Work

log = logging.getLogger("yiwang.live")

GATHER = 0.2  # seconds: events of that time are told together
CHECK_SESSIONS = 4.0  # a session that ended elsewhere closes its sockets within five seconds
MOST_OF_PERSON = 5
MOST_WATCHED = 20
MOST_IN_QUEUE = 64
MOST_MESSAGE = 4_096
MOST_A_SECOND = 20
HEARTBEAT = 30.0
SIGNED_OUT = 4401
TOO_MUCH = 4429
SLOW_SENDS = 500  # sockets told before others get their turn


@dataclass(eq=False, slots=True)
class Listener:
    """One open socket: who, which documents he looks at, what he is still to be told."""

    actor: Actor
    token_hash: str
    socket: web.WebSocketResponse
    watched: set[int] = field(default_factory=set)
    news: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(MOST_IN_QUEUE))

    def tell(self, text: str) -> None:
        """Queue a message; who does not read gets "look again" later by polling, never a growing queue."""
        with suppress(asyncio.QueueFull):
            self.news.put_nowait(text)


class Hub:
    """Owns the open sockets; one task follows the history, one watches the sessions."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open: set[Listener] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to follow."""
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._watch_sessions())]

    async def close(self) -> None:
        """Say goodbye to every socket."""
        for running in self._tasks:
            running.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for listener in tuple(self._open):
            await listener.socket.close(code=WSCloseCode.GOING_AWAY, message=b"restart")

    @property
    def count(self) -> int:
        """How many sockets are open."""
        return len(self._open)

    def of_person(self, person_id: int) -> int:
        """How many sockets a person has open."""
        return sum(listener.actor.person_id == person_id for listener in self._open)

    async def attend(self, listener: Listener) -> None:
        """Serve one socket until it closes."""
        self._open.add(listener)
        sending = asyncio.create_task(_send(listener))
        try:
            await self._hear(listener)
        finally:
            self._open.discard(listener)
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await sending

    async def _hear(self, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        since, heard = loop.time(), 0
        async for message in listener.socket:
            if message.type is not WSMsgType.TEXT:
                break
            if loop.time() - since > 1:
                since, heard = loop.time(), 0
            heard += 1
            if heard > MOST_A_SECOND:
                await listener.socket.close(code=TOO_MUCH)
                break
            await self._watch(listener, message.data)

    async def _watch(self, listener: Listener, text: str) -> None:
        """The only thing a page may ask for: news of a document this person may see."""
        document_id = _asked(text)
        if document_id is None or len(listener.watched) >= MOST_WATCHED:
            return
        with suppress(NotFound):
            await self._db.read(_may_watch, document_id, listener.actor)
            listener.watched.add(document_id)

    async def _follow(self) -> None:
        while True:
            try:
                await self._follow_once()
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("following the history failed; starting again")
                await asyncio.sleep(1)

    async def _follow_once(self) -> None:
        changed: set[int] = set()
        telling: asyncio.Task[None] | None = None
        async for row in tail.follow(self._db):
            if row.document_id is None:
                continue
            changed.add(row.document_id)
            if telling is None or telling.done():
                telling = asyncio.create_task(self._tell_soon(changed))

    async def _tell_soon(self, changed: set[int]) -> None:
        await asyncio.sleep(GATHER)
        documents = frozenset(changed)
        changed.clear()
        if self._open:
            await self._tell(documents, await self._db.read(_concerned, documents))

    async def _tell(self, documents: frozenset[int], posts: frozenset[int]) -> None:
        for i, listener in enumerate(tuple(self._open)):
            seen = listener.watched & documents
            for document_id in sorted(seen):
                listener.tell(json.dumps({"kind": "changed", "document_id": document_id}))
            if not seen and listener.actor.post_id in posts:
                listener.tell('{"kind": "changed"}')
            if i % SLOW_SENDS == SLOW_SENDS - 1:
                await asyncio.sleep(0)

    async def _watch_sessions(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SESSIONS)
            try:
                await self.check_sessions()
            except Exception:
                log.exception("sessions could not be checked")

    async def check_sessions(self) -> None:
        """Close the sockets of sessions that do not hold any more."""
        hashes = tuple({listener.token_hash for listener in self._open})
        if hashes:
            await self.drop(set(hashes) - await self._db.read(signing_in.still_open, hashes))

    async def drop(self, token_hashes: Iterable[str]) -> None:
        """Close the sockets of sessions that ended."""
        gone = frozenset(token_hashes)
        for listener in [one for one in self._open if one.token_hash in gone]:
            await listener.socket.close(code=SIGNED_OUT, message=b"signed out")


def _asked(text: str) -> int | None:
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.get("kind") != "watch":
        return None
    found = message.get("document_id")
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 < found < 2**53 else None


def _may_watch(work: Work, document_id: int, actor: Actor) -> None:
    access.document(work, document_id, by=actor)


def _concerned(work: Work, documents: frozenset[int]) -> frozenset[int]:
    """Posts that hold or held a task on one of those documents."""
    t = task.c
    rows = work.execute(select(t.post_id, t.deputy_post_id).where(t.document_id.in_(documents)).distinct())
    return frozenset(post for row in rows for post in row if post is not None)


async def _send(listener: Listener) -> None:
    while True:
        await listener.socket.send_str(await listener.news.get())
