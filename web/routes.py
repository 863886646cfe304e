"""Every door of the house, by concept."""

from web.handlers import (
    amending,
    approvals,
    documents,
    drafts,
    health,
    inbox,
    live,
    login,
    me,
    outgoing,
    static,
    verify,
)
from web.routing import Route

ROUTES: tuple[Route, ...] = (
    *login.ROUTES,
    *me.ROUTES,
    *inbox.ROUTES,
    *documents.ROUTES,
    *drafts.ROUTES,
    *approvals.ROUTES,
    *outgoing.ROUTES,
    *amending.ROUTES,
    *verify.ROUTES,
    *live.ROUTES,
    *health.ROUTES,
    *static.ROUTES,
)
