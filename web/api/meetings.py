"""The API of meetings: planning, venues, agenda, calling, answers, the sheet."""

from dataclasses import dataclass
from datetime import datetime

from office.domain.people import Actor
from office.store.work import Work
from rtc.service import attendance, invitations, meetings, papers, reading, replies, topics
from web import bridge
from web.api.entry import Entry, read, write
from web.api.papers import Nothing


@dataclass(frozen=True, slots=True)
class OneMeeting:
    """A meeting."""

    meeting_id: int


@dataclass(frozen=True, slots=True)
class Started:
    """What was made."""

    id: int


@dataclass(frozen=True, slots=True)
class Before:
    """Where the list of past meetings goes on: start and id of the last one seen."""

    starts_at: datetime | None = None
    meeting_id: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """One venue's answer; empty: none yet."""

    venue_id: int
    name: str
    county: str
    reply: str
    substitute: str
    reason: str
    contact: str
    phone: str


def coming(work: Work, _command: Nothing, actor: Actor) -> tuple[reading.Listed, ...]:
    """What is on or comes."""
    return reading.coming(work, actor)


def past(work: Work, command: Before, actor: Actor) -> tuple[reading.Listed, ...]:
    """What was."""
    return reading.past(work, reading.Earlier(command.starts_at, command.meeting_id), actor)


def view(work: Work, command: OneMeeting, actor: Actor) -> reading.View:
    """One meeting."""
    return reading.view(work, command.meeting_id, actor)


def plan(work: Work, command: meetings.Plan, actor: Actor) -> Started:
    """发起."""
    return Started(meetings.plan(work, command, actor))


def invite(work: Work, command: invitations.Invite, actor: Actor) -> Started:
    """选会场; the number of new ones."""
    return Started(invitations.invite(work, command, actor))


def add_topic(work: Work, command: topics.Add, actor: Actor) -> Started:
    """加议题."""
    return Started(topics.add(work, command, actor))


def notice(work: Work, command: OneMeeting, actor: Actor) -> Started:
    """The notice as a draft."""
    return Started(bridge.draft_notice(work, command.meeting_id, actor))


def minutes(work: Work, command: OneMeeting, actor: Actor) -> Started:
    """The minutes as a draft."""
    return Started(bridge.draft_minutes(work, command.meeting_id, actor))


def board(work: Work, command: OneMeeting, actor: Actor) -> tuple[Answered, ...]:
    """Who comes."""
    parts = replies.board(work, command.meeting_id, actor).parts
    return tuple(_answered(part, line) for part in parts for line in part.lines)


def _answered(part: replies.Part, line: replies.Line) -> Answered:
    one = line.venue
    return Answered(
        one.id, one.name, part.name, one.reply or "", one.substitute, one.reason, line.contact, line.phone
    )  # fmt: skip


def sheet(work: Work, command: OneMeeting, actor: Actor) -> tuple[attendance.Row, ...]:
    """签到表."""
    return attendance.sheet(work, command.meeting_id, actor)


def archive(work: Work, command: OneMeeting, actor: Actor) -> None:
    """归档."""
    meetings.archive(work, command.meeting_id, actor)


ENTRIES: tuple[Entry, ...] = (
    read("/meetings", coming, "Meetings that are on or come, soonest first."),
    read("/meetings/past", past, "Meetings that were, latest first, a page at a time."),
    write("POST", "/meetings", plan, "Plan a meeting of one's own organ."),
    read("/meetings/{meeting_id}", view, "One meeting as one may see it."),
    write("PUT", "/meetings/{meeting_id}", meetings.change, "Other words, times or settings."),
    write("POST", "/meetings/{meeting_id}/venues", invite, "Invite organs; answers how many are new."),
    write("POST", "/meetings/{meeting_id}/topics", add_topic, "Put a topic at the end of the agenda."),
    write("POST", "/meetings/{meeting_id}/notice", notice, "The notice as a draft; the one under way if there is one."),
    write("POST", "/meetings/{meeting_id}/call", meetings.call, "Call it without a formal notice."),
    write("POST", "/meetings/{meeting_id}/cancel", meetings.cancel, "Cancel it, with a reason."),
    read("/meetings/{meeting_id}/board", board, "Who comes, in official order, for the organiser."),
    read("/meetings/{meeting_id}/attendance", sheet, "When each venue was there, for the organiser."),
    write("POST", "/meetings/{meeting_id}/minutes", minutes, "The minutes as a draft."),
    write("POST", "/meetings/{meeting_id}/papers/back", papers.take_back, "Take all papers back (收回)."),
    write("POST", "/meetings/{meeting_id}/archive", archive, "Archive it."),
    write("DELETE", "/topics/{topic_id}", topics.remove, "Take a topic off the agenda."),
    write("DELETE", "/venues/{venue_id}", invitations.uninvite, "Take a venue out of a meeting that has not begun."),
    write("POST", "/venues/{venue_id}/reply", replies.answer, "Answer for one's own venue (回执)."),
)
