"""A viewer's line without a browser: real libsrtp, a real socket, what arrives decrypted and taken apart."""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pylibsrtp import Policy, Session

from rtc.media.outbox import Outbox
from rtc.media.packet import Packet, parse
from rtc.media.peer import context_of
from rtc.media.udp import Address

PROFILE = Policy.SRTP_PROFILE_AEAD_AES_256_GCM


class Line:
    """Has what a forward needs of a peer; keeps what came."""

    def __init__(self) -> None:
        key = secrets.token_bytes(44)
        self._out = Session(Policy(key, Policy.SSRC_ANY_OUTBOUND, srtp_profile=PROFILE))
        self._in = Session(Policy(key, Policy.SSRC_ANY_INBOUND, srtp_profile=PROFILE))
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0.0)
        self.srtp: Any = context_of(self._out)[0]
        self.address: Address | None = self._socket.getsockname()
        self.reports: list[bytes] = []

    def send_rtcp(self, data: bytes) -> None:
        """As a peer's, but kept in the clear."""
        self.reports.append(data)

    def arrived(self) -> list[Packet]:
        """What came since the last call; loopback delivers at once."""
        found = []
        while True:
            try:
                found.append(parse(self._in.unprotect(self._socket.recv(4_096))))
            except BlockingIOError:
                return found

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


@contextmanager
def lines(count: int, *, batched: bool = True) -> Iterator[tuple[Outbox, list[Line]]]:
    """An outbox on a socket of its own, and lines to send to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(0.0)
        made = [Line() for _ in range(count)]
        try:
            yield Outbox(sock, batched=batched), made
        finally:
            for line in made:
                line.close()
