"""委托: name a deputy for a time, take it back, see what was done as 代."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from office.domain.document import Kind
from office.domain.errors import Invalid, NotFound
from office.domain.people import ADMIN_ROLES, Actor, Post
from office.service import delegation
from office.store.work import LOCAL, Work
from web.forms import Form, moment, number_in_path, read_fields
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.telling import event_name
from web.texts import text
from web.view import page, see_other

USUAL = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Delegations:
    """All that the page shows, read in one snapshot."""

    held: tuple[delegation.DelegationView, ...]
    candidates: tuple[Post, ...]
    acts: tuple[delegation.DeputyAct, ...]


def _delegations(work: Work, by: Actor) -> Delegations:
    if by.role in ADMIN_ROLES:
        raise NotFound("没有这个页面。地址可能抄错了，或者文件已移走。")
    return Delegations(delegation.mine(work, by), delegation.candidates(work, by), delegation.acts(work, by))


def local(at: datetime) -> str:
    """11月24日 09:00, with the year where it is another one."""
    wall = at.astimezone(LOCAL)
    return f"{wall.year}年{wall.month}月{wall.day}日 {wall:%H:%M}"


async def show(request: web.Request) -> web.StreamResponse:
    """The page."""
    view = await db(request).read(_delegations, actor(request))
    now = db(request).now().astimezone(LOCAL).replace(minute=0, second=0, microsecond=0)
    field = "%Y-%m-%dT%H:%M"
    return page(
        request, "delegations/delegations.html", view=view, kinds=tuple(Kind), local=local, event_name=event_name,
        since=now.strftime(field), until=(now + USUAL).strftime(field),
    )  # fmt: skip


def _moment(form: Form, name: str) -> datetime:
    at = moment(form.get(name))
    if at is None:
        raise Invalid("请写从什么时候到什么时候。")
    return at


def _kinds(form: Form) -> frozenset[Kind] | None:
    if form.get("scope") != "some":
        return None
    try:
        return frozenset(Kind(name) for name in form.all("kinds"))
    except ValueError:
        raise Invalid("选项不对，请刷新后再办。") from None


async def create(request: web.Request) -> web.StreamResponse:
    """委托."""
    form = await read_fields(request)
    deputy = form.number("deputy")
    if deputy is None:
        raise Invalid("请选请谁代办。")
    command = delegation.CreateDelegation(deputy, _moment(form, "since"), _moment(form, "until"), _kinds(form))
    await db(request).write(delegation.create, command, actor(request))
    return see_other(request, "/delegations", text("delegations.created"))


async def revoke(request: web.Request) -> web.StreamResponse:
    """收回."""
    command = delegation.RevokeDelegation(number_in_path(request))
    await db(request).write(delegation.revoke, command, actor(request))
    return see_other(request, "/delegations", text("delegations.revoked"))


ROUTES = (
    Route("GET", "/delegations", show, SIGNED_IN),
    Route("POST", "/delegations", create, SIGNED_IN),
    Route("POST", "/delegations/{id:\\d+}/revoke", revoke, SIGNED_IN),
)
