"""Secret ballots (无记名): one small file each while the vote is open, destroyed once it was counted.

What a stolen disk may show decides every detail here (rooms.md 7.5):
- Voters and papers are two tables without a shared key, time or order; one transaction a vote changes one of each.
- Every paper is there from the opening on and the one that is filled is drawn by lot, so its place tells nothing. All
  values have one length: SQLite writes over them where they lie and moves nothing, so the file keeps no order either.
- No write-ahead log: it would hold each transaction's pages side by side. The rollback journal is truncated by the
  COMMIT. Only a machine that dies inside a COMMIT leaves one, of a vote that nobody was told is cast.
- The file is no part of any backup and the main database hears nothing before the closing.
Not promised: secrecy from who controls the running server, or copies the file again and again while people vote.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import SystemRandom
from threading import Lock
from typing import Any

from office.domain.errors import NotFound, NotPermitted, Stale, WrongStage
from office.store.sqlite import sqlite_module

MOST_CHOICES = 200
_BLANK = b"\xff"
_NOT_YET, _VOTED = b"\x00", b"\x01"
_PRAGMAS = (
    "PRAGMA journal_mode=TRUNCATE", "PRAGMA synchronous=EXTRA", "PRAGMA secure_delete=ON", "PRAGMA temp_store=MEMORY",
    "PRAGMA locking_mode=NORMAL", "PRAGMA busy_timeout=10000",
)  # fmt: skip
_TABLES = (
    "CREATE TABLE voter (venue_id INTEGER PRIMARY KEY, voted BLOB NOT NULL)",
    "CREATE TABLE paper (slot INTEGER PRIMARY KEY, choice BLOB NOT NULL)",
    "CREATE TABLE ballot (sealed BLOB NOT NULL)",
)
_lot = SystemRandom()


@dataclass(frozen=True, slots=True)
class Counted:
    """What a sealed ballot holds: who voted, in the order of venues, and the papers by lot."""

    voters: tuple[int, ...]
    choices: tuple[int, ...]


class SecretBallots:
    """The folder of open secret ballots. Synchronous: the edge calls it in a thread; one vote at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def _path(self, ballot_id: int) -> Path:
        return self._folder / f"{ballot_id}.ballot"

    def open(self, ballot_id: int, venue_ids: Iterable[int]) -> None:
        """Make the file with a blank paper for every voter; a repeat leaves what is there."""
        path, voters = self._path(ballot_id), sorted(set(venue_ids))
        with self._lock:
            if path.exists():
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            new = path.with_suffix(".new")
            _remove(new)
            os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            with _connected(new) as raw, _transaction(raw):
                _make(raw, voters)
            new.rename(path)
            _remove(new)
            _sync_folder(self._folder)

    def cast(self, ballot_id: int, venue_id: int, choice: int) -> None:
        """Mark the voter and fill a blank paper drawn by lot, both or neither, on the disk when this returns."""
        if not 0 <= choice < MOST_CHOICES:
            raise NotFound("没有这个选项。请刷新后再投。")
        with self._lock, _connected(self._existing(ballot_id)) as raw, _transaction(raw):
            if raw.execute("SELECT sealed FROM ballot").fetchone()[0] != _NOT_YET:
                raise WrongStage("表决已经结束，不能再投票。")
            _mark(raw, venue_id)
            blank = [row[0] for row in raw.execute("SELECT slot FROM paper WHERE choice = ?", (_BLANK,))]
            drawn = (bytes((choice,)), _lot.choice(blank))
            raw.execute("UPDATE paper SET choice = ? WHERE slot = ?", drawn)

    def voted(self, ballot_id: int) -> frozenset[int]:
        """Which venues have voted; nothing about what."""
        with self._lock, _connected(self._existing(ballot_id)) as raw:
            return frozenset(_voters(raw))

    def seal(self, ballot_id: int) -> Counted:
        """No vote comes in any more; the papers by lot. A repeat gives the same papers in another order."""
        with self._lock, _connected(self._existing(ballot_id)) as raw, _transaction(raw):
            raw.execute("UPDATE ballot SET sealed = ?", (_VOTED,))
            filled = [row[0][0] for row in raw.execute("SELECT choice FROM paper WHERE choice <> ?", (_BLANK,))]
            _lot.shuffle(filled)
            return Counted(_voters(raw), tuple(filled))

    def destroy(self, ballot_id: int) -> None:
        """Write over the file and its journal, then remove both; a repeat does nothing."""
        with self._lock:
            for path in (self._path(ballot_id), self._path(ballot_id).with_suffix(".ballot-journal")):
                _destroy(path)
            if self._folder.exists():
                _sync_folder(self._folder)

    def held(self) -> tuple[int, ...]:
        """Ballots whose file is there: what a start after a crash has to look at."""
        return tuple(sorted(int(path.stem) for path in self._folder.glob("*.ballot") if path.stem.isdigit()))

    def _existing(self, ballot_id: int) -> Path:
        path = self._path(ballot_id)
        if not path.exists():
            raise WrongStage("这次无记名表决没有在进行。请刷新后再看。")
        return path


def _make(raw: Any, voters: list[int]) -> None:  # noqa: ANN401 - a DB-API connection
    for statement in _TABLES:
        raw.execute(statement)
    raw.executemany("INSERT INTO voter VALUES (?, ?)", [(venue_id, _NOT_YET) for venue_id in voters])
    raw.executemany("INSERT INTO paper VALUES (?, ?)", [(slot, _BLANK) for slot in range(1, len(voters) + 1)])
    raw.execute("INSERT INTO ballot VALUES (?)", (_NOT_YET,))


def _mark(raw: Any, venue_id: int) -> None:  # noqa: ANN401
    found = raw.execute("SELECT voted FROM voter WHERE venue_id = ?", (venue_id,)).fetchone()
    if found is None:
        raise NotPermitted("您的会场没有这次表决的投票权。")
    if found[0] != _NOT_YET:
        raise Stale("您的会场已经投过票。无记名投票投出后不能改，也查不出投的是什么。")
    raw.execute("UPDATE voter SET voted = ? WHERE venue_id = ?", (_VOTED, venue_id))


def _voters(raw: Any) -> tuple[int, ...]:  # noqa: ANN401
    rows = raw.execute("SELECT venue_id FROM voter WHERE voted = ? ORDER BY venue_id", (_VOTED,))
    return tuple(row[0] for row in rows)


@contextmanager
def _connected(path: Path) -> Iterator[Any]:
    raw = sqlite_module.connect(str(path), isolation_level=None, check_same_thread=False, timeout=10)
    try:
        for pragma in _PRAGMAS:
            raw.execute(pragma)
        yield raw
    finally:
        raw.close()


@contextmanager
def _transaction(raw: Any) -> Iterator[None]:  # noqa: ANN401
    raw.execute("BEGIN IMMEDIATE")
    try:
        yield
        raw.execute("COMMIT")
    except BaseException:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise


def _destroy(path: Path) -> None:
    """Zeros over the bytes, on the disk, before the name goes; a copying file system may still keep old blocks."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(0)
        file.write(bytes(size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _remove(path: Path) -> None:
    for stale in (path, path.with_suffix(f"{path.suffix}-journal")):
        stale.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
