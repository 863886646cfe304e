"""The picture of the city: a hexagon for each township, in fixed places by region code. A diagram, not a map."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 840.0
STEP = 31.2  # between the centres of two hexagons in a row
ROW = 27.0  # between two rows
RADIUS = 16.4
HALF = 14.2  # half the width of a hexagon
UNDER_LABEL = 28.0  # from the county's name to the centre of its first row
EIGHTHS = 8
LOWEST = 572.0
# Where the 14 counties stand, by region code: middle of the name and its base line. North is up.
PLACES: dict[str, tuple[float, float]] = {
    "610428": (90, 23), "610482": (238, 23), "610429": (392, 23),
    "610426": (176, 165), "610430": (320, 165),
    "610424": (110, 307), "610425": (296, 307), "610423": (470, 307), "610422": (632, 307),
    "610403": (56, 449), "610431": (184, 449), "610481": (346, 449), "610402": (512, 449), "610404": (668, 449),
}  # fmt: skip
_FREE_COLUMNS, _FREE_STEP, _FREE_ROW = 4, 190.0, 142.0  # for counties this page does not know


@dataclass(frozen=True, slots=True)
class Town:
    """One township: how many of its units (itself and its villages) were sent to, how many signed.

    `own` is whether it signed itself; None when nothing was sent to it.
    """

    name: str
    signed: int
    total: int
    own: bool | None = None


@dataclass(frozen=True, slots=True)
class County:
    """One county with its townships in official order; `own` as for a township."""

    id: int
    code: str
    name: str
    signed: int
    total: int
    own: bool | None
    towns: tuple[Town, ...]


@dataclass(frozen=True, slots=True)
class Hexagon:
    """One township drawn. `level`: the filled part; `dashed`: has not signed itself; `sent`: anything went there."""

    path: str
    level: str
    dashed: bool
    sent: bool
    town: Town


@dataclass(frozen=True, slots=True)
class Group:
    """One county drawn: its name at (x, y), the circle of its government before it, its hexagons, its touch area."""

    county: County
    x: float
    y: float
    hexagons: tuple[Hexagon, ...]
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All groups, and how large the sheet is."""

    groups: tuple[Group, ...]
    width: float
    height: float


def draw(counties: Sequence[County]) -> Picture:
    """Every county in its place; what is not among the 14 stands in rows below them."""
    groups, unknown = [], 0
    for county in counties:
        place = PLACES.get(county.code)
        if place is None:
            place = _free(unknown, below=any(c.code in PLACES for c in counties))
            unknown += 1
        groups.append(_group(county, *place))
    lowest = max((group.top + group.height for group in groups), default=0.0)
    return Picture(tuple(groups), WIDTH, max(LOWEST, lowest) if unknown == 0 else lowest + 8)


def _free(index: int, *, below: bool) -> tuple[float, float]:
    row, column = divmod(index, _FREE_COLUMNS)
    return 110 + column * _FREE_STEP, (LOWEST + 30 if below else 23) + row * _FREE_ROW


def _group(county: County, x: float, y: float) -> Group:
    hexagons = tuple(
        _hexagon(town, x + dx, y + UNDER_LABEL + dy)
        for town, (dx, dy) in zip(county.towns, centres(len(county.towns)), strict=True)
    )
    rows = len(shape(len(county.towns)))
    wide = max((*shape(len(county.towns)), 4)) * STEP + HALF
    return Group(county, x, y, hexagons, x - wide / 2, y - 20, wide, UNDER_LABEL + max(rows, 1) * ROW + 16)


def _hexagon(town: Town, x: float, y: float) -> Hexagon:
    return Hexagon(path(x, y), level(x, y, town.signed, town.total), town.own is False, town.total > 0, town)


def level(x: float, y: float, signed: int, total: int, radius: float = RADIUS) -> str:
    """The lower part of a hexagon, as high as it is filled, as an SVG path; empty when nobody signed."""
    fill = eighths(signed, total)
    if fill in (0, EIGHTHS):
        return path(x, y, radius) if fill else ""
    half, quarter = HALF * radius / RADIUS, radius / 2
    cut = radius - 2 * radius * fill / EIGHTHS
    wide = half * min(1.0, (radius - abs(cut)) / quarter)
    right = [(half, corner) for corner in (-quarter, quarter) if corner > cut]
    left = [(-dx, dy) for dx, dy in reversed(right)]
    return _line(x, y, ((wide, cut), *right, (0, radius), *left, (-wide, cut)))


def eighths(signed: int, total: int) -> int:
    """How full: 0 only when nobody signed, 8 only when everybody did."""
    if total == 0 or signed == 0:
        return 0
    if signed >= total:
        return EIGHTHS
    return min(EIGHTHS - 1, max(1, round(EIGHTHS * signed / total)))


def shape(count: int) -> tuple[int, ...]:
    """How many hexagons stand in each row, the rows as even as they can be."""
    if count <= 3:
        return (count,) if count else ()
    rows = 2 if count in (4, 5, 6, 8) else max(3, -(-count // 6))
    least, rest = divmod(count, rows)
    if rows == 2:
        return (least, least + rest)
    if rows == 3 and rest:
        return (least, least + 1, least) if rest == 1 else (least + 1, least, least + 1)
    return tuple(least + (row < rest) for row in range(rows))


def centres(count: int) -> tuple[tuple[float, float], ...]:
    """Centres of that many hexagons around the middle, packed: each row stands in the gaps of the one above."""
    rows = shape(count)
    shift = STEP / 4 if len(rows) > 1 and rows[0] == rows[1] else 0.0
    first = -(rows[0] - 1) * STEP / 2 - shift if rows else 0.0
    found: list[tuple[float, float]] = []
    for row, wide in enumerate(rows):
        phase = first + (STEP / 2 if row % 2 else 0.0)
        middle = -(wide - 1) * STEP / 2
        start = phase + round((middle - phase) / STEP) * STEP
        found.extend((start + place * STEP, row * ROW) for place in range(wide))
    return tuple(found)


def path(x: float, y: float, radius: float = RADIUS) -> str:
    """A hexagon that stands on a corner, as an SVG path."""
    half, quarter = HALF * radius / RADIUS, radius / 2
    return _line(
        x, y, ((0, -radius), (half, -quarter), (half, quarter), (0, radius), (-half, quarter), (-half, -quarter))
    )


def _line(x: float, y: float, corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "z"
