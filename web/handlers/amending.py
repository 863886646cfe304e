"""报原签批人再审: a change after sign-off, and the way back to the signatory (条例25(1))."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.document import Content
from office.domain.errors import Invalid, WrongStage
from office.domain.people import Actor
from office.service import access, drafting, outgoing
from office.store import documents
from office.store.work import Work
from web.drafts_form import content_of, fields_of
from web.forms import Form, number_in_path, read_fields
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.texts import text
from web.view import page, see_other


@dataclass(frozen=True, slots=True)
class Signed:
    """A paper after sign-off, on the desk of who may still change it."""

    document: documents.Document
    content: Content


def _signed(work: Work, document_id: int, by: Actor) -> Signed:
    found = access.own_draft(work, document_id, by=by)
    if found.signed_hash is None:
        raise WrongStage("还没有签发，直接改稿就行。")
    return Signed(found, documents.content(work, found.id, found.content_seq))


async def form(request: web.Request) -> web.StreamResponse:
    """What may be changed, and what that means."""
    signed = await db(request).read(_signed, number_in_path(request), actor(request))
    fields = fields_of(signed.content)
    return page(request, "documents/amend.html", doc=signed.document, fields=fields)


@dataclass(frozen=True, slots=True)
class Amending:
    """The changed fields and why."""

    document_id: int
    form: Form


def _amend(work: Work, command: Amending, by: Actor) -> None:
    signed = _signed(work, command.document_id, by)
    note = command.form.get("why")
    if not note:
        raise Invalid("请写明改了什么、为什么改，签发人要看。")
    changed = content_of(command.form, signed.content)
    if changed == signed.content:
        raise Invalid("内容没有变，不用再签。")
    drafting.write_amended(work, drafting.Amendment(command.document_id, changed, note), by)
    outgoing.amend(work, outgoing.Amend(command.document_id, note), by)


async def amend(request: web.Request) -> web.StreamResponse:
    """Store the change as a version of its own and send it to the signatory, in one transaction."""
    command = Amending(number_in_path(request), await read_fields(request))
    await db(request).write(_amend, command, actor(request))
    return see_other(request, f"/documents/{command.document_id}", text("amend.sent"))


ROUTES = (
    Route("GET", "/documents/{id:\\d+}/amend", form, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/amend", amend, SIGNED_IN),
)
