"""Migrations make exactly the tables the program expects, and keep what is in them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, Integer, Table, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from office.store import history, migrate
from office.store.base_tables import event, metadata
from office.store.database import Database
from office.store.work import Work
from tests.conftest import Clock, create_tables


@pytest.fixture
def bare(bare_url: str, clock: Clock) -> Iterator[Database]:
    database = Database.open(bare_url, clock=clock)
    yield database
    database.close()


def test_an_empty_database_comes_to_the_newest_revision(bare: Database) -> None:
    assert bare.read_now(migrate.current) is None
    assert migrate.upgrade(bare) == migrate.newest()
    assert bare.read_now(migrate.is_current)


def test_migrations_and_tables_agree(bare: Database) -> None:
    migrate.upgrade(bare)
    assert bare.write_now(migrate.differences) == [], "run scripts/migration"


def test_the_comparison_bites(bare: Database) -> None:
    migrate.upgrade(bare)
    bare.write_now(lambda work: work.execute(text("ALTER TABLE job DROP COLUMN error")))
    assert [change[0] for change in bare.write_now(migrate.differences)] == ["add_column"]


def schema(work: Work) -> dict[str, list[str]]:
    found = inspect(work.connection)
    return {name: sorted(str(i["name"]) for i in found.get_indexes(name)) for name in found.get_table_names()}


def test_create_all_leaves_what_the_migrations_leave(bare: Database, db: Database) -> None:
    if bare.dialect != db.dialect:
        return
    migrate.upgrade(bare)
    migrated = bare.read_now(schema)
    assert migrated.pop("alembic_version") == []
    assert migrated == db.read_now(schema)


def test_migrated_history_refuses_change_too(bare: Database) -> None:
    migrate.upgrade(bare)
    bare.write_now(history.record, history.Entry("DRAFTED", history.By(1)))
    with pytest.raises(DBAPIError, match="append-only"):
        bare.write_now(lambda work: work.execute(text("DELETE FROM event")))


def test_upgrading_again_keeps_the_data(bare: Database) -> None:
    migrate.upgrade(bare, "0001")
    for _ in range(3):
        bare.write_now(history.record, history.Entry("DRAFTED", history.By(7)))
    assert migrate.upgrade(bare) == migrate.newest()
    assert bare.read_now(lambda work: work.integer(select(func.count()).select_from(event))) == 3
    assert bare.read_now(lambda work: history.verify(work.connection)) is None


def test_a_database_of_a_newer_program_is_left_alone(bare: Database) -> None:
    migrate.upgrade(bare)
    bare.write_now(lambda work: work.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    with pytest.raises(migrate.UnknownRevision, match="9999"):
        migrate.upgrade(bare)


def test_a_failing_migration_leaves_nothing(bare: Database) -> None:
    def half(work: Work) -> None:
        create_tables(work)
        raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        bare.write_now(half)
    assert bare.read_now(schema) == {}


def test_every_office_table_is_on_the_metadata() -> None:
    assert isinstance(metadata.tables["document"], Table)
    assert isinstance(metadata.tables["document"].c.version, Column)
    assert isinstance(metadata.tables["document"].c.version.type, Integer)
