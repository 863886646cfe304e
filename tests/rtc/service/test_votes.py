"""Votes on both databases: once for a venue, counted after closing, published by the chair; secret ones in a box."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from office.domain.errors import Invalid, NotFound, NotPermitted, Stale, WrongStage
from office.domain.people import Role
from office.store import history
from office.store.database import Database
from office.store.work import Work
from rtc.domain import room_commands as c
from rtc.domain.venue import Group, Participant
from rtc.domain.voting import BallotStage, Result, Rule
from rtc.live.ballot_box import BallotBox
from rtc.service import invitations, meetings, minutes, votes
from rtc.store import ballots
from rtc.store.secret_ballots import SecretBallots
from tests.conftest import Clock
from tests.rtc.service.calling import called, do, entered, live, planned, venue_of
from tests.town import CITY, COUNTY, FINANCE, OTHER_VILLAGE, TOWN, VILLAGE, WATER, Town

ALL = (CITY, COUNTY, TOWN, VILLAGE, OTHER_VILLAGE)
QUESTION = "通过取暖安全工作方案"


def drafted(db: Database, meeting_id: int, chair: Participant, **fields: object) -> int:
    return db.write_now(votes.draft, votes.Draft(meeting_id, QUESTION, **fields), chair)  # type: ignore[arg-type]


def opened(db: Database, town: Town, **fields: object) -> tuple[int, int, Participant]:
    """A live meeting with an open vote: (meeting, ballot, chair)."""
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    ballot_id = drafted(db, meeting_id, chair, **fields)
    db.write_now(votes.open, votes.Open(ballot_id, seconds=60), chair)
    return meeting_id, ballot_id, chair


def voter(db: Database, meeting_id: int, town: Town, organ_id: int) -> Participant:
    return entered(db, meeting_id, town(organ_id), venue_of(db, meeting_id, organ_id))


def test_an_open_vote_from_draft_to_result(db: Database, town: Town) -> None:
    meeting_id, ballot_id, chair = opened(db, town, rule=Rule.MAJORITY_OF_PRESENT, quorum=3)
    for organ_id, choice in ((CITY, 0), (COUNTY, 0), (TOWN, 1), (VILLAGE, 0)):
        db.write_now(votes.cast, votes.Cast(ballot_id, choice), voter(db, meeting_id, town, organ_id))
    seen = db.read_now(votes.shown, meeting_id)[0]
    assert len(seen.voted) == 4
    assert (seen.result, dict(seen.votes)) == (None, {})
    online = frozenset(seen.ballot.voters)
    db.write_now(votes.close, votes.Close(ballot_id, online), chair)
    assert db.read_now(votes.one, ballot_id).result is None
    expected = Result((3, 1, 0), present=5, quorate=True, carried=0)
    assert db.read_now(votes.shown, meeting_id, chair=True)[0].result == expected
    assert db.write_now(votes.publish, votes.Publish(ballot_id), chair) == expected
    seen = db.read_now(votes.of_meeting, meeting_id, town(VILLAGE))[0]
    assert seen.result == expected
    assert seen.votes[venue_of(db, meeting_id, TOWN)] == 1
    kinds = [row.kind for row in reversed(db.read_now(history.of_organ, CITY)) if "VOTE" in row.kind]
    assert kinds == ["MEETING_VOTE_OPENED", "MEETING_VOTE_CLOSED", "MEETING_VOTE_PUBLISHED"]


def test_only_the_chair_runs_votes(db: Database, town: Town) -> None:
    meeting_id, ballot_id, chair = opened(db, town)
    county = voter(db, meeting_id, town, COUNTY)
    late = Participant(chair.venue_id, chair.person_id, chair.name, chair.organiser, chair.fence - 1 or 99)
    for by, kind in ((county, NotPermitted), (late, Stale)):
        with pytest.raises(kind):
            drafted(db, meeting_id, by)
        with pytest.raises(kind):
            db.write_now(votes.close, votes.Close(ballot_id), by)
        with pytest.raises(kind):
            db.write_now(votes.void, votes.Void(ballot_id, "有误"), by)
        with pytest.raises(kind):
            db.read_now(votes.check_close, ballot_id, by)
    assert db.read_now(votes.one, ballot_id).ballot.stage is BallotStage.OPEN


def test_nobody_votes_twice_or_late_or_without_the_right(db: Database, town: Town, clock: Clock) -> None:
    meeting_id, ballot_id, chair = opened(db, town)
    county = voter(db, meeting_id, town, COUNTY)
    db.write_now(votes.cast, votes.Cast(ballot_id, 0), county)
    with pytest.raises(Stale):
        db.write_now(votes.cast, votes.Cast(ballot_id, 1), county)
    with pytest.raises(Invalid):
        db.write_now(votes.cast, votes.Cast(ballot_id, 3), voter(db, meeting_id, town, TOWN))
    with pytest.raises(NotPermitted):
        db.write_now(votes.cast, votes.Cast(ballot_id, 0), Participant(9_999, 1))
    with pytest.raises(WrongStage):
        db.write_now(votes.close, votes.Close(ballot_id), None)
    clock.pass_(seconds=60)
    with pytest.raises(WrongStage, match="时间"):
        db.write_now(votes.cast, votes.Cast(ballot_id, 0), voter(db, meeting_id, town, TOWN))
    assert db.read_now(votes.lapsed, meeting_id) == (ballot_id,)
    db.write_now(votes.close, votes.Close(ballot_id), None)
    assert sum(db.write_now(votes.publish, votes.Publish(ballot_id), chair).counts) == 1


def test_the_same_vote_from_many_windows_counts_once(db: Database, town: Town) -> None:
    meeting_id, ballot_id, _ = opened(db, town)
    sitting = [voter(db, meeting_id, town, organ_id) for organ_id in ALL]

    def press(by: Participant) -> bool:
        try:
            db.write_now(votes.cast, votes.Cast(ballot_id, 0), by)
        except Stale:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(press, sitting * 6))
    assert sum(done) == 5
    assert len(db.read_now(ballots.votes, ballot_id)) == 5


def test_who_was_removed_has_no_vote_and_a_group_bounds_it(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    village = venue_of(db, meeting_id, VILLAGE)
    do(db, meeting_id, c.RemoveVenue(village), chair, chair.venue_id, village)
    first, second = drafted(db, meeting_id, chair), drafted(db, meeting_id, chair)
    assert village not in db.write_now(votes.open, votes.Open(first), chair).voters
    county = Group(under=f"/{CITY}/{COUNTY}/", but=frozenset({venue_of(db, meeting_id, TOWN)}))
    assert db.write_now(votes.open, votes.Open(second, county), chair).voters == {
        venue_of(db, meeting_id, COUNTY), venue_of(db, meeting_id, OTHER_VILLAGE),
    }  # fmt: skip


def test_a_vote_needs_a_meeting_that_is_on(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    ballot_id = db.write_now(votes.prepare, votes.Draft(meeting_id, QUESTION), town(CITY))
    do(db, meeting_id, c.SetPhase("PAUSED"), chair)
    with pytest.raises(WrongStage):
        db.write_now(votes.open, votes.Open(ballot_id), chair)
    with pytest.raises(NotPermitted):
        db.write_now(votes.prepare, votes.Draft(meeting_id, QUESTION), town(COUNTY))
    assert db.read_now(votes.of_meeting, meeting_id, town(COUNTY)) == ()
    with pytest.raises(NotFound):
        db.read_now(votes.of_meeting, meeting_id, town(WATER))


def test_a_published_result_cannot_be_voided(db: Database, town: Town) -> None:
    _, ballot_id, chair = opened(db, town)
    db.write_now(votes.close, votes.Close(ballot_id), chair)
    db.write_now(votes.publish, votes.Publish(ballot_id), chair)
    with pytest.raises(WrongStage):
        db.write_now(votes.void, votes.Void(ballot_id, "有误"), chair)


# --- secret ballots, through the box


@pytest.fixture
def secret(tmp_path: Path) -> SecretBallots:
    return SecretBallots(tmp_path / "ballots")


class Said(list[votes.Shown]):
    """What the room was told, in order."""

    def __init__(self) -> None:
        super().__init__()
        self._more = asyncio.Event()

    def __call__(self, shown: votes.Shown) -> None:
        self.append(shown)
        self._more.set()

    async def voted(self, many: int) -> None:
        """Wait until so many have voted."""
        async with asyncio.timeout(10):
            while len(self[-1].voted) < many:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def said() -> Said:
    return Said()


@pytest.fixture
async def box(db: Database, secret: SecretBallots, said: Said) -> AsyncIterator[BallotBox]:
    made = BallotBox(db, secret, told=said, online=lambda _: frozenset(), tell_every=0)
    yield made
    await made.aclose()


def dump(work: Work) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that could tell something of a vote, and the history."""
    names = ("vote", "ballot", "ballot_voter", "ballot_paper", "room_event", "event", "job", "command")
    return {name: [tuple(row) for row in work.execute(text(f"SELECT * FROM {name} ORDER BY 1, 2"))] for name in names}


async def test_a_secret_vote_leaves_nothing_in_the_database_before_it_closes(
    db: Database, town: Town, box: BallotBox, secret: SecretBallots, said: Said
) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    ballot_id = drafted(db, meeting_id, chair, secret=True)
    await box.open(votes.Open(ballot_id), chair)
    before = db.read_now(dump)
    for organ_id, choice in ((CITY, 0), (COUNTY, 1), (TOWN, 0), (VILLAGE, 2)):
        await box.cast(votes.Cast(ballot_id, choice), voter(db, meeting_id, town, organ_id))
    assert db.read_now(dump) == before
    with pytest.raises(Stale):
        await box.cast(votes.Cast(ballot_id, 1), voter(db, meeting_id, town, COUNTY))
    await said.voted(4)
    assert {one.result for one in said} == {None}
    await box.close(ballot_id, chair)
    await box.close(ballot_id, chair)
    assert secret.held() == ()
    rows = db.read_now(dump)
    assert sorted(row[2] for row in rows["ballot_paper"]) == [0, 0, 1, 2]
    assert len(rows["ballot_voter"]) == 4
    assert rows["vote"] == []
    await box.publish(votes.Publish(ballot_id), chair)
    assert said[-1].result == Result((2, 1, 1), present=4, quorate=True, carried=0)
    assert said[-1].votes == {}


async def test_a_secret_vote_with_four_voters_is_refused(db: Database, town: Town, box: BallotBox) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    ballot_id = drafted(db, meeting_id, chair, secret=True)
    four = Group(everyone=True, but=frozenset({chair.venue_id}))
    with pytest.raises(Invalid, match="至少"):
        await box.open(votes.Open(ballot_id, four), chair)


async def test_the_ways_of_open_and_secret_votes_are_not_mixed_up(db: Database, town: Town, box: BallotBox) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    open_, hidden = drafted(db, meeting_id, chair), drafted(db, meeting_id, chair, secret=True)
    await box.open(votes.Open(open_), chair)
    await box.open(votes.Open(hidden), chair)
    with pytest.raises(Invalid, match="无记名"):
        db.write_now(votes.cast, votes.Cast(hidden, 0), chair)
    with pytest.raises(Invalid, match="记名"):
        db.read_now(votes.check_secret, votes.Cast(open_, 0), chair)
    with pytest.raises(WrongStage):
        db.write_now(votes.close, votes.Close(hidden), chair)


async def test_a_crash_at_each_step_of_closing_loses_no_vote(
    db: Database, town: Town, box: BallotBox, secret: SecretBallots, said: Said
) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))

    async def voted() -> int:
        ballot_id = drafted(db, meeting_id, chair, secret=True)
        await box.open(votes.Open(ballot_id), chair)
        for organ_id in ALL:
            await box.cast(votes.Cast(ballot_id, 0), voter(db, meeting_id, town, organ_id))
        return ballot_id

    sealed = await voted()
    secret.seal(sealed)  # and the server died
    counted = await voted()
    db.write_now(votes.close, votes.Close(counted, counted=secret.seal(counted)), chair)  # and the server died
    begun = drafted(db, meeting_id, chair, secret=True)
    db.write_now(votes.open, votes.Open(begun), chair)  # and the server died
    again = BallotBox(db, secret, told=said, online=lambda _: frozenset())
    await again.recover(meeting_id)
    assert secret.held() == (sealed,)
    await again.close(sealed, chair)
    assert secret.held() == ()
    stages = [one.ballot.stage for one in db.read_now(votes.shown, meeting_id, chair=True)]
    assert stages == [BallotStage.CLOSED, BallotStage.CLOSED, BallotStage.VOID]
    for ballot_id in (sealed, counted):
        assert db.write_now(votes.publish, votes.Publish(ballot_id), chair).counts == (5, 0, 0)
    await again.aclose()


async def test_a_vote_ends_by_itself_also_after_a_restart(
    db: Database, town: Town, secret: SecretBallots, clock: Clock
) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    ballot_id = drafted(db, meeting_id, chair, secret=True)
    first = BallotBox(db, secret, told=lambda _: None, online=lambda _: frozenset())
    await first.open(votes.Open(ballot_id, seconds=60), chair)
    await first.aclose()
    clock.pass_(seconds=61)
    closed = asyncio.Event()

    def told(shown: votes.Shown) -> None:
        if shown.ballot.stage is BallotStage.CLOSED:
            closed.set()

    again = BallotBox(db, secret, told=told, online=lambda _: frozenset())
    await again.recover(meeting_id)
    async with asyncio.timeout(10):
        await closed.wait()
    assert db.read_now(votes.one, ballot_id).ballot.stage is BallotStage.CLOSED
    assert secret.held() == ()
    await again.aclose()


async def test_voiding_destroys_the_box(db: Database, town: Town, box: BallotBox, secret: SecretBallots) -> None:
    meeting_id = called(db, town)
    chair = live(db, meeting_id, town(CITY))
    ballot_id = drafted(db, meeting_id, chair, secret=True)
    await box.open(votes.Open(ballot_id), chair)
    await box.void(votes.Void(ballot_id, "题目有误"), chair)
    assert secret.held() == ()
    with pytest.raises(WrongStage):
        await box.cast(votes.Cast(ballot_id, 0), chair)


def test_published_votes_are_decisions_in_the_minutes(db: Database, town: Town) -> None:
    meeting_id, ballot_id, chair = opened(db, town)
    db.write_now(votes.cast, votes.Cast(ballot_id, 0), voter(db, meeting_id, town, COUNTY))
    db.write_now(votes.close, votes.Close(ballot_id), chair)
    db.write_now(votes.publish, votes.Publish(ballot_id), chair)
    do(db, meeting_id, c.SetPhase("ENDED"), chair)
    made = db.read_now(minutes.draft, meeting_id, town(CITY))
    assert made.decisions == (
        "通过取暖安全工作方案：记名表决，有表决权 5 个，投票 1 个，赞成 1 票，反对 0 票，弃权 0 票，获得通过。",
    )


def test_an_inspector_never_votes(db: Database, town: Town) -> None:
    meeting_id = planned(db, town(CITY))
    db.write_now(invitations.invite, invitations.Invite(meeting_id, (COUNTY, FINANCE)), town(CITY))
    inspector = town(WATER, Role.LEADER)
    place = db.write_now(
        invitations.invite_inspector, invitations.InviteInspector(meeting_id, inspector.post_id), town(CITY)
    )
    db.write_now(meetings.call, meetings.Call(meeting_id), town(CITY))
    chair = live(db, meeting_id, town(CITY))
    ballot_id = drafted(db, meeting_id, chair)
    assert place not in db.write_now(votes.open, votes.Open(ballot_id), chair).voters
