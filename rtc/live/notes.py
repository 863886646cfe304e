"""What the engine says of a room, and whom it concerns."""

from typing import assert_never

from rtc.engine.control import (
    Connected,
    Done,
    Hello,
    Lost,
    Narrow,
    Notes,
    Recorded,
    Refused,
    Speaking,
    Started,
    Stopped,
    SubscribeOffer,
)  # fmt: skip
from rtc.live import messages
from rtc.live.live_room import LiveRoom
from rtc.live.messages import OfferLine


def take(live: LiveRoom, note: Notes) -> None:
    """Pass it on to the pages it is for."""
    match note:
        case SubscribeOffer():
            _offer(live, note)
        case Speaking(seats=seats):
            _speaking(live, live.venues_of(seats))
        case Started() | Stopped():
            _media(live, note)
        case Narrow():
            _narrow(live, note)
        case Hello():
            live.turn(up=False)
            live.engine.forget()
        case Connected() | Lost() | Done() | Refused() | Recorded():
            pass  # the page sees its own connections; answers go to whoever called; the hub keeps recordings
        case _:
            assert_never(note)


def _offer(live: LiveRoom, note: SubscribeOffer) -> None:
    seat = live.seats.get(note.seat)
    if seat is None:
        return
    lines = tuple(OfferLine(line.mid, _venue(live, line.seat), line.source) for line in note.lines)
    seat.tell(messages.Offer(note.version, note.sdp, lines))


def _venue(live: LiveRoom, seat: str) -> int | None:
    device = live.devices.get(seat)
    return device.venue_id if device is not None else None


def _speaking(live: LiveRoom, venues: tuple[int, ...]) -> None:
    if venues != live.speaking:
        live.speaking = venues
        live.unstaged = True
        live.tell_all(messages.Speaking(venues), chatter=True)


def _media(live: LiveRoom, note: Started | Stopped) -> None:
    device = live.devices.get(note.seat)
    if device is not None:
        live.roster.media(device, note.source, on=isinstance(note, Started))


def _narrow(live: LiveRoom, note: Narrow) -> None:
    seat, venue = live.seats.get(note.viewer), _venue(live, note.seat)
    if seat is not None and venue is not None:
        seat.tell(messages.Narrow(venue, note.source, note.quality))
