"""RTP packets as bytes: parts, header extensions, retransmissions, key frames. Pure; nothing is kept."""

import struct
from collections.abc import Mapping
from typing import Final, NamedTuple

from rtc.media.negotiation import ABS_SEND_TIME_ID, Codec

HEADER: Final = struct.Struct("!BBHII")
STAMPED: Final = struct.Struct("!BBHIIHHI")  # with one extension: when it was sent
ONE_BYTE: Final = 0xBEDE  # RFC 8285, 4.2
STAMP_HEAD: Final = ABS_SEND_TIME_ID << 28 | 2 << 24  # three bytes follow

_EXTENSION = struct.Struct("!HH")
_TWO_BYTES = 0x1000  # RFC 8285, 4.3; the low four bits are the application's
_STAP_A, _FU_A = 24, 28  # RFC 6184, 5.2
_IDR, _SPS = 5, 7


class Packet(NamedTuple):
    """One RTP packet (RFC 3550, 5.1) without its padding; an empty payload was padding only."""

    payload_type: int
    marker: int  # 0x80 or 0, as it stands in the header's second byte
    sequence: int
    timestamp: int
    ssrc: int
    profile: int  # of the extensions, 0 when there are none
    extension: bytes
    payload: bytes


def parse(data: bytes) -> Packet:
    """The parts of a packet; ValueError when its lengths contradict each other."""
    if len(data) < HEADER.size:
        raise ValueError("shorter than a header")
    first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
    at, end, profile, extension = HEADER.size + 4 * (first & 15), len(data), 0, b""
    if first & 0x10:
        if at + 4 > end:
            raise ValueError("the extension is cut")
        profile, words = _EXTENSION.unpack_from(data, at)
        extension, at = data[at + 4 : at + 4 + 4 * words], at + 4 + 4 * words
    if first & 0x20:
        end -= data[-1]
        if not data[-1]:
            raise ValueError("padding of no length")
    if at > end:
        raise ValueError("longer than its datagram")
    return Packet(second & 0x7F, second & 0x80, sequence, timestamp, ssrc, profile, extension, data[at:end])


def extensions(profile: int, body: bytes) -> dict[int, bytes]:
    """Header extensions by number (RFC 8285); what is cut ends the list."""
    if profile == ONE_BYTE:
        return _one_byte(body)
    return _two_bytes(body) if profile & 0xFFF0 == _TWO_BYTES else {}


def _one_byte(body: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(body):
        number, length = body[at] >> 4, (body[at] & 15) + 1
        at += 1
        if number == 15:  # reserved: stop
            break
        if not body[at - 1]:
            continue
        if at + length > len(body):
            break
        found[number] = body[at : at + length]
        at += length
    return found


def _two_bytes(body: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(body):
        if not body[at]:
            at += 1
            continue
        if at + 2 > len(body) or at + 2 + body[at + 1] > len(body):
            break
        found[body[at]] = body[at + 2 : at + 2 + body[at + 1]]
        at += 2 + body[at + 1]
    return found


def named(packet: Packet, numbers: Mapping[str, int], uri: str) -> bytes | None:
    """One extension of a packet by its URI, as the SDP numbered it."""
    number = numbers.get(uri)
    return None if number is None or not packet.profile else extensions(packet.profile, packet.extension).get(number)


def level(value: bytes | None) -> float | None:
    """How loud a packet of sound is, in dBov, 0 the loudest (RFC 6464, 3)."""
    return -float(value[0] & 0x7F) if value else None


def original(packet: Packet) -> Packet | None:
    """What a retransmission carries (RFC 4588, 4), under its old number; None when it is padding only."""
    if len(packet.payload) <= 2:
        return None
    return packet._replace(sequence=packet.payload[0] << 8 | packet.payload[1], payload=packet.payload[2:])


def stamp(now: float) -> int:
    """The one extension of what we send: seconds as 6.18 bits (abs-send-time)."""
    return STAMP_HEAD | int(now * 262_144) & 0xFFFFFF


def begins_key_frame(codec: Codec, payload: bytes) -> bool:
    """Whether decoding may begin with this packet; sound may begin with any."""
    match codec:
        case Codec.OPUS:
            return True
        case Codec.VP8:
            return _vp8_key(payload)
        case Codec.H264:
            return _h264_key(payload)


def _vp8_key(payload: bytes) -> bool:
    """RFC 7741, 4.2 and 4.3: the first packet of partition 0, and its frame header says key."""
    if not payload or payload[0] & 0x17 != 0x10:  # S set, partition 0
        return False
    at = 1
    if payload[0] & 0x80:
        flags = payload[1] if len(payload) > 1 else 0
        at = 2 + bool(flags & 0x40) + bool(flags & 0x30)
        if flags & 0x80:
            at += 2 if len(payload) > 2 and payload[2] & 0x80 else 1
    return len(payload) > at and not payload[at] & 1


def _h264_key(payload: bytes) -> bool:
    """RFC 6184: parameter sets or the start of an IDR picture, alone, first of several, or in fragments."""
    if not payload:
        return False
    kind = payload[0] & 31
    if kind == _STAP_A:
        kind = payload[3] & 31 if len(payload) > 3 else 0
    elif kind == _FU_A:
        kind = payload[1] & 31 if len(payload) > 1 and payload[1] & 0x80 else 0
    return kind in (_IDR, _SPS)
