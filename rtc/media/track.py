"""What is published: a publisher's tracks, and of each track its layers, numbered without holes of our own making."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from aiortc.rtp import RtcpSrPacket

from rtc.engine.control import Quality, Source
from rtc.media import feedback
from rtc.media.feedback import Clocks, Gaps, Reception
from rtc.media.keyframes import Keyframes
from rtc.media.negotiation import AUDIO_LEVEL, MID, REPAIRED_RID, RID, Codec
from rtc.media.outbox import Item, Outbox
from rtc.media.packet import Packet, begins_key_frame, level, named, original, parse

CACHED: Final = 1_024  # packets of a layer that can be sent again
SILENT: Final = 3.0  # seconds without a packet: the track stopped
ALIVE: Final = 10_000  # bits a second under which a layer does not exist: the browser switched it off
HEARD: Final = 0.5  # seconds an audio level is good for
MOST_STREAMS: Final = 64  # SSRCs known of one publisher
MOST_DROPPED: Final = 64  # dropped packets remembered, for those that come late
LIMITS: Final = {Source.MICROPHONE: 0, Source.CAMERA: 2_500_000, Source.SCREEN: 3_000_000}  # bits a second
CLOCK: Final = {Codec.VP8: 90_000, Codec.H264: 90_000, Codec.OPUS: 48_000}


class Burst:
    """The packets of one layer in one wake-up, as they came."""

    __slots__ = ("high", "items", "low", "octets", "timestamp")

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.low = min(item.number for item in items)
        latest = max(items)  # by number
        self.high, self.timestamp = latest.number, latest.timestamp
        self.octets = sum(len(item.payload) for item in items)


class Takes(Protocol):
    """Who gets the packets of a track: a viewer's forward, or a tap."""

    def take(self, layer: "Layer", burst: Burst, now: float) -> None:
        """Packets of one of the track's layers."""

    def pause(self) -> None:
        """The track is silenced; what comes next is not what came before."""


class Layer:
    """One SSRC of a picture, or a sound. Its packets are numbered anew: what we drop leaves no hole."""

    def __init__(self, rid: str, ssrc: int, codec: Codec) -> None:
        self.rid, self.ssrc, self.codec = rid, ssrc, codec
        self.gone = False
        self.rate = 0.0  # bits a second
        self.clocks: Clocks | None = None
        self.keyframes = Keyframes()
        self.reception = Reception(CLOCK[codec])
        self.last = float("-inf")
        self._gaps = Gaps()
        self._cache: list[Item | None] = [None] * CACHED
        self._octets = 0
        self._since = float("-inf")
        self._silenced = -1
        self._dropped = 0
        self._dropped_at: deque[int] = deque(maxlen=MOST_DROPPED)
        self.burst: list[Item] = []

    @property
    def alive(self) -> bool:
        """Whether media flow: a layer that rests is no choice."""
        return not self.gone and self.rate > ALIVE

    def accept(self, packet: Packet, now: float, *, repaired: bool, media: bool) -> Item | None:
        """The packet as it goes on; None for one that ends here: padding, an unknown type, one we had."""
        number = self._count(packet, now, repaired=repaired)
        if number <= self._silenced:  # said while muted, or before: a repair must not bring it back
            return None
        if self._gaps.add(number):
            self.keyframes.wish()
        place = self._place(number)
        if place is None or not packet.payload or not media:
            return None if place is None else self._drop(number, place, packet)
        key = begins_key_frame(self.codec, packet.payload)
        return self._keep(Item(place, packet.timestamp, packet.marker, packet.payload, key))

    def pass_over(self, packet: Packet, now: float, *, repaired: bool) -> None:
        """A packet that came while the track is muted: it is counted, never kept and never asked for again."""
        if not repaired:
            self._silenced = max(self._silenced, self._count(packet, now, repaired=False))
            self._gaps.restart(self._silenced)

    def _count(self, packet: Packet, now: float, *, repaired: bool) -> int:
        """The packet's number, which does not wrap."""
        number = self.reception.extended(packet.sequence)
        self.last = now
        if not self.rate and packet.payload:  # it begins, or does so again: a choice at once
            self._since, self._octets, self.rate = now, 0, ALIVE + 1.0
        if not repaired:  # a browser probes with repairs of what was never lost
            self.reception.add(number, packet.timestamp, now)
            self._octets += len(packet.payload)
        return number

    def _place(self, number: int) -> int | None:
        """The number after the close-up; None when it is older than what we remember, or was dropped itself."""
        dropped = self._dropped_at
        if not dropped or number > dropped[-1]:
            return number - self._dropped
        if number in dropped or (len(dropped) == MOST_DROPPED and number < dropped[0]):
            return None
        return number - self._dropped + sum(1 for other in dropped if other > number)

    def _drop(self, number: int, place: int, packet: Packet) -> Item | None:
        """Close the sequence up; behind what went on already it is too late, there an empty packet fills the place."""
        if number == self.reception.highest:
            self._dropped += 1
            self._dropped_at.append(number)
            return None
        return self._keep(Item(place, packet.timestamp, 0, b"", key=False))

    def _keep(self, item: Item) -> Item | None:
        known = self._cache[item.number % CACHED]
        if known is not None and known.number >= item.number:
            return None  # a second copy, or older than the cache
        self._cache[item.number % CACHED] = item
        if item.key:
            self.keyframes.came()
        return item

    def recall(self, number: int) -> Item | None:
        """A packet that was sent on, by its number; None when it is too old or never came."""
        item = self._cache[number % CACHED]
        return item if item is not None and item.number == number else None

    def missing(self, now: float) -> list[int]:
        """The sequence numbers to ask the publisher for now."""
        return self._gaps.ask(now)

    def measure(self, now: float) -> None:
        """Once a second: how much came, half of it from the time before, because key frames are bumps."""
        passed = now - self._since
        if passed < 0.5:
            return
        fresh = self._octets * 8 / passed
        self.rate = fresh if self.rate <= ALIVE + 1.0 else (self.rate + fresh) / 2
        if now - self.last > 1.0:
            self.rate = 0.0
        self._since, self._octets = now, 0


class Track:
    """One published source of a seat, with the layers that were seen of it."""

    def __init__(
        self, seat: str, source: Source, codec: Codec, *, mid: str, extensions: Mapping[str, int], payload: int,
        rtx: int | None, ssrcs: Sequence[int],
    ) -> None:  # fmt: skip
        self.seat, self.source, self.codec, self.mid, self.extensions = seat, source, codec, mid, extensions
        self.payload, self.rtx, self.ssrcs = payload, rtx, tuple(ssrcs)
        self.layers: dict[str, Layer] = {}
        self.forwards: list[Takes] = []
        self.version = 0  # rises when there are other layers than before
        self.live = False
        self.last = float("-inf")
        self.level = (-127.0, float("-inf"))  # dBov and when
        self._allowed = True

    @property
    def allowed(self) -> bool:
        """Muted at the server when False: what comes ends here."""
        return self._allowed

    @allowed.setter
    def allowed(self, on: bool) -> None:
        if self._allowed and not on:
            for layer in self.layers.values():
                layer.burst.clear()
            for forward in self.forwards:
                forward.pause()
        self._allowed = on

    def bind(self, rid: str, ssrc: int) -> Layer:
        """The layer of an SSRC; a new SSRC under an old name is another layer."""
        old = self.layers.get(rid)
        if old is not None:
            if old.ssrc == ssrc:
                return old
            old.gone = True
        self.version += 1
        layer = self.layers[rid] = Layer(rid, ssrc, self.codec)
        return layer

    def choices(self) -> dict[Quality, Layer]:
        """The layers there are to choose from; one without a name counts as the sharpest."""
        found = {Quality(rid) if rid else Quality.HIGH: layer for rid, layer in self.layers.items() if layer.alive}
        return {quality: found[quality] for quality in Quality if quality in found}

    def spread(self, layer: Layer, now: float) -> None:
        """Hand this wake-up's packets of a layer on."""
        if not layer.burst:  # muted since they came
            return
        burst, layer.burst = Burst(layer.burst), []
        for forward in self.forwards:
            forward.take(layer, burst, now)


@dataclass(frozen=True, slots=True)
class _Stream:
    """What an SSRC of the publisher belongs to; repairs come under one of their own."""

    track: Track
    layer: Layer


class Publisher:
    """All tracks of one publish connection."""

    def __init__(self, send_rtcp: Callable[[bytes], None], outbox: Outbox) -> None:
        self._send_rtcp, self._outbox = send_rtcp, outbox
        self._streams: dict[int, _Stream] = {}
        self.tracks: list[Track] = []
        self.on_started: Callable[[Track], None] = lambda _track: None
        self.on_stopped: Callable[[Track], None] = lambda _track: None

    def add(self, track: Track) -> None:
        """A track that may come now. SSRCs that its offer named are known at once."""
        self.tracks.append(track)
        if track.ssrcs:
            layer = track.bind("", track.ssrcs[0])
            for ssrc in track.ssrcs[:2]:
                self._streams[ssrc] = _Stream(track, layer)

    def drop(self, track: Track) -> None:
        """The track comes no more."""
        self.tracks.remove(track)
        track.forwards.clear()
        for layer in track.layers.values():
            layer.gone = True
        self._streams = {ssrc: stream for ssrc, stream in self._streams.items() if stream.track is not track}

    def on_rtp(self, data: bytes, now: float) -> None:
        """One packet, decrypted. It goes to viewers with the outbox's next flush."""
        try:
            packet = parse(data)
        except ValueError:
            return
        stream = self._streams.get(packet.ssrc) or self._meet(packet)
        if stream is None:
            return
        track, layer, repaired = stream.track, stream.layer, packet.payload_type == stream.track.rtx
        if not repaired:
            self._seen(track, packet, now)
        if not track.allowed:
            layer.pass_over(packet, now, repaired=repaired)
        elif (known := original(packet) if repaired else packet) is not None:
            media = repaired or packet.payload_type == track.payload
            self._go_on(track, layer, layer.accept(known, now, repaired=repaired, media=media), now)

    def _go_on(self, track: Track, layer: Layer, item: Item | None, now: float) -> None:
        self._ask(layer, now)
        if item is not None:
            if not layer.burst:
                self._outbox.later(lambda: track.spread(layer, now))
            layer.burst.append(item)

    def _seen(self, track: Track, packet: Packet, now: float) -> None:
        track.last = now
        if track.codec is Codec.OPUS and (loud := level(named(packet, track.extensions, AUDIO_LEVEL))) is not None:
            track.level = (loud, now)
        if not track.live:
            track.live = True
            self.on_started(track)

    def _ask(self, layer: Layer, now: float) -> None:
        """What this layer needs of its publisher: lost packets, a key frame."""
        if layer.codec is Codec.OPUS:
            return
        if lost := layer.missing(now):
            self._send_rtcp(feedback.nack(layer.ssrc, lost))
        if layer.keyframes.due(now):
            self._send_rtcp(feedback.pli(layer.ssrc))

    def _meet(self, packet: Packet) -> _Stream | None:
        """An SSRC seen for the first time says by its extensions what it is (RFC 8852)."""
        for track in self.tracks:
            if named(packet, track.extensions, MID) != track.mid.encode():
                continue
            rid, repaired = named(packet, track.extensions, RID), named(packet, track.extensions, REPAIRED_RID)
            name = (rid or repaired or b"").decode("ascii", "replace")
            if name not in ("", *Quality):
                return None
            return self._bind(track, name, packet)
        return None

    def _bind(self, track: Track, name: str, packet: Packet) -> _Stream | None:
        if len(self._streams) >= MOST_STREAMS:
            del self._streams[next(iter(self._streams))]
        if packet.payload_type != track.rtx:
            layer = track.bind(name, packet.ssrc)
        elif name in track.layers:
            layer = track.layers[name]
        else:
            return None  # its layer will be met first
        stream = self._streams[packet.ssrc] = _Stream(track, layer)
        return stream

    def on_rtcp(self, data: bytes, now: float) -> None:
        """Reports of the publisher: the two clocks of each layer."""
        for packet in feedback.read(data):
            if isinstance(packet, RtcpSrPacket) and (stream := self._streams.get(packet.ssrc)) is not None:
                info = packet.sender_info
                if stream.layer.ssrc == packet.ssrc:
                    stream.layer.clocks = Clocks(info.ntp_timestamp, info.rtp_timestamp, now)

    def loudness(self, track: Track, now: float) -> float | None:
        """How loud a microphone was just now, in dBov, 0 the loudest; None when it was silent or does not say."""
        loud, at = track.level
        return loud if now - at < HEARD else None

    def tick(self, now: float) -> None:
        """Once a second: what arrived, how much may be sent, what is still missing; which tracks stopped."""
        for track in self.tracks:
            if track.live and now - track.last > SILENT:
                track.live = False
                self.on_stopped(track)
            for layer in track.layers.values():
                layer.measure(now)
                if track.allowed:
                    self._ask(layer, now)
        layers = [one for track in self.tracks for one in track.layers.values() if one.reception.highest >= 0]
        if layers:
            self._send_rtcp(
                feedback.receiver_report([one.reception.report(one.ssrc, one.clocks, now) for one in layers])
            )
        pictures = [one.ssrc for one in layers if one.codec is not Codec.OPUS]
        if pictures:
            self._send_rtcp(feedback.limit(sum(LIMITS[track.source] for track in self.tracks), pictures))
