"""登录, 登出: a name and a password for a session. Wrong name and wrong password look and cost the same."""

import secrets

from aiohttp import web

from office.domain.errors import Invalid, TooBusy
from office.service import signing_in
from web import passwords
from web.forms import read_fields
from web.guard import LOGINS, address, cookie_name, is_secure, token_hash
from web.keys import SESSION, actor, db, services, session
from web.routing import ACCOUNT, PUBLIC, Route
from web.view import local_path, page, see_other

WRONG = "账号或密码不对。请再试一次；忘了密码，请找本单位管理员。"
RESTS = "输错的次数太多，这个账号要过 15 分钟才能再试。急用请找本单位管理员。"


async def form(request: web.Request) -> web.StreamResponse:
    """The login page."""
    to = local_path(request.query.get("to", "/"))
    if request.get(SESSION) is not None:
        return see_other(request, to)
    return page(request, "login/login.html", to=to, name="", wrong="")


async def _open(request: web.Request, name: str, password: str) -> str:
    """Check and open; returns the token. Invalid, in the same words, for whatever is wrong."""
    if not request.app[LOGINS].take(address(request)):
        raise TooBusy("这里试得太频繁了，请过一会儿再试。")
    found = await db(request).read(signing_in.find_account, name)
    fits = await passwords.matches(found.password_hash if found else None, password)
    if found is not None and found.locked_until is not None and found.locked_until > db(request).now():
        raise Invalid(RESTS if fits else WRONG)
    if found is None:
        raise Invalid(WRONG)
    if not fits:
        await db(request).write(signing_in.failed, found.person_id, address(request))
        raise Invalid(WRONG)
    token = secrets.token_urlsafe(32)
    command = signing_in.OpenCommand(
        found.person_id, token_hash(token), secrets.token_urlsafe(24), address(request),
        request.headers.get("User-Agent", ""),
    )  # fmt: skip
    await db(request).write(signing_in.open_session, command)
    return token


async def sign_in(request: web.Request) -> web.StreamResponse:
    """登录."""
    fields = await read_fields(request)
    to, name = local_path(fields.get("to") or "/"), fields.get("name").lower()[:64]
    try:
        token = await _open(request, name, fields.fields.get("password", ("",))[0])
    except (Invalid, TooBusy) as error:
        return page(request, "login/login.html", status=422, to=to, name=name, wrong=error.sentence)
    response = see_other(request, to)
    response.set_cookie(
        cookie_name(request), token, path="/", secure=is_secure(request), httponly=True,
        samesite="Lax", max_age=int(signing_in.LONGEST.total_seconds()),
    )  # fmt: skip
    return response


async def sign_in_json(request: web.Request) -> web.StreamResponse:
    """A session for a program: the token goes into `Authorization: Bearer …`."""
    fields = await read_fields(request)
    token = await _open(request, fields.get("name").lower()[:64], fields.fields.get("password", ("",))[0])
    return web.json_response({"token": token})


async def sign_out(request: web.Request) -> web.StreamResponse:
    """登出; the sockets of this session close at once."""
    found = session(request)
    await db(request).write(signing_in.close, found.token_hash, actor(request))
    await services(request).hub.drop([found.token_hash])
    response = see_other(request, "/login")
    response.del_cookie(cookie_name(request), path="/", secure=is_secure(request), samesite="Lax")
    return response


ROUTES = (
    Route("GET", "/login", form, PUBLIC),
    Route("POST", "/login", sign_in, PUBLIC),
    Route("POST", "/logout", sign_out, ACCOUNT),
)
