"""The recorder: `python -m rtc.media.recorder FOLDER` reads the tap from its standard input, writes one file a track.

`index.jsonl` beside the files says, one JSON line each: a track began (with the wall time of its first frame), ended
(with size, length and SHA-256). It is written as it happens, so that a killed recorder leaves what it had.
"""

import hashlib
import logging
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

import msgspec
from aiortc.codecs import depayload
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from rtc.media import tap
from rtc.media.containers import CLOCKS, SUFFIX, TrackFile, is_key

log = logging.getLogger("yiwang.recorder")

SYNC_EVERY = 10.0  # seconds: what a power cut may cost
WINDOW = 512  # packets that may wait for a missing one
NTP_1970 = 2_208_988_800  # seconds from 1900 to 1970
HALF = 2**31


class Began(msgspec.Struct, frozen=True, tag=True):
    """A file began; `at`: when its first frame was, microseconds since 1970, by the sender's report if any."""

    file: str
    seat: str
    source: str
    codec: str
    at: int


class Ended(msgspec.Struct, frozen=True, tag=True):
    """A file is finished."""

    file: str
    bytes: int
    microseconds: int
    sha256: str


class TrackRecorder:
    """One track: packets in, frames in order, one file. Nothing is written before the first key frame."""

    def __init__(self, folder: Path, name: str, opened: tap.Opened) -> None:
        kind = "audio" if opened.codec == "opus" else "video"
        self.opened = opened
        self.path = folder / f"{name}.{SUFFIX[opened.codec]}"
        self._parameters = RTCRtpCodecParameters(
            mimeType=f"{kind}/{opened.codec}", clockRate=CLOCKS[opened.codec], payloadType=96
        )
        self._buffer = JitterBuffer(capacity=WINDOW, is_video=kind == "video")
        self._file: TrackFile | None = None
        self._first = 0  # timestamp of the first frame, unwrapped
        self._newest: int | None = None  # unwrapped
        self._report: tap.Report | None = None
        self._arrived = 0
        self.began: Began | None = None

    def packet(self, packet: tap.Packet) -> None:
        """Take one packet; a payload that cannot be read is dropped."""
        made = RtpPacket(
            payload_type=96, marker=int(packet.marker), sequence_number=packet.sequence, timestamp=packet.timestamp
        )
        try:
            made._data = depayload(self._parameters, packet.payload)  # type: ignore[attr-defined]  # noqa: SLF001
        except ValueError:
            return
        self._arrived = packet.at
        if self.opened.codec == "opus":  # each packet is a frame; order is kept by its timestamp
            self._frame(packet.payload, packet.timestamp)
            return
        _, frame = self._buffer.add(made)
        if frame is not None:
            self._frame(frame.data, frame.timestamp)

    def report(self, report: tap.Report) -> None:
        """Keep the sender's clocks: they say when a timestamp was."""
        self._report = report

    def _unwrapped(self, timestamp: int) -> int:
        if self._newest is None:
            self._newest = timestamp
        step = (timestamp - self._newest + HALF) % 2**32 - HALF
        value = self._newest + step
        self._newest = max(self._newest, value)
        return value

    def _frame(self, data: bytes, timestamp: int) -> None:
        if not data:
            return
        key = is_key(self.opened.codec, data)
        value = self._unwrapped(timestamp)
        if self._file is None:
            if not key:
                return
            self._file = TrackFile(self.path, self.opened.codec, data)
            self._first = value
            self.began = Began(
                self.path.name, self.opened.seat, self.opened.source, self.opened.codec, self._moment(timestamp)
            )
        self._file.write(data, value - self._first, key=key)

    def _moment(self, timestamp: int) -> int:
        """When that timestamp was, in microseconds since 1970."""
        if self._report is None:
            return self._arrived
        step = (timestamp - self._report.timestamp + HALF) % 2**32 - HALF
        seconds = (self._report.ntp >> 32) - NTP_1970
        fraction = (self._report.ntp & 0xFFFFFFFF) * 1_000_000 >> 32
        return seconds * 1_000_000 + fraction + step * 1_000_000 // CLOCKS[self.opened.codec]

    def sync(self) -> None:
        """Have the disk keep what was written."""
        if self._file is not None:
            self._file.sync()

    def close(self) -> Ended | None:
        """Finish the file; None when nothing was written."""
        if self._file is None or self._newest is None:
            return None
        path = self._file.close()
        length = (self._newest - self._first) * 1_000_000 // CLOCKS[self.opened.codec]
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Ended(path.name, path.stat().st_size, length, digest)


class Recorder:
    """All tracks of one recording, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._index: TextIO = (folder / "index.jsonl").open("a", encoding="utf-8")
        self._tracks: dict[int, TrackRecorder] = {}
        self._made = len(list(folder.glob("*-*.*")))  # numbers go on after a restart
        self._synced = time.monotonic()

    def take(self, track: int, record: tap.Record) -> None:
        """Take one record of the tap."""
        if isinstance(record, tap.Opened):
            self._open(track, record)
            return
        found = self._tracks.get(track)
        if found is None:
            return
        match record:
            case tap.Packet():
                before = found.began
                found.packet(record)
                if before is None and found.began is not None:
                    self._say(found.began)
            case tap.Report():
                found.report(record)
            case tap.Closed():
                self._close(track)
        self._sync()

    def _open(self, track: int, opened: tap.Opened) -> None:
        self._close(track)
        self._made += 1
        name = f"{self._made:04d}-{opened.source.lower()}"
        self._tracks[track] = TrackRecorder(self._folder, name, opened)

    def _close(self, track: int) -> None:
        found = self._tracks.pop(track, None)
        ended = found.close() if found is not None else None
        if ended is not None:
            self._say(ended)

    def _say(self, line: Began | Ended) -> None:
        self._index.write(msgspec.json.encode(line).decode() + "\n")
        self._index.flush()

    def _sync(self) -> None:
        if time.monotonic() - self._synced < SYNC_EVERY:
            return
        self._synced = time.monotonic()
        for found in self._tracks.values():
            found.sync()

    def close(self) -> None:
        """Finish every file."""
        for track in list(self._tracks):
            self._close(track)
        self._index.close()


def record(folder: Path, records: Iterable[tuple[int, tap.Record]]) -> None:
    """Write everything to files until the tap ends; one bad track harms no other."""
    recorder = Recorder(folder)
    try:
        for track, one in records:
            try:
                recorder.take(track, one)
            except Exception:
                log.exception("a record could not be kept")
    finally:
        recorder.close()


if __name__ == "__main__":
    record(Path(sys.argv[1]), tap.read(sys.stdin.buffer))
