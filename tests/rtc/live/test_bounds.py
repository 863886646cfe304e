"""Slow pages, floods, nonsense, and what is written of presence."""

import random
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from office.domain.errors import Invalid
from office.domain.people import Role
from rtc.domain import room_events as e
from rtc.live import messages, saying
from rtc.live.entries import Entry
from rtc.live.hub import RoomHub
from rtc.live.inbox import Inbox
from rtc.live.messages import Bye, Chat, Do, Reaction, command_of, decode
from rtc.live.seats import CHATTER_UNTIL, COME_BACK, MOST_QUEUED, Close, Outbox
from rtc.service import invitations
from rtc.store import presence as rows
from tests.rtc.live.pages import Rooms
from tests.town import CITY, COUNTY, FINANCE, TOWN

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3), max_leaves=8,
)  # fmt: skip
NAMES = st.sampled_from(sorted(messages.COMMANDS)) | st.text(max_size=10)


async def test_a_page_that_does_not_read_loses_chatter_first_and_then_its_line() -> None:
    outbox = Outbox()
    for _ in range(CHATTER_UNTIL + 50):
        outbox.tell(messages.encode(Reaction(1, "👏")), chatter=True)
    state = [b"state %d" % number for number in range(MOST_QUEUED - CHATTER_UNTIL)]
    for frame in state:
        outbox.tell(frame)
    got = [await outbox.get() for _ in range(MOST_QUEUED)]
    assert got[CHATTER_UNTIL:] == state
    for _ in range(MOST_QUEUED + 1):
        outbox.tell(b"more")
    assert await outbox.get() == Close(COME_BACK)
    assert outbox.empty
    outbox.tell(b"late")
    assert outbox.empty


async def test_goodbye_comes_after_what_waits() -> None:
    outbox = Outbox()
    outbox.tell(b"news")
    outbox.close(4403, Bye("再见。", again=False))
    assert await outbox.get() == b"news"
    assert await outbox.get() == messages.encode(Bye("再见。", again=False))
    assert await outbox.get() == Close(4403)


async def test_the_inbox_sheds_chatter_and_serves_it_last_but_serves_it() -> None:
    inbox: Inbox[str] = Inbox(most_wanted=100, most_chatter=10)
    assert [inbox.chatter("chatter") for _ in range(12)] == [True] * 10 + [False] * 2
    assert [inbox.put("wanted") for _ in range(101)] == [True] * 100 + [False]
    inbox.must("chair")
    served = [await inbox.get() for _ in range(111)]
    assert served.count("chair") == 1
    assert served.index("chair") > 90
    assert served[:10] == ["wanted"] * 10
    gaps = [b - a for a, b in pairwise(i for i, entry in enumerate(served) if entry == "chatter")]
    assert gaps
    assert max(gaps) <= 16
    assert inbox.shed == 3


async def test_too_much_is_refused_but_the_chair_is_heard(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    full: Inbox[Entry] = Inbox(most_wanted=0)
    rooms.owner.inbox = full
    county.say(Chat(5, "有人吗"))
    refused = await county.kind("refused")
    assert (refused["id"], refused["code"]) == (5, "TooBusy")
    chair.say(Do(6, "Lock", {"on": True}, 1))
    assert len(full) == 1


@given(name=NAMES, arguments=st.dictionaries(st.text(max_size=8), JSON, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_arguments_make_a_command_or_a_refusal(name: str, arguments: dict[str, object]) -> None:
    said = Do(1, name, arguments, 0)
    try:
        command = command_of(said)
    except Invalid:
        with pytest.raises(Invalid, match=r"。$"):  # and the same again
            command_of(said)
    else:
        assert type(command).__name__ == name


@given(text=JSON.map(lambda value: msgspec.json.encode(value).decode()) | st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_message_or_invalid(text: str) -> None:
    with pytest.raises(Invalid):
        decode(text)


def test_every_event_has_its_sentence() -> None:
    assert set(saying._SAY) == set(e.RoomEvent.__args__)


async def test_nonsense_from_a_page_leaves_the_room_running(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    dice = random.Random(7)
    values: list[object] = [None, -1, 10**30, "x" * 3000, [1], {"a": 1}, True, "2026-01-01T00:00:00", {"under": "/"}]
    for number in range(300):
        name = dice.choice(sorted(messages.COMMANDS))
        kind = messages.COMMANDS[name]
        arguments = {field: dice.choice(values) for field in kind.__slots__}  # type: ignore[attr-defined]
        for page in (chair, county):
            page.owner.say(page.seat, Do(number, name, arguments, dice.choice([0, 1, 2, 10**30])))
        await chair.all()
        await county.all()
        if chair.code is not None:
            break
    assert (await rooms.page(TOWN)).heard[-1]["kind"] in {"hello", "bye"}  # it may have locked or ended the room
    assert not rooms.owner.failed


async def test_an_inspector_is_in_no_roster_count_or_delta(rooms: Rooms) -> None:
    actor = rooms.town(FINANCE, Role.LEADER)
    invite = invitations.InviteInspector(rooms.meeting_id, actor.post_id)
    await rooms.db.write(invitations.invite_inspector, invite, rooms.town(CITY))
    chair = await rooms.chair()
    inspector = await rooms.page(FINANCE, "inspector-1", actor=actor)
    assert inspector.seat.inspector
    await rooms.tick()
    heard = [*chair.heard, *await chair.all()]
    text = msgspec.json.encode(heard).decode()
    assert inspector.seat.id not in text
    assert str(inspector.seat.venue_id) not in chair.state["roster"]
    assert inspector.seat.venue_id not in {venue["id"] for venue in chair.state["venues"]}
    assert inspector.state["publish"] == []
    await rooms.quiet()
    assert rooms.media.seats[inspector.seat.id] == frozenset()
    assert (await inspector.do("RaiseHand", fence=0))["kind"] == "refused"


async def test_presence_is_written_together_and_survives_a_restart(rooms_twice: Rooms) -> None:
    rooms = rooms_twice
    await rooms.chair()
    county = await rooms.page(COUNTY)
    for _ in range(5):
        await rooms.tick(seconds=1)
    county.leave()
    for _ in range(5):
        await rooms.tick(seconds=1)
    stays = rooms.db.read_now(rows.of_meeting, rooms.meeting_id)
    assert {(stay.venue_id, stay.open) for stay in stays} == {
        (rooms.venue(CITY), True), (rooms.venue(COUNTY), False)
    }  # fmt: skip
    await rooms.hub.close()
    assert not any(stay.open for stay in rooms.db.read_now(rows.of_meeting, rooms.meeting_id))


async def test_after_a_restart_chair_and_mute_are_as_before(rooms: Rooms) -> None:
    chair = await rooms.chair()
    await chair.do("Mute", group={"everyone": True})
    seq = chair.heard[-1].get("seq", 0)
    await rooms.hub.close()
    assert (await chair.kind("bye"))["again"] is True
    rooms.hub = RoomHub(rooms.db, rooms.engine)
    rooms.clock.pass_(seconds=5)
    back = await rooms.page(CITY, again=True)
    assert back.state["seq"] > seq
    assert back.state["room"]["chair"]["holder"] == rooms.venue(CITY)
    assert rooms.venue(COUNTY) in back.state["room"]["muted"]
    assert (await back.kind("engine"))["up"] is True  # it is to publish anew
    assert (await back.do("Lock", on=True))["kind"] == "done"


async def test_twenty_pages_of_a_venue_are_enough(rooms: Rooms) -> None:
    await rooms.chair()
    for number in range(20):
        await rooms.page(COUNTY, f"device-{number:02}")
    one_more = await rooms.page(COUNTY, "device-20")
    assert "20" in one_more.heard[-1]["sentence"]
