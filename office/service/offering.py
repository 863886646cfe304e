"""Which verbs the page of a document offers a person: those that would not be refused now."""

from office.domain.chain import Chain
from office.domain.offers import Offers, offers
from office.domain.people import Actor
from office.service import papers
from office.store import desks
from office.store.work import Work


def of_view(work: Work, view: papers.DocumentView, actor: Actor) -> dict[int, Offers]:
    """What works on each chain of the page, by the chain's id."""
    return {shown.id: _of_chain(work, shown.chain, actor) for shown in view.chains}


def _of_chain(work: Work, chain: Chain, actor: Actor) -> Offers:
    deputies = desks.Deputies(work, chain.kind)
    held = [seat for _, seat in chain.open_seats() if actor.post_id in (seat.post_id, seat.deputy_id)]
    may = [s for s in held if s.post_id == actor.post_id or deputies.get(s.post_id) == actor.post_id]
    return offers(chain, by=actor, at=work.now, seat_id=may[0].id if may else None, deputies=deputies)
