"""Replay (回放): the files of a meeting with what happened in it, on one clock."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from office.domain.errors import NotFound
from office.domain.people import Actor
from office.store.work import Work
from rtc.domain import room_events as e
from rtc.domain.room import Phase
from rtc.service import access, chat, papers, recordings
from rtc.store import meetings, rooms, venues

MARKED = (e.TopicReached, e.ChapterMarked, e.FloorGiven, e.PhaseSet, e.RollCallStarted, e.Broadcasted)


@dataclass(frozen=True, slots=True)
class Track:
    """One file: whose, what, and when its first frame was."""

    id: int
    venue: str
    source: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth going to. `kind` is the event's name, `text` what belongs to it."""

    at: datetime
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Turned:
    """The page that lay on the table from then on; None: none. Only papers this person may read."""

    at: datetime
    paper_id: int | None
    page: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything of one meeting; `started_at` is the first frame of all."""

    meeting: meetings.Meeting
    started_at: datetime
    tracks: tuple[Track, ...]
    marks: tuple[Mark, ...]
    pages: tuple[Turned, ...]
    chat: tuple[chat.Line, ...]


def replay(work: Work, meeting_id: int, actor: Actor) -> Replay:
    """For whom the meeting's settings name; NotFound where there is nothing, or nothing for him."""
    found = access.meeting(work, meeting_id, by=actor)
    files = recordings.of_meeting(work, meeting_id, actor)
    if not files:
        raise NotFound("这个会议没有录制，或者您不能回放它。")
    names = {venue.id: venue.name for venue in venues.of_meeting(work, meeting_id)}
    tracks = tuple(Track(f.id, names.get(f.venue_id, "会场"), f.source, f.started_at) for f in files)
    topics = {topic.number: topic.title for topic in meetings.topics(work, meeting_id)}
    happened = tuple(one for one in rooms.of_kinds(work, meeting_id, *MARKED) if _worth(one.event))
    turned = rooms.of_kinds(work, meeting_id, e.PageTurned)
    readable = frozenset(one.paper.id for one in papers.readable(work, meeting_id, actor))
    return Replay(
        found,
        min(track.started_at for track in tracks),
        tracks,
        tuple(Mark(one.at, type(one.event).__name__, _text(one.event, names, topics)) for one in happened),
        tuple(_pages(turned, readable)),
        chat.whole(work, meeting_id, actor),
    )


def _worth(event: e.RoomEvent) -> bool:
    """Of the phases only those of the meeting itself."""
    return not isinstance(event, e.PhaseSet) or event.phase in {Phase.LIVE, Phase.PAUSED, Phase.ENDED}


def _text(event: e.RoomEvent, names: dict[int, str], topics: dict[int, str]) -> str:
    match event:
        case e.TopicReached(number=number):
            return topics.get(number, "")
        case e.ChapterMarked(text=text):
            return text
        case e.FloorGiven(venue_id=venue_id):
            return names.get(venue_id, "")
        case e.Broadcasted(venue_id=venue_id):
            return names.get(venue_id or 0, "")
        case e.PhaseSet(phase=phase):
            return phase.value
        case _:
            return ""


def _pages(happened: Iterable[rooms.Happened], readable: frozenset[int]) -> Iterable[Turned]:
    for one in happened:
        if isinstance(one.event, e.PageTurned):
            shown = one.event.paper_id if one.event.paper_id in readable else None
            yield Turned(one.at, shown, one.event.page)
