"""会议材料: put on the table, read page by page as pictures, taken back. Who reads which is the use case's to say."""

from aiohttp import web

from office.domain.errors import Invalid, NotFound
from office.domain.people import Actor
from office.paper.guard import Media
from office.store.work import Work
from rtc.service import access, papers
from rtc.store import papers as rows
from web.files import picture
from web.forms import number_in_path, read_fields, small_number
from web.keys import actor, db, press
from web.routing import SIGNED_IN, Route
from web.uploads import receive
from web.view import page, see_other

USUAL = 1240  # pixels across
WIDEST = 1600


def _may_add(work: Work, meeting_id: int, by: Actor) -> None:
    access.organised(work, meeting_id, by=by)


async def add(request: web.Request) -> web.StreamResponse:
    """Take a file in, with the same checks as an attachment; nothing is read before the meeting is known to be his."""
    meeting_id, by = number_in_path(request), actor(request)
    await db(request).read(_may_add, meeting_id, by)
    checked = await receive(request, draft=False)
    file = checked.upload
    if file.media != Media.PDF.value:
        raise Invalid("会议材料要翻页看，请先把文件另存为 PDF 再传。", code="pdf_only")
    topic_id = small_number(request.query.get("topic", "")) or None
    command = papers.Add(meeting_id, file.name, file.blob, file.size, file.media, file.pages, topic_id)
    await db(request).write(papers.add, command, by)
    return see_other(request, f"/meetings/{meeting_id}", "材料已放上。")


def _paper(work: Work, meeting_id: int, paper_id: int, by: Actor) -> rows.Paper:
    """A paper of that meeting this person may read; what is of another meeting is absent."""
    found = access.paper(work, paper_id, by=by)
    if found.meeting_id != meeting_id:
        raise NotFound(rows.ABSENT)
    return found


async def _of_path(request: web.Request) -> rows.Paper:
    ids = number_in_path(request), number_in_path(request, "paper_id")
    return await db(request).read(_paper, *ids, actor(request))


async def show(request: web.Request) -> web.StreamResponse:
    """The pages of a paper, one under the other."""
    return page(request, "meetings/paper.html", paper=await _of_path(request))


async def page_picture(request: web.Request) -> web.StreamResponse:
    """A page as a picture, for who may read the paper."""
    found = await _of_path(request)
    width = min(small_number(request.query.get("w", "")) or USUAL, WIDEST)
    return picture(await press(request).page_of_file(found.blob, number_in_path(request, "n"), width))


async def remove(request: web.Request) -> web.StreamResponse:
    """Take a paper off the table."""
    found = await _of_path(request)
    await db(request).write(papers.remove, papers.Remove(found.id), actor(request))
    return see_other(request, f"/meetings/{found.meeting_id}", "材料已撤下。")


async def read_by(request: web.Request) -> web.StreamResponse:
    """Say for which venues a paper is; none: for all."""
    form, found = await read_fields(request), await _of_path(request)
    venue_ids = tuple(number for number in map(small_number, form.all("venue_id")) if number)
    await db(request).write(papers.set_readers, papers.SetReaders(found.id, venue_ids), actor(request))
    return see_other(request, f"/meetings/{found.meeting_id}", "已改好谁能看这份材料。")


async def take_back(request: web.Request) -> web.StreamResponse:
    """收回: nothing is served from now on."""
    meeting_id = number_in_path(request)
    await db(request).write(papers.take_back, papers.TakeBack(meeting_id), actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "材料已全部收回，谁也打不开了。")


ROUTES = (
    Route("POST", "/meetings/{id:\\d+}/papers", add, SIGNED_IN, heavy=True),
    Route("GET", "/meetings/{id:\\d+}/papers/{paper_id:\\d+}", show, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/papers/{paper_id:\\d+}/pages/{n:\\d+}.png", page_picture, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/papers/{paper_id:\\d+}/remove", remove, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/papers/{paper_id:\\d+}/readers", read_by, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/papers/back", take_back, SIGNED_IN),
)
