"""What happened in a room: facts, in the past tense, with exact venue ids. `evolve` never refuses one."""

from dataclasses import dataclass
from datetime import datetime

from rtc.domain.layout import Layout
from rtc.domain.roll_call import Mark, RollCall
from rtc.domain.room import Phase
from rtc.domain.rotation import Rotation


@dataclass(frozen=True, slots=True)
class ChairGranted:
    """Someone holds the chair from now on; `reason`: asked, handed over, taken back, lease ran out."""

    venue_id: int
    person_id: int | None
    fence: int
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ChairFreed:
    """Nobody holds it; `lapsed` when the lease ran out without a deputy."""

    fence: int
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class ChairRenewed:
    """The lease runs on."""

    until: datetime


@dataclass(frozen=True, slots=True)
class ChairWished:
    """A venue asked for the chair while another holds it."""

    venue_id: int


@dataclass(frozen=True, slots=True)
class DeputyNamed:
    """Who takes over when the lease runs out."""

    venue_id: int | None


@dataclass(frozen=True, slots=True)
class PhaseSet:
    """The meeting went on to another phase."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class Extended:
    """It ends later."""

    until: datetime


@dataclass(frozen=True, slots=True)
class MicrophonesSet:
    """Microphones opened or closed at the server; `held`: the chair's hold is put on, or outlasts the opening."""

    venue_ids: frozenset[int]
    on: bool
    held: bool = False


@dataclass(frozen=True, slots=True)
class CamerasSet:
    """Cameras opened or closed at the server."""

    venue_ids: frozenset[int]
    on: bool
    held: bool = False


@dataclass(frozen=True, slots=True)
class HoldLifted:
    """These stay as they are, but may open their own microphone or camera again."""

    venue_ids: frozenset[int]
    camera: bool = False


@dataclass(frozen=True, slots=True)
class LoudspeakersSet:
    """Sound sent or not sent to these venues."""

    venue_ids: frozenset[int]
    on: bool


@dataclass(frozen=True, slots=True)
class SelfUnmuteSet:
    """Whether venues may open their own microphones."""

    allowed: bool


@dataclass(frozen=True, slots=True)
class VoiceSwitchSet:
    """Whether the speaker is shown large."""

    on: bool


@dataclass(frozen=True, slots=True)
class HandRaised:
    """A venue asks to speak."""

    venue_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class HandLowered:
    """It asks no more, or was refused."""

    venue_id: int
    refused: bool = False


@dataclass(frozen=True, slots=True)
class FloorGiven:
    """A venue speaks; `silenced` fell silent for it and open their microphones again afterwards."""

    venue_id: int
    until: datetime | None
    before: frozenset[int]
    silenced: frozenset[int]


@dataclass(frozen=True, slots=True)
class FloorEnded:
    """It is done; microphones are as before."""

    venue_id: int
    lapsed: bool = False


@dataclass(frozen=True, slots=True)
class LayoutSet:
    """The layout for all, or everyone's own."""

    layout: Layout | None


@dataclass(frozen=True, slots=True)
class Broadcasted:
    """A venue is large for all, or no longer."""

    venue_id: int | None


@dataclass(frozen=True, slots=True)
class Watched:
    """A venue is large for the chair alone, or no longer."""

    venue_id: int | None


@dataclass(frozen=True, slots=True)
class ScreenShared:
    """A venue's screen is shown, or none."""

    venue_id: int | None


@dataclass(frozen=True, slots=True)
class RotationMoved:
    """The rotation began, moved on, was held or went on; None: it ended."""

    rotation: Rotation | None


@dataclass(frozen=True, slots=True)
class RollCallStarted:
    """A roll call began."""

    roll_call: RollCall


@dataclass(frozen=True, slots=True)
class Marked:
    """One venue's line of the sheet was filled in."""

    venue_id: int
    mark: Mark
    at: datetime
    substitute: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Called:
    """The roll call went on to this line; `position` is past the end when all were called."""

    position: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class RollCallPaused:
    """It rests, or goes on: with the venue that the next `Called` names."""

    on: bool


@dataclass(frozen=True, slots=True)
class RollCallClosed:
    """The result stands."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """A line of a closed sheet was corrected; the line itself stays."""

    venue_id: int
    mark: Mark
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class LockSet:
    """Nobody new comes in, or again anyone invited."""

    on: bool


@dataclass(frozen=True, slots=True)
class LetInside:
    """A venue may come in from the waiting room."""

    venue_id: int


@dataclass(frozen=True, slots=True)
class VenueRemoved:
    """A venue was put out, or may come back."""

    venue_id: int
    back: bool = False


@dataclass(frozen=True, slots=True)
class StageSet:
    """A venue came on stage, or went down."""

    venue_id: int
    on: bool


@dataclass(frozen=True, slots=True)
class BannerShown:
    """A line of text for all; "" none."""

    text: str


@dataclass(frozen=True, slots=True)
class TopicReached:
    """The topic that is on."""

    number: int


@dataclass(frozen=True, slots=True)
class PageTurned:
    """The page that is shown to all; None: no paper."""

    paper_id: int | None
    page: int


@dataclass(frozen=True, slots=True)
class RecordingSet:
    """Recording began or ended."""

    on: bool


@dataclass(frozen=True, slots=True)
class ChapterMarked:
    """A mark in the record."""

    text: str


@dataclass(frozen=True, slots=True)
class InspectionTold:
    """Whether the room is told that an inspector watches."""

    on: bool


RoomEvent = (
    ChairGranted | ChairFreed | ChairRenewed | ChairWished | DeputyNamed | PhaseSet | Extended | MicrophonesSet
    | CamerasSet | HoldLifted | LoudspeakersSet | SelfUnmuteSet | VoiceSwitchSet | HandRaised | HandLowered
    | FloorGiven | FloorEnded
    | LayoutSet | Broadcasted | Watched | ScreenShared | RotationMoved | RollCallStarted | Marked | Called
    | RollCallPaused | RollCallClosed | Corrected | LockSet | LetInside | VenueRemoved | StageSet | BannerShown
    | TopicReached | PageTurned | RecordingSet | ChapterMarked | InspectionTold
)  # fmt: skip
