"""What happened, in a sentence for everyone in the room (and for screen readers)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal

from rtc.domain import room_events as e
from rtc.domain.roll_call import Mark
from rtc.domain.room import Phase
from rtc.domain.venue import Venue

Venues = Mapping[int, Venue]
NAMED: Final = 3  # venues called by name; more are counted

PHASES: Final[Mapping[Phase, str]] = {
    Phase.REHEARSAL: "现在是调试，不计入会议。", Phase.WAITING: "请稍候，会议即将开始。", Phase.LIVE: "会议开始。",
    Phase.PAUSED: "会议暂停。", Phase.ENDED: "会议结束。",
}  # fmt: skip
MARKS: Final[Mapping[Mark, str]] = {
    Mark.PRESENT: "到", Mark.SUBSTITUTE: "派员到会", Mark.NO_ANSWER: "未应答", Mark.NOT_CALLED: "未点到"
}  # fmt: skip


def sentence(events: Iterable[e.RoomEvent], venues: Venues) -> str:
    """One sentence after the other; "" where there is nothing to say."""
    return "".join(_said(event, venues) for event in events)


def _said(event: e.RoomEvent, venues: Venues) -> str:
    return _SAY[type(event)](event, venues)


def name(venues: Venues, venue_id: int | None) -> str:
    """The venue as people call it; an inspector has no name here."""
    venue = venues.get(venue_id or 0)
    return "会场" if venue is None or venue.inspector else venue.name


def names(venues: Venues, venue_ids: Iterable[int]) -> str:
    """兴平市、武功县 or 12 个会场."""
    listed = sorted(venue_ids)
    if len(listed) > NAMED:
        return f"{len(listed)} 个会场"
    return "、".join(name(venues, one) for one in listed)


def _granted(event: e.ChairGranted, venues: Venues) -> str:
    return f"{name(venues, event.venue_id)}现在是主席。"


def _freed(event: e.ChairFreed, venues: Venues) -> str:  # noqa: ARG001
    return "主席断线，现在没有主席。" if event.lapsed else "主席已释放，现在没有主席。"


def _deputy(event: e.DeputyNamed, venues: Venues) -> str:
    if event.venue_id is None:
        return "不再指定副主席。"
    return f"{name(venues, event.venue_id)}被指定为副主席。"


def _phase(event: e.PhaseSet, venues: Venues) -> str:  # noqa: ARG001
    return PHASES.get(event.phase, "")


def _microphones(event: e.MicrophonesSet, venues: Venues) -> str:
    return f"{names(venues, event.venue_ids)}{'已打开麦克风' if event.on else '已静音'}。" if event.venue_ids else ""


def _cameras(event: e.CamerasSet, venues: Venues) -> str:
    done = "已打开摄像头" if event.on else "已关闭摄像头"
    return f"{names(venues, event.venue_ids)}{done}。" if event.venue_ids else ""


def _loudspeakers(event: e.LoudspeakersSet, venues: Venues) -> str:
    done = "已打开扬声器" if event.on else "已关闭扬声器"
    return f"{names(venues, event.venue_ids)}{done}。" if event.venue_ids else ""


def _lowered(event: e.HandLowered, venues: Venues) -> str:
    return (
        f"主席没有同意{name(venues, event.venue_id)}发言。"
        if event.refused
        else f"{name(venues, event.venue_id)}放下了手。"
    )


def _floor_ended(event: e.FloorEnded, venues: Venues) -> str:
    return f"{name(venues, event.venue_id)}发言{'时间到' if event.lapsed else '结束'}。"


def _broadcast(event: e.Broadcasted, venues: Venues) -> str:
    return "停止广播会场。" if event.venue_id is None else f"正在广播{name(venues, event.venue_id)}。"


def _shared(event: e.ScreenShared, venues: Venues) -> str:
    return "停止共享屏幕。" if event.venue_id is None else f"{name(venues, event.venue_id)}正在共享屏幕。"


def _marked(event: e.Marked, venues: Venues) -> str:
    who = f"（{event.substitute}）" if event.substitute else ""
    return f"{name(venues, event.venue_id)}：{MARKS[event.mark]}{who}。"


def _corrected(event: e.Corrected, venues: Venues) -> str:
    return f"点名结果更正，{name(venues, event.venue_id)}：{MARKS[event.mark]}。"


def _removed(event: e.VenueRemoved, venues: Venues) -> str:
    return f"{name(venues, event.venue_id)}{'可以重新进入会议' if event.back else '已被请出会议'}。"


def _stage(event: e.StageSet, venues: Venues) -> str:
    return f"{name(venues, event.venue_id)}{'上台' if event.on else '下台'}。"


def _extended(event: e.Extended, venues: Venues) -> str:  # noqa: ARG001
    return "会议延长。"


def _floor(event: e.FloorGiven, venues: Venues) -> str:
    return f"请{name(venues, event.venue_id)}发言。"


def _venue(tail: str) -> Callable[[Any, Venues], str]:
    """A sentence that begins with the venue's name."""
    return lambda event, venues: name(venues, event.venue_id) + tail


def _either(field: Literal["on", "allowed"], yes: str, no: str) -> Callable[[Any, Venues], str]:
    """A switch."""
    return lambda event, _venues: yes if getattr(event, field) else no


def _always(text: str) -> Callable[[Any, Venues], str]:
    return lambda _event, _venues: text


_SAY: Final[Mapping[type, Callable[[Any, Venues], str]]] = {
    e.ChairGranted: _granted,
    e.ChairFreed: _freed,
    e.ChairRenewed: _always(""),
    e.ChairWished: _venue("申请当主席。"),
    e.DeputyNamed: _deputy,
    e.PhaseSet: _phase,
    e.Extended: _extended,
    e.MicrophonesSet: _microphones,
    e.HoldLifted: _always(""),
    e.CamerasSet: _cameras,
    e.LoudspeakersSet: _loudspeakers,
    e.SelfUnmuteSet: _either("allowed", "各会场可以自己打开麦克风。", "麦克风由主席统一打开。"),
    e.VoiceSwitchSet: _either("on", "已打开声控切换。", "已关闭声控切换。"),
    e.HandRaised: _venue("申请发言。"),
    e.HandLowered: _lowered,
    e.FloorGiven: _floor,
    e.FloorEnded: _floor_ended,
    e.LayoutSet: lambda event, _: "画面由各会场自己选。" if event.layout is None else "主席设置了画面布局。",
    e.Broadcasted: _broadcast,
    e.Watched: _always(""),
    e.ScreenShared: _shared,
    e.RotationMoved: lambda event, _: "轮巡结束。" if event.rotation is None else "",
    e.RollCallStarted: lambda event, _: f"开始点名，应到 {len(event.roll_call.lines)} 个会场。",
    e.Marked: _marked,
    e.Called: _always(""),
    e.RollCallPaused: _either("on", "点名暂停。", "点名继续。"),
    e.RollCallClosed: _always("点名结束。"),
    e.Corrected: _corrected,
    e.LockSet: _either("on", "会议已锁定。", "会议已解锁。"),
    e.LetInside: _venue("进入会场。"),
    e.VenueRemoved: _removed,
    e.StageSet: _stage,
    e.BannerShown: lambda event, _: f"横幅：{event.text}" if event.text else "横幅已撤下。",
    e.TopicReached: lambda event, _: f"现在进行第 {event.number} 项议题。",
    e.PageTurned: _always(""),
    e.RecordingSet: _either("on", "会议开始录制。", "会议停止录制。"),
    e.ChapterMarked: lambda event, _: f"标记：{event.text}",
    e.InspectionTold: _either("on", "本次会议有督导。", ""),
}
