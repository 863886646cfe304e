"""People, posts, logins and delegations in rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, exists, func, insert, literal_column, or_, select, update

from office.domain.document import Kind
from office.domain.errors import Invalid, NotFound, Stale
from office.domain.people import Delegation, Post, Role
from office.store.organs import follow_sequence
from office.store.tables import delegation, login, organ, person, post, session, task
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class Person:
    """One person; `active` is false once the account is disabled. `demo` marks a made-up one."""

    id: int
    name: str
    phone: str
    active: bool
    demo: bool


@dataclass(frozen=True, slots=True)
class StoredDelegation:
    """A delegation with its id, who made it and when it was revoked, if it was."""

    id: int
    delegation: Delegation
    made_at: datetime
    made_by: int
    revoked_at: datetime | None


_PERSON = tuple(getattr(person.c, name) for name in Person.__slots__)


def _posts(*where: ColumnElement[bool]) -> Select[Any]:
    p = post.c
    return (
        select(p.id, p.organ_id, p.name, p.role, p.person_id, person.c.name, person.c.phone)
        .select_from(post.outerjoin(person, person.c.id == p.person_id))
        .where(*where)
        .order_by(p.id)
    )


def _post(row: Row[Any]) -> Post:
    values: tuple[Any, ...] = tuple(row)
    post_id, organ_id, name, role, person_id, person_name, phone = values
    return Post(post_id, organ_id, name, Role(role), person_id, person_name or "", phone or "")


def posts_of(work: Work, organ_id: int) -> tuple[Post, ...]:
    """The posts of an organ with who holds them, in the order of their making."""
    return tuple(_post(row) for row in work.execute(_posts(post.c.organ_id == organ_id)))


def posts_with(work: Work, organ_ids: Sequence[int], role: Role) -> tuple[Post, ...]:
    """The held posts of those organs with that role."""
    found = _posts(post.c.organ_id.in_(organ_ids), post.c.role == str(role), post.c.person_id.is_not(None))
    return tuple(_post(row) for row in work.execute(found))


def posts_of_role(work: Work, role: Role) -> tuple[Post, ...]:
    """Every post with that role, in the order of their making; for roles of which a city has few."""
    return tuple(_post(row) for row in work.execute(_posts(post.c.role == str(role)).limit(200)))


def post_by_id(work: Work, post_id: int, *, lock: bool = False) -> Post:
    """One post; NotFound when absent. `lock` keeps other writers from it until commit."""
    if lock:
        work.execute(select(post.c.id).where(post.c.id == post_id).with_for_update())
    row = work.execute(_posts(post.c.id == post_id)).one_or_none()
    if row is None:
        raise NotFound("没有这个岗位。")
    return _post(row)


def posts_held(work: Work, person_id: int) -> tuple[Post, ...]:
    """The posts a person holds."""
    return tuple(_post(row) for row in work.execute(_posts(post.c.person_id == person_id)))


def add_post(work: Work, *, organ_id: int, name: str, role: Role) -> int:
    """A new, empty post."""
    values = {"organ_id": organ_id, "name": name, "role": str(role), "person_id": None, "since": work.now}
    return int(work.execute(insert(post).values(values).returning(post.c.id)).scalar_one())


def place(work: Work, found: Post, person_id: int | None) -> None:
    """Put a person into a post, or nobody; Stale when somebody else changed it after it was read."""
    changed = work.execute(
        update(post)
        .where(post.c.id == found.id, post.c.person_id.is_not_distinct_from(found.person_id))
        .values(person_id=person_id, since=work.now)
    )
    if changed.rowcount != 1:
        raise Stale


def person_by_id(work: Work, person_id: int) -> Person:
    """One person; NotFound when absent."""
    row = work.execute(select(*_PERSON).where(person.c.id == person_id)).one_or_none()
    if row is None:
        raise NotFound("没有这个人。")
    return Person(*row)


def add_person(work: Work, *, name: str, phone: str, login_name: str, password_hash: str) -> int:
    """A person with an account whose password must be changed at the first login; Invalid when the name is taken."""
    if work.execute(select(exists().where(login.c.name == login_name))).scalar():
        raise Invalid("这个登录名已有人用，请换一个。")
    person_id = int(
        work.execute(
            insert(person)
            .values(name=name, phone=phone, active=True, theme="", elder=False, demo=False)
            .returning(person.c.id)
        ).scalar_one()
    )
    values = {"person_id": person_id, "name": login_name, "password_hash": password_hash, "must_change": True}
    work.execute(insert(login).values(values | {"failures": 0, "changed_at": work.now}))
    return person_id


def set_password(work: Work, person_id: int, password_hash: str) -> None:
    """A new one-time password; open sessions end, a lock is lifted."""
    changed = work.execute(
        update(login)
        .where(login.c.person_id == person_id)
        .values(password_hash=password_hash, must_change=True, failures=0, locked_until=None, changed_at=work.now)
    )
    if changed.rowcount != 1:
        raise NotFound("这个人还没有账号。")
    end_sessions(work, person_id)


def set_active(work: Work, person_id: int, *, active: bool) -> None:
    """Enable or disable an account; disabling ends the open sessions."""
    work.execute(update(person).where(person.c.id == person_id).values(active=active))
    if not active:
        end_sessions(work, person_id)


def end_sessions(work: Work, person_id: int, *, post_id: int | None = None) -> None:
    """End a person's sessions, or only those in one post."""
    where = [session.c.person_id == person_id]
    if post_id is not None:
        where.append(session.c.post_id == post_id)
    work.execute(delete(session).where(*where))


def open_tasks(work: Work, post_ids: Sequence[int]) -> int:
    """How many tasks must still be done on those posts. Copies to read stay for whoever comes next.

    What a post does as a deputy is its principal's own task and stays there.
    """
    t = task.c
    own = (t.post_id.in_(post_ids), t.reading.is_(False), t.state == literal_column("0"))
    found = select(func.count()).select_from(task).where(*own)
    return int(work.execute(found).scalar_one())


def search_people(work: Work, name: str, *, limit: int) -> tuple[tuple[Person, str], ...]:
    """people whose name contains `name`, each with the account's login name."""
    rows = work.execute(
        select(*_PERSON, login.c.name.label("login_name"))
        .select_from(person.outerjoin(login, login.c.person_id == person.c.id))
        .where(person.c.name.contains(name, autoescape=True))
        .order_by(person.c.name, person.c.id)
        .limit(limit)
    )
    return tuple((Person(*row[:-1]), row[-1] or "") for row in rows)


def login_name(work: Work, person_id: int) -> str:
    """The name a person signs in with, empty without an account."""
    return work.execute(select(login.c.name).where(login.c.person_id == person_id)).scalar_one_or_none() or ""


def kinds_text(kinds: frozenset[Kind] | None) -> str | None:
    """How a delegation's kinds are stored: values in order, divided by commas; None: all kinds."""
    return None if kinds is None else ",".join(sorted(str(kind) for kind in kinds))


_DELEGATION = tuple(
    getattr(delegation.c, name)
    for name in ("id", "post_id", "deputy_id", "since", "until", "kinds", "made_at", "made_by", "revoked_at")
)


def _delegation(row: Row[Any]) -> StoredDelegation:
    kinds = None if row.kinds is None else frozenset(Kind(value) for value in row.kinds.split(","))
    held = Delegation(row.post_id, row.deputy_id, row.since, row.until, kinds)
    return StoredDelegation(row.id, held, row.made_at, row.made_by, row.revoked_at)


def delegations_of_organ(work: Work, organ_id: int, *, at: datetime) -> tuple[StoredDelegation, ...]:
    """Delegations among an organ's posts that hold at `at` or later and were not revoked."""
    d = delegation.c
    own = select(post.c.id).where(post.c.organ_id == organ_id)
    rows = work.execute(
        select(*_DELEGATION)
        .where(d.post_id.in_(own), d.until > at, or_(d.revoked_at.is_(None), d.revoked_at > at))
        .order_by(d.id)
    )
    return tuple(_delegation(row) for row in rows)


def delegations_by(work: Work, post_ids: Iterable[int], *, at: datetime) -> tuple[StoredDelegation, ...]:
    """Delegations of those posts that hold at `at`, oldest first."""
    d = delegation.c
    rows = work.execute(
        select(*_DELEGATION)
        .where(d.post_id.in_(tuple(post_ids)), d.since <= at, d.until > at)
        .where(or_(d.revoked_at.is_(None), d.revoked_at > at))
        .order_by(d.id)
    )
    return tuple(_delegation(row) for row in rows)


def delegations_around(work: Work, post_id: int) -> tuple[StoredDelegation, ...]:
    """All delegations a post ever made or was named in, newest first, at most 200."""
    d = delegation.c
    rows = work.execute(
        select(*_DELEGATION).where(or_(d.post_id == post_id, d.deputy_id == post_id)).order_by(d.id.desc()).limit(200)
    )
    return tuple(_delegation(row) for row in rows)


def delegation_by_id(work: Work, delegation_id: int) -> StoredDelegation:
    """One delegation; NotFound when absent."""
    row = work.execute(select(*_DELEGATION).where(delegation.c.id == delegation_id)).one_or_none()
    if row is None:
        raise NotFound("没有这条委托。")
    return _delegation(row)


def add_delegation(work: Work, held: Delegation, *, made_by: int) -> int:
    """Store a delegation that was checked."""
    values = {
        "post_id": held.post_id, "deputy_id": held.deputy_id, "since": held.since, "until": held.until,
        "kinds": kinds_text(held.kinds), "made_at": work.now, "made_by": made_by,
    }  # fmt: skip
    return int(work.execute(insert(delegation).values(values).returning(delegation.c.id)).scalar_one())


def revoke_delegation(work: Work, delegation_id: int) -> None:
    """End a delegation now; Stale when it was revoked before."""
    changed = work.execute(
        update(delegation)
        .where(delegation.c.id == delegation_id, delegation.c.revoked_at.is_(None))
        .values(revoked_at=work.now)
    )
    if changed.rowcount != 1:
        raise Stale("这条委托刚才已经收回。")


def lock_organ(work: Work, organ_id: int) -> None:
    """Let one change of an organ's posts or delegations happen at a time."""
    work.execute(select(organ.c.id).where(organ.c.id == organ_id).with_for_update())


def insert_people(
    work: Work,
    people: Sequence[Mapping[str, object]],
    posts: Sequence[Mapping[str, object]],
    logins: Sequence[Mapping[str, object]],
) -> None:
    """Bulk rows with given ids: people first, then their posts and accounts."""
    for table, rows in ((person, people), (post, posts), (login, logins)):
        if rows:
            work.execute(insert(table), [dict(row) for row in rows])
    for table in (person, post):
        follow_sequence(work, table)
