"""Layouts (画面布局): slots bound by rule. The room resolves bindings to venues, the engine gets seats."""

from dataclasses import dataclass
from enum import StrEnum


class Binding(StrEnum):
    """What fills a slot."""

    VENUE = "VENUE"  # this venue, always
    CHAIR = "CHAIR"
    SPEAKER = "SPEAKER"  # who has the floor, else who speaks
    ROTATION = "ROTATION"
    SCREEN = "SCREEN"  # the shared screen
    NEXT = "NEXT"  # the next venue on stage that no other slot shows
    EMPTY = "EMPTY"


class Grid(StrEnum):
    """How the slots lie on the screen; the number in the name is how many there are."""

    ONE = "1"
    TWO = "2"
    FOUR = "4"
    SIX = "6"
    NINE = "9"
    THIRTEEN = "13"
    SIXTEEN = "16"
    TWENTY_FIVE = "25"
    MAIN_AND_SIX = "1+6"  # one large, six small
    PERSON_AND_PAPER = "2p"  # the paper or screen large, the speaker beside it


SLOTS = {
    Grid.ONE: 1, Grid.TWO: 2, Grid.FOUR: 4, Grid.SIX: 6, Grid.NINE: 9, Grid.THIRTEEN: 13, Grid.SIXTEEN: 16,
    Grid.TWENTY_FIVE: 25, Grid.MAIN_AND_SIX: 7, Grid.PERSON_AND_PAPER: 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class LayoutSlot:
    """One place on the screen; the first of a layout is the large one where sizes differ."""

    binding: Binding = Binding.NEXT
    venue_id: int | None = None  # with VENUE only


@dataclass(frozen=True, slots=True)
class Layout:
    """A grid and what fills its slots; fewer slots than the grid has are filled up with NEXT."""

    grid: Grid
    slots: tuple[LayoutSlot, ...] = ()
