"""Brings the engine to what the room wants of it. The owner only says what is wanted; this task tells the engine the
difference to what it was told, latest wins, mutes first. When the engine is lost everything is told again."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from rtc.engine.control import Line, Slot, Source
from rtc.engine.port import EngineDown, EngineRefused, MediaEngine

log = logging.getLogger("yiwang.rooms")

MOST_SEATS_A_CALL: Final = 1_000
AT_ONCE: Final = 16  # calls in flight
ADMITTED_WITHIN: Final = 5.0  # seconds a publisher waits for his seat
AGAIN_AFTER: Final = 0.5  # seconds after a failure

Key = tuple[str, Source]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of each seat: what it may publish, what of it is forwarded, what it sees."""

    seats: Mapping[str, frozenset[Source]] = field(default_factory=dict)
    allowed: Mapping[str, frozenset[Source]] = field(default_factory=dict)
    shows: Mapping[str, tuple[Slot, ...]] = field(default_factory=dict)
    recording: str = ""  # the folder of the recording that runs

    def dropped(self) -> frozenset[Key]:
        """Everything that must not be forwarded."""
        none: frozenset[Source] = frozenset()
        return frozenset(
            (seat, source) for seat in self.seats for source in Source if source not in self.allowed.get(seat, none)
        )


class Reconciler:
    """One room's line to the engine. `lost` is called when the engine does not answer, `back` when it knows all."""

    def __init__(
        self, room: str, engine: MediaEngine, *, lost: Callable[[], None], back: Callable[[], None]
    ) -> None:  # fmt: skip
        self._room, self._engine, self._lost, self._back = room, engine, lost, back
        self._life = 0  # of the engine: what was told to one is unknown to the next
        self._wanted = Wanted()
        self._news = asyncio.Event()
        self._settled = asyncio.Condition()
        self._made = False
        self._seats: dict[str, frozenset[Source]] = {}
        self._cut: set[str] = set()
        self._dropped: frozenset[Key] = frozenset()
        self._shows: dict[str, tuple[Slot, ...]] = {}
        self._recording = ""
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop and forget the room."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        with suppress(EngineDown, EngineRefused):
            await self._engine.close_room(self._room)

    def want(self, wanted: Wanted) -> None:
        """This, from now on."""
        self._wanted = wanted
        self._news.set()

    def forget(self) -> None:
        """The engine is new and empty: tell it everything."""
        self._life += 1
        self._made, self._dropped, self._recording = False, frozenset(), ""
        self._seats.clear()
        self._shows.clear()
        self._cut.clear()
        self._news.set()

    def renew(self, seat: str) -> None:
        """A page came anew under the same name: its old connections are cut before it is let in again."""
        if self._seats.pop(seat, None) is not None:
            self._cut.add(seat)
            self._shows.pop(seat, None)
            self._news.set()

    async def publish(self, seat: str, sdp: str, lines: Sequence[Line]) -> str:
        """The answer to a publish offer, once the seat is known there; EngineDown when that takes too long."""
        if not await self.admitted(seat):
            raise EngineDown
        return await self._engine.publish(self._room, seat, sdp, lines)

    async def answer(self, seat: str, version: int, sdp: str) -> None:
        """The answer to a subscribe offer."""
        await self._engine.answer(self._room, seat, version, sdp)

    async def restart(self, seat: str) -> None:
        """New credentials for the subscribe connection."""
        await self._engine.restart(self._room, seat)

    async def admitted(self, seat: str) -> bool:
        """Wait until the engine knows the seat; False when that takes too long."""
        try:
            async with asyncio.timeout(ADMITTED_WITHIN), self._settled:
                await self._settled.wait_for(lambda: seat in self._seats)
        except TimeoutError:
            return False
        return True

    @property
    def silent(self) -> bool:
        """Whether the engine drops everything that must not be forwarded."""
        return self._made and self._wanted.dropped() <= self._dropped

    @property
    def quiet(self) -> bool:
        """Whether the engine knows everything that is wanted."""
        wanted = self._wanted
        told = (self._seats, self._dropped, self._shows, self._recording)
        asked = (wanted.seats, wanted.dropped(), wanted.shows, wanted.recording)
        return self._made and not self._cut and told == asked

    async def _run(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            life = self._life
            try:
                await self._bring(self._wanted)
                if life != self._life:
                    self.forget()
            except EngineDown:
                self._lost()
                self.forget()
                await asyncio.sleep(AGAIN_AFTER)
            except Exception:
                log.exception("the engine could not be told everything of room %s; trying again", self._room)
                self.forget()
                await asyncio.sleep(AGAIN_AFTER)

    async def _bring(self, wanted: Wanted) -> None:
        """Mutes first; then who may come in; then what may be heard again, and what is seen."""
        if not self._made:
            await self._engine.ensure_room(self._room)
            self._made = True
        dropped = wanted.dropped()
        await self._allow(dropped - self._dropped, on=False)
        self._dropped |= dropped
        await self._seat(wanted)
        async with self._settled:
            self._settled.notify_all()
        await self._allow(self._dropped - dropped, on=True)
        self._dropped = dropped
        await self._show(wanted)
        await self._record(wanted.recording)
        self._back()

    async def _allow(self, keys: frozenset[Key], *, on: bool) -> None:
        seats = defaultdict(list)
        for seat, source in sorted(keys):
            seats[source].append(seat)
        for source, names in seats.items():
            for start in range(0, len(names), MOST_SEATS_A_CALL):
                part = names[start : start + MOST_SEATS_A_CALL]
                with self._refusable("allow"):
                    await self._engine.allow(self._room, part, source, on=on)

    async def _seat(self, wanted: Wanted) -> None:
        gone = sorted((set(self._seats) - set(wanted.seats)) | self._cut)
        await self._each(gone, self._remove)
        other = [seat for seat, sources in wanted.seats.items() if self._seats.get(seat) != sources]
        await self._each(other, lambda seat: self._admit(seat, wanted.seats[seat]))

    async def _show(self, wanted: Wanted) -> None:
        other = [seat for seat, slots in wanted.shows.items() if self._shows.get(seat) != slots]
        for start in range(0, len(other), AT_ONCE):
            if self._wanted is not wanted:
                return  # something newer is wanted, perhaps silence; the rest of this comes with it
            part = other[start : start + AT_ONCE]
            await self._each(part, lambda seat: self._show_one(seat, wanted.shows[seat]))

    async def _record(self, folder: str) -> None:
        if folder != self._recording:
            with self._refusable("record"):
                await self._engine.record(self._room, folder)
            self._recording = folder

    async def _each(self, seats: Sequence[str], call: Callable[[str], Awaitable[None]]) -> None:
        for start in range(0, len(seats), AT_ONCE):
            await asyncio.gather(*(call(seat) for seat in seats[start : start + AT_ONCE]))

    async def _remove(self, seat: str) -> None:
        with self._refusable("remove"):
            await self._engine.remove(self._room, seat)
        self._cut.discard(seat)
        self._seats.pop(seat, None)
        self._shows.pop(seat, None)

    async def _admit(self, seat: str, sources: frozenset[Source]) -> None:
        with self._refusable("admit"):
            await self._engine.admit(self._room, seat, sorted(sources))
        self._seats[seat] = sources

    async def _show_one(self, seat: str, slots: tuple[Slot, ...]) -> None:
        with self._refusable("show"):
            await self._engine.show(self._room, seat, slots)
        self._shows[seat] = slots

    @contextmanager
    def _refusable(self, what: str) -> Iterator[None]:
        """A refusal of one call is logged and not repeated: the rest of the room goes on."""
        try:
            yield
        except EngineRefused as refused:
            log.warning("room %s: the engine refused %s: %s", self._room, what, refused)
