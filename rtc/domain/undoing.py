"""The act that takes an act of the chair back, where there is one."""

from collections.abc import Callable
from typing import Any

from rtc.domain import room_commands as c
from rtc.domain.room import Room
from rtc.domain.venue import Group, House

Inverse = Callable[[Room, Any, House], c.RoomCommand | None]


def inverse(before: Room, command: c.RoomCommand, house: House) -> c.RoomCommand | None:
    """What brings the room back to `before`; None where nothing does (a hand-over, a closed roll call, an end)."""
    found = _INVERSES.get(type(command))
    return None if found is None else found(before, command, house)


def _group(command: c.Mute | c.StopCameras | c.Deafen, off: frozenset[int], house: House) -> c.RoomCommand | None:
    """Only those the act changed: who was silent before stays silent."""
    reached = command.group.select(house.venues.values())
    touched = reached & off if command.on else reached - off
    return type(command)(Group(venues=touched), on=not command.on) if touched else None


_INVERSES: dict[type, Inverse] = {
    c.Mute: lambda before, command, house: _group(command, before.muted, house),
    c.StopCameras: lambda before, command, house: _group(command, before.dark, house),
    c.Deafen: lambda before, command, house: _group(command, before.deafened, house),
    c.SelfUnmute: lambda before, *_: c.SelfUnmute(before.self_unmute),
    c.VoiceSwitch: lambda before, *_: c.VoiceSwitch(before.voice_switch),
    c.SetLayout: lambda before, *_: c.SetLayout(before.layout),
    c.Broadcast: lambda before, *_: c.Broadcast(before.broadcast),
    c.Watch: lambda before, *_: c.Watch(before.watched),
    c.Lock: lambda before, *_: c.Lock(before.locked),
    c.RemoveVenue: lambda _, command, *rest: c.RemoveVenue(command.venue_id, back=not command.back),  # noqa: ARG005
    c.ToStage: lambda _, command, *rest: c.ToStage(command.venue_id, on=not command.on),  # noqa: ARG005
    c.ShowBanner: lambda before, *_: c.ShowBanner(before.banner),
    c.GoToTopic: lambda before, *_: c.GoToTopic(before.topic),
    c.NameDeputy: lambda before, *_: c.NameDeputy(before.chair.deputy),
    c.StartRotation: lambda before, *_: c.StopRotation() if before.rotation is None else None,
    c.HoldRotation: lambda _, command, *rest: c.HoldRotation(not command.on),  # noqa: ARG005
    c.GiveFloor: lambda before, *_: c.EndFloor() if before.floor is None else None,
    c.PauseRollCall: lambda _, command, *rest: c.PauseRollCall(not command.on),  # noqa: ARG005
    c.TellInspection: lambda before, *_: c.TellInspection(before.inspection_told),
}
