"""From what was decided to what the engine is to do and what each page is to draw."""

from collections.abc import Iterable, Mapping, Sequence

from rtc.domain import staging
from rtc.domain.layout import Layout
from rtc.domain.room import Room
from rtc.domain.staging import AHEAD, Want
from rtc.domain.venue import Device, House
from rtc.engine.control import Quality, Slot, Source
from rtc.live.messages import SlotFilled, Slots
from rtc.live.reconciler import Wanted

PUBLISHES = frozenset(Source)
SOURCES = {source.value: source for source in Source}  # a table: calling an Enum costs ten times as much
QUALITIES = {quality.value: quality for quality in Quality}
NOTHING: frozenset[Source] = frozenset()


def wanted_of(
    room: Room, house: House, here: Sequence[Device], speaking: Sequence[int], own: Mapping[str, Layout]
) -> tuple[Wanted, dict[str, Slots]]:
    """What the engine is to know, and what each device is to draw."""
    devices = {device.id: device for device in here}
    allowed = staging.allowed(room, house, devices)
    shows = staging.shows(room, house, devices, speaking, own)
    same: dict[int, tuple[tuple[Slot, ...], tuple[SlotFilled, ...]]] = {}  # viewers off stage share one list
    for wants in shows.values():
        if id(wants) not in same:
            same[id(wants)] = tuple(map(_slot, wants)), _drawn(wants, devices)
    wanted = Wanted(
        seats={d.id: NOTHING if house.venues[d.venue_id].inspector else PUBLISHES for d in here},
        allowed={seat: frozenset(SOURCES[name] for name in names) for seat, names in allowed.items()},
        shows={seat: same[id(wants)][0] for seat, wants in shows.items()},
    )
    slots = {
        seat: Slots(same[id(wants)][1], staging.layout_of(room, devices[seat], own.get(seat), speaking).grid.value)
        for seat, wants in shows.items()
    }
    return wanted, slots


def _slot(want: Want) -> Slot:
    return Slot(want.device_id, SOURCES[want.source], QUALITIES[want.quality], want.rank)


def _drawn(wants: Iterable[Want], devices: Mapping[str, Device]) -> tuple[SlotFilled, ...]:
    """Pictures that are seen; a negative slot lies beside the grid (staging.SCREEN_SLOT)."""
    return tuple(
        SlotFilled(want.slot, devices[want.device_id].venue_id, SOURCES[want.source])
        for want in wants
        if want.slot != AHEAD
    )
