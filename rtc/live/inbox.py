"""A room's inbox: bounded, in order; what can be done without waits behind what cannot, and is shed first."""

import asyncio
from collections import deque
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MOST_CHATTER: Final = 2_000
MOST_WANTED: Final = 10_000
FAIR: Final = 16  # so many entries are served before one of the chatter must be


class Inbox(Generic[T]):
    """One reader; any number of writers on the same loop."""

    def __init__(self, *, most_wanted: int = MOST_WANTED, most_chatter: int = MOST_CHATTER) -> None:
        self._wanted: deque[T] = deque()
        self._chatter: deque[T] = deque()
        self._most_wanted, self._most_chatter = most_wanted, most_chatter
        self._served = 0
        self._there = asyncio.Event()
        self.shed = 0  # entries that were refused

    def __len__(self) -> int:
        return len(self._wanted) + len(self._chatter)

    def must(self, entry: T) -> None:
        """An entry that is never shed: the chair's commands, coming, going, the engine. Its writers are bounded."""
        self._wanted.append(entry)
        self._there.set()

    def put(self, entry: T) -> bool:
        """An entry somebody waits for; False when there are too many."""
        if len(self._wanted) >= self._most_wanted:
            self.shed += 1
            return False
        self.must(entry)
        return True

    def chatter(self, entry: T) -> bool:
        """An entry that may be lost; False when it was."""
        if len(self._chatter) >= self._most_chatter:
            self.shed += 1
            return False
        self._chatter.append(entry)
        self._there.set()
        return True

    async def get(self) -> T:
        """The next entry."""
        while not len(self):
            self._there.clear()
            await self._there.wait()
        self._served += 1
        if self._chatter and (not self._wanted or self._served % FAIR == 0):
            return self._chatter.popleft()
        return self._wanted.popleft()
