"""How far deliveries are, kept while nothing happens to the document: fifty viewers cost one question."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from office.service import deliveries
from office.store.database import Database

MOST = 64  # documents looked at lately
EACH = 0.3  # seconds: not more often is one document counted again


@dataclass(slots=True)
class Held:
    """The last board of a document and what was drawn from it; `at` is the loop's time of its reading."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    board: deliveries.Board | None = None
    at: float = float("-inf")
    drawn: dict[object, str] = field(default_factory=dict)


class Boards:
    """The boards of one database."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[int, int | None], Held] = OrderedDict()

    async def get(self, db: Database, seen: deliveries.Scope) -> Held:
        """A board that is not older than what `seen` has seen: never stale, and read at most every `EACH` seconds."""
        key = seen.document.id, seen.via
        held = self._held.setdefault(key, Held())
        self._held.move_to_end(key)
        while len(self._held) > MOST:
            self._held.popitem(last=False)
        async with held.lock:
            if held.board is None or held.board.scope.stamp < seen.stamp:
                await self._read(db, held, seen)
        return held

    async def _read(self, db: Database, held: Held, seen: deliveries.Scope) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, held.at + EACH - loop.time()))
        held.board = await db.read(deliveries.board, seen)
        held.at, held.drawn = loop.time(), {}


_all: WeakKeyDictionary[Database, Boards] = WeakKeyDictionary()


def boards(db: Database) -> Boards:
    """The boards of that database."""
    return _all.setdefault(db, Boards())
