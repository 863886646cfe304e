"""What a room means for the media: who may send what, and what each page is to get. Pure and quick."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rtc.domain.calling import called_venue, next_called
from rtc.domain.layout import SLOTS, Binding, Grid, Layout, LayoutSlot
from rtc.domain.meeting import OVER
from rtc.domain.room import Room
from rtc.domain.venue import Device, House, VenueKind

SourceName = Literal["MICROPHONE", "CAMERA", "SCREEN"]
QualityName = Literal["q", "h", "f"]
MOST_MICROPHONES = 9
MOST_PICTURES = 25
MOST_SENDING = 50  # venues whose devices may send at the same time: the stage
NOTHING: frozenset[SourceName] = frozenset()
AUDIO_ONLY = frozenset({"MICROPHONE"})
AHEAD = -1  # the slot of a picture that is fetched before it is shown
SCREEN_SLOT = -2  # a shared screen that no slot of the layout shows: the page puts it where papers are
DEFAULT = Layout(Grid.NINE)


@dataclass(frozen=True, slots=True)
class Want:
    """One thing a page is to get: from whose device, what, how sharp, how soon when the line is narrow, and where."""

    device_id: str
    source: SourceName
    quality: QualityName
    rank: int
    slot: int


@dataclass(frozen=True, slots=True)
class _Scene:
    """The part that is the same for all pages."""

    on_air: Mapping[int, str]  # venue to device, of those on stage
    order: tuple[int, ...]  # venues in the order free slots are filled
    voices: tuple[tuple[int, Want], ...]
    speakers: tuple[int, ...]  # who has the floor, then who is heard, the loudest first
    called: int | None
    coming: int | None  # who will be called next


def inside(room: Room, house: House, venue_id: int) -> bool:
    """Whether a venue takes part at all: invited, not put out, not waiting outside; the main venue never waits."""
    venue = house.venues.get(venue_id)
    if venue is None or venue_id in room.removed or room.phase in OVER:
        return False
    free = venue.inspector or venue.kind is VenueKind.MAIN or venue_id in room.let_in or venue_id == room.chair.holder
    return free or not room.lobby


def on_stage(room: Room, house: House, devices: Mapping[str, Device]) -> dict[int, str]:
    """The venues that may send, with the device that does, the most needed first; an act brings its venue up at once.

    Rooms of up to fifty venues are all stage; in larger ones those named by an act, the main venue and those called up.
    """
    here = {
        device.venue_id: device.id
        for device in devices.values()
        if device.on_air and inside(room, house, device.venue_id) and not house.venues[device.venue_id].inspector
    }
    floor = room.floor.venue_id if room.floor is not None else None
    rotation = (room.rotation.showing, room.rotation.following) if room.rotation is not None else ()
    first = [floor, room.broadcast, room.chair.holder, called_venue(room), next_called(room, house), room.watched]
    main = [venue for venue in here if house.venues[venue].kind is VenueKind.MAIN]
    rest = [venue for venue in house.venues if venue in here]
    up = [venue for venue in rest if venue in room.stage]
    chosen = _distinct([*first, *rotation, room.screen, *main, *up, *rest], here)[:MOST_SENDING]
    return {venue: here[venue] for venue in chosen}


def _distinct(venues: Iterable[int | None], among: Mapping[int, str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(venue for venue in venues if venue is not None and venue in among))


def allowed(room: Room, house: House, devices: Mapping[str, Device]) -> dict[str, frozenset[SourceName]]:
    """What each device's packets are forwarded of; everything else is dropped at the server."""
    stage = on_stage(room, house, devices)
    return {
        device.id: _allowed(room, device.venue_id) if stage.get(device.venue_id) == device.id else NOTHING
        for device in devices.values()
    }


def _allowed(room: Room, venue_id: int) -> frozenset[SourceName]:
    given: set[SourceName] = set()
    if venue_id not in room.muted:
        given.add("MICROPHONE")
    if venue_id not in room.dark:
        given.add("CAMERA")
    if room.screen == venue_id:
        given.add("SCREEN")
    return frozenset(given)


def shows(
    room: Room, house: House, devices: Mapping[str, Device], speaking: Sequence[int], own: Mapping[str, Layout]
) -> dict[str, tuple[Want, ...]]:
    """What each device gets: the chair's layout for all, else its own, else nine pictures; and up to nine voices."""
    scene = _scene(room, house, devices, speaking)
    alike: dict[tuple[Layout | None, bool, bool], tuple[Want, ...]] = {}
    made: dict[str, tuple[Want, ...]] = {}
    for device in devices.values():
        mine = own.get(device.id)
        if not inside(room, house, device.venue_id):
            made[device.id] = ()
        elif device.venue_id in scene.on_air or device.venue_id == room.chair.holder:
            made[device.id] = _for(room, device, scene, mine)
        else:  # off stage nobody needs to be spared his own picture: equal wishes, equal answers
            key = (mine, device.venue_id in room.deafened, device.sees == AUDIO_ONLY)
            if key not in alike:
                alike[key] = _for(room, device, scene, mine)
            made[device.id] = alike[key]
    return made


def _scene(room: Room, house: House, devices: Mapping[str, Device], speaking: Sequence[int]) -> _Scene:
    stage = on_stage(room, house, devices)
    heard = [venue for venue in speaking if venue in stage and venue not in room.muted]
    floor, called = room.floor.venue_id if room.floor is not None else None, called_venue(room)
    order = _distinct([floor, room.broadcast, room.chair.holder, called, *heard, *_calm(room, house, stage)], stage)
    open_ones = [venue for venue in order if venue not in room.muted][:MOST_MICROPHONES]
    voices = tuple((venue, Want(stage[venue], "MICROPHONE", "f", 0, AHEAD)) for venue in open_ones)
    return _Scene(stage, order, voices, _distinct([floor, *heard], stage), called, next_called(room, house))


def _calm(room: Room, house: House, stage: Mapping[int, str]) -> list[int]:
    """The order when nobody speaks: the main venue, those called up, then the official order."""
    ranks = [venue for venue in house.venues if venue in stage]
    return sorted(ranks, key=lambda venue: (house.venues[venue].kind is not VenueKind.MAIN, venue not in room.stage))


def _for(room: Room, device: Device, scene: _Scene, own: Layout | None) -> tuple[Want, ...]:
    deaf = device.venue_id in room.deafened
    voices = () if deaf else tuple(want for venue, want in scene.voices if venue != device.venue_id)
    if device.sees == AUDIO_ONLY:
        return voices
    layout = _layout(room, device, own, scene.called, scene.speakers)
    placed = _place(room, layout, device, scene)
    pictures = [_picture(scene, layout, slot, venue, source) for slot, (venue, source) in placed.items()]
    ahead = _ahead(room, device, scene, placed)
    return (*voices, *pictures[: MOST_PICTURES - len(ahead)], *ahead)


def layout_of(room: Room, device: Device, own: Layout | None, speaking: Sequence[int] = ()) -> Layout:
    """The layout a page draws."""
    return _layout(room, device, own, called_venue(room), tuple(one for one in speaking if one not in room.muted))


def _layout(
    room: Room, device: Device, own: Layout | None, called: int | None, speakers: tuple[int, ...]
) -> Layout:  # fmt: skip
    large = _large(room, device, called, speakers)
    base = room.layout or own or DEFAULT
    if large is None or (base.slots and base.slots[0] == LayoutSlot(Binding.VENUE, large)):
        return base
    grid = Grid.MAIN_AND_SIX if base.grid not in {Grid.ONE, Grid.TWO, Grid.PERSON_AND_PAPER} else base.grid
    return Layout(grid, (LayoutSlot(Binding.VENUE, large), *base.slots[1:]))


def _large(room: Room, device: Device, called: int | None, speakers: tuple[int, ...]) -> int | None:
    """Who stands large for this page, himself never: instead of himself he sees the chair."""
    found = _centre(room, device, called, speakers)
    if found != device.venue_id:
        return found
    return room.chair.holder if room.chair.holder != device.venue_id else None


def _centre(room: Room, device: Device, called: int | None, speakers: tuple[int, ...]) -> int | None:
    """What the chair alone watches, broadcast for all, who has the floor, is called, is rotated in, or speaks."""
    chairs = device.venue_id == room.chair.holder
    if chairs and room.watched is not None:
        return room.watched
    if room.broadcast is not None:
        return room.broadcast
    if room.floor is not None:
        return room.floor.venue_id
    if called is not None:
        return called
    if room.rotation is not None and (room.rotation.for_all or chairs):
        return room.rotation.showing
    return next((venue for venue in speakers if venue != device.venue_id), None) if room.voice_switch else None


def _place(room: Room, layout: Layout, device: Device, scene: _Scene) -> dict[int, tuple[int, SourceName]]:
    """Slot number to what it shows; nobody sees himself or anyone twice, a slot nobody fills stays empty."""
    slots = (*layout.slots, *(LayoutSlot() for _ in range(SLOTS[layout.grid])))[: SLOTS[layout.grid]]
    mine, screen = device.venue_id, room.screen if room.screen in scene.on_air else None
    placed: dict[int, tuple[int, SourceName]] = {}
    shown: set[int] = set()
    for number, slot in enumerate(slots):
        venue = _bound(room, slot, scene, mine)
        if slot.binding is Binding.SCREEN and screen not in {None, mine} and (screen, "SCREEN") not in placed.values():
            placed[number] = (screen or 0, "SCREEN")
        elif venue is not None and venue in scene.on_air and venue != mine and venue not in shown:
            placed[number] = (venue, "CAMERA")
            shown.add(venue)
    free = iter(venue for venue in scene.order if venue not in shown and venue != mine)
    for number, slot in enumerate(slots):
        if slot.binding is Binding.NEXT and (venue := next(free, None)) is not None:
            placed[number] = (venue, "CAMERA")
    if screen is not None and screen != mine and (screen, "SCREEN") not in placed.values():
        placed[SCREEN_SLOT] = (screen, "SCREEN")
    return dict(sorted(placed.items()))


def _bound(room: Room, slot: LayoutSlot, scene: _Scene, mine: int) -> int | None:
    match slot.binding:
        case Binding.VENUE:
            return slot.venue_id
        case Binding.CHAIR:
            return room.chair.holder
        case Binding.SPEAKER:
            return next((venue for venue in scene.speakers if venue != mine), None)
        case Binding.ROTATION:
            return room.rotation.showing if room.rotation is not None else None
        case Binding.SCREEN | Binding.NEXT | Binding.EMPTY:
            return None


def _picture(scene: _Scene, layout: Layout, slot: int, venue: int, source: SourceName) -> Want:
    """Sharp where it is large; the large one and the screen are fed first."""
    large = source == "SCREEN" or slot == 0 or SLOTS[layout.grid] <= 2
    quality: QualityName = "f" if large else "h" if SLOTS[layout.grid] <= 4 else "q"
    return Want(scene.on_air[venue], source, quality, 1 if large else 2 + max(slot, 0), slot)


def _ahead(room: Room, device: Device, scene: _Scene, placed: Mapping[int, tuple[int, SourceName]]) -> tuple[Want, ...]:
    """Who is next in the rotation and in the roll call, small and unseen, so that no switch is black."""
    rotation, chairs = room.rotation, device.venue_id == room.chair.holder
    turning = rotation.following if rotation is not None and (rotation.for_all or chairs) else None
    there = {venue for venue, source in placed.values() if source == "CAMERA"} | {device.venue_id}
    coming = [venue for venue in _distinct([turning, scene.coming], scene.on_air) if venue not in there]
    return tuple(Want(scene.on_air[venue], "CAMERA", "q", 99, AHEAD) for venue in coming)
