"""Where the made-up weeks are played: the city's people at their desks, a clock that is set, the press."""

import asyncio
import heapq
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from office.domain.organs import Organ
from office.domain.people import Actor, Role
from office.service.outgoing import SealJob
from office.sign.local import LocalProvider
from office.store import organs
from office.store.blobs import Blobs
from office.store.database import Database
from office.store.tables import organ_code, person, post
from office.store.work import Work
from web.demo.moments import SetClock, later
from web.press import Press

P = ParamSpec("P")
T = TypeVar("T")
EARLIEST = timedelta(days=60)  # before this nothing happened
Story = Iterator[datetime]  # yields when it goes on; what comes after now has not happened yet


class Stage:
    """Everything a story needs; `now` is the real moment at which the made-up past ends."""

    def __init__(self, db: Database, clock: SetClock, blobs: Blobs, provider: LocalProvider) -> None:
        self.db = db
        self.blobs = blobs
        self.now = clock.now
        self.chance = Random(610400)
        self.issued = 0
        self.coming: list[Story] = []  # stories that began inside others
        self._clock = clock
        clock.now -= EARLIEST
        self._press = Press(blobs, provider)
        self._runner = asyncio.Runner()
        self._codes, self._organs = db.read_now(_coded)
        self._posts = db.read_now(_actors)
        self._of: dict[tuple[int, Role], list[Actor]] = {}
        for actor in self._posts.values():
            self._of.setdefault((actor.organ_id, actor.role), []).append(actor)

    def write(self, fn: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One act at the moment the clock shows."""
        return self.db.write_now(fn, *args, **kwargs)

    def read(self, fn: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """One question."""
        return self.db.read_now(fn, *args, **kwargs)

    def organ(self, code: str) -> Organ:
        """The organ of a code: of the units' file, or of the made-up departments."""
        return self._organs[self._codes[code]]

    def organ_at(self, organ_id: int) -> Organ:
        """The organ by id."""
        return self._organs[organ_id]

    def below(self, organ_id: int) -> list[Organ]:
        """Governments and villages right under an organ, in official order."""
        above = self.organ_at(organ_id)
        found = (o for o in self._organs.values() if o.parent_id == above.id and o.level == above.level + 1)
        return sorted(found, key=lambda organ: (organ.sort, organ.id))

    def actor(self, code: str, role: Role, place: int = 0) -> Actor:
        """The holder of the post with that role, the first unless said otherwise."""
        return self._of[self.organ(code).id, role][place]

    def add(self, story: Story) -> None:
        """Let a story begin beside the others."""
        self.coming.append(story)

    def clerk_of(self, organ_id: int) -> Actor:
        """The first clerk of an organ."""
        return self._of[organ_id, Role.CLERK][0]

    def holder(self, post_id: int) -> Actor:
        """Who sits in a post."""
        return self._posts[post_id]

    def after(self, least: int, most: int) -> datetime:
        """Some working minutes after the moment the clock shows."""
        return later(self._clock.now, self.chance.randint(least, most))

    def at(self) -> datetime:
        """The moment the clock shows."""
        return self._clock.now

    def set(self, moment: datetime) -> None:
        """Set the clock."""
        self._clock.now = moment

    def seal(self, job: SealJob) -> tuple[str, int]:
        """Set and seal a paper in the press; the blob's name and the number of pages."""
        data, pages = self._runner.run(self._press.seal(job))
        self.issued += 1
        return self.blobs.put_now(data), pages

    def close(self) -> None:
        """Let the press go."""
        self._runner.run(self._press.close())
        self._runner.close()


def _coded(work: Work) -> tuple[dict[str, int], dict[int, Organ]]:
    rows = work.execute(select(organ_code.c.code, organ_code.c.organ_id))
    return {row[0]: row[1] for row in rows}, {organ.id: organ for organ in organs.tree(work)}


def _actors(work: Work) -> dict[int, Actor]:
    p = post.c
    rows = work.execute(
        select(person.c.id, p.id, p.organ_id, p.role, person.c.name, p.name)
        .join(person, person.c.id == p.person_id)
        .order_by(p.id)
    )
    return {row[1]: Actor(row[0], row[1], row[2], Role(row[3]), row[4], row[5]) for row in rows}


def play(stage: Stage, stories: Iterable[Story], progress: Callable[[int], None]) -> int:
    """Play all stories side by side, in the order of their moments, up to now; what comes later stays undone.

    `progress` hears after every act how many there were. Returns their number.
    """
    order = count()
    waiting: list[tuple[datetime, int, Story]] = []
    stage.coming.extend(stories)
    acts = 0
    while True:
        for story in stage.coming:
            heapq.heappush(waiting, (next(story), next(order), story))
        stage.coming.clear()
        if not waiting or waiting[0][0] > stage.now:
            break
        moment, _, story = heapq.heappop(waiting)
        stage.set(max(moment, stage.at()))
        following = next(story, None)
        if following is not None:
            heapq.heappush(waiting, (following, next(order), story))
        acts += 1
        progress(acts)
    stage.set(stage.now)
    return acts
