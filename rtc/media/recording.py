"""A room's recording, seen from the worker: one more taker of every track, and the recorder process it writes to.

A track's file holds one layer: the sharpest there is when it begins. It goes on through mutes; another layer, which has
another size, begins another file.
"""

import logging
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from rtc.media import tap
from rtc.media.lines import Key
from rtc.media.negotiation import Codec
from rtc.media.track import Burst, Layer, Track

log = logging.getLogger("yiwang.media")

SHARPER_AFTER: Final = 10.0  # seconds a sharper layer must have lived before it begins a file
FINISH_WITHIN: Final = 20.0  # seconds the recorder may take to close its files
NAMES: Final = {Codec.VP8: "VP8", Codec.H264: "H264", Codec.OPUS: "opus"}


class TrackTap:
    """Takes one track. What it takes was not muted: a muted track hands nothing on."""

    def __init__(self, track: Track, recording: "Recording") -> None:
        self.track = track
        self._recording = recording
        self._layer: Layer | None = None
        self._number = 0
        self._wants_key = True
        self._sharper: tuple[Layer, float] | None = None
        self._told: object = None

    def take(self, layer: Layer, burst: Burst, now: float) -> None:
        """Packets of one layer; only those of the layer in the file count."""
        if layer is not self._chosen(now):
            return
        if layer is not self._layer:
            self._begin(layer)
        for item in burst.items:
            if self._wants_key and not (item.key or self.track.codec is Codec.OPUS):
                layer.keyframes.wish()
                continue
            self._wants_key = False
            packet = tap.Packet(
                item.number & 0xFFFF,
                item.timestamp & 0xFFFFFFFF,
                bool(item.marker),
                time.time_ns() // 1000,
                item.payload,
            )
            self._recording.put(self._number, packet)

    def pause(self) -> None:
        """The track was muted: a picture goes on with a key frame, in the same file."""
        self._wants_key = True

    def _chosen(self, now: float) -> Layer | None:
        """The layer of the file, the sharpest when none is or it died, a sharper one that proved to live."""
        choices = list(self.track.choices().values())
        best = choices[-1] if choices else None
        if self._layer is None or not self._layer.alive:
            return best or self._layer
        if best is self._layer or best is None:
            self._sharper = None
            return self._layer
        if self._sharper is None or self._sharper[0] is not best:
            self._sharper = (best, now)
        return best if now - self._sharper[1] > SHARPER_AFTER else self._layer

    def _begin(self, layer: Layer) -> None:
        self.close()
        self._layer, self._wants_key, self._sharper, self._told = layer, True, None, None
        self._number = self._recording.number()
        opened = tap.Opened(self.track.seat, self.track.source.value, NAMES[self.track.codec])
        self._recording.put(self._number, opened)
        layer.keyframes.wish()

    def tick(self) -> None:
        """Once a second: the sender's clocks, when they are new."""
        clocks = self._layer.clocks if self._layer is not None else None
        if clocks is not None and clocks is not self._told:
            self._told = clocks
            self._recording.put(self._number, tap.Report(clocks.ntp, clocks.timestamp & 0xFFFFFFFF))

    def close(self) -> None:
        """The file ends."""
        if self._layer is not None:
            self._recording.put(self._number, tap.Closed())
            self._layer = None


class Recording:
    """All tracks of one room into one folder, until it is closed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        reading, writing = os.pipe()
        try:
            command = (sys.executable, "-m", "rtc.media.recorder", str(folder))
            self._process = subprocess.Popen(command, stdin=reading)
        finally:
            os.close(reading)
        self._tap = tap.Tap(writing)
        self._taps: dict[Key, TrackTap] = {}
        self._numbers = 0

    def number(self) -> int:
        """The next number of a track in the pipe; they come round after 65,536."""
        self._numbers = (self._numbers + 1) % 65_536
        return self._numbers

    def put(self, track: int, record: tap.Record) -> None:
        """One record for the recorder."""
        self._tap.put(track, record)

    def follow(self, tracks: Mapping[Key, Track]) -> None:
        """Take what is published now, no longer what is not."""
        for what, taken in list(self._taps.items()):
            if tracks.get(what) is not taken.track:
                self._let_go(what)
        for what, track in tracks.items():
            if what not in self._taps:
                self._taps[what] = TrackTap(track, self)
                track.forwards.append(self._taps[what])

    def _let_go(self, what: Key) -> None:
        taken = self._taps.pop(what)
        if taken in taken.track.forwards:
            taken.track.forwards.remove(taken)
        taken.close()

    def tick(self) -> None:
        """Once a second: clocks, and what the pipe did not take before."""
        for taken in self._taps.values():
            taken.tick()
        self._tap.flush()

    @property
    def failed(self) -> bool:
        """Whether the recorder died."""
        return self._tap.broken or self._process.poll() is not None

    def end(self) -> None:
        """Let every track go and close the pipe; the recorder finishes its files and ends."""
        for what in list(self._taps):
            self._let_go(what)
        self._tap.close()

    def finished(self) -> bool:
        """Whether the recorder has ended and its index is complete."""
        return self._process.poll() is not None
