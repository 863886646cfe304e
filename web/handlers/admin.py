"""人员: accounts and posts by the administrators, hand-over and re-assignment; never the text of a paper."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.errors import Invalid
from office.domain.people import ADMIN_ROLES, Actor, Post, Role
from office.service import approvals, directory, reassigning, refusals, staffing
from office.service.staffing import CreateAccount, CreatePost, FillPost, PersonView, PostView, VacatePost
from office.store.work import Work
from web import passwords
from web.forms import Form, number_in_path, read_fields
from web.keys import actor, db
from web.routing import SECURITY_ADMIN, STAFFING, SYSTEM_ADMIN, Route
from web.texts import text
from web.view import page, see_other


@dataclass(frozen=True, slots=True)
class Findings:
    """People and organs that a word leads to."""

    people: tuple[PersonView, ...]
    organs: directory.Hits


def _find(work: Work, q: str, by: Actor) -> Findings:
    return Findings(staffing.find(work, q, by), directory.search(work, q))


async def home(request: web.Request) -> web.StreamResponse:
    """Find people and organs."""
    q = request.query.get("q", "")[:40]
    found = await db(request).read(_find, q, actor(request))
    return page(request, "admin/admin.html", q=q, found=found, most=staffing.HITS)


async def new_account(request: web.Request) -> web.StreamResponse:
    """The form for a new account."""
    return page(request, "admin/new.html", heading=text("admin.new_account"), back="/admin")


async def create_account(request: web.Request) -> web.StreamResponse:
    """A new account; its one-time password is on the answer and nowhere else."""
    form = await read_fields(request)
    password = passwords.fresh()
    command = CreateAccount(
        form.get("name"), form.get("login_name"), await passwords.hash_password(password), form.get("phone")[:30]
    )
    person_id = await db(request).write(staffing.create_account, command, actor(request))
    return await _show_password(request, person_id, password)


async def reset_password(request: web.Request) -> web.StreamResponse:
    """A new one-time password, shown once."""
    person_id, password = number_in_path(request), passwords.fresh()
    hashed = await passwords.hash_password(password)
    await db(request).write(staffing.reset_password, person_id, hashed, actor(request))
    return await _show_password(request, person_id, password)


async def _show_password(request: web.Request, person_id: int, password: str) -> web.StreamResponse:
    found = await db(request).read(staffing.person, person_id, actor(request))
    heading = text("admin.password_title")
    return page(request, "admin/password.html", heading=heading, back="/admin", person=found, password=password)


async def person(request: web.Request) -> web.StreamResponse:
    """One person: posts and account."""
    found = await db(request).read(staffing.person, number_in_path(request), actor(request))
    return page(request, "admin/person.html", heading=found.person.name, back="/admin", person=found)


async def disable(request: web.Request) -> web.StreamResponse:
    """停用."""
    person_id = number_in_path(request)
    await db(request).write(staffing.disable_account, person_id, actor(request))
    return see_other(request, f"/admin/people/{person_id}", text("admin.disabled"))


async def enable(request: web.Request) -> web.StreamResponse:
    """启用."""
    person_id = number_in_path(request)
    await db(request).write(staffing.enable_account, person_id, actor(request))
    return see_other(request, f"/admin/people/{person_id}", text("admin.enabled"))


def _organ(work: Work, organ_id: int, by: Actor) -> tuple[directory.OrganView, tuple[PostView, ...]]:
    return directory.card(work, organ_id).organ, staffing.organ_posts(work, organ_id, by)


async def organ(request: web.Request) -> web.StreamResponse:
    """The posts of an organ."""
    by = actor(request)
    found, posts = await db(request).read(_organ, number_in_path(request), by)
    roles = [role for role in Role if (role in ADMIN_ROLES) is (by.role is Role.SECURITY_ADMIN)]
    return page(request, "admin/organ.html", heading=found.title, back="/admin", organ=found, posts=posts, roles=roles)


async def create_post(request: web.Request) -> web.StreamResponse:
    """设岗位."""
    form, organ_id = await read_fields(request), number_in_path(request)
    try:
        role = Role(form.get("role"))
    except ValueError:
        raise Invalid("请选这个岗位做什么。") from None
    await db(request).write(staffing.create_post, CreatePost(organ_id, form.get("name"), role), actor(request))
    return see_other(request, f"/admin/organs/{organ_id}", text("admin.post_created"))


def _post(work: Work, post_id: int, q: str, by: Actor) -> tuple[PostView, tuple[PersonView, ...]]:
    view = staffing.post(work, post_id, by)
    return view, staffing.find(work, q, by) if view.post.person_id is None else ()


def _title(view: PostView) -> str:
    return text("admin.post_title", organ=view.organ, post=view.post.name)


async def post(request: web.Request) -> web.StreamResponse:
    """One post: who holds it, or whom to put there."""
    q = request.query.get("q", "")[:30]
    view, people = await db(request).read(_post, number_in_path(request), q, actor(request))
    back = f"/admin/organs/{view.post.organ_id}"
    return page(request, "admin/post.html", heading=_title(view), back=back, view=view, people=people, q=q)


async def fill(request: web.Request) -> web.StreamResponse:
    """安排上岗."""
    post_id, chosen = number_in_path(request), (await read_fields(request)).number("person_id")
    await db(request).write(staffing.fill_post, FillPost(post_id, chosen or 0), actor(request))
    return see_other(request, f"/admin/posts/{post_id}", text("admin.filled"))


async def vacate(request: web.Request) -> web.StreamResponse:
    """移出岗位; refused while tasks are open, with the way to hand them over."""
    post_id = number_in_path(request)
    await db(request).write(staffing.vacate_post, VacatePost(post_id), actor(request))
    return see_other(request, f"/admin/posts/{post_id}", text("admin.vacated"))


def _handover(work: Work, post_id: int, by: Actor) -> tuple[PostView, tuple[Post, ...]]:
    view = staffing.post(work, post_id, by)
    others = reassigning.colleagues(work, view.post.organ_id, by)
    return view, tuple(p for p in others if p.id != post_id)


async def handover_form(request: web.Request) -> web.StreamResponse:
    """The page of 移交."""
    view, colleagues = await db(request).read(_handover, number_in_path(request), actor(request))
    back, heading = f"/admin/posts/{view.post.id}", text("admin.hand_over")
    return page(request, "admin/handover.html", heading=heading, back=back, view=view, colleagues=colleagues)


def _needed(form: Form, name: str) -> int:
    value = form.number(name)
    if value is None:
        raise Invalid("请选一个人。")
    return value


async def hand_over(request: web.Request) -> web.StreamResponse:
    """移交 everything that is open on a post."""
    form, post_id = await read_fields(request), number_in_path(request)
    command = approvals.ReassignAll(post_id, _needed(form, "to"), form.get("reason"))
    moved = await db(request).write(reassigning.hand_over, command, actor(request))
    return see_other(request, f"/admin/posts/{post_id}", text("admin.moved_all", n=moved))


@dataclass(frozen=True, slots=True)
class Chains:
    """The chains of a number, with who could take over in each organ."""

    heads: tuple[reassigning.ChainHead, ...]
    colleagues: dict[int, tuple[Post, ...]]


def _chains(work: Work, q: str, by: Actor) -> Chains:
    heads = reassigning.find(work, q, by)
    organs = {seat.organ_id for c in heads if c.running for s in c.steps for seat in s.seats if seat.movable}
    return Chains(heads, {organ_id: reassigning.colleagues(work, organ_id, by) for organ_id in organs})


async def chains(request: web.Request) -> web.StreamResponse:
    """Where the papers of a number are, without their content."""
    q = request.query.get("q", "")[:64].strip()
    found = await db(request).read(_chains, q, actor(request))
    heading = text("admin.chains")
    return page(
        request, "admin/chains.html", heading=heading, back="/admin", q=q, heads=found.heads,
        colleagues=found.colleagues,
    )  # fmt: skip


async def move(request: web.Request) -> web.StreamResponse:
    """重新指派 of one seat."""
    form = await read_fields(request)
    command = reassigning.MoveSeat(
        number_in_path(request, "chain_id"), _needed(form, "seat_id"), _needed(form, "to"), form.get("reason")
    )
    document_id = await db(request).write(reassigning.move_seat, command, actor(request))
    return see_other(request, f"/admin/chains?q={document_id}", text("admin.moved"))


async def jump(request: web.Request) -> web.StreamResponse:
    """跳转."""
    form = await read_fields(request)
    command = reassigning.Jump(number_in_path(request, "chain_id"), _needed(form, "to_step"), form.get("reason"))
    document_id = await db(request).write(reassigning.jump, command, actor(request))
    return see_other(request, f"/admin/chains?q={document_id}", text("admin.jumped"))


async def administrators(request: web.Request) -> web.StreamResponse:
    """The posts of the three administrators."""
    posts = await db(request).read(staffing.administrators, actor(request))
    heading = text("admin.administrators")
    return page(request, "admin/administrators.html", heading=heading, back="/admin", posts=posts)


async def refused(request: web.Request) -> web.StreamResponse:
    """Files that were refused: which rules, which fingerprints, when."""
    before = Form.of_query(request).number("before")
    found = await db(request).read(refusals.refused, actor(request), before)
    return page(request, "admin/refused.html", heading=text("admin.refused"), back="/admin", found=found)


ROUTES = (
    Route("GET", "/admin", home, STAFFING),
    Route("GET", "/admin/people/new", new_account, SYSTEM_ADMIN),
    Route("POST", "/admin/people", create_account, SYSTEM_ADMIN),
    Route("GET", "/admin/people/{id:\\d+}", person, STAFFING),
    Route("POST", "/admin/people/{id:\\d+}/password", reset_password, SYSTEM_ADMIN),
    Route("POST", "/admin/people/{id:\\d+}/disable", disable, SYSTEM_ADMIN),
    Route("POST", "/admin/people/{id:\\d+}/enable", enable, SYSTEM_ADMIN),
    Route("GET", "/admin/organs/{id:\\d+}", organ, STAFFING),
    Route("POST", "/admin/organs/{id:\\d+}/posts", create_post, STAFFING),
    Route("GET", "/admin/posts/{id:\\d+}", post, STAFFING),
    Route("POST", "/admin/posts/{id:\\d+}/fill", fill, STAFFING),
    Route("POST", "/admin/posts/{id:\\d+}/vacate", vacate, STAFFING),
    Route("GET", "/admin/posts/{id:\\d+}/handover", handover_form, SYSTEM_ADMIN),
    Route("POST", "/admin/posts/{id:\\d+}/handover", hand_over, SYSTEM_ADMIN),
    Route("GET", "/admin/chains", chains, SYSTEM_ADMIN),
    Route("POST", "/admin/chains/{chain_id:\\d+}/move", move, SYSTEM_ADMIN),
    Route("POST", "/admin/chains/{chain_id:\\d+}/jump", jump, SYSTEM_ADMIN),
    Route("GET", "/admin/administrators", administrators, STAFFING),
    Route("GET", "/admin/refused", refused, SECURITY_ADMIN),
)
