"""A meeting around its room: what invited venues answer, and what its plan is warned of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_REPORT = timedelta(minutes=60)  # 开短会: a main report beyond it is asked about, never forbidden


class Reply(StrEnum):
    """回执 of an invited venue."""

    ATTENDS = "ATTENDS"  # 参加
    SUBSTITUTE = "SUBSTITUTE"  # 派员代替
    EXCUSED = "EXCUSED"  # 请假


@dataclass(frozen=True, slots=True)
class Times:
    """When something lasts, half open."""

    starts_at: datetime
    ends_at: datetime

    def meets(self, other: "Times") -> bool:
        """Whether the two overlap."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def too_long(minutes: Iterable[int]) -> bool:
    """Whether any single topic is planned longer than a short meeting has."""
    return any(timedelta(minutes=planned) > LONGEST_REPORT for planned in minutes)
