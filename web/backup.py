"""备份与恢复: the database, then every file its rows name, then the keys; a list of SHA-256 hashes over all of it.

A backup holds private keys and all papers in the clear: folders 0700, files 0600; keep it encrypted and elsewhere.
SQLite is read while it is served, by another process: a `mode=ro` connection can neither write nor checkpoint, also not
when it closes as the last one (`tests/web/test_backup.py` shows it), so the one writer stays the only one.
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec
from sqlalchemy import create_engine, make_url

from office.domain.errors import Invalid
from office.store import migrate
from office.store.blobs import Blobs
from office.store.database import Database
from office.store.sqlite import guard, linked_version, sqlite_module
from office.store.work import Work
from web.config import Config
from web.jobs import named_blobs

MANIFEST = "manifest.json"
SQLITE, POSTGRES = "office.db", "office.dump"
KEPT = ("keys", "tls", "demo-loaded")  # of the data folder, beside database and blobs
_TOPS = frozenset({SQLITE, POSTGRES, "blobs", *KEPT})
_CHUNK = 1024 * 1024
_SAYS = "里面有私钥和全部文件，没有加密：请存到别处，限制访问。"


class File(msgspec.Struct, frozen=True):
    """One file of a backup."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds. It is written last: a folder without it is no backup."""

    made: datetime
    dialect: str
    revision: str
    files: tuple[File, ...]


def backup(config: Config, folder: Path) -> str:
    """Back up a running installation into an empty folder; the sentence to print. Invalid says why it cannot be."""
    if folder.exists() and any(folder.iterdir()):
        raise Invalid(f"文件夹 {folder} 不是空的。请换一个空文件夹。")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    sqlite = config.database_url.startswith("sqlite:///")
    revision, named = (_sqlite if sqlite else _postgres)(config, folder)
    _copy_blobs(config, folder, named)
    for name in KEPT:
        _copy_tree(config.data / name, folder / name)
    files = tuple(_listed(folder))
    for inner in folder.rglob("*/"):
        inner.chmod(0o700)
    manifest = Manifest(datetime.now(UTC), "sqlite" if sqlite else "postgresql", revision, files)
    data = msgspec.json.format(msgspec.json.encode(manifest))
    _write(folder / MANIFEST, data)
    size = sum(file.size for file in files) / 2**20
    mark = hashlib.sha256(data).hexdigest()
    return (
        f"已备份到 {folder}：{len(files)} 个文件，{size:.1f} MB，其中公文 {len(named)} 个。\n清单指纹 {mark}\n{_SAYS}"
    )


def _sqlite(config: Config, folder: Path) -> tuple[str, set[str]]:
    """One snapshot through a reading connection, which can neither write nor checkpoint the live file."""
    guard(linked_version(), allow_unsafe=config.allow_unsafe_sqlite)
    live, copy = Path(config.database_url.removeprefix("sqlite:///")), folder / SQLITE
    if not live.is_file():
        raise Invalid(f"没有找到数据库 {live}。请检查 YIWANG_DATA。")
    _write(copy, b"")
    source = sqlite_module.connect(f"file:{quote(str(live))}?mode=ro", uri=True, timeout=10)
    target = sqlite_module.connect(str(copy), isolation_level=None)
    try:
        source.backup(target, pages=-1)  # in one go: in portions it would never end beside a writer
        target.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        if target.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise Invalid("数据库有损坏，没有备份成。请从上一次备份恢复。")
    finally:
        target.close()
        source.close()
    return _read_copy(copy)


def _read_copy(copy: Path) -> tuple[str, set[str]]:
    """Revision and named blobs of a database file nobody uses."""
    target = f"file:{quote(str(copy))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", module=sqlite_module, creator=lambda: sqlite_module.connect(target, uri=True))
    try:
        with engine.connect() as connection:
            work = Work(connection, datetime.now(UTC), "sqlite")
            return str(migrate.current(work)), set(named_blobs(work))
    finally:
        engine.dispose()


def _postgres(config: Config, folder: Path) -> tuple[str, set[str]]:
    """By pg_dump. What rows name is asked before and after it, so that nothing in the dump is without its file."""
    program = _program("pg_dump", "备份")
    db = Database.open(config.database_url)
    try:
        before = set(db.read_now(named_blobs))
        _write(folder / POSTGRES, b"")
        _run([program, "--format=custom", f"--file={folder / POSTGRES}"], config.database_url, "--dbname")
        return str(db.read_now(migrate.current)), before | set(db.read_now(named_blobs))
    finally:
        db.close()


def _program(name: str, what: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Invalid(
            f"{what} PostgreSQL 要用 {name}，这台机器上没有。请安装 postgresql-client（版本不低于服务器），再试。"
        )
    return found


def _run(command: list[str], url: str, option: str) -> None:
    """A program of PostgreSQL; the password goes through the environment, where no list of processes shows it."""
    parsed = make_url(url).set(drivername="postgresql")
    environment = dict(os.environ)
    if parsed.password is not None:
        environment["PGPASSWORD"] = str(parsed.password)
    target = parsed._replace(password=None).render_as_string()
    done = subprocess.run(
        [*command, f"{option}={target}"], env=environment, capture_output=True, check=False, timeout=24 * 3600
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise Invalid(f"{Path(command[0]).name} 没有成功：{said[-1] if said else done.returncode}")


def _copy_blobs(config: Config, folder: Path, named: set[str]) -> None:
    async def copy() -> None:
        blobs = Blobs.open(config.blob_place)
        for name in sorted(named):
            data = await blobs.get(name)
            if hashlib.sha256(data).hexdigest() != name:
                raise Invalid(f"文件 {name} 与它的指纹不符，没有备份成。请从上一次备份恢复这个文件。")
            _write(folder / "blobs" / name[:2] / name, data)

    asyncio.run(copy())


def _copy_tree(source: Path, target: Path) -> None:
    for path in [source] if source.is_file() else sorted(source.rglob("*")):
        if path.is_file() and not path.is_symlink():
            _write(target / path.relative_to(source) if source.is_dir() else target, path.read_bytes())


def _write(path: Path, data: bytes) -> None:
    """A new file only its owner reads, on the disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _listed(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield File(path.relative_to(folder).as_posix(), path.stat().st_size, _sha256(path))


def restore(config: Config, folder: Path) -> str:
    """Bring a backup back into an empty installation; every hash is checked before anything is written."""
    manifest = _checked(folder)
    if config.data.exists() and any(config.data.iterdir()):
        raise Invalid(f"数据文件夹 {config.data} 不是空的，没有恢复。请用 YIWANG_DATA 指定一个空文件夹。")
    sqlite = config.database_url.startswith("sqlite:///")
    if (manifest.dialect == "sqlite") != sqlite:
        raise Invalid(f"备份是 {manifest.dialect} 的，现在设置的数据库不是。请改 YIWANG_DATABASE。")
    config.data.mkdir(parents=True, exist_ok=True)
    config.data.chmod(0o700)
    for name in KEPT:
        _copy_tree(folder / name, config.data / name)
    blobs = Blobs.open(config.blob_place)
    kept = [file for file in manifest.files if file.path.startswith("blobs/")]
    for file in kept:
        blobs.put_now((folder / file.path).read_bytes())
    (_restore_sqlite if sqlite else _restore_postgres)(config, folder)
    missing = _named_now(config) - {Path(file.path).name for file in kept}
    if missing:
        raise Invalid(f"数据库提到的 {len(missing)} 个文件不在备份里，第一个是 {sorted(missing)[0]}。这份备份不完整。")
    return (
        f"已从 {manifest.made:%Y-%m-%d %H:%M} UTC 的备份恢复到 {config.data}："
        f"{len(manifest.files)} 个文件逐个核对无误，数据库提到的文件都在。请运行 yiwang verify --history，再启动服务。"
    )


def _checked(folder: Path) -> Manifest:
    """The manifest, when every file is there with its hash and no path leads elsewhere."""
    if not (folder / MANIFEST).is_file():
        raise Invalid(f"{folder} 里没有 {MANIFEST}：不是备份，或者那次备份没有做完。")
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except msgspec.DecodeError as error:
        raise Invalid(f"{MANIFEST} 读不懂：{error}") from None
    for file in manifest.files:
        parts = Path(file.path).parts
        path = folder / file.path
        if not parts or parts[0] not in _TOPS or ".." in parts or not path.resolve().is_relative_to(folder.resolve()):
            raise Invalid(f"清单里的路径 {file.path} 不对，没有恢复。")
        if not path.is_file() or path.stat().st_size != file.size or _sha256(path) != file.sha256:
            raise Invalid(f"备份里的 {file.path} 缺失或被改动，没有恢复。")
    return manifest


def _restore_sqlite(config: Config, folder: Path) -> None:
    target = Path(config.database_url.removeprefix("sqlite:///"))
    if target.exists():
        raise Invalid(f"数据库 {target} 已经存在，没有恢复。")
    _write(target, b"")
    with (folder / SQLITE).open("rb") as source, target.open("r+b") as file:
        shutil.copyfileobj(source, file, _CHUNK)
        file.flush()
        os.fsync(file.fileno())


def _restore_postgres(config: Config, folder: Path) -> None:
    program = _program("pg_restore", "恢复")
    command = [program, "--exit-on-error", "--single-transaction", "--no-owner", str(folder / POSTGRES)]
    db = Database.open(config.database_url)
    try:
        if db.read_now(migrate.current) is not None:
            raise Invalid("要恢复到的 PostgreSQL 数据库不是空的。请新建一个空数据库。")
    finally:
        db.close()
    _run(command, config.database_url, "--dbname")


def _named_now(config: Config) -> set[str]:
    if config.database_url.startswith("sqlite:///"):
        return _read_copy(Path(config.database_url.removeprefix("sqlite:///")))[1]
    db = Database.open(config.database_url)
    try:
        return set(db.read_now(named_blobs))
    finally:
        db.close()
