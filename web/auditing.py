"""Checking the whole history while people work: one organ's chain after another in the readers, progress to be seen."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from office.domain.people import Actor
from office.service import histories
from office.store.database import Database
from office.store.history import Finding

log = logging.getLogger("yiwang.audit")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a check is: chains and rows gone through, of how many; what was found."""

    started: datetime
    by: str
    chains: int = 0
    all_chains: int = 0
    rows: int = 0
    all_rows: int = 0
    finding: Finding | None = None
    ended: datetime | None = None
    failed: bool = False


class Checker:
    """Owns the one check that may run; it stops at the first finding."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        """Whether a check is under way."""
        return self._task is not None and not self._task.done()

    async def start(self, db: Database, by: Actor) -> None:
        """Begin a check; one that runs goes on."""
        if self.running:
            return
        chains = await db.read(histories.chains_to_check, by)
        rows = sum(count for _, count in chains)
        self.progress = Progress(db.now(), by.person_name, all_chains=len(chains), all_rows=rows)
        self._task = asyncio.create_task(self._run(db, by, chains))

    async def close(self, _app: web.Application) -> None:
        """Stop a check that runs."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, db: Database, by: Actor, chains: tuple[tuple[int, int], ...]) -> None:
        try:
            for organ_id, count in chains:
                finding = await db.read(histories.check_organ, organ_id)
                self._went_on(count, finding)
                if finding is not None:
                    break
            await self._finish(db, by)
        except Exception:
            log.exception("the history could not be checked")
            if self.progress is not None:
                self.progress = replace(self.progress, ended=db.now(), failed=True)

    def _went_on(self, count: int, finding: Finding | None) -> None:
        now = self.progress
        if now is not None:
            self.progress = replace(now, chains=now.chains + 1, rows=now.rows + count, finding=finding)

    async def _finish(self, db: Database, by: Actor) -> None:
        now = self.progress
        if now is not None:
            said = str(now.finding.what) if now.finding is not None else ""
            await db.write(histories.record_check, now.rows, said, by)
            self.progress = replace(now, ended=db.now())


CHECKER: web.AppKey[Checker] = web.AppKey("checker", Checker)


def checker(app: web.Application) -> None:
    """Put the checker on an application."""
    app[CHECKER] = Checker()
    app.on_shutdown.append(app[CHECKER].close)
