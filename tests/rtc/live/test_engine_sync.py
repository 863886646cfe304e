"""The reconciler and the owner against an engine that dies: everything is told again, mutes before voices."""

from typing import Any

from rtc.engine.control import Line, Narrow, Quality, Slot, Source, Speaking, Started, SubscribeOffer
from rtc.engine.memory import MemoryEngine
from rtc.live import messages
from rtc.live.messages import Answer, Publish, PublishLine, View
from rtc.live.reconciler import Reconciler, Wanted
from tests.rtc.live.pages import Rooms, eventually
from tests.town import CITY, COUNTY, TOWN

ALL = frozenset(Source)
LINES = (PublishLine("0", Source.MICROPHONE), PublishLine("1", Source.CAMERA))


async def test_a_killed_engine_is_told_everything_again_and_pages_hear_of_both(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    await chair.do("Mute", group={"venues": [rooms.venue(COUNTY)]})
    await rooms.quiet()
    seats, dropped, shows = dict(rooms.media.seats), set(rooms.media.dropped), dict(rooms.media.shows)
    assert shows[chair.seat.id]
    rooms.engine.kill()
    assert (await county.kind("engine"))["up"] is False
    assert (await chair.do("Mute", group={"everyone": True}))["kind"] == "done"  # the room goes on without media
    assert (await chair.do("Mute", group={"everyone": True}, on=True))["kind"] == "done"
    assert (await chair.do("Mute", group={"venues": [rooms.venue(COUNTY)]}))["kind"] == "done"
    await rooms.engine.start()
    assert (await county.until(lambda m: m["kind"] == "engine" and m["up"]))["up"] is True
    await rooms.quiet()
    assert (rooms.media.seats, rooms.media.dropped, rooms.media.shows) == (seats, dropped, shows)


async def test_a_mute_is_told_before_anyone_is_let_in() -> None:
    engine = MemoryEngine()
    await engine.start()
    events: list[str] = []
    line = Reconciler("1", engine, lost=lambda: events.append("lost"), back=lambda: events.append("back"))
    line.start()
    voice = (Slot("b", Source.MICROPHONE),)
    line.want(Wanted({"a": ALL, "b": ALL}, {"a": frozenset(), "b": ALL}, {"a": voice}))
    await eventually(lambda: line.quiet, "the engine to know")
    names = [call[0] for call in engine.calls]
    assert names == ["ensure_room", "allow", "allow", "allow", "admit", "admit", "show"]
    line.want(Wanted({"a": ALL}, {"a": ALL}, {"a": ()}))
    await eventually(lambda: line.quiet, "the engine to know")
    assert [call[0] for call in engine.calls[len(names) :]] == ["remove", "allow", "allow", "allow", "show"]
    assert engine.rooms["1"].forwarded("a") == ALL
    await line.close()
    assert engine.rooms == {}
    assert events == ["back", "back"]


async def test_an_offer_is_published_by_who_may_and_refused_in_words(rooms: Rooms) -> None:
    chair = await rooms.chair()
    chair.say(Publish(7, "v=0 and so on", LINES))
    answer = await chair.kind("published")
    assert (answer["id"], answer["sdp"][:3]) == (7, "v=0")
    chair.say(Publish(8, "no sdp at all", LINES))
    refused = await chair.until(lambda m: m["kind"] == "refused")
    assert (refused["id"], refused["code"]) == (8, "bad-sdp")


async def test_offers_answers_and_notes_reach_the_page_they_are_for(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    await rooms.quiet()
    room, seat, other = str(rooms.meeting_id), chair.seat.id, county.seat.id
    lines = (Line("0", Source.CAMERA, other), Line("1", Source.MICROPHONE, ""))
    rooms.engine.tell(SubscribeOffer(room=room, seat=seat, version=3, sdp="v=0", lines=lines))
    offer = await chair.kind("offer")
    venue = rooms.venue(COUNTY)
    told: list[dict[str, Any]] = [
        {"mid": "0", "venue": venue, "source": "CAMERA"}, {"mid": "1", "venue": None, "source": "MICROPHONE"}
    ]  # fmt: skip
    assert (offer["version"], offer["lines"]) == (3, told)
    chair.say(Answer(3, "v=0"))
    await eventually(lambda: rooms.media.answers.get(seat) == 3, "the answer at the engine")
    rooms.engine.tell(Speaking(room=room, seats=(other,)))
    assert (await chair.kind("speaking"))["venues"] == [venue]
    rooms.engine.tell(Narrow(room=room, viewer=seat, seat=other, source=Source.CAMERA, quality=Quality.LOW))
    narrow = await chair.kind("narrow")
    assert narrow == {"kind": "narrow", "venue": venue, "source": "CAMERA", "quality": "q"}
    rooms.engine.tell(Started(room=room, seat=other, source=Source.CAMERA))
    entry = await chair.until(
        lambda m: m["kind"] == "roster" and bool((m["venues"].get(str(venue)) or {}).get("camera"))
    )
    assert entry["venues"][str(venue)]["mic"] is False


async def test_everyone_sees_the_venue_that_is_broadcast_and_a_weak_line_only_hears(rooms: Rooms) -> None:
    chair, county, town = await rooms.chair(), await rooms.page(COUNTY), await rooms.page(TOWN)
    await chair.do("Broadcast", venue_id=rooms.venue(COUNTY))
    slots = await town.until(
        lambda m: m["kind"] == "slots" and any(s["slot"] == 0 and s["venue"] == rooms.venue(COUNTY) for s in m["slots"])
    )
    assert slots["grid"] == "1+6"
    town.say(View(audio_only=True))
    await town.until(lambda m: m["kind"] == "slots" and m["slots"] == [])
    await rooms.quiet()
    assert {slot.source for slot in rooms.media.shows[town.seat.id]} == {Source.MICROPHONE}
    assert county.seat.id in {slot.seat for slot in rooms.media.shows[town.seat.id]}


async def test_a_seat_is_named_by_its_venue_so_that_nobody_takes_anothers(rooms: Rooms) -> None:
    chair = await rooms.chair()
    thief = await rooms.page(COUNTY, chair.seat.device)
    assert thief.seat.id != chair.seat.id
    await rooms.quiet()
    assert {chair.seat.id, thief.seat.id} <= set(rooms.media.seats)
    assert messages.PROTOCOL == 1
    assert chair.seat.venue_id == rooms.venue(CITY)
