"""会后: the sheet of who was there, roll call, votes and chat; the minutes as a draft; archiving."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from office.domain.people import Actor
from office.store.work import LOCAL, Work
from rtc.domain.roll_call import Line
from rtc.domain.voting import BallotStage
from rtc.service import access, attendance, chat, meetings, recordings, rooms, votes
from rtc.store import meetings as rows
from rtc.store import venues
from web import bridge
from web.files import download
from web.forms import number_in_path, read_fields
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.texts import text
from web.view import page, see_other, span

HEADINGS = ("会场", "单位层级", "回执", "代会人", "到会", "在会时间", "点名", "更正")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a table program would run a cell that begins so


@dataclass(frozen=True, slots=True)
class Record:
    """What is left of a meeting, read in one snapshot."""

    found: rows.Meeting
    organiser: bool
    sheet: tuple[attendance.Row, ...]
    called: tuple[tuple[str, Line], ...]
    votes: tuple[votes.Shown, ...]
    chat: tuple[chat.Line, ...]
    replay: bool


def _record(work: Work, meeting_id: int, by: Actor) -> Record:
    found = access.meeting(work, meeting_id, by=by)
    organiser = access.organises(found, by)
    published = tuple(one for one in votes.of_meeting(work, found.id, by) if one.ballot.stage is BallotStage.PUBLISHED)
    sheet = attendance.sheet(work, found.id, by) if organiser else ()
    called = _called(work, found.id) if organiser else ()
    replay = bool(recordings.of_meeting(work, found.id, by))
    return Record(found, organiser, sheet, called, published, chat.whole(work, found.id, by), replay)


def _called(work: Work, meeting_id: int) -> tuple[tuple[str, Line], ...]:
    """The last roll call: each venue's name with its line, corrections in place of what they correct."""
    call = rooms.load(work, meeting_id).room.roll_call
    if call is None:
        return ()
    names = {one.id: one.name for one in venues.of_meeting(work, meeting_id)}
    newest = {line.venue_id: line for line in (*call.lines, *call.corrections)}
    return tuple((names[i], line) for i, line in newest.items() if i in names)


async def show(request: web.Request) -> web.StreamResponse:
    """Everything on one page that can be printed."""
    record = await db(request).read(_record, number_in_path(request), actor(request))
    return page(request, "meetings/record.html", record=record, found=record.found, when=span, stays=stays)


def stays(row: attendance.Row) -> str:
    """9:02–10:31, each stay of a venue on its own."""
    local = ((one.start.astimezone(LOCAL), one.end.astimezone(LOCAL)) for one in row.intervals)
    return "，".join(f"{a.hour}:{a:%M}–{b.hour}:{b:%M}" for a, b in local)


def _sheet(work: Work, meeting_id: int, by: Actor) -> tuple[rows.Meeting, tuple[attendance.Row, ...]]:
    return access.organised(work, meeting_id, by=by), attendance.sheet(work, meeting_id, by)


async def sheet_csv(request: web.Request) -> web.StreamResponse:
    """签到表 as a table that office programs open, Chinese headings, UTF-8 with its mark."""
    found, sheet = await db(request).read(_sheet, number_in_path(request), actor(request))
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(HEADINGS)
    table.writerows(_plain(_cells(row, found)) for row in sheet)
    return download(written.getvalue().encode("utf-8-sig"), f"{found.title}签到表.csv", "text/csv")


def _cells(row: attendance.Row, found: rows.Meeting) -> tuple[str, ...]:
    own = row.venue.organ_id == found.organ_id
    replied = "meetings.main" if own else f"meetings.reply.{row.reply or 'NONE'}"
    marked = text(f"meetings.mark.{row.mark.mark}") if row.mark is not None else ""
    fixed = "；".join(f"{one.by}：{one.reason}" for one in row.corrections)
    return (
        row.venue.name, text(f"reach.{row.venue.level.name}"), text(replied),
        row.venue.substitute, text("meetings.present" if row.attended else "meetings.absent"), stays(row), marked,
        fixed,
    )  # fmt: skip


def _plain(cells: Iterable[str]) -> list[str]:
    return [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]


def _correct(work: Work, meeting_id: int, command: attendance.Correct, by: Actor) -> None:
    access.organised(work, meeting_id, by=by)
    attendance.correct(work, command, by)


async def correct(request: web.Request) -> web.StreamResponse:
    """The sheet said it wrong: what it said stays, the correction stands beside it."""
    form, meeting_id = await read_fields(request), number_in_path(request)
    command = attendance.Correct(form.number("venue_id") or 0, form.get("attended") == "1", form.get("reason"))
    await db(request).write(_correct, meeting_id, command, actor(request))
    return see_other(request, f"/meetings/{meeting_id}/record", "已更正，原来的记录还在。")


async def write_minutes(request: web.Request) -> web.StreamResponse:
    """生成纪要: a draft from agenda, attendance and decisions."""
    document_id = await db(request).write(bridge.draft_minutes, number_in_path(request), actor(request))
    return see_other(request, f"/documents/{document_id}/edit", "纪要初稿已写好。补上讨论和要求，看过再送审。")


async def archive(request: web.Request) -> web.StreamResponse:
    """归档."""
    meeting_id = number_in_path(request)
    await db(request).write(meetings.archive, meeting_id, actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "已归档。材料不再向各会场开放。")


ROUTES = (
    Route("GET", "/meetings/{id:\\d+}/record", show, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/attendance.csv", sheet_csv, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/attendance", correct, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/minutes", write_minutes, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/archive", archive, SIGNED_IN),
)
