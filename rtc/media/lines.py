"""Which m-line of a viewer carries what. Lines are never removed: one that rests is used again for its kind."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from rtc.engine.control import Line, Source
from rtc.media.negotiation import KIND, Sent

MOST_LINES: Final = 64

Key = tuple[str, Source]


def key(row: Sent) -> Key | None:
    """Whose track a line carries; None when it rests."""
    return (row.seat, row.source) if row.ssrc else None


def arrange(rows: tuple[Sent, ...], wanted: Mapping[Key, Sent]) -> tuple[Sent, ...]:
    """The lines after a change of wishes: what stays keeps its line, what is new takes a resting one or the next."""
    kept = [row if wanted.get(key(row) or ("", Source.SCREEN)) == replace(row, mid="") else _rest(row) for row in rows]
    there = {key(row) for row in kept}
    for what, new in wanted.items():
        if what not in there:
            _place(kept, replace(new, kind=KIND[what[1]]))
    return tuple(kept)


def _rest(row: Sent) -> Sent:
    return Sent(row.mid, row.kind)


def _place(rows: list[Sent], new: Sent) -> None:
    for at, row in enumerate(rows):
        if not row.ssrc and row.kind == new.kind:
            rows[at] = replace(new, mid=row.mid)
            return
    if len(rows) < MOST_LINES:
        rows.append(replace(new, mid=str(len(rows))))


def told(rows: tuple[Sent, ...]) -> tuple[Line, ...]:
    """What the client is told of its lines."""
    return tuple(Line(row.mid, row.source, row.seat) for row in rows)
