"""Deciding about a roll call (点名): one venue after the other; a venue that is not online is no answer at once."""

from datetime import datetime, timedelta

from office.domain.errors import Invalid, NotPermitted, WrongStage
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.roll_call import Line, Mark, RollCall
from rtc.domain.room import Room
from rtc.domain.venue import House, Participant

SHORTEST, LONGEST = 5, 120  # seconds a called venue has


def start(room: Room, command: c.StartRollCall, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """Over the venues of a group in the official order; the one that calls is not called."""
    if room.roll_call is not None and not room.roll_call.closed:
        raise WrongStage("点名正在进行。请先结束这一次。")
    if not SHORTEST <= command.seconds <= LONGEST:
        raise Invalid(f"每个会场的应答时间要在 {SHORTEST} 至 {LONGEST} 秒之间。")
    called = [venue_id for venue_id in house.venues if venue_id in command.group.select(house.venues.values())]
    called = [venue_id for venue_id in called if venue_id != room.chair.holder and venue_id not in room.removed]
    if not called:
        raise Invalid("这个范围里没有可以点名的会场。请换一个范围。")
    sheet = RollCall(tuple(Line(venue_id) for venue_id in called), command.seconds, position=-1)
    return (e.RollCallStarted(sheet), *go_on(sheet, 0, house, at))


def go_on(sheet: RollCall, position: int, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """Call the next venue that is online and not yet marked; those passed over that are not online have no answer."""
    events: list[e.RoomEvent] = []
    while position < len(sheet.lines):
        line = sheet.lines[position]
        if line.mark is Mark.NOT_CALLED and line.venue_id in house.online:
            return (*events, e.Called(position, at + timedelta(seconds=sheet.seconds)))
        if line.mark is Mark.NOT_CALLED:
            events.append(e.Marked(line.venue_id, Mark.NO_ANSWER, at, reason="未在线"))
        position += 1
    return (*events, e.Called(position, None))


def next_called(room: Room, house: House) -> int | None:
    """Who will be called next if the called venue answers: fetched beforehand."""
    sheet = room.roll_call
    if sheet is None or called_venue(room) is None:
        return None
    rest = sheet.lines[sheet.position + 1 :]
    return next((one.venue_id for one in rest if one.mark is Mark.NOT_CALLED and one.venue_id in house.online), None)


def called_venue(room: Room) -> int | None:
    """The venue that is being called now."""
    sheet = room.roll_call
    if sheet is None or sheet.closed or sheet.paused or not 0 <= sheet.position < len(sheet.lines):
        return None
    return sheet.lines[sheet.position].venue_id


def answer(room: Room, command: c.AnswerCall, by: Participant, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """“到”, by the called venue alone."""
    sheet = room.roll_call
    if sheet is None or called_venue(room) != by.venue_id:
        raise NotPermitted("现在没有点到您的会场。")
    name = " ".join(command.substitute.split())[:40]
    mark = Mark.SUBSTITUTE if name else Mark.PRESENT
    made = e.Marked(by.venue_id, mark, at, substitute=name)
    return (made, *go_on(sheet, sheet.position + 1, house, at))


def mark_by_hand(room: Room, command: c.MarkPresence, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """The caller decides; after closing it is a correction. The reason is kept with it."""
    sheet = room.roll_call
    if sheet is None:
        raise WrongStage("还没有点名。")
    if not command.reason.strip():
        raise Invalid("手工登记要写明理由。")
    if command.venue_id not in {line.venue_id for line in sheet.lines}:
        raise Invalid("这个会场不在点名范围里。")
    mark, reason = Mark(command.mark), command.reason.strip()[:100]
    if sheet.closed:
        return (e.Corrected(command.venue_id, mark, at, reason),)
    made = e.Marked(command.venue_id, mark, at, reason=reason)
    if called_venue(room) == command.venue_id:
        return (made, *go_on(sheet, sheet.position + 1, house, at))
    return (made,)


def pause(room: Room, on: bool, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:  # noqa: FBT001 - the command's own field
    """Rest, or go on with the same venue and its whole time, unless it was marked or left meanwhile."""
    sheet = _running(room)
    if sheet.paused == on:
        return ()
    paused = e.RollCallPaused(on)
    return (paused,) if on else (paused, *go_on(sheet, sheet.position, house, at))


def close(room: Room) -> tuple[e.RoomEvent, ...]:
    """The result stands."""
    _running(room)
    return (e.RollCallClosed(),)


def lapse(room: Room, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """The called venue's time is over, or it left."""
    sheet, called = room.roll_call, called_venue(room)
    if sheet is None or called is None or sheet.until is None:
        return ()
    here = called in house.online and called not in room.removed
    if at < sheet.until and here:
        return ()
    reason = "" if here else "未在线"
    return (e.Marked(called, Mark.NO_ANSWER, at, reason=reason), *go_on(sheet, sheet.position + 1, house, at))


def _running(room: Room) -> RollCall:
    if room.roll_call is None or room.roll_call.closed:
        raise WrongStage("现在没有进行中的点名。")
    return room.roll_call
