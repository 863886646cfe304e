"""`decide`: what a command causes in a room, or why it may not. Pure: the moment and who is online are passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, get_args

from office.domain.errors import Invalid, NotPermitted, WrongStage
from rtc.domain import calling, chairing, rotating, speaking
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.meeting import COUNTED, OVER, check_step
from rtc.domain.room import Phase, Room
from rtc.domain.venue import House, Participant, VenueKind

LONGEST_BANNER = 60
LONGEST_CHAPTER = 80
MOST_ON_STAGE = 50
OVERRUN = timedelta(hours=1)  # a meeting nobody ends is over this long after the planned end
Events = tuple[e.RoomEvent, ...]


def decide(room: Room, command: c.RoomCommand, *, by: Participant | None, house: House, at: datetime) -> Events:
    """The events `command` causes; NotPermitted, Stale, WrongStage or Invalid say why not. `by` None: the clock."""
    if isinstance(command, c.Tick):
        return tick(room, house, at)
    if by is None:
        raise NotPermitted("没有说明是谁的操作。")
    if room.phase in OVER:
        raise WrongStage("会议已经结束。")
    venue = house.venues.get(by.venue_id)
    if venue is None or venue.id in room.removed:
        raise NotPermitted("您的会场不在会议里。请联系会议组织单位。")
    if venue.inspector:
        raise NotPermitted("督导席只看不发言。")
    if isinstance(command, get_args(c.ByChair)):
        chairing.must_hold(room, by, house)
        return _BY_CHAIR[type(command)](room, command, house, at, by)
    return _BY_ANYONE[type(command)](room, command, house, at, by)


def tick(room: Room, house: House, at: datetime) -> Events:
    """What time alone causes: leases, called venues, floors and rotations that ran out. One of them at a time."""
    if room.phase in OVER:
        return ()
    for lapse in (_end, chairing.lapse, speaking.lapse, calling.lapse, rotating.lapse):
        events = lapse(room, house, at)
        if events:
            return events
    return ()


def due_at(room: Room) -> datetime | None:
    """The first moment at which `tick` has something to do if nobody does anything; None: never."""
    if room.phase in OVER:
        return None
    sheet, rotation = room.roll_call, room.rotation
    moments = (
        room.chair.until if room.chair.holder is not None else None,
        room.floor.until if room.floor is not None else None,
        sheet.until if sheet is not None and not sheet.closed and not sheet.paused else None,
        rotation.until if rotation is not None and room.floor is None else None,
        room.ends_at + OVERRUN if room.ends_at is not None and room.phase in COUNTED else None,
    )
    return min((moment for moment in moments if moment is not None), default=None)


def _end(room: Room, house: House, at: datetime) -> Events:  # noqa: ARG001 - all lapses are asked alike
    """Long after the planned end it ends by itself; never because the room is empty."""
    if room.phase not in COUNTED or room.ends_at is None or at < room.ends_at + OVERRUN:
        return ()
    return _ended(room)


def _ended(room: Room) -> Events:
    """What still runs is brought to its end, so that each has its event."""
    events: list[e.RoomEvent] = []
    if room.roll_call is not None and not room.roll_call.closed:
        events.append(e.RollCallClosed())
    if room.recording:
        events.append(e.RecordingSet(on=False))
    return (*events, e.PhaseSet(Phase.ENDED))


def _set_phase(room: Room, command: c.SetPhase, *_: object) -> Events:
    to = Phase(command.to)
    if to is room.phase:
        return ()
    check_step(room.phase, to)
    return _ended(room) if to is Phase.ENDED else (e.PhaseSet(to),)


def _extend(room: Room, command: c.Extend, house: House, at: datetime, by: Participant) -> Events:  # noqa: ARG001
    if command.until <= at or (room.ends_at is not None and command.until <= room.ends_at):
        raise Invalid("延长后的时间要晚于原定结束时间。")
    return (e.Extended(command.until),)


def _known(house: House, venue_id: int | None, what: str) -> None:
    if venue_id is not None and (venue_id not in house.venues or house.venues[venue_id].inspector):
        raise Invalid(f"会议里没有这个会场，不能{what}。")


def _broadcast(room: Room, command: c.Broadcast, house: House, *_: object) -> Events:
    _known(house, command.venue_id, "广播")
    return () if room.broadcast == command.venue_id else (e.Broadcasted(command.venue_id),)


def _watch(room: Room, command: c.Watch, house: House, *_: object) -> Events:
    _known(house, command.venue_id, "观看")
    return () if room.watched == command.venue_id else (e.Watched(command.venue_id),)


def _let_in(room: Room, command: c.LetIn, house: House, *_: object) -> Events:
    _known(house, command.venue_id, "放行")
    return () if command.venue_id in room.let_in else (e.LetInside(command.venue_id),)


def _remove(room: Room, command: c.RemoveVenue, house: House, at: datetime, by: Participant) -> Events:  # noqa: ARG001
    _known(house, command.venue_id, "移出")
    if command.venue_id == by.venue_id:
        raise Invalid("不能把主席所在的会场移出。请先移交主席。")
    if not command.back and house.venues[command.venue_id].kind is VenueKind.MAIN:
        raise Invalid("主会场不能移出，会议组织者在那里。")
    if command.back is (command.venue_id not in room.removed):
        return ()
    events: list[e.RoomEvent] = [e.VenueRemoved(command.venue_id, command.back)]
    if not command.back and room.rotation is not None and command.venue_id in room.rotation.venues:
        rest = rotating.without(room.rotation, command.venue_id)
        events.append(e.RotationMoved(rest if rest.venues else None))
    if not command.back and room.chair.deputy == command.venue_id:
        events.append(e.DeputyNamed(None))
    return tuple(events)


def _to_stage(room: Room, command: c.ToStage, house: House, *_: object) -> Events:
    _known(house, command.venue_id, "上台")
    if command.on is (command.venue_id in room.stage):
        return ()
    if command.on and len(room.stage) >= MOST_ON_STAGE:
        raise Invalid(f"台上最多 {MOST_ON_STAGE} 个会场。请先请下一个。")
    return (e.StageSet(command.venue_id, command.on),)


def _banner(room: Room, command: c.ShowBanner, *_: object) -> Events:
    text = " ".join(command.text.split())
    if len(text) > LONGEST_BANNER:
        raise Invalid(f"横幅最多 {LONGEST_BANNER} 个字。")
    return () if text == room.banner else (e.BannerShown(text),)


def _chapter(room: Room, command: c.MarkChapter, *_: object) -> Events:  # noqa: ARG001
    text = " ".join(command.text.split())
    if not 1 <= len(text) <= LONGEST_CHAPTER:
        raise Invalid(f"标记要有 1 至 {LONGEST_CHAPTER} 个字。")
    return (e.ChapterMarked(text),)


def _topic(room: Room, command: c.GoToTopic, *_: object) -> Events:
    if not 0 <= command.number <= 99:
        raise Invalid("议程里没有这一项。")
    return () if command.number == room.topic else (e.TopicReached(command.number),)


def _page(room: Room, command: c.TurnPage, *_: object) -> Events:  # noqa: ARG001
    if not 1 <= command.page <= 5_000:
        raise Invalid("没有这一页。")
    return (e.PageTurned(command.paper_id, command.page),)


def _record(room: Room, command: c.Record, *_: object) -> Events:
    if command.on and room.phase is not Phase.LIVE:
        raise WrongStage("会议正式开始后才能录制。")
    return () if command.on is room.recording else (e.RecordingSet(command.on),)


def _share(room: Room, command: c.ShareScreen, house: House, at: datetime, by: Participant) -> Events:  # noqa: ARG001
    chairs = room.chair.holder == by.venue_id and room.chair.fence == by.fence
    if not command.on:
        return (e.ScreenShared(None),) if room.screen is not None and (chairs or room.screen == by.venue_id) else ()
    if room.screen not in {None, by.venue_id} and not chairs:
        raise NotPermitted(f"{chairing.name_of(house, room.screen)}正在共享屏幕。请等它结束，或者请主席停止它。")
    return () if room.screen == by.venue_id else (e.ScreenShared(by.venue_id),)


Rule = Callable[[Room, Any, House, datetime, Participant], Events]
_BY_ANYONE: dict[type, Rule] = {
    c.RaiseHand: lambda room, _, house, at, by: speaking.raise_hand(room, by, at),  # noqa: ARG005
    c.LowerHand: lambda room, command, house, at, by: speaking.lower_hand(room, command, by),  # noqa: ARG005
    c.AnswerCall: lambda room, command, house, at, by: calling.answer(room, command, by, house, at),
    c.SwitchMicrophone: lambda room, command, house, at, by: speaking.own_microphone(room, command, by),  # noqa: ARG005
    c.SwitchCamera: lambda room, command, house, at, by: speaking.own_camera(room, command, by),  # noqa: ARG005
    c.ShareScreen: _share,
    c.RequestChair: lambda room, _, house, at, by: chairing.request(room, by, house, at),
    c.TakeBackChair: lambda room, _, house, at, by: chairing.take_back(room, by, at),  # noqa: ARG005
}
_BY_CHAIR: dict[type, Rule] = {
    c.ReleaseChair: lambda room, *_: chairing.release(room),
    c.HandOverChair: lambda room, command, house, at, _: chairing.hand_over(room, command, house, at),
    c.RenewChair: lambda room, _, house, at, by: chairing.renew(by, room, at),  # noqa: ARG005
    c.NameDeputy: lambda room, command, house, *_: chairing.name_deputy(command, house),  # noqa: ARG005
    c.SetPhase: _set_phase,
    c.Extend: _extend,
    c.Mute: lambda room, command, house, *_: speaking.mute(room, command, house),
    c.StopCameras: lambda room, command, house, *_: speaking.stop_cameras(room, command, house),
    c.Deafen: lambda room, command, house, *_: speaking.deafen(room, command, house),
    c.SelfUnmute: lambda room, command, *_: speaking.changed(room.self_unmute, command.allowed, e.SelfUnmuteSet),
    c.VoiceSwitch: lambda room, command, *_: speaking.changed(room.voice_switch, command.on, e.VoiceSwitchSet),
    c.GiveFloor: lambda room, command, house, at, by: speaking.give_floor(room, command, house, at),  # noqa: ARG005
    c.RefuseFloor: lambda room, command, *_: speaking.refuse(room, command),
    c.EndFloor: lambda room, *_: speaking.end_floor(room),
    c.SetLayout: lambda room, command, *_: speaking.changed(room.layout, command.layout, e.LayoutSet),
    c.Broadcast: _broadcast,
    c.Watch: _watch,
    c.StartRotation: lambda room, command, house, at, _: rotating.start(room, command, house, at),
    c.HoldRotation: lambda room, command, house, at, _: rotating.hold(room, command.on, at),  # noqa: ARG005
    c.StopRotation: lambda room, *_: rotating.stop(room),
    c.StartRollCall: lambda room, command, house, at, _: calling.start(room, command, house, at),
    c.PauseRollCall: lambda room, command, house, at, _: calling.pause(room, command.on, house, at),
    c.MarkPresence: lambda room, command, house, at, _: calling.mark_by_hand(room, command, house, at),
    c.CloseRollCall: lambda room, *_: calling.close(room),
    c.Lock: lambda room, command, *_: speaking.changed(room.locked, command.on, e.LockSet),
    c.LetIn: _let_in,
    c.RemoveVenue: _remove,
    c.ToStage: _to_stage,
    c.ShowBanner: _banner,
    c.GoToTopic: _topic,
    c.TurnPage: _page,
    c.Record: _record,
    c.MarkChapter: _chapter,
    c.TellInspection: lambda room, command, *_: speaking.changed(room.inspection_told, command.on, e.InspectionTold),
}
