"""Every verb of an outgoing paper, pressed where it stands on the page, and absent where it would be refused."""

import pytest

from office.domain.chain import Chain, Purpose
from office.domain.people import Role
from office.service import drafting
from tests.town import CITY, FINANCE, WATER
from tests.web.conftest import Client, House
from tests.web.papers import NOTICE, act, chain_of, plain, sent_for_review, signed_off
from tests.web.pressing import Page, page_of

HEAD, MAYOR, DEPUTY, HANDLER = Role.OFFICE_HEAD, Role.LEADER, Role.DEPUTY_LEADER, Role.HANDLER
BUREAUS = (WATER, FINANCE)


async def at(client: Client, document_id: int) -> Page:
    """The document's page."""
    return await page_of(client, f"/documents/{document_id}")


async def chain(house: House, document_id: int) -> Chain:
    return (await chain_of(house, document_id)).chain


async def stands_at(house: House, document_id: int) -> str:
    current = (await chain(house, document_id)).current
    return str(current.purpose) if current is not None else ""


def seat(house: House, role: Role, organ_id: int = CITY) -> str:
    """A person as the pickers name him."""
    post = house.people(organ_id, role)
    return f"{post.post_id},{organ_id}"


async def at_sign_off(house: House) -> tuple[int, Client]:
    """A notice on the mayor's desk, and the mayor."""
    document_id = await sent_for_review(house)
    head, mayor = await house.sign_in(CITY, HEAD), await house.sign_in(CITY, MAYOR)
    await (await at(head, document_id)).press("COMPLETE", opinion="同意。")
    return document_id, mayor


@pytest.mark.parametrize(
    ("target", "mode", "comes_back_at"),
    [
        (Purpose.DRAFT, "STRAIGHT_BACK", "SIGN_OFF"),
        (Purpose.DRAFT, "RUN_AGAIN", "REVIEW"),
        (Purpose.REVIEW, "STRAIGHT_BACK", "SIGN_OFF"),
        (Purpose.REVIEW, "RUN_AGAIN", "SIGN_OFF"),
        (None, "STRAIGHT_BACK", "SIGN_OFF"),
    ],
)
async def test_returned_to_any_step_and_back(
    sqlite_house: House, target: Purpose | None, mode: str, comes_back_at: str
) -> None:
    house = sqlite_house
    document_id, mayor = await at_sign_off(house)
    steps = (await chain(house, document_id)).steps
    to_step = next((str(s.id) for s in steps if s.purpose is target), "")
    await (await at(mayor, document_id)).press("RETURN", to_step=to_step, mode=mode, reason="表述不准，请改")
    assert await stands_at(house, document_id) == (target or Purpose.REVIEW)
    assert not (await at(mayor, document_id)).offers("COMPLETE")
    if target is Purpose.DRAFT:
        clerk = await house.sign_in(CITY)
        await (await page_of(clerk, f"/documents/{document_id}/send")).press(action="/send")
    else:
        head = await house.sign_in(CITY, HEAD)
        await (await at(head, document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == comes_back_at
    assert "表述不准，请改" in plain((await at(mayor, document_id)).markup)


async def test_withdrawn_by_the_drafter_until_somebody_acted(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    clerk, head = await house.sign_in(CITY), await house.sign_in(CITY, HEAD)
    assert not (await at(head, document_id)).offers("WITHDRAW")
    await (await at(clerk, document_id)).press("WITHDRAW")
    assert await stands_at(house, document_id) == "DRAFT"
    await (await page_of(clerk, f"/documents/{document_id}/send")).press(action="/send")
    await (await at(head, document_id)).press("COMPLETE")
    assert not (await at(clerk, document_id)).offers("WITHDRAW")
    assert await act(house, clerk, document_id, "WITHDRAW") == 409


async def test_taken_back_by_who_acted_last(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, mayor = await at_sign_off(house)
    head = await house.sign_in(CITY, HEAD)
    assert not (await at(mayor, document_id)).offers("TAKE_BACK")
    await (await at(head, document_id)).press("TAKE_BACK")
    assert await stands_at(house, document_id) == "REVIEW"
    assert "已取回" in plain((await at(head, document_id)).markup)


async def test_handed_over_within_the_organ(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head, deputy = await house.sign_in(CITY, HEAD), await house.sign_in(CITY, DEPUTY)
    page = await at(head, document_id)
    form = page.form("HAND_OVER")
    assert form is not None
    assert seat(house, Role.SYSTEM_ADMIN) not in (form.fields["to"].allowed or [])
    await page.press("HAND_OVER", to=seat(house, DEPUTY), note="出差")
    left = await at(head, document_id)
    assert not left.offers("COMPLETE")
    assert "已转办" in plain(left.markup)
    await (await at(deputy, document_id)).press("COMPLETE", verdict="TICK")
    assert await stands_at(house, document_id) == "SIGN_OFF"


async def test_a_signer_before_returns_to_who_asked_and_may_be_removed_by_him(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, mayor = await at_sign_off(house)
    deputy, handler = await house.sign_in(CITY, DEPUTY), await house.sign_in(CITY, HANDLER)
    await (await at(mayor, document_id)).press("ADD_SIGNER", to=seat(house, HANDLER), placement="BEFORE")
    waiting = await at(mayor, document_id)
    assert not waiting.offers("COMPLETE")
    assert not (await at(handler, document_id)).offers("REMOVE_SIGNER")
    await waiting.press("REMOVE_SIGNER")
    assert not (await at(handler, document_id)).offers("COMPLETE")
    await (await at(mayor, document_id)).press("ADD_SIGNER", to=seat(house, DEPUTY), placement="BEFORE")
    await (await at(deputy, document_id)).press("COMPLETE", opinion="数字已核。")
    page = await at(mayor, document_id)
    assert "数字已核。" in plain(page.markup)
    assert not page.offers("REMOVE_SIGNER")
    await page.press("COMPLETE")
    assert await stands_at(house, document_id) == "RECHECK"


async def test_a_signer_after_comes_before_the_next_step(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head, handler = await house.sign_in(CITY, HEAD), await house.sign_in(CITY, HANDLER)
    page = await at(head, document_id)
    assert page.form("ADD_SIGNER").fields["placement"].allowed == ["BEFORE", "AFTER"]  # type: ignore[union-attr]
    await page.press("ADD_SIGNER", to=seat(house, HANDLER), placement="AFTER")
    assert (await at(head, document_id)).offers("REMOVE_SIGNER")
    await (await at(head, document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "ADDED"
    await (await at(handler, document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "SIGN_OFF"


async def test_who_is_only_asked_takes_no_number(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await signed_off(house)
    clerk, handler = await house.sign_in(CITY), await house.sign_in(CITY, HANDLER)
    await (await at(clerk, document_id)).press("COMPLETE")
    await (await at(clerk, document_id)).press("ADD_SIGNER", to=seat(house, HANDLER), placement="BEFORE")
    page = await at(handler, document_id)
    assert page.form(action="/number") is None
    stored = await chain_of(house, document_id)
    answer = await handler.post(f"/chains/{stored.id}/number")
    assert answer.status == 409
    await page.press("COMPLETE", opinion="可以。")
    await (await at(clerk, document_id)).press(action="/number")
    assert await stands_at(house, document_id) == "SEAL"


async def countersigned(house: House, kind: str, **choices: str) -> tuple[int, dict[int, Client]]:
    """A notice that both bureaus are asked to countersign so, chosen on the page before sending; and their heads."""
    clerk, head = await house.sign_in(CITY), await house.sign_in(CITY, HEAD)
    start = drafting.StartDraft(NOTICE)
    document_id = await house.services.db.write(drafting.start, start, house.people(CITY))
    asked = [seat(house, MAYOR, organ) for organ in BUREAUS]
    page = await page_of(clerk, f"/documents/{document_id}/send")
    await page.press(action="/send", countersign_kind=kind, countersign=asked, **choices)
    await (await at(head, document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "COUNTERSIGN"
    return document_id, {organ: await house.sign_in(organ, MAYOR) for organ in BUREAUS}


def order(house: House, *organs: int) -> dict[str, str]:
    """The numbers written beside the bureaus."""
    return {f"order_{house.people(o, MAYOR).post_id}": str(n) for n, o in enumerate(organs, start=1)}


async def test_all_countersign_and_one_beside(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, heads = await countersigned(house, "ALL")
    page = await at(heads[WATER], document_id)
    await page.press("ADD_SIGNER", to=seat(house, HEAD, WATER), placement="BESIDE")
    beside = await house.sign_in(WATER, HEAD)
    for client in (*heads.values(), beside):
        assert await stands_at(house, document_id) == "COUNTERSIGN"
        await (await at(client, document_id)).press("COMPLETE", opinion="同意。")
    assert await stands_at(house, document_id) == "SIGN_OFF"


async def test_the_drafter_removes_a_countersigner(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, heads = await countersigned(house, "ALL")
    clerk = await house.sign_in(CITY)
    members = (await chain(house, document_id)).open_seats()
    finance = next(str(s.id) for _, s in members if s.organ_id == FINANCE)
    await (await at(clerk, document_id)).press("REMOVE_SIGNER", {"seat_id": finance})
    assert not (await at(clerk, document_id)).offers("REMOVE_SIGNER")  # never the last
    await (await at(heads[WATER], document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "SIGN_OFF"


async def test_any_one_countersigns_for_all(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, heads = await countersigned(house, "POOL")
    await (await at(heads[FINANCE], document_id)).press("CLAIM")
    assert not (await at(heads[WATER], document_id)).offers("COMPLETE")
    await (await at(heads[FINANCE], document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "SIGN_OFF"


@pytest.mark.parametrize(("quorum", "after_one"), [("half", "SIGN_OFF"), ("two_thirds", "COUNTERSIGN")])
async def test_a_quorum_countersigns(sqlite_house: House, quorum: str, after_one: str) -> None:
    house = sqlite_house
    document_id, heads = await countersigned(house, "QUORUM", quorum=quorum)
    await (await at(heads[FINANCE], document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == after_one


async def test_countersigned_in_the_order_written_beside(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, heads = await countersigned(house, "ORDERED", **order(house, FINANCE, WATER))
    stranger = await heads[WATER].get(f"/documents/{document_id}")
    assert stranger.status == 404  # his turn has not come
    await (await at(heads[FINANCE], document_id)).press("COMPLETE")
    await (await at(heads[WATER], document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "SIGN_OFF"


async def test_the_lead_closes_when_the_others_are_done(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, heads = await countersigned(house, "LEAD", **order(house, FINANCE, WATER))
    page = await at(heads[FINANCE], document_id)
    assert not page.offers("COMPLETE")
    assert "还有协办没有办完" in plain(page.markup)
    assert page.offers("REMOVE_SIGNER")
    await (await at(heads[WATER], document_id)).press("COMPLETE")
    await (await at(heads[FINANCE], document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "SIGN_OFF"


async def test_not_agreed_goes_back_to_the_drafter(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, heads = await countersigned(house, "ALL")
    await (await at(heads[FINANCE], document_id)).press("COMPLETE", verdict="DISAGREE", opinion="没有预算。")
    await (await at(heads[WATER], document_id)).press("COMPLETE")
    assert await stands_at(house, document_id) == "DRAFT"


async def test_circulated_read_reminded_and_corrected(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, mayor = await at_sign_off(house)
    head, handler, clerk = [await house.sign_in(CITY, r) for r in (HEAD, HANDLER, Role.CLERK)]
    page = await at(head, document_id)
    await page.press("CIRCULATE", posts=[seat(house, HANDLER), seat(house, DEPUTY)], reason="请了解")
    await (await at(handler, document_id)).press("MARK_READ")
    assert not (await at(handler, document_id)).offers("MARK_READ")
    await (await at(head, document_id)).press("CORRECT", text="同意，第二条请再核。")
    assert "第二条请再核" in plain((await at(mayor, document_id)).markup)
    assert not (await at(mayor, document_id)).offers("REMIND")  # it is on his own desk
    await (await at(clerk, document_id)).press("REMIND")
    assert not (await at(clerk, document_id)).offers("REMIND")
    assert await act(house, clerk, document_id, "REMIND") == 422


async def test_supervised_and_terminated_by_the_office(sqlite_house: House) -> None:
    house = sqlite_house
    document_id, mayor = await at_sign_off(house)
    handler, head = await house.sign_in(CITY, HANDLER), await house.sign_in(CITY, HEAD)
    await (await at(head, document_id)).press("CIRCULATE", posts=[seat(house, HANDLER)], reason="请了解")
    page = await at(handler, document_id)
    assert not any(page.offers(verb) for verb in ("SUPERVISE", "TERMINATE", "COMPLETE", "RETURN", "WITHDRAW"))
    due = "2037-01-01T09:00"
    await (await at(head, document_id)).press("SUPERVISE", owner=seat(house, HANDLER), due=due)
    assert (await chain(house, document_id)).supervision is not None
    await (await at(mayor, document_id)).press("TERMINATE", reason="并入另一件")
    page = await at(mayor, document_id)
    assert "此件已终止" in plain(page.markup)
    assert not any(page.offers(verb) for verb in ("COMPLETE", "TERMINATE", "REMIND", "SUPERVISE", "CIRCULATE"))


async def test_nothing_ends_what_is_signed_but_voiding(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await signed_off(house)
    clerk = await house.sign_in(CITY)
    assert not (await at(clerk, document_id)).offers("TERMINATE")
    assert await act(house, clerk, document_id, "TERMINATE", reason="不发了") == 409
    await (await at(clerk, document_id)).press("COMPLETE")
    assert (await at(clerk, document_id)).form(action="/void") is None
    await (await at(clerk, document_id)).press(action="/number")
    await (await page_of(clerk, "/exchange/ledger")).press(action="/void-number", reason="不发了")
    assert "不发了" in plain((await page_of(clerk, "/exchange/ledger")).markup)
