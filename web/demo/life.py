"""The city comes alive: some weeks of made-up papers, played through the real use cases at past moments."""

from collections.abc import Callable

from office.sign.local import LocalProvider
from office.store.blobs import Blobs
from office.store.database import Database
from web.demo import meetings, story_city, story_desks, story_requests
from web.demo.moments import SetClock
from web.demo.stage import Stage, play


def live(
    db: Database, clock: SetClock, blobs: Blobs, provider: LocalProvider, progress: Callable[[int, int], None]
) -> tuple[int, int]:
    """Play the weeks before the clock's moment into a database that holds the city; acts and issued papers.

    `db` must be opened with `clock`. `progress` hears (acts, issued papers) on the way.
    """
    stage = Stage(db, clock, blobs, provider)
    try:
        every = (
            *story_city.stories(stage),
            *story_requests.stories(stage),
            *story_desks.stories(stage),
            *meetings.stories(stage),
        )
        acts = play(stage, every, lambda acts: progress(acts, stage.issued))
    finally:
        stage.set(stage.now)
        stage.close()
    return acts, stage.issued
