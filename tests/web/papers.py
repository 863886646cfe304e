"""Papers for the web tests, begun by use cases and carried on through the pages."""

import re
from dataclasses import replace

from office.domain.document import Block, BlockKind, Content, Kind, Selection
from office.domain.organs import Level
from office.domain.people import Role
from office.service import drafting, outgoing
from office.store import chains
from tests.town import CITY
from tests.web.conftest import Client, House

NOTICE = Content(
    kind=Kind.NOTICE,
    title="咸阳市人民政府关于做好冬季取暖安全工作的通知",
    principal_text="各县（市、区）人民政府",
    body=(Block(BlockKind.PARAGRAPH, "现就做好冬季取暖安全工作通知如下。"),),
    principals=Selection(tiers=((CITY, Level.COUNTY), (CITY, Level.TOWNSHIP), (CITY, Level.VILLAGE))),
    reach=Level.VILLAGE,
)


async def sent_for_review(house: House, **changes: object) -> int:
    """A city notice that is on the office head's desk."""
    db, clerk = house.services.db, house.people(CITY)
    content = replace(NOTICE, **changes)  # type: ignore[arg-type]
    document_id = await db.write(drafting.start, drafting.StartDraft(content), clerk)
    await db.write(outgoing.send_for_review, outgoing.SendForReview(document_id), clerk)
    return document_id


async def chain_of(house: House, document_id: int, purpose: str = "OUTGOING") -> chains.StoredChain:
    """The newest chain of that purpose."""
    found = await house.services.db.read(chains.of_document, document_id)
    return [c for c in found if c.chain.purpose == purpose][-1]


async def act(
    house: House, client: Client, document_id: int, verb: str, purpose: str = "OUTGOING", **fields: str
) -> int:
    """Send a verb as the page's form does; returns the status."""
    stored = await chain_of(house, document_id, purpose)
    seats = stored.chain.open_seats()
    seat = {"seat_id": str(seats[0][1].id)} if seats else {}
    body = {"verb": verb, **seat, **fields}
    async with client.post(f"/chains/{stored.id}/act", data=body, allow_redirects=False) as answer:
        return answer.status


async def signed_off(house: House) -> int:
    """A notice that the mayor has signed off."""
    document_id = await sent_for_review(house)
    head, mayor = await house.sign_in(CITY, Role.OFFICE_HEAD), await house.sign_in(CITY, Role.LEADER)
    assert await act(house, head, document_id, "COMPLETE", opinion="同意") == 303
    assert await act(house, mayor, document_id, "COMPLETE", opinion="发") == 303
    return document_id


def plain(markup: str) -> str:
    """A page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", markup))
