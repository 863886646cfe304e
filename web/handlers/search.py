"""查找: papers by words of the title, number, kind and days."""

from datetime import timedelta

from aiohttp import web

from office.domain.document import Kind
from office.domain.errors import Invalid
from office.service import finding
from web.forms import cursor, moment
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import page


def _query(request: web.Request) -> finding.Query:
    kind, since, until = (request.query.get(name, "") for name in ("kind", "since", "until"))
    if kind and kind not in {known.value for known in Kind}:
        raise Invalid("没有这个文种。")
    last = moment(until)
    return finding.Query(
        request.query.get("q", "").strip()[: finding.LONGEST],
        Kind(kind) if kind else None,
        moment(since),
        last + timedelta(days=1) if last else None,
    )


async def search(request: web.Request) -> web.StreamResponse:
    """The form, and what was found."""
    query = _query(request)
    asked = query != finding.Query()
    before = cursor(request.query.get("before", ""))
    found = await db(request).read(finding.search, query, actor(request), before=before) if asked else None
    shown = {name: request.query.get(name, "") for name in ("q", "kind", "since", "until")}
    return page(request, "search/search.html", found=found, shown=shown, kinds=Kind)


ROUTES = (Route("GET", "/search", search, SIGNED_IN),)
