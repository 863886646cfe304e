"""Papers are for whom they are for, until they are taken back; notes are one's own."""

import pytest

from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.domain.people import Actor, Role
from office.store.database import Database
from rtc.domain import room_commands as c
from rtc.service import meetings, papers, topics
from rtc.store.papers import Note
from tests.rtc.service.calling import called, do, live, venue_of
from tests.town import CITY, COUNTY, TOWN, VILLAGE, WATER, Town

BLOB = "b" * 64


def laid(db: Database, meeting_id: int, clerk: Actor, *venue_ids: int, topic_id: int | None = None) -> int:
    """A paper on the table."""
    command = papers.Add(meeting_id, "方案.pdf", BLOB, 1_000, "application/pdf", 4, topic_id, venue_ids)
    return db.write_now(papers.add, command, clerk)


def reads(db: Database, paper_id: int, actor: Actor) -> bool:
    try:
        return db.read_now(papers.paper, paper_id, actor).blob == BLOB
    except NotFound:
        return False


def listed(db: Database, meeting_id: int, actor: Actor) -> list[int]:
    return [one.paper.id for one in db.read_now(papers.readable, meeting_id, actor)]


def test_a_paper_for_some_is_absent_for_the_others(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    for_all = laid(db, meeting_id, town(CITY))
    for_county = laid(db, meeting_id, town(CITY), venue_of(db, meeting_id, COUNTY))
    assert [reads(db, p, town(COUNTY)) for p in (for_all, for_county)] == [True, True]
    assert [reads(db, p, town(TOWN)) for p in (for_all, for_county)] == [True, False]
    assert [reads(db, p, town(WATER)) for p in (for_all, for_county)] == [False, False]
    assert [reads(db, p, town(CITY)) for p in (for_all, for_county)] == [True, True]
    assert listed(db, meeting_id, town(TOWN)) == [for_all]
    assert listed(db, meeting_id, town(COUNTY)) == [for_all, for_county]
    organiser = db.read_now(papers.readable, meeting_id, town(CITY))
    assert [one.readers for one in organiser] == [None, frozenset({venue_of(db, meeting_id, COUNTY)})]
    assert {one.readers for one in db.read_now(papers.readable, meeting_id, town(COUNTY))} == {None}
    db.write_now(papers.set_readers, papers.SetReaders(for_county, ()), town(CITY))
    assert reads(db, for_county, town(TOWN))


def test_after_taking_back_nothing_is_served_to_anybody(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    paper_id = laid(db, meeting_id, town(CITY))
    for _ in range(2):
        db.write_now(papers.take_back, papers.TakeBack(meeting_id), town(CITY))
    assert not any(reads(db, paper_id, town(organ)) for organ in (CITY, COUNTY, TOWN))
    assert listed(db, meeting_id, town(COUNTY)) == []
    with pytest.raises(WrongStage):
        laid(db, meeting_id, town(CITY))


def test_an_archived_meeting_serves_its_papers_to_its_organiser_alone(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    paper_id = laid(db, meeting_id, town(CITY))
    chair = live(db, meeting_id, town(CITY))
    do(db, meeting_id, c.SetPhase("ENDED"), chair)
    assert reads(db, paper_id, town(COUNTY))
    db.write_now(meetings.archive, meeting_id, town(CITY))
    assert not reads(db, paper_id, town(COUNTY))
    assert listed(db, meeting_id, town(COUNTY)) == []
    assert reads(db, paper_id, town(CITY))


def test_only_the_organiser_lays_papers(db: Database, town: Town) -> None:
    meeting_id, other = called(db, town), called(db, town)
    paper_id = laid(db, meeting_id, town(CITY))
    for act, command in (
        (papers.remove, papers.Remove(paper_id)), (papers.set_readers, papers.SetReaders(paper_id, ())),
        (papers.take_back, papers.TakeBack(meeting_id)),
    ):  # fmt: skip
        with pytest.raises(NotPermitted):
            db.write_now(act, command, town(COUNTY))  # type: ignore[arg-type]
        with pytest.raises(NotFound):
            db.write_now(act, command, town(WATER))  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        laid(db, meeting_id, town(CITY), venue_of(db, other, COUNTY))
    topic_id = db.write_now(topics.add, topics.Add(other, "别的会"), town(CITY))
    with pytest.raises(NotFound):
        laid(db, meeting_id, town(CITY), topic_id=topic_id)
    db.write_now(papers.remove, papers.Remove(paper_id), town(CITY))
    assert not reads(db, paper_id, town(CITY))


def test_a_topic_that_goes_leaves_its_paper_with_the_meeting(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    topic_id = db.write_now(topics.add, topics.Add(meeting_id, "取暖"), town(CITY))
    paper_id = laid(db, meeting_id, town(CITY), topic_id=topic_id)
    db.write_now(topics.remove, topics.Remove(topic_id), town(CITY))
    assert db.read_now(papers.paper, paper_id, town(CITY)).topic_id is None


def test_notes_are_one_s_own_even_before_the_chair(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    paper_id = laid(db, meeting_id, town(CITY))
    mine, colleague = town(COUNTY), town(COUNTY, Role.LEADER)
    db.write_now(papers.write_note, Note(paper_id, 2, "问经费"), mine)
    db.write_now(papers.write_note, Note(paper_id, 2, "问经费来源"), mine)
    assert db.read_now(papers.notes, paper_id, mine) == (Note(paper_id, 2, "问经费来源"),)
    for other in (colleague, town(CITY), town(CITY, Role.LEADER)):
        assert db.read_now(papers.notes, paper_id, other) == ()
    db.write_now(papers.write_note, Note(paper_id, 2, ""), mine)
    assert db.read_now(papers.notes, paper_id, mine) == ()
    with pytest.raises(Invalid):
        db.write_now(papers.write_note, Note(paper_id, 5, "没有这页"), mine)
    with pytest.raises(NotFound):
        db.write_now(papers.write_note, Note(paper_id, 1, "看不到"), town(WATER))


def test_the_page_that_is_shown_is_of_this_meeting(db: Database, town: Town) -> None:
    meeting_id, other = called(db, town), called(db, town)
    ours, theirs = laid(db, meeting_id, town(CITY)), laid(db, other, town(CITY))
    chair = live(db, meeting_id, town(CITY))
    assert do(db, meeting_id, c.TurnPage(ours, 2), chair).after.page is not None
    with pytest.raises(NotFound):
        do(db, meeting_id, c.TurnPage(theirs), chair)
    assert venue_of(db, meeting_id, VILLAGE) != venue_of(db, other, VILLAGE)
