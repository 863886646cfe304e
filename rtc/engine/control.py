"""What the suite and a media worker say over their one link: JSON, one message a frame, bounded both ways."""

from enum import StrEnum
from typing import Any

import msgspec

PROTOCOL = 1  # the worker's first message carries it; another number closes the link
MOST_FRAME = 256 * 1024  # bytes of one message


class Source(StrEnum):
    """What a published track is; one seat publishes each at most once."""

    MICROPHONE = "MICROPHONE"
    CAMERA = "CAMERA"
    SCREEN = "SCREEN"


class Quality(StrEnum):
    """The sharpest layer a viewer wants of a picture; less is sent when his line is narrow."""

    LOW = "q"  # about 180 lines, 150 kbit/s
    MIDDLE = "h"  # about 360 lines, 450 kbit/s
    HIGH = "f"  # about 720 lines, 1.2 Mbit/s


class Side(StrEnum):
    """Which of a seat's two connections."""

    PUBLISH = "PUBLISH"
    SUBSCRIBE = "SUBSCRIBE"


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing a viewer is to get: whose, what, how sharp; `rank` 0 is fed first when the line is narrow."""

    seat: str
    source: Source
    quality: Quality = Quality.HIGH
    rank: int = 0


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One m-line of an SDP: its mid and what flows on it; `seat` is "" in a publish offer (the sender himself)."""

    mid: str
    source: Source
    seat: str = ""


class Command(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True, kw_only=True):
    """Suite to worker. `call` numbers it; the worker answers each call once, with Done or Refused."""

    call: int


class EnsureRoom(Command, frozen=True):
    """Make the room if it is not there. Harmless when it is."""

    room: str


class CloseRoom(Command, frozen=True):
    """Cut every peer of the room and forget it. Harmless when it is not there."""

    room: str


class Admit(Command, frozen=True):
    """Let a seat in: it may now publish `sources` and subscribe. Admitting again replaces what it may publish."""

    room: str
    seat: str
    sources: tuple[Source, ...] = ()


class Remove(Command, frozen=True):
    """Cut both connections of a seat and forget it."""

    room: str
    seat: str


class Publish(Command, frozen=True):
    """A publish offer from the client; Done carries the answer's SDP. `lines` says what each mid is."""

    room: str
    seat: str
    sdp: str
    lines: tuple[Line, ...]


class Answer(Command, frozen=True):
    """The client's answer to the last SubscribeOffer with this `version`; an old version is ignored."""

    room: str
    seat: str
    version: int
    sdp: str


class Restart(Command, frozen=True):
    """Offer the subscribe connection again with new ICE credentials (the client changed its address)."""

    room: str
    seat: str


class Allow(Command, frozen=True):
    """Forward or drop what these seats send of `source`: mute at the server. Applies to seats not yet here, too."""

    room: str
    seats: tuple[str, ...]
    source: Source
    on: bool


class Show(Command, frozen=True):
    """What a viewer is to get from now on, the whole list. Unknown seats are kept as wishes."""

    room: str
    viewer: str
    slots: tuple[Slot, ...]


class Record(Command, frozen=True):
    """Record everything published in the room into this folder from now on; "" ends it. Harmless when it is so."""

    room: str
    folder: str


class Stats(Command, frozen=True):
    """Done carries figures of the room."""

    room: str


class Note(msgspec.Struct, frozen=True, tag=True, forbid_unknown_fields=True, kw_only=True):
    """Worker to suite."""


class Hello(Note, frozen=True):
    """First message of the worker: protocol, its process id, the media address it listens on, what it can carry."""

    protocol: int
    pid: int
    host: str
    port: int
    most_packets: int  # packets a second it takes


class Done(Note, frozen=True):
    """A call is done. `sdp` for Publish; `body` for Stats."""

    call: int
    sdp: str = ""
    body: dict[str, Any] = {}


class Refused(Note, frozen=True):
    """A call changed nothing: a stable code (bad-sdp, full, no-seat, not-allowed) and an English reason."""

    call: int
    code: str
    reason: str


class SubscribeOffer(Note, frozen=True):
    """An offer for a viewer, one in flight at most. `lines`: whose track each mid carries ("" when resting)."""

    room: str
    seat: str
    version: int
    sdp: str
    lines: tuple[Line, ...]


class Started(Note, frozen=True):
    """Media of this source began to arrive from the seat."""

    room: str
    seat: str
    source: Source


class Stopped(Note, frozen=True):
    """Media of this source no longer comes (three seconds without a packet, or the line was closed)."""

    room: str
    seat: str
    source: Source


class Connected(Note, frozen=True):
    """ICE and DTLS of one side are up."""

    room: str
    seat: str
    side: Side


class Lost(Note, frozen=True):
    """One side is gone: silent for 30 s, closed by the peer, or cut for flooding (`reason`)."""

    room: str
    seat: str
    side: Side
    reason: str


class Speaking(Note, frozen=True):
    """Who speaks now, loudest first, from the audio-level extension; sent when it changes, at most 4 a second."""

    room: str
    seats: tuple[str, ...]


class Recorded(Note, frozen=True):
    """The files of a recording in this folder are complete."""

    room: str
    folder: str


class Narrow(Note, frozen=True):
    """A viewer's line carries only `quality` of this picture, or nothing of it (None). Told when it changes."""

    room: str
    viewer: str
    seat: str
    source: Source
    quality: Quality | None


Commands = EnsureRoom | CloseRoom | Admit | Remove | Publish | Answer | Restart | Allow | Show | Record | Stats
Notes = Hello | Done | Refused | SubscribeOffer | Started | Stopped | Connected | Lost | Speaking | Recorded | Narrow
