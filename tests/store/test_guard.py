"""The version guard: a library that can lose acknowledged commits is refused, with the way out."""

from pathlib import Path

import pytest

from office.store import sqlite
from office.store.database import Database


@pytest.mark.parametrize(
    ("version", "is_safe"),
    [
        ((3, 7, 0), False), ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 44, 9), True),
        ((3, 45, 0), False), ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 0), False), ((3, 51, 2), False),
        ((3, 51, 3), True), ((3, 52, 0), True), ((3, 53, 4), True), ((4, 0, 0), True),
    ],
)  # fmt: skip
def test_versions(version: sqlite.Version, is_safe: bool) -> None:  # noqa: FBT001
    assert sqlite.safe(version) is is_safe


def test_an_unsafe_library_is_refused_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "linked_version", lambda: (3, 40, 1))
    with pytest.raises(sqlite.UnsafeSqlite, match=r"3\.40\.1.*pysqlite3.*PostgreSQL"):
        Database.open(f"sqlite:///{tmp_path}/office.db")
    assert list(tmp_path.iterdir()) == []


def test_a_demo_may_allow_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "linked_version", lambda: (3, 40, 1))
    Database.open(f"sqlite:///{tmp_path}/office.db", allow_unsafe_sqlite=True).close()


def test_this_machine_links_a_safe_library() -> None:
    assert sqlite.safe(sqlite.linked_version())


def test_a_path_with_signs_of_a_uri_is_a_path(tmp_path: Path) -> None:
    folder = tmp_path / "一网 ?mode=ro#50%"
    folder.mkdir()
    Database.open(f"sqlite:///{folder}/office.db").close()
    assert (folder / "office.db").exists()
