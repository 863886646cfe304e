"""Votes (表决): draft, open, cast, close, publish, void. A secret vote is cast in `store.secret_ballots`, not here.

Order at the edge, so that a crash between two steps loses nothing (rooms.md 7.5):
open: `votes.open`, then the file; cast: `votes.check_secret`, then the file; close: seal the file, `votes.close` with
what it held, then destroy the file. `votes.recover` says what a start has to finish.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from office.domain.errors import Invalid, NotFound, WrongStage
from office.domain.people import Actor
from office.store.history import By
from office.store.work import Work
from rtc.domain import voting
from rtc.domain.chairing import must_hold
from rtc.domain.room import Phase
from rtc.domain.venue import Group, House, Participant
from rtc.domain.voting import Ballot, BallotStage, Result, Rule
from rtc.service import access, history
from rtc.service.topics import CHANGEABLE
from rtc.store import ballots, meetings, rooms, venues
from rtc.store.secret_ballots import Counted

MOST_BALLOTS = 200
_COUNTED = frozenset({BallotStage.CLOSED, BallotStage.PUBLISHED})
EVERYONE = Group(everyone=True)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question with its options (赞成、反对、弃权 if none are named)."""

    meeting_id: int
    question: str
    options: tuple[str, ...] = voting.MOTION
    secret: bool = False
    rule: Rule = Rule.MAJORITY_OF_VOTES
    quorum: int = 0
    topic_id: int | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Let these venues vote, for so many seconds or until the chair closes it."""

    ballot_id: int
    group: Group = EVERYONE
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Cast:
    """A vote for the option at that place."""

    ballot_id: int
    choice: int


@dataclass(frozen=True, slots=True)
class Close:
    """End it. `online` are the venues that are here; `counted` what a secret ballot's file held."""

    ballot_id: int
    online: frozenset[int] = frozenset()
    counted: Counted | None = None


@dataclass(frozen=True, slots=True)
class Publish:
    """Show the result to all."""

    ballot_id: int


@dataclass(frozen=True, slots=True)
class Void:
    """It counts for nothing."""

    ballot_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A ballot as somebody may see it. `result` after publishing, for the chair after closing; `votes` never if secret.

    `voted` of an open secret ballot is empty: the edge adds it from the file.
    """

    id: int
    meeting_id: int
    topic_id: int | None
    ballot: Ballot
    voted: frozenset[int]
    result: Result | None
    votes: Mapping[int, int]


def prepare(work: Work, command: Draft, actor: Actor) -> int:
    """Draft a ballot from the organiser's pages, before the meeting or during it; returns its id."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    if found.phase not in CHANGEABLE or found.cancelled_at is not None:
        raise WrongStage("会议已经结束或者取消，不能再加表决。")
    return _draft(work, command)


def draft(work: Work, command: Draft, by: Participant) -> int:
    """Draft a ballot in the room, by the chair; returns its id."""
    _must_chair(work, command.meeting_id, by)
    return _draft(work, command)


def _draft(work: Work, command: Draft) -> int:
    if len(ballots.of_meeting(work, command.meeting_id)) >= MOST_BALLOTS:
        raise Invalid(f"一次会议最多 {MOST_BALLOTS} 次表决。")
    topic_id = command.topic_id
    if topic_id is not None and meetings.topic_of(work, topic_id).meeting_id != command.meeting_id:
        raise NotFound("没有这个议题，或者已经撤下。请刷新后再看。")
    words = voting.drafted(
        command.question, command.options, secret=command.secret, rule=command.rule, quorum=command.quorum
    )
    return ballots.add(work, command.meeting_id, topic_id, words)


def _must_chair(work: Work, meeting_id: int, by: Participant) -> None:
    must_hold(rooms.load(work, meeting_id).room, by, House(venues.house(work, meeting_id)))


def open(work: Work, command: Open, by: Participant) -> Ballot:  # noqa: A001 - the word of the domain
    """Open a draft while the meeting is on, by the chair; who was removed and who inspects has no vote."""
    stored = ballots.held(work, command.ballot_id)
    _must_chair(work, stored.meeting_id, by)
    room = rooms.load(work, stored.meeting_id).room
    if room.phase is not Phase.LIVE:
        raise WrongStage("会议没有在进行，不能表决。请先开始或者继续会议。")
    voters = command.group.select(venues.house(work, stored.meeting_id).values()) - room.removed
    after = voting.opened(stored.ballot, voters, command.seconds, work.now)
    ballots.save(work, stored, after)
    _record(work, "MEETING_VOTE_OPENED", stored, by, {"secret": after.secret, "voters": len(voters)})
    return after


def cast(work: Work, command: Cast, by: Participant) -> None:
    """Vote by name, once for a venue, on the disk when this returns."""
    stored = ballots.held(work, command.ballot_id)
    if stored.ballot.secret:
        raise Invalid("这是无记名表决，请用无记名的方式投。")
    voted = ballots.has_voted(work, stored.id, by.venue_id)
    voting.check_vote(stored.ballot, by.venue_id, command.choice, voted=voted, at=work.now)
    ballots.keep_vote(work, stored.id, by.venue_id, command.choice, by.person_id)


def check_secret(work: Work, command: Cast, by: Participant) -> None:
    """Whether this secret vote may be cast now; whether the venue has voted already only the file knows."""
    stored = ballots.load(work, command.ballot_id)
    if not stored.ballot.secret:
        raise Invalid("这是记名表决，请用记名的方式投。")
    voting.check_vote(stored.ballot, by.venue_id, command.choice, voted=False, at=work.now)


def check_close(work: Work, ballot_id: int, by: Participant | None) -> Shown:
    """Whether it may be closed now, asked before the box is sealed; one that is closed already may."""
    stored = ballots.load(work, ballot_id)
    _check_close(work, stored, by)
    return _shown(work, stored, chair=False)


def _check_close(work: Work, stored: ballots.StoredBallot, by: Participant | None) -> None:
    if by is not None:
        _must_chair(work, stored.meeting_id, by)
    elif stored.ballot.stage not in _COUNTED and not voting.lapsed(stored.ballot, work.now):
        raise WrongStage("表决时间还没有到。")
    if stored.ballot.stage not in _COUNTED:
        voting.closed(stored.ballot, work.now)  # refuses a draft and a void one


def close(work: Work, command: Close, by: Participant | None) -> Ballot:
    """End it: by the chair, or by the clock (`by` None) once its time is over. A repeat changes nothing."""
    stored = ballots.held(work, command.ballot_id)
    _check_close(work, stored, by)
    if stored.ballot.stage in _COUNTED:
        return stored.ballot
    after = voting.closed(stored.ballot, work.now)
    if after.secret:
        if command.counted is None:
            raise WrongStage("票箱还没有封，不能结束。请再按一次。")
        ballots.keep_secret(work, stored.id, command.counted.voters, command.counted.choices)
    ballots.save(work, stored, after, present=len(after.voters & command.online))
    _record(work, "MEETING_VOTE_CLOSED", stored, by, {"cast": len(ballots.papers(work, stored))})
    return after


def publish(work: Work, command: Publish, by: Participant) -> Result:
    """Show the result to all, by the chair."""
    stored = ballots.held(work, command.ballot_id)
    _must_chair(work, stored.meeting_id, by)
    after = voting.published(stored.ballot)
    ballots.save(work, stored, after, published_at=work.now)
    result = voting.count(after, ballots.papers(work, stored), stored.present)
    _record(work, "MEETING_VOTE_PUBLISHED", stored, by, {"counts": result.counts})
    return result


def void(work: Work, command: Void, by: Participant | None) -> None:
    """Void a ballot that was not published, by the chair, or by a start that found its file gone (`by` None)."""
    stored = ballots.held(work, command.ballot_id)
    if by is not None:
        _must_chair(work, stored.meeting_id, by)
    ballots.save(work, stored, voting.voided(stored.ballot, command.reason))
    _record(work, "MEETING_VOTE_VOIDED", stored, by)


def _record(
    work: Work, kind: str, stored: ballots.StoredBallot, by: Participant | None, *body: Mapping[str, object]
) -> None:
    organ_id = meetings.load(work, stored.meeting_id).organ_id
    who = By(organ_id, None if by is None else by.person_id)
    history.record(work, kind, stored.meeting_id, who, {"ballot": stored.id}, *body)


def shown(work: Work, meeting_id: int, *, chair: bool = False) -> tuple[Shown, ...]:
    """The ballots of a meeting as everyone sees them; for the chair drafts too, and results before publishing."""
    every = ballots.of_meeting(work, meeting_id)
    return tuple(_shown(work, one, chair=chair) for one in every if chair or one.ballot.stage is not BallotStage.DRAFT)


def one(work: Work, ballot_id: int, *, chair: bool = False) -> Shown:
    """One ballot in the same way: what the room is told after each act."""
    return _shown(work, ballots.load(work, ballot_id), chair=chair)


def of_meeting(work: Work, meeting_id: int, actor: Actor) -> tuple[Shown, ...]:
    """The ballots for somebody who may see the meeting; its organiser sees closed results too."""
    found = access.meeting(work, meeting_id, by=actor)
    return shown(work, found.id, chair=access.organises(found, actor))


def _shown(work: Work, stored: ballots.StoredBallot, *, chair: bool) -> Shown:
    state = stored.ballot
    seen = state.stage is BallotStage.PUBLISHED or (chair and state.stage is BallotStage.CLOSED)
    result = voting.count(state, ballots.papers(work, stored), stored.present) if seen else None
    votes = ballots.votes(work, stored.id) if seen and not state.secret else {}
    who = ballots.voters(work, stored)
    return Shown(stored.id, stored.meeting_id, stored.topic_id, state, who, result, votes)


def lapsed(work: Work, meeting_id: int) -> tuple[int, ...]:
    """Ballots of a meeting whose time is over and that are still open."""
    every = ballots.of_meeting(work, meeting_id)
    return tuple(one.id for one in every if voting.lapsed(one.ballot, work.now))


@dataclass(frozen=True, slots=True)
class Recovery:
    """What the opening of a room has to finish: files to destroy, ballots whose file was never made, and open ones."""

    destroy: tuple[int, ...]
    void: tuple[int, ...]
    open: tuple[int, ...]


def recover(work: Work, meeting_id: int, files: Collection[int]) -> Recovery:
    """Compare the files that are there with the ballots of a meeting; other meetings' open ballots may be elsewhere."""
    going = [one for one in ballots.of_meeting(work, meeting_id) if one.ballot.stage is BallotStage.OPEN]
    lost = tuple(one.id for one in going if one.ballot.secret and one.id not in files)
    return Recovery(
        tuple(sorted(ballots.over(work, tuple(files)))), lost, tuple(one.id for one in going if one.id not in lost)
    )
