"""What a page and the hub say over a room's socket: JSON text, one message a frame; `kind` names it (README.md)."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, get_args

import msgspec

from office.domain.errors import Invalid
from rtc.domain.layout import Layout
from rtc.domain.room_commands import ByAnyone, ByChair, RoomCommand
from rtc.engine.control import Quality, Source

PROTOCOL: Final = 1
MOST_FRAME: Final = 64 * 1024  # bytes of one message of a page
MOST_CHAT: Final = 500  # characters
MOST_LINES: Final = 8  # m-lines of a publish offer
REACTIONS: Final = frozenset({"👏", "👍", "✋", "❤️", "🎉"})


class Incoming(msgspec.Struct, frozen=True, tag_field="kind"):
    """Page to hub."""


class Hello(Incoming, frozen=True, tag="hello"):
    """The first frame; sent again it asks for the whole state."""

    token: str
    protocol: int
    device: str
    venue: int = 0
    after: int = 0
    audio_only: bool = False


class Do(Incoming, frozen=True, tag="do", rename={"arguments": "with"}):
    """A command by its class name; `fence` is the number of the chair the page believes to hold."""

    id: int
    command: str
    arguments: dict[str, Any] = {}
    fence: int = 0


class Undo(Incoming, frozen=True, tag="undo"):
    """Take back one's own act that carried the id `of`."""

    id: int
    of: int


class PublishLine(msgspec.Struct, frozen=True):
    """One m-line of a publish offer."""

    mid: str
    source: Source


class Publish(Incoming, frozen=True, tag="publish"):
    """A publish offer."""

    id: int
    sdp: str
    lines: tuple[PublishLine, ...]


class Answer(Incoming, frozen=True, tag="answer"):
    """The answer to the offer with this version."""

    version: int
    sdp: str


class Restart(Incoming, frozen=True, tag="restart"):
    """The subscribe connection needs new credentials."""


class View(Incoming, frozen=True, tag="view"):
    """One's own layout, and whether only sound is wanted."""

    layout: Layout | None = None
    audio_only: bool = False


class OnAir(Incoming, frozen=True, tag="on_air"):
    """This device takes over for its venue."""


class Chat(Incoming, frozen=True, tag="chat"):
    """A line for everyone."""

    id: int
    text: str


class React(Incoming, frozen=True, tag="react"):
    """A sign everyone sees for a moment."""

    what: str


class Beat(Incoming, frozen=True, tag="beat"):
    """Still here; renews the chair's lease when this person holds it."""


Said = Hello | Do | Undo | Publish | Answer | Restart | View | OnAir | Chat | React | Beat

_decoder: Final[msgspec.json.Decoder[Said]] = msgspec.json.Decoder(Said)
encode = msgspec.json.Encoder(order="deterministic").encode
COMMANDS: Final[Mapping[str, type]] = {kind.__name__: kind for kind in (*get_args(ByAnyone), *get_args(ByChair))}
BY_CHAIR: Final = frozenset(kind.__name__ for kind in get_args(ByChair))


def decode(frame: str) -> Said:
    """The message in a frame; Invalid when it is none."""
    try:
        return _decoder.decode(frame)
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise Invalid("会场页面发来的内容读不懂。请刷新页面。") from None


def command_of(said: Do) -> RoomCommand:
    """The command a page asked for; Invalid when there is none of that name or shape."""
    kind = COMMANDS.get(said.command)
    if kind is None:
        raise Invalid("没有这个命令。请刷新页面后再试。")
    if not set(said.arguments) <= {field.name for field in fields(kind)}:
        raise Invalid("命令里有不认识的内容。请刷新页面后再试。")
    try:
        command: RoomCommand = msgspec.convert(said.arguments, kind)
        encode(command)  # what cannot be stored is refused here: numbers beyond 64 bits
    except (msgspec.ValidationError, ValueError, OverflowError, RecursionError):
        raise Invalid("命令的内容不完整或者不对。请改正后再试。") from None
    if any(isinstance(value, datetime) and value.tzinfo is None for value in _values(command)):
        raise Invalid("时间要带时区。请刷新页面后再试。")
    return command


def _values(command: RoomCommand) -> list[object]:
    return [getattr(command, field.name) for field in fields(command)]


# --- hub to page


class Outgoing(msgspec.Struct, frozen=True, tag_field="kind"):
    """Hub to page."""


class Done(Outgoing, frozen=True, tag="done"):
    """The act `id` was done; `undo`: it can be taken back."""

    id: int
    undo: bool = False


class Refused(Outgoing, frozen=True, tag="refused"):
    """The act `id` was not done, and why."""

    id: int
    code: str
    sentence: str
    fix: str = ""


class Published(Outgoing, frozen=True, tag="published"):
    """The answer to a publish offer."""

    id: int
    sdp: str


class OfferLine(msgspec.Struct, frozen=True):
    """Whose track an m-line of an offer carries; None: nobody's now."""

    mid: str
    venue: int | None
    source: Source


class Offer(Outgoing, frozen=True, tag="offer"):
    """A subscribe offer."""

    version: int
    sdp: str
    lines: tuple[OfferLine, ...]


class SlotFilled(msgspec.Struct, frozen=True):
    """What is to be drawn in a slot."""

    slot: int
    venue: int
    source: Source


class Slots(Outgoing, frozen=True, tag="slots"):
    """What this device is to draw where."""

    slots: tuple[SlotFilled, ...]
    grid: str


class Speaking(Outgoing, frozen=True, tag="speaking"):
    """The venues that speak now, loudest first."""

    venues: tuple[int, ...]


class Narrow(Outgoing, frozen=True, tag="narrow"):
    """This device's line carries only so much of that picture."""

    venue: int
    source: Source
    quality: Quality | None


class EngineState(Outgoing, frozen=True, tag="engine"):
    """The media were lost, or are back: publish again."""

    up: bool


class OffAir(Outgoing, frozen=True, tag="off_air"):
    """Another device of this venue is on air now."""


class OnAirNow(Outgoing, frozen=True, tag="on_air"):
    """This device is on air now."""


class Reaction(Outgoing, frozen=True, tag="react"):
    """Somebody's sign."""

    venue: int
    what: str


class ChatLine(Outgoing, frozen=True, tag="chat"):
    """A line somebody wrote."""

    id: int
    at: datetime
    venue: int
    name: str
    text: str


class Bye(Outgoing, frozen=True, tag="bye"):
    """The last message; `again`: come back by yourself."""

    sentence: str
    again: bool


class Change(Outgoing, frozen=True, tag="change"):
    """What happened to the room: a sentence, and the fields that are other now."""

    seq: int
    at: datetime
    by: str | None
    said: str
    room: dict[str, Any]


class Roster(Outgoing, frozen=True, tag="roster"):
    """Venues that came, went or changed; None: gone."""

    seq: int
    venues: dict[str, Any]


class BallotNow(Outgoing, frozen=True, tag="ballot"):
    """The state of one ballot, as everyone may see it."""

    ballot: dict[str, Any]


class You(msgspec.Struct, frozen=True):
    """Who this page is to the room. `waiting`: outside until the chair lets the venue in."""

    venue: int
    device: str
    on_air: bool
    name: str
    grants: tuple[str, ...]
    waiting: bool = False


class Welcome(Outgoing, frozen=True, tag="hello"):
    """The whole state."""

    protocol: int
    seq: int
    now: datetime
    you: You
    room: msgspec.Raw
    venues: msgspec.Raw
    roster: msgspec.Raw
    chat: msgspec.Raw
    ballots: msgspec.Raw
    publish: tuple[Source, ...]
