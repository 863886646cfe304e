"""Where a room's files lie, and when they go."""

import asyncio
import logging
from functools import partial
from pathlib import Path

from office.store.database import Database
from rtc.service import recordings

log = logging.getLogger("yiwang.rooms")

RECORDINGS = "recordings"  # in the data folder: one folder a meeting


async def forget_outlived(db: Database, folder: Path) -> None:
    """Remove the recordings whose days of keeping are over: the file first, then its row; history says so."""
    while held := await db.read(recordings.outlived):
        for one in held:
            await asyncio.to_thread(partial((folder / one.path).unlink, missing_ok=True))
            await db.write(recordings.removed, one.id)
        log.info("%d recordings had outlived their days", len(held))
