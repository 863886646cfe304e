"""Whether the server lives, is ready, and how busy it is. No unit and no person is ever named here."""

from aiohttp import web
from sqlalchemy import func, literal_column, select

from office.store import migrate
from office.store.base_tables import job
from office.store.work import Work
from web.keys import db, services
from web.routing import PUBLIC, Route


async def alive(_request: web.Request) -> web.StreamResponse:
    """The process answers."""
    return web.Response(text="ok")


async def ready(request: web.Request) -> web.StreamResponse:
    """The database answers and has the tables this program expects."""
    current = await db(request).read(migrate.is_current)
    return web.Response(text="ok" if current else "migrate", status=200 if current else 503)


def _waiting_jobs(work: Work) -> int:
    return work.integer(select(func.count()).select_from(job).where(job.c.state == literal_column("0")))


async def metrics(request: web.Request) -> web.StreamResponse:
    """Figures for a monitoring system, in its text format."""
    lines = [
        f"yiwang_sockets {services(request).hub.count}",
        f"yiwang_jobs_waiting {await db(request).read(_waiting_jobs)}",
    ]
    return web.Response(text="\n".join(lines) + "\n")


ROUTES = (
    Route("GET", "/healthz", alive, PUBLIC),
    Route("GET", "/readyz", ready, PUBLIC),
    Route("GET", "/metrics", metrics, PUBLIC),
)
