"""A person vouches that words which sound like secrecy mark nothing; the reason stays in the history for ever."""

from dataclasses import dataclass

from office.domain.errors import Invalid
from office.domain.people import Actor
from office.service import access
from office.service.approvals import by
from office.store import history
from office.store.work import Work

SHORTEST_REASON = 4
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Vouch:
    """The file's hash, the rule that asked, the place, and why it is no secret."""

    hash: str
    rule: str
    where: str
    reason: str
    document_id: int | None = None


def vouch(work: Work, command: Vouch, actor: Actor) -> None:
    """Record the confirmation; Invalid without a real reason, NotFound for a document that is not one's to see."""
    if command.document_id is not None:
        access.document(work, command.document_id, by=actor)
    reason = command.reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(f"请写明不涉密的理由（{SHORTEST_REASON} 至 {LONGEST_REASON} 字）。", code="reason")
    body = [{"hash": command.hash, "rule": command.rule, "where": command.where, "reason": reason}]
    history.record(work, history.Entry("MARK_VOUCHED", by(actor), command.document_id, body=body))
