"""Keeps presence rows: comings and goings are written together each second, signs of life each ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from office.store.database import Database
from office.store.work import Work
from rtc.service import presence
from rtc.store.presence import Joined

BEAT_EVERY: Final = 10.0  # seconds


@dataclass(eq=False, slots=True)
class _Stay:
    """One connection of a device: its row once there is one."""

    joined: Joined
    row: int | None = None


class PresenceLog:
    """What one room has to write of presence. A write that fails is tried again with the next."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._stays: dict[str, _Stay] = {}
        self._going: list[_Stay] = []

    def join(self, seat: str, joined: Joined) -> None:
        """A page is here."""
        if seat not in self._stays:
            self._stays[seat] = _Stay(joined)

    def leave(self, seat: str) -> None:
        """It went."""
        stay = self._stays.pop(seat, None)
        if stay is not None:
            self._going.append(stay)

    @property
    def pending(self) -> bool:
        """Whether there is something to write besides signs of life."""
        return bool(self._going) or any(stay.row is None for stay in self._stays.values())

    async def flush(self, *, beat: bool) -> None:
        """Write what is pending; with `beat` also that everyone else is still here."""
        new = [stay for stay in (*self._stays.values(), *self._going) if stay.row is None]
        going = list(self._going)
        old = [stay.row for stay in self._stays.values() if stay.row is not None] if beat else []
        rows, moved = await self._db.write(
            _write, [stay.joined for stay in new], old, [stay.row for stay in going if stay.row is not None],
            [new.index(stay) for stay in going if stay.row is None],
        )  # fmt: skip
        self._going = [stay for stay in self._going if stay not in going]
        for stay, row in zip(new, rows, strict=True):
            stay.row = row
        for stay in self._stays.values():
            if stay.row in moved:
                stay.row = moved[stay.row]


def _write(
    work: Work, new: Sequence[Joined], old: Sequence[int], gone: Sequence[int], gone_new: Sequence[int]
) -> tuple[list[int], dict[int, int]]:
    """One transaction; `gone_new` are places in `new` of those that came and went since the last write."""
    rows = [presence.join(work, joined) for joined in new]
    moved = dict(presence.beat(work, old)) if old else {}
    left = [*gone, *(rows[place] for place in gone_new)]
    if left:
        presence.leave(work, left)
    return rows, moved
