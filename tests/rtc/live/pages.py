"""Pages without a browser: seats whose outbox the test reads, in a house with a hub and an engine in memory."""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from office.domain.people import Actor
from office.store.database import Database
from rtc.engine.memory import MemoryEngine, MemoryRoom
from rtc.live import messages
from rtc.live.entries import Leave, Tick
from rtc.live.hub import RoomHub
from rtc.live.owner import RoomOwner
from rtc.live.seats import Close, Seat
from rtc.service import rooms
from tests.conftest import Clock
from tests.rtc.service import calling
from tests.town import CITY, Town

SOON = 5.0  # seconds anything here may take
Message = dict[str, Any]


@dataclass(slots=True)
class Page:
    """What one page heard; `state` is the room as its messages build it up."""

    seat: Seat
    owner: RoomOwner
    heard: list[Message] = field(default_factory=list)
    state: Message = field(default_factory=dict)
    code: int | None = None
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def until(self, wanted: Callable[[Message], bool], what: str = "a message") -> Message:
        """The next message that is like that."""
        try:
            async with asyncio.timeout(SOON):
                while self.code is None:
                    message = await self.next()
                    if message is not None and wanted(message):
                        return message
        except TimeoutError:
            raise AssertionError(f"{what} did not come; heard {self.heard[-5:]}") from None
        raise AssertionError(f"closed with {self.code} before {what} came; heard {self.heard[-5:]}")

    async def kind(self, kind: str) -> Message:
        """The next message of a kind."""
        return await self.until(lambda message: message["kind"] == kind, kind)

    async def next(self) -> Message | None:
        """The next message; None when the line was closed."""
        frame = await self.seat.outbox.get()
        if isinstance(frame, Close):
            self.code = frame.code
            return None
        message: Message = msgspec.json.decode(frame)
        self.heard.append(message)
        self._take(message)
        return message

    async def all(self) -> list[Message]:
        """Everything that was sent so far."""
        await self.owner.settle()
        begin = len(self.heard)
        while not self.seat.outbox.empty:
            await self.next()
        return self.heard[begin:]

    def _take(self, message: Message) -> None:
        if message["kind"] == "hello":
            self.state = message
        elif message["kind"] == "change":
            for name, value in message["room"].items():
                old = self.state["room"].get(name)
                if isinstance(old, list) and isinstance(value, dict) and set(value) == {"+", "-"}:
                    value = sorted((set(old) | set(value["+"])) - set(value["-"]))
                self.state["room"][name] = value
        elif message["kind"] == "roster":
            for venue, entry in message["venues"].items():
                self.state["roster"].pop(venue, None)
                self.state["roster"].update({venue: entry} if entry is not None else {})

    def say(self, said: messages.Said) -> None:
        """Send something."""
        self.owner.say(self.seat, messages.decode(messages.encode(said).decode()))

    async def do(self, command: str, **arguments: Any) -> Message:  # noqa: ANN401 - JSON
        """Ask for a command with the chair's number as the page knows it; done or refused."""
        number = next(self._numbers)
        fence = arguments.pop("fence", self.state["room"].get("chair", {}).get("fence", 0))
        self.say(messages.Do(number, command, arguments, fence))
        return await self.until(
            lambda m: m["kind"] in {"done", "refused"} and m["id"] == number, f"answer to {command}"
        )

    def leave(self) -> None:
        """The line breaks."""
        self.owner.post(Leave(self.seat))


@dataclass(slots=True)
class Rooms:
    """A hub with one meeting that was called."""

    db: Database
    clock: Clock
    town: Town
    hub: RoomHub
    engine: MemoryEngine
    meeting_id: int

    async def page(self, organ_id: int, device: str = "", *, again: bool = False, actor: Actor | None = None) -> Page:
        """A page of an organ's clerk that was greeted or sent away."""
        who = actor or self.town(organ_id)
        entered = await self.db.read(rooms.enter, rooms.Enter(self.meeting_id), who)
        place = entered.place
        name = device or f"device-{organ_id}-one"
        seat = Seat(f"{place.id}.{name}", name, entered.participant, inspector=place.inspector)
        owner = await self.hub.join(self.meeting_id, seat, again=again)
        page = Page(seat, owner)
        await page.until(lambda message: message["kind"] in {"hello", "bye"}, "hello")
        return page

    async def chair(self) -> Page:
        """The city's page, holding the chair of a meeting that is on."""
        page = await self.page(CITY)
        assert (await page.do("RequestChair"))["kind"] == "done"
        assert (await page.do("SetPhase", to="LIVE"))["kind"] == "done"
        return page

    @property
    def owner(self) -> RoomOwner:
        """Who serves the meeting."""
        owner = self.hub.room(self.meeting_id)
        assert owner is not None
        return owner

    @property
    def media(self) -> MemoryRoom:
        """What the engine knows of it."""
        return self.engine.rooms[str(self.meeting_id)]

    def venue(self, organ_id: int) -> int:
        """The venue of an organ."""
        return calling.venue_of(self.db, self.meeting_id, organ_id)

    async def quiet(self) -> None:
        """Wait until the engine knows everything."""
        await self.owner.settle()
        await eventually(lambda: self.owner.live.engine.quiet, "the engine to know everything")

    async def tick(self, **passed: float) -> None:
        """Let time go by and the room notice."""
        await self.owner.settle()
        self.clock.pass_(**passed)
        self.owner.post(Tick())
        await self.owner.settle()


async def eventually(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, and say what did not happen."""
    try:
        async with asyncio.timeout(SOON):
            while not condition():  # noqa: ASYNC110 - of any object, none of which has an event for it
                await asyncio.sleep(0.005)
    except TimeoutError:
        raise AssertionError(f"waited in vain for {what}") from None
