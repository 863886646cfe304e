"""回放: a real file is played back in parts by whom the settings name, and is absent for everybody else."""

import asyncio
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import update

from office.store.work import Work
from rtc.domain import room_commands as c
from rtc.media import recorder, tap
from rtc.service import invitations, meetings, recordings
from rtc.store.meetings import Replay, Settings
from rtc.store.tables import recording
from tests.rtc.media.test_recorder import video
from tests.rtc.service import calling
from tests.town import CITY, COUNTY, VILLAGE, WATER
from tests.web.conftest import House
from tests.web.pressing import page_of
from web.room_files import RECORDINGS, forget_outlived


def _recorded(house: House, replay: Replay) -> tuple[int, int]:
    """A meeting that is over, with the county's camera in a file; the meeting and the file."""
    db, people, now = house.services.db, house.people, house.services.db.now()
    settings = Settings(recording=True, replay=replay)
    plan = meetings.Plan("全市取暖会", now, now + timedelta(hours=1), settings=settings)
    meeting_id = calling.planned(db, people(CITY), plan)
    db.write_now(invitations.invite, invitations.Invite(meeting_id, calling.BRANCHES), people(CITY))
    db.write_now(meetings.call, meetings.Call(meeting_id), people(CITY))
    chair = calling.live(db, meeting_id, people(CITY))
    folder = house.services.config.data / RECORDINGS / str(meeting_id) / "1"
    recorder.record(folder, [(1, tap.Opened("a", "CAMERA", "VP8")), *((1, one) for one in video("VP8", 40))])
    venue_id = calling.venue_of(db, meeting_id, COUNTY)
    path = f"{meeting_id}/1/0001-camera.webm"
    file_id = db.write_now(recordings.begun, recordings.Begun(meeting_id, venue_id, "CAMERA", path, now))
    db.write_now(recordings.ended, recordings.Ended(path, (folder / "0001-camera.webm").stat().st_size))
    calling.do(db, meeting_id, c.MarkChapter("表决</script>"), chair, chair.venue_id)
    calling.do(db, meeting_id, c.SetPhase("ENDED"), chair, chair.venue_id)
    return meeting_id, file_id


@pytest.fixture
async def recorded(sqlite_house: House) -> tuple[int, int]:
    return await asyncio.to_thread(_recorded, sqlite_house, Replay.VENUES)


async def test_an_invited_venue_replays_with_marks(sqlite_house: House, recorded: tuple[int, int]) -> None:
    meeting_id, file_id = recorded
    village = await sqlite_house.sign_in(VILLAGE)
    assert f"/meetings/{meeting_id}/replay" in (await page_of(village, f"/meetings/{meeting_id}/record")).markup
    page = await page_of(village, f"/meetings/{meeting_id}/replay")
    score = msgspec.json.decode(page.markup.split('id="score">')[1].split("</script>")[0])
    assert [(one["venue"], one["source"], one["at"]) for one in score["tracks"]] == [("兴平市", "CAMERA", 0.0)]
    assert "标记：表决</script>" in [mark["text"] for mark in score["marks"]]
    whole = await village.get(f"/meetings/{meeting_id}/recordings/{file_id}")
    assert (whole.status, whole.content_type) == (200, "video/webm")
    data = await whole.read()
    part = await village.get(f"/meetings/{meeting_id}/recordings/{file_id}", headers={"Range": "bytes=10-19"})
    assert (part.status, await part.read()) == (206, data[10:20])


async def test_for_others_and_by_other_ways_it_is_not_there(sqlite_house: House, recorded: tuple[int, int]) -> None:
    meeting_id, file_id = recorded
    stranger, village = await sqlite_house.sign_in(WATER), await sqlite_house.sign_in(VILLAGE)
    for path in (f"/meetings/{meeting_id}/replay", f"/meetings/{meeting_id}/recordings/{file_id}"):
        assert (await stranger.get(path)).status == 404
    assert (await village.get(f"/meetings/{meeting_id + 1}/recordings/{file_id}")).status == 404
    file = sqlite_house.services.config.data / RECORDINGS / f"{meeting_id}/1/0001-camera.webm"
    await asyncio.to_thread(file.unlink)
    gone = await village.get(f"/meetings/{meeting_id}/recordings/{file_id}")
    assert gone.status == 404


async def test_only_the_organiser_replays_where_the_settings_say_so(sqlite_house: House) -> None:
    meeting_id, _ = await asyncio.to_thread(_recorded, sqlite_house, Replay.ORGANISER)
    village, clerk = await sqlite_house.sign_in(VILLAGE), await sqlite_house.sign_in(CITY)
    assert (await village.get(f"/meetings/{meeting_id}/replay")).status == 404
    assert f"/meetings/{meeting_id}/replay" not in (await page_of(village, f"/meetings/{meeting_id}/record")).markup
    assert (await clerk.get(f"/meetings/{meeting_id}/replay")).status == 200


def _over(work: Work) -> None:
    work.execute(update(recording).values(keep_until=work.now))


async def test_a_recording_goes_when_its_days_are_over_and_not_before(
    sqlite_house: House, recorded: tuple[int, int]
) -> None:
    meeting_id, file_id = recorded
    db, folder = sqlite_house.services.db, sqlite_house.services.config.data / RECORDINGS
    file = folder / f"{meeting_id}/1/0001-camera.webm"
    clerk = await sqlite_house.sign_in(CITY)
    await forget_outlived(db, folder)
    assert (await clerk.get(f"/meetings/{meeting_id}/recordings/{file_id}")).status == 200
    await db.write(_over)
    await forget_outlived(db, folder)
    assert not await asyncio.to_thread(file.exists)
    assert (await clerk.get(f"/meetings/{meeting_id}/recordings/{file_id}")).status == 404


def test_no_path_leads_out_of_the_folder(tmp_path: Path) -> None:
    from office.domain.errors import NotFound
    from web.handlers.replay import _file

    (tmp_path / "kept").mkdir()
    (tmp_path / "secret").write_text("x")
    with pytest.raises(NotFound):
        _file(tmp_path / "kept", "../secret")
