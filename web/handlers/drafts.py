"""拟稿: start or drop in a draft, edit it beside its laid-out page, mend its faults, attach files."""

import hashlib
from dataclasses import dataclass

import msgspec
from aiohttp import web

from office.domain.chain import Verdict
from office.domain.document import Content, Kind, Paper
from office.domain.errors import Invalid, NotFound, RefusedFile
from office.domain.organs import Level
from office.domain.people import Actor
from office.service import access, checking, drafting, reading, setting
from office.service.drafting import Saved
from office.store import chains, documents
from office.store.work import Work
from web.draft_marks import Mark, marks_of
from web.drafts_form import content_of, fields_of
from web.files import picture
from web.forms import Form, number_in_path, read_fields
from web.keys import actor, db, press
from web.press import Drawn
from web.routing import SIGNED_IN, Route
from web.texts import text
from web.uploads import take_attachment, take_draft_file
from web.view import fragment, page, see_other, short_time

KINDS = tuple(Kind)
LONGEST_NOTE = 1_000
FROM_FILE = "读文件："
UNDONE = "撤回改动"


@dataclass(frozen=True, slots=True)
class Desk:
    """The editor's page, read in one snapshot."""

    document: documents.Document
    content: Content
    paper: Paper
    attachments: tuple[documents.Attachment, ...]
    report: checking.Report
    noticed: str  # when the draft was read from a file
    returned: str  # why it came back, if it did


@dataclass(frozen=True, slots=True)
class Answer:
    """What the editor's script gets after each save."""

    seq: int
    saved: str
    pages: list[str]
    marks: list[Mark]
    faults: str
    count: int
    stops: int
    fields: dict[str, str]
    undo: int | None = None


def _desk(work: Work, document_id: int, by: Actor) -> Desk:
    found = access.own_draft(work, document_id, by=by)
    content = documents.content(work, found.id, found.content_seq)
    first = documents.versions(work, found.id)[-1]
    return Desk(
        found,
        content,
        setting.paper_of(work, found, content),
        documents.attachments(work, found.id),
        checking.report(work, found.id, by),
        first.note.removeprefix(FROM_FILE) if first.note.startswith(FROM_FILE) else "",
        _returned(work, found),
    )


def _returned(work: Work, found: documents.Document) -> str:
    """The reason of the last return, while the draft is back with its drafter."""
    if found.stage != "DRAFT":
        return ""
    said = [o for stored in chains.of_document(work, found.id) for o in stored.chain.opinions]
    back = [o for o in said if o.verdict is Verdict.RETURN and not o.taken_back]
    return f"{back[-1].by.person_name}：{back[-1].text}" if back else ""


async def show_list(request: web.Request) -> web.StreamResponse:
    """One's own drafts, and three ways to begin: a file, a kind, an old draft."""
    rows = await db(request).read(reading.drafts, actor(request))
    return page(request, "drafts/list.html", rows=rows, kinds=KINDS)


async def start(request: web.Request) -> web.StreamResponse:
    """An empty draft of a kind."""
    form = await read_fields(request)
    if form.get("kind") not in {kind.value for kind in KINDS}:
        raise Invalid("请选文种。公文只有 15 种；方案、办法、要点作为附件，用“通知”印发。", code="G01")
    command = drafting.StartDraft(drafting.blank(Kind(form.get("kind"))))
    document_id = await db(request).write(drafting.start, command, actor(request))
    return see_other(request, f"/documents/{document_id}/edit")


async def take_file(request: web.Request) -> web.StreamResponse:
    """A draft read from a file; what was noticed on the way stands above the editor."""
    _, intake = await take_draft_file(request)
    note = (FROM_FILE + "".join(intake.notes))[:LONGEST_NOTE] if intake.notes else ""
    document_id = await db(request).write(_start_read, drafting.StartDraft(intake.content, note=note), actor(request))
    return see_other(request, f"/documents/{document_id}/edit", text("drafts.read"))


def _start_read(work: Work, command: drafting.StartDraft, by: Actor) -> int:
    document_id = drafting.start(work, command, by)
    _choose_by_name(work, document_id, by)
    return document_id


def _choose_by_name(work: Work, document_id: int, by: Actor) -> None:
    found = access.own_draft(work, document_id, by=by)
    content = documents.content(work, found.id, found.content_seq)
    chosen = checking.chosen_by_name(work, found, content)
    if chosen != content:
        drafting.save(work, drafting.SaveDraft(found.id, chosen, found.content_seq), by)


async def edit(request: web.Request) -> web.StreamResponse:
    """The editor: text, page and faults side by side."""
    desk = await db(request).read(_desk, number_in_path(request), actor(request))
    if desk.document.signed_hash is not None:  # a change now goes back to the signatory (条例25(1))
        return see_other(request, f"/documents/{desk.document.id}/amend")
    drawn = await press(request).drawn(desk.document.id, desk.paper)
    return page(
        request,
        "drafts/edit.html",
        desk=desk,
        doc=desk.document,
        fields=fields_of(desk.content),
        kinds=KINDS,
        levels=tuple(Level),
        report=desk.report,
        pages=_addresses(desk.document.id, drawn),
        marks=msgspec.json.encode(marks_of(desk.report.faults, desk.content, drawn.places)).decode(),
    )


def _addresses(document_id: int, drawn: Drawn) -> list[str]:
    """An unchanged page keeps its address, so that typing loads only what changed."""
    return [f"/documents/{document_id}/preview/{name}.png" for name in drawn.names]


@dataclass(frozen=True, slots=True)
class Typed:
    """Fields of the editor on their way in."""

    document_id: int
    form: Form
    base_seq: int


def _save(work: Work, command: Typed, by: Actor) -> Saved:
    found = access.own_draft(work, command.document_id, by=by)
    now = documents.content(work, found.id, found.content_seq)
    content = content_of(command.form, now)
    if (content.principal_text, content.copy_text) != (now.principal_text, now.copy_text):
        content = checking.chosen_by_name(work, found, content)
    return drafting.save(work, drafting.SaveDraft(found.id, content, command.base_seq), by)


async def save(request: web.Request) -> web.StreamResponse:
    """Keep what was typed. A mark of secrecy is refused: nothing is stored but hash and rule."""
    form = await read_fields(request)
    by = actor(request)
    command = Typed(number_in_path(request), form, form.number("base_seq") or 0)
    try:
        saved = await db(request).write(_save, command, by)
    except RefusedFile as refused:
        await _log_refused(request, form, refused)
        raise
    return await _answer(request, saved)


async def _log_refused(request: web.Request, form: Form, refused: RefusedFile) -> None:
    typed = "\n".join(form.get(name) for name in ("title", "principal_text", "body", "note", "copy_text")).encode()
    log = drafting.Refused(hashlib.sha256(typed).hexdigest(), len(typed), refused.rule)
    await db(request).write(drafting.log_refused, log, actor(request))


async def _answer(request: web.Request, saved: Saved, *, undo: int | None = None) -> web.StreamResponse:
    """The new page and faults for the script; back to the editor without one."""
    if request.content_type != "application/json":
        return see_other(request, f"/documents/{saved.document_id}/edit", text("drafts.kept"))
    desk = await db(request).read(_desk, saved.document_id, actor(request))
    drawn = await press(request).drawn(desk.document.id, desk.paper)
    now = db(request).now()
    answer = Answer(
        seq=saved.seq,
        saved=text("drafts.saved_at", at=short_time(now, now)),
        pages=_addresses(desk.document.id, drawn),
        marks=marks_of(desk.report.faults, desk.content, drawn.places),
        faults=fragment(request, "drafts/_faults.html", report=desk.report, document_id=desk.document.id),
        count=len(desk.report.faults),
        stops=desk.report.stops,
        fields=dict(fields_of(desk.content)),
        undo=undo,
    )
    return web.Response(body=msgspec.json.encode(answer), content_type="application/json")


async def fix(request: web.Request) -> web.StreamResponse:
    """Press the button of a fault."""
    form = await read_fields(request)
    document_id = number_in_path(request)
    command = checking.ApplyFix(document_id, form.get("fix"), form.number("base_seq") or 0)
    before = await db(request).read(_seq, document_id, actor(request))
    saved = await db(request).write(checking.apply_fix, command, actor(request))
    return await _answer(request, saved, undo=before if before != saved.seq else None)


def _seq(work: Work, document_id: int, by: Actor) -> int:
    return access.own_draft(work, document_id, by=by).content_seq


@dataclass(frozen=True, slots=True)
class Revert:
    """Make an earlier version the newest one; nothing is lost, both stay."""

    document_id: int
    seq: int


def _revert(work: Work, command: Revert, by: Actor) -> Saved:
    found = access.own_draft(work, command.document_id, by=by)
    earlier = documents.content(work, found.id, command.seq)
    return drafting.save(work, drafting.SaveDraft(found.id, earlier, found.content_seq, UNDONE, keep=True), by)


async def revert(request: web.Request) -> web.StreamResponse:
    """Back to an earlier version."""
    command = Revert(number_in_path(request), number_in_path(request, "seq"))
    return await _answer(request, await db(request).write(_revert, command, actor(request)))


async def give_reason(request: web.Request) -> web.StreamResponse:
    """Why a rule is not followed here; kept for ever."""
    form = await read_fields(request)
    command = checking.GiveReason(number_in_path(request), form.get("rule"), form.get("reason"))
    await db(request).write(checking.give_reason, command, actor(request))
    return see_other(request, f"/documents/{command.document_id}/edit", text("drafts.reason_kept"))


async def attach(request: web.Request) -> web.StreamResponse:
    """Add a file; it is checked before it is kept."""
    document_id = number_in_path(request)
    await take_attachment(request, document_id)
    return see_other(request, f"/documents/{document_id}/edit#attachments", text("drafts.attached"))


async def detach(request: web.Request) -> web.StreamResponse:
    """Take a file off the draft, with the way back."""
    command = drafting.Detach(number_in_path(request), number_in_path(request, "aid"))
    await db(request).write(drafting.detach, command, actor(request))
    back = f"/documents/{command.document_id}/attachments/{command.attachment_id}/restore"
    return see_other(request, f"/documents/{command.document_id}/edit", text("drafts.removed"), undo=back)


async def attach_again(request: web.Request) -> web.StreamResponse:
    """Undo `detach`."""
    command = drafting.Detach(number_in_path(request), number_in_path(request, "aid"), restore=True)
    await db(request).write(drafting.detach, command, actor(request))
    return see_other(request, f"/documents/{command.document_id}/edit", text("drafts.put_back"))


async def discard(request: web.Request) -> web.StreamResponse:
    """Put a draft away, with the way back; nothing is deleted (条例35)."""
    command = drafting.Discard(number_in_path(request))
    await db(request).write(drafting.discard, command, actor(request))
    back = f"/documents/{command.document_id}/restore"
    return see_other(request, "/drafts", text("drafts.discarded"), undo=back)


async def restore(request: web.Request) -> web.StreamResponse:
    """Undo `discard`."""
    command = drafting.Discard(number_in_path(request), restore=True)
    await db(request).write(drafting.discard, command, actor(request))
    return see_other(request, f"/documents/{command.document_id}/edit", text("drafts.put_back"))


def _paper(work: Work, document_id: int, by: Actor) -> Paper:
    found = access.document(work, document_id, by=by)
    return setting.paper_of(work, found)


async def preview(request: web.Request) -> web.StreamResponse:
    """A page of the draft as it was drawn a moment ago; only for who may see the document."""
    document_id = number_in_path(request)
    paper = await db(request).read(_paper, document_id, actor(request))
    name = request.match_info["name"]
    found = press(request).drawn_page(document_id, name)
    if found is None:
        await press(request).drawn(document_id, paper)
        found = press(request).drawn_page(document_id, name)
    if found is None:
        raise NotFound
    return picture(found, forever=True)


ROUTES = (
    Route("GET", "/drafts", show_list, SIGNED_IN),
    Route("POST", "/drafts", start, SIGNED_IN),
    Route("POST", "/drafts/import", take_file, SIGNED_IN, heavy=True),
    Route("GET", "/documents/{id:\\d+}/edit", edit, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/content", save, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/fix", fix, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/versions/{seq:\\d+}/restore", revert, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/reasons", give_reason, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/attachments", attach, SIGNED_IN, heavy=True),
    Route("POST", "/documents/{id:\\d+}/attachments/{aid:\\d+}/remove", detach, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/attachments/{aid:\\d+}/restore", attach_again, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/discard", discard, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/restore", restore, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/preview/{name:[0-9a-f]+}.png", preview, SIGNED_IN),
)
