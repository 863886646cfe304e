"""The metadata, the type of every time, and the three tables the store itself lives on: event, job, command."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy import event as listen
from typing_extensions import override

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Key = BigInteger().with_variant(Integer, "sqlite")


def microseconds(moment: datetime) -> int:
    """An aware moment as microseconds since 1970 UTC, exact; TypeError for a naive one."""
    return (moment - EPOCH) // _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored as microseconds since 1970 UTC: the same on both databases; TypeError for a naive one."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else microseconds(value)

    @override
    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


# History, audit and outbox in one: INSERT and SELECT only, kept so by triggers on both databases.
event = Table(
    "event",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("xid", BigInteger),  # PostgreSQL's transaction, for tailing by horizon; NULL on SQLite
    Column("organ_id", Key, nullable=False),
    Column("organ_seq", Key, nullable=False),
    Column("document_id", Key),
    Column("chain_id", Key),
    Column("person_id", Key),
    Column("post_id", Key),
    Column("on_behalf_post_id", Key),
    Column("at", Moment, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    Column("alg", String(8), nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("organ_id", "organ_seq"),
    Index("event_document", "document_id", "id"),
    Index("event_person", "person_id", "id"),
    sqlite_autoincrement=True,
)

# What autogenerate cannot write: the refusals that keep history append-only, and PostgreSQL's tail index.
EXTRA_DDL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
        "CREATE TRIGGER event_no_delete BEFORE DELETE ON event "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
    ),
    "postgresql": (
        "CREATE INDEX event_xid ON event (xid, id)",
        "CREATE OR REPLACE FUNCTION event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$",
        "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
        "FOR EACH STATEMENT EXECUTE FUNCTION event_append_only()",
    ),
}


@listen.listens_for(event, "after_create")
def _complete(_table: Table, connection: Connection, **_: object) -> None:
    """`create_all` leaves the same schema as the migrations."""
    for statement in EXTRA_DDL[connection.dialect.name]:
        connection.exec_driver_sql(statement)


# The last link of each organ's chain: what the next event is hashed onto.
event_head = Table(
    "event_head",
    metadata,
    Column("organ_id", Key, primary_key=True, autoincrement=False),
    Column("seq", Key, nullable=False),
    Column("hash", String(64), nullable=False),
)

job = Table(
    "job",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("key", String(128), nullable=False, unique=True),
    Column("data", Text, nullable=False, default="{}"),
    Column("run_at", Moment, nullable=False),
    Column("state", Integer, nullable=False, default=0),  # 0 waiting, 1 done, 2 given up
    Column("tries", Integer, nullable=False, default=0),
    Column("locked_until", Moment),
    Column("error", Text, nullable=False, default=""),
    Index(
        "job_due",
        "run_at",
        sqlite_where=literal_column("state = 0"),
        postgresql_where=literal_column("state = 0"),
    ),
)

command = Table(
    "command",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", Key, nullable=False),
    Column("at", Moment, nullable=False),
    Column("answer", Text, nullable=False),
)
