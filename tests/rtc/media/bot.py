"""A client in Python: real ICE checks, DTLS and SRTP over real UDP; it counts packets and never decodes."""

import asyncio
import struct
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from aioice import stun
from pylibsrtp import ffi, lib  # type: ignore[attr-defined]
from typing_extensions import override

from rtc.engine.control import Source
from rtc.media.negotiation import AUDIO_LEVEL, KIND, MID
from rtc.media.peer import Peer
from rtc.media.sdp import Description, parse
from rtc.media.udp import Address, UdpPort, bind

RTPMAPS = {"audio": (111, "opus/48000/2", None), "video": (96, "VP8/90000", 97)}
HOST = "127.0.0.1"  # where bots are
CHECK_EVERY = 0.2


class _Port(UdpPort):
    """A port that asks as the controlling side does, besides answering."""

    def __init__(self) -> None:
        super().__init__(bind(HOST, 0))
        self.asked: dict[bytes, Peer] = {}

    @override
    def _stun(self, data: bytes, address: Address, now: float) -> None:
        with suppress(ValueError, struct.error):
            message = stun.parse_message(data)
            if message.message_class is stun.Class.REQUEST:
                super()._stun(data, address, now)
                return
            peer = self.asked.pop(message.transaction_id, None)
            if message.message_class is stun.Class.RESPONSE and peer is not None:
                self._by_address[address] = peer
                peer.checked(now, address, nominated=True)


def check(ufrag: str, password: str) -> stun.Message:
    """A binding request as a browser sends it."""
    asked = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    asked.attributes.update({"USERNAME": f"{ufrag}:bot0", "PRIORITY": 1, "ICE-CONTROLLING": 1, "USE-CANDIDATE": None})
    asked.add_message_integrity(password.encode())
    return asked


@dataclass(eq=False)
class Connection:
    """One side of a bot: its own socket, a peer that is the DTLS client."""

    port: _Port = field(default_factory=_Port)
    got: Counter[int] = field(default_factory=Counter)  # SSRC -> packets
    got_rtcp: int = 0
    last: dict[int, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.peer = Peer(self.port, role="client")
        self.peer.on_rtp, self.peer.on_rtcp = self._rtp, self._rtcp
        self.up = asyncio.Event()
        self.gone = asyncio.Event()
        self.peer.on_up = self.up.set
        self.peer.on_gone = lambda _why: self.gone.set()
        self._checking: asyncio.Task[None] | None = None
        self.remote: tuple[str, str, Address] = ("", "", ("", 0))

    def _rtp(self, data: bytes, _now: float) -> None:
        ssrc = struct.unpack_from("!I", data, 8)[0]
        self.got[ssrc] += 1
        self.last[ssrc] = bytes(data)

    def _rtcp(self, _data: bytes, _now: float) -> None:
        self.got_rtcp += 1

    def connect(self, theirs: Description, address: Address) -> None:
        """Begin checks, and shake hands."""
        self.remote = (theirs.ufrag, theirs.password, address)
        if self._checking is None:
            self._checking = asyncio.create_task(self._check())
        self.peer.start(theirs.fingerprint)

    async def _check(self) -> None:
        while True:
            ufrag, password, address = self.remote
            asked = check(ufrag, password)
            self.port.asked[asked.transaction_id] = self.peer
            self.port.send(bytes(asked), address)
            await asyncio.sleep(CHECK_EVERY)

    def send(self, packet: bytes, *, sound: bool = True) -> None:
        """Protect and send one RTP packet; one that is not `sound` may be refused by our own libsrtp."""
        room = ffi.new("char[]", len(packet) + 256)
        ffi.memmove(room, packet, len(packet))
        size = ffi.new("int *", len(packet))
        if lib.srtp_protect(self.peer.srtp, room, size) != 0:
            assert not sound
            return
        assert self.peer.address is not None
        self.port.send(bytes(ffi.buffer(room)[0 : size[0]]), self.peer.address)

    async def close(self) -> None:
        """Say goodbye and close the socket."""
        if self._checking is not None:
            self._checking.cancel()
            await asyncio.wait([self._checking])
        self.peer.close()
        await asyncio.sleep(0)
        self.port.close()


def candidate(sdp: str) -> Address:
    """The server's one candidate."""
    line = next(line for line in sdp.splitlines() if line.startswith("a=candidate:"))
    parts = line.split(" ")
    return parts[4], int(parts[5])


def _head(connection: Connection, mids: Sequence[str]) -> list[str]:
    peer = connection.peer
    algorithm, digest = peer.fingerprint
    return [
        "v=0", f"o=- {int(peer.ufrag, 16)} 2 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {' '.join(mids)}",
        f"a=ice-ufrag:{peer.ufrag}", f"a=ice-pwd:{peer.password}", f"a=fingerprint:{algorithm} {digest}",
    ]  # fmt: skip


def offer(connection: Connection, sources: Sequence[Source], ssrcs: dict[Source, int]) -> str:
    """A publish offer: one section a source."""
    parts = _head(connection, [str(i) for i in range(len(sources))])
    for mid, source in enumerate(sources):
        payload, name, rtx = RTPMAPS[KIND[source]]
        extra = [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={payload}"] if rtx else []
        parts += [
            f"m={KIND[source]} 9 UDP/TLS/RTP/SAVPF {payload}" + (f" {rtx}" if rtx else ""), "c=IN IP4 0.0.0.0",
            f"a=mid:{mid}", "a=sendonly", "a=setup:actpass", "a=rtcp-mux", f"a=rtpmap:{payload} {name}", *extra,
            f"a=extmap:4 {MID}", f"a=extmap:1 {AUDIO_LEVEL}", f"a=ssrc:{ssrcs[source]} cname:bot",
        ]  # fmt: skip
    return "\r\n".join(parts) + "\r\n"


def answer(connection: Connection, offered: str) -> str:
    """An answer that takes every line as it is offered."""
    theirs = parse(offered, most_sections=64)
    parts = _head(connection, [m.mid for m in theirs.media])
    for m in theirs.media:
        payload = m.formats[0].payload
        parts += [
            f"m={m.kind} 9 UDP/TLS/RTP/SAVPF {payload}", "c=IN IP4 0.0.0.0", f"a=mid:{m.mid}", "a=setup:active",
            "a=recvonly" if m.sends else "a=inactive", "a=rtcp-mux",
        ]  # fmt: skip
    return "\r\n".join(parts) + "\r\n"


def packet(ssrc: int, sequence: int, payload: bytes, *, kind: str = "video", timestamp: int | None = None) -> bytes:
    """One RTP packet; without a timestamp that of 30 frames a second."""
    at = sequence * 3_000 if timestamp is None else timestamp
    head = struct.pack("!BBHII", 0x80, RTPMAPS[kind][0] | 0x80, sequence & 0xFFFF, at & 0xFFFFFFFF, ssrc)
    return head + payload


VP8_KEY = bytes([0x10, 0x00, 0x00, 0x00, 0x9D, 0x01, 0x2A, 0x40, 0x01, 0xF0, 0x00]) + b"\x55" * 300
VP8_NEXT = bytes([0x10, 0x01, 0x00, 0x00]) + b"\x55" * 300


async def until(true: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """Wait for a condition, with a deadline."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.01)
