"""What goes into the office's hash-chained history: planning, answers, roll calls, votes; no text of a meeting."""

from office.domain.people import Actor
from office.store.history import By, Entry
from office.store.history import record as append
from office.store.work import Work


def by(actor: Actor) -> By:
    """The actor as history keeps him."""
    return By(actor.organ_id, actor.person_id, actor.post_id, actor.on_behalf)


def told(work: Work, kind: str, meeting_id: int, actor: Actor, *body: object) -> None:
    """An act, in the history of the organ that acted."""
    record(work, kind, meeting_id, by(actor), *body)


def record(work: Work, kind: str, meeting_id: int, who: By, *body: object) -> None:
    """Append what happened to which meeting."""
    append(work, Entry(kind, who, body=[{"meeting": meeting_id}, *body]))
