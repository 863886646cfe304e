"""投诉建议: open to everybody, answered by the city's office."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.errors import Invalid, TooBusy
from office.domain.people import Actor
from office.service import suggestions
from office.store.work import Work
from web.forms import Form, number_in_path, read_fields
from web.guard import STRANGERS, address
from web.keys import SESSION, actor, db
from web.routing import PUBLIC, SIGNED_IN, Route
from web.texts import text
from web.view import page, see_other


@dataclass(frozen=True, slots=True)
class Own:
    """What a signed-in person wrote before, and whether he answers others."""

    rows: tuple[suggestions.Suggestion, ...] = ()
    answers: bool = False


def _own(work: Work, by: Actor) -> Own:
    return Own(suggestions.own(work, by), suggestions.may_answer(work, by))


async def _page(request: web.Request, *, written: str = "", wrong: str = "", status: int = 200) -> web.Response:
    found = request.get(SESSION)
    own = await db(request).read(_own, found.actor) if found is not None else Own()
    return page(
        request, "suggestions/suggestions.html", status=status, own=own.rows, answers=own.answers, written=written,
        wrong=wrong,
    )  # fmt: skip


async def form(request: web.Request) -> web.StreamResponse:
    """Where to write."""
    return await _page(request)


async def suggest(request: web.Request) -> web.StreamResponse:
    """Take a suggestion; what was written stays in the field when it is refused."""
    written = (await read_fields(request)).get("text")
    found = request.get(SESSION)
    try:
        _check_rate(request)
        command = suggestions.Suggest(written)
        number = await db(request).write(suggestions.suggest, command, found.actor if found is not None else None)
    except (Invalid, TooBusy) as error:
        status = 422 if isinstance(error, Invalid) else 503
        return await _page(request, written=written, wrong=error.sentence, status=status)
    return see_other(request, f"/suggestions/thanks?n={number}")


def _check_rate(request: web.Request) -> None:
    if not request.app[STRANGERS].take(address(request)):
        raise TooBusy("这里提交得太频繁了，请过一会儿再试。")


async def thanks(request: web.Request) -> web.StreamResponse:
    """收到了."""
    number = request.query.get("n", "")
    known = number.isascii() and number.isdigit() and len(number) <= 15
    return page(request, "suggestions/thanks.html", number=number if known else "")


async def received(request: web.Request) -> web.StreamResponse:
    """What people said, for those who answer."""
    before = Form.of_query(request).number("before")
    found = await db(request).read(suggestions.received, suggestions.Older(before), actor(request))
    return page(
        request, "suggestions/received.html", heading=text("suggestions.received"), back="/suggestions", found=found
    )


async def answer(request: web.Request) -> web.StreamResponse:
    """答复."""
    said = (await read_fields(request)).get("answer")
    command = suggestions.AnswerSuggestion(number_in_path(request), said)
    await db(request).write(suggestions.answer, command, actor(request))
    return see_other(request, "/suggestions/received", text("suggestions.answered"))


ROUTES = (
    Route("GET", "/suggestions", form, PUBLIC),
    Route("POST", "/suggestions", suggest, PUBLIC),
    Route("GET", "/suggestions/thanks", thanks, PUBLIC),
    Route("GET", "/suggestions/received", received, SIGNED_IN),
    Route("POST", "/suggestions/{id:\\d+}/answer", answer, SIGNED_IN),
)
