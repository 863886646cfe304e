"""Ballots in rows: the state as JSON, open votes by name, and what was copied out of a closed secret ballot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, exists, insert, select, update

from office.domain.errors import NotFound, Stale
from office.store.work import Work
from rtc.domain.voting import Ballot, BallotStage
from rtc.store.tables import ballot, ballot_paper, ballot_voter, vote

ABSENT = "没有这次表决，或者您看不到它。"
_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Ballot)


@dataclass(frozen=True, slots=True)
class StoredBallot:
    """A ballot with its row; `present` venues with a vote were there when it closed."""

    id: int
    meeting_id: int
    topic_id: int | None
    version: int
    present: int
    published_at: datetime | None
    ballot: Ballot


_COLUMNS = tuple(getattr(ballot.c, name) for name in (*StoredBallot.__slots__[:-1], "state"))


def _of_row(row: Sequence[Any]) -> StoredBallot:
    return StoredBallot(row[0], row[1], row[2], row[3], row[4], row[5], _decoder.decode(row[6]))


def load(work: Work, ballot_id: int) -> StoredBallot:
    """The ballot by id; NotFound when absent."""
    return _one(work, select(*_COLUMNS).where(ballot.c.id == ballot_id))


def held(work: Work, ballot_id: int) -> StoredBallot:
    """The same, held until the commit: votes and the closing come one after the other."""
    return _one(work, select(*_COLUMNS).where(ballot.c.id == ballot_id).with_for_update())


def _one(work: Work, statement: Select[Any]) -> StoredBallot:
    row = work.execute(statement).one_or_none()
    if row is None:
        raise NotFound(ABSENT)
    return _of_row(row)


def of_meeting(work: Work, meeting_id: int) -> tuple[StoredBallot, ...]:
    """The ballots of a meeting in the order they were drafted."""
    rows = work.execute(select(*_COLUMNS).where(ballot.c.meeting_id == meeting_id).order_by(ballot.c.id))
    return tuple(_of_row(row) for row in rows)


def over(work: Work, ballot_ids: Sequence[int]) -> frozenset[int]:
    """Which of these are neither drafts nor open any more."""
    b = ballot.c
    going = (str(BallotStage.DRAFT), str(BallotStage.OPEN))
    rows = work.execute(select(b.id).where(b.id.in_(ballot_ids), b.stage.not_in(going)))
    return frozenset(row[0] for row in rows)


def add(work: Work, meeting_id: int, topic_id: int | None, drafted: Ballot) -> int:
    """Store a draft and return its id."""
    values = {"meeting_id": meeting_id, "topic_id": topic_id, "secret": drafted.secret, "created": work.now}
    return work.integer(insert(ballot).values(**values, **_state(drafted)).returning(ballot.c.id))


def save(work: Work, stored: StoredBallot, after: Ballot, **values: Any) -> None:  # noqa: ANN401 - columns
    """Write the state over the version that was read; Stale when somebody was faster."""
    statement = update(ballot).where(ballot.c.id == stored.id, ballot.c.version == stored.version)
    changed = work.execute(statement.values(version=stored.version + 1, **_state(after), **values))
    if changed.rowcount != 1:
        raise Stale("这次表决刚被别人改过。请刷新后再看。")


def _state(state: Ballot) -> dict[str, str]:
    return {"stage": str(state.stage), "state": _encoder.encode(state).decode()}


def votes(work: Work, ballot_id: int) -> Mapping[int, int]:
    """The votes of an open ballot: venue to the place of its choice."""
    v = vote.c
    rows = work.execute(select(v.venue_id, v.choice).where(v.ballot_id == ballot_id).order_by(v.venue_id))
    return {row[0]: row[1] for row in rows}


def has_voted(work: Work, ballot_id: int, venue_id: int) -> bool:
    """Whether a venue has voted in an open ballot."""
    v = vote.c
    found = exists().where(v.ballot_id == ballot_id, v.venue_id == venue_id)
    return bool(work.execute(select(found)).scalar())


def keep_vote(work: Work, ballot_id: int, venue_id: int, choice: int, person_id: int) -> None:
    """One row for a vote of an open ballot."""
    values = {"ballot_id": ballot_id, "venue_id": venue_id, "choice": choice, "person_id": person_id}
    work.execute(insert(vote).values(**values, at=work.now))


def keep_secret(work: Work, ballot_id: int, voters: Sequence[int], papers: Sequence[int]) -> None:
    """Copy a sealed secret ballot: voters by their ids, papers in the order they were drawn."""
    if voters:
        rows = [{"ballot_id": ballot_id, "venue_id": venue_id} for venue_id in sorted(voters)]
        work.execute(insert(ballot_voter), rows)
    if papers:
        drawn = [{"ballot_id": ballot_id, "slot": slot, "choice": choice} for slot, choice in enumerate(papers, 1)]
        work.execute(insert(ballot_paper), drawn)


def papers(work: Work, stored: StoredBallot) -> tuple[int, ...]:
    """What was voted, without names."""
    if not stored.ballot.secret:
        return tuple(votes(work, stored.id).values())
    p = ballot_paper.c
    rows = work.execute(select(p.choice).where(p.ballot_id == stored.id).order_by(p.slot))
    return tuple(row[0] for row in rows)


def voters(work: Work, stored: StoredBallot) -> frozenset[int]:
    """Who has voted; of a secret ballot only after it closed."""
    if not stored.ballot.secret:
        return frozenset(votes(work, stored.id))
    w = ballot_voter.c
    return frozenset(row[0] for row in work.execute(select(w.venue_id).where(w.ballot_id == stored.id)))
