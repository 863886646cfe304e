"""What goes out: packets are encrypted into a slab and leave in one system call for all viewers, and within it in one
message for each burst to one viewer (`sendmmsg` and UDP_SEGMENT by cffi in ABI mode: no compiler is needed)."""

import errno
import logging
import socket
import struct
import time
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, Protocol

from cffi import FFI  # type: ignore[import-untyped]
from pylibsrtp import ffi as srtp_ffi  # type: ignore[attr-defined] # cffi objects, not listed in __all__
from pylibsrtp import lib  # type: ignore[attr-defined]

from rtc.media.packet import HEADER, STAMPED, stamp

log = logging.getLogger("yiwang.media")

Address = tuple[str, int]

SLOTS: Final = 512  # packets in the slab; a full one is sent at once
SLOT: Final = 2_304  # bytes of one: the longest datagram we read, the stamp, SRTP's tag
LONGEST: Final = 2_048  # bytes of a payload
MOST_SEGMENTS: Final = 60  # of one message: the kernel takes 64
MOST_BURST: Final = 60_000  # bytes of one message
MOST_ADDRESSES: Final = 10_000  # remembered in the kernel's form

_UDP_SEGMENT, _SOL_UDP = 103, 17  # linux/udp.h
_DEFINED = """
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr { void *msg_name; unsigned int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen;
                void *msg_control; size_t msg_controllen; int msg_flags; };
struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
struct segment { size_t cmsg_len; int cmsg_level; int cmsg_type; uint16_t size; uint16_t pad[3]; };
int sendmmsg(int sockfd, struct mmsghdr *msgvec, unsigned int vlen, int flags);
"""


class Sending(Protocol):
    """To whom: libsrtp's outgoing context (None until DTLS is up) and where he is."""

    srtp: Any
    address: Address | None


class Item(NamedTuple):
    """One packet of a layer as it is kept and sent: number and time are the layer's own."""

    number: int
    timestamp: int
    marker: int
    payload: bytes
    key: bool


class Head(NamedTuple):
    """How a viewer sees a run of packets: what is added to number and time, under which type and SSRC."""

    payload_type: int
    ssrc: int
    number: int
    timestamp: int
    stamped: bool


class _Message:
    """A burst of packets to one address: all as long as the first, but the last may be shorter."""

    __slots__ = ("address", "count", "open", "size", "start", "total")

    def __init__(self, address: Address, start: int, size: int) -> None:
        self.address, self.start, self.size = address, start, size
        self.count, self.total, self.open = 1, size, True


class Outbox:
    """One for a socket. `batched=False` is the plain path, one `sendto` a packet, for comparison and elsewhere."""

    def __init__(self, sock: socket.socket, *, batched: bool = True) -> None:
        self.sent = self.dropped = 0
        self._sock = sock
        self._slab = srtp_ffi.new("char[]", SLOTS * SLOT)
        self._view = srtp_ffi.buffer(self._slab)
        self._slots = [self._slab + at * SLOT for at in range(SLOTS)]
        self._lengths = [0] * SLOTS
        self._length = srtp_ffi.new("int *")
        self._used = 0
        self._messages: list[_Message] = []
        self._spreads: list[Callable[[], None]] = []
        self._kernel = _Kernel(sock.fileno(), int(srtp_ffi.cast("uintptr_t", self._slab))) if batched else None
        if self._kernel is not None and not self._kernel.works:
            self._kernel = None

    def later(self, spread: Callable[[], None]) -> None:
        """Call this at the next `flush`, before it sends."""
        self._spreads.append(spread)

    def put(self, to: Sending, header: bytes, payload: memoryview | bytes) -> None:
        """Encrypt one packet for one viewer; it leaves with the next `flush`."""
        size = len(header) + len(payload)
        if to.srtp is None or to.address is None or size > LONGEST:
            return
        if self._used == SLOTS:
            self._send()
        start = self._used * SLOT
        self._view[start : start + size] = bytes(header) + bytes(payload)
        self._length[0] = size
        if lib.srtp_protect(to.srtp, self._slots[self._used], self._length) == 0:
            self._add(to.address, self._length[0])

    def put_run(self, to: Sending, head: Head, items: Sequence[Item]) -> None:
        """Encrypt a run of packets of one layer for one viewer: the one loop whose length is packets times viewers."""
        srtp, address = to.srtp, to.address
        if srtp is None or address is None:
            return
        payload_type, ssrc, shift, later, stamped = head
        pack, offset = (STAMPED.pack_into, STAMPED.size) if stamped else (HEADER.pack_into, HEADER.size)
        tail = (0xBEDE, 1, stamp(time.monotonic())) if stamped else ()
        first = 0x90 if stamped else 0x80
        view, slots, length, move, protect = self._view, self._slots, self._length, srtp_ffi.memmove, lib.srtp_protect
        for number, timestamp, marker, payload, _key in items:
            if self._used == SLOTS:
                self._send()
            slot = slots[self._used]
            pack(view, self._used * SLOT, first, payload_type | marker, number + shift & 0xFFFF,
                 timestamp + later & 0xFFFFFFFF, ssrc, *tail)  # fmt: skip
            move(slot + offset, payload, len(payload))
            length[0] = offset + len(payload)
            if protect(srtp, slot, length) == 0:
                self._add(address, length[0])

    def _add(self, address: Address, size: int) -> None:
        """The next slot is filled: it lengthens the last message or begins one."""
        at = self._used
        self._lengths[at] = size
        self._used = at + 1
        if self._messages:
            last = self._messages[-1]
            if (
                last.open
                and size <= last.size
                and last.address == address
                and last.count < MOST_SEGMENTS
                and last.total + size <= MOST_BURST
            ):
                last.count += 1
                last.total += size
                last.open = size == last.size
                return
        self._messages.append(_Message(address, at, size))

    def flush(self) -> None:
        """Spread what came in this wake-up, and send everything."""
        spreads, self._spreads = self._spreads, []
        for spread in spreads:
            spread()
        if self._messages:
            self._send()

    def _send(self) -> None:
        messages, self._messages, self._used = self._messages, [], 0
        if self._kernel is None:
            self._send_plainly(messages)
        else:
            self._send_batched(messages, self._kernel)

    def _send_plainly(self, messages: list[_Message]) -> None:
        send, view, lengths = self._sock.sendto, self._view, self._lengths
        for message in messages:
            for at in range(message.start, message.start + message.count):
                try:
                    send(view[at * SLOT : at * SLOT + lengths[at]], message.address)
                    self.sent += 1
                except OSError:  # a full socket above all: the network would drop it, too
                    self.dropped += 1

    def _send_batched(self, messages: list[_Message], kernel: "_Kernel") -> None:
        kernel.load(messages, self._lengths)
        at = 0
        while at < len(messages):
            done = kernel.send(at, len(messages) - at)
            self.sent += sum(message.count for message in messages[at : at + done])
            at += done
            if at == len(messages):
                return
            if kernel.error in (errno.EAGAIN, errno.ENOBUFS):
                self.dropped += sum(message.count for message in messages[at:])
                return
            self._refused(messages[at], kernel)
            at += 1

    def _refused(self, message: _Message, kernel: "_Kernel") -> None:
        """The kernel does not take this one: segments may be what it does not know."""
        if message.count > 1 and kernel.error in (errno.EINVAL, errno.EIO, errno.EOPNOTSUPP):
            if self._kernel is not None:
                log.warning("the kernel sends no segments (%s): packets go one by one", errno.errorcode[kernel.error])
            self._kernel = None
            self._send_plainly([message])
        elif message.count > 1:  # EMSGSIZE: too long for this road
            self._send_plainly([message])
        else:
            self.dropped += 1


class _Kernel:
    """The kernel's structures, made once: each slot has its place, each message its address and segment size."""

    def __init__(self, fd: int, slab: int) -> None:
        self._ffi = FFI()
        self._ffi.cdef(_DEFINED)
        self._library = self._ffi.dlopen(None)
        self._fd = fd
        self._iov = self._ffi.new("struct iovec[]", SLOTS)
        for at in range(SLOTS):
            self._iov[at].iov_base = self._ffi.cast("void *", slab + at * SLOT)
        self._vector = self._ffi.new("struct mmsghdr[]", SLOTS)
        self._segments = self._ffi.new("struct segment[]", SLOTS)
        self._headers = [self._vector[at].msg_hdr for at in range(SLOTS)]
        self._places = [self._iov + at for at in range(SLOTS)]
        self._controls = [self._segments + at for at in range(SLOTS)]
        for at in range(SLOTS):
            segment = self._segments[at]
            segment.cmsg_len, segment.cmsg_level, segment.cmsg_type = 18, _SOL_UDP, _UDP_SEGMENT
            self._headers[at].msg_namelen = 16
        self._names: dict[Address, Any] = {}
        self.error = 0
        self.works = hasattr(self._library, "sendmmsg") and hasattr(socket, "AF_INET")

    def _name(self, address: Address) -> Any:  # noqa: ANN401 - a cffi pointer to a sockaddr_in
        family = struct.pack("=H", socket.AF_INET)
        packed = family + struct.pack("!H", address[1]) + socket.inet_aton(address[0]) + bytes(8)
        name = self._names[address] = self._ffi.new("char[16]", packed)
        return name

    def load(self, messages: Sequence[_Message], lengths: Sequence[int]) -> None:
        """Write the messages as the kernel reads them."""
        if len(self._names) >= MOST_ADDRESSES:  # never while a message points at one
            self._names.clear()
        iov, headers, names, null = self._iov, self._headers, self._names, self._ffi.NULL
        for at, message in enumerate(messages):
            header, start, count = headers[at], message.start, message.count
            header.msg_name = names.get(message.address) or self._name(message.address)
            header.msg_iov, header.msg_iovlen = self._places[start], count
            if count > 1:
                self._segments[at].size = message.size
                header.msg_control, header.msg_controllen = self._controls[at], 24
            else:
                header.msg_control, header.msg_controllen = null, 0
            for slot in range(start, start + count):
                iov[slot].iov_len = lengths[slot]

    def send(self, start: int, count: int) -> int:
        """How many messages left; fewer than asked: `error` says why the next one did not."""
        done: int = self._library.sendmmsg(self._fd, self._vector + start, count, socket.MSG_DONTWAIT)
        self.error = self._ffi.errno if done < count else 0
        return max(0, done)
