"""RTCP: what is read and written, what is missing, what is reported."""

import struct
from typing import cast

import pytest
from aiortc.rtp import RtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.media import feedback
from rtc.media.feedback import Clocks, Gaps, Reception


def one(data: bytes) -> object:
    (packet,) = RtcpPacket.parse(data)
    return packet


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 0xFFFF), st.lists(st.integers(1, 40), max_size=80))
def test_a_nack_names_the_numbers_also_across_the_wrap(first: int, steps: list[int]) -> None:
    numbers = [first]
    for step in steps:
        numbers.append(numbers[-1] + step)
    read = cast("RtcpRtpfbPacket", one(feedback.nack(9, numbers)))
    assert read.media_ssrc == 9
    assert [n & 0xFFFF for n in read.lost] == [n & 0xFFFF for n in numbers[:60]]


def test_limits_requests_and_reports_are_read_back() -> None:
    limit = cast("RtcpPsfbPacket", one(feedback.limit(3_000_000, [1, 2])))
    assert feedback.remb(limit) == pytest.approx(3_000_000, rel=0.01)
    assert feedback.asked_for(cast("RtcpPsfbPacket", one(feedback.pli(5)))) == (5,)
    fir = RtcpPsfbPacket(fmt=feedback.FIR, ssrc=1, media_ssrc=0, fci=struct.pack("!IBxxx", 6, 1) * 2)
    assert feedback.asked_for(fir) == (6, 6)
    clocks = Clocks(ntp=1 << 40, timestamp=0xFFFFFFFF, at=0.0)
    report = cast("RtcpSrPacket", one(feedback.sender_report(7, clocks, later=11, packets=3, octets=4)))
    assert (report.ssrc, report.sender_info.ntp_timestamp, report.sender_info.rtp_timestamp) == (7, 1 << 40, 10)
    assert (report.sender_info.packet_count, report.sender_info.octet_count) == (3, 4)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 31), st.integers(200, 207), st.integers(0, 9), st.binary(max_size=48))
def test_malformed_reports_are_nothing(count: int, kind: int, words: int, body: bytes) -> None:
    for packet in feedback.read(bytes([0x80 | count, kind]) + words.to_bytes(2, "big") + body):
        if isinstance(packet, RtcpPsfbPacket):
            feedback.remb(packet)
            assert len(feedback.asked_for(packet)) <= 31


def test_what_is_missing_is_asked_for_a_few_times_and_then_given_up() -> None:
    gaps = Gaps()
    gaps.add(10)
    gaps.add(13)
    assert gaps.ask(0.0) == [11, 12]
    assert gaps.ask(0.05) == []
    gaps.add(11)  # it came
    asked = [now for now in range(1, 40) if gaps.ask(float(now)) == [12]]
    assert asked == [1, 2, 3, 4]


def test_an_interruption_is_no_loss() -> None:
    gaps = Gaps()
    gaps.add(10)
    assert gaps.add(10 + 300)
    assert gaps.ask(0.0) == []
    gaps.add(320)
    gaps.restart(400)
    assert gaps.ask(1.0) == []
    assert not gaps.add(401)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 0xFFFF), st.lists(st.sampled_from(["came", "lost"]), min_size=1, max_size=300))
def test_the_report_counts_what_did_not_come(first: int, fates: list[str]) -> None:
    reception = Reception(90_000)
    fates = ["came", *fates, "came"]
    for at, fate in enumerate(fates):
        if fate == "came":
            reception.add(reception.extended(first + at & 0xFFFF), at * 3_000, at / 30)
    report = reception.report(1, None, 99.0)
    lost = fates.count("lost")
    assert report.packets_lost == lost
    assert report.fraction_lost == min(255, lost * 256 // len(fates))
    assert report.highest_sequence & 0xFFFF == first + len(fates) - 1 & 0xFFFF
    assert report.jitter <= 1  # rounding only: it came on the beat
    again = reception.report(1, Clocks(5 << 16, 0, 98.0), 99.0)
    assert (again.fraction_lost, again.lsr, again.dlsr) == (0, 5, 65_536)
    assert isinstance(one(feedback.receiver_report([report, again])), RtcpRrPacket)
