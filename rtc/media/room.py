"""One room of the worker: seats, their two connections, the tracks they publish, and who is to get what."""

import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from rtc.engine import control
from rtc.engine.control import Line, Notes, Quality, Side, Slot, Source
from rtc.media.gate import MOST_ANSWERED, MOST_OFFERED, BadSdp
from rtc.media.lines import Key
from rtc.media.negotiation import Codec
from rtc.media.outbox import Outbox
from rtc.media.peer import Gone
from rtc.media.publishing import Publishing
from rtc.media.recording import Recording
from rtc.media.sdp import Description, parse
from rtc.media.speaking import Speakers
from rtc.media.subscribing import Subscribing
from rtc.media.track import Track
from rtc.media.udp import UdpPort

log = logging.getLogger("yiwang.media")

MOST_SEATS: Final = 2_000
MOST_SLOTS: Final = 64
MOST_MUTED: Final = 20_000  # seats and sources kept as dropped, whether or not they are here
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,64}")  # it stands in SDP as it is


class Refusal(Exception):
    """A command that changes nothing; `code` as in `control.Refused`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Seat:
    """One participant's device: at most one connection each way."""

    def __init__(self, room: "Room", name: str) -> None:
        self._room, self.name = room, name
        self.sources: frozenset[Source] = frozenset()
        self.publishing: Publishing | None = None
        self.subscribing = Subscribing(room.port, room.outbox, self, soon=room.soon)

    def publish(self, offer: Description, sources: dict[str, Source]) -> str:
        """Answer a publish offer; one of another browser connection replaces the old one."""
        if self.publishing is not None and not self.publishing.same(offer):
            self.publishing.close()
            self.publishing = None
        if self.publishing is None:
            self.publishing = Publishing(self.name, self._room.port, self._room.outbox, self, offer=offer)
        return self.publishing.take(offer, sources, prefer=self._room.prefer)

    def restrict(self, sources: Iterable[Source]) -> None:
        """What it may publish from now on; what it published beyond that is dropped."""
        self.sources = frozenset(sources)
        if self.publishing is not None:
            self.publishing.keep(self.sources)

    def close(self) -> None:
        """Cut both connections."""
        if self.publishing is not None:
            self.publishing.close()
        self.subscribing.close()

    def tick(self, now: float) -> None:
        """Once a second."""
        if self.publishing is not None:
            self.publishing.tick(now)
        self.subscribing.tick(now)

    def track_added(self, track: Track) -> None:
        """See publishing.Listens."""
        self._room.add_track(track)

    def track_dropped(self, track: Track) -> None:
        """See publishing.Listens."""
        self._room.drop_track(track)

    def started(self, track: Track) -> None:
        """See publishing.Listens."""
        self._room.started(track)

    def stopped(self, track: Track) -> None:
        """See publishing.Listens."""
        self._room.stopped(track)

    def publish_up(self) -> None:
        """See publishing.Listens."""
        self._room.tell(control.Connected(room=self._room.name, seat=self.name, side=Side.PUBLISH))

    def publish_gone(self, why: Gone) -> None:
        """See publishing.Listens."""
        self.publishing = None
        self._room.tell(control.Lost(room=self._room.name, seat=self.name, side=Side.PUBLISH, reason=why))

    def offered(self, version: int, sdp: str, lines: tuple[Line, ...]) -> None:
        """See subscribing.Listens."""
        note = control.SubscribeOffer(room=self._room.name, seat=self.name, version=version, sdp=sdp, lines=lines)
        self._room.tell(note)

    def subscribe_up(self) -> None:
        """See subscribing.Listens."""
        self._room.tell(control.Connected(room=self._room.name, seat=self.name, side=Side.SUBSCRIBE))

    def subscribe_gone(self, why: Gone) -> None:
        """See subscribing.Listens."""
        self._room.tell(control.Lost(room=self._room.name, seat=self.name, side=Side.SUBSCRIBE, reason=why))

    def narrow(self, seat: str, source: Source, quality: Quality | None) -> None:
        """See subscribing.Listens."""
        room = self._room
        room.tell(control.Narrow(room=room.name, viewer=self.name, seat=seat, source=source, quality=quality))


class Room:
    """What the commands of one room do. Mutes and wishes outlive the seats they are about."""

    def __init__(
        self, name: str, port: UdpPort, outbox: Outbox, *, prefer: Codec, tell: Callable[[Notes], None],
        soon: Callable[[Subscribing], None],
    ) -> None:  # fmt: skip
        self.name, self.port, self.outbox, self.prefer, self.tell, self.soon = name, port, outbox, prefer, tell, soon
        self.seats: dict[str, Seat] = {}
        self.tracks: dict[Key, Track] = {}
        self._muted: set[Key] = set()
        self._started: set[Key] = set()
        self._speakers = Speakers()
        self._recording: Recording | None = None
        self._ending: list[Recording] = []

    def admit(self, seat: str, sources: Iterable[Source]) -> None:
        """Let a seat in, or change what it may publish."""
        if not _NAME.fullmatch(seat):
            raise Refusal("not-allowed", "a seat is named by 1 to 64 letters, digits, '.', '_', ':' and '-'")
        if seat not in self.seats:
            if len(self.seats) >= MOST_SEATS:
                raise Refusal("full", f"the room has {MOST_SEATS} seats")
            self.seats[seat] = Seat(self, seat)
        self.seats[seat].restrict(sources)

    def remove(self, seat: str) -> None:
        """Cut a seat. Harmless when it is not there."""
        gone = self.seats.pop(seat, None)
        if gone is not None:
            gone.close()

    def publish(self, seat: str, sdp: str, lines: Iterable[Line]) -> str:
        """The answer to a publish offer."""
        there, sources = self._seat(seat), {line.mid: line.source for line in lines}
        if len(set(sources.values())) != len(sources):
            raise Refusal("not-allowed", "one line for each source")
        if not set(sources.values()) <= there.sources:
            raise Refusal("not-allowed", "the seat may not publish this source")
        offer = parse(sdp, most_sections=MOST_OFFERED)
        if not set(sources) <= {m.mid for m in offer.media}:
            raise BadSdp("bad-mid", "a line of a section that is not there")
        return there.publish(offer, sources)

    def publishes(self, seat: str) -> bool:
        """Whether a seat has a publish connection."""
        return seat in self.seats and self.seats[seat].publishing is not None

    def answer(self, seat: str, version: int, sdp: str) -> None:
        """The client's answer to a subscribe offer."""
        self._seat(seat).subscribing.answer(version, parse(sdp, most_sections=MOST_ANSWERED))

    def restart(self, seat: str) -> None:
        """Offer the subscribe connection again."""
        self._seat(seat).subscribing.restart()

    def allow(self, seats: Iterable[str], source: Source, *, on: bool) -> None:
        """Forward or drop what these seats send of a source, now and when they come back."""
        keys = {(seat, source) for seat in seats}
        if not on and len(self._muted | keys) > MOST_MUTED:
            raise Refusal("full", f"{MOST_MUTED} seats and sources are muted")
        self._muted = self._muted - keys if on else self._muted | keys
        for what in keys & self.tracks.keys():
            self.tracks[what].allowed = on

    def show(self, viewer: str, slots: tuple[Slot, ...]) -> None:
        """What a viewer is to get."""
        if len(slots) > MOST_SLOTS or len({(s.seat, s.source) for s in slots}) != len(slots):
            raise Refusal("not-allowed", f"at most {MOST_SLOTS} different slots")
        self._seat(viewer).subscribing.show(slots, self.tracks)

    def record(self, folder: str) -> None:
        """Record into this folder, "" nowhere; one recording at a time."""
        now = self._recording
        if now is not None and str(now.folder) != folder:
            now.end()
            self._ending.append(now)
            self._recording = None
        if folder and self._recording is None:
            self._recording = Recording(Path(folder))
            self._recording.follow(self.tracks)

    def _tick_recording(self) -> None:
        if self._recording is not None:
            self._recording.tick()
        for one in [one for one in self._ending if one.finished()]:
            self._ending.remove(one)
            self.tell(control.Recorded(room=self.name, folder=str(one.folder)))

    def _seat(self, name: str) -> Seat:
        if name not in self.seats:
            raise Refusal("no-seat", "the seat was not admitted")
        return self.seats[name]

    def add_track(self, track: Track) -> None:
        """A seat publishes something new: whoever wished for it is offered it."""
        what = (track.seat, track.source)
        track.allowed = what not in self._muted
        self.tracks[what] = track
        self._refresh(what)
        if self._recording is not None:
            self._recording.follow(self.tracks)

    def drop_track(self, track: Track) -> None:
        """A seat publishes it no more."""
        what = (track.seat, track.source)
        if self.tracks.get(what) is track:
            del self.tracks[what]
            self.stopped(track)
            self._refresh(what)
            if self._recording is not None:
                self._recording.follow(self.tracks)

    def _refresh(self, what: Key) -> None:
        for seat in self.seats.values():
            if any((slot.seat, slot.source) == what for slot in seat.subscribing.slots):
                seat.subscribing.show(seat.subscribing.slots, self.tracks)

    def started(self, track: Track) -> None:
        """Media of a track began to arrive."""
        if (track.seat, track.source) not in self._started:
            self._started.add((track.seat, track.source))
            self.tell(control.Started(room=self.name, seat=track.seat, source=track.source))

    def stopped(self, track: Track) -> None:
        """Media of a track does not come any more."""
        if (track.seat, track.source) in self._started:
            self._started.discard((track.seat, track.source))
            self.tell(control.Stopped(room=self.name, seat=track.seat, source=track.source))

    def tick(self, now: float, phase: int, phases: int) -> None:
        """Called `phases` times a second; each seat has its turn once."""
        for at, seat in enumerate(list(self.seats.values())):
            if at % phases == phase:
                seat.tick(now)
        if phase == 0:
            self._tick_recording()
        if phase % (phases // 4) == 0:
            self._tell_speaking(now)

    def _tell_speaking(self, now: float) -> None:
        heard = {
            seat: loud
            for seat, one in self.seats.items()
            if one.publishing is not None and (loud := one.publishing.loudness(now)) is not None
        }
        said = self._speakers.hear(heard)
        if said is not None:
            self.tell(control.Speaking(room=self.name, seats=said))

    def stats(self) -> dict[str, Any]:
        """Figures of the room, for the operator's page and tests."""
        return {
            "seats": len(self.seats),
            "tracks": sorted([seat, source] for seat, source in self.tracks),
            "muted": sorted([seat, source] for seat, source in self._muted),
            "peers": {name: seat.subscribing.stats() for name, seat in list(self.seats.items())[:500]},
            "publishers": {n: s.publishing.stats() for n, s in list(self.seats.items())[:500] if s.publishing},
        }  # fmt: skip

    def close(self) -> None:
        """Cut everyone."""
        self.record("")
        for seat in list(self.seats):
            self.remove(seat)
