"""What a viewer gets: numbers without holes, times that run on, retransmissions of just what was sent."""

import struct

import pytest
from aiortc.rtp import RtcpPacket, RtcpRtpfbPacket, RtcpSenderInfo, RtcpSrPacket

from rtc.engine.control import Quality, Slot, Source
from rtc.media.forward import Viewer
from rtc.media.negotiation import Codec
from rtc.media.track import Publisher, Track
from tests.rtc.media.line import lines
from tests.rtc.media.rig import CAMERA, KEY, NEXT, SSRC, named, numbers, rig

SOUND = Source.MICROPHONE


def test_a_viewer_begins_with_a_key_frame_and_asks_for_it_once_a_second() -> None:
    with rig() as there:
        for _ in range(150):
            there.now += 0.01
            there.send("q", NEXT)
            assert there.got() == []
        assert there.wishes() == 2
        there.send("q", KEY)
        there.send("q", NEXT)
        assert [packet.payload for packet in there.got()] == [KEY, NEXT]
        there.now += 5.0
        there.send("q", NEXT)
        assert there.wishes() == 2


def test_a_layer_begins_at_its_key_frame_and_the_numbers_and_the_time_go_on() -> None:
    with rig(Quality.LOW) as there:
        for payload in (KEY, NEXT):
            there.send("q", payload)
            there.send("f", payload)
        before = there.got()
        there.want(Quality.HIGH)
        there.now += 1.0
        there.send("q", NEXT)
        there.send("f", NEXT)
        after = there.got()
        there.now += 1.0
        there.send("f", KEY)
        after += there.got()
        there.send("q", NEXT)  # the old layer is over
        there.send("f", NEXT)
        after += there.got()
        assert [packet.payload for packet in after] == [NEXT, KEY, NEXT]
        assert numbers(before + after) == list(range(5))
        assert {packet.ssrc for packet in before + after} == {there.viewer.forwards["v1", CAMERA].ssrc}
        assert abs((after[1].timestamp - after[0].timestamp & 0xFFFFFFFF) - 90_000) <= 1


def test_a_nack_after_a_switch_names_packets_of_the_old_layer() -> None:
    with rig(Quality.LOW) as there:
        for payload in (KEY + b"old", NEXT + b"old2"):
            there.send("q", payload)
            there.send("f", payload)
        before = there.got()
        there.want(Quality.HIGH)
        there.send("f", KEY + b"new")
        after = there.got()
        again = there.nack(*(packet.sequence for packet in before + after), before[0].sequence - 1)
        assert [packet.payload[2:] for packet in again] == [KEY + b"old", NEXT + b"old2", KEY + b"new"]
        named = [int.from_bytes(packet.payload[:2], "big") for packet in again]
        assert named == [packet.sequence for packet in before + after]
        assert {packet.ssrc for packet in again} == {there.viewer.forwards["v1", CAMERA].rtx}
        assert [packet.timestamp for packet in again] == [packet.timestamp for packet in before + after]


def test_padding_only_probes_leave_no_hole() -> None:
    with rig() as there:
        there.send("q", KEY)
        for _ in range(5):
            there.pad("q")
            there.send("q", NEXT)
        there.pad("q")
        there.pad("q")
        there.send("q", NEXT)
        assert numbers(there.got()) == list(range(7))


def test_padding_that_comes_late_fills_its_place_with_an_empty_packet() -> None:
    with rig() as there:
        there.send("q", KEY)
        there.numbers["q"] += 1
        late = there.numbers["q"]
        there.send("q", NEXT)
        there.raw("q", late, b"\0\0\0\4", padding=True)
        got = there.got()
        assert numbers(got) == [0, 2, 1]
        assert got[2].payload == b""


def test_a_mute_at_the_server_leaves_no_hole_and_shows_nothing_of_what_was_said() -> None:
    with rig() as there:
        there.send("q", KEY)
        there.send("q", NEXT)
        before = there.got()
        there.track.allowed = False
        secret = there.send("q", KEY + b"secret")
        there.numbers["q"] += 1  # lost meanwhile
        there.send("q", NEXT)
        assert there.got() == []
        there.now += 3.0
        there.track.allowed = True
        there.repeat("q", secret, KEY + b"secret", 1)
        there.send("q", NEXT)
        assert there.got() == []  # no key frame yet
        there.send("q", KEY)
        after = there.got()
        assert numbers(before + after) == [0, 1, 2]
        assert (after[0].timestamp - before[1].timestamp) & 0xFFFFFFFF == 270_000
        assert there.nack(after[0].sequence)[0].payload[2:] == KEY
        assert not any(b"secret" in data for data in there.asked)


def test_what_waited_to_be_sent_when_the_mute_came_is_not_sent() -> None:
    with rig() as there:
        there.send("q", KEY)
        there.track.allowed = False
        assert there.got() == []
        there.track.allowed = True
        there.send("q", KEY)
        assert len(there.got()) == 1


def test_the_publisher_is_asked_for_what_is_lost_and_it_goes_on_in_its_place() -> None:
    with rig() as there:
        there.send("q", KEY)
        there.numbers["q"] += 1
        lost = there.numbers["q"]
        there.send("q", NEXT)
        nacks = [p for data in there.asked for p in RtcpPacket.parse(data) if isinstance(p, RtcpRtpfbPacket)]
        assert [packet.lost for packet in nacks] == [[lost & 0xFFFF]]
        there.repeat("q", lost, NEXT + b"late", 9)
        there.repeat("q", lost, NEXT + b"late", 10)  # and once more, as a probe
        got = there.got()
        assert numbers(got) == [0, 2, 1]
        assert got[2].payload == NEXT + b"late"


def test_a_sender_report_carries_the_publishers_clock_moved_by_the_viewers_offset() -> None:
    with rig() as there:
        there.send("q", KEY)
        (first,) = there.got()
        theirs = int(there.now * 90_000) + SSRC["q"] * 777
        info = RtcpSenderInfo(ntp_timestamp=5 << 32, rtp_timestamp=theirs & 0xFFFFFFFF, packet_count=9, octet_count=9)
        there.publisher.on_rtcp(bytes(RtcpSrPacket(ssrc=SSRC["q"], sender_info=info)), there.now)
        there.viewer.tick(there.now)
        there.viewer.tick(there.now + 1)  # nothing new
        assert len(there.line.reports) == 1
        (report,) = RtcpPacket.parse(there.line.reports[0])
        assert isinstance(report, RtcpSrPacket)
        assert (report.ssrc, report.sender_info.ntp_timestamp) == (first.ssrc, 5 << 32)
        assert report.sender_info.rtp_timestamp == first.timestamp
        assert (report.sender_info.packet_count, report.sender_info.octet_count) == (1, len(KEY))


def test_resending_is_bounded_by_a_share_of_what_was_sent() -> None:
    with rig() as there:
        big = NEXT + bytes(1_000)
        there.send("q", KEY)
        for _ in range(300):
            there.send("q", big)
        got = there.got()
        there.viewer.tick(there.now)  # 24,000 bytes whatever happens, or a quarter of a second's worth
        there.viewer.tick(there.now + 1)
        there.viewer.tick(there.now + 2)
        assert len(there.nack(*(packet.sequence for packet in got))) == 1 + 23


def test_another_ssrc_under_the_same_name_is_another_layer() -> None:
    with rig() as there:
        there.send("q", KEY)
        before = there.got()
        head = struct.pack("!BBHII", 0x90, 96, 40_000, 7, 999)
        there.now += 0.1
        there.publisher.on_rtp(head + named("q") + NEXT, there.now)
        there.publisher.on_rtp(head[:2] + b"\x9c\x41" + head[4:] + named("q") + KEY, there.now)
        after = there.got()
        assert numbers(before + after) == [0, 1]
        assert after[0].payload == KEY


def test_unknown_streams_and_types_end_here() -> None:
    with rig() as there:
        there.send("q", KEY)
        for head in (struct.pack("!BBHII", 0x80, 96, 1, 1, 5), struct.pack("!BBHII", 0x90, 96, 1, 1, 6)):
            there.publisher.on_rtp(head + struct.pack("!HH", 0xBEDE, 1) + b"\x40x\x50z" + KEY, there.now)
        other = struct.pack("!BBHII", 0x80, 13, there.numbers["q"] + 1 & 0xFFFF, 1, SSRC["q"])
        there.publisher.on_rtp(other + b"comfort", there.now)
        there.numbers["q"] += 1
        there.send("q", NEXT)
        assert numbers(there.got()) == [0, 1]


def test_sound_goes_on_from_its_first_packet_after_a_mute() -> None:
    with lines(1) as (outbox, (line,)):
        publisher = Publisher(lambda _data: None, outbox)
        track = Track("v1", SOUND, Codec.OPUS, mid="0", extensions={}, payload=111, rtx=None, ssrcs=(7,))
        publisher.add(track)
        viewer = Viewer(line, outbox)
        viewer.want([Slot("v1", SOUND)], {("v1", SOUND): track})
        viewer.open({("v1", SOUND)})
        for number in range(9):
            track.allowed = number not in (3, 4, 5)
            publisher.on_rtp(struct.pack("!BBHII", 0x80, 111, number, number * 960, 7) + b"opus", number / 50)
            outbox.flush()
        got = line.arrived()
        assert numbers(got) == list(range(6))
        assert [(p.timestamp - got[0].timestamp) & 0xFFFFFFFF for p in got] == [n * 960 for n in (0, 1, 2, 6, 7, 8)]


def test_tracks_begin_and_stop_and_say_so() -> None:
    told: list[str] = []
    with rig() as there:
        there.publisher.on_started = lambda track: told.append(f"{track.seat} began")
        there.publisher.on_stopped = lambda track: told.append(f"{track.seat} stopped")
        there.send("q", KEY)
        there.publisher.tick(there.now + 2.9)
        assert told == ["v1 began"]
        there.publisher.tick(there.now + 3.1)
        there.now += 5.0
        there.send("q", KEY)
        assert told == ["v1 began", "v1 stopped", "v1 began"]


@pytest.mark.parametrize("quality", list(Quality))
def test_a_layer_that_rests_is_replaced_by_the_next_one_that_lives(quality: Quality) -> None:
    with rig(quality) as there:
        for _ in range(40):
            there.now += 0.1
            for rid in ("q", "h"):
                there.send(rid, KEY + bytes(400))
            if there.now % 1.0 < 0.1:
                there.publisher.tick(there.now)
                there.viewer.tick(there.now)
            there.got()
        layer = there.viewer.forwards["v1", CAMERA].layer
        assert layer is not None
        assert layer.rid == ("q" if quality is Quality.LOW else "h")
        there.now += 2.0
        there.publisher.tick(there.now)
        there.send("q", KEY)
        there.viewer.tick(there.now)
        for _ in range(3):
            there.send("q", KEY)
        there.got()
        assert there.viewer.forwards["v1", CAMERA].layer is there.track.layers["q"]
