"""What may be asked of a room: by the chair (主席控制), by a participant, by the clock. Answered with events."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from rtc.domain.layout import Layout
from rtc.domain.venue import Group


# --- anyone at a venue
@dataclass(frozen=True, slots=True)
class RaiseHand:
    """申请发言."""


@dataclass(frozen=True, slots=True)
class LowerHand:
    """取消申请; the chair may lower another's (`venue_id`)."""

    venue_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerCall:
    """答“到”: only while this venue is being called."""

    substitute: str = ""  # the name of who came instead


@dataclass(frozen=True, slots=True)
class SwitchMicrophone:
    """One's own microphone. Opening is refused while the chair keeps this venue mute."""

    on: bool


@dataclass(frozen=True, slots=True)
class SwitchCamera:
    """One's own camera."""

    on: bool


@dataclass(frozen=True, slots=True)
class ShareScreen:
    """Show or stop showing one's own screen (双流); refused while another shows, except for the chair."""

    on: bool


@dataclass(frozen=True, slots=True)
class RequestChair:
    """申请主席: granted at once when it is free and the venue may chair, else kept as a wish the chair sees."""


@dataclass(frozen=True, slots=True)
class TakeBackChair:
    """收回: the organiser's right, without asking."""


# --- the chair
@dataclass(frozen=True, slots=True)
class ReleaseChair:
    """释放主席."""


@dataclass(frozen=True, slots=True)
class HandOverChair:
    """移交主席."""

    venue_id: int


@dataclass(frozen=True, slots=True)
class RenewChair:
    """The holder's page is alive: the lease runs 30 s from now."""


@dataclass(frozen=True, slots=True)
class NameDeputy:
    """指定副主席: takes over when the lease runs out; None: nobody."""

    venue_id: int | None


@dataclass(frozen=True, slots=True)
class SetPhase:
    """调试、正式、暂停、继续、结束."""

    to: Literal["REHEARSAL", "WAITING", "LIVE", "PAUSED", "ENDED"]


@dataclass(frozen=True, slots=True)
class Extend:
    """延长会议."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Mute:
    """Close or open the microphones of a group at the server; `on` is the microphone.

    `freed` are not held: closed, they may open their own again; opening others, only the hold on them is lifted.
    So an undo leaves everyone as he was.
    """

    group: Group
    on: bool = False
    freed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class StopCameras:
    """Close or open the cameras of a group at the server; `on` is the camera, `freed` as with Mute."""

    group: Group
    on: bool = False
    freed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Deafen:
    """关闭扬声器 of a group; `on` is the loudspeaker."""

    group: Group
    on: bool = False


@dataclass(frozen=True, slots=True)
class SelfUnmute:
    """Whether venues may open their own microphones."""

    allowed: bool


@dataclass(frozen=True, slots=True)
class VoiceSwitch:
    """声控切换: whoever speaks is shown large."""

    on: bool


@dataclass(frozen=True, slots=True)
class GiveFloor:
    """点名发言, 同意申请: this venue speaks, the other branch venues fall silent."""

    venue_id: int
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class RefuseFloor:
    """拒绝申请发言."""

    venue_id: int


@dataclass(frozen=True, slots=True)
class EndFloor:
    """The speaker is done; microphones are as they were before."""


@dataclass(frozen=True, slots=True)
class SetLayout:
    """设置多画面 for all; None: everyone chooses his own."""

    layout: Layout | None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """广播会场: everyone sees this venue large; None: no longer."""

    venue_id: int | None


@dataclass(frozen=True, slots=True)
class Watch:
    """观看会场: the chair alone sees this venue large."""

    venue_id: int | None


@dataclass(frozen=True, slots=True)
class StartRotation:
    """轮巡 over a group, `seconds` (5–60) each, for everyone or the chair alone."""

    group: Group
    seconds: int = 15
    for_all: bool = True


@dataclass(frozen=True, slots=True)
class HoldRotation:
    """Stay where it is, or go on."""

    on: bool


@dataclass(frozen=True, slots=True)
class StopRotation:
    """End it; everyone sees what he saw before."""


@dataclass(frozen=True, slots=True)
class StartRollCall:
    """点名 over a group; `seconds` is how long a called venue has to answer."""

    group: Group
    seconds: int = 20


@dataclass(frozen=True, slots=True)
class PauseRollCall:
    """Pause or resume."""

    on: bool


@dataclass(frozen=True, slots=True)
class MarkPresence:
    """The caller decides by hand; after closing this is a correction entry. The reason is required."""

    venue_id: int
    mark: Literal["PRESENT", "SUBSTITUTE", "NO_ANSWER"]
    reason: str


@dataclass(frozen=True, slots=True)
class CloseRollCall:
    """The result stands; what was not called is named as not called."""


@dataclass(frozen=True, slots=True)
class Lock:
    """锁定会议: nobody new comes in; who was in may come back."""

    on: bool


@dataclass(frozen=True, slots=True)
class LetIn:
    """等候室放行."""

    venue_id: int


@dataclass(frozen=True, slots=True)
class RemoveVenue:
    """删除会场; `back` lets it in again."""

    venue_id: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class ToStage:
    """上台 or 下台."""

    venue_id: int
    on: bool = True


@dataclass(frozen=True, slots=True)
class ShowBanner:
    """横幅, at most 60 characters; "" takes it away."""

    text: str


@dataclass(frozen=True, slots=True)
class GoToTopic:
    """议程: the topic with this number (1…) is on."""

    number: int


@dataclass(frozen=True, slots=True)
class TurnPage:
    """The presenter turns the page for all; `paper_id` None: no paper is shown."""

    paper_id: int | None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Record:
    """录制 start or stop; everyone is told before the first frame."""

    on: bool


@dataclass(frozen=True, slots=True)
class MarkChapter:
    """标记 a place in the record."""

    text: str


@dataclass(frozen=True, slots=True)
class TellInspection:
    """督导提示: whether the room is told that an inspector watches."""

    on: bool


# --- the clock, not a person
@dataclass(frozen=True, slots=True)
class Tick:
    """Time went by: leases, called venues, rotations and floors run out."""


ByAnyone = (
    RaiseHand | LowerHand | AnswerCall | SwitchMicrophone | SwitchCamera | ShareScreen | RequestChair | TakeBackChair
)
ByChair = (
    ReleaseChair | HandOverChair | RenewChair | NameDeputy | SetPhase | Extend | Mute | StopCameras | Deafen
    | SelfUnmute
    | VoiceSwitch | GiveFloor | RefuseFloor | EndFloor | SetLayout | Broadcast | Watch | StartRotation | HoldRotation
    | StopRotation | StartRollCall | PauseRollCall | MarkPresence | CloseRollCall | Lock | LetIn | RemoveVenue | ToStage
    | ShowBanner | GoToTopic | TurnPage | Record | MarkChapter | TellInspection
)  # fmt: skip
RoomCommand = ByAnyone | ByChair | Tick
