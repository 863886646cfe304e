"""The act that takes an act of the chair back, where there is one."""

from collections.abc import Callable
from typing import Any

from rtc.domain import room_commands as c
from rtc.domain.room import Phase, Room
from rtc.domain.venue import Group, House

Inverse = Callable[[Room, Any, House], c.RoomCommand | None]


def inverse(before: Room, command: c.RoomCommand, house: House) -> c.RoomCommand | None:
    """What brings the room back to `before`; None where nothing does (a hand-over, a closed roll call, an end)."""
    found = _INVERSES.get(type(command))
    return None if found is None else found(before, command, house)


def _mute(before: Room, command: c.Mute, house: House) -> c.RoomCommand | None:
    """None while somebody has the floor: what is silent then is not what will be silent afterwards."""
    if before.floor is not None:
        return None
    return _silence(c.Mute, command, before.muted, before.held_mute, house)


def _stop_cameras(before: Room, command: c.StopCameras, house: House) -> c.RoomCommand | None:
    return _silence(c.StopCameras, command, before.dark, before.held_dark, house)


def _silence(
    kind: type[c.Mute] | type[c.StopCameras], command: c.Mute | c.StopCameras, off: frozenset[int],
    held: frozenset[int], house: House,
) -> c.RoomCommand | None:  # fmt: skip
    """Only those the act changed: who was silent before stays silent, and free to speak if he was."""
    reached = command.group.select(house.venues.values())
    if command.on:
        closed = reached & off
        return kind(Group(venues=closed), freed=closed - held) if closed else None
    opened, freed = reached - off, (reached & off) - held
    return kind(Group(venues=opened), on=True, freed=freed) if opened or freed else None


def _deafen(before: Room, command: c.Deafen, house: House) -> c.RoomCommand | None:
    reached = command.group.select(house.venues.values())
    touched = reached & before.deafened if command.on else reached - before.deafened
    return c.Deafen(Group(venues=touched), on=not command.on) if touched else None


def _set_phase(before: Room, command: c.SetPhase, _: House) -> c.RoomCommand | None:
    """A pause, and its end, can be taken back; a beginning and an end cannot."""
    match before.phase, command.to:
        case Phase.LIVE, "PAUSED":
            return c.SetPhase("LIVE")
        case Phase.PAUSED, "LIVE":
            return c.SetPhase("PAUSED")
        case _:
            return None


_INVERSES: dict[type, Inverse] = {
    c.Mute: _mute,
    c.StopCameras: _stop_cameras,
    c.Deafen: _deafen,
    c.SelfUnmute: lambda before, *_: c.SelfUnmute(before.self_unmute),
    c.VoiceSwitch: lambda before, *_: c.VoiceSwitch(before.voice_switch),
    c.SetLayout: lambda before, *_: c.SetLayout(before.layout),
    c.Broadcast: lambda before, *_: c.Broadcast(before.broadcast),
    c.Watch: lambda before, *_: c.Watch(before.watched),
    c.Lock: lambda before, *_: c.Lock(before.locked),
    c.RemoveVenue: lambda before, command, _: (
        c.RemoveVenue(command.venue_id, back=not command.back)
        if command.back is (command.venue_id in before.removed)
        else None
    ),
    c.ToStage: lambda before, command, _: (
        c.ToStage(command.venue_id, on=not command.on) if command.on is not (command.venue_id in before.stage) else None
    ),
    c.SetPhase: _set_phase,
    c.ShowBanner: lambda before, *_: c.ShowBanner(before.banner),
    c.GoToTopic: lambda before, *_: c.GoToTopic(before.topic),
    c.NameDeputy: lambda before, *_: c.NameDeputy(before.chair.deputy),
    c.StartRotation: lambda before, *_: c.StopRotation() if before.rotation is None else None,
    c.HoldRotation: lambda before, command, _: (
        c.HoldRotation(not command.on) if before.rotation is not None and before.rotation.held != command.on else None
    ),
    c.GiveFloor: lambda before, *_: c.EndFloor() if before.floor is None else None,
    c.PauseRollCall: lambda before, command, _: (
        c.PauseRollCall(not command.on)
        if before.roll_call is not None and before.roll_call.paused != command.on
        else None
    ),
    c.TellInspection: lambda before, *_: c.TellInspection(before.inspection_told),
}
