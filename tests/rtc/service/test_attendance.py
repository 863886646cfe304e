"""The sheet: a union over devices within the time the meeting was on, kept through crashes, corrected beside."""

from datetime import datetime, timedelta

import pytest

from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.store.database import Database
from rtc.domain import room_commands as c
from rtc.domain.venue import Group, Participant
from rtc.service import attendance, minutes, presence, rooms, topics
from rtc.service.meetings import link_minutes, minuted
from rtc.service.presence import Joined
from rtc.store import meetings as rows
from tests.conftest import START, Clock
from tests.rtc.service.calling import called, chaired, do, entered, live, venue_of
from tests.service.steps import draft, notice
from tests.town import CITY, COUNTY, TOWN, VILLAGE, WATER, Town


def at(minutes_: float) -> datetime:
    return START + timedelta(minutes=minutes_)


def join(db: Database, meeting_id: int, by: Participant, device: str = "a") -> int:
    return db.write_now(presence.join, Joined(meeting_id, by.venue_id, by.person_id, device))


def beats(db: Database, clock: Clock, until: datetime, *ids: int) -> list[int]:
    """A sign of life every ten seconds."""
    held = list(ids)
    while clock.now < until:
        clock.pass_(seconds=10)
        moved = db.write_now(presence.beat, held)
        held = [moved.get(i, i) for i in held]
    return held


def spans(db: Database, meeting_id: int, town: Town, organ_id: int) -> list[tuple[float, float]]:
    """When a venue was there, in minutes from the start of the test."""
    sheet = db.read_now(attendance.sheet, meeting_id, town(CITY))
    row = next(row for row in sheet if row.venue.organ_id == organ_id)
    return [(_minutes(one.start), _minutes(one.end)) for one in row.intervals]


def _minutes(moment: datetime) -> float:
    return round((moment - START) / timedelta(minutes=1), 3)


def test_two_devices_are_one_venue_and_only_the_time_of_the_meeting_counts(
    db: Database, town: Town, clock: Clock
) -> None:
    meeting_id = called(db, town)
    county = entered(db, meeting_id, town(COUNTY))
    chair = chaired(db, meeting_id, town(CITY))
    first = join(db, meeting_id, county)  # minute 0: rehearsal and waiting do not count
    beats(db, clock, at(0.4), first)
    do(db, meeting_id, c.SetPhase("LIVE"), chair)
    second = join(db, meeting_id, county, "b")
    beats(db, clock, at(2), first, second)
    db.write_now(presence.leave, [first])
    beats(db, clock, at(3), second)
    chair = _again(db, meeting_id, chair)
    do(db, meeting_id, c.SetPhase("PAUSED"), chair)
    beats(db, clock, at(4), second)
    db.write_now(presence.leave, [second])
    do(db, meeting_id, c.SetPhase("ENDED"), _again(db, meeting_id, chair))
    clock.pass_(minutes=5)
    assert spans(db, meeting_id, town, COUNTY) == [(0.5, 4.0)]
    assert spans(db, meeting_id, town, VILLAGE) == []


def _again(db: Database, meeting_id: int, chair: Participant) -> Participant:
    """The lease ran out meanwhile: ask again."""
    after = do(db, meeting_id, c.RequestChair(), chair, chair.venue_id).after
    return Participant(chair.venue_id, chair.person_id, chair.name, chair.organiser, after.chair.fence)


def test_a_short_silence_is_no_absence_and_a_long_one_is(db: Database, town: Town, clock: Clock) -> None:
    meeting_id = called(db, town)
    live(db, meeting_id, town(CITY))
    here = join(db, meeting_id, entered(db, meeting_id, town(COUNTY)))
    (here,) = beats(db, clock, at(1), here)
    clock.pass_(seconds=30)
    (here,) = beats(db, clock, at(2), here)
    assert spans(db, meeting_id, town, COUNTY) == [(0.0, 2.0)]
    clock.pass_(minutes=3)  # the server was away
    (again,) = beats(db, clock, at(6), here)
    assert again != here
    db.write_now(presence.leave, [again])
    (first, second) = spans(db, meeting_id, town, COUNTY)
    assert first == (0.0, 2.0)
    assert second == (5.167, 6.0)


def test_a_restart_ends_stays_where_they_were_last_heard(db: Database, town: Town, clock: Clock) -> None:
    meeting_id = called(db, town)
    live(db, meeting_id, town(CITY))
    county = entered(db, meeting_id, town(COUNTY))
    beats(db, clock, at(1), join(db, meeting_id, county))
    clock.pass_(seconds=20)  # killed, and back
    assert db.write_now(presence.reopened, meeting_id) == 1
    beats(db, clock, at(2), join(db, meeting_id, county))
    assert spans(db, meeting_id, town, COUNTY) == [(0.0, 2.0)]


def test_a_roll_call_and_corrections_stand_beside_the_lines(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    county, village = venue_of(db, meeting_id, COUNTY), venue_of(db, meeting_id, VILLAGE)
    here = (chair.venue_id, county)
    do(db, meeting_id, c.StartRollCall(Group(venues=frozenset({county}))), chair, *here)
    do(db, meeting_id, c.AnswerCall("李副市长"), entered(db, meeting_id, town(COUNTY)), *here)
    do(db, meeting_id, c.CloseRollCall(), chair, *here)
    wrong = attendance.Correct(village, attended=True, reason="设备坏了，人在邻村会场")
    db.write_now(attendance.correct, wrong, town(CITY))
    sheet = {row.venue.organ_id: row for row in db.read_now(attendance.sheet, meeting_id, town(CITY))}
    assert {organ for organ, row in sheet.items() if row.attended} == {COUNTY, VILLAGE}
    mark = sheet[COUNTY].mark
    assert mark is not None
    assert mark.substitute == "李副市长"
    assert [one.reason for one in sheet[VILLAGE].corrections] == [wrong.reason]
    db.write_now(attendance.correct, attendance.Correct(village, attended=False, reason="查实未到"), town(CITY))
    sheet = {row.venue.organ_id: row for row in db.read_now(attendance.sheet, meeting_id, town(CITY))}
    assert not sheet[VILLAGE].attended
    assert len(sheet[VILLAGE].corrections) == 2
    with pytest.raises(Invalid):
        db.write_now(attendance.correct, attendance.Correct(village, attended=True, reason=" "), town(CITY))


def test_the_sheet_is_for_the_organiser(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    with pytest.raises(NotPermitted):
        db.read_now(attendance.sheet, meeting_id, town(COUNTY))
    with pytest.raises(NotFound):
        db.read_now(attendance.sheet, meeting_id, town(WATER))
    here = venue_of(db, meeting_id, TOWN)
    with pytest.raises(NotPermitted):
        db.write_now(attendance.correct, attendance.Correct(here, attended=True, reason="到了"), town(TOWN))


def test_the_minutes_say_what_was_recorded_and_nothing_else(db: Database, town: Town, clock: Clock) -> None:
    meeting_id = called(db, town)
    db.write_now(topics.add, topics.Add(meeting_id, "取暖安全", "张局长"), town(CITY))
    chair = live(db, meeting_id, town(CITY))
    beats(db, clock, at(1), join(db, meeting_id, entered(db, meeting_id, town(COUNTY))))
    chair = _again(db, meeting_id, chair)
    do(db, meeting_id, c.MarkChapter("各县汇报"), chair)
    with pytest.raises(WrongStage):
        db.read_now(minutes.draft, meeting_id, town(CITY))
    do(db, meeting_id, c.SetPhase("ENDED"), chair)
    made = db.read_now(minutes.draft, meeting_id, town(CITY))
    assert made.title == "全市冬季取暖安全工作视频会议纪要"
    assert (made.began, made.ended) == (at(0), at(1))
    assert made.chairs == ("咸阳市文秘",)
    assert made.present == ("兴平市",)
    assert made.absent == ("咸阳市", "南位镇", "张里村", "定周村")
    assert made.topics == ("取暖安全（汇报人：张局长）",)
    assert made.chapters == ("09:01 各县汇报",)
    assert made.paragraphs[0] == "2026年11月24日（星期二）9:00，市政府三楼会议室召开全市冬季取暖安全工作视频会议。"
    assert db.read_now(minutes.recipients, meeting_id, town(CITY)) == (COUNTY, TOWN, VILLAGE, 7)
    document_id = draft(db, notice(), town(CITY))
    db.write_now(link_minutes, meeting_id, document_id, town(CITY))
    assert [db.write_now(minuted, i) for i in (document_id, document_id, 99)] == [meeting_id, meeting_id, None]
    assert db.read_now(rows.load, meeting_id).phase == "MINUTED"
    assert db.read_now(rooms.load, meeting_id).room.phase == "MINUTED"
