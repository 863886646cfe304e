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

from rtc.media.packet import HEADER, ONE_BYTE, STAMPED, stamp

log = logging.getLogger("yiwang.media")

Address = tuple[str, int]

SLOTS: Final = 512  # packets in the slab; a full one is sent at once
SLOT: Final = 2_304  # bytes of one: the longest datagram we read, the stamp, SRTP's tag
LONGEST: Final = 2_048  # bytes of a payload
MOST_SEGMENTS: Final = 60  # of one message: the kernel takes 64
MOST_BURST: Final = 60_000  # bytes of one message
MOST_ADDRESSES: Final = 10_000  # remembered in the kernel's form

_UDP_SEGMENT, _SOL_UDP = 103, 17  # linux/udp.h
_MESSAGE = struct.Struct("@PI4xPNPNi4xI4x")  # struct mmsghdr, 64 bits
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


class _Message(NamedTuple):
    """A burst to one address, in slots of the slab: all are `size` bytes long but the last, which may be shorter."""

    address: Address
    start: int
    packets: int
    size: int


class Outbox:
    """One for a socket. `batched=False` is the plain path, one `sendto` a packet, for comparison and elsewhere."""

    def __init__(self, sock: socket.socket, *, batched: bool = True) -> None:
        self.sent = self.dropped = 0
        self._sock = sock
        self._slab = srtp_ffi.new("char[]", SLOTS * SLOT)
        self._view = srtp_ffi.buffer(self._slab)
        self._slots = [self._slab + at * SLOT for at in range(SLOTS)]
        self._iov = srtp_ffi.new("size_t[]", 2 * SLOTS)  # struct iovec: where a slot begins, how long its packet is
        for at, slot in enumerate(self._slots):
            self._iov[2 * at] = int(srtp_ffi.cast("size_t", slot))
        self._length = srtp_ffi.new("int *")
        self._used = 0
        self._stamp = 0  # of what is sent now; 0 = not made yet
        self._messages: list[_Message] = []
        self._spreads: list[Callable[[], None]] = []
        self._kernel = _Kernel(sock.fileno(), int(srtp_ffi.cast("size_t", self._iov))) if batched else None
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
        at = self._used
        self._view[at * SLOT : at * SLOT + size] = bytes(header) + bytes(payload)
        self._length[0] = size
        if lib.srtp_protect(to.srtp, self._slots[at], self._length) == 0:
            self._iov[2 * at + 1] = self._length[0]
            self._messages.append(_Message(to.address, at, 1, self._length[0]))
            self._used = at + 1

    def put_run(self, to: Sending, head: Head, items: Sequence[Item]) -> None:
        """Encrypt a run of packets of one layer for one viewer."""
        if to.srtp is None or to.address is None:
            return
        for at in range(0, len(items), MOST_SEGMENTS):
            part = items[at : at + MOST_SEGMENTS] if len(items) > MOST_SEGMENTS else items
            if self._used + len(part) > SLOTS:
                self._send()
            self._encrypt(to, head, part)

    def _encrypt(self, to: Sending, head: Head, items: Sequence[Item]) -> None:
        """The one loop whose length is packets times viewers. There is room; equal lengths become one message."""
        payload_type, ssrc, shift, later, stamped = head
        pack, offset = (STAMPED.pack_into, STAMPED.size) if stamped else (HEADER.pack_into, HEADER.size)
        tail = (ONE_BYTE, 1, self._stamp or self._renew()) if stamped else ()
        first, srtp, address, put = 0x90 if stamped else 0x80, to.srtp, to.address, self._messages.append
        view, slots, iov, length = self._view, self._slots, self._iov, self._length
        move, protect = srtp_ffi.memmove, lib.srtp_protect
        start, at, size, total = self._used, self._used, 0, 0
        for number, timestamp, marker, payload, _key in items:
            slot = slots[at]
            pack(view, at * SLOT, first, payload_type | marker, number + shift & 0xFFFF,
                 timestamp + later & 0xFFFFFFFF, ssrc, *tail)  # fmt: skip
            move(slot + offset, payload, len(payload))
            length[0] = offset + len(payload)
            if protect(srtp, slot, length):
                continue
            now = length[0]
            if at > start and (now > size or total != size * (at - start) or total + now > MOST_BURST):
                put(_Message(address, start, at - start, size))  # type: ignore[arg-type] # put_run looked
                start, total = at, 0
            if at == start:
                size = now
            total += now
            iov[2 * at + 1] = now
            at += 1
        if at > start:
            put(_Message(address, start, at - start, size))  # type: ignore[arg-type]
        self._used = at

    def _renew(self) -> int:
        self._stamp = stamp(time.monotonic())
        return self._stamp

    def flush(self) -> None:
        """Spread what came in this wake-up, and send everything."""
        spreads, self._spreads = self._spreads, []
        for spread in spreads:
            spread()
        if self._messages:
            self._send()

    def _send(self) -> None:
        messages, self._messages, self._used, self._stamp = self._messages, [], 0, 0
        if self._kernel is None:
            self._send_plainly(messages)
        else:
            self._send_batched(messages, self._kernel)

    def _send_plainly(self, messages: list[_Message]) -> None:
        send, view, iov = self._sock.sendto, self._view, self._iov
        for address, start, count, _size in messages:
            for at in range(start, start + count):
                try:
                    send(view[at * SLOT : at * SLOT + iov[2 * at + 1]], address)
                    self.sent += 1
                except OSError:  # a full socket above all: the network would drop it, too
                    self.dropped += 1

    def _send_batched(self, messages: list[_Message], kernel: "_Kernel") -> None:
        kernel.load(messages)
        at = 0
        while at < len(messages):
            done = kernel.send(at, len(messages) - at)
            self.sent += sum(message.packets for message in messages[at : at + done])
            at += done
            if at == len(messages):
                return
            if kernel.error in (errno.EAGAIN, errno.ENOBUFS):
                self.dropped += sum(message.packets for message in messages[at:])
                return
            self._refused(messages[at], kernel)
            at += 1

    def _refused(self, message: _Message, kernel: "_Kernel") -> None:
        """The kernel does not take this one: segments may be what it does not know."""
        if message.packets > 1 and kernel.error in (errno.EINVAL, errno.EIO, errno.EOPNOTSUPP):
            if self._kernel is not None:
                log.warning("the kernel sends no segments (%s): packets go one by one", errno.errorcode[kernel.error])
            self._kernel = None
            self._send_plainly([message])
        elif message.packets > 1:  # EMSGSIZE: too long for this road
            self._send_plainly([message])
        else:
            self.dropped += 1


class _Kernel:
    """The kernel's structures for so many messages, made once and written as bytes."""

    def __init__(self, fd: int, iov: int) -> None:
        self._ffi = FFI()
        self._ffi.cdef(_DEFINED)
        self._library = self._ffi.dlopen(None)
        self._fd, self._first = fd, iov
        self._vector = self._ffi.new("struct mmsghdr[]", SLOTS)
        self._view = self._ffi.buffer(self._vector)
        self._segments = self._ffi.new("struct segment[]", SLOTS)
        self._controls = [int(self._ffi.cast("size_t", self._segments + at)) for at in range(SLOTS)]
        for at in range(SLOTS):
            segment = self._segments[at]
            segment.cmsg_len, segment.cmsg_level, segment.cmsg_type = 18, _SOL_UDP, _UDP_SEGMENT
        self._names: dict[Address, int] = {}
        self._kept: list[Any] = []  # what the names point at
        self.error = 0
        self.works = hasattr(self._library, "sendmmsg") and self._ffi.sizeof("struct mmsghdr") == _MESSAGE.size

    def _name(self, address: Address) -> int:
        family = struct.pack("=H", socket.AF_INET)
        packed = family + struct.pack("!H", address[1]) + socket.inet_aton(address[0]) + bytes(8)
        self._kept.append(self._ffi.new("char[16]", packed))
        name = self._names[address] = int(self._ffi.cast("size_t", self._kept[-1]))
        return name

    def load(self, messages: Sequence[_Message]) -> None:
        """Write the messages as the kernel reads them."""
        if len(self._names) >= MOST_ADDRESSES:  # never while a message points at one
            self._names.clear()
            self._kept.clear()
        view, names, first, pack = self._view, self._names, self._first, _MESSAGE.pack_into
        for at, (address, start, count, size) in enumerate(messages):
            name = names.get(address) or self._name(address)
            control = 0
            if count > 1:
                self._segments[at].size = size
                control = self._controls[at]
            pack(view, at * _MESSAGE.size, name, 16, first + 16 * start, count, control, 24 if control else 0, 0, 0)

    def send(self, start: int, count: int) -> int:
        """How many messages left; fewer than asked: `error` says why the next one did not."""
        done: int = self._library.sendmmsg(self._fd, self._vector + start, count, socket.MSG_DONTWAIT)
        self.error = self._ffi.errno if done < count else 0
        return max(0, done)
