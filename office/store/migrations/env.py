"""What alembic runs: on the engine it was handed, one transaction for each migration."""

from alembic import context
from sqlalchemy import Connection

from office.store import tables
from office.store.base_tables import metadata

assert tables.document.metadata is metadata


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transaction_per_migration=True,
        render_as_batch=True,
        user_module_prefix="base_tables.",
    )
    with context.begin_transaction():
        context.run_migrations()


with context.config.attributes["engine"].connect() as _connection:
    run(_connection)
    _connection.commit()
