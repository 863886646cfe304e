"""会议: the list, planning one, its page, calling it, answering it, who comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from office.domain.errors import Invalid, NotFound
from office.domain.people import Actor
from office.store.work import LOCAL, Work
from rtc.domain.meeting import Reply
from rtc.domain.room import Phase
from rtc.service import access, meetings, reading, replies, topics
from rtc.store import meetings as rows
from rtc.store import venues
from web import bridge
from web.forms import Form, cursor, moment, number_in_path, read_fields
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import page, see_other, span

FIELD = "%Y-%m-%dT%H:%M"
MOST_CALLS = 40  # whom to call first; all stand below by county
USUAL_HOUR = 9
USUAL = timedelta(minutes=90)
OPEN = frozenset({Phase.PLANNED, Phase.NOTICED, Phase.REHEARSAL, Phase.WAITING, Phase.LIVE, Phase.PAUSED})


@dataclass(frozen=True, slots=True)
class Lists:
    """All that the list shows, read in one snapshot."""

    today: tuple[reading.Listed, ...]
    coming: tuple[reading.Listed, ...]
    past: tuple[reading.Listed, ...]


def _lists(work: Work, by: Actor, before: tuple[datetime, int] | None) -> Lists:
    earlier = reading.Earlier(*before) if before is not None else reading.Earlier()
    past = reading.past(work, earlier, by)
    coming = () if before is not None else reading.coming(work, by)
    night = work.midnight + timedelta(days=1)
    today = tuple(one for one in coming if one.meeting.starts_at < night)
    return Lists(today, coming[len(today) :], past)


async def show_list(request: web.Request) -> web.StreamResponse:
    """Today's first, then what comes, then what was."""
    before = cursor(request.query.get("before", ""))
    lists = await db(request).read(_lists, actor(request), before)
    return page(
        request, "meetings/list.html", lists=lists, when=span, first=before is None, more=_more(lists.past),
    )  # fmt: skip


def _more(past: Sequence[reading.Listed]) -> str:
    """Where older ones go on; empty at the end."""
    if len(past) < reading.PAGE:
        return ""
    last = past[-1].meeting
    return f"{last.starts_at.isoformat()},{last.id}"


async def new(request: web.Request) -> web.StreamResponse:
    """The form of a new meeting: tomorrow morning unless one says otherwise."""
    tomorrow = db(request).now().astimezone(LOCAL) + timedelta(days=1)
    start = tomorrow.replace(hour=USUAL_HOUR, minute=0, second=0, microsecond=0)
    plan = meetings.Plan("", start, start + USUAL)
    return page(request, "meetings/plan.html", plan=plan, found=None, field=_field, Replay=rows.Replay)


def _field(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime(FIELD)


def _plan(form: Form, settings: rows.Settings) -> meetings.Plan:
    starts, ends = moment(form.get("starts_at")), moment(form.get("ends_at"))
    if starts is None or ends is None:
        raise Invalid("请写几点开始、几点结束。")
    kept = rows.Settings(
        lobby=form.get("lobby") == "1", recording=form.get("recording") == "1",
        replay=_replay(form) if form.has("replay") else settings.replay,
        inspection_told=form.get("inspection_told") == "1", phone=form.get("phone"), keep_days=settings.keep_days,
        captioner_post=settings.captioner_post,
    )  # fmt: skip
    minutes = form.number("report_minutes") or 0
    return meetings.Plan(form.get("title"), starts, ends, form.get("place"), minutes, kept)


def _replay(form: Form) -> rows.Replay:
    if form.get("replay") not in rows.Replay.__members__:
        raise Invalid("请选谁能看回放。")
    return rows.Replay(form.get("replay"))


async def create(request: web.Request) -> web.StreamResponse:
    """发起会议."""
    plan = _plan(await read_fields(request), meetings.PLAIN)
    meeting_id = await db(request).write(meetings.plan, plan, actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "已发起。接着写议程、选会场，再发通知。")


async def edit(request: web.Request) -> web.StreamResponse:
    """The same form for a meeting that is planned."""
    found = await db(request).read(_organised, number_in_path(request), actor(request))
    plan = meetings.Plan(
        found.title, found.starts_at, found.ends_at, found.place, found.report_minutes, found.settings
    )  # fmt: skip
    return page(request, "meetings/plan.html", plan=plan, found=found, field=_field, Replay=rows.Replay)


def _organised(work: Work, meeting_id: int, by: Actor) -> rows.Meeting:
    return access.organised(work, meeting_id, by=by)


async def change(request: web.Request) -> web.StreamResponse:
    """Keep what was changed; those invited see it on their page."""
    form, meeting_id = await read_fields(request), number_in_path(request)
    found = await db(request).read(_organised, meeting_id, actor(request))
    command = meetings.Change(meeting_id, _plan(form, found.settings), form.number("version"))
    await db(request).write(meetings.change, command, actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "已改好。受邀单位在会议页面看到新的安排。")


@dataclass(frozen=True, slots=True)
class Shown:
    """All that a meeting's page shows."""

    view: reading.View
    clashes: tuple[reading.Clash, ...]
    mine: tuple[venues.Invited, ...]  # venues this person answers for


def _shown(work: Work, meeting_id: int, by: Actor) -> Shown:
    view = reading.view(work, meeting_id, by)
    clashes = reading.clashes(work, meeting_id, by) if view.organiser and view.meeting.phase in OPEN else ()
    return Shown(view, clashes, bridge.answerable(view, by))


async def show(request: web.Request) -> web.StreamResponse:
    """One meeting: when, what about, who; and what to do next."""
    shown = await db(request).read(_shown, number_in_path(request), actor(request))
    found = shown.view.meeting
    on = found.phase in OPEN and found.cancelled_at is None
    return page(
        request, "meetings/meeting.html", shown=shown, view=shown.view, found=found, when=span, Reply=Reply, on=on,
        coming=found.phase in meetings.COMING and found.cancelled_at is None,
        others=sum(1 for one in shown.view.venues if one.organ_id != found.organ_id and not one.inspector),
    )  # fmt: skip


async def add_topic(request: web.Request) -> web.StreamResponse:
    """A topic at the end of the agenda."""
    form, meeting_id = await read_fields(request), number_in_path(request)
    command = topics.Add(meeting_id, form.get("title"), form.get("speaker"), form.number("minutes") or 0)
    await db(request).write(topics.add, command, actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "已加进议程。")


def _topic_of(work: Work, meeting_id: int, topic_id: int, by: Actor) -> None:
    """The topic belongs to that meeting of his; looks absent otherwise."""
    access.organised(work, meeting_id, by=by)
    if rows.topic_of(work, topic_id).meeting_id != meeting_id:
        raise NotFound("没有这个议题，或者已经撤下。请刷新后再看。")


async def remove_topic(request: web.Request) -> web.StreamResponse:
    """Take a topic off."""
    meeting_id, topic_id = number_in_path(request), number_in_path(request, "tid")
    await db(request).read(_topic_of, meeting_id, topic_id, actor(request))
    await db(request).write(topics.remove, topics.Remove(topic_id), actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "议题已撤下，它的材料还在。")


async def write_notice(request: web.Request) -> web.StreamResponse:
    """发通知: the notice as a document, which goes through the office like any other."""
    document_id = await db(request).write(bridge.draft_notice, number_in_path(request), actor(request))
    return see_other(request, f"/documents/{document_id}/edit", "通知已照会议写好，看过后送审。发出后各会场报回执。")


async def call(request: web.Request) -> web.StreamResponse:
    """Call it without a formal notice."""
    meeting_id = number_in_path(request)
    await db(request).write(meetings.call, meetings.Call(meeting_id), actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "已召集。受邀单位现在就能看到这个会议并报回执。")


async def cancel(request: web.Request) -> web.StreamResponse:
    """取消会议, with the reason those invited read."""
    form, meeting_id = await read_fields(request), number_in_path(request)
    await db(request).write(meetings.cancel, meetings.Cancel(meeting_id, form.get("reason")), actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "已取消。受邀单位看到取消和原因。")


async def answer(request: web.Request) -> web.StreamResponse:
    """回执."""
    form, meeting_id = await read_fields(request), number_in_path(request)
    if form.get("reply") not in Reply.__members__:
        raise Invalid("请选参加、派员代替或请假。")
    venue_id = form.number("venue_id") or 0
    command = replies.Answer(venue_id, Reply(form.get("reply")), form.get("substitute"), form.get("reason"))
    await db(request).write(replies.answer, command, actor(request))
    return see_other(request, f"/meetings/{meeting_id}", "回执已报。会前都可以改。")


async def board(request: web.Request) -> web.StreamResponse:
    """Who comes, by county, and whom to call."""
    meeting_id, by = number_in_path(request), actor(request)
    found = await db(request).read(_organised, meeting_id, by)
    told = await db(request).read(replies.board, meeting_id, by)
    lines = (line for part in told.parts for line in part.lines)
    calls = tuple(line for line in lines if line.venue.reply is None or line.outdated)[:MOST_CALLS]
    return page(request, "meetings/board.html", found=found, board=told, calls=calls, when=span, Reply=Reply)


ROUTES = (
    Route("GET", "/meetings", show_list, SIGNED_IN),
    Route("GET", "/meetings/new", new, SIGNED_IN),
    Route("POST", "/meetings", create, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}", show, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/edit", edit, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}", change, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/topics", add_topic, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/topics/{tid:\\d+}/remove", remove_topic, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/notice", write_notice, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/call", call, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/cancel", cancel, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/reply", answer, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/board", board, SIGNED_IN),
)
