"""通讯录: the tree of organs opened level by level, with posts and telephone numbers; found by name."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.people import Actor
from office.service import directory
from office.store import organs
from office.store.work import Work
from web.forms import small_number
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import page


@dataclass(frozen=True, slots=True)
class Opened:
    """One organ opened: its card, the way to it, what lies under it; or what a search found."""

    card: directory.Card
    above: tuple[directory.OrganView, ...]
    below: directory.OrganPage
    hits: directory.Hits | None


def _opened(work: Work, organ_id: int, after: int | None, text: str, by: Actor) -> Opened:
    tree = organs.tree(work)
    card = directory.card(work, organ_id or by.organ_id)
    above = tuple(directory.view(tree, organ) for organ in reversed(tree.ascend(card.organ.id)))
    hits = directory.search(work, text) if text else None
    return Opened(card, above, directory.children(work, card.organ.id, after), hits)


async def show(request: web.Request) -> web.StreamResponse:
    """One organ and its people."""
    text = request.query.get("q", "").strip()
    organ_id = small_number(request.match_info.get("id", ""))
    after = small_number(request.query.get("after", "")) or None
    opened = await db(request).read(_opened, organ_id, after, text, actor(request))
    return page(request, "directory/directory.html", opened=opened, text=text)


ROUTES = (
    Route("GET", "/directory", show, SIGNED_IN),
    Route("GET", "/directory/{id:\\d+}", show, SIGNED_IN),
)
