"""A live room: who may come in, what is decided in it, and what happened since. One transaction an act."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce

from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.domain.people import Actor
from office.store.history import By
from office.store.work import Work
from rtc.domain.deciding import decide
from rtc.domain.evolving import evolve
from rtc.domain.room import Phase, Room
from rtc.domain.room_commands import GoToTopic, Record, RoomCommand, TurnPage
from rtc.domain.room_events import RoomEvent
from rtc.domain.undoing import inverse
from rtc.domain.venue import House, Participant, Venue
from rtc.service import access, history
from rtc.store import meetings, papers, rooms, venues
from rtc.store.venues import Invited

_OVER = frozenset({Phase.ENDED, Phase.MINUTED, Phase.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Enter:
    """A person wants to sit at a venue; None: the first he may sit at."""

    meeting_id: int
    venue_id: int | None = None


@dataclass(frozen=True, slots=True)
class Entered:
    """Who he is in the room, where he sits, where else he might, and what he may do beside."""

    meeting: meetings.Meeting
    participant: Participant
    place: Invited
    choices: tuple[Invited, ...]
    captioner: bool


@dataclass(frozen=True, slots=True)
class Act:
    """A command on a room. `online` are the venues that are here now; `venues` None: read them from the database."""

    meeting_id: int
    command: RoomCommand
    online: frozenset[int] = frozenset()
    venues: Mapping[int, Venue] | None = None


@dataclass(frozen=True, slots=True)
class Acted:
    """What it did. `seq` is the number of the last event; `undo` takes it back where there is a way."""

    before: Room
    after: Room
    events: tuple[RoomEvent, ...]
    seq: int
    undo: RoomCommand | None


def enter(work: Work, command: Enter, actor: Actor) -> Entered:
    """Let somebody invited to a venue of his own. Whether the door is locked or he was removed, the room knows."""
    found = access.meeting(work, command.meeting_id, by=actor)
    _check_on(found)
    choices = access.own_venues(work, found, actor)
    place = next((one for one in choices if command.venue_id in (None, one.id)), None)
    if place is None:
        raise NotFound("没有这个会场，或者您不在这个会场。请从会议页面再进一次。")
    person = Participant(place.id, actor.person_id, actor.person_name, access.organises(found, actor))
    return Entered(found, person, place, choices, found.settings.captioner_post == actor.post_id)


def _check_on(found: meetings.Meeting) -> None:
    if found.cancelled_at is not None:
        raise WrongStage(f"这个会议已经取消：{found.cancel_reason}")
    if found.phase in _OVER:
        raise WrongStage("会议已经结束。签到表、表决结果和纪要请看会议页面。")


def house(work: Work, meeting_id: int) -> Mapping[int, Venue]:
    """Every venue of the meeting: for the owner of its room."""
    return venues.house(work, meeting_id)


def load(work: Work, meeting_id: int) -> rooms.StoredRoom:
    """The room as it stands: for its owner."""
    return rooms.load(work, meeting_id)


def since(work: Work, meeting_id: int, seq: int) -> tuple[rooms.Happened, ...]:
    """What happened after the event numbered `seq`."""
    return rooms.since(work, meeting_id, seq)


def act(work: Work, command: Act, by: Participant | None) -> Acted:
    """Decide on the newest state, keep it with its events; `by` None: the clock. No event, no write."""
    _check_facts(work, command)
    stored = rooms.load(work, command.meeting_id, hold=True)
    there = venues.house(work, command.meeting_id) if command.venues is None else command.venues
    house_ = House(there, command.online)
    events = decide(stored.room, command.command, by=by, house=house_, at=work.now)
    after = reduce(evolve, events, stored.room)
    undo = None if by is None else inverse(stored.room, command.command, house_)
    if not events:
        return Acted(stored.room, after, (), stored.seq, undo)
    origin = rooms.NOBODY if by is None else rooms.Origin(by.venue_id, by.person_id)
    saved = rooms.save(work, stored, after, events, origin)
    _follow(work, stored.room, after, by)
    return Acted(stored.room, after, events, saved.seq, undo)


def _check_facts(work: Work, act: Act) -> None:
    """What the room itself cannot know: papers, topics, and whether recording was planned."""
    match act.command:
        case TurnPage(paper_id=int() as paper_id):
            if papers.load(work, paper_id).meeting_id != act.meeting_id:
                raise NotFound(papers.ABSENT)
        case GoToTopic(number=number):
            if number > len(meetings.topics(work, act.meeting_id)):
                raise Invalid("议程里没有这一项。请刷新议程后再选。")
        case Record(on=True):
            if not meetings.load(work, act.meeting_id).settings.recording:
                raise NotPermitted("这个会议没有计划录制。请发起单位在会议设置里先打开，并告知各会场。")
        case _:
            pass


def _follow(work: Work, before: Room, after: Room, by: Participant | None) -> None:
    """What lists and the office's history must know of it."""
    if after.phase is not before.phase:
        meetings.copy_phase(work, after.meeting_id, after.phase)
        _record(work, f"MEETING_{after.phase}", after, by, {})
    call, was = after.roll_call, before.roll_call
    if call is not None and call.closed and not (was is not None and was.closed):
        marks = [line.mark for line in call.lines]
        _record(work, "MEETING_ROLL_CALLED", after, by, {str(mark): marks.count(mark) for mark in sorted(set(marks))})


def _record(work: Work, kind: str, room: Room, by: Participant | None, body: Mapping[str, object]) -> None:
    organ_id = meetings.load(work, room.meeting_id).organ_id
    person_id = None if by is None else by.person_id
    history.record(work, kind, room.meeting_id, By(organ_id, person_id), body)


def replayed(opened: Room, happened: Iterable[rooms.Happened]) -> Room:
    """The state its events lead to."""
    return reduce(lambda room, one: evolve(room, one.event), happened, opened)
