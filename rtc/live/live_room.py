"""One live room in memory: the decided state, who is here, and what each page was told. Its owner alone touches it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from rtc.domain import staging
from rtc.domain.layout import Layout
from rtc.domain.room import Room
from rtc.domain.venue import Device, House, Participant, Venue
from rtc.engine.control import Source
from rtc.live import doorman, messages, staged
from rtc.live.devices import Devices
from rtc.live.messages import Bye, ChatLine, Slots, Welcome, You, encode
from rtc.live.reconciler import Reconciler
from rtc.live.roster import Roster
from rtc.live.seats import NOT_INVITED, Seat
from rtc.live.views import changes, venue_views, view

CHAT_KEPT: Final = 50
MOST_AT_VENUE: Final = 20  # devices of one venue


class LiveRoom:
    """See the module. Nothing here waits, and nothing here decides."""

    def __init__(
        self, meeting_id: int, room: Room, venues: Mapping[int, Venue], engine: Reconciler,
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self.meeting_id, self.room, self.engine, self.now = meeting_id, room, engine, now
        self.devices = Devices()
        self.roster = Roster(venues, self.devices)
        self.seats: dict[str, Seat] = {}
        self.own: dict[str, Layout] = {}
        self.speaking: tuple[int, ...] = ()
        self.chat: deque[ChatLine] = deque(maxlen=CHAT_KEPT)
        self.ballots: dict[int, dict[str, Any]] = {}
        self.been: set[int] = set()  # venues that were in: a lock does not keep them out
        self.outside: frozenset[int] = frozenset()
        self.engine_up = True
        self.unstaged = False  # the engine has yet to hear of something
        self.unchecked = False  # somebody may have to go
        self.tasks: set[asyncio.Task[None]] = set()
        self.recordings: Path | None = None  # where they go; None: nothing is recorded here
        self._folder = ""
        self._seq = int(now().timestamp() * 1000)  # a room that is opened again counts on from further up
        self._slots: dict[str, Slots] = {}
        self._raw: dict[str, msgspec.Raw] = {}

    # --- who is here

    @property
    def venues(self) -> Mapping[int, Venue]:
        """Every venue of the meeting, inspectors too."""
        return self.roster.venues

    @property
    def house(self) -> House:
        """What a decision may look at."""
        return House(self.venues, self.roster.online)

    def seat_of(self, device: Device | None) -> Seat | None:
        """The page of a device; None while its line is broken."""
        return self.seats.get(device.id) if device is not None else None

    def name_of(self, who: Participant) -> str:
        """张三（兴平市）."""
        venue = self.venues.get(who.venue_id)
        return f"{who.name}（{venue.name}）" if venue is not None else who.name

    # --- telling

    def next_seq(self) -> int:
        """The number of the next state message."""
        self._seq += 1
        self._raw.clear()
        return self._seq

    def tell_all(self, message: msgspec.Struct, *, chatter: bool = False) -> None:
        """Everyone inside; encoded once."""
        frame = encode(message)
        for seat in self.seats.values():
            if seat.venue_id not in self.outside:
                seat.outbox.tell(frame, chatter=chatter)

    def welcome(self, seat: Seat) -> None:
        """The whole state; who waits outside gets little more than that he waits."""
        device = self.devices.get(seat.id)
        waiting = seat.venue_id in self.outside
        you = You(
            venue=seat.venue_id, device=seat.device, on_air=device is not None and device.on_air, name=seat.who.name,
            grants=seat.grants, waiting=waiting,
        )  # fmt: skip
        seat.tell(
            Welcome(
                protocol=messages.PROTOCOL, seq=self._seq, now=self.now(), you=you,
                room=self._part("outside" if waiting else "room"), venues=self._part("none" if waiting else "venues"),
                roster=self._part("nobody" if waiting else "roster"), chat=self._part("none" if waiting else "chat"),
                ballots=self._part("none" if waiting else "ballots"),
                publish=() if seat.inspector else tuple(sorted(Source)),
            )
        )  # fmt: skip

    def greet_again(self) -> None:
        """The venues are others now: the whole state for everyone inside."""
        self.next_seq()
        for seat in self.seats.values():
            if seat.venue_id not in self.outside:
                self.welcome(seat)

    def _part(self, name: str) -> msgspec.Raw:
        """A part of the hello that is the same for all, encoded once for each state."""
        if name not in self._raw:
            parts: dict[str, Callable[[], object]] = {
                "room": lambda: view(self.room), "venues": lambda: venue_views(self.venues, self.roster.online),
                "roster": lambda: self.roster.whole, "chat": lambda: list(self.chat),
                "ballots": lambda: list(self.ballots.values()), "none": list, "nobody": dict,
                "outside": lambda: {"meeting_id": self.meeting_id, "phase": self.room.phase, "lobby": True},
            }  # fmt: skip
            self._raw[name] = msgspec.Raw(encode(parts[name]()))
        return self._raw[name]

    # --- coming and going

    def admit(self, seat: Seat) -> bool:
        """Give a page its place; whether the engine knows it already."""
        now = self.now()
        known = seat.id in self.devices
        device = Device(
            seat.id, seat.venue_id, seat.who.person_id, now,
            sees=frozenset({"MICROPHONE"} if seat.audio_only else ()),
        )  # fmt: skip
        self.devices.join(device, now, may_air=not seat.inspector)
        self.seats[seat.id] = seat
        if not seat.inspector:
            self.been.add(seat.venue_id)
            self.roster.came(seat.venue_id, now)
        self.place()
        self._slots.pop(seat.id, None)
        self.unstaged = True
        return known

    def forget(self, device: Device) -> None:
        """A device is gone for good."""
        self.devices.remove(device.id)
        self.seats.pop(device.id, None)
        self.own.pop(device.id, None)
        self._slots.pop(device.id, None)
        self.roster.forget(device)
        self.unstaged = True

    def place(self) -> tuple[Seat, ...]:
        """Find who waits outside now; returned are those that were outside and are in."""
        room, house = self.room, self.house
        outside = frozenset(one for one in self.devices.venues if not staging.inside(room, house, one))
        let_in = self.outside - outside
        self.outside = outside
        self.roster.wait(outside)
        return tuple(seat for seat in self.seats.values() if seat.venue_id in let_in)

    def put_out(self) -> tuple[Seat, ...]:
        """Say goodbye to those who may not be here any more; they are returned."""
        out, self.unchecked = [], False
        for seat in tuple(self.seats.values()):
            venue = self.venues.get(seat.venue_id)
            bye = doorman.goodbye(self.room, venue)
            if bye is not None:
                seat.outbox.close(NOT_INVITED, bye)
                out.append(seat)
                device = self.devices.get(seat.id)
                if device is not None:
                    self.forget(device)
        return tuple(out)

    # --- consequences

    def moved(self, after: Room, said: str, by: Participant | None) -> None:
        """The room is otherwise now: tell everyone what, let in who may come in. `put_out` follows the answer."""
        different = changes(self.room, after)
        self.room = after
        if different or said:
            name = self.name_of(by) if by is not None else None
            self.tell_all(messages.Change(seq=self.next_seq(), at=self.now(), by=name, said=said, room=different))
            self.unstaged = True
            self.unchecked = True
        for seat in self.place():
            self.welcome(seat)

    def turn(self, *, up: bool) -> None:
        """The engine was lost, or is back."""
        if up == self.engine_up:
            return
        self.engine_up = up
        if not up:
            self.speaking = ()
            self.roster.no_media()
        self.tell_all(messages.EngineState(up=up))

    def stage(self) -> None:
        """Work out what the engine is to do and what each page is to draw, and tell them."""
        self.unstaged = False
        inside = [d for d in self.devices.all if d.venue_id not in self.outside and d.venue_id in self.venues]
        wanted, slots = staged.wanted_of(self.room, self.house, inside, self.speaking, self.own)
        self.engine.want(replace(wanted, recording=self._recording()))
        for seat_id, drawn in slots.items():
            seat = self.seats.get(seat_id)
            if seat is not None and self._slots.get(seat_id) != drawn:
                self._slots[seat_id] = drawn
                seat.tell(drawn)

    def _recording(self) -> str:
        """The folder of the recording that runs, a new one each time it is begun."""
        if not self.room.recording or self.recordings is None:
            self._folder = ""
        elif not self._folder:
            self._folder = str(self.recordings / str(self.meeting_id) / str(int(self.now().timestamp() * 1000)))
        return self._folder

    def say_goodbye(self, bye: Bye, code: int, seats: Iterable[Seat] | None = None) -> None:
        """The last message to these, or to everyone."""
        for seat in tuple(self.seats.values() if seats is None else seats):
            seat.outbox.close(code, bye)

    def venues_of(self, seats: Sequence[str]) -> tuple[int, ...]:
        """The venues of seats the engine names, each once, in order."""
        found = [device.venue_id for device in map(self.devices.get, seats) if device is not None]
        return tuple(dict.fromkeys(found))

    def change_device(self, seat: Seat, *, audio_only: bool) -> None:
        """Whether this page wants only sound."""
        device = self.devices.get(seat.id)
        if device is not None:
            self.devices.change(replace(device, sees=frozenset({"MICROPHONE"} if audio_only else ())))
            self.unstaged = True
