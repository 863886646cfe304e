"""Load for the media benches: a recorded clip, viewers that count and never decode, a server held to one core."""

import asyncio
import os
import socket
import struct
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import av.filter
from av.video.frame import PictureType

from tests.rtc.media import bot
from tests.rtc.media.bot import Connection

SERVER_CORE, CLIENT_CORE = 0, 1
LATEST = 0.1  # seconds behind its beat that a sender makes up for
CALM = 2.5  # seconds between checks of a connected bot: as browsers do
RATE = 30  # frames a second of the clip
LONGEST = 1_180  # bytes of a packet's payload
STAMP = struct.Struct("!d")  # when a packet was sent, in its first bytes behind VP8's descriptor


@dataclass(frozen=True, slots=True)
class Clip:
    """Frames of VP8, each in packets as a browser cuts it; the first is a key frame."""

    frames: tuple[tuple[bytes, ...], ...]

    @property
    def packets(self) -> int:
        return sum(len(frame) for frame in self.frames)


def record(bitrate: int, *, seconds: int = 5, width: int = 640, height: int = 360) -> Clip:
    """Encode a moving picture once; every run sends the same bytes."""
    graph = av.filter.Graph()
    source = graph.add("testsrc2", f"size={width}x{height}:rate={RATE}:duration={seconds}")
    noise = graph.add("noise", "alls=6:allf=t:all_seed=7")
    shape = graph.add("format", "yuv420p")
    sink = graph.add("buffersink")
    source.link_to(noise)
    noise.link_to(shape)
    shape.link_to(sink)
    graph.configure()
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.bit_rate = width, height, "yuv420p", bitrate
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "g": str(RATE * seconds), "bufsize": str(bitrate)}
    encoder.framerate, encoder.time_base = RATE, Fraction(1, RATE)
    frames = []
    for _ in range(RATE * seconds):
        picture = graph.pull()
        picture.pict_type = PictureType.NONE  # the source calls each of its pictures a key frame
        frames += [bytes(packet) for packet in encoder.encode(picture)]
    frames += [bytes(packet) for packet in encoder.encode(None)]
    return Clip(tuple(cut(frame) for frame in frames))


def cut(frame: bytes) -> tuple[bytes, ...]:
    """One frame in packets of about equal length (RFC 7741), as libwebrtc cuts it."""
    count = -(-len(frame) // LONGEST)
    size = -(-len(frame) // count)
    parts = [frame[at : at + size] for at in range(0, len(frame), size)]
    return tuple(bytes([0x10 if at == 0 else 0x00]) + part for at, part in enumerate(parts))


class Sender:
    """Plays the clip over a bot's connection. A stamped packet tells when it left, its picture is no longer valid."""

    def __init__(
        self, connection: Connection, ssrc: int, clip: Clip, *, stamped: bool = False, begins: int = 0
    ) -> None:
        self._connection, self._ssrc, self._clip, self._stamped = connection, ssrc, clip, stamped
        self._sequence, self._frame = 0, begins
        self.sent = 0

    def frame(self) -> None:
        """Send the next frame's packets."""
        parts = self._clip.frames[self._frame % len(self._clip.frames)]
        for at, part in enumerate(parts):
            last = 0x80 if at == len(parts) - 1 else 0
            body = part
            if self._stamped and len(part) > 24:  # behind the frame header, which tells key frames
                body = part[:12] + STAMP.pack(time.monotonic()) + part[20:]
            head = struct.pack(
                "!BBHII", 0x80, 96 | last, self._sequence & 0xFFFF, self._frame * 3_000 & 0xFFFFFFFF, self._ssrc
            )
            self._connection.send(head + body)
            self._sequence += 1
            self.sent += 1
        self._frame += 1


async def play(senders: Sequence[Sender], seconds: float, *, speed: float = 1.0) -> None:
    """All send their clips, evenly spread within a frame's time, so many times as fast."""
    beat = 1 / (RATE * speed * len(senders))
    began, turn = time.monotonic(), 0
    while (now := time.monotonic()) - began < seconds:
        began = max(began, now - turn * beat - LATEST)  # the machine was busy elsewhere: no flood to make up for it
        while turn * beat <= now - began:
            senders[turn % len(senders)].frame()
            turn += 1
        await asyncio.sleep(max(0.0, began + turn * beat - time.monotonic()))


@dataclass
class Counted:
    """What one viewer got: datagrams of media, and for a few viewers the delays of decrypted ones."""

    packets: int = 0
    delays: list[float] = field(default_factory=list)


def count(connection: Connection, *, delays: bool = False) -> Counted:
    """From now on this viewer counts; SRTP is opened only where delays are wanted."""
    counted = Counted()
    opened = connection.peer.receive

    def receive(data: bytes, now: float) -> None:
        if 127 < data[0] < 192 and not 191 < data[1] < 224:
            counted.packets += 1
            if delays:
                opened(data, now)

    def look(data: bytes, _now: float) -> None:
        start = 12 + 4 * (data[0] & 15) + (4 + 4 * int.from_bytes(data[14:16], "big") if data[0] & 16 else 0)
        if len(data) > start + 24:
            counted.delays.append(time.monotonic() - STAMP.unpack_from(data, start + 12)[0])

    connection.peer.on_rtp = look
    connection.peer.receive = receive  # type: ignore[method-assign]
    return counted


def address() -> str:
    """This machine's own address: Janus offers no loopback. Whatever is sent to it still goes over loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, suppress(OSError):
        sock.connect(("192.0.2.1", 9))  # nothing is sent
        host: str = sock.getsockname()[0]
        return host
    return "127.0.0.1"


def settle(*, calm: bool) -> None:
    """Where bots are, and how often they check: often while they connect."""
    bot.HOST, bot.CHECK_EVERY = address(), CALM if calm else 0.2


def hold(pid: int) -> None:
    """Keep a process with all its threads on the server's core."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setaffinity(int(task.name), {SERVER_CORE})


def favour(pid: int) -> None:
    """Let a process go before everything else on a machine that others use, too. Needs root."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        os.sched_setscheduler(int(task.name), os.SCHED_RR, os.sched_param(1))


def cpu(pid: int) -> float:
    """Seconds of CPU a process has used; what the kernel does for it is in it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run measured."""

    name: str
    forwarded: int
    lost: int
    cpu: float
    client: float  # share of the client's core
    server: float  # share of the server's

    @property
    def rate(self) -> float:
        """Packets for each second of the server's CPU."""
        return self.forwarded / self.cpu

    def __str__(self) -> str:
        void = "  VOID: the client's core was full" if self.client > 0.9 else ""
        each = 1e6 * self.cpu / self.forwarded
        return (
            f"{self.name:20} {self.forwarded:9,} forwarded, {self.lost} lost, {each:.2f} µs a packet, {self.rate:,.0f} "
            f"packets a CPU-second; server {self.server:.0%}, client {self.client:.0%}{void}"
        )


async def measure(
    name: str, pid: int, senders: Sequence[Sender], viewers: Sequence[Counted], *, each: Callable[[], int],
    seconds: float, speed: float, warm: float = 1.0,
) -> Run:  # fmt: skip
    """Play, and compare what came with `each()`, the packets that were to arrive since the start in all."""
    await play(senders, warm, speed=speed)
    await asyncio.sleep(0.5)
    for viewer in viewers:
        viewer.delays.clear()
    before, expected = sum(viewer.packets for viewer in viewers), each()
    server, client, began = cpu(pid), time.process_time(), time.monotonic()
    await play(senders, seconds, speed=speed)
    await asyncio.sleep(0.5)
    passed = time.monotonic() - began
    used, busy = cpu(pid) - server, time.process_time() - client
    got, expected = sum(viewer.packets for viewer in viewers) - before, each() - expected
    return Run(name, got, expected - got, used, busy / passed, used / passed)


async def in_turn(made: Iterable[Awaitable[None]], at_once: int = 20) -> None:
    """Join a few at a time, as people do."""
    waiting = list(made)
    for at in range(0, len(waiting), at_once):
        await asyncio.gather(*waiting[at : at + at_once])
