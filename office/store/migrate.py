"""Migrations: from the first table on, forward only, in one transaction, the same steps on both databases."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, TypeDecorator, text

from office.store import tables
from office.store.base_tables import event, metadata
from office.store.database import Database
from office.store.work import Work

FOLDER = Path(__file__).with_name("migrations")
NOT_IN_METADATA = frozenset({"event_xid"})  # see base_tables.EXTRA_DDL


def target_metadata() -> MetaData:
    """The metadata with every table of the office on it."""
    assert tables.document.metadata is event.metadata
    return metadata


def configuration(connection: Connection | None = None) -> Config:
    """Alembic's configuration without a file of its own."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The newest revision this program knows."""
    head = ScriptDirectory.from_config(configuration()).get_current_head()
    assert head is not None
    return head


def upgrade(db: Database, to: str = "head") -> str:
    """Bring the tables to the newest revision (or `to`) and keep what is in them; returns the revision.

    Two nodes that start at once wait for each other. UnknownRevision: the data come from a newer program.
    """
    return db.write_now(_upgrade, to)


def _upgrade(work: Work, to: str) -> str:
    if work.dialect == "postgresql":
        work.execute(text("SET LOCAL statement_timeout = 0"))
        work.lock("migrate", 0)
    held = current(work)
    if held is not None and not _known(held):
        raise UnknownRevision(f"数据库的版本 {held} 比本程序新。请换用新版程序，不要降级。")
    command.upgrade(configuration(work.connection), to)
    after = current(work)
    assert after is not None
    return after


class UnknownRevision(RuntimeError):
    """The database was written by a newer program."""


def _known(revision: str) -> bool:
    return any(script.revision == revision for script in ScriptDirectory.from_config(configuration()).walk_revisions())


def current(work: Work) -> str | None:
    """The revision the database is at, None when it is empty."""
    return MigrationContext.configure(work.connection).get_current_revision()


def is_current(work: Work) -> bool:
    """Whether the tables are those this program expects: what `/readyz` asks."""
    return current(work) == newest()


def differences(work: Work) -> list[Any]:
    """What the tables in the database lack or have beyond the metadata: empty when the migrations are complete."""
    options = {"include_name": include_name, "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(work.connection, opts=options), target_metadata()))


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out what only plain DDL makes: alembic's signature."""
    return not (kind == "index" and name in NOT_IN_METADATA)


def render_item(kind: str, item: Any, _context: object) -> str | bool:  # noqa: ANN401 - alembic's signature
    """Name plain types, not ours: a migration stands for itself (alembic's signature)."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{type(item.impl).__name__}()"
    return False
