"""发给谁: the page where 主送 and 抄送 are chosen. Every press is kept at once; leaving the page loses nothing."""

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from office.domain.errors import Invalid
from office.domain.organs import Level
from office.service import recipients
from office.service.recipients import Part
from web.forms import Form, number_in_path, read_fields, small_number
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import page, see_other


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page somebody is: which part, what is opened, what is looked for."""

    document_id: int
    part: Part
    opened: int | None
    text: str

    @property
    def address(self) -> str:
        """The page there."""
        parts = [f"part={self.part}"]
        parts += [f"open={self.opened}"] if self.opened else []
        parts += [f"q={quote(self.text)}"] if self.text else []
        return f"/documents/{self.document_id}/recipients?{'&'.join(parts)}"


def _place(document_id: int, form: Form) -> Place:
    part = Part.COPIES if form.get("part") == Part.COPIES else Part.PRINCIPALS
    return Place(document_id, part, small_number(form.get("open")) or None, form.get("q")[:40])


async def _page(request: web.Request, place: Place) -> web.Response:
    found = await db(request).read(
        recipients.show, place.document_id, actor(request), place.part, opened=place.opened, text=place.text
    )
    return page(request, "recipients/recipients.html", place=place, found=found, parts=Part)


async def show(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _page(request, _place(number_in_path(request), Form.of_query(request)))


async def press(request: web.Request) -> web.StreamResponse:
    """One press; with a script the page comes back at once, without one by way of its address."""
    form, by = await read_fields(request), actor(request)
    place = _place(number_in_path(request), form)
    act = form.get("do")
    match act.partition(":"):
        case ("reach", _, text):
            await db(request).write(recipients.set_reach, place.document_id, _reach(text or form.get("reach")), by)
        case ("take-out", _, _):
            await db(request).write(recipients.take_out, place.document_id, by)
        case ("list", _, number):
            use = recipients.Choose(place.document_id, place.part, list_id=small_number(number))
            await db(request).write(recipients.choose, use, by)
        case _:
            await db(request).write(recipients.choose, recipients.Choose(place.document_id, place.part, act), by)
    if request.headers.get("HX-Request") == "true":
        return await _page(request, place)
    return see_other(request, place.address)


def _reach(text: str) -> Level | None:
    if text in ("", "0"):
        return None
    if text not in {str(int(level)) for level in Level}:
        raise Invalid("请选发至哪一级。")
    return Level(int(text))


async def write_texts(request: web.Request) -> web.StreamResponse:
    """Keep how they are printed, and go back to the draft."""
    form, document_id = await read_fields(request), number_in_path(request)
    command = recipients.WriteTexts(document_id, form.get("principal_text"), form.get("copy_text"))
    await db(request).write(recipients.write_texts, command, actor(request))
    return see_other(request, f"/documents/{document_id}/edit", "收文单位已存。")


async def save_list(request: web.Request) -> web.StreamResponse:
    """存为常用."""
    form = await read_fields(request)
    place = _place(number_in_path(request), form)
    await db(request).write(recipients.save_list, place.document_id, place.part, form.get("name"), actor(request))
    return see_other(request, place.address, "已存为常用。")


ROUTES = (
    Route("GET", "/documents/{id:\\d+}/recipients", show, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/recipients", press, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/recipients/texts", write_texts, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/recipients/list", save_list, SIGNED_IN),
)
