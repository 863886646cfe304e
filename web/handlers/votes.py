"""表决 in a live room. JSON from the room's page; what happened comes to all by the room's line (`ballot`)."""

from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec
from aiohttp import web

from office.domain.errors import NotFound
from rtc.domain.venue import Group, Participant
from rtc.domain.voting import MOTION, Rule
from rtc.live.ballot_box import BallotBox
from rtc.service import rooms, votes
from rtc.service.rooms import Enter
from rtc.store.ballots import ABSENT
from web.ballots import seen
from web.forms import bounded, decode_json, number_in_path
from web.keys import actor, db, services
from web.routing import SIGNED_IN, Route

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sits:
    """Where the page sits, and the number of the chair it believes to hold."""

    venue: int
    fence: int = 0


@dataclass(frozen=True, slots=True)
class Drafting(Sits):
    """A new ballot."""

    question: str = ""
    options: tuple[str, ...] = MOTION
    secret: bool = False
    rule: Rule = Rule.MAJORITY_OF_VOTES
    quorum: int = 0
    topic: int | None = None


@dataclass(frozen=True, slots=True)
class Opening(Sits):
    """For whom, and for how many seconds; None: until it is closed."""

    group: Group = votes.EVERYONE
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Voting(Sits):
    """The place of the option."""

    choice: int = -1


@dataclass(frozen=True, slots=True)
class Voiding(Sits):
    """Why it counts for nothing."""

    reason: str = ""


async def _asked(request: web.Request, kind: type[T]) -> T:
    return bounded(decode_json(await request.read(), kind))


async def _by(request: web.Request, sits: Sits) -> Participant:
    """Who asks, let in to the venue he says he sits at."""
    entered = await db(request).read(rooms.enter, Enter(number_in_path(request), sits.venue), actor(request))
    return replace(entered.participant, fence=sits.fence)


async def _ballot(request: web.Request) -> int:
    """The ballot of the address, if it is one of that meeting's; absent otherwise."""
    meeting_id, ballot_id = number_in_path(request), number_in_path(request, "ballot_id")
    found = await db(request).read(votes.one, ballot_id)
    if found.meeting_id != meeting_id:
        raise NotFound(ABSENT)
    return ballot_id


def _box(request: web.Request) -> BallotBox:
    return services(request).ballots


def _done(**said: int) -> web.StreamResponse:
    return web.Response(body=msgspec.json.encode(said), content_type="application/json")


async def listed(request: web.Request) -> web.StreamResponse:
    """The ballots of a room; drafts and unpublished results only for who holds its chair now."""
    meeting_id = number_in_path(request)
    entered = await db(request).read(rooms.enter, Enter(meeting_id), actor(request))
    chair = (await db(request).read(rooms.load, meeting_id)).room.chair
    holds = (chair.holder, chair.holder_person) in {
        (place.id, entered.participant.person_id) for place in entered.choices
    }
    found = await db(request).read(votes.shown, meeting_id, chair=holds)
    return web.Response(body=msgspec.json.encode([seen(one) for one in found]), content_type="application/json")


async def draft(request: web.Request) -> web.StreamResponse:
    """Draft a ballot; only the chair sees it until it is opened."""
    asked = await _asked(request, Drafting)
    command = votes.Draft(
        number_in_path(request), asked.question, asked.options, asked.secret, asked.rule, asked.quorum, asked.topic
    )
    return _done(id=await db(request).write(votes.draft, command, await _by(request, asked)))


async def open_(request: web.Request) -> web.StreamResponse:
    """Let the venues vote."""
    asked = await _asked(request, Opening)
    by, ballot_id = await _by(request, asked), await _ballot(request)
    await _box(request).open(votes.Open(ballot_id, asked.group, asked.seconds), by)
    return _done(id=ballot_id)


async def vote(request: web.Request) -> web.StreamResponse:
    """One vote for one's venue; kept when this is answered."""
    asked = await _asked(request, Voting)
    by, ballot_id = await _by(request, asked), await _ballot(request)
    await _box(request).cast(votes.Cast(ballot_id, asked.choice), by)
    return _done(id=ballot_id)


async def close(request: web.Request) -> web.StreamResponse:
    """End it before its time."""
    by, ballot_id = await _by(request, await _asked(request, Sits)), await _ballot(request)
    await _box(request).close(ballot_id, by)
    return _done(id=ballot_id)


async def publish(request: web.Request) -> web.StreamResponse:
    """Show the result to all."""
    by, ballot_id = await _by(request, await _asked(request, Sits)), await _ballot(request)
    await _box(request).publish(votes.Publish(ballot_id), by)
    return _done(id=ballot_id)


async def void(request: web.Request) -> web.StreamResponse:
    """It counts for nothing."""
    asked = await _asked(request, Voiding)
    by, ballot_id = await _by(request, asked), await _ballot(request)
    await _box(request).void(votes.Void(ballot_id, asked.reason), by)
    return _done(id=ballot_id)


_ONE = "/meetings/{id:\\d+}/ballots/{ballot_id:\\d+}"
ROUTES = (
    Route("GET", "/meetings/{id:\\d+}/ballots.json", listed, SIGNED_IN),
    Route("POST", "/meetings/{id:\\d+}/ballots", draft, SIGNED_IN),
    Route("POST", f"{_ONE}/open", open_, SIGNED_IN),
    Route("POST", f"{_ONE}/vote", vote, SIGNED_IN),
    Route("POST", f"{_ONE}/close", close, SIGNED_IN),
    Route("POST", f"{_ONE}/publish", publish, SIGNED_IN),
    Route("POST", f"{_ONE}/void", void, SIGNED_IN),
)
