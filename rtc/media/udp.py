"""The one UDP socket of a worker: ICE-lite (RFC 8445, 2.5), peers found by ufrag, then by address."""

import asyncio
import logging
import secrets
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol

from aioice import stun

log = logging.getLogger("yiwang.media")

Address = tuple[str, int]

MOST_AT_ONCE: Final = 200  # datagrams of one wake-up, then others get their turn
LARGEST: Final = 2_048  # bytes of a datagram we read
LARGEST_STUN: Final = 548  # bytes: what fits everywhere (RFC 8489, 6.1)
MOST_STUN: Final = 50  # a second from one address and port
MOST_SOURCES: Final = 10_000  # addresses counted in one second; more are not answered
BUFFER: Final = 8 << 20
MOST_ADDRESSES: Final = 8  # learned for one peer


class Endpoint(Protocol):
    """What the port knows of a peer."""

    password: str
    address: Address | None

    def checked(self, now: float, address: Address, *, nominated: bool) -> None:
        """A STUN request with the right password came."""

    def receive(self, data: bytes, now: float) -> None:
        """A DTLS or SRTP datagram came from an address of this peer."""

    def cut(self) -> None:
        """Its packets break our code: end it."""


def bind(host: str, port: int) -> socket.socket:
    """A bound, unblocking UDP socket (IPv4) with large buffers; says so when the kernel grants less."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for name, option in (("receive", socket.SO_RCVBUF), ("send", socket.SO_SNDBUF)):
        sock.setsockopt(socket.SOL_SOCKET, option, BUFFER)
        if (granted := sock.getsockopt(socket.SOL_SOCKET, option) // 2) < BUFFER:  # Linux tells the double
            log.warning("the %s buffer is %d bytes, not %d: raise net.core.*mem_max", name, granted, BUFFER)
    sock.settimeout(0.0)  # never block
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


class UdpPort:
    """Owns the socket. `after` is called at the end of each wake-up: then what was forwarded is sent."""

    def __init__(self, sock: socket.socket, *, host: str = "", after: Callable[[], None] = lambda: None) -> None:
        self.sock = sock
        bound: Address = sock.getsockname()
        self.address: Address = (host or bound[0], bound[1])  # what candidates name
        self.dropped = 0
        self._after = after
        self._by_ufrag: dict[str, Endpoint] = {}
        self._by_address: dict[Address, Endpoint] = {}
        self._learned: dict[Endpoint, list[Address]] = {}
        self._asked: dict[Address, int] = {}
        self._second = 0
        asyncio.get_running_loop().add_reader(sock.fileno(), self._readable)

    def close(self) -> None:
        """Stop reading and close the socket."""
        asyncio.get_running_loop().remove_reader(self.sock.fileno())
        self.sock.close()

    def register(self, endpoint: Endpoint) -> str:
        """A new ufrag for a peer; an earlier one stays valid until `forget_ufrag`."""
        while (ufrag := secrets.token_hex(4)) in self._by_ufrag:
            pass
        self._by_ufrag[ufrag] = endpoint
        self._learned.setdefault(endpoint, [])
        return ufrag

    def forget_ufrag(self, ufrag: str) -> None:
        """A ufrag that was replaced (ICE restart)."""
        self._by_ufrag.pop(ufrag, None)

    def forget(self, endpoint: Endpoint, ufrag: str) -> None:
        """A peer is gone: its ufrag and learned addresses mean nothing any more."""
        self._by_ufrag.pop(ufrag, None)
        for address in self._learned.pop(endpoint, []):
            if self._by_address.get(address) is endpoint:
                del self._by_address[address]

    def send(self, data: bytes, address: Address) -> None:
        """One datagram; a full socket drops it, as the network would."""
        try:
            self.sock.sendto(data, address)
        except OSError:
            self.dropped += 1

    def _readable(self) -> None:
        now, read, find = time.monotonic(), self.sock.recvfrom, self._by_address.get
        for _ in range(MOST_AT_ONCE):
            try:
                data, address = read(LARGEST)
            except OSError:  # nothing more, or an ICMP error of an earlier send
                break
            if not data:
                continue
            first = data[0]
            if first < 4:  # RFC 7983: STUN, DTLS 20..63, SRTP 128..191
                self._stun(data, address, now)
            elif 127 < first < 192 or 19 < first < 64:
                peer = find(address)
                if peer is not None:
                    self._hand_over(peer, data, now)
        self._after()

    @staticmethod
    def _hand_over(peer: Endpoint, data: bytes, now: float) -> None:
        try:
            peer.receive(data, now)
        except Exception:  # whatever bytes broke our code: they cost their sender his connection, nobody else anything
            log.exception("a peer is cut for a packet that broke its handling")
            peer.cut()

    def _stun(self, data: bytes, address: Address, now: float) -> None:
        if len(data) > LARGEST_STUN or not self._may_ask(address, now):
            return
        with suppress(ValueError, struct.error):  # both mean: not a STUN message
            self._answer(stun.parse_message(data), address, now)

    def _may_ask(self, address: Address, now: float) -> bool:
        if int(now) != self._second:
            self._second = int(now)
            self._asked.clear()
        asked = self._asked.get(address, 0)
        if asked >= MOST_STUN or (not asked and len(self._asked) >= MOST_SOURCES):
            return False
        self._asked[address] = asked + 1
        return True

    def _answer(self, asked: stun.Message, address: Address, now: float) -> None:
        """Only a binding request that knows our password is answered (RFC 8445, 7.3)."""
        if (asked.message_class, asked.message_method) != (stun.Class.REQUEST, stun.Method.BINDING):
            return
        peer = self._by_ufrag.get(asked.attributes.get("USERNAME", "").split(":")[0])
        if peer is None or not asked.check_message_integrity(peer.password.encode()):
            return
        reply = stun.Message(
            message_method=stun.Method.BINDING, message_class=stun.Class.RESPONSE, transaction_id=asked.transaction_id
        )
        reply.attributes["XOR-MAPPED-ADDRESS"] = address
        reply.add_message_integrity(peer.password.encode())  # adds FINGERPRINT, too
        self.send(bytes(reply), address)
        self._learn(peer, address)
        peer.checked(now, address, nominated="USE-CANDIDATE" in asked.attributes)

    def _learn(self, peer: Endpoint, address: Address) -> None:
        known = self._learned[peer]
        if address not in known:
            known.append(address)
        if len(known) > MOST_ADDRESSES:
            oldest = known.pop(0 if known[0] != peer.address else 1)
            if self._by_address.get(oldest) is peer:
                del self._by_address[oldest]
        self._by_address[address] = peer
