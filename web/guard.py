"""Before any handler: the route's rule, the session, the origin of writes, and how often somebody may ask."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from office.domain.errors import Invalid, NotFound, NotPermitted, TooBusy
from office.service import signing_in
from web.auditing import checker
from web.forms import CSRF_FIELD
from web.judging import JUDGES, Judges
from web.keys import SESSION, db, services
from web.routing import Handler, Route, route_of

COOKIE: Final = "__Host-yiwang"
PLAIN_COOKIE: Final = "yiwang"  # behind a proxy that does TLS, reached over HTTP
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
SLOWEST_FORM = 60.0  # seconds; uploads have a limit of their own
STRICT = "max-age=31536000"


class Bucket:
    """How often something may happen: `burst` at once, then `each` a second. Bounded in the number of callers."""

    MOST = 20_000

    def __init__(self, *, burst: float, each: float) -> None:
        self._burst, self._each = burst, each
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> bool:
        """Whether `who` may go on now."""
        now = time.monotonic()
        left, at = self._held.pop(who, (self._burst, now))
        left = min(self._burst, left + (now - at) * self._each)
        self._held[who] = (left - 1 if left >= 1 else left, now)
        while len(self._held) > self.MOST:
            self._held.popitem(last=False)
        return left >= 1


REQUESTS = web.AppKey("requests", Bucket)
LOGINS = web.AppKey("logins", Bucket)
STRANGERS = web.AppKey("strangers", Bucket)  # what people without login may send: files to judge, suggestions


def buckets(app: web.Application) -> None:
    """Each application counts for itself."""
    app[REQUESTS] = Bucket(burst=300, each=30)
    app[LOGINS] = Bucket(burst=20, each=0.2)
    app[STRANGERS] = Bucket(burst=10, each=0.1)
    app[JUDGES] = Judges()
    checker(app)


def token_hash(token: str) -> str:
    """What is stored of a session's token."""
    return sha256(token.encode()).hexdigest()


def cookie_name(request: web.Request) -> str:
    """The cookie's name; the prefix binds it to this host and to TLS."""
    return PLAIN_COOKIE if services(request).config.plain else COOKIE


def address(request: web.Request) -> str:
    """Where a request comes from; behind our proxy, what the proxy says."""
    forwarded = request.headers.get("X-Real-IP", "") if services(request).config.plain else ""
    return (forwarded or request.remote or "")[:64]


def is_secure(request: web.Request) -> bool:
    """Whether the browser's side of the line is TLS: ours, or that of the proxy in front of us."""
    if services(request).config.plain:
        return request.headers.get("X-Forwarded-Proto", "") == "https"
    return request.secure


def same_origin(request: web.Request, origin: str) -> bool:
    """Whether a page of ours sent this."""
    return urlsplit(origin).netloc == request.host or origin in services(request).config.origins


@web.middleware
async def headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What every answer says to the browser."""
    response = await handler(request)
    if not response.prepared:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if is_secure(request):
            response.headers.setdefault("Strict-Transport-Security", STRICT)
    return response


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through, or refuse it."""
    if "%00" in request.raw_path or not all(map(_is_text, request.headers.values())):
        raise Invalid("发来的请求里有不能用的字符。")  # no table stores NUL or broken UTF-8
    route = route_of(request)
    if route is None:  # aiohttp's own 404 and 405
        return await handler(request)
    found = await _session(request)
    if found is not None:
        request[SESSION] = found
    if not request.app[REQUESTS].take(found.token_hash if found is not None else address(request)):
        raise TooBusy("按得太快了，请停几秒再试。已经办好的不受影响。")
    if request.method not in SAFE_METHODS:
        if not route.heavy:
            await _take_body(request)
        await _check_origin(request, route)
    _check_rule(request, route)
    return await handler(request)


async def _take_body(request: web.Request) -> None:
    """The whole form or JSON in bounded time; whoever reads it later finds it here."""
    try:
        async with asyncio.timeout(SLOWEST_FORM):
            await (request.post() if request.content_type.startswith("multipart/") else request.read())
    except TimeoutError:
        raise web.HTTPRequestTimeout from None
    except (ValueError, LookupError):  # a boundary or a part that is none
        raise Invalid("提交的内容格式不对。") from None


def _is_text(header: str) -> bool:
    """Bytes that are no UTF-8 come as lone surrogates."""
    return header.isascii() or not any("\ud800" <= c <= "\udfff" for c in header)


async def _session(request: web.Request) -> signing_in.OpenSession | None:
    token = request.cookies.get(cookie_name(request)) or _bearer(request)
    if not token or len(token) > 200:
        return None
    found = await db(request).read(signing_in.find_session, token_hash(token))
    if found is not None and db(request).now() - found.seen > signing_in.SEEN_EVERY:
        await db(request).write(signing_in.touch, found.token_hash)
    return found


def _bearer(request: web.Request) -> str:
    """Programs send the session's token in a header; a browser never does by itself."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if kind == "Bearer" else ""


async def _check_origin(request: web.Request, route: Route) -> None:
    """A write comes from a page of ours (Origin), or carries the session's token. Cross-site forms do neither."""
    origin = request.headers.get("Origin")
    if origin is not None:
        if not same_origin(request, origin):
            raise NotPermitted("这次提交来自别的网站，没有办理。请回到本系统的页面再办。")
        return
    found = request.get(SESSION)
    if found is None or _bearer(request):
        return  # nothing to ride on: no session, or one that a browser cannot send by itself
    sent = request.headers.get("X-CSRF-Token", "")
    if not sent and not route.heavy and request.content_type == "application/x-www-form-urlencoded":
        sent = str((await request.post()).get(CSRF_FIELD, ""))
    if not compare_digest(sent.encode(), found.csrf.encode()):
        raise NotPermitted("页面放得太久，这次没有办理。请刷新页面再办。")


def _check_rule(request: web.Request, route: Route) -> None:
    if route.rule.public:
        return
    found = request.get(SESSION)
    if found is None:
        raise _sign_in(request)
    if found.must_change and not route.rule.while_must_change:
        raise web.HTTPSeeOther("/me/password")
    if route.rule.roles is not None and found.actor.role not in route.rule.roles:
        raise NotFound("没有这个页面。地址可能抄错了，或者文件已移走。")


def _sign_in(request: web.Request) -> web.HTTPException:
    """Pages lead to the login and back; programs are told."""
    if request.path.startswith("/api/") or request.method != "GET" or request.content_type == "application/json":
        return web.HTTPUnauthorized()
    if request.headers.get("HX-Request") == "true":
        return web.HTTPNoContent(headers={"HX-Redirect": "/login"})
    here = request.path_qs if request.path != "/" else ""
    return web.HTTPSeeOther(f"/login?to={here}" if here else "/login")
