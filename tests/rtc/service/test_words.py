"""Chat, captions, common notes, recordings: bounded, kept, shown to whom they are for."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from office.domain.errors import Invalid, NotFound, NotPermitted, Stale
from office.domain.people import Role
from office.store import history
from office.store.database import Database
from rtc.domain import room_commands as c
from rtc.service import chat, recordings
from rtc.store.meetings import Replay, Settings
from tests.conftest import Clock
from tests.rtc.service.calling import called, do, entered, live, venue_of
from tests.town import CITY, COUNTY, TOWN, WATER, Town


def test_chat_is_kept_in_order_a_page_at_a_time(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    county = entered(db, meeting_id, town(COUNTY))
    ids = [db.write_now(chat.say, chat.Say(meeting_id, f"第{i}句"), county) for i in range(60)]
    newest = db.read_now(chat.recent, meeting_id)
    assert [line.id for line in newest] == ids[10:]
    assert (newest[-1].venue, newest[-1].person, newest[-1].text) == ("兴平市", "兴平市文秘", "第59句")
    assert [line.id for line in db.read_now(chat.recent, meeting_id, newest[0].id)] == ids[:10]
    assert len(db.read_now(chat.whole, meeting_id, town(TOWN))) == 60
    with pytest.raises(NotFound):
        db.read_now(chat.whole, meeting_id, town(WATER))
    for text in ("", "  ", "长" * 501):
        with pytest.raises(Invalid):
            db.write_now(chat.say, chat.Say(meeting_id, text), county)


def test_captions_come_from_the_captioner_alone(db: Database, town: Town) -> None:
    captioner = town(COUNTY, Role.HANDLER)
    meeting_id = called(db, town, Settings(captioner_post=captioner.post_id))
    place = venue_of(db, meeting_id, CITY)
    db.write_now(chat.captioned, chat.Say(meeting_id, "现在开会。", place), captioner)
    assert [(one.venue, one.text) for one in db.read_now(chat.captions, meeting_id, town(TOWN))] == [
        ("咸阳市", "现在开会。")
    ]
    for other in (town(COUNTY), town(CITY)):
        with pytest.raises(NotPermitted):
            db.write_now(chat.captioned, chat.Say(meeting_id, "假的"), other)


def test_common_notes_are_not_written_over_unseen(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    county, city = entered(db, meeting_id, town(COUNTY)), entered(db, meeting_id, town(CITY))
    assert db.write_now(chat.write_notes, chat.WriteNotes(meeting_id, "一、", 0), county) == 1

    def write(by: int) -> str:
        try:
            db.write_now(chat.write_notes, chat.WriteNotes(meeting_id, f"一、二{by}", 1), (county, city)[by])
        except Stale:
            return "stale"
        return "written"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(write, (0, 1))) == ["stale", "written"]
    assert db.read_now(chat.notes, meeting_id).version == 2


@pytest.mark.parametrize(
    ("replay", "seen_by"), [(Replay.NOBODY, ()), (Replay.ORGANISER, (CITY,)), (Replay.VENUES, (CITY, COUNTY))]
)
def test_a_recording_is_replayed_by_whom_the_settings_name(
    db: Database, town: Town, replay: Replay, seen_by: tuple[int, ...]
) -> None:
    meeting_id = called(db, town, Settings(recording=True, replay=replay))
    chair = live(db, meeting_id, town(CITY))
    begun = recordings.Begun(meeting_id, chair.venue_id, "CAMERA", "1/a.mkv")
    recording_id = db.write_now(recordings.begun, begun)
    assert db.write_now(recordings.begun, begun) == recording_id
    db.write_now(recordings.ended, recordings.Ended("1/a.mkv", 10, "d" * 64))
    assert db.read_now(recordings.of_meeting, meeting_id, town(CITY)) == ()
    do(db, meeting_id, c.SetPhase("ENDED"), chair)
    for organ in (CITY, COUNTY):
        found = db.read_now(recordings.of_meeting, meeting_id, town(organ))
        assert [one.digest for one in found] == (["d" * 64] if organ in seen_by else [])
    if CITY not in seen_by:
        with pytest.raises(NotFound):
            db.read_now(recordings.one, recording_id, town(CITY))
    else:
        assert db.read_now(recordings.one, recording_id, town(CITY)).path == "1/a.mkv"
    with pytest.raises(NotFound):
        db.read_now(recordings.of_meeting, meeting_id, town(WATER))


def test_a_recording_goes_when_its_days_are_over_and_history_says_so(db: Database, town: Town, clock: Clock) -> None:
    meeting_id = called(db, town, Settings(recording=True, keep_days=30))
    chair = live(db, meeting_id, town(CITY))
    db.write_now(recordings.begun, recordings.Begun(meeting_id, chair.venue_id, "CAMERA", "1/a.mkv"))
    db.write_now(recordings.ended, recordings.Ended("1/a.mkv", 10, "d" * 64))
    clock.pass_(days=30)
    assert db.read_now(recordings.outlived) == ()
    clock.pass_(seconds=1)
    (old,) = db.read_now(recordings.outlived)
    for _ in range(2):
        db.write_now(recordings.removed, old.id)
    assert db.read_now(recordings.outlived) == ()
    removed = [row for row in db.read_now(history.of_organ, CITY) if row.kind == "MEETING_RECORDING_REMOVED"]
    assert len(removed) == 1
    assert "d" * 64 in removed[0].body
