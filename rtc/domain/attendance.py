"""Attendance (到会): when a venue was there, from the signs of life of all its devices. Never a sum, never a rate."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

GAP = timedelta(seconds=45)  # a silence up to this long is a bad line, not an absence


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """[start, end) by the server's clock."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        """How long; never negative."""
        return max(self.end - self.start, timedelta())


@dataclass(frozen=True, slots=True)
class Stay:
    """One connection of one device: joined, last heard of, left (None: it never said so)."""

    joined_at: datetime
    beat_at: datetime
    left_at: datetime | None = None

    @property
    def interval(self) -> Interval:
        """A device that fell silent was there until its last beat."""
        end = self.left_at if self.left_at is not None else self.beat_at
        return Interval(self.joined_at, max(end, self.joined_at))


def union(intervals: Iterable[Interval], *, gap: timedelta = timedelta()) -> tuple[Interval, ...]:
    """The set they cover, in order; silences up to `gap` between two are closed. Order of arrival does not matter."""
    covered: list[Interval] = []
    for interval in sorted(interval for interval in intervals if interval.end >= interval.start):
        if covered and interval.start - covered[-1].end <= gap:
            covered[-1] = Interval(covered[-1].start, max(covered[-1].end, interval.end))
        else:
            covered.append(interval)
    return tuple(interval for interval in covered if interval.end > interval.start)


def within(intervals: Iterable[Interval], counted: Iterable[Interval]) -> tuple[Interval, ...]:
    """The part of `intervals` that lies in the time that counts: the meeting was live or paused, not rehearsed."""
    periods = union(counted)
    parts = (
        Interval(max(interval.start, period.start), min(interval.end, period.end))
        for interval in intervals
        for period in periods
    )
    return union(part for part in parts if part.end > part.start)


def attended(stays: Iterable[Stay], counted: Iterable[Interval]) -> tuple[Interval, ...]:
    """When a venue was at the meeting: the union over its devices, within the time that counts."""
    return within(union((stay.interval for stay in stays), gap=GAP), counted)


def total(intervals: Iterable[Interval]) -> timedelta:
    """How long disjoint intervals are together."""
    return sum((interval.length for interval in intervals), timedelta())
