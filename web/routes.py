"""Every door of the house, by concept."""

from web.api import openapi
from web.api import table as api
from web.handlers import (
    admin,
    amending,
    approvals,
    delegations,
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
    *delegations.ROUTES,
    *admin.ROUTES,
    *verify.ROUTES,
    *api.ROUTES,
    *openapi.ROUTES,
    *live.ROUTES,
    *health.ROUTES,
    *static.ROUTES,
)
