"""What a reader gives on: the visible lines and tables in order, and every text for the guard of marks."""

from dataclasses import dataclass, field

from office.domain.secrecy import Part


@dataclass(frozen=True, slots=True)
class Line:
    """One visible line or paragraph. `size` is in points, 0 where unknown."""

    text: str
    centred: bool = False
    right: bool = False
    size: float = 0.0
    contents: bool = False  # a line of a table of contents


@dataclass(frozen=True, slots=True)
class Grid:
    """A table, its rows of equal length."""

    rows: tuple[tuple[str, ...], ...]


Item = Line | Grid


@dataclass(slots=True)
class Source:
    """A file as read. `parts` holds more than the page shows: comments, deleted text, properties."""

    items: list[Item] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tracked_changes: bool = False
    pages: int = 0
