"""登录: sessions end by themselves, follow the post, and five wrong passwords let an account rest."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from office.domain.errors import Invalid, NotFound
from office.domain.people import Role
from office.service import signing_in
from office.service.signing_in import IDLE, LOCKED_FOR, LONGEST, MOST_FAILURES, MOST_SESSIONS, OpenCommand
from office.store import history
from office.store.database import Database
from office.store.tables import login, person, post
from tests.conftest import Clock
from tests.town import VILLAGE, Town


@pytest.fixture
def clerk(db: Database, town: Town) -> int:
    """The village's clerk with an account; his person."""
    who = town(VILLAGE).person_id
    row = {"person_id": who, "name": "cun-wenshu", "password_hash": "hash"}
    db.write_now(lambda work: work.execute(insert(login).values(row)).rowcount)
    return who


def opened(db: Database, who: int, token: str = "t") -> str:
    """A session; returns the hash of its token."""
    held = token.ljust(64, "0")
    db.write_now(signing_in.open_session, OpenCommand(who, held, "csrf", "10.0.0.1", "phone"))
    return held


def test_a_session_says_who_where_and_as_what(db: Database, town: Town, clerk: int) -> None:
    found = db.read_now(signing_in.find_session, opened(db, clerk))
    assert found is not None
    assert (found.actor, found.person_id) == (town(VILLAGE), clerk)
    assert (found.organ_name, found.is_village, found.csrf, found.must_change) == ("张里村", True, "csrf", False)
    assert db.read_now(signing_in.find_session, "x" * 64) is None
    assert [row.kind for row in db.read_now(history.of_person, clerk)] == ["LOGIN"]


def test_it_ends_when_idle_and_at_the_latest_after_twelve_hours(db: Database, clerk: int, clock: Clock) -> None:
    idle = opened(db, clerk, "a")
    clock.now += IDLE - timedelta(microseconds=1)
    assert db.read_now(signing_in.find_session, idle) is not None
    clock.pass_(microseconds=1)
    assert db.read_now(signing_in.find_session, idle) is None
    used = opened(db, clerk, "b")
    until = clock.now + LONGEST
    while clock.now + timedelta(minutes=20) < until:
        clock.pass_(minutes=20)
        db.write_now(signing_in.touch, used)
        assert db.read_now(signing_in.find_session, used) is not None
    clock.now = until
    db.write_now(signing_in.touch, used)
    assert db.read_now(signing_in.find_session, used) is None
    assert db.read_now(signing_in.still_open, (used,)) == frozenset()
    assert db.write_now(signing_in.forget_old) == 1


def test_it_ends_with_the_post_and_with_the_account(db: Database, town: Town, clerk: int) -> None:
    token = opened(db, clerk)
    mine = post.c.id == town(VILLAGE).post_id
    db.write_now(lambda work: work.execute(update(post).where(mine).values(person_id=None)).rowcount)
    assert db.read_now(signing_in.find_session, token) is None
    with pytest.raises(Invalid, match="没有岗位"):
        opened(db, clerk, "u")
    db.write_now(lambda work: work.execute(update(post).where(mine).values(person_id=clerk)).rowcount)
    assert db.read_now(signing_in.find_session, token) is not None
    db.write_now(lambda work: work.execute(update(person).where(person.c.id == clerk).values(active=False)).rowcount)
    assert db.read_now(signing_in.find_session, token) is None
    assert db.read_now(signing_in.find_account, "cun-wenshu") is None


def test_five_wrong_passwords_let_the_account_rest(db: Database, clerk: int, clock: Clock) -> None:
    for i in range(MOST_FAILURES):
        account = db.read_now(signing_in.find_account, "cun-wenshu")
        assert account is not None
        assert account.locked_until is None, i
        db.write_now(signing_in.failed, clerk, "10.0.0.1")
    account = db.read_now(signing_in.find_account, "cun-wenshu")
    assert account is not None
    assert account.locked_until == clock.now + LOCKED_FOR
    clock.now += LOCKED_FOR
    db.write_now(signing_in.failed, clerk, "10.0.0.1")
    account = db.read_now(signing_in.find_account, "cun-wenshu")
    assert account is not None
    assert account.locked_until is None  # counting begins anew
    opened(db, clerk)
    kinds = [row.kind for row in db.read_now(history.of_person, clerk)]
    assert kinds == ["LOGIN", *["LOGIN_FAILED"] * (MOST_FAILURES + 1)]


def test_a_lost_phone_is_signed_out_from_elsewhere(db: Database, town: Town, clerk: int, clock: Clock) -> None:
    tokens = []
    for i in range(3):
        tokens.append(opened(db, clerk, str(i)))
        clock.pass_(seconds=1)
    devices = db.read_now(signing_in.devices, town(VILLAGE), tokens[0])
    assert [d.current for d in devices] == [False, False, True]
    assert db.write_now(signing_in.close_all, town(VILLAGE), but=tokens[0]) == 2
    assert db.read_now(signing_in.still_open, tuple(tokens)) == {tokens[0]}
    db.write_now(signing_in.close, tokens[0], town(VILLAGE))
    assert db.read_now(signing_in.find_session, tokens[0]) is None


def test_a_person_has_few_sessions_and_the_oldest_ends(db: Database, town: Town, clerk: int, clock: Clock) -> None:
    tokens = []
    for i in range(MOST_SESSIONS + 2):
        tokens.append(opened(db, clerk, f"n{i:02}"))
        clock.pass_(seconds=1)
    assert db.read_now(signing_in.still_open, tuple(tokens)) == frozenset(tokens[2:])
    assert len(db.read_now(signing_in.devices, town(VILLAGE), tokens[-1])) == MOST_SESSIONS


def test_a_changed_password_ends_the_other_sessions(db: Database, town: Town, clerk: int) -> None:
    here, there = opened(db, clerk, "a"), opened(db, clerk, "b")
    db.write_now(signing_in.change_password, signing_in.NewPassword("other", here), town(VILLAGE))
    assert db.read_now(signing_in.still_open, (here, there)) == {here}
    assert db.read_now(signing_in.account_of, clerk) == ("cun-wenshu", "other")
    with pytest.raises(NotFound):
        db.read_now(signing_in.account_of, town(VILLAGE, Role.LEADER).person_id)


def test_one_goes_on_only_in_a_post_of_ones_own(db: Database, town: Town, clerk: int) -> None:
    token = opened(db, clerk)
    leader = town(VILLAGE, Role.LEADER)
    with pytest.raises(NotFound, match="不是您的岗位"):
        db.write_now(signing_in.switch_post, token, leader.post_id, town(VILLAGE))
    whose = update(post).where(post.c.id == leader.post_id).values(person_id=clerk)
    db.write_now(lambda work: work.execute(whose).rowcount)
    db.write_now(signing_in.switch_post, token, leader.post_id, town(VILLAGE))
    found = db.read_now(signing_in.find_session, token)
    assert found is not None
    assert (found.actor.post_id, found.actor.role) == (leader.post_id, Role.LEADER)


def test_how_it_looks_is_kept_with_the_person(db: Database, town: Town, clerk: int) -> None:
    token = opened(db, clerk)
    db.write_now(signing_in.set_elder, town(VILLAGE), elder=True)
    db.write_now(signing_in.set_theme, "dark", town(VILLAGE))
    found = db.read_now(signing_in.find_session, token)
    assert found is not None
    assert (found.elder, found.theme) == (True, "dark")
    with pytest.raises(Invalid):
        db.write_now(signing_in.set_theme, "pink", town(VILLAGE))
    assert db.read_now(signing_in.find_account, "nobody") is None
