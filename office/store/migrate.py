"""Migrations: alembic without a settings file. A new database is built by the same steps an old one takes."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("office.store") / "migrations"))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to `revision`; each step is one transaction."""
    command.upgrade(_config(engine), revision)


def current(engine: Engine) -> str | None:
    """The revision the database is at, None when it is empty."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def write_revision(engine: Engine, message: str, revision: str) -> None:
    """Write the next migration from the difference between the tables and this database."""
    command.revision(_config(engine), message=message, autogenerate=True, rev_id=revision)
