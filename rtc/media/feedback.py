"""RTCP (RFC 3550, 4585): what is reported of a stream, which packets are missing, and the packets that say so.

The time is always given; aiortc's classes read and write the bytes.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpSenderInfo,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)

OURS: Final = 1  # the SSRC our reports come from; we send no media of our own
PLI, FIR, REMB = 1, 4, 15  # feedback message types of a picture
NACK: Final = 1
MOST_NACKED: Final = 60  # packets asked for, or resent, by one RTCP packet
MOST_MISSING: Final = 200  # packets waited for; more at once is an interruption, not loss
ASK_AGAIN: Final = 0.1  # seconds
MOST_ASKED: Final = 5  # times for one packet
MOST_REPORTS: Final = 31  # in one RTCP packet

_NACK_HEAD = struct.Struct("!BBHII")
_PAIR = struct.Struct("!HH")


def read(data: bytes) -> list[AnyRtcpPacket]:
    """The RTCP packets of a datagram; none when it is malformed."""
    try:
        return RtcpPacket.parse(data)
    except (ValueError, IndexError, struct.error):  # aiortc checks most, not all, lengths itself
        return []


def remb(packet: RtcpPsfbPacket) -> int | None:
    """The bits a second a receiver can take (draft-alvestrand-rmcat-remb-03); None when malformed."""
    try:
        return unpack_remb_fci(packet.fci)[0]
    except (ValueError, IndexError, struct.error):
        return None


def asked_for(packet: RtcpPsfbPacket) -> tuple[int, ...]:
    """The SSRCs a PLI or FIR wants a key frame of; FIR names them in its entries (RFC 5104, 4.3.1)."""
    if packet.fmt == PLI:
        return (packet.media_ssrc,)
    entries = range(0, min(len(packet.fci) - 7, 8 * MOST_REPORTS), 8)
    return tuple(int.from_bytes(packet.fci[at : at + 4], "big") for at in entries)


def pli(ssrc: int) -> bytes:
    """Asks for a key frame."""
    return bytes(RtcpPsfbPacket(fmt=PLI, ssrc=OURS, media_ssrc=ssrc))


def limit(bitrate: int, ssrcs: Sequence[int]) -> bytes:
    """Tells a sender how much he may send over all these SSRCs."""
    fci = pack_remb_fci(bitrate, list(ssrcs[:MOST_REPORTS]))
    return bytes(RtcpPsfbPacket(fmt=REMB, ssrc=OURS, media_ssrc=0, fci=fci))


def nack(ssrc: int, numbers: Iterable[int]) -> bytes:
    """Asks for packets by sequence number, at most 60; the numbers come in order and may wrap around."""
    pairs: list[tuple[int, int]] = []
    for number in list(numbers)[:MOST_NACKED]:
        ahead = (number - pairs[-1][0] - 1) & 0xFFFF if pairs else 16
        if ahead < 16:
            pairs[-1] = (pairs[-1][0], pairs[-1][1] | 1 << ahead)
        else:
            pairs.append((number & 0xFFFF, 0))
    head = _NACK_HEAD.pack(0x80 | NACK, 205, 2 + len(pairs), OURS, ssrc)
    return head + b"".join(_PAIR.pack(*pair) for pair in pairs)


def receiver_report(reports: Sequence[RtcpReceiverInfo]) -> bytes:
    """Tells a sender what arrived of his streams."""
    return bytes(RtcpRrPacket(ssrc=OURS, reports=list(reports[:MOST_REPORTS])))


@dataclass(frozen=True, slots=True)
class Clocks:
    """A sender report's two clocks (RFC 3550, 6.4.1), and when it came."""

    ntp: int
    timestamp: int
    at: float


def sender_report(ssrc: int, clocks: Clocks, *, later: int, packets: int, octets: int) -> bytes:
    """The publisher's two clocks as this viewer sees them: RTP time moved by his offset, his own counts."""
    info = RtcpSenderInfo(
        ntp_timestamp=clocks.ntp, rtp_timestamp=(clocks.timestamp + later) & 0xFFFFFFFF,
        packet_count=packets & 0xFFFFFFFF, octet_count=octets & 0xFFFFFFFF,
    )  # fmt: skip
    return bytes(RtcpSrPacket(ssrc=ssrc, sender_info=info))


class Reception:
    """What arrived of one SSRC (RFC 3550, A.1, A.3, A.8). Numbers are extended: they do not wrap."""

    def __init__(self, clock: int) -> None:
        self._clock = clock
        self._first = -1
        self.highest = -1
        self._received = self._reported_expected = self._reported_received = 0
        self._transit = 0
        self._jitter = 0.0

    def extended(self, sequence: int) -> int:
        """The number a 16-bit sequence stands for: the one nearest to the highest so far."""
        if self.highest < 0:
            return sequence + 0x10000  # room for packets from before the first
        return self.highest + ((sequence - self.highest + 0x8000) & 0xFFFF) - 0x8000

    def add(self, number: int, timestamp: int, now: float) -> None:
        """One packet came."""
        if self.highest < 0:
            self._first = number
        self.highest = max(self.highest, number)
        self._received += 1
        transit = int(now * self._clock) - timestamp
        if self._received > 1:
            moved = abs(((transit - self._transit + 0x80000000) & 0xFFFFFFFF) - 0x80000000)
            self._jitter += (moved - self._jitter) / 16
        self._transit = transit

    def report(self, ssrc: int, clocks: Clocks | None, now: float) -> RtcpReceiverInfo:
        """The report block since the last one."""
        expected = self.highest - self._first + 1
        lost = expected - self._received
        new = expected - self._reported_expected
        new_lost = max(0, new - (self._received - self._reported_received))
        self._reported_expected, self._reported_received = expected, self._received
        return RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=min(255, new_lost * 256 // new) if new > 0 else 0,
            packets_lost=max(-0x800000, min(0x7FFFFF, lost)),
            highest_sequence=self.highest & 0xFFFFFFFF,
            jitter=int(self._jitter) & 0xFFFFFFFF,
            lsr=clocks.ntp >> 16 & 0xFFFFFFFF if clocks else 0,
            dlsr=int((now - clocks.at) * 65_536) & 0xFFFFFFFF if clocks else 0,
        )


class Gaps:
    """Which packets of one SSRC are missing and when to ask for them."""

    def __init__(self) -> None:
        self._missing: dict[int, tuple[float, int]] = {}  # number -> when asked last, how often
        self._highest = -1

    def add(self, number: int) -> bool:
        """A packet came; whether so many are missing that only a key frame helps."""
        if number <= self._highest:
            self._missing.pop(number, None)
            return False
        gap = number - self._highest - 1 if self._highest >= 0 else 0
        first, self._highest = self._highest + 1, number
        if not gap:
            return False
        if gap + len(self._missing) > MOST_MISSING:
            self._missing.clear()
            return True
        for lost in range(first, number):
            self._missing[lost] = (float("-inf"), 0)
        return False

    def restart(self, number: int) -> None:
        """What is missing before this number is not wanted any more."""
        self._missing.clear()
        self._highest = max(self._highest, number)

    def ask(self, now: float) -> list[int]:
        """The numbers to ask for now, at most 60; one that was asked for too often is given up."""
        if not self._missing:
            return []
        chosen = [n for n, (asked, _times) in self._missing.items() if now - asked >= ASK_AGAIN][:MOST_NACKED]
        for number in chosen:
            times = self._missing[number][1] + 1
            if times >= MOST_ASKED:
                del self._missing[number]
            else:
                self._missing[number] = (now, times)
        return sorted(chosen)
