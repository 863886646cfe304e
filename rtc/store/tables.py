"""Every table of the rooms on one page, on the office's metadata: who imports this has them in the database's shape.

`room.state` and `ballot.state` are the truth of a live room and of a vote; `meeting.phase` and `ballot.stage` beside
them exist for lists and are written in the same transaction. What happened (`room_event`) is only ever added.
A secret ballot's slips are not here while it is open: `secret_ballots.py`.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
)
from sqlalchemy import event as listen

from office.store.base_tables import Moment, metadata
from office.store.tables import Key


def _id() -> Column[int]:
    return Column("id", Key, primary_key=True, autoincrement=True)


def _to(table: str, name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Key, ForeignKey(f"{table}.id"), nullable=nullable)


def _only(condition: str) -> dict[str, Any]:
    """The rows a partial index holds, on both databases."""
    return {"sqlite_where": literal_column(condition), "postgresql_where": literal_column(condition)}


meeting = Table(
    "meeting",
    metadata,
    _id(),
    _to("organ", "organ_id"),  # the organiser
    _to("post", "post_id"),  # whose meeting it is
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False, default=""),
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("report_minutes", Integer, nullable=False, default=0),  # the main report as planned
    Column("phase", String(16), nullable=False),
    Column("settings", Text, nullable=False),
    _to("document", "notice_document_id", nullable=True),
    _to("document", "minutes_document_id", nullable=True),
    Column("called_at", Moment),  # from when on those invited see it
    Column("changed_at", Moment),  # the last change of time or place that those invited saw after the call
    Column("cancelled_at", Moment),
    Column("cancel_reason", Text, nullable=False, default=""),
    Column("papers_back_at", Moment),  # 收回
    Column("created", Moment, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    CheckConstraint("starts_at < ends_at", name="period"),
    Index("meeting_organ", "organ_id", "starts_at", "id"),
    Index("meeting_notice", "notice_document_id"),
    Index("meeting_minutes", "minutes_document_id"),
)

topic = Table(
    "topic",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    Column("number", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("speaker", Text, nullable=False, default=""),
    Column("minutes", Integer, nullable=False, default=0),
    Column("removed_at", Moment),
    Index("topic_meeting", "meeting_id", "number"),
)

venue = Table(
    "venue",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    _to("organ", "organ_id"),
    _to("post", "post_id", nullable=True),  # an inspector's own post; None: the organ's people
    Column("name", Text, nullable=False),
    Column("kind", String(8), nullable=False),  # MAIN BRANCH
    Column("tags", Text, nullable=False, default="[]"),
    Column("may_chair", Boolean, nullable=False, default=False),
    Column("inspector", Boolean, nullable=False, default=False),
    Column("seats", Integer, nullable=False, default=0),
    Column("sort", Integer, nullable=False, default=0),
    Column("reply", String(12)),  # the newest of venue_reply
    Column("reply_by", Key),
    Column("substitute", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Column("replied_at", Moment),
    Column("removed_at", Moment),
    Index("venue_meeting", "meeting_id", "sort", "id"),
    Index("venue_organ", "organ_id", "meeting_id"),
    Index("venue_once", "meeting_id", "organ_id", unique=True, **_only("post_id IS NULL AND removed_at IS NULL")),
    Index(
        "venue_inspector", "meeting_id", "post_id", unique=True, **_only("post_id IS NOT NULL AND removed_at IS NULL")
    ),
)

venue_reply = Table(  # 回执: every answer ever given
    "venue_reply",
    metadata,
    _id(),
    _to("venue", "venue_id"),
    Column("at", Moment, nullable=False),
    _to("person", "person_id"),
    _to("post", "post_id"),
    Column("reply", String(12), nullable=False),  # ATTENDS SUBSTITUTE EXCUSED
    Column("substitute", Text, nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Index("venue_reply_venue", "venue_id", "id"),
)

paper = Table(
    "paper",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    _to("topic", "topic_id", nullable=True),
    Column("name", Text, nullable=False),
    Column("blob", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("media", String(128), nullable=False),
    Column("pages", Integer, nullable=False, default=0),
    Column("added_at", Moment, nullable=False),
    _to("post", "added_by"),
    Column("removed_at", Moment),
    Index("paper_meeting", "meeting_id", "id"),
    Index("paper_blob", "blob"),
)

paper_reader = Table(  # without a row every venue may read it
    "paper_reader",
    metadata,
    Column("paper_id", Key, ForeignKey("paper.id"), primary_key=True),
    Column("venue_id", Key, ForeignKey("venue.id"), primary_key=True),
)

note = Table(  # a person's own, on a page; nobody else reads it
    "note",
    metadata,
    Column("person_id", Key, ForeignKey("person.id"), primary_key=True),
    Column("paper_id", Key, ForeignKey("paper.id"), primary_key=True),
    Column("page", Integer, primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

shared_note = Table(  # the meeting's common text
    "shared_note",
    metadata,
    Column("meeting_id", Key, ForeignKey("meeting.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False),
    _to("person", "person_id"),
    Column("at", Moment, nullable=False),
)

room = Table(
    "room",
    metadata,
    Column("meeting_id", Key, ForeignKey("meeting.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("seq", Integer, nullable=False),  # of the last room_event
    Column("state", Text, nullable=False),
)

room_event = Table(
    "room_event",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    Column("seq", Integer, nullable=False),
    Column("at", Moment, nullable=False),
    Column("venue_id", Key),
    Column("person_id", Key),
    Column("kind", String(32), nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("meeting_id", "seq"),
    sqlite_autoincrement=True,
)

EXTRA_DDL: dict[str, tuple[str, ...]] = {
    "sqlite": (
        "CREATE TRIGGER room_event_no_update BEFORE UPDATE ON room_event "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
        "CREATE TRIGGER room_event_no_delete BEFORE DELETE ON room_event "
        "BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION room_event_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$",
        "CREATE TRIGGER room_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON room_event "
        "FOR EACH STATEMENT EXECUTE FUNCTION room_event_append_only()",
    ),
}


@listen.listens_for(room_event, "after_create")
def _complete(_table: Table, connection: Connection, **_: object) -> None:
    """`create_all` leaves the same schema as the migrations."""
    for statement in EXTRA_DDL[connection.dialect.name]:
        connection.exec_driver_sql(statement)


presence = Table(  # one connection of one device, from joining to its last sign of life
    "presence",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    _to("venue", "venue_id"),
    _to("person", "person_id"),
    Column("device", String(64), nullable=False),
    Column("joined_at", Moment, nullable=False),
    Column("beat_at", Moment, nullable=False),
    Column("left_at", Moment),
    Index("presence_meeting", "meeting_id", "venue_id", "joined_at"),
    Index("presence_open", "meeting_id", "id", **_only("left_at IS NULL")),
)

attendance_correction = Table(
    "attendance_correction",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    _to("venue", "venue_id"),
    Column("at", Moment, nullable=False),
    _to("person", "person_id"),
    Column("attended", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Index("attendance_correction_meeting", "meeting_id", "id"),
)

chat = Table(
    "chat",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    Column("at", Moment, nullable=False),
    _to("venue", "venue_id"),
    _to("person", "person_id"),
    Column("text", Text, nullable=False),
    Index("chat_meeting", "meeting_id", "id"),
)

caption = Table(  # the captioner's lines (速录)
    "caption",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    Column("at", Moment, nullable=False),
    _to("venue", "venue_id", nullable=True),  # who speaks
    _to("person", "person_id"),
    Column("text", Text, nullable=False),
    Index("caption_meeting", "meeting_id", "id"),
)

ballot = Table(
    "ballot",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    _to("topic", "topic_id", nullable=True),
    Column("stage", String(12), nullable=False),
    Column("secret", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("present", Integer, nullable=False, default=0),  # venues with a vote that were there when it closed
    Column("published_at", Moment),
    Column("created", Moment, nullable=False),
    Column("version", Integer, nullable=False, default=1),
    Index("ballot_meeting", "meeting_id", "id"),
)

vote = Table(  # of an open ballot: by name
    "vote",
    metadata,
    Column("ballot_id", Key, ForeignKey("ballot.id"), primary_key=True),
    Column("venue_id", Key, ForeignKey("venue.id"), primary_key=True),
    Column("choice", Integer, nullable=False),  # its place among the options
    _to("person", "person_id"),
    Column("at", Moment, nullable=False),
)

ballot_voter = Table(  # who voted in a secret ballot, filled when it closes
    "ballot_voter",
    metadata,
    Column("ballot_id", Key, ForeignKey("ballot.id"), primary_key=True),
    Column("venue_id", Key, ForeignKey("venue.id"), primary_key=True),
)

ballot_paper = Table(  # what was voted, in no order, under nobody's name
    "ballot_paper",
    metadata,
    Column("ballot_id", Key, ForeignKey("ballot.id"), primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("choice", Integer, nullable=False),
)

recording = Table(
    "recording",
    metadata,
    _id(),
    _to("meeting", "meeting_id"),
    _to("venue", "venue_id"),
    Column("source", String(16), nullable=False),  # MICROPHONE CAMERA SCREEN
    Column("path", Text, nullable=False),
    Column("digest", String(64), nullable=False, default=""),
    Column("size", BigInteger, nullable=False, default=0),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("keep_until", Moment, nullable=False),
    Index("recording_keep", "keep_until"),
    Index("recording_meeting", "meeting_id", "started_at"),
    Index("recording_path", "path", unique=True),
)
