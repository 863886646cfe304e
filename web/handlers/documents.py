"""One document: the page, its pictures and files, its versions."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.chain import ChainPurpose, Reader
from office.domain.errors import NotFound
from office.domain.offers import Offers
from office.domain.people import ADMIN_ROLES, Actor, Post
from office.service import access, directory, drafting, exchange, offering, papers, signatures, tasks
from office.store import documents
from office.store.work import Work
from rtc.domain.meeting import Reply
from web import bridge
from web.files import download, picture
from web.forms import number_in_path, small_number
from web.keys import actor, blobs, db, press, session
from web.routing import SIGNED_IN, Route
from web.view import local_path, page, span

USUAL = 1240  # pixels across
WIDEST = 1600


@dataclass(frozen=True, slots=True)
class Desktop:
    """All that the document page needs, read in one snapshot."""

    view: papers.DocumentView
    offers: dict[int, Offers]
    colleagues: tuple[Post, ...]
    units: tuple[Post, ...]
    content_hash: str
    returned: tasks.ToldTask | None
    can_forward: int


def _desktop(work: Work, document_id: int, task_id: int, by: Actor) -> Desktop:
    view = papers.view(work, document_id, by)
    organ_posts = directory.posts_of(work, by.organ_id)
    return Desktop(
        view,
        offering.of_view(work, view, by),
        tuple(p for p in organ_posts if p.id != by.post_id and p.role not in ADMIN_ROLES),
        directory.unit_clerks(work, by.organ_id) if view.receipt is not None else (),
        documents.signed_hash(work, view.document),
        tasks.told(work, task_id, by) if task_id else None,
        exchange.forwardable(work, view.document, by),
    )


def _interest(shown: papers.ChainView) -> tuple[bool, int]:
    """What is under way comes first; then the way up, the receiving, the issuing."""
    order = (ChainPurpose.REQUEST, ChainPurpose.INCOMING, ChainPurpose.OUTGOING)
    return shown.chain.current is None, order.index(shown.purpose)


def _waits(reader: Reader, by: Actor) -> bool:
    return reader.post_id == by.post_id and reader.read_at is None


async def show(request: web.Request) -> web.StreamResponse:
    """The document page: the paper, where it stands, what to do."""
    by = actor(request)
    document_id = number_in_path(request)
    returned = request.query.get("returned", "")
    desktop = await db(request).read(_desktop, document_id, small_number(returned), by)
    view = desktop.view
    meeting = await db(request).read(bridge.meeting_of, document_id, by)
    if view.receipt is not None and view.receipt.opened_at is None:
        await db(request).write(exchange.open_document, document_id, by)
    current = view.current
    unread = next(((c.id, r.id) for c in view.chains for r in c.chain.readers if _waits(r, by)), None)
    mine = view.mine_chain
    can = desktop.offers[mine.id] if mine is not None else None
    passed = [s for s in mine.steps if can is not None and s.step.id in can.return_to] if mine is not None else []
    call = next((s for s in current.seats if s.phone and s.seat.state == "OPEN"), None) if current else None
    return page(
        request,
        "documents/document.html",
        view=view,
        can=can,
        offers=desktop.offers,
        colleagues=desktop.colleagues,
        units=desktop.units,
        content_hash=desktop.content_hash,
        returned=desktop.returned,
        can_forward=desktop.can_forward,
        passed=passed,
        call=call if call and call.seat.post_id != by.post_id else None,
        line=papers.summary(view),
        unread=unread,
        ways=sorted(view.chains, key=_interest),
        pages=await press(request).page_count(view.paper),
        meeting=meeting,
        answers=bridge.answerable(meeting, by) if meeting is not None else (),
        Reply=Reply,
        when=span,
        as_text=request.query.get("text", "1" if session(request).elder else "0") == "1",
        back=local_path(request.query.get("from", "/")),
    )


def _view(work: Work, document_id: int, by: Actor) -> papers.DocumentView:
    return papers.view(work, document_id, by)


async def page_picture(request: web.Request) -> web.StreamResponse:
    """A page as a picture; of the issued file where there is one, else as it would be set now."""
    view = await db(request).read(_view, number_in_path(request), actor(request))
    number = number_in_path(request, "n")
    width = min(small_number(request.query.get("w", "")) or USUAL, WIDEST)
    issued = view.document.issued_blob
    if issued is not None:
        return picture(await press(request).page_of_file(issued, number, width))
    return picture(await press(request).page(view.paper, number, width))


async def paper_pdf(request: web.Request) -> web.StreamResponse:
    """The sealed file as it was issued, or the draft as it would be set."""
    view = await db(request).read(_view, number_in_path(request), actor(request))
    issued = view.document.issued_blob
    data = await blobs(request).get(issued) if issued else await press(request).draft_pdf(view.paper)
    return download(data, f"{view.document.title or '草稿'}.pdf", "application/pdf")


async def paper_docx(request: web.Request) -> web.StreamResponse:
    """The same paper as DOCX."""
    view = await db(request).read(_view, number_in_path(request), actor(request))
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return download(await press(request).word(view.paper), f"{view.document.title or '草稿'}.docx", kind)


def _attachment(work: Work, document_id: int, attachment_id: int, by: Actor) -> documents.Attachment:
    found = access.document(work, document_id, by=by)
    file = next((a for a in documents.attachments(work, found.id) if a.id == attachment_id), None)
    if file is None:
        raise NotFound
    return file


async def attachment(request: web.Request) -> web.StreamResponse:
    """An attachment, always as a download."""
    ids = number_in_path(request), number_in_path(request, "aid")
    file = await db(request).read(_attachment, *ids, actor(request))
    return download(await blobs(request).get(file.blob), file.name, file.media)


async def ink(request: web.Request) -> web.StreamResponse:
    """The handwriting of an opinion on this document."""
    document_id, name = number_in_path(request), request.match_info["hash"]
    found = await db(request).read(signatures.shown, document_id, name, actor(request))
    return picture(await blobs(request).get(found), forever=True)


def _versions(work: Work, document_id: int, by: Actor) -> tuple[papers.DocumentView, tuple[documents.Version, ...]]:
    view = papers.view(work, document_id, by)
    return view, documents.versions(work, document_id)


async def versions(request: web.Request) -> web.StreamResponse:
    """All versions; two of them side by side where asked."""
    by = actor(request)
    document_id = number_in_path(request)
    view, found = await db(request).read(_versions, document_id, by)
    newest = found[0].seq
    new = small_number(request.query.get("new", "")) or newest
    old = small_number(request.query.get("old", "")) or max(1, new - 1)
    contents = await db(request).read(drafting.compare, document_id, old, new, by)
    lines = papers.compare_lines(*contents)
    return page(request, "documents/versions.html", view=view, versions=found, old=old, new=new, lines=lines)


ROUTES = (
    Route("GET", "/documents/{id:\\d+}", show, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/pages/{n:\\d+}.png", page_picture, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/paper.pdf", paper_pdf, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/paper.docx", paper_docx, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/attachments/{aid:\\d+}", attachment, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/ink/{hash:[0-9a-f]{64}}", ink, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/versions", versions, SIGNED_IN),
)
