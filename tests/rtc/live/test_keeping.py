"""Recordings become rows: whose, from when, how big; what a killed recorder left is kept too, once."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from office.store.database import Database
from office.store.work import Work
from rtc.live import keeping
from rtc.live.hub import RoomHub
from rtc.store.meetings import Settings
from rtc.store.tables import recording
from tests.conftest import Clock
from tests.rtc.live.conftest import opened
from tests.rtc.live.pages import Rooms
from tests.town import COUNTY

AT = 1_767_225_600_000_000
BEGAN = '{"type":"Began","file":"%s","seat":"%s","source":"CAMERA","codec":"VP8","at":%d}\n'
ENDED = '{"type":"Ended","file":"%s","bytes":4,"microseconds":9,"sha256":"abc"}\n'


def rows(work: Work) -> list[tuple[object, ...]]:
    r = recording.c
    found = work.execute(select(r.venue_id, r.path, r.digest, r.size, r.started_at).order_by(r.path))
    return [tuple(row) for row in found]


def written(base: Path, meeting_id: int, venue_id: int) -> Path:
    """A finished file, one of a killed recorder, and a line that was cut."""
    folder = base / str(meeting_id) / "17"
    folder.mkdir(parents=True)
    seat = f"{venue_id}.abcdefgh"
    (folder / "0001-camera.webm").write_bytes(b"done")
    (folder / "0002-camera.webm.part").write_bytes(b"torn away")
    lines = [
        BEGAN % ("0001-camera.webm", seat, AT),
        ENDED % "0001-camera.webm",
        BEGAN % ("0002-camera.webm", seat, AT),
        '{"ty',
    ]
    (folder / keeping.INDEX).write_text("".join(lines), encoding="utf-8")
    return folder


async def test_files_become_rows_once(rooms: Rooms, tmp_path: Path) -> None:
    venue_id = rooms.venue(COUNTY)
    folder = await asyncio.to_thread(written, tmp_path, rooms.meeting_id, venue_id)
    assert keeping.unkept(tmp_path) == (folder,)
    await keeping.keep_all(rooms.db, tmp_path)
    await keeping.keep(rooms.db, tmp_path, folder)
    started = datetime.fromtimestamp(AT / 1e6, UTC)
    place = f"{rooms.meeting_id}/17"
    assert await rooms.db.read(rows) == [
        (venue_id, f"{place}/0001-camera.webm", "abc", 4, started),
        (venue_id, f"{place}/0002-camera.webm", "", 9, started),
    ]
    assert keeping.unkept(tmp_path) == ()


async def test_the_engine_records_while_the_room_does_each_time_into_a_folder_of_its_own(
    sqlite_db: Database, clock: Clock, tmp_path: Path
) -> None:
    rooms = await opened(sqlite_db, clock, Settings(recording=True))
    rooms.hub = RoomHub(rooms.db, rooms.engine, tmp_path)
    page = await rooms.chair()
    await rooms.quiet()
    assert rooms.media.folder == ""
    folders = set()
    for _ in range(2):
        assert (await page.do("Record", on=True))["kind"] == "done"
        await rooms.quiet()
        folders.add(rooms.media.folder)
        clock.pass_(minutes=1)
        assert (await page.do("Record", on=False))["kind"] == "done"
        await rooms.quiet()
        assert rooms.media.folder == ""
    assert len(folders) == 2
    assert all(Path(folder).parent == tmp_path / str(rooms.meeting_id) for folder in folders)
    await rooms.hub.close()
