"""What is sent on: one track to one viewer under numbers of its own, and all of that for one viewer."""

import secrets
import struct
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from aiortc.rtp import RtcpPsfbPacket, RtcpReceiverInfo, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket

from rtc.engine.control import Quality, Slot, Source
from rtc.media import feedback
from rtc.media.allocator import OFF, Allocator, Wish
from rtc.media.feedback import Clocks
from rtc.media.lines import Key
from rtc.media.negotiation import PAYLOADS, Codec
from rtc.media.outbox import Head, Item, Outbox, Sending
from rtc.media.track import CLOCK, Burst, Layer, Track

SPANS: Final = 16  # earlier runs a late NACK may name
RTX_SHARE: Final = 4  # a quarter of what was sent may be sent again
RTX_LEAST: Final = 24_000  # bytes a second that may always be sent again: some twenty packets
LONGEST_PAUSE: Final = 3_600.0  # seconds the time of a picture runs on without packets
NOMINAL: Final = {Source.MICROPHONE: 40_000.0, Source.CAMERA: 150_000.0, Source.SCREEN: 150_000.0}

_NUMBER = struct.Struct("!H")


class Downlink(Sending, Protocol):
    """A viewer's connection."""

    def send_rtcp(self, data: bytes) -> None:
        """Protect and send a datagram of RTCP."""


class Span(NamedTuple):
    """A run of one layer as the viewer got it: his numbers from `first` to `last`, and what was added."""

    layer: Layer
    first: int
    last: int
    shift: int
    later: int


class Forward:
    """One track to one viewer. His numbers and times run on, whatever happens to layers and mutes."""

    def __init__(self, track: Track, tx: Downlink, outbox: Outbox) -> None:
        self.track, self._tx, self._outbox = track, tx, outbox
        self.ssrc = secrets.randbits(31) | 1
        self.rtx: int | None = None if track.codec is Codec.OPUS else secrets.randbits(31) | 1 << 31
        self.quality = Quality.HIGH  # at most, as wished
        self.rank = 0
        self.ceiling: Quality | None = Quality.HIGH  # what the line carries
        self.layer: Layer | None = None
        self.wanted: Layer | None = None
        self.packets = self.octets = 0
        self.echo = 0.0  # bytes to send twice for each sent
        self._debt = 0.0
        self._version = -1
        self._spans: deque[Span] = deque(maxlen=SPANS)
        self._before: tuple[Layer, int] | None = None  # of a pause: layer and what was added to its time
        self._first = 0  # number of the layer with which this run began
        self._last = secrets.randbits(15)  # of ours
        self._at: tuple[int, float] | None = None  # time of the last packet, ours and the clock's
        self._repairs = secrets.randbits(15)
        self._told: Clocks | None = None
        self._payload, self._rtx_payload = PAYLOADS[track.codec]
        self._head = self._heading(0, secrets.randbits(30))

    def _heading(self, shift: int, later: int) -> Head:
        return Head(self._payload, self.ssrc, shift, later, self.rtx is not None)

    def choose(self) -> None:
        """Want the best layer there is, up to what is wished and what the line carries."""
        self._version = self.track.version
        if self.ceiling is None:
            self.wanted = None
            self.pause()
            return
        order, choices = list(Quality), self.track.choices()
        most = min(order.index(self.quality), order.index(self.ceiling))
        fitting = [layer for quality, layer in choices.items() if order.index(quality) <= most]
        self.wanted = fitting[-1] if fitting else next(iter(choices.values()), None)
        if self.wanted is not None and self.wanted is not self.layer:
            self.wanted.keyframes.wish()

    def take(self, layer: Layer, burst: Burst, now: float) -> None:
        """Packets of the track: those of the current layer go on, those of the wanted one from a key frame on."""
        if self._version != self.track.version or (self.wanted is None and self.ceiling is not None):
            self.choose()
        items = burst.items
        if layer is not self.layer:
            if layer is not self.wanted or not (items := self._switch(layer, items, now)):
                return
        elif burst.low < self._first:  # from before this run
            items = [item for item in items if item.number >= self._first]
        head = self._head
        self._outbox.put_run(self._tx, head, items)
        last = burst.high + head[2]
        if last > self._last:
            self._last, self._at = last, (burst.timestamp + head[3], now)
        self.packets += len(items)
        self.octets += burst.octets
        if self.echo:
            self._send_twice(items, burst.octets)

    def _switch(self, layer: Layer, items: Sequence[Item], now: float) -> Sequence[Item]:
        """Begin a run with the first key frame among these; what of them belongs to it."""
        start = next((item for item in items if item.key), None)
        if start is None:
            layer.keyframes.wish()
            return ()
        later = self._later(layer, start, now)
        self._close()
        self._head = self._heading(self._last + 1 - start.number, later)
        self.layer, self._first, self._told = layer, start.number, None
        return [item for item in items if item.number >= start.number]

    def _later(self, layer: Layer, start: Item, now: float) -> int:
        """What is added to the layer's time: as before the pause, or so that time runs on as the clock did."""
        if self._before is not None and self._before[0] is layer:
            return self._before[1]
        if self._at is None:
            return self._head.timestamp
        last, at = self._at
        passed = int(min(max(now - at, 0.0), LONGEST_PAUSE) * CLOCK[self.track.codec])
        return last + max(passed, 1) - start.timestamp

    def _close(self) -> None:
        """The current run ends; late NACKs may still name its packets."""
        if self.layer is not None:
            first = self._first + self._head.number
            self._spans.append(Span(self.layer, first, self._last, self._head.number, self._head.timestamp))
            self._before = (self.layer, self._head.timestamp)
        self.layer = None

    def pause(self) -> None:
        """Nothing goes on until a key frame; numbers then follow without a hole."""
        self._close()
        if self.wanted is not None:
            self.wanted.keyframes.wish()

    def _find(self, sequence: int) -> tuple[Item, int, int] | None:
        """What was sent under a number of ours, with that number and what was added to its time."""
        number = self._last - ((self._last - sequence) & 0xFFFF)
        spans = list(self._spans)
        if self.layer is not None:
            first = self._first + self._head.number
            spans.append(Span(self.layer, first, self._last, self._head.number, self._head.timestamp))
        for span in reversed(spans):
            if span.first <= number <= span.last:
                item = span.layer.recall(number - span.shift)
                return None if item is None else (item, number, span.later)
        return None

    def resend(self, sequences: Iterable[int], allowance: int) -> int:
        """Answer a NACK with retransmissions (RFC 4588) of at most so many bytes; how many it took."""
        spent = 0
        for sequence in sequences:
            found = self._find(sequence)
            if found is None or not found[0].payload or spent + len(found[0].payload) > allowance:
                continue
            self._repair(*found)
            spent += len(found[0].payload)
        return spent

    def _repair(self, item: Item, number: int, later: int) -> None:
        if self.rtx is None or self._rtx_payload is None:
            return
        self._repairs += 1
        again = item._replace(number=0, payload=_NUMBER.pack(number & 0xFFFF) + item.payload)
        self._outbox.put_run(self._tx, Head(self._rtx_payload, self.rtx, self._repairs, later, stamped=True), [again])

    def _send_twice(self, items: Sequence[Item], octets: int) -> None:
        """A probe: what was just sent goes again as a retransmission, up to the asked share."""
        self._debt = min(self._debt + octets * self.echo, 4.0 * octets)
        for item in items:
            if self._debt <= 0:
                return
            self._debt -= len(item.payload)
            self._repair(item, item.number + self._head.number, self._head.timestamp)

    def report(self) -> bytes:
        """A sender report when the publisher's clocks are new to this viewer, else nothing."""
        if self.layer is None or self.layer.clocks is None or self.layer.clocks is self._told:
            return b""
        self._told = self.layer.clocks
        return feedback.sender_report(
            self.ssrc, self._told, later=self._head.timestamp, packets=self.packets, octets=self.octets
        )

    def levels(self) -> dict[Quality, float]:
        """The layers up to the wished one and their bits a second, lowest first."""
        order = list(Quality)
        choices = self.track.choices()
        fitting = {q: layer.rate for q, layer in choices.items() if order.index(q) <= order.index(self.quality)}
        return fitting or {q: layer.rate for q, layer in list(choices.items())[:1]}


class Viewer:
    """All forwards of one subscribe connection, and what its line carries."""

    def __init__(self, tx: Downlink, outbox: Outbox) -> None:
        self._tx, self._outbox = tx, outbox
        self.forwards: dict[Key, Forward] = {}
        self.on_narrow: Callable[[str, Source, Quality | None], None] = lambda *_: None
        self._by_ssrc: dict[int, Forward] = {}
        self._allocator = Allocator()
        self._ticked = float("-inf")
        self._octets = 0  # sent up to the last tick
        self._allowance = RTX_LEAST
        self._losses: Counter[str] = Counter()
        self._narrow: dict[Key, Quality | None] = {}

    def want(self, slots: Sequence[Slot], tracks: Mapping[Key, Track]) -> None:
        """What he is to get from now on, of the tracks there are; a new forward sends once it is opened."""
        wanted = {(slot.seat, slot.source): slot for slot in slots if (slot.seat, slot.source) in tracks}
        for what, forward in list(self.forwards.items()):
            if what not in wanted or tracks[what] is not forward.track:
                self._drop(what, forward)
        for what, slot in wanted.items():
            if what not in self.forwards:
                self.forwards[what] = Forward(tracks[what], self._tx, self._outbox)
                self._by_ssrc[self.forwards[what].ssrc] = self.forwards[what]
            forward = self.forwards[what]
            forward.rank = slot.rank
            if forward.quality is not slot.quality:
                forward.quality = slot.quality
                forward.choose()

    def _drop(self, what: Key, forward: Forward) -> None:
        del self.forwards[what]
        del self._by_ssrc[forward.ssrc]
        self._octets -= forward.octets
        self._narrow.pop(what, None)
        if forward in forward.track.forwards:
            forward.track.forwards.remove(forward)

    def open(self, keys: Collection[Key]) -> None:
        """The client knows these lines: their packets may come."""
        for what, forward in self.forwards.items():
            if what in keys and forward not in forward.track.forwards:
                forward.track.forwards.append(forward)
                forward.choose()

    def on_rtcp(self, data: bytes, now: float) -> None:
        """The viewer's reports and wishes."""
        for packet in feedback.read(data):
            match packet:
                case RtcpRtpfbPacket(fmt=feedback.NACK, media_ssrc=ssrc, lost=lost):
                    self._resend(ssrc, lost[: feedback.MOST_NACKED])
                case RtcpPsfbPacket(fmt=feedback.PLI | feedback.FIR):
                    self._refresh(feedback.asked_for(packet))
                case RtcpPsfbPacket(fmt=feedback.REMB):
                    if (bitrate := feedback.remb(packet)) is not None:
                        self._allocator.hear_remb(bitrate, now)
                case RtcpRrPacket(reports=reports) | RtcpSrPacket(reports=reports):
                    self._hear_reports(reports)
                case _:
                    pass  # descriptions, goodbyes and what we did not offer

    def _resend(self, ssrc: int, lost: Sequence[int]) -> None:
        if (forward := self._by_ssrc.get(ssrc)) is not None:
            self._allowance -= forward.resend(lost, self._allowance)

    def _refresh(self, ssrcs: Iterable[int]) -> None:
        for ssrc in ssrcs:
            forward = self._by_ssrc.get(ssrc)
            layer = None if forward is None else forward.layer or forward.wanted
            if layer is not None:
                layer.keyframes.wish()

    def _hear_reports(self, reports: Sequence[RtcpReceiverInfo]) -> None:
        for report in reports:
            if report.ssrc in self._by_ssrc:
                self._losses["reports"] += 1
                self._losses["lost"] += report.fraction_lost

    def tick(self, now: float) -> None:
        """Once a second: what to send, how sharp, and the sender reports."""
        octets = sum(forward.octets for forward in self.forwards.values())
        passed = max(0.5, min(now - self._ticked, 5.0))
        sent, self._octets, self._ticked = (octets - self._octets) / passed, octets, now
        self._allowance = max(RTX_LEAST, int(sent / RTX_SHARE))
        self._adapt(now, 8 * sent)
        if reports := b"".join(forward.report() for forward in self.forwards.values()):
            self._tx.send_rtcp(reports)

    def _adapt(self, now: float, sent: float) -> None:
        if self._losses["reports"]:
            self._allocator.hear_loss(self._losses["lost"] / 256 / self._losses["reports"], sent)
            self._losses.clear()
        levels = {what: forward.levels() for what, forward in self.forwards.items()}
        wishes = [self._wish(what, list(rates.values())) for what, rates in levels.items() if rates]
        decision = self._allocator.decide(now, wishes, sent=sent)
        probing = decision.probe / sent if sent else 0.0
        for what, level in decision.levels.items():
            self._set(what, list(levels[what]), level)
            self.forwards[what].echo = probing if self.forwards[what].rtx is not None else 0.0

    def _wish(self, what: Key, rates: Sequence[float]) -> Wish:
        rising = [max(rates[: at + 1]) for at in range(len(rates))]
        return Wish(what, tuple(rising), self.forwards[what].rank, sound=what[1] is Source.MICROPHONE)

    def _set(self, what: Key, qualities: Sequence[Quality], level: int) -> None:
        """Apply a level; the viewer's page is told when it is less than wished, and when it is so no more."""
        forward = self.forwards[what]
        full = level == len(qualities) - 1
        ceiling = Quality.HIGH if full else None if level == OFF else qualities[level]
        forward.ceiling = ceiling
        forward.choose()
        told = forward.quality if full else ceiling
        if self._narrow.get(what, forward.quality) is not told:
            self.on_narrow(*what, told)
        self._narrow[what] = told
