"""Who is here, as pages see it: deltas, joined until they are sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rtc.domain.venue import Device, Venue
from rtc.engine.control import Source
from rtc.live.devices import Devices

Entry = dict[str, Any]


class Roster:
    """One line a venue that is online. Inspectors are not in it, ever."""

    def __init__(self, venues: Mapping[int, Venue], devices: Devices) -> None:
        self.venues = venues
        self._devices = devices
        self._media: dict[str, set[Source]] = {}  # what arrives from a seat
        self._since: dict[int, datetime] = {}
        self._waiting: frozenset[int] = frozenset()
        self._told: dict[int, Entry] = {}
        self._dirty: set[int] = set()

    def touch(self, *venue_ids: int) -> None:
        """These may look otherwise now."""
        self._dirty.update(venue_ids)

    def media(self, device: Device, source: Source, *, on: bool) -> None:
        """Media of a source began to arrive from the device, or stopped."""
        held = self._media.setdefault(device.id, set())
        held.add(source) if on else held.discard(source)
        self.touch(device.venue_id)

    def no_media(self) -> None:
        """The engine is gone, and with it everything that arrived."""
        self._media.clear()
        self.touch(*self._told)

    def forget(self, device: Device) -> None:
        """The device is gone."""
        self._media.pop(device.id, None)
        self.touch(device.venue_id)

    def came(self, venue_id: int, at: datetime) -> None:
        """A device of the venue is here."""
        self._since.setdefault(venue_id, at)
        self.touch(venue_id)

    def wait(self, outside: frozenset[int]) -> None:
        """Who waits in the lobby."""
        self.touch(*(outside ^ self._waiting))
        self._waiting = outside

    def deltas(self) -> dict[str, Entry | None]:
        """What is other than what was told."""
        changed: dict[str, Entry | None] = {}
        here = self._devices.venues
        for venue_id in sorted(self._dirty):
            entry = self._entry(venue_id) if venue_id in here and self._seen(venue_id) else None
            if entry != self._told.get(venue_id):
                changed[str(venue_id)] = entry
                self._keep(venue_id, entry)
        self._dirty.clear()
        return changed

    def _keep(self, venue_id: int, entry: Entry | None) -> None:
        if entry is None:
            self._told.pop(venue_id, None)
            self._since.pop(venue_id, None)
        else:
            self._told[venue_id] = entry

    def _seen(self, venue_id: int) -> bool:
        venue = self.venues.get(venue_id)
        return venue is not None and not venue.inspector

    def _entry(self, venue_id: int) -> Entry:
        device = self._devices.on_air(venue_id)
        arrives = self._media.get(device.id, set()) if device is not None else set()
        return {
            "online": True, "mic": Source.MICROPHONE in arrives, "camera": Source.CAMERA in arrives,
            "screen": Source.SCREEN in arrives, "since": self._since.get(venue_id),
        } | ({"waiting": True} if venue_id in self._waiting else {})  # fmt: skip

    @property
    def whole(self) -> dict[str, Entry]:
        """What was told so far: a page that comes gets this, and the deltas after it."""
        return {str(venue_id): entry for venue_id, entry in self._told.items()}

    @property
    def online(self) -> frozenset[int]:
        """Venues that are here, without inspectors."""
        return frozenset(venue_id for venue_id in self._devices.venues if self._seen(venue_id))
