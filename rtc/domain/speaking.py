"""Deciding about sound, pictures and the word: microphones, cameras, hands, who has the floor."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from office.domain.errors import Invalid, NotPermitted, WrongStage
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.room import Room
from rtc.domain.venue import Group, House, Participant

T = TypeVar("T")
Events = tuple[e.RoomEvent, ...]
SHORTEST, LONGEST = 10, 3_600  # seconds of a limited floor


def changed(before: T, after: T, event: Callable[[T], e.RoomEvent]) -> Events:
    """An event when something changed, nothing when it was so already."""
    return () if before == after else (event(after),)


def raise_hand(room: Room, by: Participant, at: datetime) -> Events:
    """Once; who has the floor needs none."""
    has_floor = room.floor is not None and room.floor.venue_id == by.venue_id
    if has_floor or any(hand.venue_id == by.venue_id for hand in room.hands):
        return ()
    return (e.HandRaised(by.venue_id, at),)


def lower_hand(room: Room, command: c.LowerHand, by: Participant) -> Events:
    """One's own, or as the chair another's."""
    venue_id = by.venue_id if command.venue_id is None else command.venue_id
    if venue_id != by.venue_id and (room.chair.holder != by.venue_id or room.chair.fence != by.fence):
        raise NotPermitted("只有主席可以取消别的会场的发言申请。")
    return (e.HandLowered(venue_id),) if any(hand.venue_id == venue_id for hand in room.hands) else ()


def own_microphone(room: Room, command: c.SwitchMicrophone, by: Participant) -> Events:
    """Closing is always one's right; opening not against the chair."""
    me = frozenset({by.venue_id})
    if not command.on:
        return () if by.venue_id in room.muted else (e.MicrophonesSet(me, on=False),)
    if by.venue_id not in room.muted:
        return ()
    if room.floor is not None and room.floor.venue_id == by.venue_id:
        return (e.MicrophonesSet(me, on=True, held=True),)
    chairs = room.chair.holder == by.venue_id
    if not chairs and (by.venue_id in room.held_mute or not room.self_unmute):
        raise NotPermitted("主席已将您的会场静音。想发言请举手。")
    if not chairs and room.floor is not None:
        raise NotPermitted("现在由别的会场发言。想发言请举手。")
    return (e.MicrophonesSet(me, on=True),)


def own_camera(room: Room, command: c.SwitchCamera, by: Participant) -> Events:
    """The same for the camera."""
    me = frozenset({by.venue_id})
    if not command.on:
        return () if by.venue_id in room.dark else (e.CamerasSet(me, on=False),)
    if by.venue_id not in room.dark:
        return ()
    if by.venue_id in room.held_dark and room.chair.holder != by.venue_id:
        raise NotPermitted("主席已关闭您会场的摄像头。需要时请举手说明。")
    return (e.CamerasSet(me, on=True),)


def _reached(group: Group, house: House) -> frozenset[int]:
    found = group.select(house.venues.values())
    if not found:
        raise Invalid("这个范围里没有会场。请换一个范围。")
    return found


def _spared(ids: frozenset[int], group: Group, room: Room) -> frozenset[int]:
    """The chair's own venue is reached only when it is named."""
    holder = room.chair.holder
    return ids if holder is None or holder in group.venues else ids - {holder}


def mute(room: Room, command: c.Mute, house: House) -> Events:
    """Closing is also holding: only the chair opens it again."""
    group, lifted = command.group, command.freed & room.held_mute
    if command.on:
        ids = (_reached(group, house) if group != Group() else frozenset()) & room.muted
        opened = (e.MicrophonesSet(ids, on=True),) if ids else ()
        return (*opened, e.HoldLifted(lifted)) if lifted else opened
    ids = _spared(_reached(group, house), group, room)
    loosely, firmly = (ids & command.freed) - room.muted, ids - command.freed - (room.muted & room.held_mute)
    soft = (e.MicrophonesSet(loosely, on=False),) if loosely else ()
    return (*soft, e.MicrophonesSet(firmly, on=False, held=True)) if firmly else soft


def stop_cameras(room: Room, command: c.StopCameras, house: House) -> Events:
    """The same for cameras."""
    group, lifted = command.group, command.freed & room.held_dark
    if command.on:
        ids = (_reached(group, house) if group != Group() else frozenset()) & room.dark
        opened = (e.CamerasSet(ids, on=True),) if ids else ()
        return (*opened, e.HoldLifted(lifted, camera=True)) if lifted else opened
    ids = _spared(_reached(group, house), group, room)
    loosely, firmly = (ids & command.freed) - room.dark, ids - command.freed - (room.dark & room.held_dark)
    soft = (e.CamerasSet(loosely, on=False),) if loosely else ()
    return (*soft, e.CamerasSet(firmly, on=False, held=True)) if firmly else soft


def deafen(room: Room, command: c.Deafen, house: House) -> Events:
    """Loudspeakers."""
    ids = _reached(command.group, house)
    ids = ids & room.deafened if command.on else ids - room.deafened
    return (e.LoudspeakersSet(ids, command.on),) if ids else ()


def give_floor(room: Room, command: c.GiveFloor, house: House, at: datetime) -> Events:
    """The venue speaks and the others fall silent, the chair excepted. Who had the floor before is done."""
    venue = house.venues.get(command.venue_id)
    if venue is None or venue.inspector or command.venue_id in room.removed:
        raise Invalid("会议里没有这个会场，不能请它发言。")
    if command.venue_id not in house.online:
        raise Invalid(f"{venue.name}现在不在线，不能请它发言。")
    if command.seconds is not None and not SHORTEST <= command.seconds <= LONGEST:
        raise Invalid(f"发言限时要在 {SHORTEST} 至 {LONGEST} 秒之间。")
    before = room.floor.before if room.floor is not None else room.muted
    until = None if command.seconds is None else at + timedelta(seconds=command.seconds)
    silenced = frozenset(venue_id for venue_id in house.venues if venue_id not in {command.venue_id, room.chair.holder})
    given = e.FloorGiven(command.venue_id, until, before, silenced)
    return (e.FloorEnded(room.floor.venue_id), given) if room.floor is not None else (given,)


def refuse(room: Room, command: c.RefuseFloor) -> Events:
    """The hand goes down."""
    if all(hand.venue_id != command.venue_id for hand in room.hands):
        raise WrongStage("这个会场没有申请发言，或者已经取消。")
    return (e.HandLowered(command.venue_id, refused=True),)


def end_floor(room: Room) -> Events:
    """Microphones are as before."""
    if room.floor is None:
        raise WrongStage("现在没有会场在点名发言。")
    return (e.FloorEnded(room.floor.venue_id),)


def lapse(room: Room, house: House, at: datetime) -> Events:  # noqa: ARG001 - all lapses are asked alike
    """The time of a limited floor is over."""
    if room.floor is None or room.floor.until is None or at < room.floor.until:
        return ()
    return (e.FloorEnded(room.floor.venue_id, lapsed=True),)
