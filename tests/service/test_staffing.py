"""Who comes, who leaves, who may arrange it: nothing is left behind, and the three administrators are three."""

import pytest
from sqlalchemy import select

from office.domain import commands as verbs
from office.domain.commands import ReturnReason
from office.domain.document import Selection
from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.people import ADMIN_ROLES, Actor, Role
from office.service import approvals, delegation, exchange, outgoing, reading, reassigning, signing_in, staffing
from office.service.staffing import CreateAccount, CreatePost, FillPost, VacatePost
from office.store import history, people
from office.store.database import Database
from office.store.tables import session
from tests.service.steps import act, chain_of, do, draft, issued, notice, open_tasks, receipt_of, signed
from tests.town import CITY, TOWN, VILLAGE, WATER, Town, seat


@pytest.fixture
def security(db: Database, town: Town) -> Actor:
    return db.write_now(seat, CITY, Role.SECURITY_ADMIN, "安全管理员")


def account(db: Database, admin: Actor, name: str = "new-one") -> int:
    """A new person with an account."""
    return db.write_now(staffing.create_account, CreateAccount("新来的人", name, "hash"), admin)


def test_handing_over_moves_every_open_task_and_then_one_may_leave(db: Database, town: Town) -> None:
    clerk, handler, admin = town(CITY), town(CITY, Role.HANDLER), town(CITY, Role.SYSTEM_ADMIN)
    waiting = {signed(db, town) for _ in range(3)}
    out = issued(db, town)
    back = verbs.ReturnDocument(0, ReturnReason.NOT_OURS, "")
    asked = exchange.ActOnReceipt(receipt_of(db, out, TOWN).id, back)
    db.write_now(exchange.act_on_receipt, asked, town(TOWN))
    incoming = issued(db, town, WATER, notice(principals=Selection((CITY,))))
    for_clerk = {*waiting, out, incoming}
    rows = db.read_now(reading.tasks, clerk, reading=False).rows
    assert {row.document_id for row in rows} == for_clerk
    with pytest.raises(WrongStage, match="还有 5 件没办完") as refusal:
        db.write_now(staffing.vacate_post, VacatePost(clerk.post_id), admin)
    assert refusal.value.fix == "移交"
    command = approvals.ReassignAll(clerk.post_id, handler.post_id, "调走")
    assert db.write_now(reassigning.hand_over, command, admin) == len(for_clerk)
    assert {row.document_id for row in db.read_now(reading.tasks, handler, reading=False).rows} == for_clerk
    assert clerk.post_id not in {post for post, _ in open_tasks(db)}
    db.write_now(staffing.vacate_post, VacatePost(clerk.post_id), admin)
    assert db.read_now(people.post_by_id, clerk.post_id).person_id is None
    act(db, min(waiting), handler)  # and what was handed over can be done


def test_tasks_go_only_to_a_post_of_the_same_organ_by_the_administrator(db: Database, town: Town) -> None:
    signed(db, town)
    clerk, admin = town(CITY), town(CITY, Role.SYSTEM_ADMIN)
    elsewhere = approvals.ReassignAll(clerk.post_id, town(WATER).post_id, "调走")
    with pytest.raises(Invalid, match="同一单位"):
        db.write_now(reassigning.hand_over, elsewhere, admin)
    here = approvals.ReassignAll(clerk.post_id, town(CITY, Role.HANDLER).post_id, "调走")
    with pytest.raises(NotPermitted):
        db.write_now(reassigning.hand_over, here, town(CITY, Role.LEADER))


def test_a_copy_to_read_and_work_for_another_hold_nobody_back(db: Database, town: Town) -> None:
    document_id = signed(db, town)
    handler, admin = town(CITY, Role.HANDLER), town(CITY, Role.SYSTEM_ADMIN)
    stored = chain_of(db, document_id)
    do(db, stored, verbs.Circulate(((handler.post_id, CITY),), "供参考"), town(CITY))
    assert db.read_now(reading.count_open, handler, reading=True) == 1
    db.write_now(staffing.vacate_post, VacatePost(handler.post_id), admin)
    newcomer = account(db, admin)
    db.write_now(staffing.fill_post, FillPost(handler.post_id, newcomer), admin)
    successor = Actor(newcomer, handler.post_id, CITY, Role.HANDLER)
    assert db.read_now(reading.count_open, successor, reading=True) == 1  # the copy waits for whoever comes


def test_leaving_ends_sessions_and_delegations(db: Database, town: Town, security: Actor) -> None:
    deputy, mayor = town(CITY, Role.DEPUTY_LEADER), town(CITY, Role.LEADER)
    until = db.now() + delegation.LONGEST
    db.write_now(delegation.create, delegation.CreateDelegation(deputy.post_id, db.now(), until), mayor)
    opened = signing_in.OpenCommand(deputy.person_id, "t" * 64, "csrf", "10.0.0.1", "phone")
    db.write_now(signing_in.open_session, opened)
    db.write_now(staffing.vacate_post, VacatePost(deputy.post_id), town(CITY, Role.SYSTEM_ADMIN))
    assert db.read_now(lambda work: work.execute(select(session.c.token_hash)).all()) == []
    assert db.read_now(delegation.mine, mayor)[0].state is delegation.DelegationState.REVOKED
    assert db.read_now(signing_in.find_session, "t" * 64) is None


def test_the_three_administrators_stay_apart(db: Database, town: Town, security: Actor) -> None:
    system = town(CITY, Role.SYSTEM_ADMIN)
    posts = {
        role: db.write_now(staffing.create_post, CreatePost(CITY, f"第二{role}", role), security)
        for role in ADMIN_ROLES
    }
    newcomer = account(db, system)
    for role in ADMIN_ROLES:
        with pytest.raises(NotPermitted, match="安全管理员安排"):
            db.write_now(staffing.create_post, CreatePost(CITY, "又一个", role), system)
        with pytest.raises(NotPermitted, match="安全管理员安排"):
            db.write_now(staffing.fill_post, FillPost(posts[role], newcomer), system)
    with pytest.raises(NotPermitted, match="系统管理员安排"):
        db.write_now(staffing.create_post, CreatePost(CITY, "文秘二", Role.CLERK), security)
    db.write_now(staffing.fill_post, FillPost(posts[Role.AUDITOR], newcomer), security)
    for role in ADMIN_ROLES - {Role.AUDITOR}:
        with pytest.raises(Invalid, match="只能专任"):
            db.write_now(staffing.fill_post, FillPost(posts[role], newcomer), security)
    office = db.write_now(staffing.create_post, CreatePost(CITY, "文秘二", Role.CLERK), system)
    with pytest.raises(Invalid, match="不能再办文件"):
        db.write_now(staffing.fill_post, FillPost(office, newcomer), system)
    with pytest.raises(Invalid, match="只能专任"):
        db.write_now(staffing.fill_post, FillPost(posts[Role.SYSTEM_ADMIN], town(CITY).person_id), security)


def test_nobody_else_arranges_people_and_nobody_himself(db: Database, town: Town, security: Actor) -> None:
    system = town(CITY, Role.SYSTEM_ADMIN)
    for actor in (town(CITY), town(CITY, Role.LEADER), security):
        with pytest.raises(NotPermitted):
            account(db, actor, "another")
    with pytest.raises(NotPermitted):
        db.read_now(staffing.find, "村", town(CITY, Role.LEADER))
    with pytest.raises((NotPermitted, Invalid)):
        db.write_now(staffing.reset_password, system.person_id, "hash", system)
    with pytest.raises((NotPermitted, Invalid)):
        db.write_now(staffing.disable_account, system.person_id, system)


def test_an_account_is_disabled_only_when_its_person_left(db: Database, town: Town) -> None:
    system, village = town(CITY, Role.SYSTEM_ADMIN), town(VILLAGE)
    with pytest.raises(WrongStage, match="还在岗"):
        db.write_now(staffing.disable_account, village.person_id, system)
    with pytest.raises(WrongStage, match="现在是"):
        db.write_now(staffing.fill_post, FillPost(village.post_id, account(db, system)), system)
    db.write_now(staffing.vacate_post, VacatePost(village.post_id), system)
    db.write_now(staffing.disable_account, village.person_id, system)
    with pytest.raises(Invalid, match="已停用"):
        db.write_now(staffing.fill_post, FillPost(village.post_id, village.person_id), system)
    db.write_now(staffing.enable_account, village.person_id, system)
    db.write_now(staffing.fill_post, FillPost(village.post_id, village.person_id), system)
    kinds = [row.kind for row in db.read_now(history.of_person, system.person_id)]
    assert kinds == [
        "POST_FILLED", "ACCOUNT_ENABLED", "ACCOUNT_DISABLED", "POST_VACATED", "ACCOUNT_CREATED",
    ]  # fmt: skip


def test_a_login_name_belongs_to_one_person(db: Database, town: Town) -> None:
    system = town(CITY, Role.SYSTEM_ADMIN)
    first = account(db, system, "li-wenshu")
    with pytest.raises(Invalid, match="已有人用"):
        account(db, system, " LI-wenshu")
    for bad in ("ab", "有中文", "-first", "a" * 40):
        with pytest.raises(Invalid):
            account(db, system, bad)
    (found,) = db.read_now(staffing.find, "新来", system)
    assert (found.person.id, found.login_name, found.posts) == (first, "li-wenshu", ())


def test_an_empty_post_is_asked_for_nothing(db: Database, town: Town) -> None:
    db.write_now(staffing.vacate_post, VacatePost(town(CITY, Role.LEADER).post_id), town(CITY, Role.SYSTEM_ADMIN))
    document_id = draft(db, notice(), town(CITY))
    with pytest.raises(Invalid, match="主要负责人"):
        db.write_now(outgoing.send_for_review, outgoing.SendForReview(document_id), town(CITY))
