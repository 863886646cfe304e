"""Deciding about the rotation (轮巡): who is shown, who is next; who is not online is passed over."""

from dataclasses import replace
from datetime import datetime, timedelta

from office.domain.errors import Invalid, WrongStage
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.room import Room
from rtc.domain.rotation import Rotation
from rtc.domain.venue import House

SHORTEST, LONGEST = 5, 60  # seconds a venue is shown


def start(room: Room, command: c.StartRotation, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """Over the venues of a group in the official order; another list while it runs keeps its place."""
    if not SHORTEST <= command.seconds <= LONGEST:
        raise Invalid(f"轮巡间隔要在 {SHORTEST} 至 {LONGEST} 秒之间。")
    reached = command.group.select(house.venues.values()) - room.removed
    venues = tuple(venue_id for venue_id in house.venues if venue_id in reached and venue_id != room.chair.holder)
    if not venues:
        raise Invalid("这个范围里没有可以轮巡的会场。请换一个范围。")
    made = Rotation(venues, command.seconds, command.for_all, None, None, None)
    running = room.rotation
    if running is not None and running.showing in venues and running.showing in house.online:
        kept = replace(made, showing=running.showing, until=running.until, held=running.held)
        return (e.RotationMoved(replace(kept, following=after(kept, kept.showing, house))),)
    return (e.RotationMoved(_moved(made, house, at)),)


def after(rotation: Rotation, showing: int | None, house: House) -> int | None:
    """The next venue online after `showing`, round and round; None when no other is."""
    start = rotation.venues.index(showing) + 1 if showing in rotation.venues else 0
    ring = rotation.venues[start:] + rotation.venues[:start]
    return next((venue for venue in ring if venue in house.online and venue != showing), None)


def _moved(rotation: Rotation, house: House, at: datetime) -> Rotation:
    """One step on; who stands alone online stays."""
    kept = rotation.showing if rotation.showing in house.online else None
    following = rotation.following if rotation.following in house.online else None
    showing = following or after(rotation, rotation.showing, house) or kept
    until = None if rotation.held else at + timedelta(seconds=rotation.seconds)
    return replace(rotation, showing=showing, following=after(rotation, showing, house), until=until)


def hold(room: Room, on: bool, at: datetime) -> tuple[e.RoomEvent, ...]:  # noqa: FBT001 - the command's own field
    """Stay, or go on with the whole time."""
    rotation = _running(room)
    until = None if on else at + timedelta(seconds=rotation.seconds)
    return (e.RotationMoved(replace(rotation, held=on, until=until)),)


def stop(room: Room) -> tuple[e.RoomEvent, ...]:
    """End it."""
    _running(room)
    return (e.RotationMoved(None),)


def lapse(room: Room, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """Move on when the time is over; at once when the shown venue left. Rests while somebody has the floor."""
    rotation = room.rotation
    if rotation is None:
        return ()
    due = rotation.until is not None and at >= rotation.until
    if rotation.showing not in house.online:
        moved = _moved(rotation, house, at)
        return () if moved.showing == rotation.showing and not due else (e.RotationMoved(moved),)
    if due and room.floor is None:
        return (e.RotationMoved(_moved(rotation, house, at)),)
    following = rotation.following if rotation.following in house.online else after(rotation, rotation.showing, house)
    return () if following == rotation.following else (e.RotationMoved(replace(rotation, following=following)),)


def without(rotation: Rotation, venue_id: int) -> Rotation:
    """The rotation when a venue is put out; its place in the ring is kept by the one before."""
    venues = tuple(venue for venue in rotation.venues if venue != venue_id)
    return replace(
        rotation,
        venues=venues,
        showing=None if rotation.showing == venue_id else rotation.showing,
        following=None if rotation.following == venue_id else rotation.following,
    )


def _running(room: Room) -> Rotation:
    if room.rotation is None:
        raise WrongStage("现在没有轮巡。")
    return room.rotation
