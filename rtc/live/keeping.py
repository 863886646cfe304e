"""What a recorder wrote becomes rows: which file, whose, from when; read from its index when the recording is done."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

from office.store.database import Database
from office.store.work import Work
from rtc.service import recordings

log = logging.getLogger("yiwang.rooms")

INDEX: Final = "index.jsonl"
KEPT: Final = "kept"  # beside an index whose lines are in the database
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """One finished file; `digest` is "" where the recorder was killed."""

    path: Path
    venue_id: int
    source: str
    started_at: datetime
    size: int
    digest: str


def read_folder(folder: Path) -> tuple[Found, ...]:
    """The files of one recording. What a killed recorder left unfinished gets its name here: it plays up to its end."""
    began: dict[str, dict[str, Any]] = {}
    ended: dict[str, dict[str, Any]] = {}
    for line in (folder / INDEX).read_bytes().splitlines():
        try:
            said = msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError:
            continue  # the last line of a killed recorder
        (began if said.get("type") == "Began" else ended)[said["file"]] = said
    found = []
    for name, said in began.items():
        path = folder / name
        part = folder / f"{name}.part"
        if name not in ended and part.exists():
            part.replace(path)
        venue = said["seat"].split(".")[0]
        if path.exists() and venue.isdigit():
            digest = str(ended.get(name, {}).get("sha256", ""))
            started = _EPOCH + timedelta(microseconds=said["at"])
            found.append(Found(path, int(venue), said["source"], started, path.stat().st_size, digest))
    return tuple(found)


def _keep(work: Work, meeting_id: int, base: Path, found: tuple[Found, ...]) -> None:
    for one in found:
        path = one.path.relative_to(base).as_posix()
        recordings.begun(work, recordings.Begun(meeting_id, one.venue_id, one.source, path, one.started_at))
        recordings.ended(work, recordings.Ended(path, one.size, one.digest))


async def keep(db: Database, base: Path, folder: Path) -> None:
    """Put one recording's files into the database; harmless when they are there."""
    meeting = folder.parent.name
    if not meeting.isdigit() or not await asyncio.to_thread((folder / INDEX).exists):
        return
    found = await asyncio.to_thread(read_folder, folder)
    await db.write(_keep, int(meeting), base, found)
    await asyncio.to_thread((folder / KEPT).touch)


def unkept(base: Path) -> tuple[Path, ...]:
    """Recordings whose files are not in the database: a server that was killed left them."""
    return tuple(index.parent for index in sorted(base.glob(f"*/*/{INDEX}")) if not (index.parent / KEPT).exists())


async def keep_all(db: Database, base: Path) -> None:
    """At the start of a server: what the last one could not finish."""
    for folder in await asyncio.to_thread(unkept, base):
        try:
            await keep(db, base, folder)
        except Exception:
            log.exception("the recording in %s could not be kept", folder)
