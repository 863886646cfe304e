"""今日: the paper beside the list is the one asked for, and what is only to be read goes with one press."""

import re

from office.domain.people import Role
from tests.town import CITY, COUNTY
from tests.web.conftest import House
from tests.web.papers import act, chain_of, sent_for_review


async def test_a_circulated_paper_is_read_from_the_list_by_its_reader_alone(house: House) -> None:
    document_id = await sent_for_review(house)
    head, reader = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(CITY, Role.HANDLER)
    posts = f"{house.people(CITY, Role.HANDLER).post_id},{CITY}"
    assert await act(house, head, document_id, "CIRCULATE", posts=posts, reason="请了解") == 303
    found = re.search(r'action="(/tasks/\d+/read)"', await (await reader.get("/")).text())
    assert found is not None
    assert (await head.post(found[1], allow_redirects=False)).status == 404
    assert (await reader.post(found[1], allow_redirects=False)).status == 303
    assert (await chain_of(house, document_id)).chain.readers[0].read_at is not None
    assert (await reader.post(found[1], allow_redirects=False)).status == 404
    assert found[1] not in await (await reader.get("/")).text()


async def test_the_list_shows_the_paper_asked_for_and_none_of_others(sqlite_house: House) -> None:
    house = sqlite_house
    first, second = await sent_for_review(house), await sent_for_review(house)
    head, stranger = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(COUNTY)
    assert f"/documents/{first}/pages/1.png" in await (await head.get("/")).text()
    assert f"/documents/{second}/pages/1.png" in await (await head.get(f"/?peek={second}")).text()
    assert "/pages/1.png" not in await (await stranger.get(f"/?peek={second}")).text()
    assert (await head.get("/?peek=x")).status == 200


async def test_who_reads_large_gets_the_words_first_and_the_page_on_asking(sqlite_house: House) -> None:
    house = sqlite_house
    document_id = await sent_for_review(house)
    head = await house.sign_in(CITY, Role.OFFICE_HEAD)
    assert 'id="page-1"' in await (await head.get(f"/documents/{document_id}")).text()
    await head.post("/me/elder", data={"elder": "true"})
    assert 'id="page-1"' not in await (await head.get(f"/documents/{document_id}")).text()
    assert 'id="page-1"' in await (await head.get(f"/documents/{document_id}?text=0")).text()
