"""Attendance (到会): when a venue was there. A union of intervals over its devices, never a sum; kept for ever.

It makes the sheet of one meeting and its quorum, and nothing else: no hours, no rates, no comparison.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rtc.domain.meeting import COUNTED
from rtc.domain.room import Phase

GAP = timedelta(seconds=45)  # a silence up to this is no absence


class SignKind(StrEnum):
    """What a device let us hear."""

    JOIN = "JOIN"
    BEAT = "BEAT"
    LEAVE = "LEAVE"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life. `at` is the server's clock; `late`: a stored beat, by its own signed clock."""

    venue_id: int
    device: str
    kind: SignKind
    at: datetime
    late: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """From `start` up to but without `end`."""

    start: datetime
    end: datetime


def intervals(signs: Iterable[Sign]) -> tuple[Interval, ...]:
    """Of one device, in whatever order its signs arrived; a longer silence than GAP ends at the last sign."""
    found: list[Interval] = []
    start: datetime | None = None
    last: datetime | None = None
    # at the same moment the leaving comes first: who left and came back at once was never away
    for sign in sorted(set(signs), key=lambda one: (one.at, one.kind is not SignKind.LEAVE)):
        if start is not None and last is not None and sign.at - last > GAP:
            found.append(Interval(start, last))
            start = None
        if sign.kind is not SignKind.LEAVE:
            start, last = start or sign.at, sign.at
        elif start is not None:
            found.append(Interval(start, sign.at))
            start = None
    if start is not None and last is not None:
        found.append(Interval(start, last))
    return tuple(one for one in found if one.start < one.end)


def union(some: Iterable[Interval], bridge: timedelta = timedelta(0)) -> tuple[Interval, ...]:
    """Disjoint and in order; gaps up to `bridge` are closed. Adding an interval never takes a moment away."""
    made: list[Interval] = []
    for one in sorted(one for one in some if one.start < one.end):
        if made and one.start - made[-1].end <= bridge:
            made[-1] = Interval(made[-1].start, max(made[-1].end, one.end))
        else:
            made.append(one)
    return tuple(made)


def counted(phases: Sequence[tuple[datetime, Phase]], until: datetime) -> tuple[Interval, ...]:
    """The time that counts, from the moments a phase began; rehearsal and waiting do not."""
    ends = (*(at for at, _ in phases[1:]), until)
    return union(Interval(at, end) for (at, phase), end in zip(phases, ends, strict=False) if phase in COUNTED)


def within(some: Iterable[Interval], windows: Iterable[Interval]) -> tuple[Interval, ...]:
    """What of `some` lies in `windows`."""
    bounds = union(windows)
    return union(
        Interval(max(one.start, bound.start), min(one.end, bound.end)) for one in union(some) for bound in bounds
    )


def attended(stays: Iterable[Interval], windows: Iterable[Interval]) -> tuple[Interval, ...]:
    """When a venue was there, from the stays of all its devices: a short break of the line is no absence."""
    return within(union(stays, GAP), windows)


def of_venues(signs: Iterable[Sign], windows: Sequence[Interval]) -> Mapping[int, tuple[Interval, ...]]:
    """The same for every venue of a meeting, from the raw signs."""
    devices: dict[tuple[int, str], list[Sign]] = {}
    for sign in signs:
        devices.setdefault((sign.venue_id, sign.device), []).append(sign)
    stays: dict[int, list[Interval]] = {}
    for (venue_id, _), heard in devices.items():
        stays.setdefault(venue_id, []).extend(intervals(heard))
    return {venue_id: attended(some, windows) for venue_id, some in stays.items()}


def length(some: Iterable[Interval]) -> timedelta:
    """How long a union lasts."""
    return sum((one.end - one.start for one in union(some)), timedelta(0))
