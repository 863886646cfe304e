"""What a hub does with the engine, as far as these tests need it: reading notes, joining, showing."""

import asyncio
import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Protocol, Self, TypeVar

from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import Line, Notes, Source, SubscribeOffer
from rtc.engine.port import MediaEngine
from rtc.media.link import Link
from rtc.media.sdp import parse
from rtc.media.udp import bind
from rtc.media.worker import Worker
from tests.rtc.media.bot import VP8_KEY, VP8_NEXT, Connection, answer, candidate, offer, packet, until

N = TypeVar("N", bound=Notes)


class Indoors:
    """A worker in this very process, where a test can look at it; everything but the process is real."""

    def __init__(self) -> None:
        self.token = "indoors"
        self.pid = os.getpid()
        self.worker: Worker | None = None
        self._link: Link | None = None

    async def start(self) -> int:
        """As WorkerProcess.start."""
        self.worker = Worker(bind("127.0.0.1", 0), host="127.0.0.1")
        self._link = Link(self.worker, token=self.token)
        return await self._link.open(0)

    def kill(self) -> None:
        """Nothing to kill."""

    async def end(self) -> None:
        """As WorkerProcess.end."""
        if self._link is not None and self.worker is not None:
            await self._link.close()
            await self.worker.close()


def indoors() -> tuple[BuiltinEngine, Indoors]:
    """An engine whose worker lives in this process."""
    engine, process = BuiltinEngine(port=0), Indoors()
    engine._keepers[0].process = process  # type: ignore[assignment]
    return engine, process


class Hears(Protocol):
    """Wants to be told notes."""

    def hear(self, note: Notes) -> None:
        """One note."""


class Told:
    """Reads the engine's notes while it is open, and keeps them."""

    def __init__(self, engine: MediaEngine) -> None:
        self._engine = engine
        self.notes: list[Notes] = []
        self.listeners: Sequence[Hears] = ()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])

    async def _read(self) -> None:
        async for note in self._engine.events():
            self.notes.append(note)
            for one in self.listeners:
                one.hear(note)

    async def first(self, kind: type[N], *, after: Notes | None = None, seconds: float = 20.0) -> N:
        """The first note of a kind, after another one if given."""

        def found() -> list[N]:
            start = 0 if after is None else next(i for i, note in enumerate(self.notes) if note is after) + 1
            return [note for note in self.notes[start:] if isinstance(note, kind)]

        await until(found, f"a {kind.__name__}", seconds)
        return found()[0]


class Client:
    """A bot in a room: publishes packets it is given, answers offers, counts what it gets."""

    def __init__(self, engine: MediaEngine, seat: str, room: str = "1") -> None:
        self._engine, self.seat, self._room = engine, seat, room
        self.up, self.down = Connection(), Connection()
        self.ssrcs = {source: 1_000 * int(seat[1:]) + at for at, source in enumerate(Source, 1)}
        self.offers: list[SubscribeOffer] = []
        self.flows: dict[tuple[str, Source], int] = {}  # whose track comes under which SSRC
        self._sequence = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def publish(self, *sources: Source) -> str:
        """Offer these sources and connect; the answer's SDP."""
        lines = [Line(str(mid), source) for mid, source in enumerate(sources)]
        sdp = await self._engine.publish(self._room, self.seat, offer(self.up, sources, self.ssrcs), lines)
        self.up.connect(parse(sdp, most_sections=20), candidate(sdp))
        async with asyncio.timeout(10):
            await self.up.up.wait()
        return sdp

    def hear(self, note: Notes) -> None:
        """Answer offers meant for this seat."""
        if isinstance(note, SubscribeOffer) and note.seat == self.seat:
            self.offers.append(note)
            task = asyncio.create_task(self.answer(note))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def answer(self, note: SubscribeOffer) -> None:
        """Take the offer, answer, connect."""
        theirs = parse(note.sdp, most_sections=64)
        self.flows = {
            (line.seat, line.source): media.ssrcs[0]
            for line, media in zip(note.lines, theirs.media, strict=True) if media.sends
        }  # fmt: skip
        await self._engine.answer(self._room, self.seat, note.version, answer(self.down, note.sdp))
        self.down.connect(theirs, candidate(note.sdp))

    def got(self, seat: str, source: Source) -> int:
        """Packets that came of a seat's source."""
        return self.down.got[self.flows.get((seat, source), 0)]

    def say(self, *, key: bool = False) -> None:
        """Send one packet of sound and one of the camera."""
        self._sequence += 1
        sound = packet(self.ssrcs[Source.MICROPHONE], self._sequence, b"opus", kind="audio", timestamp=960)
        self.up.send(sound)
        frame = VP8_KEY if key or self._sequence % 10 == 1 else VP8_NEXT
        self.up.send(packet(self.ssrcs[Source.CAMERA], self._sequence, frame))

    async def say_until(self, true: Callable[[], object], what: str, seconds: float = 10.0) -> None:
        """Go on sending until something is true."""

        def said() -> object:
            self.say()
            return true()

        await until(said, what, seconds)

    async def close(self) -> None:
        """Leave."""
        for task in list(self._tasks):
            task.cancel()
        await self.up.close()
        await self.down.close()
