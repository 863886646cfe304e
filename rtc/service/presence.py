"""Who is here: joins, beats in batches, leavings. The room's owner calls these; nobody is measured by them."""

from collections.abc import Sequence

from office.store.work import Work
from rtc.store import presence
from rtc.store.presence import Joined as Joined  # callers of `join` make one


def join(work: Work, joined: Joined) -> int:
    """A device came in; the id is what beats and the leaving name."""
    return presence.add(work, joined)


def beat(work: Work, ids: Sequence[int]) -> dict[int, int]:
    """All of these are still here; ids whose silence was too long are answered with the new ones: old to new."""
    return presence.beat(work, ids) if ids else {}


def leave(work: Work, ids: Sequence[int]) -> None:
    """These went."""
    if ids:
        presence.leave(work, ids)


def reopened(work: Work, meeting_id: int) -> int:
    """A room was opened anew after a restart: nobody is here until he joins again; returns how many rows ended."""
    return presence.close_open(work, meeting_id)
