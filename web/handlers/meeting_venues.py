"""选会场: the tree that recipients are picked from, for the venues of a meeting. Each press is kept at once."""

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from web import bridge
from web.forms import Form, number_in_path, read_fields, small_number
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import page, see_other


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page somebody is: what is opened, what is looked for."""

    meeting_id: int
    opened: int | None
    text: str

    @property
    def address(self) -> str:
        """The page there."""
        parts = [f"open={self.opened}"] if self.opened else []
        parts += [f"q={quote(self.text)}"] if self.text else []
        return f"/meetings/{self.meeting_id}/venues?{'&'.join(parts)}"


def _place(meeting_id: int, form: Form) -> Place:
    return Place(meeting_id, small_number(form.get("open")) or None, form.get("q")[:40])


async def _page(request: web.Request, place: Place) -> web.Response:
    found = await db(request).read(
        bridge.venue_page, place.meeting_id, actor(request), opened=place.opened, text=place.text
    )
    return page(request, "meetings/venues.html", place=place, found=found, picker=found.picker)


async def show(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _page(request, _place(number_in_path(request), Form.of_query(request)))


async def press(request: web.Request) -> web.StreamResponse:
    """One press; with a script the page comes back at once, without one by way of its address."""
    form = await read_fields(request)
    place = _place(number_in_path(request), form)
    await db(request).write(bridge.press_venue, bridge.PressVenue(place.meeting_id, form.get("do")), actor(request))
    if request.headers.get("HX-Request") == "true":
        return await _page(request, place)
    return see_other(request, place.address)


ROUTES = (
    Route("GET", "/meetings/{id:\\d+}/venues", show, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/venues", press, SIGNED_IN),
)
