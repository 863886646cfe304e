"""登录: who is asking. Server-side sessions, found by the hash of their token; passwords are checked at the edge."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, delete, insert, select, update

from office.domain.errors import Invalid, NotFound
from office.domain.organs import Level, OrganKind
from office.domain.people import Actor, Role
from office.service.approvals import by
from office.store import history, people
from office.store.tables import login, organ, person, post, session
from office.store.work import Work

IDLE = timedelta(minutes=30)  # GB/T 22239-2019, third level: idle sessions end
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # how exactly the last use is kept
MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
MOST_SESSIONS = 10  # of one person; the oldest ends


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the edge needs it to check a password."""

    person_id: int
    person_name: str
    password_hash: str
    must_change: bool
    locked_until: datetime | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that holds now, with all that a page says about its person."""

    token_hash: str
    csrf: str
    actor: Actor
    organ_name: str
    organ_level: Level
    organ_kind: OrganKind
    elder: bool
    theme: str
    must_change: bool
    seen: datetime
    expires: datetime

    @property
    def person_id(self) -> int:
        """Whose it is."""
        return self.actor.person_id

    @property
    def is_village(self) -> bool:
        """Whether the person sits in a village, which has a home page of its own."""
        return self.organ_level is Level.VILLAGE


def find_account(work: Work, name: str) -> Account | None:
    """The account of a login name; None when there is none, it was disabled, or it has no password yet."""
    row = work.execute(
        select(person.c.id, person.c.name, login.c.password_hash, login.c.must_change, login.c.locked_until)
        .join(person, person.c.id == login.c.person_id)
        .where(login.c.name == name, person.c.active.is_(True), login.c.password_hash != "")
    ).one_or_none()
    return Account(*row) if row else None


def account_of(work: Work, person_id: int) -> tuple[str, str]:
    """(login name, password hash) of a person; NotFound without an account."""
    row = work.execute(select(login.c.name, login.c.password_hash).where(login.c.person_id == person_id)).one_or_none()
    if row is None:
        raise NotFound("这个人还没有账号。")
    return row[0], row[1]


def failed(work: Work, person_id: int, address: str) -> None:
    """A wrong password: counted; after five the account rests for 15 minutes."""
    row = work.execute(select(login.c.failures, login.c.locked_until).where(login.c.person_id == person_id)).one()
    over = row.locked_until is not None and row.locked_until <= work.now
    failures = 1 if over else row.failures + 1
    locked = work.now + LOCKED_FOR if failures >= MOST_FAILURES else None
    changed = update(login).where(login.c.person_id == person_id)
    work.execute(changed.values(failures=failures, locked_until=locked))
    _record(work, "LOGIN_FAILED", person_id, {"address": address, "locked": locked is not None})


@dataclass(frozen=True, slots=True)
class OpenCommand:
    """A checked person comes in. `post_id` None: the first post held."""

    person_id: int
    token_hash: str
    csrf: str
    address: str
    agent: str
    post_id: int | None = None


def open_session(work: Work, command: OpenCommand) -> None:
    """A new session; the failures are forgotten. Invalid when the person holds no post."""
    held = people.posts_held(work, command.person_id)
    chosen = [p for p in held if command.post_id in (None, p.id)]
    if not chosen:
        raise Invalid("您的账号现在没有岗位，进不来。请联系本单位管理员安排岗位。")
    work.execute(update(login).where(login.c.person_id == command.person_id).values(failures=0, locked_until=None))
    _make_room(work, command.person_id)
    work.execute(
        insert(session).values(
            token_hash=command.token_hash, person_id=command.person_id, post_id=chosen[0].id, csrf=command.csrf,
            created=work.now, seen=work.now, expires=work.now + LONGEST, address=command.address[:64],
            agent=command.agent[:200],
        )
    )  # fmt: skip
    _record(work, "LOGIN", command.person_id, {"address": command.address}, organ_id=chosen[0].organ_id)


def _make_room(work: Work, person_id: int) -> None:
    s = session.c
    work.execute(delete(session).where(s.person_id == person_id, (s.expires <= work.now) | (s.seen <= work.now - IDLE)))
    newest = select(s.token_hash).where(s.person_id == person_id).order_by(s.created.desc()).limit(MOST_SESSIONS - 1)
    kept = [row[0] for row in work.execute(newest)]
    work.execute(delete(session).where(s.person_id == person_id, s.token_hash.not_in(kept)))


def _record(work: Work, kind: str, person_id: int, body: dict[str, object], organ_id: int | None = None) -> None:
    if organ_id is None:
        held = people.posts_held(work, person_id)
        organ_id = held[0].organ_id if held else 0
    work_by = history.By(organ_id, person_id, None, None)
    history.record(work, history.Entry(kind=kind, by=work_by, body=[body]))


_SESSION = (
    select(
        session.c.token_hash, session.c.csrf, session.c.seen, session.c.expires, person.c.id, person.c.name,
        person.c.theme, person.c.elder, post.c.id.label("post_id"), post.c.name.label("post_name"), post.c.role,
        organ.c.id.label("organ_id"), organ.c.name.label("organ_name"), organ.c.level, organ.c.kind,
        case((login.c.must_change.is_(True), 1), else_=0).label("must_change"),
    )
    .join(person, person.c.id == session.c.person_id)
    .join(login, login.c.person_id == person.c.id)
    .join(post, (post.c.id == session.c.post_id) & (post.c.person_id == person.c.id))
    .join(organ, organ.c.id == post.c.organ_id)
    .where(person.c.active.is_(True))
)  # fmt: skip


def find_session(work: Work, token_hash: str) -> OpenSession | None:
    """The session of a token, None when it ended, was idle too long, or its person left the post."""
    row = work.execute(_SESSION.where(session.c.token_hash == token_hash)).one_or_none()
    if row is None or row.expires <= work.now or row.seen <= work.now - IDLE:
        return None
    acting = Actor(row.id, row.post_id, row.organ_id, Role(row.role), row.name, row.post_name)
    return OpenSession(
        row.token_hash, row.csrf, acting, row.organ_name, Level(row.level), OrganKind(row.kind), bool(row.elder),
        row.theme, bool(row.must_change), row.seen, row.expires,
    )  # fmt: skip


def still_open(work: Work, token_hashes: tuple[str, ...]) -> frozenset[str]:
    """Which of those sessions still hold: what the sockets ask every few seconds."""
    s = session.c
    rows = work.execute(
        select(s.token_hash)
        .join(person, person.c.id == s.person_id)
        .where(s.token_hash.in_(token_hashes), s.expires > work.now, person.c.active.is_(True))
    )
    return frozenset(row[0] for row in rows)


def touch(work: Work, token_hash: str) -> None:
    """The session was used now."""
    work.execute(update(session).where(session.c.token_hash == token_hash).values(seen=work.now))


def close(work: Work, token_hash: str, actor: Actor) -> None:
    """登出."""
    work.execute(delete(session).where(session.c.token_hash == token_hash))
    history.record(work, history.Entry(kind="LOGOUT", by=by(actor), body=[]))


def close_all(work: Work, actor: Actor, *, but: str = "") -> int:
    """End the person's other sessions: a phone was lost. Returns how many ended."""
    s = session.c
    ended = work.execute(delete(session).where(s.person_id == actor.person_id, s.token_hash != but)).rowcount
    history.record(work, history.Entry(kind="SESSIONS_CLOSED", by=by(actor), body=[{"ended": ended}]))
    return ended


@dataclass(frozen=True, slots=True)
class Device:
    """An open session as its owner sees it."""

    agent: str
    address: str
    created: datetime
    seen: datetime
    current: bool


def devices(work: Work, actor: Actor, token_hash: str) -> tuple[Device, ...]:
    """Where the person is signed in, the last used first."""
    s = session.c
    rows = work.execute(
        select(s.agent, s.address, s.created, s.seen, s.token_hash)
        .where(s.person_id == actor.person_id, s.expires > work.now)
        .order_by(s.seen.desc())
    )
    return tuple(Device(r[0], r[1], r[2], r[3], r[4] == token_hash) for r in rows)


def switch_post(work: Work, token_hash: str, post_id: int, actor: Actor) -> None:
    """Go on in another of one's own posts."""
    if post_id not in {p.id for p in people.posts_held(work, actor.person_id)}:
        raise NotFound("这不是您的岗位。")
    work.execute(update(session).where(session.c.token_hash == token_hash).values(post_id=post_id))


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A changed password, already hashed at the edge; other sessions end."""

    password_hash: str
    token_hash: str


def change_password(work: Work, command: NewPassword, actor: Actor) -> None:
    """Store the new hash; the session goes on, all others end."""
    values = {"password_hash": command.password_hash, "must_change": False, "failures": 0, "changed_at": work.now}
    work.execute(update(login).where(login.c.person_id == actor.person_id).values(values))
    s = session.c
    work.execute(delete(session).where(s.person_id == actor.person_id, s.token_hash != command.token_hash))
    history.record(work, history.Entry(kind="PASSWORD_CHANGED", by=by(actor), body=[]))


def set_elder(work: Work, actor: Actor, *, elder: bool) -> None:
    """适老, kept with the person."""
    work.execute(update(person).where(person.c.id == actor.person_id).values(elder=elder))


def set_theme(work: Work, theme: str, actor: Actor) -> None:
    """Light, dark, or as the system has it ("")."""
    if theme not in ("", "light", "dark"):
        raise Invalid("没有这种显示方式。")
    work.execute(update(person).where(person.c.id == actor.person_id).values(theme=theme))


def forget_old(work: Work) -> int:
    """Drop sessions that ended; returns how many."""
    s = session.c
    return work.execute(delete(session).where((s.expires <= work.now) | (s.seen <= work.now - IDLE))).rowcount
