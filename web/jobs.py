"""The worker: due jobs, one after the other, each in a lease. A performer may run twice and must not mind."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, union

from office.service import signing_in
from office.store import commands, jobs
from office.store.blobs import Blobs
from office.store.database import Database
from office.store.tables import attachment, blob, document, upload
from office.store.work import Work
from rtc.store.tables import paper

log = logging.getLogger("yiwang.jobs")

LOOK_EVERY = 5.0  # seconds
DAY = timedelta(days=1)
COMMANDS_KEPT = timedelta(days=7)
BLOBS_KEPT = timedelta(days=2)  # a blob no row names after this was never used


class Worker:
    """Owns the loop that performs jobs."""

    def __init__(self, db: Database, blobs: Blobs, *, nightly: Callable[[], Awaitable[None]] | None = None) -> None:
        self._db = db
        self._blobs = blobs
        self._nightly = nightly  # what else is tidied at night
        self._task: asyncio.Task[None] | None = None
        self._performers: Mapping[str, Callable[[jobs.Job], Awaitable[None]]] = {
            "TIDY": self._tidy,
            "SWEEP": self._sweep,
        }

    def start(self) -> None:
        """Begin; the daily jobs are there from then on."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop after the job in hand."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._db.write(plan_daily)
                for held in await self._db.write(jobs.claim, tuple(self._performers)):
                    await self._perform(held)
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("jobs could not be looked for")
            await asyncio.sleep(LOOK_EVERY)

    async def _perform(self, held: jobs.Job) -> None:
        try:
            await self._performers[held.kind](held)
        except Exception as error:
            log.exception("job %s failed", held.key)
            await self._db.write(jobs.fail, held, type(error).__name__)
        else:
            await self._db.write(jobs.finish, held)

    async def _tidy(self, _held: jobs.Job) -> None:
        await self._db.write(tidy)
        if self._nightly is not None:
            await self._nightly()

    async def _sweep(self, _held: jobs.Job) -> None:
        """Blobs that no row names: broken uploads, replaced previews."""
        known = await self._db.read(named_blobs)
        gone = await self._blobs.sweep(known, before=self._db.now() - BLOBS_KEPT)
        log.info("swept %d blobs", len(gone))


def plan_daily(work: Work) -> None:
    """One TIDY and one SWEEP for today and tomorrow at night; their keys make them one each."""
    for days in (0, 1):
        night: datetime = work.midnight + days * DAY + timedelta(hours=3)
        for kind in ("TIDY", "SWEEP"):
            jobs.add(work, kind, f"{kind}-{night:%Y%m%d}", run_at=night)


def tidy(work: Work) -> None:
    """Forget sessions that ended and answers to commands nobody repeats any more."""
    signing_in.forget_old(work)
    commands.forget(work, work.now - COMMANDS_KEPT)


def named_blobs(work: Work) -> frozenset[str]:
    """Every blob some row names: attachments, uploads, issued files, what opinions were signed with, meeting papers."""
    named = union(
        select(attachment.c.blob), select(upload.c.blob), select(blob.c.hash),
        select(document.c.issued_blob).where(document.c.issued_blob.is_not(None)),
        select(paper.c.blob),
    )  # fmt: skip
    return frozenset(row[0] for row in work.execute(named))
