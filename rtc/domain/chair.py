"""The chair of a room (主席令牌): one holder, a number that rises with each grant, a lease, a deputy."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LEASE = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Chair:
    """`fence` rises with every grant and release; a command that carries another number is refused."""

    holder: int | None = None  # venue
    holder_person: int | None = None
    fence: int = 0
    until: datetime | None = None
    deputy: int | None = None
    wishes: tuple[int, ...] = ()  # venues that asked for it, in order

    def lapsed(self, at: datetime) -> bool:
        """Whether the holder's lease ran out; half open: at `until` it has."""
        return self.holder is not None and self.until is not None and at >= self.until
