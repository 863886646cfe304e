"""Accounts, posts, hand-over and delegation from the pages: what administrators may do, and what they never see."""

from datetime import timedelta

from office.domain.people import Role
from office.service import reading
from office.store import chains, history
from office.store.tables import refused_file
from office.store.work import LOCAL, Work
from tests.town import CITY, COUNTY, WATER
from tests.web.conftest import Client, House
from tests.web.issuing import TITLE, issued, notice, start
from web import passwords


async def text_of(client: Client, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status == status
    return await answer.text()


async def send(client: Client, path: str, **fields: object) -> str:
    answer = await client.post(path, data={k: str(v) for k, v in fields.items()}, allow_redirects=False)
    assert answer.status in (200, 303), await answer.text()
    return await answer.text()


def one_time(page: str) -> str:
    return page.split("<code>")[1].split("</code>")[0]


async def test_a_new_person_gets_an_account_a_post_and_comes_in(house: House) -> None:
    admin = await house.sign_in(CITY, Role.SYSTEM_ADMIN)
    page = await send(admin, "/admin/people", name="王新来", login_name="wang.xl")
    password = one_time(page)
    passwords.check_new(password, "wang.xl")
    found = await text_of(admin, "/admin?q=王新来")
    person_id = found.split("/admin/people/")[2].split('"')[0]
    assert password not in found + await text_of(admin, f"/admin/people/{person_id}")
    await send(admin, f"/admin/organs/{WATER}/posts", name="防汛科干事", role=Role.HANDLER)
    organ = await text_of(admin, f"/admin/organs/{WATER}")
    post_id = organ.split("防汛科干事")[0].split("/admin/posts/")[-1].split('"')[0]
    assert "王新来" in await text_of(admin, f"/admin/posts/{post_id}?q=新来")
    await send(admin, f"/admin/posts/{post_id}/fill", person_id=person_id)
    client = await house.outside()
    fields = {"name": "wang.xl", "password": password}
    answer = await client.post("/login", data=fields, headers=house.origin, allow_redirects=False)
    assert answer.status == 303
    answer = await client.get("/", allow_redirects=False)
    assert answer.headers["Location"] == "/me/password"
    page = await send(admin, f"/admin/people/{person_id}/password")
    assert one_time(page) != password
    assert (await client.get("/", allow_redirects=False)).headers["Location"] == "/login"


async def test_who_has_open_tasks_hands_over_before_leaving(house: House) -> None:
    people, db = house.people, house.services.db
    head, clerk = people(CITY, Role.OFFICE_HEAD), people(CITY)
    await db.write(start, notice(), clerk)
    admin = await house.sign_in(CITY, Role.SYSTEM_ADMIN)
    answer = await admin.post(f"/admin/posts/{head.post_id}/vacate")
    assert answer.status == 409
    assert "请先移交" in await answer.text()
    page = await text_of(admin, f"/admin/posts/{head.post_id}/handover")
    deputy = people(CITY, Role.DEPUTY_LEADER)
    assert f'value="{deputy.post_id}"' in page
    await send(admin, f"/admin/posts/{head.post_id}/handover", to=deputy.post_id, reason="调离")
    assert (await db.read(reading.inbox, deputy)).todo_count == 1
    await send(admin, f"/admin/posts/{head.post_id}/vacate")
    assert "空缺" in await text_of(admin, f"/admin/posts/{head.post_id}")
    assert await db.read(lambda work: history.verify(work.connection)) is None


async def test_one_seat_moves_and_a_step_jumps_without_a_word_of_the_paper(house: House) -> None:
    people, db = house.people, house.services.db
    document_id, chain_id = await db.write(start, notice(), people(CITY))
    admin = await house.sign_in(CITY, Role.SYSTEM_ADMIN)
    page = await text_of(admin, f"/admin/chains?q={document_id}")
    assert "审核" in page
    assert TITLE not in page
    assert "冬灌" not in page
    seat = page.split('name="seat_id" value="')[1].split('"')[0]
    deputy = people(CITY, Role.DEPUTY_LEADER)
    await send(admin, f"/admin/chains/{chain_id}/move", seat_id=seat, to=deputy.post_id, reason="出差")
    assert (await db.read(reading.inbox, deputy)).todo_count == 1
    draft_step = page.split("拟稿")[1].split('name="to_step" value="')[1].split('"')[0]
    await send(admin, f"/admin/chains/{chain_id}/jump", to_step=draft_step, reason="退给拟稿人")
    assert (await db.read(reading.inbox, deputy)).todo_count == 0
    stranger = people(COUNTY)
    answer = await admin.post(
        f"/admin/chains/{chain_id}/move", data={"seat_id": seat, "to": stranger.post_id, "reason": "错"}
    )
    assert answer.status == 409


async def test_a_number_leads_to_its_chains_and_a_wrong_one_to_nothing(house: House) -> None:
    await issued(house)
    admin = await house.sign_in(CITY, Role.SYSTEM_ADMIN)
    year = house.services.db.now().astimezone(LOCAL).year
    page = await text_of(admin, f"/admin/chains?q=咸政发〔{year}〕1号")
    assert "已办完" in page
    assert TITLE not in page
    assert "没有这个文号的流程" in await text_of(admin, "/admin/chains?q=咸政发〔2026〕99号")


async def test_the_three_administrators_are_kept_apart(house: House) -> None:
    people = house.people
    system, security = people(CITY, Role.SYSTEM_ADMIN), people(CITY, Role.SECURITY_ADMIN)
    admin, guard = await house.sign_in(CITY, Role.SYSTEM_ADMIN), await house.sign_in(CITY, Role.SECURITY_ADMIN)
    answer = await admin.post(f"/admin/organs/{CITY}/posts", data={"name": "审计二", "role": Role.AUDITOR})
    assert answer.status == 403
    await send(guard, f"/admin/organs/{CITY}/posts", name="审计二", role=Role.AUDITOR)
    page = await text_of(guard, "/admin/administrators")
    post_id = page.split("审计二")[0].split("/admin/posts/")[-1].split('"')[0]
    for person_id in (system.person_id, people(CITY).person_id, security.person_id):
        answer = await guard.post(f"/admin/posts/{post_id}/fill", data={"person_id": str(person_id)})
        assert answer.status in (403, 422)
    assert (await guard.get("/admin/people/new")).status == 404
    assert (await admin.get("/admin/refused")).status == 404


async def test_refused_files_are_told_by_rule_and_fingerprint_only(sqlite_house: House) -> None:
    def refuse(work: Work) -> None:
        values = {"hash": "a1" * 32, "size": 4_096, "rule": "S01", "at": work.now - timedelta(hours=1)}
        work.execute(refused_file.insert().values(**values))

    await sqlite_house.services.db.write(refuse)
    guard = await sqlite_house.sign_in(CITY, Role.SECURITY_ADMIN)
    page = await text_of(guard, "/admin/refused")
    assert "a1" * 32 in page
    assert "S01" in page


async def test_a_deputy_is_named_acts_and_is_shown_as_such(house: House) -> None:
    people, db = house.people, house.services.db
    head, deputy = people(CITY, Role.OFFICE_HEAD), people(CITY, Role.DEPUTY_LEADER)
    client = await house.sign_in(CITY, Role.OFFICE_HEAD)
    now = db.now().astimezone(LOCAL)
    fields = {
        "deputy": deputy.post_id, "since": f"{now:%Y-%m-%dT%H:%M}",
        "until": f"{now + timedelta(days=2):%Y-%m-%dT%H:%M}", "scope": "all",
    }  # fmt: skip
    await send(client, "/delegations", **fields)
    assert "生效中" in await text_of(client, "/delegations")
    _, chain_id = await db.write(start, notice(), people(CITY))
    acting = await house.sign_in(CITY, Role.DEPUTY_LEADER)
    assert "您代办" in await text_of(acting, "/")
    seat = await db.read(_open_seat, chain_id)
    await send(acting, f"/chains/{chain_id}/act", verb="COMPLETE", seat_id=seat)
    for one in (client, acting):
        page = await text_of(one, "/delegations")
        assert f"{deputy.person_name} 代 {head.post_name}" in page
        assert TITLE in page
    delegation_id = (await text_of(client, "/delegations")).split('action="/delegations/')[1].split("/revoke")[0]
    assert (await acting.post(f"/delegations/{delegation_id}/revoke")).status == 404
    await send(client, f"/delegations/{delegation_id}/revoke")
    assert "已收回" in await text_of(client, "/delegations")
    assert (await client.post("/delegations", data={**fields, "deputy": ""})).status == 422
    answer = await client.post("/delegations", data={k: str(v) for k, v in fields.items()} | {"scope": "some"})
    assert "请至少选一种文种" in await answer.text()


def _open_seat(work: Work, chain_id: int) -> int:
    return chains.load(work, chain_id).chain.open_seats()[0][1].id
