"""One connection: DTLS of aiortc over our UDP port, SRTP by libsrtp. The only place that touches private names of
aiortc (1.16): `RTCDtlsTransport._set_role`, `._rx_srtp`, `._tx_srtp`, and `Session._srtp` of pylibsrtp (1.0).
"""

import asyncio
import secrets
import struct
import time
from collections.abc import Callable
from socket import htonl
from typing import Any, Final, Literal

from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from pylibsrtp import Session, ffi, lib  # type: ignore[attr-defined] # cffi objects, not listed in __all__

from rtc.media.udp import Address, UdpPort

CONNECT_WITHIN: Final = 15.0  # seconds from the exchange of SDP to DTLS
SILENT_AFTER: Final = 30.0  # seconds without a valid STUN request (RFC 7675 consent)
MOST_PACKETS: Final = 2_000  # a second in
MOST_BYTES: Final = 1_000_000  # a second in: 8 Mbit/s
MOST_RTCP: Final = 50  # a second in
MOST_DTLS: Final = 100  # datagrams a second in
MOST_QUEUED: Final = 64  # DTLS datagrams waiting for the handshake
MOST_SSRCS: Final = 16  # of media; libsrtp keeps a state for each
MOST_REPORTERS: Final = 80  # SSRCs of RTCP: Firefox reports each of its lines under a number of its own
SSRC_RESTS: Final = 10.0  # seconds of silence after which an SSRC gives way to a new one
FLOODS: Final = 3  # seconds of flood in a row until the peer is cut
HANDSHAKES: Final = 200  # a second in one worker

_LONGEST = 2_048
_BUFFER = ffi.new("char[]", _LONGEST + 256)
_VIEW = ffi.buffer(_BUFFER)
_LENGTH = ffi.new("int *")
_SSRC = struct.Struct("!I")

Gone = Literal["timeout", "silent", "closed", "flood", "failed", "fault"]


def context_of(session: Session) -> Any:  # noqa: ANN401 - a cffi pointer to a context of libsrtp
    """The handle of a session; `[0]` is its context, which lives as long as the session."""
    return session._srtp  # noqa: SLF001


class Pace:
    """At most `rate` turns a second; who comes too early waits."""

    def __init__(self, rate: float) -> None:
        self._gap = 1 / rate
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for a turn."""
        now = time.monotonic()
        at = max(now, self._next)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)


class _Wire:
    """What RTCDtlsTransport needs of an ICE transport."""

    role = "controlled"
    state = "completed"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self._out = send
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(MOST_QUEUED)

    def put(self, data: bytes) -> bool:
        """Queue a datagram for DTLS, or drop it."""
        if self._queue.full():
            return False
        self._queue.put_nowait(data)
        return True

    def end(self) -> None:
        """Whoever waits for a datagram is told that none comes."""
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(b"")

    async def _recv(self) -> bytes:
        data = await self._queue.get()
        if not data:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self._out(data)


class _Budget:
    """What came in this second; `over` tells how many seconds in a row were floods of authenticated packets."""

    __slots__ = ("_ends", "dtls", "good", "good_bytes", "over", "packets", "rtcp")

    def __init__(self) -> None:
        self._ends = 0.0
        self.packets = self.rtcp = self.dtls = self.good = self.good_bytes = self.over = 0

    def take(self, now: float) -> bool:
        """Whether one more packet may be looked at."""
        if now >= self._ends:
            flood = self.good >= MOST_PACKETS or self.good_bytes >= MOST_BYTES
            self.over = self.over + 1 if flood and now < self._ends + 1.0 else 0
            self._ends = now + 1.0
            self.packets = self.rtcp = self.dtls = self.good = self.good_bytes = 0
        self.packets += 1
        return self.packets <= MOST_PACKETS and self.good_bytes < MOST_BYTES


class Peer:
    """A browser's connection, passive in ICE and DTLS. Callbacks get what is authentic, within the limits.

    `srtp` and `address` are what a sender of RTP needs; `srtp` is None until DTLS is up.
    """

    certificate: RTCCertificate | None = None  # one for the process
    pace = Pace(HANDSHAKES)

    def __init__(self, port: UdpPort, *, role: Literal["server", "client"] = "server") -> None:
        self._port = port
        self._role = role
        self.password = secrets.token_hex(16)
        self.ufrag = port.register(self)
        self.address: Address | None = None
        self.srtp: Any = None
        self.counts = {"in": 0, "dropped": 0, "bad": 0}
        self.on_rtp: Callable[[bytes, float], None] = lambda _data, _now: None
        self.on_rtcp: Callable[[bytes, float], None] = lambda _data, _now: None
        self.on_up: Callable[[], None] = lambda: None
        self.on_gone: Callable[[Gone], None] = lambda _why: None
        self._incoming: Any = None
        self._budget = _Budget()
        self._heard = {False: dict[int, float](), True: dict[int, float]()}  # SSRC -> last packet; True = RTCP
        self._checked = time.monotonic()
        self._reachable = asyncio.Event()
        self._closed = False
        self._wire = _Wire(self._send)
        if Peer.certificate is None:
            Peer.certificate = RTCCertificate.generateCertificate()
        self._dtls = RTCDtlsTransport(self._wire, [Peer.certificate])  # type: ignore[arg-type] # duck-typed
        self._dtls.on("statechange", self._dtls_changed)
        self._task: asyncio.Task[None] | None = None

    @property
    def fingerprint(self) -> tuple[str, str]:
        """Algorithm and digest of our certificate."""
        mine = self._dtls.getLocalParameters().fingerprints
        return next((f.algorithm, f.value) for f in mine if f.algorithm == "sha-256")

    @property
    def up(self) -> bool:
        """Whether DTLS is up."""
        return self.srtp is not None and not self._closed

    @property
    def started(self) -> bool:
        """Whether the other side's fingerprint is known."""
        return self._task is not None

    def start(self, fingerprint: tuple[str, str]) -> None:
        """Wait for the peer and shake hands; `on_up` or `on_gone` follows within the deadline."""
        if self._task is None and not self._closed:
            self._task = asyncio.get_running_loop().create_task(self._connect(fingerprint))

    def renew(self) -> None:
        """New ufrag and password on the same DTLS connection: an ICE restart (RFC 8445, 9)."""
        old, self.password = self.ufrag, secrets.token_hex(16)
        self.ufrag = self._port.register(self)
        self._port.forget_ufrag(old)
        self._checked = time.monotonic()

    def close(self) -> None:
        """Forget the peer; DTLS is told goodbye. `on_gone` is not called."""
        if self._closed:
            return
        self._closed = True
        self._port.forget(self, self.ufrag)
        if self._task is not None:
            self._task.cancel()
        farewell = asyncio.get_running_loop().create_task(self._dtls.stop())
        farewell.add_done_callback(lambda done: self._end(done))

    def _end(self, farewell: asyncio.Task[None]) -> None:
        self.srtp = self._incoming = None
        self._wire.end()
        if not farewell.cancelled():
            farewell.exception()  # a broken DTLS connection has nothing more to say

    def check(self, now: float) -> None:
        """Once a second: a peer that is silent or floods is cut."""
        if self._budget.over >= FLOODS:
            self._lose("flood")
        elif self.up and now - self._checked > SILENT_AFTER:
            self._lose("silent")

    def cut(self) -> None:
        """End it for a packet that broke our code."""
        self._lose("fault")

    def checked(self, now: float, address: Address, *, nominated: bool) -> None:
        """A valid STUN request came from `address`; it moves us only when nominated (RFC 8445, 7.3.1.5)."""
        self._checked = now
        if self.address is None or nominated:
            self.address = address
        self._reachable.set()

    def receive(self, data: bytes, now: float) -> None:
        """One datagram of this peer: DTLS to the handshake, SRTP to the callbacks, within the budget."""
        budget = self._budget
        if not budget.take(now):
            self.counts["dropped"] += 1
        elif data[0] < 64:
            budget.dtls += 1
            if budget.dtls > MOST_DTLS or not self._wire.put(data):
                self.counts["dropped"] += 1
        elif self._incoming is not None and len(data) >= 12:
            if 191 < data[1] < 224:  # RFC 5761, 4
                self._receive_rtcp(data, now)
            else:
                self._receive_rtp(data, now)

    def _receive_rtp(self, data: bytes, now: float) -> None:
        plain = self._open(data, lib.srtp_unprotect, _SSRC.unpack_from(data, 8)[0], now, rtcp=False)
        if plain is not None:
            self.on_rtp(plain, now)

    def _receive_rtcp(self, data: bytes, now: float) -> None:
        self._budget.rtcp += 1
        if self._budget.rtcp > MOST_RTCP:
            self.counts["dropped"] += 1
            return
        plain = self._open(data, lib.srtp_unprotect_rtcp, _SSRC.unpack_from(data, 4)[0], now, rtcp=True)
        if plain is not None:
            self.on_rtcp(plain, now)

    def _open(self, data: bytes, unprotect: Callable[..., int], ssrc: int, now: float, *, rtcp: bool) -> bytes | None:
        """The authentic plain packet. A new SSRC is taken up only when there is room for its state."""
        heard = self._heard[rtcp]
        most = MOST_REPORTERS if rtcp else MOST_SSRCS
        if ssrc not in heard and len(heard) >= most and not self._make_room(heard, now):
            self.counts["dropped"] += 1
            return None
        size = len(data)
        ffi.memmove(_BUFFER, data, size)
        _LENGTH[0] = size
        if unprotect(self._incoming[0], _BUFFER, _LENGTH):
            self.counts["bad"] += 1
            return None
        heard[ssrc] = now
        self.counts["in"] += 1
        self._budget.good += 1
        self._budget.good_bytes += size
        plain: bytes = _VIEW[0 : _LENGTH[0]]
        return plain

    def _make_room(self, heard: dict[int, float], now: float) -> bool:
        """Forget the SSRC that rested longest, with libsrtp's state of it."""
        oldest = min(heard, key=heard.__getitem__)
        if now - heard[oldest] < SSRC_RESTS:
            return False
        del heard[oldest]
        if oldest not in self._heard[False] and oldest not in self._heard[True]:
            lib.srtp_remove_stream(self._incoming[0], htonl(oldest))
        return True

    def send_rtcp(self, data: bytes) -> None:
        """Protect and send one RTCP packet; nothing happens before DTLS is up."""
        if self.srtp is None or self.address is None or len(data) > _LONGEST:
            return
        ffi.memmove(_BUFFER, data, len(data))
        _LENGTH[0] = len(data)
        if lib.srtp_protect_rtcp(self.srtp, _BUFFER, _LENGTH) == 0:
            self._port.send(_VIEW[0 : _LENGTH[0]], self.address)

    def _send(self, data: bytes) -> None:
        if self.address is not None:
            self._port.send(data, self.address)

    async def _connect(self, fingerprint: tuple[str, str]) -> None:
        try:
            async with asyncio.timeout(CONNECT_WITHIN):
                await self._reachable.wait()
                await Peer.pace.turn()
                self._dtls._set_role(self._role)  # noqa: SLF001
                await self._dtls.start(RTCDtlsParameters([RTCDtlsFingerprint(*fingerprint)]))
        except TimeoutError:
            self._lose("timeout")
            return
        if self._dtls.state != "connected":
            self._lose("failed")
            return
        self._incoming = context_of(self._dtls._rx_srtp)  # noqa: SLF001
        self.srtp = context_of(self._dtls._tx_srtp)[0]  # noqa: SLF001
        self.on_up()

    def _dtls_changed(self) -> None:
        if self._dtls.state == "closed" and self.up:
            self._lose("closed")

    def _lose(self, why: Gone) -> None:
        if not self._closed:
            self.close()
            self.on_gone(why)
