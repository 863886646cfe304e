"""Votes of live rooms at the edge: one ballot box for this server, and what a room's pages are told of a ballot."""

from pathlib import Path
from typing import Any, Final

from office.store.database import Database
from rtc.live.ballot_box import BallotBox
from rtc.live.hub import RoomHub
from rtc.service.votes import Shown
from rtc.store.secret_ballots import SecretBallots

BALLOTS: Final = "ballots"  # in `data`: open secret ballots, in no backup
NAMED: Final = 400  # venues; with more of them pages get counts


def ballot_box(db: Database, rooms: RoomHub, data: Path) -> BallotBox:
    """The box of this server; its rooms are told through their owners."""

    def online(meeting_id: int) -> frozenset[int]:
        owner = rooms.room(meeting_id)
        return frozenset() if owner is None else owner.live.house.online

    def told(shown: Shown) -> None:
        rooms.ballot(shown.meeting_id, seen(shown))

    return BallotBox(db, SecretBallots(data / BALLOTS), told=told, online=online)


def seen(shown: Shown) -> dict[str, Any]:
    """A ballot as pages get it. Of a secret one only how many voted; of a large one counts instead of venues."""
    ballot, few = shown.ballot, len(shown.ballot.voters) <= NAMED
    result = shown.result
    return {
        "id": shown.id, "topic": shown.topic_id, "stage": ballot.stage.value, "question": ballot.question,
        "options": list(ballot.options), "secret": ballot.secret, "rule": ballot.rule.value, "quorum": ballot.quorum,
        "deadline": None if ballot.deadline is None else ballot.deadline.isoformat(), "reason": ballot.reason,
        "voters": sorted(ballot.voters) if few else None, "of": len(ballot.voters),
        "voted": sorted(shown.voted) if few and not ballot.secret else None, "cast": len(shown.voted),
        "result": None if result is None else {
            "counts": list(result.counts), "present": result.present, "quorate": result.quorate,
            "carried": result.carried,
        },
        "votes": {str(venue): choice for venue, choice in shown.votes.items()} if few else {},
    }  # fmt: skip
