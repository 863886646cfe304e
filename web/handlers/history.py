"""经过和日志: who did what and when; a press recomputes whether a row was changed."""

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from office.domain.people import Actor
from office.service import directory, histories, refusals
from office.store import organs
from office.store.work import Work
from web.auditing import CHECKER
from web.forms import Form, moment, number_in_path
from web.keys import actor, db
from web.routing import AUDITOR, SIGNED_IN, Route
from web.telling import event_name
from web.texts import catalogue, text
from web.view import page, see_other

DAY = timedelta(days=1)


def _query(request: web.Request) -> Form:
    return Form({name: (value[:64],) for name, value in request.query.items()})


@dataclass(frozen=True, slots=True)
class Shown:
    """A past and, where it was asked for, the result of the check."""

    past: histories.Past
    checked: histories.Checked | None


def _of_document(work: Work, command: histories.OfDocument, by: Actor, *, check: bool) -> Shown:
    past = histories.of_document(work, command, by)
    asked = histories.CheckDocument(command.document_id)
    return Shown(past, histories.check_document(work, asked, by) if check else None)


async def of_document(request: web.Request) -> web.StreamResponse:
    """What happened to one document."""
    document_id, query = number_in_path(request), _query(request)
    command, check = histories.OfDocument(document_id, query.number("before")), query.get("check") == "1"
    shown = await db(request).read(_of_document, command, actor(request), check=check)
    return _past_page(
        request, shown, heading=text("history.of_document"), back=f"/documents/{document_id}", under="",
        linked="", checkable=True,
    )  # fmt: skip


def _past_page(
    request: web.Request, shown: Shown, *, heading: str, back: str, under: str, linked: str, checkable: bool
) -> web.Response:
    return page(
        request, "history/document.html", heading=heading, back=back, under=under, past=shown.past,
        checked=shown.checked, checkable=checkable, linked=linked, event_name=event_name,
        older=f"{request.path}?before=",
    )  # fmt: skip


async def mine(request: web.Request) -> web.StreamResponse:
    """What one did oneself."""
    command = histories.Older(_query(request).number("before"))
    past = await db(request).read(histories.mine, command, actor(request))
    heading = text("history.mine")
    return _past_page(request, Shown(past, None), heading=heading, back="/me", under="", linked="open", checkable=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """The fields of the auditor's form, as they are shown again."""

    organ: str
    person: str
    document_id: str
    kind: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the auditor's page shows: events, or a choice of organs or people first."""

    past: histories.Past | None
    organs: tuple[directory.OrganView, ...] | None
    people: tuple[histories.Named, ...] | None
    checked: histories.Checked | None


def _search_of(query: Form) -> histories.Search:
    until = moment(query.get("until"))
    return histories.Search(
        query.number("organ_id"), query.number("person_id"), query.number("document_id"), query.get("kind")[:32],
        moment(query.get("since")), until + DAY if until is not None else None, query.number("before"),
    )  # fmt: skip


def _find(work: Work, query: Form, by: Actor) -> Found:
    histories.check_auditor(by)
    wanted, organ, person = _search_of(query), query.get("organ"), query.get("person")
    if organ and wanted.organ_id is None:
        hits = directory.search(work, organ).organs
        if len(hits) != 1:
            return Found(None, hits, None, None)
        wanted = replace(wanted, organ_id=hits[0].id)
    if person and wanted.person_id is None:
        named = histories.people_named(work, person, by)
        if len(named) != 1:
            return Found(None, None, named, None)
        wanted = replace(wanted, person_id=named[0].id)
    check = query.get("check") == "1" and wanted.document_id is not None
    asked = histories.CheckDocument(wanted.document_id or 0)
    past = histories.search(work, wanted, by)
    return Found(past, None, None, histories.check_document(work, asked, by) if check else None)


async def search(request: web.Request) -> web.StreamResponse:
    """Everything, for the auditor: by organ, person, document, kind and day."""
    query = _query(request)
    found = await db(request).read(_find, query, actor(request))
    asked = Asked(*(query.get(name) for name in Asked.__slots__))
    kept = {n: query.get(n) for n in ("document_id", "kind", "since", "until", "organ_id", "person_id") if query.get(n)}
    words = {n: query.get(n) for n in ("organ", "person") if query.get(n)}
    kinds = sorted(key.removeprefix("event.") for key in catalogue() if key.startswith("event."))
    return page(
        request, "history/search.html", asked=asked, past=found.past, organs=found.organs, people=found.people,
        checked=found.checked, kinds=[k for k in kinds if k != "OTHER"], rest=urlencode(kept),
        document_id=query.number("document_id"), linked="audit", event_name=event_name,
        older=f"/history?{urlencode({**kept, **words, 'before': ''})}",
    )  # fmt: skip


def _organ_name(work: Work, organ_id: int) -> str:
    tree = organs.tree(work)
    return tree.trail(organ_id) if organ_id in tree else str(organ_id)


async def progress(request: web.Request) -> web.StreamResponse:
    """How far the check of everything is."""
    checker = request.app[CHECKER]
    finding = checker.progress.finding if checker.progress is not None else None
    organ = await db(request).read(_organ_name, finding.organ_id) if finding is not None else ""
    return page(
        request, "history/check.html", heading=text("history.check_all"), back="/history", organ=organ,
        progress=checker.progress, running=checker.running,
    )  # fmt: skip


async def start_check(request: web.Request) -> web.StreamResponse:
    """Begin to check everything."""
    await request.app[CHECKER].start(db(request), actor(request))
    return see_other(request, "/history/check")


async def refused(request: web.Request) -> web.StreamResponse:
    """Files that were refused: fingerprint, rule, time."""
    found = await db(request).read(refusals.refused, actor(request), _query(request).number("before"))
    return page(request, "admin/refused.html", heading=text("history.refused"), back="/history", found=found)


async def export(request: web.Request) -> web.StreamResponse:
    """Every row as a line of JSON, in the order of the chains, so that anybody can recompute them."""
    headers = {"Content-Disposition": 'attachment; filename="history.jsonl"', "Cache-Control": "private, no-store"}
    response = web.StreamResponse(headers=headers)
    response.content_type = "application/x-ndjson"
    rows = await db(request).read(histories.exported, (0, 0))
    await response.prepare(request)
    while rows:
        await response.write(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        last = rows[-1]
        rows = await db(request).read(histories.exported, (last["organ_id"], last["organ_seq"]))
    await response.write_eof()
    return response


ROUTES = (
    Route("GET", "/documents/{id:\\d+}/history", of_document, SIGNED_IN),
    Route("GET", "/me/history", mine, SIGNED_IN),
    Route("GET", "/history", search, AUDITOR),
    Route("GET", "/history/check", progress, AUDITOR),
    Route("POST", "/history/check", start_check, AUDITOR),
    Route("GET", "/history/refused", refused, AUDITOR),
    Route("GET", "/history/export.jsonl", export, AUDITOR),
)
