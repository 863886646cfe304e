"""What a room means for the media: who may send what, and what each page is to get. Pure and quick."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from rtc.domain.calling import called_venue
from rtc.domain.layout import SLOTS, Binding, Grid, Layout, LayoutSlot
from rtc.domain.room import Phase, Room
from rtc.domain.venue import Device, House, VenueKind

SourceName = Literal["MICROPHONE", "CAMERA", "SCREEN"]
QualityName = Literal["q", "h", "f"]
MOST_MICROPHONES = 9
MOST_PICTURES = 25
NOTHING: frozenset[SourceName] = frozenset()
AHEAD = -1  # the slot of a picture that is fetched before it is shown
SCREEN_SLOT = -2  # a shared screen that no slot of the layout shows: the page puts it where papers are
DEFAULT = Layout(Grid.NINE)
ENDED = frozenset({Phase.ENDED, Phase.MINUTED, Phase.ARCHIVED})


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

    on_air: Mapping[int, str]  # venue to device
    cameras: frozenset[int]
    order: tuple[int, ...]  # venues in the order free slots are filled
    microphones: tuple[int, ...]
    speaker: int | None


def inside(room: Room, house: House, venue_id: int) -> bool:
    """Whether a venue takes part at all: invited, not put out, not waiting outside."""
    venue = house.venues.get(venue_id)
    if venue is None or venue_id in room.removed or room.phase in ENDED:
        return False
    return not (room.lobby and not venue.inspector and venue_id not in room.let_in and venue_id != room.chair.holder)


def allowed(room: Room, house: House, devices: Mapping[str, Device]) -> dict[str, frozenset[SourceName]]:
    """What each device's packets are forwarded of; everything else is dropped at the server."""
    return {device.id: _allowed(room, house, device) for device in devices.values()}


def _allowed(room: Room, house: House, device: Device) -> frozenset[SourceName]:
    venue = device.venue_id
    if not device.on_air or not inside(room, house, venue) or house.venues[venue].inspector:
        return NOTHING
    given: set[SourceName] = set()
    if venue not in room.muted:
        given.add("MICROPHONE")
    if venue not in room.dark:
        given.add("CAMERA")
    if room.screen == venue:
        given.add("SCREEN")
    return frozenset(given)


def shows(
    room: Room, house: House, devices: Mapping[str, Device], speaking: Sequence[int], own: Mapping[str, Layout]
) -> dict[str, tuple[Want, ...]]:
    """What each device gets: the chair's layout for all, else its own, else nine pictures; and up to nine voices."""
    scene = _scene(room, house, devices, speaking)
    return {device.id: _for(room, house, device, scene, own.get(device.id)) for device in devices.values()}


def _scene(room: Room, house: House, devices: Mapping[str, Device], speaking: Sequence[int]) -> _Scene:
    on_air = {
        device.venue_id: device.id
        for device in devices.values()
        if device.on_air and inside(room, house, device.venue_id) and not house.venues[device.venue_id].inspector
    }
    heard = [venue for venue in speaking if venue in on_air and venue not in room.muted]
    floor = room.floor.venue_id if room.floor is not None else None
    first = [floor, room.broadcast, room.chair.holder, called_venue(room), *heard]
    main = [venue for venue in on_air if house.venues[venue].kind is VenueKind.MAIN]
    rest = [venue for venue in house.venues if venue in on_air]
    order = _distinct([*first, *main, *(venue for venue in rest if venue in room.stage), *rest], on_air)
    microphones = tuple(venue for venue in order if venue not in room.muted)[:MOST_MICROPHONES]
    cameras = frozenset(venue for venue in on_air if venue not in room.dark)
    speaker = floor if floor in on_air else (heard[0] if heard else None)
    return _Scene(on_air, cameras, order, microphones, speaker)


def _distinct(venues: Iterable[int | None], among: Mapping[int, str]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(venue for venue in venues if venue is not None and venue in among))


def _for(room: Room, house: House, device: Device, scene: _Scene, own: Layout | None) -> tuple[Want, ...]:
    if not inside(room, house, device.venue_id):
        return ()
    voices = () if device.venue_id in room.deafened else _voices(device, scene)
    if device.sees == frozenset({"MICROPHONE"}):
        return voices
    layout = layout_of(room, device, own)
    placed = _place(room, layout, device, scene)
    pictures = [_picture(scene, layout, slot, venue, source) for slot, (venue, source) in placed.items()]
    return (*voices, *pictures[:MOST_PICTURES], *_ahead(room, device, scene, placed))


def layout_of(room: Room, device: Device, own: Layout | None) -> Layout:
    """The layout a page draws."""
    large = _large(room, device)
    base = room.layout or own or DEFAULT
    if large is None or (base.slots and base.slots[0] == LayoutSlot(Binding.VENUE, large)):
        return base
    grid = Grid.MAIN_AND_SIX if base.grid not in {Grid.ONE, Grid.TWO, Grid.PERSON_AND_PAPER} else base.grid
    return Layout(grid, (LayoutSlot(Binding.VENUE, large),))


def _large(room: Room, device: Device) -> int | None:
    """Who stands large for this page: broadcast for all, the rotation, the chair's own watching, the speaker."""
    chairs = device.venue_id == room.chair.holder
    if chairs and room.watched is not None:
        return room.watched
    if room.broadcast is not None:
        return room.broadcast
    if room.rotation is not None and (room.rotation.for_all or chairs):
        return room.rotation.showing
    if room.floor is not None:
        return room.floor.venue_id
    return None


def _voices(device: Device, scene: _Scene) -> tuple[Want, ...]:
    return tuple(
        Want(scene.on_air[venue], "MICROPHONE", "f", 0, AHEAD)
        for venue in scene.microphones
        if venue != device.venue_id
    )


def _place(room: Room, layout: Layout, device: Device, scene: _Scene) -> dict[int, tuple[int, SourceName]]:
    """Slot number to what it shows; nobody sees himself, a slot nobody fills stays empty."""
    count = SLOTS[layout.grid]
    slots = (*layout.slots, *(LayoutSlot() for _ in range(count)))[:count]
    placed: dict[int, tuple[int, SourceName]] = {}
    for number, slot in enumerate(slots):
        venue = _bound(room, slot, scene)
        if slot.binding is Binding.SCREEN and room.screen in scene.on_air and room.screen is not None:
            placed[number] = (room.screen, "SCREEN")
        elif venue is not None and venue in scene.on_air and venue != device.venue_id:
            placed[number] = (venue, "CAMERA")
    shown = {venue for venue, source in placed.values() if source == "CAMERA"}
    free = iter(venue for venue in scene.order if venue not in shown and venue != device.venue_id)
    for number, slot in enumerate(slots):
        if slot.binding is Binding.NEXT and (venue := next(free, None)) is not None:
            placed[number] = (venue, "CAMERA")
    shared = room.screen
    if (
        shared is not None
        and shared in scene.on_air
        and shared != device.venue_id
        and (shared, "SCREEN") not in placed.values()
    ):
        placed[SCREEN_SLOT] = (shared, "SCREEN")
    return dict(sorted(placed.items()))


def _bound(room: Room, slot: LayoutSlot, scene: _Scene) -> int | None:
    match slot.binding:
        case Binding.VENUE:
            return slot.venue_id
        case Binding.CHAIR:
            return room.chair.holder
        case Binding.SPEAKER:
            return scene.speaker
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
    """The next venue of the rotation and of the roll call, small and unseen, so that the switch is never black."""
    coming = room.rotation.following if room.rotation is not None else None
    if coming is None or coming not in scene.on_air or coming == device.venue_id:
        return ()
    if any(venue == coming for venue, _ in placed.values()):
        return ()
    return (Want(scene.on_air[coming], "CAMERA", "q", 99, AHEAD),)
