"""Where the numbers of the faults stand on the drawn pages."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from office.domain.document import Content
from office.domain.faults import Part
from office.paper.layout import Place
from office.service.checking import Fault

PAGE_MM = 297.0
LINE_MM = 10.227  # GB/T 9704: 22 lines on 225 mm
MIDDLE_MM = 1.6  # from the foot of a line's characters up to their middle
LONGEST_LINE = 27


@dataclass(frozen=True, slots=True)
class Mark:
    """A number beside the line it is about: page (1 is the first), how far down in percent, place in its line."""

    page: int
    top: float
    column: int
    n: int
    stop: bool


def marks_of(faults: Iterable[Fault], content: Content, places: Sequence[Place]) -> list[Mark]:
    """A mark for each fault whose place on the page is known: body blocks and one-line recipients."""
    marks: list[Mark] = []
    taken: dict[tuple[int, float], int] = {}
    for n, fault in enumerate(faults, 1):
        place = _place(fault, content, places)
        if place is None:
            continue
        top = round((place.y - MIDDLE_MM) / PAGE_MM * 100, 2)
        column = taken.get((place.page, top), 0)
        taken[place.page, top] = column + 1
        marks.append(Mark(place.page, top, column, n, fault.stops))
    return marks


def _place(fault: Fault, content: Content, places: Sequence[Place]) -> Place | None:
    if fault.part == Part.BODY and fault.block is not None:
        return places[fault.block] if 0 <= fault.block < len(places) else None
    one_line = 0 < len(content.principal_text) <= LONGEST_LINE
    if fault.part == Part.PRINCIPAL and places and one_line and places[0].page == 1:
        return Place(1, places[0].y - LINE_MM)
    return None
