"""The room as pages see it, and what is other between two states of it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from rtc.domain.room import Room
from rtc.domain.venue import Venue

ALL_AT_ONCE: Final = 400  # venues in a hello; of more only those online, the rest by a page request

View = dict[str, Any]


def view(room: Room) -> View:
    """Every field; sets sorted, the chair without its person and without the lease, which changes all the time."""
    seen: View = {name: _plain(getattr(room, name)) for name in room.__slots__}
    chair = room.chair
    seen["chair"] = {
        "holder": chair.holder, "fence": chair.fence, "deputy": chair.deputy, "wishes": list(chair.wishes)
    }  # fmt: skip
    return seen


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, frozenset):
        return sorted(value)
    return msgspec.to_builtins(value, order="deterministic", builtin_types=())


def changes(before: Room, after: Room) -> View:
    """The fields of the view that are other, sets of venues as what came and what went."""
    old, new = view(before), view(after)
    return {name: _change(getattr(after, name), old[name], new[name]) for name in new if new[name] != old[name]}


def _change(field: object, old: Any, new: Any) -> Any:  # noqa: ANN401 - JSON
    if not isinstance(field, frozenset):
        return new
    return {"+": sorted(set(new) - set(old)), "-": sorted(set(old) - set(new))}


def venue_view(venue: Venue) -> View:
    """One venue."""
    return {
        "id": venue.id, "name": venue.name, "organ_id": venue.organ_id, "kind": venue.kind.value,
        "level": int(venue.level), "path": venue.path, "may_chair": venue.may_chair,
    }  # fmt: skip


def venue_views(venues: Mapping[int, Venue], online: Iterable[int]) -> list[View]:
    """The venues of a hello, without inspectors."""
    seen = [venue for venue in venues.values() if not venue.inspector]
    if len(seen) > ALL_AT_ONCE:
        here = set(online)
        seen = [venue for venue in seen if venue.id in here]
    return [venue_view(venue) for venue in seen]
