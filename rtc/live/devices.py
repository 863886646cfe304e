"""Which devices are at which venue, and which one of them is on air. Times are given; nothing here looks at a clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from rtc.domain.venue import Device

GRACE: Final = timedelta(seconds=3)  # a line that broke may come back; then another device takes over
SILENT: Final = timedelta(seconds=35)  # three beats missed


class Devices:
    """Every device of a room. A device keeps its place for three seconds after its line broke."""

    def __init__(self) -> None:
        self._here: dict[str, Device] = {}
        self._heard: dict[str, datetime] = {}
        self._lost: dict[str, datetime] = {}

    def __contains__(self, device_id: str) -> bool:
        return device_id in self._here

    def get(self, device_id: str) -> Device | None:
        """The device, also while it is lost."""
        return self._here.get(device_id)

    @property
    def all(self) -> tuple[Device, ...]:
        """Every device, lost ones too, in order of coming."""
        return tuple(self._here.values())

    @property
    def venues(self) -> frozenset[int]:
        """Where there is a device."""
        return frozenset(device.venue_id for device in self._here.values())

    def at(self, venue_id: int) -> tuple[Device, ...]:
        """The devices of one venue."""
        return tuple(device for device in self._here.values() if device.venue_id == venue_id)

    def on_air(self, venue_id: int) -> Device | None:
        """The one that is on air."""
        return next((device for device in self.at(venue_id) if device.on_air), None)

    def join(self, device: Device, at: datetime, *, may_air: bool) -> Device:
        """A device comes, or comes back to its place; the first of a venue is on air."""
        before = self._here.get(device.id)
        if before is not None and before.venue_id == device.venue_id:
            device = replace(device, on_air=before.on_air, since=before.since)
        else:
            device = replace(device, on_air=may_air and self.on_air(device.venue_id) is None)
        self._here[device.id] = device
        self._heard[device.id] = at
        self._lost.pop(device.id, None)
        return device

    def change(self, device: Device) -> None:
        """The same device, otherwise."""
        self._here[device.id] = device

    def hear(self, device_id: str, at: datetime) -> None:
        """A sign of life."""
        self._heard[device_id] = at

    def lose(self, device_id: str, at: datetime) -> None:
        """Its line broke."""
        if device_id in self._here:
            self._lost.setdefault(device_id, at)

    def take_over(self, device_id: str) -> tuple[Device, ...]:
        """This device is on air now; returned are those that are not any more."""
        device = self._here[device_id]
        off = tuple(replace(d, on_air=False) for d in self.at(device.venue_id) if d.on_air and d.id != device_id)
        self._here.update({one.id: one for one in off})
        self._here[device_id] = replace(device, on_air=True)
        return off

    def silent(self, now: datetime) -> tuple[str, ...]:
        """Those that missed three beats and whose line is still thought to be there."""
        return tuple(d for d, heard in self._heard.items() if now - heard > SILENT and d not in self._lost)

    def expire(self, now: datetime) -> tuple[tuple[Device, ...], tuple[Device, ...]]:
        """Who is gone for good now, and who took over for them: the one that came first."""
        gone = tuple(self._here[d] for d, since in self._lost.items() if now - since >= GRACE)
        for device in gone:
            self.remove(device.id)
        heirs = [self._heir(device.venue_id) for device in gone if device.on_air]
        return gone, tuple(heir for heir in heirs if heir is not None)

    def remove(self, device_id: str) -> None:
        """Forget it at once."""
        self._here.pop(device_id, None)
        self._heard.pop(device_id, None)
        self._lost.pop(device_id, None)

    def _heir(self, venue_id: int) -> Device | None:
        heir = next((device for device in self.at(venue_id) if device.id not in self._lost), None)
        if heir is None or self.on_air(venue_id) is not None:
            return None
        self._here[heir.id] = heir = replace(heir, on_air=True)
        return heir
