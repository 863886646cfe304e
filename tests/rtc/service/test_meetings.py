"""Calling a meeting: who may plan, change, invite, answer, read; what others see of it and from when on."""

from datetime import timedelta

import pytest

from office.domain.errors import Invalid, NotFound, NotPermitted, Stale, WrongStage
from office.domain.people import Role
from office.store import history
from office.store.database import Database
from rtc.domain import room_commands as c
from rtc.domain.meeting import Reply
from rtc.domain.room import Phase
from rtc.domain.venue import VenueKind
from rtc.service import invitations, meetings, notices, reading, replies, rooms, topics
from rtc.service.replies import Answer
from rtc.store import meetings as rows
from rtc.store import venues
from tests.conftest import Clock
from tests.rtc.service.calling import BRANCHES, PLAN, SOON, called, do, entered, live, planned, venue_of
from tests.service.steps import draft, notice
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town


def sees(db: Database, meeting_id: int, town: Town, organ_id: int, role: Role = Role.CLERK) -> bool:
    try:
        db.read_now(reading.view, meeting_id, town(organ_id, role))
    except NotFound:
        return False
    return True


def test_nobody_invited_sees_it_before_the_call(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    db.write_now(invitations.invite, invitations.Invite(meeting_id, BRANCHES), town(CITY))
    assert sees(db, meeting_id, town, CITY)
    assert not any(sees(db, meeting_id, town, organ) for organ in (*BRANCHES, WATER))
    db.write_now(meetings.call, meetings.Call(meeting_id), town(CITY))
    assert all(sees(db, meeting_id, town, organ) for organ in BRANCHES)
    assert not any(sees(db, meeting_id, town, organ) for organ in (WATER, FINANCE))
    assert not sees(db, meeting_id, town, CITY, Role.SYSTEM_ADMIN)


def test_a_colleague_without_an_office_post_does_not_run_it(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    handler = town(CITY, Role.HANDLER)
    assert sees(db, meeting_id, town, CITY, Role.HANDLER)
    assert not db.read_now(reading.view, meeting_id, handler).organiser
    with pytest.raises(NotPermitted):
        db.write_now(meetings.cancel, meetings.Cancel(meeting_id, "有事"), handler)


def test_a_handler_s_own_meeting_is_his_and_his_office_s(db: Database, town: Town) -> None:
    handler = town(WATER, Role.HANDLER)
    meeting_id = planned(db, handler)
    assert db.read_now(reading.view, meeting_id, handler).organiser
    assert db.read_now(reading.view, meeting_id, town(WATER, Role.LEADER)).organiser


@pytest.mark.parametrize(
    "wrong",
    [
        meetings.Plan("  ", SOON, SOON + timedelta(hours=1)),
        meetings.Plan("会", SOON, SOON),
        meetings.Plan("会", SOON, SOON + timedelta(hours=25)),
        meetings.Plan("会", SOON - timedelta(days=1), SOON),
        meetings.Plan("长" * 121, SOON, SOON + timedelta(hours=1)),
        meetings.Plan("会", SOON, SOON + timedelta(hours=1), report_minutes=-1),
        meetings.Plan("会", SOON, SOON + timedelta(hours=1), settings=rows.Settings(captioner_post=9_999)),
    ],
)
def test_a_plan_that_cannot_be_is_refused(db: Database, town: Town, wrong: meetings.Plan) -> None:
    with pytest.raises(Invalid):
        planned(db, town(CITY), wrong)


def test_administrators_hold_no_meetings(db: Database, town: Town) -> None:
    with pytest.raises(NotPermitted):
        planned(db, town(CITY, Role.SYSTEM_ADMIN))


def test_a_long_main_report_is_warned_of(db: Database, town: Town) -> None:
    plan = meetings.Plan("长会", SOON, SOON + timedelta(hours=3), report_minutes=61)
    meeting_id = planned(db, town(CITY), plan)
    assert db.read_now(reading.view, meeting_id, town(CITY)).long_report


def test_a_change_after_the_call_is_told_and_needs_the_newest_version(db: Database, town: Town, clock: Clock) -> None:
    meeting_id = called(db, town)
    county = venue_of(db, meeting_id, COUNTY)
    db.write_now(replies.answer, Answer(county, Reply.ATTENDS), town(COUNTY))
    clock.pass_(minutes=1)
    seen = db.read_now(reading.view, meeting_id, town(CITY)).meeting
    later = meetings.Plan(PLAN.title, SOON + timedelta(hours=1), SOON + timedelta(hours=3))
    db.write_now(meetings.change, meetings.Change(meeting_id, later, seen.version), town(CITY))
    with pytest.raises(Stale):
        db.write_now(meetings.change, meetings.Change(meeting_id, later, seen.version), town(CITY))
    now = db.read_now(reading.view, meeting_id, town(COUNTY)).meeting
    assert (now.starts_at, now.changed_at) == (later.starts_at, clock.now)
    board = db.read_now(replies.board, meeting_id, town(CITY))
    assert [line.outdated for part in board.parts for line in part.lines] == [True, False, False, False]


def test_a_meeting_that_was_cancelled_is_closed(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    db.write_now(meetings.cancel, meetings.Cancel(meeting_id, "防汛"), town(CITY))
    assert db.read_now(reading.view, meeting_id, town(COUNTY)).meeting.cancel_reason == "防汛"
    with pytest.raises(WrongStage, match="防汛"):
        db.read_now(rooms.enter, rooms.Enter(meeting_id), town(COUNTY))
    with pytest.raises(WrongStage):
        db.write_now(replies.answer, Answer(venue_of(db, meeting_id, COUNTY), Reply.ATTENDS), town(COUNTY))


def test_calling_needs_somebody_to_call_and_happens_once(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    with pytest.raises(Invalid, match="分会场"):
        db.write_now(meetings.call, meetings.Call(meeting_id), town(CITY))
    db.write_now(invitations.invite, invitations.Invite(meeting_id, (COUNTY,)), town(CITY))
    db.write_now(meetings.call, meetings.Call(meeting_id), town(CITY))
    with pytest.raises(WrongStage):
        db.write_now(meetings.call, meetings.Call(meeting_id), town(CITY))


def test_the_notice_s_dispatch_calls_the_meeting_once(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    db.write_now(invitations.invite, invitations.Invite(meeting_id, (COUNTY, TOWN)), town(CITY))
    document_id = draft(db, notice(), town(CITY))
    db.write_now(notices.link, notices.Link(meeting_id, document_id), town(CITY))
    assert not sees(db, meeting_id, town, COUNTY)
    for _ in range(2):
        assert db.write_now(notices.issued, document_id) == meeting_id
    assert db.write_now(notices.issued, document_id + 1) is None
    assert db.read_now(rooms.load, meeting_id).room.phase is Phase.NOTICED
    found = db.read_now(notices.meeting_of, document_id, town(COUNTY))
    assert found is not None
    assert found.id == meeting_id
    assert db.read_now(notices.meeting_of, document_id, town(WATER)) is None


def test_the_words_of_the_notice(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    db.write_now(invitations.invite, invitations.Invite(meeting_id, (COUNTY, TOWN)), town(CITY))
    db.write_now(topics.add, topics.Add(meeting_id, "通报取暖安全情况", "张局长", 20), town(CITY))
    words = db.read_now(notices.draft, meeting_id, town(CITY))
    assert words.title == "关于召开全市冬季取暖安全工作视频会议的通知"
    assert words.organ_ids == (COUNTY, TOWN)
    assert "2026年11月24日（星期二）10:00至12:00" in words.paragraphs[1]
    assert words.paragraphs[2] == "二、会议地点：主会场设在市政府三楼会议室，分会场设在兴平市、南位镇。"
    assert words.paragraphs[4] == "（1）通报取暖安全情况，汇报人：张局长，约20分钟。"
    assert words.paragraphs[5].startswith("四、有关要求")


def test_inviting_again_adds_only_who_is_new(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    assert db.write_now(invitations.invite, invitations.Invite(meeting_id, (VILLAGE, COUNTY, CITY)), town(CITY)) == 2
    assert db.write_now(invitations.invite, invitations.Invite(meeting_id, BRANCHES), town(CITY)) == 2
    there = db.read_now(venues.of_meeting, meeting_id)
    assert [one.organ_id for one in there] == [CITY, COUNTY, TOWN, VILLAGE, OTHER_VILLAGE]
    assert [one.kind for one in there] == [VenueKind.MAIN, *[VenueKind.BRANCH] * 4]
    with pytest.raises(Invalid):
        db.write_now(invitations.invite, invitations.Invite(meeting_id, (99,)), town(CITY))


def test_a_venue_is_described_and_taken_out(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    db.write_now(invitations.invite, invitations.Invite(meeting_id, (COUNTY,)), town(CITY))
    county = venue_of(db, meeting_id, COUNTY)
    as_told = invitations.Describe(
        county, "兴平分会场", VenueKind.MAIN, may_chair=True, tags=frozenset({"市区"}), seats=40
    )
    db.write_now(invitations.describe, as_told, town(CITY))
    found = db.read_now(venues.load, county)
    assert (found.name, found.kind, found.seats, found.tags) == ("兴平分会场", VenueKind.MAIN, 40, frozenset({"市区"}))
    assert found.venue.may_chair
    db.write_now(invitations.uninvite, invitations.Uninvite(county), town(CITY))
    assert not sees(db, meeting_id, town, COUNTY)
    with pytest.raises(Invalid):
        db.write_now(invitations.uninvite, invitations.Uninvite(venue_of(db, meeting_id, CITY)), town(CITY))
    assert db.write_now(invitations.invite, invitations.Invite(meeting_id, (COUNTY,)), town(CITY)) == 1


def test_an_inspector_has_a_place_of_his_own_and_nobody_else_sees_it(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    inspector = town(WATER, Role.LEADER)
    place = db.write_now(
        invitations.invite_inspector, invitations.InviteInspector(meeting_id, inspector.post_id), town(CITY)
    )
    again = invitations.InviteInspector(meeting_id, inspector.post_id)
    assert db.write_now(invitations.invite_inspector, again, town(CITY)) == place
    assert sees(db, meeting_id, town, WATER, Role.LEADER)
    assert not sees(db, meeting_id, town, WATER)
    assert entered(db, meeting_id, inspector).venue_id == place
    seen = db.read_now(reading.view, meeting_id, town(COUNTY)).venues
    assert place not in {one.id for one in seen}
    board = db.read_now(replies.board, meeting_id, town(CITY))
    assert place not in {line.venue.id for part in board.parts for line in part.lines}
    with pytest.raises(NotPermitted, match="督导"):
        do(db, meeting_id, c.RaiseHand(), entered(db, meeting_id, inspector), place)
    with pytest.raises(NotFound):
        db.write_now(replies.answer, Answer(place, Reply.ATTENDS), inspector)


def test_a_venue_answers_and_changes_its_mind_until_the_meeting_begins(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    county = venue_of(db, meeting_id, COUNTY)
    db.write_now(replies.answer, Answer(county, Reply.ATTENDS), town(COUNTY))
    substitute = Answer(county, Reply.SUBSTITUTE, "李副市长", "主要领导在外开会")
    db.write_now(replies.answer, substitute, town(COUNTY, Role.LEADER))
    kept = db.read_now(replies.given, county, town(CITY))
    assert [one.reply for one in kept] == [Reply.SUBSTITUTE, Reply.ATTENDS]
    assert db.read_now(venues.load, county).substitute == "李副市长"
    live(db, meeting_id, town(CITY))
    with pytest.raises(WrongStage):
        db.write_now(replies.answer, Answer(county, Reply.ATTENDS), town(COUNTY))


@pytest.mark.parametrize(
    "wrong", [(Reply.SUBSTITUTE, "", "忙"), (Reply.SUBSTITUTE, "李", ""), (Reply.EXCUSED, "", " ")]
)
def test_an_answer_that_says_too_little_is_refused(db: Database, town: Town, wrong: tuple[Reply, str, str]) -> None:
    county = venue_of(db, called(db, town), COUNTY)
    with pytest.raises(Invalid):
        db.write_now(replies.answer, Answer(county, *wrong), town(COUNTY))


def test_only_the_venue_s_own_office_answers(db: Database, town: Town) -> None:
    county = venue_of(db, called(db, town), COUNTY)
    answer = Answer(county, Reply.ATTENDS)
    with pytest.raises(NotPermitted):
        db.write_now(replies.answer, answer, town(COUNTY, Role.HANDLER))
    for other in (town(TOWN), town(CITY), town(WATER)):
        with pytest.raises(NotFound):
            db.write_now(replies.answer, answer, other)
    with pytest.raises(NotFound):
        db.read_now(replies.given, county, town(WATER))
    with pytest.raises(NotPermitted):
        db.read_now(replies.given, county, town(TOWN))


def test_the_organiser_sees_who_comes_by_county(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    db.write_now(invitations.invite, invitations.Invite(meeting_id, (WATER,)), town(CITY))
    for organ, reply, why in (
        (COUNTY, Reply.ATTENDS, ""),
        (VILLAGE, Reply.EXCUSED, "停电"),
        (WATER, Reply.ATTENDS, ""),
    ):
        db.write_now(replies.answer, Answer(venue_of(db, meeting_id, organ), reply, "", why), town(organ))
    board = db.read_now(replies.board, meeting_id, town(CITY))
    assert {part.name: [line.venue.name for line in part.lines] for part in board.parts} == {
        "咸阳市": ["市水利局"],
        "兴平市": ["兴平市", "南位镇", "张里村", "定周村"],
    }
    assert board.counts == {Reply.ATTENDS: 2, Reply.SUBSTITUTE: 0, Reply.EXCUSED: 1, None: 2}
    assert [line.contact for part in board.parts for line in part.lines][1] == "兴平市文秘"
    with pytest.raises(NotPermitted):
        db.read_now(replies.board, meeting_id, town(COUNTY))


def test_lists_hold_what_is_mine(db: Database, town: Town, clock: Clock) -> None:
    first = called(db, town)
    second = planned(db, town(CITY), meetings.Plan("内部会", SOON, SOON + timedelta(minutes=30)))
    coming = db.read_now(reading.coming, town(CITY))
    assert [(one.meeting.id, one.organiser) for one in coming] == [(first, True), (second, True)]
    db.write_now(replies.answer, Answer(venue_of(db, first, TOWN), Reply.ATTENDS), town(TOWN))
    assert [(o.meeting.id, o.organiser, o.reply) for o in db.read_now(reading.coming, town(TOWN))] == [
        (first, False, "ATTENDS")
    ]
    assert db.read_now(reading.coming, town(WATER)) == ()
    chair = live(db, first, town(CITY))
    do(db, first, c.SetPhase("ENDED"), chair)
    assert [one.meeting.id for one in db.read_now(reading.coming, town(CITY))] == [second]
    assert [one.meeting.id for one in db.read_now(reading.past, reading.Earlier(), town(TOWN))] == [first]
    clock.pass_(days=2)
    past = db.read_now(reading.past, reading.Earlier(), town(CITY))
    assert [one.meeting.id for one in past] == [second, first]
    older = reading.Earlier(past[0].meeting.starts_at, past[0].meeting.id)
    assert [one.meeting.id for one in db.read_now(reading.past, older, town(CITY))] == [first]


def test_two_meetings_of_one_venue_at_once_are_shown(db: Database, town: Town) -> None:
    first = called(db, town)
    second = planned(db, town(WATER), meetings.Plan("水利会", SOON, SOON + timedelta(hours=1)))
    db.write_now(invitations.invite, invitations.Invite(second, (COUNTY, FINANCE)), town(WATER))
    found = db.read_now(reading.clashes, second, town(WATER))
    assert [(one.organ, one.title) for one in found] == [("兴平市", "另一个会议")]
    assert db.read_now(reading.clashes, first, town(CITY)) == ()


def test_topics_keep_their_numbers_without_a_gap(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    clerk = town(CITY)
    one, two, three = (db.write_now(topics.add, topics.Add(meeting_id, f"议题{n}"), clerk) for n in "一二三")
    db.write_now(topics.arrange, topics.Arrange(meeting_id, (three, one, two)), clerk)
    db.write_now(topics.change, topics.Change(one, "首个议题", "王主任", 15), clerk)
    db.write_now(topics.remove, topics.Remove(three), clerk)
    agenda = db.read_now(rows.topics, meeting_id)
    assert [(t.number, t.title, t.minutes) for t in agenda] == [(1, "首个议题", 15), (2, "议题二", 0)]
    with pytest.raises(Invalid):
        db.write_now(topics.arrange, topics.Arrange(meeting_id, (one,)), clerk)
    with pytest.raises(NotFound):
        db.write_now(topics.change, topics.Change(three, "没有了"), clerk)
    with pytest.raises(NotFound):
        db.write_now(topics.change, topics.Change(one, "别人的"), town(WATER))


def test_every_planning_act_is_in_the_history_of_who_acted(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    db.write_now(replies.answer, Answer(venue_of(db, meeting_id, COUNTY), Reply.EXCUSED, "", "停电"), town(COUNTY))
    db.write_now(meetings.cancel, meetings.Cancel(meeting_id, "防汛"), town(CITY))
    kinds = [row.kind for row in reversed(db.read_now(history.of_organ, CITY))]
    assert kinds == ["MEETING_PLANNED", "MEETING_INVITED", "MEETING_CALLED", "MEETING_CANCELLED"]
    (reply,) = db.read_now(history.of_organ, COUNTY)
    assert (reply.kind, reply.person_id) == ("MEETING_REPLIED", town(COUNTY).person_id)
    assert "停电" not in reply.body
    assert db.read_now(lambda work: history.verify(work.connection)) is None
