"""Meetings of the made-up city: some that were held, one that can be entered today, some that come, with answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from office.domain.people import Actor
from office.store.work import LOCAL
from rtc.domain.meeting import Reply
from rtc.domain.room_commands import RequestChair, SetPhase
from rtc.domain.venue import Participant
from rtc.service import chat, invitations, meetings, presence, replies, rooms, topics
from rtc.store import venues
from rtc.store.meetings import Settings
from rtc.store.presence import Joined
from web.demo.city import CITY, COUNTY, TOWN
from web.demo.moments import MORNING, on, working_day
from web.demo.stage import Stage, Story

BEAT = timedelta(seconds=40)
HELD = timedelta(minutes=30)
Agenda = tuple[tuple[str, str, int], ...]
SUBSTITUTE = ("分管负责人代", "主要负责人在外出差")
EXCUSED = "辖区突发险情，正在现场处置"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A meeting as a story calls it. `silent`: how many venues have not answered yet."""

    title: str
    starts: datetime
    lasts: timedelta
    agenda: Agenda
    settings: Settings = meetings.PLAIN
    report: int = 0
    silent: int = 0


def stories(stage: Stage) -> Iterator[Story]:
    """All of them."""
    yield _held(
        stage,
        CITY,
        "全市秋冬季森林防火视频会议",
        6,
        (("通报前期督查情况", "市应急局", 10), ("安排下步工作", "市政府", 15)),
    )
    yield _held(
        stage, COUNTY, "兴平市冬季安全生产视频会议", 9, (("各镇汇报", "各镇", 20), ("讲评和要求", "市政府", 10))
    )
    yield _open_today(stage)
    yield _called(stage, CITY, 2, _coming(stage, "全市水利重点项目推进视频会议", 3, _WORKS, silent=4))
    yield _called(stage, TOWN, 1, _coming(stage, "南位镇村级动物防疫视频会议", 2, _ANIMALS, silent=9))
    yield _planned(stage)


_FIRES: Agenda = (("通报前期督查情况", "市应急局", 10), ("安排下步工作", "市政府", 15))
_SAFETY: Agenda = (("各镇汇报", "各镇", 20), ("讲评和要求", "市政府", 10))
_WORKS: Agenda = (("通报项目进度", "市水利局", 20), ("各县（市、区）表态发言", "各县（市、区）", 30))
_ANIMALS: Agenda = (("秋防进展", "镇农业站", 15), ("各村报情况", "各村", 25))


def _coming(stage: Stage, title: str, days: int, agenda: Agenda, *, silent: int) -> Wanted:
    day = stage.now.astimezone(LOCAL).date() + timedelta(days=days)
    return Wanted(title, on(day, time(9, 30)), timedelta(minutes=90), agenda, silent=silent)


def _open_today(stage: Stage) -> Story:
    """Begins a few minutes from now and stays open for the day: to be entered by anybody who looks around."""
    soon = (stage.now + timedelta(minutes=10)).replace(second=0, microsecond=0)
    wanted = Wanted(
        "全市迎峰度冬保供视频调度会", soon, timedelta(hours=10),
        (("煤电气热保供情况", "市发改委", 15), ("县（市、区）点名汇报", "各县（市、区）", 40)),
        Settings(recording=True, phone="0000 3333 0102"), silent=2,
    )  # fmt: skip
    return _called(stage, CITY, 2, wanted)


def _planned(stage: Stage) -> Story:
    """Not called yet: agenda and venues are there, the notice is not."""
    yield working_day(stage.now, 1, MORNING)
    day = stage.now.astimezone(LOCAL).date() + timedelta(days=9)
    agenda: Agenda = (("主报告", "市政府", 75), ("书面交流", "", 0))
    wanted = Wanted("全市经济工作视频会议", on(day, time(9)), timedelta(hours=2), agenda, report=75)
    _plan(stage, CITY, wanted)


def _plan(stage: Stage, code: str, wanted: Wanted) -> tuple[int, Actor]:
    """Planned by the organ's clerk, its lower tier invited."""
    organ = stage.organ(code)
    clerk = stage.clerk_of(organ.id)
    place, ends = f"{organ.name}三楼会议室", wanted.starts + wanted.lasts
    plan = meetings.Plan(wanted.title, wanted.starts, ends, place, wanted.report, wanted.settings)
    meeting_id = stage.write(meetings.plan, plan, clerk)
    for title, speaker, minutes in wanted.agenda:
        stage.write(topics.add, topics.Add(meeting_id, title, speaker, minutes), clerk)
    invited = tuple(one.id for one in stage.below(organ.id))
    stage.write(invitations.invite, invitations.Invite(meeting_id, invited), clerk)
    return meeting_id, clerk


def _called(stage: Stage, code: str, back: int, wanted: Wanted) -> Story:
    """Called some working days ago; all but the last few have answered since."""
    yield working_day(stage.now, back, MORNING)
    meeting_id, clerk = _plan(stage, code, wanted)
    stage.write(meetings.call, meetings.Call(meeting_id), clerk)
    yield from _answers(stage, meeting_id, wanted.silent)


def _answers(stage: Stage, meeting_id: int, silent: int = 0) -> Story:
    invited = [one for one in stage.read(venues.of_meeting, meeting_id) if one.kind == "BRANCH"]
    for place, one in enumerate(invited[: len(invited) - silent]):
        yield stage.after(1, 20)
        stage.write(replies.answer, _answer(one.id, place), stage.clerk_of(one.organ_id))


def _answer(venue_id: int, place: int) -> replies.Answer:
    match place % 7:
        case 3:
            return replies.Answer(venue_id, Reply.SUBSTITUTE, *SUBSTITUTE)
        case 5:
            return replies.Answer(venue_id, Reply.EXCUSED, reason=EXCUSED)
        case _:
            return replies.Answer(venue_id, Reply.ATTENDS)


def _held(stage: Stage, code: str, title: str, back: int, agenda: Agenda) -> Story:
    """Called, answered, and held two working days later with all that wanted to come."""
    begins = working_day(stage.now, back, time(15))
    yield working_day(stage.now, back + 2, MORNING)
    meeting_id, clerk = _plan(stage, code, Wanted(title, begins, HELD, agenda))
    stage.write(meetings.call, meetings.Call(meeting_id), clerk)
    yield from _answers(stage, meeting_id, silent=1)
    yield max(begins, stage.at())
    chair = _chair(stage, meeting_id, clerk)
    here = _come(stage, meeting_id, clerk)
    stage.write(rooms.act, rooms.Act(meeting_id, SetPhase("LIVE")), chair)
    stage.write(chat.say, chat.Say(meeting_id, "请各会场把话筒关上，发言前再打开。"), chair)
    ends = stage.at() + HELD
    while stage.at() < ends:
        yield stage.at() + BEAT
        stage.write(presence.beat, here)
    stage.write(presence.leave, here)
    stage.write(rooms.act, rooms.Act(meeting_id, SetPhase("ENDED")), chair)


def _chair(stage: Stage, meeting_id: int, clerk: Actor) -> Participant:
    entered = stage.read(rooms.enter, rooms.Enter(meeting_id), clerk).participant
    act = rooms.Act(meeting_id, RequestChair(), frozenset({entered.venue_id}))
    fence = stage.write(rooms.act, act, entered).after.chair.fence
    return Participant(entered.venue_id, entered.person_id, entered.name, entered.organiser, fence)


def _come(stage: Stage, meeting_id: int, clerk: Actor) -> Sequence[int]:
    """The main venue and all that did not excuse themselves, a device each."""
    places = [one for one in stage.read(venues.of_meeting, meeting_id) if one.reply != str(Reply.EXCUSED)]
    return [
        stage.write(presence.join, Joined(meeting_id, one.id, stage.clerk_of(one.organ_id).person_id, "电脑"))
        for one in places
        if one.reply is not None or one.organ_id == clerk.organ_id
    ]
