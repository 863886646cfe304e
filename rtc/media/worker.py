"""The worker: its rooms, one UDP port, one outbox, one clock. It carries out the commands of the link."""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from socket import socket
from typing import Final, assert_never

from rtc.engine import control
from rtc.engine.control import PROTOCOL, Commands, Done, Hello, Notes, Refused
from rtc.media.capacity import Load
from rtc.media.gate import BadSdp
from rtc.media.negotiation import Codec
from rtc.media.outbox import Outbox
from rtc.media.room import Refusal, Room
from rtc.media.subscribing import Subscribing
from rtc.media.udp import Address, UdpPort

log = logging.getLogger("yiwang.media")

OfSeat = control.Admit | control.Remove | control.Restart
InRoom = OfSeat | control.Publish | control.Answer | control.Allow | control.Show | control.Record

MOST_ROOMS: Final = 500
PHASES: Final = 20  # a second: each seat's turn comes once in it, so that the turns do not come at once
OFFERS_AT_ONCE: Final = 10  # then packets get their turn
GATHER: Final = 0.02  # seconds: wishes of that time become one offer
MOST_PACKETS: Final = 25_000  # a second we take where nobody measured


class Worker:
    """Owns everything of the process. One suite at a time; a new suite finds it empty."""

    def __init__(self, sock: socket, *, host: str, prefer: Codec = Codec.VP8, most_packets: int = MOST_PACKETS) -> None:
        self._outbox = Outbox(sock)
        self._port = UdpPort(sock, host=host, after=self._outbox.flush)
        self._prefer = prefer
        self._load = Load(most_packets)
        self._rooms: dict[str, Room] = {}
        self._tell: Callable[[Notes], None] = lambda _note: None
        self._pending: dict[Subscribing, None] = {}
        self._loop = asyncio.get_running_loop()
        self._draining: asyncio.TimerHandle | None = None
        self._ticking = self._loop.create_task(self._tick())

    @property
    def address(self) -> Address:
        """Where browsers send media to."""
        return self._port.address

    async def close(self) -> None:
        """Cut everyone and stop."""
        self._clear()
        self._ticking.cancel()
        await asyncio.sleep(0)  # the goodbyes of DTLS go out
        self._port.close()

    def hello(self, tell: Callable[[Notes], None]) -> Hello:
        """A suite is there: begin empty, tell it everything from now on."""
        self._clear()
        self._tell = tell
        host, port = self._port.address
        return Hello(protocol=PROTOCOL, pid=os.getpid(), host=host, port=port, most_packets=self._load.most)

    def _clear(self) -> None:
        self._tell = lambda _note: None
        for room in self._rooms.values():
            room.close()
        self._rooms.clear()
        self._pending.clear()

    def do(self, command: Commands) -> Done | Refused:
        """Carry out one command; whatever it is, the answer says what became of it."""
        try:
            return self._do(command)
        except BadSdp as wrong:
            return Refused(call=command.call, code="bad-sdp", reason=str(wrong))
        except Refusal as no:
            return Refused(call=command.call, code=no.code, reason=no.reason)
        except Exception:  # a fault of ours in one command must not end every room of this worker
            log.exception("a command failed")
            return Refused(call=command.call, code="fault", reason="a fault of the worker; see its log")

    def _do(self, command: Commands) -> Done | Refused:
        match command:
            case control.EnsureRoom(room=room):
                self._ensure(room)
            case control.CloseRoom(room=room):
                if room in self._rooms:
                    self._rooms.pop(room).close()
            case control.Stats(room=room):
                return Done(call=command.call, body=self._stats(room))
            case _:
                return Done(call=command.call, sdp=self._in_room(command))
        return Done(call=command.call)

    def _in_room(self, command: InRoom) -> str:
        """A command about a room that must be there; the SDP it answers with, else ""."""
        room = self._room(command.room)
        match command:
            case control.Publish(seat=seat, sdp=sdp, lines=lines):
                if self._load.full and not room.publishes(seat):
                    raise Refusal("full", f"the worker sends more than {self._load.most} packets a second")
                return room.publish(seat, sdp, lines)
            case control.Answer(seat=seat, version=version, sdp=sdp):
                room.answer(seat, version, sdp)
            case control.Allow(seats=seats, source=source, on=on):
                room.allow(seats, source, on=on)
            case control.Show(viewer=viewer, slots=slots):
                room.show(viewer, slots)
            case control.Record(folder=folder):
                room.record(folder)
            case _:
                self._of_seat(room, command)
        return ""

    @staticmethod
    def _of_seat(room: Room, command: OfSeat) -> None:
        match command:
            case control.Admit(seat=seat, sources=sources):
                room.admit(seat, sources)
            case control.Remove(seat=seat):
                room.remove(seat)
            case control.Restart(seat=seat):
                room.restart(seat)
            case _:
                assert_never(command)

    def _ensure(self, name: str) -> None:
        if name not in self._rooms:
            if len(self._rooms) >= MOST_ROOMS:
                raise Refusal("full", f"{MOST_ROOMS} rooms")
            self._rooms[name] = Room(
                name, self._port, self._outbox, prefer=self._prefer, tell=lambda note: self._tell(note), soon=self._soon
            )

    def _room(self, name: str) -> Room:
        if name not in self._rooms:
            raise Refusal("no-seat", "the room is not there")
        return self._rooms[name]

    def _stats(self, name: str) -> dict[str, object]:
        return {
            **self._room(name).stats(),
            "cpu": time.process_time(),
            "packets": self._load.rate,
            "dropped": self._outbox.dropped,
        }

    def _soon(self, one: Subscribing) -> None:
        """Negotiate shortly: what is wished until then is one offer."""
        self._pending[one] = None
        if self._draining is None:
            self._draining = self._loop.call_later(GATHER, self._drain)

    def _drain(self) -> None:
        for one in list(self._pending)[:OFFERS_AT_ONCE]:
            del self._pending[one]
            one.negotiate()
        self._draining = self._loop.call_later(0, self._drain) if self._pending else None

    async def _tick(self) -> None:
        began, phase = time.monotonic(), 0
        while True:
            phase += 1
            await asyncio.sleep(max(0.0, began + phase / PHASES - time.monotonic()))
            now = time.monotonic()
            for room in list(self._rooms.values()):
                try:
                    room.tick(now, phase % PHASES, PHASES)
                except Exception:  # one room's fault must not silence the others
                    log.exception("a room's turn failed")
            self._outbox.flush()
            self._load.look(self._outbox.sent, now)
