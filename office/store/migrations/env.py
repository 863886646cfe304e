"""Alembic's entry: `office.store.migrate` gives the connection, already in a transaction."""

from alembic import context

from office.store.migrate import target_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=target_metadata(),
    render_as_batch=True,  # SQLite alters a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
