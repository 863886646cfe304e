"""The ballot box: votes at the edge. Keeps the order in which rows and the file of a secret ballot are written,

so that a crash between two steps loses no vote and leaves no file behind; ends ballots when their time is over.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from office.domain.errors import OfficeError
from office.store.database import Database
from rtc.domain.venue import Participant
from rtc.domain.voting import BallotStage
from rtc.service import votes
from rtc.store.secret_ballots import SecretBallots

log = logging.getLogger("yiwang.votes")
LOST: Final = "服务器在开始表决时中断，票箱没有建成，没有收到任何票。请重新表决。"
AFTER_DEADLINE: Final = 0.05  # seconds, so that the clock is past it
TELL_EVERY: Final = 0.5  # seconds: many votes are told as one

Told = Callable[[votes.Shown], None]  # a ballot is otherwise: tell its room
Online = Callable[[int], frozenset[int]]  # venues that are here now, by meeting


class BallotBox:
    """Every act on ballots of the rooms this server holds."""

    def __init__(
        self, db: Database, secret: SecretBallots, *, told: Told, online: Online, tell_every: float = TELL_EVERY
    ) -> None:
        self._db, self._secret, self._told, self._online = db, secret, told, online
        self._tell_every = tell_every
        self._timers: dict[int, asyncio.Task[None]] = {}
        self._tellings: dict[int, asyncio.Task[None]] = {}

    async def aclose(self) -> None:
        """Forget the timers; `recover` sets them again."""
        timers = (*self._timers.values(), *self._tellings.values())
        self._timers, self._tellings = {}, {}
        for timer in timers:
            timer.cancel()
        await asyncio.gather(*timers, return_exceptions=True)

    async def open(self, command: votes.Open, by: Participant) -> None:
        """Open it: the row first, then the box of a secret ballot."""
        ballot = await self._db.write(votes.open, command, by)
        if ballot.secret:
            await asyncio.to_thread(self._secret.open, command.ballot_id, ballot.voters)
        await self._tell(command.ballot_id)
        await self._watch(command.ballot_id)

    async def cast(self, command: votes.Cast, by: Participant) -> None:
        """Vote; on the disk when this returns. What a secret vote says is nowhere but in the box."""
        shown = await self._db.read(votes.one, command.ballot_id)
        if shown.ballot.secret:
            await self._db.read(votes.check_secret, command, by)
            await asyncio.to_thread(self._secret.cast, command.ballot_id, by.venue_id, command.choice)
        else:
            await self._db.write(votes.cast, command, by)
        self._tell_soon(command.ballot_id)

    async def close(self, ballot_id: int, by: Participant | None) -> None:
        """End it: who may is asked first, then the box is sealed, counted into rows, destroyed."""
        shown = await self._db.read(votes.check_close, ballot_id, by)
        counted = None
        if shown.ballot.secret and shown.ballot.stage is BallotStage.OPEN:
            counted = await asyncio.to_thread(self._secret.seal, ballot_id)
        online = self._online(shown.meeting_id)
        await self._db.write(votes.close, votes.Close(ballot_id, online, counted), by)
        await asyncio.to_thread(self._secret.destroy, ballot_id)
        await self._done(ballot_id)

    async def publish(self, command: votes.Publish, by: Participant) -> None:
        """Show the result to all."""
        await self._db.write(votes.publish, command, by)
        await self._tell(command.ballot_id)

    async def void(self, command: votes.Void, by: Participant | None) -> None:
        """It counts for nothing; its box is destroyed."""
        await self._db.write(votes.void, command, by)
        await asyncio.to_thread(self._secret.destroy, command.ballot_id)
        await self._done(command.ballot_id)

    async def shown(self, ballot_id: int) -> votes.Shown:
        """A ballot as everyone sees it; who has voted in an open secret one is asked of the box."""
        found = await self._db.read(votes.one, ballot_id)
        if found.ballot.secret and found.ballot.stage is BallotStage.OPEN:
            return replace(found, voted=await asyncio.to_thread(self._secret.voted, ballot_id))
        return found

    async def recover(self, meeting_id: int) -> None:
        """When a room opens: finish what a crash left half done, set the timers again, tell of every ballot."""
        files = await asyncio.to_thread(self._secret.held)
        found = await self._db.read(votes.recover, meeting_id, files)
        for ballot_id in found.destroy:
            await asyncio.to_thread(self._secret.destroy, ballot_id)
        for ballot_id in found.void:
            await self.void(votes.Void(ballot_id, LOST), None)
        for ballot_id in found.open:
            await self._watch(ballot_id)
        for shown in await self._db.read(votes.shown, meeting_id):
            await self._tell(shown.id)

    async def _tell(self, ballot_id: int) -> None:
        self._told(await self.shown(ballot_id))

    def _tell_soon(self, ballot_id: int) -> None:
        if ballot_id not in self._tellings:
            self._tellings[ballot_id] = asyncio.create_task(self._tell_later(ballot_id))

    async def _tell_later(self, ballot_id: int) -> None:
        await asyncio.sleep(self._tell_every)
        self._tellings.pop(ballot_id, None)
        try:
            await self._tell(ballot_id)
        except OfficeError as refused:  # closed in between: the closing tells
            log.info("ballot %d was not told: %s", ballot_id, refused.code)

    async def _done(self, ballot_id: int) -> None:
        timer = self._timers.pop(ballot_id, None)
        if timer is not None and timer is not asyncio.current_task():
            timer.cancel()
        await self._tell(ballot_id)

    async def _watch(self, ballot_id: int) -> None:
        found = await self._db.read(votes.one, ballot_id)
        if found.ballot.deadline is not None and ballot_id not in self._timers:
            left = (found.ballot.deadline - self._db.now()).total_seconds()
            self._timers[ballot_id] = asyncio.create_task(self._close_later(ballot_id, left))

    async def _close_later(self, ballot_id: int, seconds: float) -> None:
        await asyncio.sleep(max(seconds, 0.0) + AFTER_DEADLINE)
        try:
            await self.close(ballot_id, None)
        except OfficeError as refused:
            log.warning("ballot %d was not closed at its time: %s", ballot_id, refused.code)
        finally:
            self._timers.pop(ballot_id, None)
