"""我的: password, devices, how pages look, which post."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.errors import Invalid
from office.domain.people import Actor, Post
from office.service import signing_in
from office.store import people
from office.store.work import Work
from web import passwords
from web.forms import read_fields
from web.guard import is_secure
from web.keys import SESSION, actor, db, services, session
from web.routing import ACCOUNT, PUBLIC, SIGNED_IN, Route
from web.view import page, see_other

YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Mine:
    """What the page about oneself shows."""

    posts: tuple[Post, ...]
    devices: tuple[signing_in.Device, ...]


def _mine(work: Work, by: Actor, token_hash: str) -> Mine:
    return Mine(people.posts_held(work, by.person_id), signing_in.devices(work, by, token_hash))


async def me(request: web.Request) -> web.StreamResponse:
    """The page about oneself."""
    mine = await db(request).read(_mine, actor(request), session(request).token_hash)
    return page(request, "me/me.html", mine=mine)


async def password_form(request: web.Request) -> web.StreamResponse:
    """The page to change one's password."""
    return page(request, "me/password.html", wrong="")


async def _change(request: web.Request) -> None:
    fields = (await read_fields(request)).fields
    old, new, again = (fields.get(name, ("",))[0] for name in ("old", "new", "again"))
    login_name, stored = await db(request).read(signing_in.account_of, actor(request).person_id)
    if new != again:
        raise Invalid("两次写的新密码不一样。请重写。")
    if new == old:
        raise Invalid("新密码要和现在的不一样。")
    passwords.check_new(new, login_name)
    if not await passwords.matches(stored, old):
        raise Invalid("现在的密码不对。请再试一次。")
    command = signing_in.NewPassword(await passwords.hash_password(new), session(request).token_hash)
    await db(request).write(signing_in.change_password, command, actor(request))


async def change_password(request: web.Request) -> web.StreamResponse:
    """A new password; every other device is signed out."""
    try:
        await _change(request)
    except Invalid as error:
        return page(request, "me/password.html", status=422, wrong=error.sentence)
    return see_other(request, "/", "密码已改，其他设备上的登录已全部退出。")


async def elder(request: web.Request) -> web.StreamResponse:
    """适老, for this browser before login and for the account after it."""
    wanted = (await read_fields(request)).get("elder") == "true"
    found = request.get(SESSION)
    if found is not None:
        await db(request).write(signing_in.set_elder, found.actor, elder=wanted)
    response = web.Response(status=204) if request.headers.get("HX-Request") else see_other(request, _from(request))
    response.set_cookie(
        "elder", "1" if wanted else "0", max_age=YEAR, path="/", secure=is_secure(request), samesite="Lax"
    )
    return response


def _from(request: web.Request) -> str:
    origin = f"{request.scheme}://{request.host}"
    referer = request.headers.get("Referer", "")
    return referer.removeprefix(origin) if referer.startswith(origin) else "/"


async def theme(request: web.Request) -> web.StreamResponse:
    """Light, dark or as the system has it."""
    await db(request).write(signing_in.set_theme, (await read_fields(request)).get("theme"), actor(request))
    return see_other(request, "/me")


async def switch_post(request: web.Request) -> web.StreamResponse:
    """Go on in another post."""
    chosen = (await read_fields(request)).number("post_id") or 0
    await db(request).write(signing_in.switch_post, session(request).token_hash, chosen, actor(request))
    return see_other(request, "/")


async def close_others(request: web.Request) -> web.StreamResponse:
    """Sign out everywhere else."""
    ended = await db(request).write(signing_in.close_all, actor(request), but=session(request).token_hash)
    await services(request).hub.check_sessions()
    return see_other(request, "/me", f"已退出其他 {ended} 处登录。")


ROUTES = (
    Route("GET", "/me", me, SIGNED_IN),
    Route("GET", "/me/password", password_form, ACCOUNT),
    Route("POST", "/me/password", change_password, ACCOUNT),
    Route("POST", "/me/elder", elder, PUBLIC),
    Route("POST", "/me/theme", theme, SIGNED_IN),
    Route("POST", "/me/post", switch_post, SIGNED_IN),
    Route("POST", "/me/sessions/close", close_others, SIGNED_IN),
)
