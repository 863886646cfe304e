"""Accounts and posts, by administrators: who comes, who leaves, who sits where."""

import re
from dataclasses import dataclass

from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.organs import OrganTree
from office.domain.people import ADMIN_ROLES, Actor, Post, Role
from office.store import history, organs, people
from office.store.people import Person
from office.store.work import Work

HITS = 30
_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{2,31}")


@dataclass(frozen=True, slots=True)
class CreateAccount:
    """A new person. `password_hash` is of a fresh one-time password the edge made and shows once."""

    name: str
    login_name: str
    password_hash: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class CreatePost:
    """A new, empty post in an organ."""

    organ_id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class FillPost:
    """Put a person into an empty post."""

    post_id: int
    person_id: int


@dataclass(frozen=True, slots=True)
class VacatePost:
    """Take the holder out of a post that has nothing open."""

    post_id: int


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person found by name, with the posts held and where."""

    person: Person
    login_name: str
    posts: tuple[tuple[Post, str], ...]


def _check_system(actor: Actor) -> None:
    if actor.role is not Role.SYSTEM_ADMIN:
        raise NotPermitted("只有系统管理员能管账号。")


def _check_other(person_id: int, actor: Actor) -> None:
    if person_id == actor.person_id:
        raise NotPermitted("不能管自己的账号和岗位，请另一位管理员来办。")


def _check_granter(role: Role, actor: Actor) -> None:
    """三员分立: the system administrator staffs offices; only the security administrator staffs administrators."""
    granter = Role.SECURITY_ADMIN if role in ADMIN_ROLES else Role.SYSTEM_ADMIN
    if actor.role is not granter:
        who = "安全管理员" if granter is Role.SECURITY_ADMIN else "系统管理员"
        raise NotPermitted(f"这类岗位由{who}安排。")


def create_account(work: Work, command: CreateAccount, actor: Actor) -> int:
    """A new person with an account; the one-time password must be changed at the first login."""
    _check_system(actor)
    name, login_name = " ".join(command.name.split()), command.login_name.strip().lower()
    if not 2 <= len(name) <= 30:
        raise Invalid("姓名要有 2 到 30 个字。")
    if not _LOGIN_NAME.fullmatch(login_name):
        raise Invalid("登录名用 3 到 32 个小写字母、数字或 . _ -，以字母或数字开头。")
    if not command.password_hash:
        raise Invalid("没有一次性密码，账号不能用。请重试。")
    person_id = people.add_person(
        work, name=name, phone=command.phone, login_name=login_name, password_hash=command.password_hash
    )
    _record(work, "ACCOUNT_CREATED", actor, {"person": person_id})
    return person_id


def reset_password(work: Work, person_id: int, password_hash: str, actor: Actor) -> None:
    """A new one-time password; every open session of that person ends."""
    _check_system(actor)
    _check_other(person_id, actor)
    if not password_hash:
        raise Invalid("没有一次性密码，请重试。")
    people.set_password(work, person_id, password_hash)
    _record(work, "PASSWORD_RESET", actor, {"person": person_id})


def disable_account(work: Work, person_id: int, actor: Actor) -> None:
    """Nobody logs in with it any more. Refused while the person still holds a post."""
    _check_system(actor)
    _check_other(person_id, actor)
    found = people.person_by_id(work, person_id)
    held = people.posts_held(work, person_id)
    if held:
        names = "、".join(post.name for post in held)
        raise WrongStage(f"{found.name}还在岗：{names}。请先移出岗位，再停用账号。")
    people.set_active(work, person_id, active=False)
    _record(work, "ACCOUNT_DISABLED", actor, {"person": person_id})


def enable_account(work: Work, person_id: int, actor: Actor) -> None:
    """Let a disabled account log in again."""
    _check_system(actor)
    _check_other(person_id, actor)
    people.person_by_id(work, person_id)
    people.set_active(work, person_id, active=True)
    _record(work, "ACCOUNT_ENABLED", actor, {"person": person_id})


def create_post(work: Work, command: CreatePost, actor: Actor) -> int:
    """A new, empty post; administrators' posts by the security administrator only."""
    _check_granter(command.role, actor)
    organs.load(work, command.organ_id)
    name = " ".join(command.name.split())
    if not 2 <= len(name) <= 30:
        raise Invalid("岗位名称要有 2 到 30 个字。")
    post_id = people.add_post(work, organ_id=command.organ_id, name=name, role=command.role)
    _record(work, "POST_CREATED", actor, {"post": post_id, "organ": command.organ_id, "role": str(command.role)})
    return post_id


def fill_post(work: Work, command: FillPost, actor: Actor) -> None:
    """Put a person into an empty post, within the separation of the three administrators."""
    post = people.post_by_id(work, command.post_id, lock=True)
    _check_granter(post.role, actor)
    _check_other(command.person_id, actor)
    person = people.person_by_id(work, command.person_id)
    if post.person_id is not None:
        raise WrongStage(f"{post.name}现在是{post.person_name}，请先移出，再安排新人。")
    if not person.active:
        raise Invalid(f"{person.name}的账号已停用，请先启用。")
    _check_separation(post, people.posts_held(work, person.id), person)
    people.place(work, post, person.id)
    _record(work, "POST_FILLED", actor, {"post": post.id, "person": person.id})


def _check_separation(post: Post, held: tuple[Post, ...], person: Person) -> None:
    """Nobody holds two of the three, and no administrator handles documents."""
    if post.role in ADMIN_ROLES and held:
        raise Invalid(f"{person.name}已有别的岗位。管理员只能专任，不能兼职。")
    if post.role not in ADMIN_ROLES and any(other.role in ADMIN_ROLES for other in held):
        raise Invalid(f"{person.name}是管理员，不能再办文件。请换一个人。")


def vacate_post(work: Work, command: VacatePost, actor: Actor) -> None:
    """Take the holder out. Refused while tasks are open on the post (条例36: nothing is left behind)."""
    post = people.post_by_id(work, command.post_id, lock=True)
    _check_granter(post.role, actor)
    if post.person_id is None:
        raise WrongStage("这个岗位本来就没有人。")
    _check_other(post.person_id, actor)
    waiting = people.open_tasks(work, (post.id,))
    if waiting:
        raise WrongStage(
            f"{post.person_name}手上还有 {waiting} 件没办完。请先移交，再移出岗位。", fix="移交", article="条例36"
        )
    _end_delegations(work, post, actor)
    people.place(work, post, None)
    people.end_sessions(work, post.person_id, post_id=post.id)
    _record(work, "POST_VACATED", actor, {"post": post.id, "person": post.person_id})


def _end_delegations(work: Work, post: Post, actor: Actor) -> None:
    """What an empty post gave away, or was given, ends with its holder."""
    for stored in people.delegations_around(work, post.id):
        if stored.revoked_at is None and stored.delegation.until > work.now:
            people.revoke_delegation(work, stored.id)
            _record(work, "DELEGATION_REVOKED", actor, {"delegation": stored.id})


def find(work: Work, name: str, actor: Actor) -> tuple[PersonView, ...]:
    """People by a part of their name, at most `HITS`, each with login name, posts and where these are."""
    _check_staff(actor)
    clean = name.strip()
    if not clean:
        return ()
    tree = organs.tree(work)
    found = people.search_people(work, clean, limit=HITS)
    return tuple(
        PersonView(person, login_name, _places(tree, people.posts_held(work, person.id)))
        for person, login_name in found
    )


def person(work: Work, person_id: int, actor: Actor) -> PersonView:
    """One person with login name and posts."""
    _check_staff(actor)
    found = people.person_by_id(work, person_id)
    return PersonView(
        found, people.login_name(work, person_id), _places(organs.tree(work), people.posts_held(work, person_id))
    )


@dataclass(frozen=True, slots=True)
class PostView:
    """A post with where it is and how many tasks wait on it."""

    post: Post
    organ: str
    waiting: int


def post(work: Work, post_id: int, actor: Actor) -> PostView:
    """One post as administrators see it."""
    _check_staff(actor)
    return _post_view(work, organs.tree(work), people.post_by_id(work, post_id))


def organ_posts(work: Work, organ_id: int, actor: Actor) -> tuple[PostView, ...]:
    """The posts of an organ as administrators see them; NotFound without such an organ."""
    _check_staff(actor)
    organs.load(work, organ_id)
    tree = organs.tree(work)
    return tuple(_post_view(work, tree, found) for found in people.posts_of(work, organ_id))


def administrators(work: Work, actor: Actor) -> tuple[PostView, ...]:
    """The posts of the three administrators, by role."""
    _check_staff(actor)
    tree = organs.tree(work)
    found = (held for role in sorted(ADMIN_ROLES) for held in people.posts_of_role(work, role))
    return tuple(_post_view(work, tree, held) for held in found)


def _post_view(work: Work, tree: OrganTree, found: Post) -> PostView:
    return PostView(found, tree.trail(found.organ_id), people.open_tasks(work, (found.id,)))


def _check_staff(actor: Actor) -> None:
    if actor.role not in (Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN):
        raise NotPermitted("只有管理员能查账号。")


def _places(tree: OrganTree, held: tuple[Post, ...]) -> tuple[tuple[Post, str], ...]:
    return tuple((post, tree.trail(post.organ_id)) for post in held)


def _record(work: Work, kind: str, actor: Actor, body: dict[str, object]) -> None:
    by = history.By(actor.organ_id, actor.person_id, actor.post_id, actor.on_behalf)
    history.record(work, history.Entry(kind=kind, by=by, body=[body]))
