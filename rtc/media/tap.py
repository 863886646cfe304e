"""What the worker tells its recorder, over a pipe: tracks opened and closed, packets, sender reports. Frames of bytes.

Each record is `length:u32 kind:u8 track:u16` and a body; numbers are big-endian. A pipe that is full loses records and
counts them: a slow disk must never slow a room.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from threading import Thread
from typing import BinaryIO, assert_never

import msgspec

HEAD = struct.Struct("!IBH")
PACKET = struct.Struct("!HIBQ")  # sequence, timestamp, marker, arrival in microseconds since 1970
REPORT = struct.Struct("!QI")  # NTP time (RFC 5905 64 bit), RTP timestamp of the same moment
MOST_RECORD = 64 * 1024
MOST_WAITING = 8 * 1024 * 1024  # bytes kept for a pipe that is full

OPENED, RTP, REPORTED, CLOSED = 1, 2, 3, 4


class Opened(msgspec.Struct, frozen=True):
    """A track begins: whose, what, which codec ("VP8", "H264", "opus")."""

    seat: str
    source: str
    codec: str


@dataclass(frozen=True, slots=True)
class Packet:
    """One RTP packet without its header; `at` is its arrival, microseconds since 1970."""

    sequence: int
    timestamp: int
    marker: bool
    at: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """A sender report's two clocks (RFC 3550, 6.4.1)."""

    ntp: int
    timestamp: int


@dataclass(frozen=True, slots=True)
class Closed:
    """A track ends."""


Record = Opened | Packet | Report | Closed


def encode(track: int, record: Record) -> bytes:
    """One record as it goes over the pipe."""
    match record:
        case Opened():
            kind, body = OPENED, msgspec.json.encode(record)
        case Packet(sequence, timestamp, marker, at, payload):
            kind, body = RTP, PACKET.pack(sequence, timestamp, marker, at) + payload
        case Report(ntp, timestamp):
            kind, body = REPORTED, REPORT.pack(ntp, timestamp)
        case Closed():
            kind, body = CLOSED, b""
        case _:
            assert_never(record)
    return HEAD.pack(len(body), kind, track) + body


def decode(kind: int, body: bytes) -> Record:
    """The record of one frame; ValueError for what is none."""
    if kind == RTP:
        sequence, timestamp, marker, at = PACKET.unpack_from(body)
        return Packet(sequence, timestamp, bool(marker), at, body[PACKET.size :])
    if kind == OPENED:
        return msgspec.json.decode(body, type=Opened)
    if kind == REPORTED:
        return Report(*REPORT.unpack(body))
    if kind == CLOSED:
        return Closed()
    raise ValueError(f"unknown record {kind}")


def read(stream: BinaryIO) -> Iterator[tuple[int, Record]]:
    """Records with their track numbers until the writer is gone; a cut last record is dropped."""
    while len(head := stream.read(HEAD.size)) == HEAD.size:
        length, kind, track = HEAD.unpack(head)
        if length > MOST_RECORD:
            raise ValueError(f"record of {length} bytes")
        body = stream.read(length)
        if len(body) < length:
            return
        yield track, decode(kind, body)


class Tap:
    """The writing end. Never waits: what the pipe does not take is kept up to a bound, then records are dropped."""

    def __init__(self, pipe: int) -> None:
        os.set_blocking(pipe, False)
        self._pipe = pipe
        self._waiting = bytearray()
        self.dropped = 0
        self.broken = False

    def put(self, track: int, record: Record) -> None:
        """Send one record, or count it as dropped."""
        frame = encode(track, record)
        if self.broken or len(self._waiting) + len(frame) > MOST_WAITING:
            self.dropped += 1
            return
        self._waiting += frame
        if len(self._waiting) >= PIPE_SHARE:
            self.flush()

    def flush(self) -> None:
        """Give the pipe what it takes; called at the end of each wake-up."""
        if not self._waiting or self.broken:
            return
        try:
            sent = os.write(self._pipe, self._waiting)
        except BlockingIOError:
            return
        except OSError:
            self.broken = True
            self._waiting.clear()
            return
        del self._waiting[:sent]

    def close(self) -> None:
        """Close the pipe once it took what is left; a thread waits for that, because nothing else may."""
        Thread(target=self._drain, name="tap", daemon=True).start()
        self.broken = True

    def _drain(self) -> None:
        with suppress(OSError):
            os.set_blocking(self._pipe, True)
            while self._waiting:
                del self._waiting[: os.write(self._pipe, self._waiting)]
        with suppress(OSError):
            os.close(self._pipe)


PIPE_SHARE = 32 * 1024  # bytes gathered before a write: half of what a Linux pipe holds
