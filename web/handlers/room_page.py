"""The pages of a live room: the self-check before it, and the room itself. The socket behind them is in `rooms`."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from office.domain.people import Actor
from office.store.work import Work
from rtc.engine.control import Source
from rtc.live.views import ALL_AT_ONCE
from rtc.service import reading, rooms
from rtc.service.rooms import Enter, Entered
from web.forms import number_in_path, small_number
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.texts import catalogue
from web.view import page, span

PERMISSIONS = (
    "camera=(self), microphone=(self), display-capture=(self), screen-wake-lock=(self), autoplay=(self), geolocation=()"
)
_PREFIX = "rooms."


@dataclass(frozen=True, slots=True)
class Doorway:
    """Who comes to which venue of which meeting, and what lies on its table; one snapshot."""

    entered: Entered
    view: reading.View
    venues: int
    inspected: bool


def _doorway(work: Work, meeting_id: int, venue_id: int | None, by: Actor) -> Doorway:
    entered = rooms.enter(work, Enter(meeting_id, venue_id), by)
    house = rooms.house(work, meeting_id).values()
    return Doorway(entered, reading.view(work, meeting_id, by), len(house), any(one.inspector for one in house))


async def _arriving(request: web.Request) -> Doorway:
    venue_id = small_number(request.query.get("venue", "")) or None
    return await db(request).read(_doorway, number_in_path(request), venue_id, actor(request))


def _with_devices(response: web.Response) -> web.Response:
    """These pages alone may ask for camera, microphone and screen."""
    response.headers["Permissions-Policy"] = PERMISSIONS
    return response


async def check(request: web.Request) -> web.StreamResponse:
    """Camera, microphone, loudspeaker, line and clock before one enters; entering is always possible."""
    door = await _arriving(request)
    return _with_devices(
        page(request, "rooms/check.html", door=door, meeting=door.view.meeting, words=_words(), when=span)
    )


async def clock(request: web.Request) -> web.StreamResponse:
    """The server's moment, for who may enter: how far the venue's clock is off."""
    await db(request).read(rooms.enter, Enter(number_in_path(request)), actor(request))
    return web.json_response({"now": db(request).now().isoformat()}, headers={"Cache-Control": "no-store"})


async def room(request: web.Request) -> web.StreamResponse:
    """The room."""
    door = await _arriving(request)
    response = page(
        request, "rooms/room.html", door=door, meeting=door.view.meeting, words=_words(), facts=_facts(door)
    )
    return _with_devices(response)


def _words() -> dict[str, str]:
    """The texts the script says, by their key in rooms.json."""
    return {key.removeprefix(_PREFIX): text for key, text in catalogue().items() if key.startswith(_PREFIX)}


def _facts(door: Doorway) -> dict[str, Any]:
    """What the script must know before the socket speaks."""
    found, place, view = door.view.meeting, door.entered.place, door.view
    numbers = {topic.id: topic.number for topic in view.topics}
    return {
        "meeting": found.id, "title": found.title, "venue": place.id, "venue_name": place.name,
        "phone": found.settings.phone, "may_record": found.settings.recording, "many": door.venues > ALL_AT_ONCE,
        "inspected": door.inspected,
        "publish": [] if place.inspector else sorted(Source),
        "topics": [
            {"number": one.number, "title": one.title, "speaker": one.speaker, "minutes": one.minutes}
            for one in view.topics
        ],
        "papers": [
            {"id": one.paper.id, "name": one.paper.name, "pages": one.paper.pages,
             "topic": numbers.get(one.paper.topic_id or 0, 0)}
            for one in view.papers
        ],
    }  # fmt: skip


ROUTES = (
    Route("GET", "/meetings/{id:\\d+}/check", check, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/clock", clock, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/room", room, SIGNED_IN),
)
