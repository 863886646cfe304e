"""What a page may ask of its room, and how each is answered."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from office.domain.errors import Invalid, OfficeError, Stale, TooBusy
from rtc.domain.layout import SLOTS, Binding, Layout
from rtc.domain.room_commands import RenewChair
from rtc.engine.control import Line
from rtc.engine.port import EngineDown, EngineRefused
from rtc.live.live_room import LiveRoom
from rtc.live.messages import (
    MOST_LINES,
    REACTIONS,
    Answer,
    Beat,
    Chat,
    ChatLine,
    Do,
    Done,
    Hello,
    OffAir,
    OnAir,
    Publish,
    Published,
    React,
    Reaction,
    Refused,
    Restart,
    Said,
    Undo,
    View,
    command_of,
)  # fmt: skip
from rtc.live.seats import Seat
from rtc.service import chat

if TYPE_CHECKING:
    from rtc.live.owner import RoomOwner

MOST_TASKS: Final = 2_000  # calls to the engine in flight for one room
OUTSIDE: Final = "您还在等候室里，主席放行之后才能这样做。请稍等。"
ENGINE_LOST: Final = "画面正在恢复，请稍等几秒，页面会自己再试。"
BAD_MEDIA: Final = "这台设备的音视频没有接上。请刷新页面；还不行请换最新的浏览器。"


def refuse(seat: Seat, said: Said, error: OfficeError) -> None:
    """Say why it was not done."""
    number = said.id if isinstance(said, Do | Undo | Publish | Chat) else 0
    seat.tell(Refused(number, error.code, error.sentence, error.fix))


async def take(owner: "RoomOwner", seat: Seat, said: Said) -> None:
    """Answer one message; an OfficeError is a refusal."""
    if seat.venue_id in owner.live.outside and not _from_outside(said):
        raise Invalid(OUTSIDE)
    answered = _ANSWER[type(said)](owner, seat, said)
    if answered is not None:
        await answered


def _from_outside(said: Said) -> bool:
    """Whoever opens the room stands outside himself until he holds the chair."""
    return isinstance(said, Hello | Beat) or (
        isinstance(said, Do) and said.command in {"RequestChair", "TakeBackChair"}
    )


async def _do(owner: "RoomOwner", seat: Seat, said: Do) -> None:
    acted = await owner.act(command_of(said), replace(seat.who, fence=said.fence))
    if acted.undo is not None:
        seat.remember(said.id, acted.undo, said.fence)
    seat.tell(Done(said.id, undo=acted.undo is not None))


async def _undo(owner: "RoomOwner", seat: Seat, said: Undo) -> None:
    kept = seat.undo.pop(said.of, None)
    if kept is None:
        raise Stale("这一步已经不能撤销了：只能撤销自己最近的操作，一次。需要的话请直接改回来。")
    command, fence = kept
    acted = await owner.act(command, replace(seat.who, fence=fence))
    if acted.undo is not None:
        seat.remember(said.id, acted.undo, fence)
    seat.tell(Done(said.id, undo=acted.undo is not None))


async def _beat(owner: "RoomOwner", seat: Seat, _: Beat) -> None:
    """The page lives, and with it the chair's lease when he holds it."""
    chair = owner.live.room.chair
    if chair.holder == seat.venue_id and chair.holder_person in {None, seat.who.person_id}:
        await owner.act(RenewChair(), replace(seat.who, fence=chair.fence))


async def _chat(owner: "RoomOwner", seat: Seat, said: Chat) -> None:
    live = owner.live
    text = "".join(c for c in said.text if c >= " ").strip()
    number = await owner.db.write(chat.say, chat.Say(live.meeting_id, text), seat.who)
    line = ChatLine(number, live.now(), seat.venue_id, live.name_of(seat.who), text)
    if not seat.inspector:
        live.chat.append(line)
        live.next_seq()
        live.tell_all(line)
    seat.tell(Done(said.id))


def _react(owner: "RoomOwner", seat: Seat, said: React) -> None:
    if said.what in REACTIONS and not seat.inspector:
        owner.live.tell_all(Reaction(seat.venue_id, said.what), chatter=True)


def _view(owner: "RoomOwner", seat: Seat, said: View) -> None:
    live = owner.live
    if said.layout is None:
        live.own.pop(seat.id, None)
    else:
        live.own[seat.id] = _checked(live, said.layout)
    live.change_device(seat, audio_only=said.audio_only)


def _checked(live: LiveRoom, layout: Layout) -> Layout:
    known = all(slot.venue_id in live.venues for slot in layout.slots if slot.binding is Binding.VENUE)
    if len(layout.slots) > SLOTS[layout.grid] or not known:
        raise Invalid("这个画面布局里有不对的格子。请重新选一次。")
    return layout


def _on_air(owner: "RoomOwner", seat: Seat, _: OnAir) -> None:
    if seat.inspector:
        raise Invalid("督导不上画面，也不发言。")
    live = owner.live
    for device in live.devices.take_over(seat.id):
        other = live.seat_of(device)
        if other is not None:
            other.tell(OffAir())
    now = live.devices.get(seat.id)
    if now is not None:
        owner.on_air(now)


def _publish(owner: "RoomOwner", seat: Seat, said: Publish) -> None:
    if seat.inspector:
        raise Invalid("督导只看只听，不发送声音和画面。")
    if seat.publishing or len(said.lines) > MOST_LINES:
        raise TooBusy("音视频正在连接，请等它连好再换设备。")
    seat.publishing = True
    _in_background(owner.live, _published(owner.live, seat, said))


async def _published(live: LiveRoom, seat: Seat, said: Publish) -> None:
    lines = [Line(line.mid, line.source) for line in said.lines]
    try:
        sdp = await live.engine.publish(seat.id, said.sdp, lines)
        seat.tell(Published(said.id, sdp))
    except EngineDown:
        seat.tell(Refused(said.id, "EngineDown", ENGINE_LOST))
    except EngineRefused as refused:
        seat.tell(Refused(said.id, refused.code, BAD_MEDIA))
    finally:
        seat.publishing = False


def _negotiate(owner: "RoomOwner", seat: Seat, said: Answer | Restart) -> None:
    live = owner.live
    _in_background(live, _negotiated(live, seat, said))


async def _negotiated(live: LiveRoom, seat: Seat, said: Answer | Restart) -> None:
    try:
        if isinstance(said, Answer):
            await live.engine.answer(seat.id, said.version, said.sdp)
        else:
            await live.engine.restart(seat.id)
    except EngineDown:
        return  # the page hears of the engine by itself
    except EngineRefused as refused:
        seat.tell(Refused(0, refused.code, BAD_MEDIA))


def _in_background(live: LiveRoom, doing: Coroutine[None, None, None]) -> None:
    if len(live.tasks) >= MOST_TASKS:
        doing.close()
        raise TooBusy("同时连接的会场太多，请过几秒再试。")
    task = asyncio.create_task(doing)
    live.tasks.add(task)
    task.add_done_callback(live.tasks.discard)


def _again(owner: "RoomOwner", seat: Seat, _: Hello) -> None:
    """The page missed something and asks for everything."""
    owner.live.welcome(seat)


_ANSWER: Final[Mapping[type, Callable[["RoomOwner", Seat, Any], Awaitable[None] | None]]] = {
    Do: _do, Undo: _undo, Publish: _publish, Answer: _negotiate, Restart: _negotiate, View: _view, OnAir: _on_air,
    Chat: _chat, React: _react, Beat: _beat, Hello: _again,
}  # fmt: skip
