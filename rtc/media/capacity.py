"""What this machine can carry: the worker's own way out is measured for a moment before anyone is there."""

import secrets
import socket
import struct
import time
from typing import Any, Final

from pylibsrtp import Policy, Session

from rtc.media.outbox import Outbox
from rtc.media.peer import context_of
from rtc.media.udp import Address

PACKETS: Final = 2_000  # a run: some ten milliseconds
RUNS: Final = 3  # the best counts: a busy moment of the machine is no property of it
PAYLOAD: Final = bytes(1_188)  # with 12 bytes of header the size of a usual video packet
SHARE: Final = 0.4  # of what was measured; the rest is for what comes in, for bursts and for the neighbours
LEAST: Final = 5_000  # packets a second we always take


class Load:
    """How much goes out now, against the most we take."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.rate = 0  # packets a second
        self._seen = (0, 0.0)

    @property
    def full(self) -> bool:
        """Whether a newcomer would be one too many."""
        return self.rate >= self.most

    def look(self, sent: int, now: float) -> None:
        """Called often; once a second the rate is worked out of what was sent until now."""
        before, at = self._seen
        if now - at >= 1.0:
            self.rate = int((sent - before) / (now - at))
            self._seen = (sent, now)


class _Nobody:
    """A viewer that does not exist."""

    def __init__(self, address: Address) -> None:
        policy = Policy(
            secrets.token_bytes(44), Policy.SSRC_ANY_OUTBOUND, srtp_profile=Policy.SRTP_PROFILE_AEAD_AES_256_GCM
        )
        self._session = Session(policy)
        self.srtp: Any = context_of(self._session)[0]
        self.address: Address | None = address


def measure() -> int:
    """Packets a second to take, from what one core sends to this machine itself."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sink,
    ):
        sink.bind(("127.0.0.1", 0))
        out.bind(("127.0.0.1", 0))
        out.settimeout(0.0)
        outbox, nobody = Outbox(out), _Nobody(sink.getsockname())
        best = max(_run(outbox, nobody, start) for start in range(0, RUNS * PACKETS, PACKETS))
    return max(LEAST, int(SHARE * best))


def _run(outbox: Outbox, to: _Nobody, start: int) -> float:
    began = time.perf_counter()
    for number in range(start, start + PACKETS):
        outbox.put(to, struct.pack("!BBHII", 0x80, 96, number, number, 1), PAYLOAD)
        if number % 50 == 49:
            outbox.flush()
    outbox.flush()
    return PACKETS / (time.perf_counter() - began)
