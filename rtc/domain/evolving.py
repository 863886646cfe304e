"""What a fact does to a room. A fact is never refused; replaying all of them gives the stored room."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from rtc.domain import room_events as e
from rtc.domain.chair import Chair
from rtc.domain.roll_call import Line
from rtc.domain.room import Floor, Hand, Page, Phase, Room


def opened(meeting_id: int, *, ends_at: datetime | None = None, lobby: bool = False) -> Room:
    """A room before anything happened in it."""
    return Room(meeting_id, ends_at=ends_at, lobby=lobby)


def _chair_granted(room: Room, event: e.ChairGranted) -> Room:
    chair = room.chair
    wishes = tuple(venue for venue in chair.wishes if venue != event.venue_id)
    deputy = None if chair.deputy == event.venue_id else chair.deputy
    watched = room.watched if chair.holder == event.venue_id else None
    granted = Chair(event.venue_id, event.person_id, event.fence, event.until, deputy, wishes)
    return replace(room, chair=granted, watched=watched)


def _chair_freed(room: Room, event: e.ChairFreed) -> Room:
    return replace(room, chair=_free(room.chair, event.fence), watched=None)


def _free(chair: Chair, fence: int) -> Chair:
    return replace(chair, holder=None, holder_person=None, until=None, fence=fence)


def _phase_set(room: Room, event: e.PhaseSet) -> Room:
    """A rehearsal leaves nothing behind, and nothing runs on after the end."""
    before, room = room.phase, replace(room, phase=event.phase)
    if before is not Phase.REHEARSAL and event.phase is not Phase.ENDED:
        return room
    room = replace(_floor_ended(room, None), hands=(), rotation=None, broadcast=None, watched=None, screen=None)
    if event.phase is not Phase.ENDED:
        return replace(room, roll_call=None)
    return replace(room, chair=_free(room.chair, room.chair.fence + 1) if room.chair.holder is not None else room.chair)


def _microphones_set(room: Room, event: e.MicrophonesSet) -> Room:
    """What is opened or closed while somebody has the floor stays so afterwards, but for who has it."""
    ids = event.venue_ids
    if event.on and event.held:
        return replace(room, muted=room.muted - ids)
    if event.on:
        muted, held = room.muted - ids, room.held_mute - ids
        floor = room.floor and replace(room.floor, before=room.floor.before - ids)
    else:
        muted, held = room.muted | ids, room.held_mute | ids if event.held else room.held_mute
        floor = room.floor and replace(room.floor, before=room.floor.before | ids)
    return replace(room, muted=muted, held_mute=held, floor=floor)


def _cameras_set(room: Room, event: e.CamerasSet) -> Room:
    if event.on:
        return replace(room, dark=room.dark - event.venue_ids, held_dark=room.held_dark - event.venue_ids)
    held = room.held_dark | event.venue_ids if event.held else room.held_dark
    return replace(room, dark=room.dark | event.venue_ids, held_dark=held)


def _hold_lifted(room: Room, event: e.HoldLifted) -> Room:
    if event.camera:
        return replace(room, held_dark=room.held_dark - event.venue_ids)
    return replace(room, held_mute=room.held_mute - event.venue_ids)


def _loudspeakers_set(room: Room, event: e.LoudspeakersSet) -> Room:
    deafened = room.deafened - event.venue_ids if event.on else room.deafened | event.venue_ids
    return replace(room, deafened=deafened)


def _without_hand(room: Room, venue_id: int) -> tuple[Hand, ...]:
    return tuple(hand for hand in room.hands if hand.venue_id != venue_id)


def _hand_raised(room: Room, event: e.HandRaised) -> Room:
    return replace(room, hands=(*room.hands, Hand(event.venue_id, event.at)))


def _floor_given(room: Room, event: e.FloorGiven) -> Room:
    muted = (room.muted | event.silenced) - {event.venue_id}
    floor = Floor(event.venue_id, event.until, event.before)
    return replace(room, floor=floor, muted=muted, hands=_without_hand(room, event.venue_id))


def _floor_ended(room: Room, _: e.FloorEnded | None) -> Room:
    return replace(room, floor=None, muted=room.floor.before if room.floor is not None else room.muted)


def _marked(room: Room, event: e.Marked) -> Room:
    if room.roll_call is None:
        return room
    made = Line(event.venue_id, event.mark, event.at, event.substitute, event.reason)
    lines = tuple(made if line.venue_id == event.venue_id else line for line in room.roll_call.lines)
    return replace(room, roll_call=replace(room.roll_call, lines=lines))


def _corrected(room: Room, event: e.Corrected) -> Room:
    if room.roll_call is None:
        return room
    made = Line(event.venue_id, event.mark, event.at, reason=event.reason)
    return replace(room, roll_call=replace(room.roll_call, corrections=(*room.roll_call.corrections, made)))


def _roll_call(room: Room, **changes: Any) -> Room:  # noqa: ANN401 - fields of RollCall
    return room if room.roll_call is None else replace(room, roll_call=replace(room.roll_call, **changes))


def _venue_removed(room: Room, event: e.VenueRemoved) -> Room:
    """Who is put out keeps neither hand nor wish, floor nor stage."""
    if event.back:
        return replace(room, removed=room.removed - {event.venue_id})
    venue = event.venue_id
    if room.floor is not None and room.floor.venue_id == venue:
        room = _floor_ended(room, None)
    return replace(
        room,
        removed=room.removed | {venue},
        chair=replace(room.chair, wishes=tuple(one for one in room.chair.wishes if one != venue)),
        hands=_without_hand(room, venue),
        stage=room.stage - {venue},
        broadcast=None if room.broadcast == venue else room.broadcast,
        watched=None if room.watched == venue else room.watched,
        screen=None if room.screen == venue else room.screen,
    )


def _page_turned(room: Room, event: e.PageTurned) -> Room:
    return replace(room, page=None if event.paper_id is None else Page(event.paper_id, event.page))


_APPLY: dict[type, Callable[[Room, Any], Room]] = {
    e.ChairGranted: _chair_granted,
    e.ChairFreed: _chair_freed,
    e.ChairRenewed: lambda room, event: replace(room, chair=replace(room.chair, until=event.until)),
    e.ChairWished: lambda room, event: replace(
        room, chair=replace(room.chair, wishes=(*room.chair.wishes, event.venue_id))
    ),
    e.DeputyNamed: lambda room, event: replace(room, chair=replace(room.chair, deputy=event.venue_id)),
    e.PhaseSet: _phase_set,
    e.Extended: lambda room, event: replace(room, ends_at=event.until),
    e.MicrophonesSet: _microphones_set,
    e.CamerasSet: _cameras_set,
    e.HoldLifted: _hold_lifted,
    e.LoudspeakersSet: _loudspeakers_set,
    e.SelfUnmuteSet: lambda room, event: replace(room, self_unmute=event.allowed),
    e.VoiceSwitchSet: lambda room, event: replace(room, voice_switch=event.on),
    e.HandRaised: _hand_raised,
    e.HandLowered: lambda room, event: replace(room, hands=_without_hand(room, event.venue_id)),
    e.FloorGiven: _floor_given,
    e.FloorEnded: _floor_ended,
    e.LayoutSet: lambda room, event: replace(room, layout=event.layout),
    e.Broadcasted: lambda room, event: replace(room, broadcast=event.venue_id),
    e.Watched: lambda room, event: replace(room, watched=event.venue_id),
    e.ScreenShared: lambda room, event: replace(room, screen=event.venue_id),
    e.RotationMoved: lambda room, event: replace(room, rotation=event.rotation),
    e.RollCallStarted: lambda room, event: replace(room, roll_call=event.roll_call),
    e.Marked: _marked,
    e.Called: lambda room, event: _roll_call(room, position=event.position, until=event.until),
    e.RollCallPaused: lambda room, event: _roll_call(room, paused=event.on, until=None),
    e.RollCallClosed: lambda room, _: _roll_call(room, closed=True, until=None, paused=False),
    e.Corrected: _corrected,
    e.LockSet: lambda room, event: replace(room, locked=event.on),
    e.LetInside: lambda room, event: replace(room, let_in=room.let_in | {event.venue_id}),
    e.VenueRemoved: _venue_removed,
    e.StageSet: lambda room, event: replace(
        room, stage=room.stage | {event.venue_id} if event.on else room.stage - {event.venue_id}
    ),
    e.BannerShown: lambda room, event: replace(room, banner=event.text),
    e.TopicReached: lambda room, event: replace(room, topic=event.number),
    e.PageTurned: _page_turned,
    e.RecordingSet: lambda room, event: replace(room, recording=event.on),
    e.ChapterMarked: lambda room, _: room,  # stands in the record alone
    e.InspectionTold: lambda room, event: replace(room, inspection_told=event.on),
}


def evolve(room: Room, event: e.RoomEvent) -> Room:
    """The room after this fact."""
    return _APPLY[type(event)](room, event)
