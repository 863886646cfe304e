"""Documents, their versions and attachments in rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Row, insert, select, update

from office.domain.document import Content, Kind, Urgency, content_hash
from office.domain.errors import NotFound, Stale
from office.domain.organs import Level
from office.store.tables import attachment, document, document_version
from office.store.work import Work

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Content)


@dataclass(frozen=True, slots=True)
class Document:
    """One document row. `stage`: DRAFT, IN_CHAIN, ISSUED, ENDED, REVOKED, ABOLISHED."""

    id: int
    matter_id: int
    organ_id: int
    drafter_post_id: int
    kind: Kind
    title: str
    urgency: Urgency
    reach: Level | None
    stage: str
    content_seq: int
    number: str
    signed_hash: str | None
    signed_at: datetime | None
    signatory_post_id: int | None
    day: date | None
    issued_blob: str | None
    issued_at: datetime | None
    voided_at: datetime | None
    void_reason: str
    answers_id: int | None
    created: datetime
    updated: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """A checked file that belongs to a document; `blob` is its SHA-256."""

    id: int
    document_id: int
    name: str
    blob: str
    size: int
    media: str
    pages: int
    sort: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the content, without the content."""

    seq: int
    hash: str
    by_post_id: int
    by_person_id: int
    at: datetime
    note: str
    settled: bool


def encode(content: Content) -> str:
    """The stored text of a content."""
    return _encoder.encode(content).decode()


def decode(text: str) -> Content:
    """The content in a stored text."""
    return _decoder.decode(text)


def _document(row: Row[Any]) -> Document:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    values["kind"] = Kind(values["kind"])
    values["urgency"] = Urgency(values["urgency"])
    values["reach"] = Level(values["reach"]) if values["reach"] is not None else None
    values["day"] = date.fromisoformat(values["day"]) if values["day"] else None
    return Document(**values)


def load(work: Work, document_id: int) -> Document:
    """The row; NotFound when absent. Handlers come here only through `access`."""
    row = work.execute(select(document).where(document.c.id == document_id)).one_or_none()
    if row is None:
        raise NotFound
    return _document(row)


def insert_document(
    work: Work, *, organ_id: int, post_id: int, person_id: int, content: Content, matter_id: int | None = None,
    note: str = "",
) -> int:  # fmt: skip
    """A new draft with its first version; its own matter unless it belongs to one."""
    document_id = work.integer(
        insert(document)
        .values(
            matter_id=matter_id or 0,
            organ_id=organ_id,
            drafter_post_id=post_id,
            stage="DRAFT",
            content_seq=1,
            created=work.now,
            updated=work.now,
            **_columns(content),
        )
        .returning(document.c.id)
    )
    if matter_id is None:
        work.execute(update(document).where(document.c.id == document_id).values(matter_id=document_id))
    _insert_version(work, document_id, 1, content, post_id, person_id, note)
    return document_id


def _columns(content: Content) -> dict[str, object]:
    return {
        "kind": str(content.kind),
        "title": content.title,
        "urgency": str(content.urgency),
        "reach": int(content.reach) if content.reach is not None else None,
        "answers_id": content.answers_document_id,
    }


def _insert_version(
    work: Work, document_id: int, seq: int, content: Content, post_id: int, person_id: int, note: str
) -> None:
    work.execute(
        insert(document_version).values(
            document_id=document_id,
            seq=seq,
            content=encode(content),
            hash=content_hash(content, {}),
            by_post_id=post_id,
            by_person_id=person_id,
            at=work.now,
            note=note,
        )
    )


def content(work: Work, document_id: int, seq: int) -> Content:
    """That version's content; NotFound when there is none."""
    text = work.execute(
        select(document_version.c.content).where(
            document_version.c.document_id == document_id, document_version.c.seq == seq
        )
    ).scalar_one_or_none()
    if text is None:
        raise NotFound
    return decode(text)


def versions(work: Work, document_id: int) -> tuple[Version, ...]:
    """All versions, newest first."""
    v = document_version.c
    rows = work.execute(
        select(v.seq, v.hash, v.by_post_id, v.by_person_id, v.at, v.note, v.settled)
        .where(v.document_id == document_id)
        .order_by(v.seq.desc())
    )
    return tuple(Version(*row) for row in rows)


def write_version(
    work: Work, found: Document, new: Content, *, post_id: int, person_id: int, note: str, over: Version | None
) -> int:
    """Write `new` over the unsettled version `over`, or as the next version; returns its seq."""
    if over is not None:
        v = document_version.c
        work.execute(
            update(document_version)
            .where(v.document_id == found.id, v.seq == over.seq)
            .values(content=encode(new), hash=content_hash(new, {}), at=work.now)
        )
        seq = over.seq
    else:
        seq = found.content_seq + 1
        _insert_version(work, found.id, seq, new, post_id, person_id, note)
    change(work, found, content_seq=seq, updated=work.now, **_columns(new))
    return seq


def settle(work: Work, found: Document) -> None:
    """Others have seen this version: typing never overwrites it any more."""
    v = document_version.c
    work.execute(
        update(document_version).where(v.document_id == found.id, v.seq == found.content_seq).values(settled=True)
    )


def change(work: Work, found: Document, **values: object) -> None:
    """Update the row that was read, or Stale when another write came between."""
    changed = work.execute(
        update(document)
        .where(document.c.id == found.id, document.c.version == found.version)
        .values(version=found.version + 1, **values)
    )
    if changed.rowcount != 1:
        raise Stale


def attachments(work: Work, document_id: int) -> tuple[Attachment, ...]:
    """The attachments in order."""
    a = attachment.c
    rows = work.execute(
        select(a.id, a.document_id, a.name, a.blob, a.size, a.media, a.pages, a.sort)
        .where(a.document_id == document_id, a.removed_at.is_(None))
        .order_by(a.sort, a.id)
    )
    return tuple(Attachment(*row) for row in rows)


def attachment_hashes(files: tuple[Attachment, ...]) -> Mapping[str, str]:
    """Name to SHA-256, as the signed hash takes it; a repeated name is told apart by its place."""
    return {f"{i}:{file.name}": file.blob for i, file in enumerate(files, 1)}


def signed_hash(work: Work, found: Document) -> str:
    """The hash a signatory signs: this content with these attachments."""
    now = content(work, found.id, found.content_seq)
    return content_hash(now, attachment_hashes(attachments(work, found.id)))


def add_attachment(
    work: Work, document_id: int, *, name: str, blob: str, size: int, media: str, pages: int, post_id: int
) -> int:
    """Put a checked file at the end of the list."""
    return work.integer(
        insert(attachment)
        .values(
            document_id=document_id, name=name, blob=blob, size=size, media=media, pages=pages,
            sort=len(attachments(work, document_id)) + 1, added_at=work.now, added_by=post_id,
        )
        .returning(attachment.c.id)
    )  # fmt: skip


def remove_attachment(work: Work, document_id: int, attachment_id: int, *, restore: bool = False) -> None:
    """Take a file off the list, or put it back; the bytes stay."""
    changed = work.execute(
        update(attachment)
        .where(attachment.c.id == attachment_id, attachment.c.document_id == document_id)
        .values(removed_at=None if restore else work.now)
    )
    if changed.rowcount != 1:
        raise NotFound


def of_matter(work: Work, matter_id: int) -> tuple[Document, ...]:
    """Every document of a matter: the request, its resubmissions, the reply."""
    rows = work.execute(select(document).where(document.c.matter_id == matter_id).order_by(document.c.id))
    return tuple(_document(row) for row in rows)
