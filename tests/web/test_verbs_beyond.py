"""Verbs beyond the outgoing paper: received papers, requests on their way, deputies, administrators, joint issue."""

import asyncio
from dataclasses import replace

from office.domain.document import Block, BlockKind, Content, Kind, Selection
from office.domain.people import Role
from office.service import drafting
from office.sign.provider import Outcome
from office.store import documents
from tests.service import steps
from tests.town import CITY, COUNTY, FINANCE, TOWN, VILLAGE, WATER
from tests.web.conftest import Client, House
from tests.web.issuing import issued
from tests.web.papers import chain_of, plain, sent_for_review
from tests.web.pressing import Page, page_of

HEAD, MAYOR, DEPUTY, HANDLER = Role.OFFICE_HEAD, Role.LEADER, Role.DEPUTY_LEADER, Role.HANDLER


async def at(client: Client, document_id: int) -> Page:
    return await page_of(client, f"/documents/{document_id}")


async def stands_at(house: House, document_id: int, purpose: str) -> str:
    current = (await chain_of(house, document_id, purpose)).chain.current
    return str(current.purpose) if current is not None else ""


def seat(house: House, role: Role, organ_id: int) -> str:
    return f"{house.people(organ_id, role).post_id},{organ_id}"


async def received(house: House, to: int = COUNTY) -> tuple[int, Client]:
    """A city notice on that organ's desk, and its clerk."""
    content = replace(steps.notice(), principals=Selection((to,)), reach=None)
    paper = await issued(house, content)
    return paper.document_id, await house.sign_in(to)


async def test_a_wrong_delivery_is_refused_before_it_is_signed_for(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, clerk = await received(house)
    page = await at(clerk, document_id)
    assert not page.offers("RETURN")  # across organs nothing is returned, it is sent back
    await page.press("RETURN_DOCUMENT", reason="REFUSED", text="应发市水利局")
    source = await house.sign_in(CITY)
    home = await page_of(source, "/")
    assert "应发市水利局" in plain(home.markup)
    assert not (await at(clerk, document_id)).offers("COMPLETE")


async def test_sent_back_at_screening_with_one_of_five_reasons(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, clerk = await received(house)
    await (await at(clerk, document_id)).press(action="/sign")
    page = await at(clerk, document_id)
    assert await stands_at(house, document_id, "INCOMING") == "REGISTER"
    assert not page.offers("RETURN")  # only the receipt is behind it
    await page.press("COMPLETE")
    page = await at(clerk, document_id)
    form = page.form("RETURN_DOCUMENT")
    assert form is not None
    assert "REFUSED" not in (form.fields["reason"].allowed or [])
    await page.press("RETURN_DOCUMENT", reason="WRITING_RULES", text="未写明时限")
    assert await stands_at(house, document_id, "INCOMING") == ""


async def test_proposed_instructed_handled_by_a_lead_and_closed(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, clerk = await received(house)
    head, leader, handler, deputy = [await house.sign_in(COUNTY, r) for r in (HEAD, MAYOR, HANDLER, DEPUTY)]
    await (await at(clerk, document_id)).press(action="/sign")
    for _ in range(2):
        await (await at(clerk, document_id)).press("COMPLETE")
    both = [seat(house, HANDLER, COUNTY), seat(house, DEPUTY, COUNTY)]
    await (await at(head, document_id)).press("COMPLETE", assign_kind="LEAD", assign_posts=both)
    await (await at(leader, document_id)).press("COMPLETE", opinion="请抓紧办理。")
    assert await stands_at(house, document_id, "INCOMING") == "HANDLE"
    assert not (await at(handler, document_id)).offers("COMPLETE")  # the lead closes after the other
    await (await at(deputy, document_id)).press("COMPLETE", opinion="已核。")
    await (await at(handler, document_id)).press("COMPLETE", opinion="已办。")
    await (await at(clerk, document_id)).press("COMPLETE")
    assert await stands_at(house, document_id, "INCOMING") == ""


async def test_a_pool_is_claimed_by_one_of_those_assigned(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, clerk = await received(house)
    head, leader, handler, deputy = [await house.sign_in(COUNTY, r) for r in (HEAD, MAYOR, HANDLER, DEPUTY)]
    await (await at(clerk, document_id)).press(action="/sign")
    for _ in range(2):
        await (await at(clerk, document_id)).press("COMPLETE")
    both = [seat(house, HANDLER, COUNTY), seat(house, DEPUTY, COUNTY)]
    await (await at(head, document_id)).press("COMPLETE", assign_kind="POOL", assign_posts=both)
    await (await at(leader, document_id)).press("COMPLETE")
    assert not (await at(deputy, document_id)).offers("REMOVE_SIGNER")  # a pool needs no removing
    await (await at(deputy, document_id)).press("CLAIM")
    assert not (await at(handler, document_id)).offers("COMPLETE")
    await (await at(deputy, document_id)).press("COMPLETE")
    assert await stands_at(house, document_id, "INCOMING") == "CLOSE"


async def test_a_circulated_step_is_read_and_neither_returned_nor_handed_over(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, clerk = await received(house)
    reader = await house.sign_in(COUNTY, HANDLER)
    await (await at(clerk, document_id)).press(action="/sign")
    await (await at(clerk, document_id)).press("COMPLETE")
    readers = [seat(house, HANDLER, COUNTY)]
    await (await at(clerk, document_id)).press("COMPLETE", assign_kind="CIRCULATION", assign_posts=readers)
    page = await at(reader, document_id)
    assert not any(page.offers(verb) for verb in ("RETURN", "HAND_OVER", "SUPERVISE"))
    assert page.form("ADD_SIGNER").fields["placement"].allowed == ["BESIDE"]  # type: ignore[union-attr]
    await page.press("COMPLETE")
    assert await stands_at(house, document_id, "INCOMING") == "CLOSE"


async def climbed(house: House, amount: int) -> tuple[int, Client]:
    """A village's request on the township leader's desk."""
    db, people = house.services.db, house.people
    content = steps.request(amount_yuan=amount)
    document_id = await asyncio.to_thread(steps.issued, db, people, VILLAGE, content)
    clerk, head = await house.sign_in(TOWN), await house.sign_in(TOWN, HEAD)
    for _ in range(3):
        await (await at(clerk, document_id)).press("COMPLETE")
    await (await at(head, document_id)).press("COMPLETE", opinion="建议上报。")
    return document_id, await house.sign_in(TOWN, MAYOR)


async def test_decided_where_the_tier_is_competent(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, leader = await climbed(house, 20_000)
    page = await at(leader, document_id)
    assert not page.offers("COMPLETE")
    assert page.offers("PASS_UPWARD")
    target = await page.press("DECIDE", granted="0", opinion="今年已安排，不再批。", then="next")
    assert target == "/"
    assert await stands_at(house, document_id, "REQUEST") == "RESPOND"
    home = await page_of(leader, "/")
    assert "已批复" in plain(home.markup)


async def test_beyond_its_competence_it_can_only_be_passed_upward(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, leader = await climbed(house, 680_000)
    page = await at(leader, document_id)
    assert not page.offers("DECIDE")
    deputy = await house.sign_in(TOWN, DEPUTY)
    await page.press("ADD_SIGNER", to=seat(house, DEPUTY, TOWN), placement="BEFORE")
    asked = await at(deputy, document_id)
    assert not any(asked.offers(verb) for verb in ("DECIDE", "PASS_UPWARD"))
    await asked.press("COMPLETE", opinion="情况属实。")
    await (await at(leader, document_id)).press("PASS_UPWARD", opinion="情况属实，缺口超出本级权限。", then="next")
    current = (await chain_of(house, document_id, "REQUEST")).chain.current
    assert current is not None
    assert (current.purpose, current.organ_id) == ("RECEIVE", COUNTY)
    county = await house.sign_in(COUNTY)
    await (await at(county, document_id)).press("RETURN_DOCUMENT", reason="OTHER", text="请附预算")
    assert await stands_at(house, document_id, "REQUEST") == "DRAFT"


async def test_a_deputy_acts_and_it_is_shown(sqlite_house: House) -> None:
    house = sqlite_house
    mayor, deputy = await house.sign_in(CITY, MAYOR), await house.sign_in(CITY, DEPUTY)
    page = await page_of(mayor, "/delegations")
    stand_in = str(house.people(CITY, DEPUTY).post_id)
    await page.press(action="/delegations", deputy=stand_in, scope="some", kinds=["通知"])
    document_id = await sent_for_review(house)
    head = await house.sign_in(CITY, HEAD)
    await (await at(head, document_id)).press("COMPLETE")
    waiting = plain((await at(head, document_id)).markup)
    assert f"由 {house.people(CITY, DEPUTY).person_name} 代" in waiting
    await (await at(deputy, document_id)).press("COMPLETE", opinion="代签。")
    shown = (await at(mayor, document_id)).markup
    assert '<span class="tag">代</span>' in shown
    page = await page_of(mayor, "/delegations")
    assert NOTICE_TITLE in plain(page.markup)
    await page.press(action="/revoke")
    assert (await page_of(mayor, "/delegations")).form(action="/revoke") is None


NOTICE_TITLE = "咸阳市人民政府关于做好冬季取暖安全工作的通知"


async def test_after_its_revocation_a_delegation_gives_no_act(sqlite_house: House) -> None:
    house = sqlite_house
    mayor, deputy = await house.sign_in(CITY, MAYOR), await house.sign_in(CITY, DEPUTY)
    stand_in = str(house.people(CITY, DEPUTY).post_id)
    page = await page_of(mayor, "/delegations")
    await page.press(action="/delegations", deputy=stand_in)
    document_id = await sent_for_review(house)
    await (await at(await house.sign_in(CITY, HEAD), document_id)).press("COMPLETE")
    assert (await at(deputy, document_id)).offers("COMPLETE")
    await (await page_of(mayor, "/delegations")).press(action="/revoke")
    answer = await deputy.get(f"/documents/{document_id}")
    assert answer.status == 404 or 'id="agree"' not in await answer.text()
    await (await at(mayor, document_id)).press("COMPLETE")


async def test_the_administrator_moves_a_task_and_jumps(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    admin, deputy = await house.sign_in(CITY, Role.SYSTEM_ADMIN), await house.sign_in(CITY, DEPUTY)
    assert (await admin.get(f"/documents/{document_id}")).status == 404
    stored = await chain_of(house, document_id)
    seats = {"seat_id": str(stored.chain.open_seats()[0][1].id)}
    page = await page_of(admin, f"/admin/chains?q={document_id}")
    to = str(house.people(CITY, DEPUTY).post_id)
    await page.press("", seats, action="/move", to=to, reason="调离")
    await (await at(deputy, document_id)).press("COMPLETE")
    review = next(str(s.id) for s in stored.chain.steps if s.purpose == "REVIEW")
    page = await page_of(admin, f"/admin/chains?q={document_id}")
    await page.press("", {"to_step": review}, action="/jump", reason="审核有误")
    assert await stands_at(house, document_id, "OUTGOING") == "REVIEW"
    handler = await house.sign_in(CITY, HANDLER)
    assert (await handler.get(f"/admin/chains?q={document_id}")).status in (403, 404)


async def test_an_issued_paper_is_revoked_and_its_copies_say_so(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, county = await received(house)
    assert (await at(county, document_id)).form(action="/void") is None
    leader = await house.sign_in(CITY, MAYOR)
    await (await at(leader, document_id)).press(action="/void", revoked="1", reason="依据已变")
    copy = await at(county, document_id)
    assert "此文已撤销，自始无效" in plain(copy.markup)
    assert not copy.offers("COMPLETE")


async def test_two_bureaus_issue_together(sqlite_house: House) -> None:
    house = sqlite_house
    clerk, head = await house.sign_in(WATER), await house.sign_in(WATER, HEAD)
    body = (Block(BlockKind.PARAGRAPH, "现就冬灌资金管理有关事项通知如下。"),)
    principals = Selection((COUNTY,))
    title = "咸阳市水利局 咸阳市财政局关于加强冬灌资金管理的通知"
    content = Content(Kind.NOTICE, title, "兴平市人民政府", body, principals=principals)
    start = drafting.StartDraft(content)
    document_id = await house.services.db.write(drafting.start, start, house.people(WATER))
    page = await page_of(clerk, f"/documents/{document_id}/send")
    assert str(CITY) not in (page.form(action="/send").fields["joint"].allowed or [])  # type: ignore[union-attr]
    await page.press(action="/send", joint=[str(FINANCE)])
    await (await at(head, document_id)).press("COMPLETE")
    first, second = await house.sign_in(FINANCE, MAYOR), await house.sign_in(WATER, MAYOR)
    await (await at(second, document_id)).press("COMPLETE")
    assert await stands_at(house, document_id, "OUTGOING") == "SIGN_OFF"  # both heads sign (条例22)
    await (await at(first, document_id)).press("COMPLETE")
    found = await house.services.db.read(documents.load, document_id)
    assert found.signatory_post_id == house.people(WATER, MAYOR).post_id
    await (await at(clerk, document_id)).press("COMPLETE")
    for step in ("number", "seal", "release", "dispatch"):
        await (await at(clerk, document_id)).press(action=f"/{step}")
    pdf = await (await clerk.get(f"/documents/{document_id}/paper.pdf")).read()
    verdict = await asyncio.to_thread(house.services.provider.verify, pdf)
    assert verdict.outcome is Outcome.GENUINE, verdict
    assert [seal.title for seal in verdict.seals] == ["咸阳市水利局", "咸阳市财政局"]


async def test_after_the_last_of_many_one_is_back_at_today(sqlite_house: House) -> None:
    house = sqlite_house
    first, second = await sent_for_review(house), await sent_for_review(house)
    head = await house.sign_in(CITY, HEAD)
    page = await at(head, first)
    assert "请抓紧办理。" in page.markup
    assert await page.press("COMPLETE", then="next") == f"/documents/{second}"
    assert await (await at(head, second)).press("COMPLETE", then="next") == "/"
    home = await page_of(head, "/")
    assert "已办，到下一步：签发" in plain(home.markup)
    await home.press("TAKE_BACK")
    assert await stands_at(house, second, "OUTGOING") == "REVIEW"
