"""All office tables on one page. `base_tables` adds event, job and command on the same metadata.

Times are microseconds since 1970 UTC (`Moment`); JSON columns hold canonical text. One JSON of truth
never lives in two places: `chain.state` and `document_version.content` are the truth, the plain columns
beside them exist only for lists and are written in the same statement.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)

from office.store.base_tables import Moment, metadata

# SQLite gives rowid aliases only to INTEGER keys; PostgreSQL needs BIGINT for a city's years of receipts.
Key = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", Key, primary_key=True, autoincrement=True)


def _to(table: str, name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Key, ForeignKey(f"{table}.id"), nullable=nullable)


def _only(condition: str) -> dict[str, Any]:
    """The rows a partial index holds, on both databases."""
    return {"sqlite_where": literal_column(condition), "postgresql_where": literal_column(condition)}


organ = Table(
    "organ",
    metadata,
    _id(),
    Column("uuid", String(36), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    _to("organ", "parent_id", nullable=True),
    Column("path", Text, nullable=False),
    Column("sort", Integer, nullable=False),
    Column("word", Text, nullable=False, default=""),
    Column("may_issue", Boolean, nullable=False, default=True),
    Column("seal_mm", Float, nullable=False, default=42.0),
    Column("phone", Text, nullable=False, default=""),
    Column("demo", Boolean, nullable=False, default=False),
    Index("organ_parent", "parent_id", "sort"),
    Index("organ_path", "path"),
    Index("organ_level", "level", "sort"),
)

organ_code = Table(
    "organ_code",
    metadata,
    _to("organ", "organ_id"),
    Column("source", String(64), primary_key=True),
    Column("code", String(16), primary_key=True),
    Index("organ_code_organ", "organ_id"),
)

organ_edge = Table(
    "organ_edge",
    metadata,
    _id(),
    _to("organ", "from_id"),
    _to("organ", "to_id"),
    Column("kind", String(16), nullable=False),
    Column("since", Moment, nullable=False),
    Column("until", Moment),
    UniqueConstraint("from_id", "to_id", "kind", "since"),
)

person = Table(
    "person",
    metadata,
    _id(),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False, default=""),
    Column("active", Boolean, nullable=False, default=True),
    Column("theme", String(8), nullable=False, default=""),
    Column("elder", Boolean, nullable=False, default=False),
    Column("demo", Boolean, nullable=False, default=False),
)

post = Table(
    "post",
    metadata,
    _id(),
    _to("organ", "organ_id"),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    _to("person", "person_id", nullable=True),
    Column("since", Moment, nullable=False),
    Index("post_organ", "organ_id", "role"),
    Index("post_person", "person_id"),
)

login = Table(
    "login",
    metadata,
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False, default=""),
    Column("must_change", Boolean, nullable=False, default=False),
    Column("failures", Integer, nullable=False, default=0),
    Column("locked_until", Moment),
    Column("changed_at", Moment),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    _to("person", "person_id"),
    _to("post", "post_id", nullable=True),
    Column("csrf", String(64), nullable=False),
    Column("created", Moment, nullable=False),
    Column("seen", Moment, nullable=False),
    Column("expires", Moment, nullable=False),
    Column("address", Text, nullable=False, default=""),
    Column("agent", Text, nullable=False, default=""),
    Index("session_person", "person_id"),
)

delegation = Table(
    "delegation",
    metadata,
    _id(),
    _to("post", "post_id"),
    _to("post", "deputy_id"),
    Column("since", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Column("kinds", Text),
    Column("made_at", Moment, nullable=False),
    _to("person", "made_by"),
    Column("revoked_at", Moment),
    CheckConstraint("since < until", name="period"),
    Index("delegation_post", "post_id", "until"),
)

saved_list = Table(
    "saved_list",
    metadata,
    _id(),
    _to("organ", "organ_id"),
    Column("name", Text, nullable=False),
    Column("selection", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("deleted_at", Moment),
    Index("saved_list_organ", "organ_id"),
)

# A matter (事项) ties together the request, its passing upward, and the reply.
document = Table(
    "document",
    metadata,
    _id(),
    Column("matter_id", Key, nullable=False),
    _to("organ", "organ_id"),
    _to("post", "drafter_post_id"),
    Column("kind", String(8), nullable=False),
    Column("title", Text, nullable=False),
    Column("urgency", String(8), nullable=False, default="NORMAL"),
    Column("reach", Integer),
    Column("stage", String(16), nullable=False),  # DRAFT IN_CHAIN ISSUED ENDED REVOKED ABOLISHED
    Column("content_seq", Integer, nullable=False),
    Column("number", Text, nullable=False, default=""),
    Column("signed_hash", String(64)),
    Column("signed_at", Moment),
    Column("signatory_post_id", Key),
    Column("day", String(10)),
    Column("issued_blob", String(64)),
    Column("issued_at", Moment),
    Column("voided_at", Moment),
    Column("void_reason", Text, nullable=False, default=""),
    _to("document", "answers_id", nullable=True),
    Column("created", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Index("document_organ", "organ_id", "updated", "id"),
    Index("document_drafts", "drafter_post_id", "updated", "id", **_only("stage = 'DRAFT'")),
    Index("document_matter", "matter_id"),
    Index("document_issued", "issued_blob"),
)

document_version = Table(
    "document_version",
    metadata,
    Column("document_id", Key, ForeignKey("document.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("content", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    _to("post", "by_post_id"),
    _to("person", "by_person_id"),
    Column("at", Moment, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("settled", Boolean, nullable=False, default=False),  # seen by others: never overwritten by typing
)

attachment = Table(
    "attachment",
    metadata,
    _id(),
    _to("document", "document_id"),
    Column("name", Text, nullable=False),
    Column("blob", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media", String(128), nullable=False),
    Column("pages", Integer, nullable=False, default=0),
    Column("sort", Integer, nullable=False, default=0),
    Column("added_at", Moment, nullable=False),
    _to("post", "added_by"),
    Column("removed_at", Moment),
    Index("attachment_document", "document_id", "sort"),
)

# One running chain: outgoing in the issuing organ, incoming in a receiving one, or a request's way up.
chain = Table(
    "chain",
    metadata,
    _id(),
    _to("document", "document_id"),
    _to("organ", "organ_id"),
    Column("purpose", String(16), nullable=False),  # OUTGOING INCOMING REQUEST
    Column("stage", String(16), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    _to("receipt", "receipt_id", nullable=True),
    Column("opened", Moment, nullable=False),
    Column("closed", Moment),
    Index("chain_document", "document_id"),
    Index("chain_organ", "organ_id", "stage"),
    Index("chain_receipt", "receipt_id"),
)

# What somebody has to do or read. state: 0 open, 1 done, 2 closed without an act.
task = Table(
    "task",
    metadata,
    _id(),
    _to("document", "document_id"),
    _to("chain", "chain_id", nullable=True),
    _to("receipt", "receipt_id", nullable=True),
    _to("organ", "organ_id"),
    _to("post", "post_id"),
    Column("deputy_post_id", Key),
    Column("kind", String(16), nullable=False),  # the purpose of the step: REVIEW SIGN_OFF RECEIVE READ ...
    Column("reading", Boolean, nullable=False, default=False),
    Column("step_id", Integer, nullable=False, default=0),
    Column("seat_id", Integer, nullable=False, default=0),
    Column("state", Integer, nullable=False, default=0),
    Column("due", Moment, nullable=False),  # without a due time: the far future, so that order is one index
    Column("created", Moment, nullable=False),
    Column("done", Moment),
    Column("note", Text, nullable=False, default=""),
    Index("task_open", "post_id", "reading", "due", "id", **_only("state = 0")),
    Index("task_deputy", "deputy_post_id", "reading", "due", "id", **_only("state = 0 AND deputy_post_id IS NOT NULL")),
    Index("task_done", "post_id", "done", "id", **_only("state = 1")),
    Index("task_chain", "chain_id", "step_id", "seat_id"),
    Index("task_document", "document_id"),
    Index("task_receipt", "receipt_id"),
)

# One for each document and receiving organ, exactly once.
receipt = Table(
    "receipt",
    metadata,
    _id(),
    _to("document", "document_id"),
    _to("organ", "organ_id"),
    Column("role", String(9), nullable=False),  # PRINCIPAL COPY FORWARDED
    Column("via_organ_id", Key),  # the organ that forwarded it, None: the issuer
    Column("delivered_at", Moment, nullable=False),
    Column("opened_at", Moment),
    Column("opened_by", Key),
    Column("signed_at", Moment),
    Column("signed_by", Key),
    Column("signed_hash", String(64)),
    Column("handled_at", Moment),
    Column("replied_at", Moment),
    Column("reply", Text, nullable=False, default=""),
    Column("returned_at", Moment),
    Column("return_reason", String(24), nullable=False, default=""),
    Column("return_text", Text, nullable=False, default=""),
    Column("reminded_at", Moment),
    Column("reminders", Integer, nullable=False, default=0),
    Column("due", Moment),
    Column("version", Integer, nullable=False, default=1),
    UniqueConstraint("document_id", "organ_id"),
    Index("receipt_organ", "organ_id", "delivered_at", "id"),
    Index("receipt_via", "document_id", "via_organ_id"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("organ_id", Key, ForeignKey("organ.id"), primary_key=True),
    Column("word", String(32), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)

number = Table(
    "number",
    metadata,
    Column("organ_id", Key, ForeignKey("organ.id"), primary_key=True),
    Column("word", String(32), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("serial", Integer, primary_key=True),
    _to("document", "document_id"),
    Column("taken_at", Moment, nullable=False),
    Column("voided_at", Moment),
    Column("void_reason", Text, nullable=False, default=""),
    Index("number_document", "document_id"),
)

register = Table(  # 收文簿
    "register",
    metadata,
    _id(),
    _to("organ", "organ_id"),
    Column("year", Integer, nullable=False),
    Column("serial", Integer, nullable=False),
    _to("receipt", "receipt_id"),
    Column("at", Moment, nullable=False),
    UniqueConstraint("organ_id", "year", "serial"),
    UniqueConstraint("receipt_id"),
)

refused_file = Table(
    "refused_file",
    metadata,
    _id(),
    Column("hash", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("rule", String(64), nullable=False),
    _to("person", "person_id", nullable=True),
    Column("at", Moment, nullable=False),
)

blob = Table(  # what an upload brought in; the bytes lie in the blob store
    "blob",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media", String(128), nullable=False),
    Column("at", Moment, nullable=False),
)

upload = Table(  # a checked file and what was read from it, waiting for its draft
    "upload",
    metadata,
    _id(),
    _to("person", "person_id"),
    Column("name", Text, nullable=False),
    Column("blob", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media", String(128), nullable=False),
    Column("pages", Integer, nullable=False, default=0),
    Column("at", Moment, nullable=False),
)

suggestion = Table(  # 投诉建议
    "suggestion",
    metadata,
    _id(),
    _to("person", "person_id", nullable=True),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("answer", Text, nullable=False, default=""),
    Column("answered_at", Moment),
)
