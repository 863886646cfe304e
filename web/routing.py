"""Routes and who may use them. Deny by default: a route without a rule cannot be added, and a test lists them all."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass

from aiohttp import web

from office.domain.people import Role

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may call a route. What he may see or do there is decided by the use case and its access functions."""

    name: str
    public: bool = False
    roles: frozenset[Role] | None = None  # None: every role
    while_must_change: bool = False  # reachable before the one-time password is changed


PUBLIC = Rule("public", public=True)
SIGNED_IN = Rule("signed in")
ACCOUNT = Rule("own account", while_must_change=True)
SYSTEM_ADMIN = Rule("system administrator", roles=frozenset({Role.SYSTEM_ADMIN}))
STAFFING = Rule("staffing", roles=frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN}))
SECURITY_ADMIN = Rule("security administrator", roles=frozenset({Role.SECURITY_ADMIN}))
WATCHING = Rule("watching over safety", roles=frozenset({Role.SECURITY_ADMIN, Role.AUDITOR}))
AUDITOR = Rule("auditor", roles=frozenset({Role.AUDITOR}))


@dataclass(frozen=True, slots=True)
class Route:
    """One door. `heavy` marks uploads: their body is streamed, not bounded by the limit of forms."""

    method: str
    path: str
    handler: Handler
    rule: Rule
    heavy: bool = False


RULES: web.AppKey[dict[Handler, Route]] = web.AppKey("rules", dict)


def add_routes(app: web.Application, routes: Iterable[Route]) -> None:
    """Put routes on the application together with their rules."""
    known = app.setdefault(RULES, {})
    for route in routes:
        if route.handler in known and known[route.handler].rule is not route.rule:
            raise ValueError(f"{route.path}: one handler has one rule")
        known[route.handler] = route
        app.router.add_route(route.method, route.path, route.handler)


def route_of(request: web.Request) -> Route | None:
    """The route a request reached, None when there is no such address."""
    found: Route | None = request.app[RULES].get(request.match_info.handler)
    return found
