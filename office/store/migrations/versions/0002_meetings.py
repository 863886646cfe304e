# ruff: noqa: E501
"""The tables of meetings and rooms."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

EXTRA_DDL = {
    "sqlite": (
        "CREATE TRIGGER room_event_no_update BEFORE UPDATE ON room_event BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
        "CREATE TRIGGER room_event_no_delete BEFORE DELETE ON room_event BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION room_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$",
        "CREATE TRIGGER room_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON room_event FOR EACH STATEMENT EXECUTE FUNCTION room_event_append_only()",
    ),
}


def upgrade() -> None:
    op.create_table(
        "meeting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("organ_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("report_minutes", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("notice_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("minutes_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("called_at", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("papers_back_at", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_meeting_period")),
        sa.ForeignKeyConstraint(
            ["minutes_document_id"], ["document.id"], name=op.f("fk_meeting_minutes_document_id_document")
        ),
        sa.ForeignKeyConstraint(
            ["notice_document_id"], ["document.id"], name=op.f("fk_meeting_notice_document_id_document")
        ),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_meeting_organ_id_organ")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_meeting_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("meeting_minutes", "meeting", ["minutes_document_id"], unique=False)
    op.create_index("meeting_notice", "meeting", ["notice_document_id"], unique=False)
    op.create_index("meeting_organ", "meeting", ["organ_id", "starts_at", "id"], unique=False)
    op.create_table(
        "room",
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_room_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_room")),
    )
    op.create_table(
        "room_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_room_event_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_event")),
        sa.UniqueConstraint("meeting_id", "seq", name=op.f("uq_room_event_meeting_id_seq")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "shared_note",
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_shared_note_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_shared_note_person_id_person")),
        sa.PrimaryKeyConstraint("meeting_id", name=op.f("pk_shared_note")),
    )
    op.create_table(
        "topic",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_topic_meeting_id_meeting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
    )
    op.create_index("topic_meeting", "topic", ["meeting_id", "number"], unique=False)
    op.create_table(
        "venue",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("organ_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("may_chair", sa.Boolean(), nullable=False),
        sa.Column("inspector", sa.Boolean(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("reply", sa.String(length=12), nullable=True),
        sa.Column("reply_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("substitute", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replied_at", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_venue_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["organ_id"], ["organ.id"], name=op.f("fk_venue_organ_id_organ")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_venue_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue")),
    )
    op.create_index(
        "venue_inspector",
        "venue",
        ["meeting_id", "post_id"],
        unique=True,
        sqlite_where=sa.text("post_id IS NOT NULL AND removed_at IS NULL"),
        postgresql_where=sa.text("post_id IS NOT NULL AND removed_at IS NULL"),
    )
    op.create_index("venue_meeting", "venue", ["meeting_id", "sort", "id"], unique=False)
    op.create_index(
        "venue_once",
        "venue",
        ["meeting_id", "organ_id"],
        unique=True,
        sqlite_where=sa.text("post_id IS NULL AND removed_at IS NULL"),
        postgresql_where=sa.text("post_id IS NULL AND removed_at IS NULL"),
    )
    op.create_index("venue_organ", "venue", ["organ_id", "meeting_id"], unique=False)
    op.create_table(
        "attendance_correction",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("attended", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meeting.id"], name=op.f("fk_attendance_correction_meeting_id_meeting")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attendance_correction_person_id_person")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_attendance_correction_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_correction")),
    )
    op.create_index("attendance_correction_meeting", "attendance_correction", ["meeting_id", "id"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_ballot_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_ballot_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ballot")),
    )
    op.create_index("ballot_meeting", "ballot", ["meeting_id", "id"], unique=False)
    op.create_table(
        "caption",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_caption_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_caption_person_id_person")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_caption_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caption")),
    )
    op.create_index("caption_meeting", "caption", ["meeting_id", "id"], unique=False)
    op.create_table(
        "chat",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_chat_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_chat_person_id_person")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_chat_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
    )
    op.create_index("chat_meeting", "chat", ["meeting_id", "id"], unique=False)
    op.create_table(
        "paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media", sa.String(length=128), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["post.id"], name=op.f("fk_paper_added_by_post")),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_paper_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_paper_topic_id_topic")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index("paper_blob", "paper", ["blob"], unique=False)
    op.create_index("paper_meeting", "paper", ["meeting_id", "id"], unique=False)
    op.create_table(
        "presence",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("joined_at", sa.BigInteger(), nullable=False),
        sa.Column("beat_at", sa.BigInteger(), nullable=False),
        sa.Column("left_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_presence_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_person_id_person")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_presence_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence")),
    )
    op.create_index("presence_meeting", "presence", ["meeting_id", "venue_id", "joined_at"], unique=False)
    op.create_index(
        "presence_open",
        "presence",
        ["meeting_id", "id"],
        unique=False,
        sqlite_where=sa.text("left_at IS NULL"),
        postgresql_where=sa.text("left_at IS NULL"),
    )
    op.create_table(
        "recording",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("meeting_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("keep_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_recording_meeting_id_meeting")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_recording_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
    )
    op.create_index("recording_keep", "recording", ["keep_until"], unique=False)
    op.create_index("recording_meeting", "recording", ["meeting_id", "started_at"], unique=False)
    op.create_index("recording_path", "recording", ["path"], unique=True)
    op.create_table(
        "venue_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reply", sa.String(length=12), nullable=False),
        sa.Column("substitute", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_venue_reply_person_id_person")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_venue_reply_post_id_post")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_venue_reply_venue_id_venue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_venue_reply")),
    )
    op.create_index("venue_reply_venue", "venue_reply", ["venue_id", "id"], unique=False)
    op.create_table(
        "ballot_paper",
        sa.Column("ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_paper_ballot_id_ballot")),
        sa.PrimaryKeyConstraint("ballot_id", "slot", name=op.f("pk_ballot_paper")),
    )
    op.create_table(
        "ballot_voter",
        sa.Column("ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_ballot_voter_ballot_id_ballot")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_ballot_voter_venue_id_venue")),
        sa.PrimaryKeyConstraint("ballot_id", "venue_id", name=op.f("pk_ballot_voter")),
    )
    op.create_table(
        "note",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_note_paper_id_paper")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_note_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", "paper_id", "page", name=op.f("pk_note")),
    )
    op.create_table(
        "paper_reader",
        sa.Column("paper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name=op.f("fk_paper_reader_paper_id_paper")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_paper_reader_venue_id_venue")),
        sa.PrimaryKeyConstraint("paper_id", "venue_id", name=op.f("pk_paper_reader")),
    )
    op.create_table(
        "vote",
        sa.Column("ballot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("venue_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ballot_id"], ["ballot.id"], name=op.f("fk_vote_ballot_id_ballot")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_vote_person_id_person")),
        sa.ForeignKeyConstraint(["venue_id"], ["venue.id"], name=op.f("fk_vote_venue_id_venue")),
        sa.PrimaryKeyConstraint("ballot_id", "venue_id", name=op.f("pk_vote")),
    )
    for statement in EXTRA_DDL[op.get_bind().dialect.name]:
        op.execute(statement)
