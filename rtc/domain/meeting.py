"""A meeting's life: its phases, which follow which, and what a venue may answer (回执)."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from office.domain.errors import Invalid, WrongStage
from rtc.domain.room import Phase


class Reply(StrEnum):
    """回执: the venue comes, sends somebody, or is excused."""

    ATTENDS = "ATTENDS"
    SUBSTITUTE = "SUBSTITUTE"
    EXCUSED = "EXCUSED"


_BEFORE = frozenset({Phase.REHEARSAL, Phase.WAITING, Phase.LIVE})
FOLLOWS: Mapping[Phase, frozenset[Phase]] = MappingProxyType(
    {
        Phase.PLANNED: _BEFORE | {Phase.NOTICED},
        Phase.NOTICED: _BEFORE,
        Phase.REHEARSAL: frozenset({Phase.WAITING, Phase.LIVE}),
        Phase.WAITING: frozenset({Phase.REHEARSAL, Phase.LIVE}),
        Phase.LIVE: frozenset({Phase.PAUSED, Phase.ENDED}),
        Phase.PAUSED: frozenset({Phase.LIVE, Phase.ENDED}),
        Phase.ENDED: frozenset({Phase.MINUTED, Phase.ARCHIVED}),
        Phase.MINUTED: frozenset({Phase.ARCHIVED}),
        Phase.ARCHIVED: frozenset(),
    }
)
COUNTED = frozenset({Phase.LIVE, Phase.PAUSED})  # the only ones that make attendance
OVER = frozenset({Phase.ENDED, Phase.MINUTED, Phase.ARCHIVED})
NAMES = MappingProxyType(
    {
        Phase.PLANNED: "未开始",
        Phase.NOTICED: "已通知",
        Phase.REHEARSAL: "调试",
        Phase.WAITING: "等候",
        Phase.LIVE: "开会",
        Phase.PAUSED: "暂停",
        Phase.ENDED: "已结束",
        Phase.MINUTED: "已出纪要",
        Phase.ARCHIVED: "已归档",
    }
)
LONGEST_NAME, LONGEST_REASON = 60, 500


def check_step(now: Phase, to: Phase) -> None:
    """Refuse a phase that does not follow the present one."""
    if to not in FOLLOWS[now]:
        raise WrongStage(f"会议现在是“{NAMES[now]}”，不能直接改成“{NAMES[to]}”。")


def check_reply(reply: Reply, substitute: str, reason: str) -> None:
    """A substitute needs a name and a reason, an excuse a reason."""
    if len(substitute) > LONGEST_NAME or len(reason) > LONGEST_REASON:
        raise Invalid(f"代会人姓名最多 {LONGEST_NAME} 个字，原因最多 {LONGEST_REASON} 个字。")
    if reply is Reply.SUBSTITUTE and not (substitute.strip() and reason.strip()):
        raise Invalid("派员代替要写清谁来参加和原因。请补上再报。")
    if reply is Reply.EXCUSED and not reason.strip():
        raise Invalid("请假要写原因。请补上再报。")
