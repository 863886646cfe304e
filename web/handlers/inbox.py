"""今日: what to do first, what to read, what was done. A village has a home of its own."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from office.domain.errors import NotFound
from office.domain.people import Actor
from office.service import papers, reading, tasks, village_home
from office.store.work import Work
from web import bridge
from web.forms import cursor, number_in_path, small_number
from web.keys import actor, db, session
from web.routing import SIGNED_IN, Route
from web.view import page, see_other, span


@dataclass(frozen=True, slots=True)
class Morning:
    """The inbox and the paper looked at beside it, the one due first unless another is chosen; one snapshot."""

    box: reading.Inbox
    peek: papers.DocumentView | None


def _morning(work: Work, by: Actor, after: tuple[datetime, int] | None, chosen: int | None) -> Morning:
    box = reading.inbox(work, by, after)
    shown = chosen or next((row.document_id for row in box.todo.rows), None)
    if shown is None:
        return Morning(box, None)
    try:
        return Morning(box, papers.view(work, shown, by))
    except NotFound:  # the first paper was taken away between two statements of somebody else
        return Morning(box, None)


async def today(request: web.Request) -> web.StreamResponse:
    """The first page after login."""
    by = actor(request)
    soon = await db(request).read(bridge.next_meeting, by)
    if session(request).is_village and not request.query.keys() & {"list", "after"}:
        desk = await db(request).read(village_home.home, by)
        return page(request, "inbox/village.html", desk=desk, soon=soon, when=span)
    chosen = small_number(request.query.get("peek", "")) or None
    morning = await db(request).read(_morning, by, cursor(request.query.get("after", "")), chosen)
    line = papers.summary(morning.peek) if morning.peek is not None else ""
    return page(
        request, "inbox/inbox.html", box=morning.box, peek=morning.peek, line=line, soon=soon, when=span
    )  # fmt: skip


async def done(request: web.Request) -> web.StreamResponse:
    """What this post has done, newest first."""
    rows = await db(request).read(reading.done, actor(request))
    return page(request, "inbox/done.html", rows=rows, heading="办过的")


async def to_read(request: web.Request) -> web.StreamResponse:
    """All papers that are only to be read."""
    found = await db(request).read(reading.tasks, actor(request), reading=True, limit=100)
    return page(request, "inbox/done.html", rows=found.rows, heading="待阅")


async def acknowledge(request: web.Request) -> web.StreamResponse:
    """知道了."""
    await db(request).write(tasks.acknowledge, number_in_path(request), actor(request))
    return see_other(request, "/", "已记下。")


async def read(request: web.Request) -> web.StreamResponse:
    """已阅, from the list."""
    await db(request).write(tasks.read, number_in_path(request), actor(request))
    return see_other(request, "/reading" if request.query.get("from") == "reading" else "/", "已阅，已记下。")


ROUTES = (
    Route("GET", "/", today, SIGNED_IN),
    Route("GET", "/done", done, SIGNED_IN),
    Route("GET", "/reading", to_read, SIGNED_IN),
    Route("POST", "/tasks/{id:\\d+}/acknowledge", acknowledge, SIGNED_IN),
    Route("POST", "/tasks/{id:\\d+}/read", read, SIGNED_IN),
)
