"""One track in one file, frames as they came: VP8 and Opus in WebM, H264 in fragmented MP4. Nothing is encoded."""

import io
import os
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Stream

CLOCKS = {"opus": 48_000, "VP8": 90_000, "H264": 90_000}
SUFFIX = {"opus": "webm", "VP8": "webm", "H264": "mp4"}
FRAGMENT = 2_000_000  # microseconds: what a kill may cost
# A cluster or fragment is written out when it is full, so that a file cut anywhere plays up to there.
OPTIONS = {
    "webm": {"cluster_time_limit": "2000", "flush_packets": "1"},
    "mp4": {
        "movflags": "frag_keyframe+empty_moov+default_base_moof",
        "frag_duration": str(FRAGMENT),
        "flush_packets": "1",
    },
}


class TrackFile:
    """One file being written as `….part`; `close` gives it its name. Timestamps are in the codec's clock, from 0."""

    def __init__(self, path: Path, codec: str, first: bytes) -> None:
        self.path = path
        self.codec = codec
        self._raw = path.with_name(path.name + ".part").open("wb")
        form = SUFFIX[codec]
        self._container = av.open(self._raw, "w", format=form, options=OPTIONS[form])
        self._stream = self._add(first)
        self._base = Fraction(1, CLOCKS[codec])
        self._last = -1

    def _add(self, first: bytes) -> Stream:
        """The stream; its header comes from the first key frame (H264), from its size (VP8), from the codec (Opus)."""
        if self.codec == "H264":
            template = av.open(io.BytesIO(first), format="h264")
            return self._container.add_stream_from_template(template.streams.video[0])
        if self.codec == "VP8":
            width, height = vp8_size(first)
            return self._container.add_mux_stream("vp8", width=width, height=height)
        sound = self._container.add_stream("libopus", rate=48_000, layout="stereo")
        sound.codec_context.open()  # only for the OpusHead it makes; it never encodes
        return sound

    def write(self, frame: bytes, timestamp: int, *, key: bool) -> None:
        """Append one frame; a time that does not rise is moved up by one tick."""
        timestamp = max(timestamp, self._last + 1)
        packet = av.Packet(frame)
        packet.stream, packet.time_base = self._stream, self._base
        packet.pts = packet.dts = timestamp
        packet.duration = 960 if self.codec == "opus" else 3_000
        packet.is_keyframe = key
        self._container.mux(packet)
        self._last = timestamp

    def sync(self) -> None:
        """Have the disk keep what was written."""
        self._raw.flush()
        os.fsync(self._raw.fileno())

    def close(self) -> Path:
        """Finish the file and give it its name."""
        self._container.close()
        if not self._raw.closed:
            self.sync()
            self._raw.close()
        self.path.with_name(self.path.name + ".part").replace(self.path)
        return self.path


def vp8_size(frame: bytes) -> tuple[int, int]:
    """Width and height of a VP8 key frame (RFC 6386, 9.1); ValueError when it is none."""
    if len(frame) < 10 or frame[0] & 1 or frame[3:6] != b"\x9d\x01\x2a":
        raise ValueError("not a VP8 key frame")
    return int.from_bytes(frame[6:8], "little") & 0x3FFF, int.from_bytes(frame[8:10], "little") & 0x3FFF


def is_key(codec: str, frame: bytes) -> bool:
    """Whether a whole frame can be shown without the one before: VP8 by its first bit, H264 by an IDR or SPS unit."""
    if codec == "VP8":
        return bool(frame) and not frame[0] & 1
    if codec == "H264":
        units = frame.split(b"\x00\x00\x01")[1:]
        return any(unit and unit[0] & 31 in {5, 7} for unit in units)
    return True
