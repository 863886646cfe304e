"""The recorder, fed with real VP8, H264 and Opus: files that a player reads, cut anywhere, with the senders' times."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import pytest
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Encoder

from rtc.media import recorder, tap

START = 1_767_225_600_000_000  # microseconds since 1970


def picture(number: int, width: int = 320, height: int = 180) -> av.VideoFrame:
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, level in zip(frame.planes, ((number * 7) % 256, 128, 128), strict=True):
        plane.update(bytes([level]) * plane.buffer_size)
    frame.pts, frame.time_base = number * 3000, Fraction(1, 90_000)
    return frame


def video(codec: str, count: int) -> Iterator[tap.Record]:
    encoder = Vp8Encoder() if codec == "VP8" else H264Encoder()
    sequence = 65_500  # wraps on the way
    for number in range(count):
        payloads, timestamp = encoder.encode(picture(number), force_keyframe=number % 30 == 0)
        for place, payload in enumerate(payloads):
            yield tap.Packet(
                sequence % 65_536, (timestamp + 2**32 - 30_000) % 2**32, place == len(payloads) - 1,
                START + number * 33_333, payload,
            )  # fmt: skip
            sequence += 1


def sound(count: int) -> Iterator[tap.Record]:
    encoder = OpusEncoder()
    for number in range(count):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=960)
        frame.planes[0].update(bytes(frame.planes[0].buffer_size))
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        payloads, timestamp = encoder.encode(frame)
        for payload in payloads:
            yield tap.Packet(number, timestamp, marker=False, at=START + number * 20_000, payload=payload)


def lines(folder: Path) -> list[dict[str, object]]:
    return [msgspec.json.decode(line) for line in (folder / "index.jsonl").read_bytes().splitlines()]


def frames_of(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for packet in container.demux() for _ in packet.decode())


@pytest.mark.parametrize(("codec", "suffix"), [("VP8", "webm"), ("H264", "mp4")])
def test_a_picture_is_kept_as_it_came(tmp_path: Path, codec: str, suffix: str) -> None:
    records = [(1, tap.Opened("a", "CAMERA", codec)), *((1, one) for one in video(codec, 45)), (1, tap.Closed())]
    recorder.record(tmp_path, records)
    file = tmp_path / f"0001-camera.{suffix}"
    assert frames_of(file) >= 44  # the last frame comes out when the next one starts
    began, ended = lines(tmp_path)
    assert (began["seat"], began["at"]) == ("a", START + 33_333)  # known when the second frame began
    assert ended["bytes"] == file.stat().st_size
    assert 1_400_000 <= int(str(ended["microseconds"])) <= 1_500_000


def test_sound_is_kept_and_names_its_first_moment_by_the_sender(tmp_path: Path) -> None:
    ntp = ((START // 1_000_000 + recorder.NTP_1970) << 32) + (1 << 31)  # half a second later
    records: list[tuple[int, tap.Record]] = [
        (2, tap.Opened("b", "MICROPHONE", "opus")), (2, tap.Report(ntp, 48_000)), *((2, one) for one in sound(100)),
    ]  # fmt: skip
    recorder.record(tmp_path, records)
    with av.open(str(tmp_path / "0001-microphone.webm")) as container:
        assert container.streams.audio[0].codec_context.extradata.startswith(b"OpusHead")  # type: ignore[union-attr]
    assert frames_of(tmp_path / "0001-microphone.webm") >= 99
    began = lines(tmp_path)[0]
    assert began["at"] == START + 500_000 - 1_000_000


def test_lost_and_swapped_packets_cost_their_frames_only(tmp_path: Path) -> None:
    packets = list(video("VP8", 60))
    packets[20], packets[21] = packets[21], packets[20]
    del packets[40]
    recorder.record(tmp_path, [(1, tap.Opened("a", "CAMERA", "VP8")), *((1, one) for one in packets)])
    assert frames_of(tmp_path / "0001-camera.webm") >= 35


def test_a_killed_recorder_leaves_what_it_had(tmp_path: Path) -> None:
    frames = [tap.encode(1, tap.Opened("a", "CAMERA", "VP8")), *(tap.encode(1, one) for one in video("VP8", 150))]
    child = subprocess.Popen([sys.executable, "-m", "rtc.media.recorder", str(tmp_path)], stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(b"".join(frames))
    child.stdin.flush()
    part = tmp_path / "0001-camera.webm.part"
    while not (part.exists() and part.stat().st_size > 4_000 and _clusters(part) >= 2):
        assert child.poll() is None
    child.kill()
    child.wait()
    child.stdin.close()
    assert frames_of(part) >= 30
    again = [(1, tap.Opened("a", "CAMERA", "VP8")), *((1, one) for one in video("VP8", 10))]
    recorder.record(tmp_path, again)
    assert len(list(tmp_path.glob("*-camera.webm"))) == 1  # a number of its own
    assert part.exists()


def _clusters(path: Path) -> int:
    return path.read_bytes().count(b"\x1f\x43\xb6\x75")


def test_records_survive_the_pipe_and_a_cut_one_is_dropped() -> None:
    records: list[tap.Record] = [
        tap.Opened("a", "SCREEN", "VP8"), tap.Packet(1, 2**32 - 1, marker=True, at=START, payload=b"x" * 1200),
        tap.Report(2**63, 7), tap.Closed(),
    ]  # fmt: skip
    stream = b"".join(tap.encode(number, one) for number, one in enumerate(records))
    assert list(tap.read(io.BytesIO(stream))) == list(enumerate(records))
    assert [one for _, one in tap.read(io.BytesIO(stream[:-1]))] == records[:-1]


def test_a_slow_pipe_loses_whole_records_and_never_waits() -> None:
    reading, writing = os.pipe()
    sending = tap.Tap(writing)
    packet = tap.Packet(1, 1, marker=False, at=START, payload=b"y" * 60_000)
    for _ in range(200):
        sending.put(1, packet)
    assert sending.dropped > 0
    os.set_blocking(reading, True)
    with os.fdopen(reading, "rb") as stream:
        sending.flush()
        head = stream.read(tap.HEAD.size)
        assert tap.HEAD.unpack(head)[1] == tap.RTP
    sending.flush()
    assert sending.broken
    sending.close()
