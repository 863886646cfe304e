"""A publisher of one picture and its viewer: real libsrtp, real sockets, a clock that moves when it is told to."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRtpfbPacket

from rtc.engine.control import Quality, Slot, Source
from rtc.media.forward import Viewer
from rtc.media.negotiation import MID, REPAIRED_RID, RID, Codec
from rtc.media.packet import Packet
from rtc.media.track import Publisher, Track
from tests.rtc.media.line import Line, lines

CAMERA = Source.CAMERA
NUMBERS = {MID: 4, RID: 5, REPAIRED_RID: 6}
KEY, NEXT = b"\x10\x00", b"\x10\x01"
SSRC = {"q": 100, "h": 200, "f": 300}


def named(rid: str, *, repaired: bool = False) -> bytes:
    number = 6 if repaired else 5
    body = bytes([0x40]) + b"0" + bytes([number << 4]) + rid.encode()
    return struct.pack("!HH", 0xBEDE, 1) + body


@dataclass
class Rig:
    """A publisher of one picture and its viewer, with a clock of their own."""

    publisher: Publisher
    track: Track
    viewer: Viewer
    line: Line
    asked: list[bytes]
    now: float = 1_000.0
    numbers: dict[str, int] = field(default_factory=lambda: {"q": 65_500, "h": 10, "f": 500})

    def raw(self, rid: str, number: int, payload: bytes, *, padding: bool = False) -> None:
        """One packet arrives."""
        first = 0xB0 if padding else 0x90
        at = int(self.now * 90_000) + SSRC[rid] * 777
        head = struct.pack("!BBHII", first, 96, number & 0xFFFF, at & 0xFFFFFFFF, SSRC[rid])
        self.publisher.on_rtp(head + named(rid) + payload, self.now)

    def send(self, rid: str, payload: bytes) -> int:
        """The next packet of a layer."""
        self.numbers[rid] += 1
        self.raw(rid, self.numbers[rid], payload)
        return self.numbers[rid]

    def pad(self, rid: str) -> None:
        """A probe of padding only."""
        self.numbers[rid] += 1
        self.raw(rid, self.numbers[rid], b"\0\0\0\4", padding=True)

    def repeat(self, rid: str, number: int, payload: bytes, again: int) -> None:
        """The publisher's retransmission of a packet."""
        head = struct.pack("!BBHII", 0x90, 97, again, 0, SSRC[rid] + 1)
        body = struct.pack("!H", number & 0xFFFF) + payload
        self.publisher.on_rtp(head + named(rid, repaired=True) + body, self.now)

    def want(self, quality: Quality) -> None:
        """The viewer's wish."""
        self.viewer.want([Slot("v1", CAMERA, quality)], {("v1", CAMERA): self.track})

    def got(self) -> list[Packet]:
        """What reached the viewer since the last call."""
        self.publisher._outbox.flush()
        return self.line.arrived()

    def nack(self, *numbers: int) -> list[Packet]:
        """Ask for packets by the viewer's numbers; what came."""
        forward = self.viewer.forwards["v1", CAMERA]
        for number in numbers:
            asked = RtcpRtpfbPacket(fmt=1, ssrc=1, media_ssrc=forward.ssrc, lost=[number & 0xFFFF])
            self.viewer.on_rtcp(bytes(asked), self.now)
        return self.got()

    def wishes(self) -> int:
        """How often the publisher was asked for a key frame."""
        read = [packet for data in self.asked for packet in RtcpPacket.parse(data)]
        return sum(isinstance(packet, RtcpPsfbPacket) and packet.fmt == 1 for packet in read)


@contextmanager
def rig(quality: Quality = Quality.HIGH) -> Iterator[Rig]:
    asked: list[bytes] = []
    with lines(1) as (outbox, (line,)):
        publisher = Publisher(asked.append, outbox)
        track = Track("v1", CAMERA, Codec.VP8, mid="0", extensions=NUMBERS, payload=96, rtx=97, ssrcs=())
        publisher.add(track)
        made = Rig(publisher, track, Viewer(line, outbox), line, asked)
        made.want(quality)
        made.viewer.open({("v1", CAMERA)})
        yield made


def numbers(packets: list[Packet]) -> list[int]:
    """Sequence numbers from the first on."""
    return [(packet.sequence - packets[0].sequence) & 0xFFFF for packet in packets]
