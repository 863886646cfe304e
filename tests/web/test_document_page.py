"""The document page: who sees which act, what an act leads to, and what a change after sign-off means."""

import base64
import struct

from office.domain.people import Role
from office.store import documents
from tests.town import CITY, COUNTY, VILLAGE
from tests.web.conftest import House
from tests.web.papers import act, chain_of, plain, sent_for_review, signed_off

# An empty PNG of 2 × 1: signature, IHDR, nothing else; the server reads no more of it than this.
PIXELS = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", 2, 1) + b"\x08\x00\x00\x00\x00" * 2
INK = "data:image/png;base64," + base64.b64encode(PIXELS).decode()


async def test_each_sees_where_it_is_and_only_the_holder_the_act(house: House) -> None:
    document_id = await sent_for_review(house)
    head, clerk = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(CITY)
    holder = plain(await (await head.get(f"/documents/{document_id}")).text())
    drafter = plain(await (await clerk.get(f"/documents/{document_id}")).text())
    assert "在您这里：审核" in holder
    assert "现在不在您手上" in drafter
    stranger = await house.sign_in(COUNTY)
    assert (await stranger.get(f"/documents/{document_id}")).status == 404


async def test_an_act_can_be_taken_back_from_the_toast(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    assert await act(house, head, document_id, "COMPLETE", opinion="同意") == 303
    page = await (await head.get(f"/documents/{document_id}")).text()
    assert 'value="TAKE_BACK"' in page
    assert "到下一步：签发" in plain(page)
    assert await act(house, head, document_id, "TAKE_BACK") == 303
    assert "在您这里：审核" in plain(await (await head.get(f"/documents/{document_id}")).text())


async def test_a_refusal_says_why_and_leaves_everything(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    stored = await chain_of(house, document_id)
    fields = {"verb": "RETURN", "seat_id": str(stored.chain.open_seats()[0][1].id), "reason": " "}
    answer = await head.post(f"/chains/{stored.id}/act", data=fields, headers={"HX-Request": "true"})
    assert (answer.status, answer.headers["HX-Retarget"]) == (422, "#toast")
    assert "理由" in await answer.text()
    assert (await chain_of(house, document_id)).version == stored.version


async def test_the_next_paper_follows_where_it_was_asked_for(sqlite_house: House) -> None:
    house = sqlite_house
    first, second = await sent_for_review(house), await sent_for_review(house)
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    seat = (await chain_of(house, first)).chain.open_seats()[0][1].id
    fields = {"verb": "COMPLETE", "seat_id": str(seat), "then": "next"}
    chain_id = (await chain_of(house, first)).id
    answer = await head.post(f"/chains/{chain_id}/act", data=fields, allow_redirects=False)
    assert answer.headers["Location"] == f"/documents/{second}"


async def test_handwriting_is_shown_with_its_opinion_and_nowhere_else(house: House) -> None:
    document_id = await sent_for_review(house)
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    assert await act(house, head, document_id, "COMPLETE", opinion="同意", ink=INK) == 303
    signature = (await chain_of(house, document_id)).chain.opinions[-1].signature
    shown = await head.get(f"/documents/{document_id}/ink/{signature}")
    assert (shown.status, await shown.read()) == (200, PIXELS)
    stranger = await house.sign_in(VILLAGE)
    assert (await stranger.get(f"/documents/{document_id}/ink/{signature}")).status == 404
    assert (await head.get(f"/documents/{document_id}/ink/{'0' * 64}")).status == 404


async def test_ink_that_is_no_picture_is_refused(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    wrong = "data:image/png;base64," + base64.b64encode(b"<svg onload=alert(1)>" * 3).decode()
    assert await act(house, head, document_id, "COMPLETE", ink=wrong) == 422


async def test_a_change_after_sign_off_goes_back_to_the_signatory(house: House) -> None:
    document_id = await signed_off(house)
    clerk, mayor = await house.sign_in(CITY), await house.sign_in(CITY, Role.LEADER)
    fields = {"title": "咸阳市人民政府关于做好冬季供暖安全工作的通知", "why": "取暖改为供暖"}
    assert (await clerk.get(f"/documents/{document_id}/amend")).status == 200
    answer = await clerk.post(f"/documents/{document_id}/amend", data=fields, allow_redirects=False)
    assert answer.status == 303
    assert "在您这里：签发" in plain(await (await mayor.get(f"/documents/{document_id}")).text())
    found = await house.services.db.read(documents.load, document_id)
    assert found.signed_hash is None


async def test_a_change_without_a_word_why_is_refused(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await signed_off(house)
    clerk = await house.sign_in(CITY)
    answer = await clerk.post(f"/documents/{document_id}/amend", data={"title": "换一个题目的通知"})
    assert answer.status == 422


async def test_what_is_circulated_is_read_with_one_press(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head, reader = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(CITY, Role.HANDLER)
    person = house.people(CITY, Role.HANDLER)
    circulated = {"posts": f"{person.post_id},{CITY}", "reason": "请了解"}
    assert await act(house, head, document_id, "CIRCULATE", **circulated) == 303
    page = await (await reader.get(f"/documents/{document_id}")).text()
    assert 'value="MARK_READ"' in page
    reader_id = (await chain_of(house, document_id)).chain.readers[0].id
    assert await act(house, reader, document_id, "MARK_READ", reader_id=str(reader_id)) == 303
    assert (await chain_of(house, document_id)).chain.readers[0].read_at is not None


async def test_the_page_and_its_files_come_as_they_are_now(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    clerk = await house.sign_in(CITY)
    picture = await clerk.get(f"/documents/{document_id}/pages/1.png?w=300")
    assert (await picture.read())[:8] == PIXELS[:8]
    pdf = await clerk.get(f"/documents/{document_id}/paper.pdf")
    assert (await pdf.read())[:5] == b"%PDF-"
    assert pdf.headers["Content-Disposition"].startswith("attachment;")
    word = await clerk.get(f"/documents/{document_id}/paper.docx")
    assert (await word.read())[:2] == b"PK"
    assert (await clerk.get(f"/documents/{document_id}/pages/99.png")).status == 404
