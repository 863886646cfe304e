"""What the tests of meetings do over and over: plan one, invite, call, come in, take the chair."""

from datetime import timedelta

from office.domain.people import Actor
from office.store.database import Database
from rtc.domain import room_commands as c
from rtc.domain.venue import Participant
from rtc.service import invitations, meetings, rooms
from rtc.store import venues
from rtc.store.meetings import Settings
from tests.conftest import START
from tests.town import CITY, COUNTY, OTHER_VILLAGE, TOWN, VILLAGE, Town

BRANCHES = (COUNTY, TOWN, VILLAGE, OTHER_VILLAGE)
SOON = START + timedelta(hours=1)
PLAN = meetings.Plan("全市冬季取暖安全工作视频会议", SOON, SOON + timedelta(hours=2), "市政府三楼会议室")


def planned(db: Database, clerk: Actor, plan: meetings.Plan = PLAN) -> int:
    """A meeting nobody was told of."""
    return db.write_now(meetings.plan, plan, clerk)


def called(db: Database, town: Town, settings: Settings | None = None) -> int:
    """A meeting of the city that the county, the town and both villages were called to."""
    clerk = town(CITY)
    plan = PLAN if settings is None else meetings.Plan(PLAN.title, PLAN.starts_at, PLAN.ends_at, settings=settings)
    meeting_id = planned(db, clerk, plan)
    db.write_now(invitations.invite, invitations.Invite(meeting_id, BRANCHES), clerk)
    db.write_now(meetings.call, meetings.Call(meeting_id), clerk)
    return meeting_id


def venue_of(db: Database, meeting_id: int, organ_id: int) -> int:
    """The venue of an organ."""
    return next(v.id for v in db.read_now(venues.of_organ, meeting_id, organ_id) if v.post_id is None)


def entered(db: Database, meeting_id: int, actor: Actor, venue_id: int | None = None) -> Participant:
    """Who he is inside."""
    return db.read_now(rooms.enter, rooms.Enter(meeting_id, venue_id), actor).participant


def do(db: Database, meeting_id: int, command: c.RoomCommand, by: Participant | None, *online: int) -> rooms.Acted:
    """A command on the room."""
    return db.write_now(rooms.act, rooms.Act(meeting_id, command, frozenset(online)), by)


def chaired(db: Database, meeting_id: int, clerk: Actor) -> Participant:
    """The organiser's clerk in the main venue, with the chair."""
    person = entered(db, meeting_id, clerk)
    after = do(db, meeting_id, c.RequestChair(), person, person.venue_id).after
    return Participant(person.venue_id, person.person_id, person.name, person.organiser, after.chair.fence)


def live(db: Database, meeting_id: int, clerk: Actor) -> Participant:
    """The same, and the meeting is on."""
    chair = chaired(db, meeting_id, clerk)
    do(db, meeting_id, c.SetPhase("LIVE"), chair, chair.venue_id)
    return chair
