"""发文台账: every number of a year, voids with their reasons, gaps named."""

from aiohttp import web

from office.service import books
from web.forms import small_number
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import page


async def ledger(request: web.Request) -> web.StreamResponse:
    """One book, a page of it."""
    word, year = request.query.get("word", ""), small_number(request.query.get("year", ""))
    before = small_number(request.query.get("before", "")) or None
    book, there = await db(request).read(books.ledger_book, actor(request), word=word, year=year, before=before)
    return page(request, "ledgers/ledger.html", book=book, there=there)


ROUTES = (Route("GET", "/exchange/ledger", ledger, SIGNED_IN),)
