"""A live room from its pages: who hears what, what holds at the server, what comes back after a break."""

from rtc.engine.control import Source
from rtc.live.messages import Hello, OnAir, Undo
from rtc.live.seats import DISPLACED, NOT_INVITED
from rtc.service import invitations
from tests.rtc.live.pages import Rooms
from tests.town import CITY, COUNTY, TOWN, VILLAGE, WATER

MUTE_COUNTY = {"group": {"under": f"/{CITY}/{COUNTY}/"}}


async def test_a_chairs_act_is_told_to_all_in_words_and_can_be_taken_back(rooms_twice: Rooms) -> None:
    rooms = rooms_twice
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    done = await chair.do("Mute", **MUTE_COUNTY)
    assert done == {"kind": "done", "id": done["id"], "undo": True}
    change = await county.until(lambda m: m["kind"] == "change" and "muted" in m["room"])
    assert change["said"] == "4 个会场已静音。"
    assert change["by"] == "咸阳市文秘（咸阳市）"
    assert rooms.venue(COUNTY) in change["room"]["muted"]["+"]
    chair.say(Undo(900, done["id"]))
    assert (await chair.until(lambda m: m.get("id") == 900))["kind"] == "done"
    await county.all()
    assert county.state["room"]["muted"] == []


async def test_mute_holds_at_the_engine_whatever_a_page_does(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    await rooms.quiet()
    assert Source.MICROPHONE in rooms.media.forwarded(county.seat.id)
    assert (await chair.do("Mute", **MUTE_COUNTY))["kind"] == "done"
    await rooms.quiet()
    assert Source.MICROPHONE not in rooms.media.forwarded(county.seat.id)
    refused = await county.do("SwitchMicrophone", on=True)
    assert refused["kind"] == "refused"
    assert refused["sentence"].endswith("。")
    county.leave()
    await rooms.tick(seconds=4)
    back = await rooms.page(COUNTY, "another-device")
    await rooms.quiet()
    assert rooms.venue(COUNTY) in back.state["room"]["muted"]
    assert rooms.media.forwarded(back.seat.id) == {Source.CAMERA}


async def test_the_second_device_takes_over_within_five_seconds_and_stays_muted(rooms: Rooms) -> None:
    chair = await rooms.chair()
    first, second = await rooms.page(COUNTY, "county-one"), await rooms.page(COUNTY, "county-two")
    assert (first.state["you"]["on_air"], second.state["you"]["on_air"]) == (True, False)
    await chair.do("Mute", **MUTE_COUNTY)
    await rooms.quiet()
    assert rooms.media.forwarded(second.seat.id) == set()
    first.leave()
    await rooms.tick(seconds=2)
    assert rooms.media.forwarded(second.seat.id) == set()
    await rooms.tick(seconds=2)
    await second.kind("on_air")
    await rooms.quiet()
    assert rooms.media.forwarded(second.seat.id) == {Source.CAMERA}


async def test_a_device_that_comes_back_in_time_keeps_its_place_and_its_connections(rooms: Rooms) -> None:
    await rooms.chair()
    first = await rooms.page(COUNTY, "county-one")
    await rooms.page(COUNTY, "county-two")
    await rooms.quiet()
    first.leave()
    await rooms.tick(seconds=1)
    before = len(rooms.engine.calls)
    back = await rooms.page(COUNTY, "county-one", again=True)
    await rooms.quiet()
    assert back.state["you"]["on_air"]
    assert not any(call[0] == "remove" for call in rooms.engine.calls[before:])
    again = await rooms.page(COUNTY, "county-one")  # the page was loaded anew: its old connections are nobody's
    await rooms.quiet()
    assert ("remove", str(rooms.meeting_id), again.seat.id) in rooms.engine.calls[before:]
    assert again.seat.id in rooms.media.seats
    await back.kind("bye")
    await back.next()
    assert back.code == DISPLACED


async def test_a_device_takes_over_by_its_own_wish(rooms: Rooms) -> None:
    await rooms.chair()
    first, second = await rooms.page(COUNTY, "county-one"), await rooms.page(COUNTY, "county-two")
    second.say(OnAir())
    await first.kind("off_air")
    await second.kind("on_air")
    await rooms.quiet()
    assert rooms.media.forwarded(first.seat.id) == set()
    assert Source.CAMERA in rooms.media.forwarded(second.seat.id)


async def test_a_removed_venue_is_cut_and_stays_out_until_it_is_called_back(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    assert (await chair.do("RemoveVenue", venue_id=rooms.venue(COUNTY)))["kind"] == "done"
    bye = await county.kind("bye")
    assert bye["again"] is False
    await county.next()
    assert county.code == NOT_INVITED
    await rooms.quiet()
    assert county.seat.id not in rooms.media.seats
    assert (await rooms.page(COUNTY)).heard[-1]["kind"] == "bye"
    await chair.do("RemoveVenue", venue_id=rooms.venue(COUNTY), back=True)
    assert (await rooms.page(COUNTY)).heard[-1]["kind"] == "hello"


async def test_a_locked_room_lets_back_in_who_was_in_and_nobody_else(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    await chair.do("Lock", on=True)
    county.leave()
    await rooms.tick(seconds=10)
    assert (await rooms.page(COUNTY)).heard[-1]["kind"] == "hello"
    outside = await rooms.page(TOWN)
    assert "锁定" in outside.heard[-1]["sentence"]
    await chair.do("Lock", on=False)
    assert (await rooms.page(TOWN)).heard[-1]["kind"] == "hello"


async def test_who_waits_outside_sees_nothing_until_the_chair_lets_him_in(lobby: Rooms) -> None:
    chair, county = await lobby.chair(), await lobby.page(COUNTY)
    assert county.state["you"]["waiting"] is True
    assert set(county.state["room"]) == {"meeting_id", "phase", "lobby"}
    assert (county.state["venues"], county.state["roster"]) == ([], {})
    await lobby.tick()
    assert (await county.do("RaiseHand", fence=0))["kind"] == "refused"
    assert not any(m["kind"] in {"change", "roster"} for m in await county.all())
    await chair.all()
    assert chair.state["roster"][str(lobby.venue(COUNTY))]["waiting"] is True
    await lobby.quiet()
    assert county.seat.id not in lobby.media.seats
    await chair.do("LetIn", venue_id=lobby.venue(COUNTY))
    hello = await county.kind("hello")
    assert hello["you"]["waiting"] is False
    assert hello["room"]["chair"]["holder"] == chair.seat.venue_id
    await lobby.quiet()
    assert county.seat.id in lobby.media.seats


async def test_the_chairs_old_number_dies_and_the_page_is_told_why(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    old = chair.state["room"]["chair"]["fence"]
    assert (await chair.do("HandOverChair", venue_id=rooms.venue(COUNTY)))["kind"] == "done"
    await chair.all()
    refused = await chair.do("Mute", group={"everyone": True}, fence=old)
    assert refused["kind"] == "refused"
    assert "主席" in refused["sentence"]
    await county.all()
    assert (await county.do("Mute", group={"everyone": True}))["kind"] == "done"


async def test_the_deputy_takes_over_when_the_chairs_page_is_silent_for_thirty_seconds(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    await chair.do("NameDeputy", venue_id=rooms.venue(COUNTY))
    chair.leave()
    await rooms.tick(seconds=29)
    assert rooms.owner.live.room.chair.holder == chair.seat.venue_id
    await rooms.tick(seconds=2)
    change = await county.until(lambda m: m["kind"] == "change" and "chair" in m["room"] and m["by"] is None)
    assert change["room"]["chair"]["holder"] == rooms.venue(COUNTY)
    assert (await county.do("Mute", group={"everyone": True}))["kind"] == "done"


async def test_the_roster_follows_who_comes_and_goes(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    await rooms.tick()
    await chair.all()
    assert chair.state["roster"][str(rooms.venue(COUNTY))]["online"] is True
    county.leave()
    await rooms.tick(seconds=4)
    await chair.all()
    assert str(rooms.venue(COUNTY)) not in chair.state["roster"]


async def test_numbers_rise_and_a_page_that_missed_something_gets_everything(rooms: Rooms) -> None:
    chair, county = await rooms.chair(), await rooms.page(COUNTY)
    for on in (True, False, True):
        await chair.do("VoiceSwitch", on=on)
    heard = [m["seq"] for m in await county.all() if "seq" in m]
    assert heard == sorted(set(heard))
    county.say(Hello("", 1, county.seat.device, after=heard[0]))
    again = await county.kind("hello")
    assert again["seq"] >= heard[-1]
    assert again["room"]["voice_switch"] is True


async def test_the_end_sends_everyone_home_for_good(rooms: Rooms) -> None:
    chair, village = await rooms.chair(), await rooms.page(VILLAGE)
    assert (await chair.do("SetPhase", to="ENDED"))["kind"] == "done"
    assert (await village.kind("bye"))["again"] is False
    assert (await chair.kind("bye"))["again"] is False
    await rooms.quiet()
    assert rooms.media.seats == {}


async def test_a_venue_invited_late_comes_in_and_one_taken_off_goes(rooms: Rooms) -> None:
    city, county = await rooms.page(CITY), await rooms.page(COUNTY)
    clerk = rooms.town(CITY)
    await rooms.db.write(invitations.invite, invitations.Invite(rooms.meeting_id, (WATER,)), clerk)
    late = await rooms.page(WATER)
    assert late.heard[-1]["kind"] == "hello"
    again = await city.kind("hello")
    assert "市水利局" in {venue["name"] for venue in again["venues"]}
    await rooms.db.write(invitations.uninvite, invitations.Uninvite(rooms.venue(COUNTY)), clerk)
    rooms.hub.reload(rooms.meeting_id)
    assert (await county.kind("bye"))["again"] is False
    await city.kind("hello")
    await rooms.quiet()
    assert county.seat.id not in rooms.media.seats
