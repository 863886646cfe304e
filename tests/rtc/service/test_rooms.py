"""Rooms in the database: one transaction an act, one chair, everything replayable, nothing acknowledged is lost."""

import random
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from office.domain.errors import Invalid, NotFound, NotPermitted, OfficeError, Stale, WrongStage
from office.store import history
from office.store.database import Database
from office.store.work import Work
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.venue import Group, Participant
from rtc.service import meetings, phases, rooms, topics
from rtc.store import meetings as meeting_rows
from rtc.store import rooms as rows
from rtc.store.meetings import Settings
from rtc.store.tables import meeting, venue
from tests.conftest import Clock
from tests.rtc.service.calling import PLAN, called, chaired, do, entered, live, venue_of
from tests.town import CITY, COUNTY, TOWN, VILLAGE, Town, build

EVERYONE = Group(everyone=True)


def replayed_is_stored(db: Database, meeting_id: int) -> bool:
    def compare(work: Work) -> bool:
        start = phases.first(meeting_id, meeting_rows.load(work, meeting_id).settings)
        return rooms.replayed(start, rows.since(work, meeting_id, 0)) == rows.load(work, meeting_id).room

    return db.read_now(compare)


def test_an_act_changes_the_room_and_says_what_happened(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    county = venue_of(db, meeting_id, COUNTY)
    acted = do(db, meeting_id, c.Mute(Group(under=f"/{CITY}/{COUNTY}/")), chair)
    assert county in acted.after.muted
    assert len(acted.after.muted) == 4
    assert acted.before.muted == frozenset()
    assert [type(event) for event in acted.events] == [e.MicrophonesSet]
    assert acted.undo == c.Mute(Group(venues=acted.after.muted), on=True)
    assert db.read_now(rooms.load, meeting_id).room == acted.after
    last = db.read_now(rooms.since, meeting_id, acted.seq - 1)
    assert [(one.seq, one.venue_id, one.event) for one in last] == [(acted.seq, chair.venue_id, acted.events[0])]


def test_an_undo_brings_the_room_back(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    acted = do(db, meeting_id, c.Mute(EVERYONE), chair)
    assert acted.undo is not None
    assert do(db, meeting_id, acted.undo, chair).after.muted == acted.before.muted


def test_an_act_without_an_event_writes_nothing(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    before = db.read_now(rooms.load, meeting_id)
    assert do(db, meeting_id, c.Tick(), None).events == ()
    assert db.read_now(rooms.load, meeting_id) == before


def test_a_refused_act_leaves_nothing(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    before = db.read_now(rooms.load, meeting_id)
    stranger = entered(db, meeting_id, town(COUNTY))
    with pytest.raises(OfficeError):
        do(db, meeting_id, c.Mute(EVERYONE), stranger)
    assert db.read_now(rooms.load, meeting_id) == before


def test_the_phase_of_the_room_is_the_list_s(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    phase = select(meeting.c.phase).where(meeting.c.id == meeting_id)
    assert db.read_now(lambda work: work.execute(phase).scalar_one()) == "LIVE"
    do(db, meeting_id, c.SetPhase("ENDED"), chair)
    assert db.read_now(lambda work: work.execute(phase).scalar_one()) == "ENDED"
    with pytest.raises(WrongStage, match="结束"):
        entered(db, meeting_id, town(COUNTY))


def test_a_late_click_of_the_old_chair_is_refused(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    old = live(db, meeting_id, town(CITY))
    county = venue_of(db, meeting_id, COUNTY)
    do(db, meeting_id, c.HandOverChair(county), old, old.venue_id, county)
    with pytest.raises((Stale, NotPermitted)):
        do(db, meeting_id, c.Mute(EVERYONE), old, old.venue_id, county)


def together(db: Database, asks: list[tuple[rooms.Act, Participant]]) -> list[Future[Any]]:
    """Ask at the same moment from as many threads."""
    barrier = Barrier(len(asks))
    futures: list[Future[Any]] = []

    def ask(act: rooms.Act, by: Participant, into: list[Future[Any]]) -> None:
        barrier.wait()
        into.append(db.submit(rooms.act, act, by))

    threads = [Thread(target=ask, args=(act, by, futures)) for act, by in asks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return futures


def test_of_two_who_claim_the_chair_at_once_one_wins_a_hundred_times(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    city = entered(db, meeting_id, town(CITY))
    county = venue_of(db, meeting_id, COUNTY)
    chair = chaired(db, meeting_id, town(CITY))
    db.write_now(_may_chair, county)
    other = entered(db, meeting_id, town(COUNTY))
    fences, winners = [], Counter[int | None]()
    for _ in range(100):
        holder = db.read_now(rooms.load, meeting_id).room.chair
        who = chair if holder.holder == city.venue_id else other
        fenced = Participant(who.venue_id, who.person_id, who.name, who.organiser, holder.fence)
        freed = do(db, meeting_id, c.ReleaseChair(), fenced, city.venue_id, county).after
        assert freed.chair.holder is None
        both = frozenset({city.venue_id, county})
        asks = [(rooms.Act(meeting_id, c.RequestChair(), both), by) for by in (city, other)]
        answers = [future.result() for future in together(db, asks)]
        granted = [event for a in answers for event in a.events if isinstance(event, e.ChairGranted)]
        assert len(granted) == 1
        after = db.read_now(rooms.load, meeting_id).room.chair
        assert (after.holder, after.fence) == (granted[0].venue_id, granted[0].fence)
        fences.append(after.fence)
        winners[after.holder] += 1
    assert fences == sorted(set(fences))
    assert sum(winners.values()) == 100


def _may_chair(work: Work, venue_id: int) -> None:
    work.execute(update(venue).where(venue.c.id == venue_id).values(may_chair=True))


def test_a_state_that_somebody_else_changed_is_not_written_over(db: Database, town: Town) -> None:
    meeting_id = called(db, town)

    def twice(work: Work) -> None:
        stored = rows.load(work, meeting_id)
        rows.save(work, stored, stored.room, (e.BannerShown("一"),))
        rows.save(work, stored, stored.room, (e.BannerShown("二"),))

    with pytest.raises(Stale):
        db.write_now(twice)
    assert not any(isinstance(one.event, e.BannerShown) for one in db.read_now(rooms.since, meeting_id, 0))


def test_replaying_what_happened_gives_the_stored_room(db: Database, town: Town, clock: Clock) -> None:
    settings = Settings(lobby=True, recording=True)
    meeting_id = called(db, town, settings)
    county, village = (venue_of(db, meeting_id, organ) for organ in (COUNTY, VILLAGE))
    chair = live(db, meeting_id, town(CITY))
    here = (chair.venue_id, county, village)
    db.write_now(topics.add, topics.Add(meeting_id, "取暖安全"), town(CITY))
    guest = entered(db, meeting_id, town(COUNTY))
    for command in (
        c.LetIn(county), c.Mute(EVERYONE), c.SelfUnmute(allowed=False), c.ToStage(county), c.GoToTopic(1),
        c.Record(on=True), c.NameDeputy(county), c.StartRotation(EVERYONE, 5), c.StartRollCall(EVERYONE, 20),
        c.ShowBanner("请静音"), c.RemoveVenue(village),
    ):  # fmt: skip
        do(db, meeting_id, command, chair, *here)
    do(db, meeting_id, c.RaiseHand(), guest, *here)
    for _ in range(7):
        clock.pass_(seconds=6)
        do(db, meeting_id, c.Tick(), None, *here)
    room_ = db.read_now(rooms.load, meeting_id).room
    assert room_.chair.holder == county  # the deputy took over
    assert replayed_is_stored(db, meeting_id)


def test_what_happened_is_numbered_without_a_gap_and_never_changed(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    do(db, meeting_id, c.ShowBanner("一"), chair)
    happened = db.read_now(rooms.since, meeting_id, 0)
    assert [one.seq for one in happened] == list(range(1, len(happened) + 1))
    for statement in ("UPDATE room_event SET kind = 'X'", "DELETE FROM room_event"):
        with pytest.raises(DBAPIError, match="append-only"):
            db.write_now(Work.execute, text(statement))


def test_everything_acknowledged_is_there_after_reopening(
    db: Database, town: Town, database_url: str, clock: Clock
) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    told = [do(db, meeting_id, c.ShowBanner(f"第{i}次"), chair) for i in range(20)]
    db.close()
    again = Database.open(database_url, clock=clock)
    try:
        stored = again.read_now(rooms.load, meeting_id)
        assert (stored.room, stored.seq) == (told[-1].after, told[-1].seq)
        assert replayed_is_stored(again, meeting_id)
    finally:
        again.close()


def test_changing_the_plan_changes_the_room(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    moved = PLAN.ends_at + timedelta(hours=3)
    later = meetings.Plan("改期的会", PLAN.starts_at, moved, settings=Settings(lobby=True))
    db.write_now(meetings.change, meetings.Change(meeting_id, later), town(CITY))
    held = db.read_now(rooms.load, meeting_id).room
    assert (held.lobby, held.ends_at) == (True, later.ends_at)
    assert replayed_is_stored(db, meeting_id)


def test_the_room_asks_for_what_it_cannot_know(db: Database, town: Town) -> None:
    meeting_id, other = called(db, town), called(db, town)
    chair = live(db, meeting_id, town(CITY))
    with pytest.raises(NotPermitted, match="录制"):
        do(db, meeting_id, c.Record(on=True), chair)
    with pytest.raises(Invalid, match="议程"):
        do(db, meeting_id, c.GoToTopic(1), chair)
    with pytest.raises(NotFound):
        do(db, meeting_id, c.TurnPage(99), chair)
    assert other != meeting_id


def test_people_come_in_where_they_belong(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    county = db.read_now(rooms.enter, rooms.Enter(meeting_id), town(COUNTY))
    assert county.place.organ_id == COUNTY
    assert not county.participant.organiser
    assert [one.organ_id for one in county.choices] == [COUNTY]
    city = db.read_now(rooms.enter, rooms.Enter(meeting_id), town(CITY))
    assert (city.place.organ_id, city.participant.organiser) == (CITY, True)
    with pytest.raises(NotFound):
        entered(db, meeting_id, town(COUNTY), venue_of(db, meeting_id, TOWN))


def test_beginning_and_end_are_in_the_organiser_s_history(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    do(db, meeting_id, c.StartRollCall(EVERYONE, 20), chair, chair.venue_id)
    do(db, meeting_id, c.CloseRollCall(), chair, chair.venue_id)
    do(db, meeting_id, c.SetPhase("ENDED"), chair)
    kinds = [row.kind for row in reversed(db.read_now(history.of_organ, CITY))]
    assert kinds == [
        "MEETING_PLANNED", "MEETING_INVITED", "MEETING_CALLED", "MEETING_LIVE", "MEETING_ROLL_CALLED",
        "MEETING_ENDED",
    ]  # fmt: skip
    assert db.read_now(lambda work: history.verify(work.connection)) is None


def test_a_room_that_is_not_there_is_not_found(db: Database, town: Town) -> None:
    with pytest.raises(NotFound):
        db.read_now(rooms.load, 99)


CHAIR_PROGRAM = """
import sys
from office.store.database import Database
from rtc.domain.room_commands import SetLayout, ShowBanner, TakeBackChair
from rtc.domain.venue import Participant
from rtc.service import rooms
db = Database.open(sys.argv[1])
meeting_id, venue_id, person_id = map(int, sys.argv[2:5])
by = Participant(venue_id, person_id, organiser=True)
acted = db.write_now(rooms.act, rooms.Act(meeting_id, TakeBackChair(), frozenset({venue_id})), by)
chair = Participant(venue_id, person_id, organiser=True, fence=acted.after.chair.fence)
while True:
    banner = ShowBanner(f"{chair.fence} {acted.seq}")
    acted = db.write_now(rooms.act, rooms.Act(meeting_id, banner, frozenset({venue_id})), chair)
    sys.stdout.write(f"{chair.fence} {acted.seq}\\n")
    sys.stdout.flush()
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_server_loses_no_act_and_no_chair(sqlite_db: Database, tmp_path: Path) -> None:
    people = sqlite_db.write_now(build)
    meeting_id = called(sqlite_db, people)
    person = entered(sqlite_db, meeting_id, people(CITY))
    url = f"sqlite:///{tmp_path}/office.db"
    sqlite_db.close()
    fences, dice = [0], random.Random(3)
    for _ in range(20):
        fence, seq = killed(url, meeting_id, person, dice.randrange(1, 30))
        again = Database.open(url)
        try:
            stored = again.read_now(rooms.load, meeting_id)
            assert stored.seq >= seq
            assert stored.room.chair.fence == fence > fences[-1]
            assert [one.seq for one in again.read_now(rooms.since, meeting_id, 0)] == list(range(1, stored.seq + 1))
            assert replayed_is_stored(again, meeting_id)
        finally:
            again.close()
        fences.append(fence)


def killed(url: str, meeting_id: int, person: Participant, after: int) -> tuple[int, int]:
    """Let a server act until it is killed; the fence and the last act it told of."""
    numbers = map(str, (meeting_id, person.venue_id, person.person_id))
    program = [sys.executable, "-c", CHAIR_PROGRAM, url, *numbers]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as acting:
        assert acting.stdout is not None
        told = [acting.stdout.readline() for _ in range(after)]
        acting.send_signal(signal.SIGKILL)
        told += [line for line in acting.stdout if line.endswith("\n")]
    fence, seq = told[-1].split()
    return int(fence), int(seq)
