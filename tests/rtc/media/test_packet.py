"""RTP headers, extensions, retransmissions and key frames, by tables from the RFCs."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.media.negotiation import AUDIO_LEVEL, Codec
from rtc.media.packet import begins_key_frame, extensions, level, named, original, parse, stamp

HEAD = struct.pack("!BBHII", 0x80, 0xE0, 7, 9, 11)


def packet(first: int, rest: bytes) -> bytes:
    return bytes([first]) + HEAD[1:] + rest


@pytest.mark.parametrize(
    ("data", "payload"),
    [
        (packet(0x80, b"abc"), b"abc"),
        (packet(0x82, bytes(8) + b"abc"), b"abc"),  # two contributing sources
        (packet(0xA0, b"abc\0\0\3"), b"abc"),  # padding
        (packet(0xA0, b"\0\0\0\4"), b""),  # padding only
        (packet(0x90, b"\xbe\xde\0\1\x10\x05\0\0abc"), b"abc"),  # an extension
        (packet(0xB1, bytes(4) + b"\xbe\xde\0\0abc\1"), b"abc"),  # everything
    ],
)
def test_the_payload_is_what_is_left(data: bytes, payload: bytes) -> None:
    found = parse(data)
    assert (found.payload, found.payload_type, found.marker) == (payload, 96, 0x80)
    assert (found.sequence, found.timestamp, found.ssrc) == (7, 9, 11)


@pytest.mark.parametrize(
    "data",
    [b"", HEAD[:11], packet(0x8F, bytes(40)), packet(0x90, b"\xbe\xde"), packet(0x90, b"\xbe\xde\0\2\0\0\0\0"),
     packet(0xA0, b"\0"), packet(0xA0, b"\x09")],
)  # fmt: skip
def test_lengths_that_contradict_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(data)


@pytest.mark.parametrize(
    ("profile", "body", "found"),
    [
        (0xBEDE, b"\x10\x2a\x00\x21\x01\x02", {1: b"\x2a", 2: b"\x01\x02"}),
        (0xBEDE, b"\x10\x2a\xf0\x01\x30\x01", {1: b"\x2a"}),  # 15 ends the list
        (0xBEDE, b"\x13\x2a", {}),  # cut
        (0x1000, b"\x01\x01\x2a\x00\x02\x00", {1: b"\x2a", 2: b""}),
        (0x100F, b"\x01\x09\x2a", {}),  # cut
        (0x1234, b"\x10\x2a", {}),
    ],
)
def test_extensions_of_both_forms(profile: int, body: bytes, found: dict[int, bytes]) -> None:
    assert extensions(profile, body) == found


def test_how_loud_a_packet_says_it_is() -> None:
    said = parse(packet(0x90, b"\xbe\xde\0\1\x10\x94\0\0opus"))
    assert level(named(said, {AUDIO_LEVEL: 1}, AUDIO_LEVEL)) == -20.0
    assert level(named(said, {}, AUDIO_LEVEL)) is None
    assert level(b"") is None


def test_a_retransmission_is_the_packet_under_its_old_number() -> None:
    again = original(parse(packet(0x80, b"\x12\x34abc")))
    assert again is not None
    assert (again.sequence, again.payload) == (0x1234, b"abc")
    assert original(parse(packet(0x80, b"\x12\x34"))) is None


@pytest.mark.parametrize(
    ("codec", "payload", "key"),
    [
        (Codec.VP8, b"\x10\x00", True),
        (Codec.VP8, b"\x10\x01", False),  # an inter frame
        (Codec.VP8, b"\x00\x00", False),  # not the start
        (Codec.VP8, b"\x11\x00", False),  # partition 1
        (Codec.VP8, b"\x90\x80\x05\x00", True),  # a picture id of 7 bits
        (Codec.VP8, b"\x90\x80\x85\x05\x00", True),  # and of 15
        (Codec.VP8, b"\x90\xe0\x85\x05\x01\x20\x00", True),  # with the level and the layer
        (Codec.VP8, b"\x90\xe0\x85", False),
        (Codec.VP8, b"\x90", False),
        (Codec.VP8, b"", False),
        (Codec.H264, b"\x67", True),
        (Codec.H264, b"\x65", True),
        (Codec.H264, b"\x61", False),
        (Codec.H264, b"\x78\x00\x02\x67\x42", True),
        (Codec.H264, b"\x78\x00\x02\x61\x42", False),
        (Codec.H264, b"\x7c\x85", True),  # a fragment that starts an IDR picture
        (Codec.H264, b"\x7c\x05", False),
        (Codec.H264, b"\x7c\x81", False),
        (Codec.H264, b"", False),
        (Codec.OPUS, b"x", True),
    ],
)
def test_where_decoding_may_begin(codec: Codec, payload: bytes, *, key: bool) -> None:
    assert begins_key_frame(codec, payload) is key


def test_the_stamp_is_seconds_in_24_bits() -> None:
    assert stamp(1.5) == 0x32000000 | 1 << 18 | 1 << 17
    assert stamp(64.0) == 0x32000000  # comes round


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60), st.sampled_from(Codec))
def test_any_bytes_are_read_or_refused(data: bytes, codec: Codec) -> None:
    begins_key_frame(codec, data)
    try:
        found = parse(data)
    except ValueError:
        return
    assert len(found.payload) + len(found.extension) + 12 <= len(data)
    assert all(len(value) <= 255 for value in extensions(found.profile, found.extension).values())
