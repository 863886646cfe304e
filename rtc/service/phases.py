"""What happens to a room from outside: called, configured, minuted, archived. Kept as events like all the rest."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import reduce

from office.domain.people import Actor
from office.store.work import Work
from rtc.domain.evolving import evolve, opened
from rtc.domain.meeting import check_step
from rtc.domain.room import Phase, Room
from rtc.domain.room_events import Extended, InspectionTold, PhaseSet, RoomEvent
from rtc.store import meetings, rooms
from rtc.store.meetings import Settings


def open_room(work: Work, meeting_id: int, ends_at: datetime, settings: Settings, actor: Actor) -> None:
    """Store the room of a new meeting."""
    rooms.add(work, first(meeting_id, settings))
    configure(work, meeting_id, ends_at, settings, actor)


def first(meeting_id: int, settings: Settings) -> Room:
    """The room before its first event: where a replay begins. The lobby is no event's, it follows the settings."""
    return opened(meeting_id, lobby=settings.lobby)


def configure(work: Work, meeting_id: int, ends_at: datetime, settings: Settings, actor: Actor) -> None:
    """The room as the plan wants it: when it ends, whether one waits outside, whether inspection is told."""
    stored = rooms.load(work, meeting_id, hold=True)
    changed: list[RoomEvent] = []
    if stored.room.ends_at != ends_at:
        changed.append(Extended(ends_at))
    if stored.room.inspection_told != settings.inspection_told:
        changed.append(InspectionTold(settings.inspection_told))
    if changed or stored.room.lobby != settings.lobby:
        _save(work, stored, replace(stored.room, lobby=settings.lobby), changed, actor)


def move(work: Work, meeting_id: int, to: Phase, actor: Actor | None) -> None:
    """The meeting went on to that phase by an act outside of the room."""
    stored = rooms.load(work, meeting_id, hold=True)
    check_step(stored.room.phase, to)
    _save(work, stored, stored.room, (PhaseSet(to),), actor)
    meetings.copy_phase(work, meeting_id, to)


def _save(work: Work, stored: rooms.StoredRoom, room: Room, events: Sequence[RoomEvent], actor: Actor | None) -> None:
    origin = rooms.NOBODY if actor is None else rooms.Origin(person_id=actor.person_id)
    rooms.save(work, stored, reduce(evolve, events, room), events, origin)
