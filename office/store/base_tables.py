"""The metadata, the type of every time, and the three tables the store itself lives on: event, job, command."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
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


class Moment(TypeDecorator[datetime]):
    """An aware moment, stored as microseconds since 1970 UTC: the same on both databases."""

    impl = BigInteger
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // _MICROSECOND

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
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    UniqueConstraint("organ_id", "organ_seq"),
    Index("event_document", "document_id", "id"),
    Index("event_person", "person_id", "id"),
    Index("event_xid", "xid", "id", postgresql_where=literal_column("xid IS NOT NULL")),
    sqlite_autoincrement=True,
)

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
