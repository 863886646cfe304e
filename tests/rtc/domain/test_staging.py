"""What a room means for the media: silence at the server, who is shown where, and nothing that goes black."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rtc.domain import room_commands as c
from rtc.domain.layout import Binding, Grid, Layout, LayoutSlot
from rtc.domain.room import Room
from rtc.domain.staging import AHEAD, MOST_MICROPHONES, SCREEN_SLOT, allowed, inside, shows
from rtc.domain.venue import Device, Group, House, Venue, VenueKind
from tests.rtc.domain.houses import AT, COUNTY, INSPECTOR, MAIN, OTHER, TOWN, TOWN_2, VENUES, house
from tests.rtc.domain.test_room import chaired, do


def device(venue_id: int, *, on_air: bool = True, name: str = "") -> Device:
    return Device(name or f"d{venue_id}", venue_id, venue_id + 100, AT, on_air)


DEVICES = {one.id: one for one in (*map(device, VENUES), device(TOWN, on_air=False, name="spare"))}


def pictures(room: Room, name: str, own: Layout | None = None, speaking: tuple[int, ...] = ()) -> dict[int, str]:
    """Slot to device, of the pictures a page gets."""
    wants = shows(room, house(), DEVICES, speaking, {} if own is None else {name: own})[name]
    return {want.slot: want.device_id for want in wants if want.source == "CAMERA"}


def test_muted_dark_and_spare_devices_are_dropped_at_the_server() -> None:
    room = replace(chaired(), muted=frozenset({TOWN}), dark=frozenset({OTHER}))
    given = allowed(room, house(), DEVICES)
    assert given["d1"] == {"MICROPHONE", "CAMERA"}
    assert given["d3"] == {"CAMERA"}
    assert given["d5"] == {"MICROPHONE"}
    assert given["spare"] == frozenset()
    assert given["d9"] == frozenset()


def test_only_the_venue_that_shares_sends_its_screen() -> None:
    room = do(chaired(), c.ShareScreen(on=True), TOWN)
    assert [name for name, sources in allowed(room, house(), DEVICES).items() if "SCREEN" in sources] == ["d3"]
    wants = shows(room, house(), DEVICES, (), {})
    screens = {name: [w.slot for w in given if w.source == "SCREEN"] for name, given in wants.items()}
    assert screens == {"d1": [SCREEN_SLOT], "d2": [SCREEN_SLOT], "d3": [], "d4": [SCREEN_SLOT], "d5": [SCREEN_SLOT],
                       "d9": [SCREEN_SLOT], "spare": []}  # fmt: skip
    beside = Layout(Grid.PERSON_AND_PAPER, (LayoutSlot(Binding.SCREEN), LayoutSlot(Binding.CHAIR)))
    found = shows(room, house(), DEVICES, (), {"d2": beside})["d2"]
    assert [(w.slot, w.device_id, w.source) for w in found if w.source != "MICROPHONE"] == [
        (0, "d3", "SCREEN"), (1, "d1", "CAMERA"),
    ]  # fmt: skip


def test_the_chairs_layout_is_everyones_and_a_broadcast_stands_large() -> None:
    own = Layout(Grid.ONE, (LayoutSlot(Binding.VENUE, OTHER),))
    assert pictures(chaired(), "d2", own) == {0: "d5"}
    room = chaired(c.SetLayout(Layout(Grid.ONE, (LayoutSlot(Binding.VENUE, TOWN),))))
    assert pictures(room, "d2", own) == {0: "d3"}
    assert pictures(do(room, c.Broadcast(OTHER), MAIN), "d2", own) == {0: "d5"}
    watched = do(chaired(), c.Watch(TOWN_2), MAIN)
    assert pictures(watched, "d1")[0] == "d4"
    assert pictures(watched, "d2")[0] == "d1"


def test_whoever_speaks_is_in_the_speakers_slot() -> None:
    layout = Layout(Grid.TWO, (LayoutSlot(Binding.SPEAKER), LayoutSlot(Binding.CHAIR)))
    room = chaired(c.SetLayout(layout))
    assert pictures(room, "d2", speaking=(OTHER, TOWN)) == {0: "d5", 1: "d1"}
    floor = do(room, c.GiveFloor(TOWN), MAIN)
    assert pictures(floor, "d2", speaking=(OTHER,)) == {0: "d3", 1: "d1"}


def test_the_next_venue_of_a_rotation_is_fetched_before_it_is_shown() -> None:
    room = do(chaired(c.SetLayout(Layout(Grid.ONE))), c.StartRotation(Group(everyone=True)), MAIN)
    assert room.rotation is not None
    wants = {
        (w.slot, w.device_id, w.quality) for w in shows(room, house(), DEVICES, (), {})["d5"] if w.source == "CAMERA"
    }
    assert wants == {(0, "d2", "f"), (AHEAD, "d3", "q")}


def test_audio_only_deafened_outside_and_inspecting_pages() -> None:
    room = replace(chaired(), deafened=frozenset({TOWN}), lobby=True, let_in=frozenset({COUNTY, TOWN}))
    devices = {**DEVICES, "thin": replace(DEVICES["d2"], id="thin", on_air=False, sees=frozenset({"MICROPHONE"}))}
    wants = shows(room, house(), devices, (), {})
    assert {w.source for w in wants["thin"]} == {"MICROPHONE"}
    assert {w.source for w in wants["d3"]} == {"CAMERA"}
    assert wants["d5"] == ()
    assert {w.device_id for w in wants["d9"]} == {"d1", "d2", "d3"}
    assert not inside(room, house(), OTHER)


def many(count: int) -> tuple[House, dict[str, Device]]:
    venues = {n: Venue(n, n, f"会场{n}", VenueKind.BRANCH, VENUES[TOWN].level, f"/1/{n}/") for n in range(1, count + 1)}
    return House(venues, frozenset(venues)), {f"d{n}": device(n) for n in venues}


def test_a_big_room_keeps_voices_and_pictures_bounded() -> None:
    where, devices = many(60)
    wants = shows(Room(1), where, devices, (), dict.fromkeys(devices, Layout(Grid.TWENTY_FIVE)))
    for name, given_wants in wants.items():
        assert sum(w.source == "MICROPHONE" for w in given_wants) <= MOST_MICROPHONES
        assert sum(w.source == "CAMERA" for w in given_wants) == 25
        assert all(w.device_id != name for w in given_wants)


sets = st.frozensets(st.sampled_from(sorted(VENUES)))


@given(muted=sets, dark=sets, removed=sets, let_in=sets, lobby=st.booleans(), screen=st.sampled_from([None, *VENUES]))
def test_nothing_is_shown_that_is_not_allowed(
    muted: frozenset[int], dark: frozenset[int], removed: frozenset[int], let_in: frozenset[int], lobby: bool,  # noqa: FBT001
    screen: int | None,
) -> None:  # fmt: skip
    room = replace(chaired(), muted=muted, dark=dark, removed=removed, let_in=let_in, lobby=lobby, screen=screen)
    sending = allowed(room, house(), DEVICES)
    for name, wants in shows(room, house(), DEVICES, tuple(VENUES), {}).items():
        assert len({(w.device_id, w.source) for w in wants}) == len(wants)
        for want in wants:
            viewer = DEVICES[name].venue_id
            assert viewer not in removed
            assert DEVICES[want.device_id].venue_id != viewer
            assert want.source == "CAMERA" or want.source in sending[want.device_id]
            assert DEVICES[want.device_id].venue_id not in removed | {INSPECTOR}
