"""The open lines of live rooms: what a page says goes to the room's owner, what it is to be told goes out."""

import asyncio
import itertools
import logging
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from office.domain.errors import Invalid
from office.service import signing_in
from office.store.database import Database
from office.store.work import Work
from rtc.live import messages
from rtc.live.messages import Bye, Refused
from rtc.live.owner import RoomOwner
from rtc.live.seats import SIGNED_OUT, TOO_MANY, Close, Seat

log = logging.getLogger("yiwang.rooms")

CHECK_SESSIONS = 4.0  # seconds; a session that ended elsewhere closes its lines within five
TOUCH_ROUNDS = 75  # five minutes; an idle session ends after thirty
MOST_OF_PERSON = 8
MOST_A_SECOND = 20
SEND_WITHIN = 20.0  # seconds a page may take to accept a frame


@dataclass(eq=False, slots=True)
class RoomLine:
    """One page's socket, its seat and who serves it."""

    socket: web.WebSocketResponse
    seat: Seat
    owner: RoomOwner
    token_hash: str


class RoomLines:
    """Every open line; one task watches the sessions behind them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._open: set[RoomLine] = set()
        self._watching: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._watching = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Wait until every page was told goodbye: the rooms have closed before."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        for line in tuple(self._open):
            with suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(1):
                    await line.socket.close(code=1012)

    def of_person(self, person_id: int) -> int:
        """How many lines a person has."""
        return sum(line.seat.who.person_id == person_id for line in self._open)

    async def serve(self, line: RoomLine) -> None:
        """Until it closes."""
        self._open.add(line)
        sending = asyncio.create_task(_send(line))
        try:
            await _hear(line)
        finally:
            self._open.discard(line)
            sending.cancel()
            with suppress(asyncio.CancelledError, ConnectionError):
                await sending

    async def _watch(self) -> None:
        for round_ in itertools.count(1):
            await asyncio.sleep(CHECK_SESSIONS)
            try:
                await self.check_sessions()
                if round_ % TOUCH_ROUNDS == 0:
                    await self.touch_sessions()
            except Exception:
                log.exception("sessions could not be checked")

    async def touch_sessions(self) -> None:
        """Who sits in a meeting is not idle, though his page asks for nothing."""
        hashes = tuple({line.token_hash for line in self._open})
        if hashes:
            await self._db.write(_touch, hashes)

    async def check_sessions(self) -> None:
        """Close the lines of sessions that do not hold any more. Lines opened meanwhile are looked at the next time."""
        asked = {line.token_hash for line in self._open}
        gone = asked - await self._db.read(signing_in.still_open, tuple(asked)) if asked else frozenset()
        for line in tuple(self._open):
            if line.token_hash in gone:
                line.seat.outbox.close(SIGNED_OUT, Bye("登录已经结束，请重新登录后再进会场。", again=False))


def _touch(work: Work, token_hashes: tuple[str, ...]) -> None:
    for token_hash in token_hashes:
        signing_in.touch(work, token_hash)


async def _hear(line: RoomLine) -> None:
    loop, seat = asyncio.get_running_loop(), line.seat
    since, heard = loop.time(), 0
    async for message in line.socket:
        if message.type is not WSMsgType.TEXT:
            break
        if loop.time() - since > 1:
            since, heard = loop.time(), 0
        heard += 1
        if heard > MOST_A_SECOND:
            seat.outbox.drop(TOO_MANY)
            await line.socket.close(code=TOO_MANY)
            break
        try:
            line.owner.say(seat, messages.decode(message.data))
        except Invalid as error:
            seat.tell(Refused(0, error.code, error.sentence, error.fix))


async def _send(line: RoomLine) -> None:
    while True:
        frame = await line.seat.outbox.get()
        if isinstance(frame, Close):
            await line.socket.close(code=frame.code)
            return
        try:
            async with asyncio.timeout(SEND_WITHIN):
                await line.socket.send_frame(frame, WSMsgType.TEXT)
        except TimeoutError:
            line.seat.outbox.drop(1013)
