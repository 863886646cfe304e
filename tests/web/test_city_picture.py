"""The picture of the city: fixed places, no hexagon on another, honest fillings."""

import math

import pytest

from office.domain.units import read_units
from office.store.organs import unit_file
from web.city_picture import HALF, PLACES, RADIUS, County, Town, centres, draw, eighths, level, path, shape


def counties() -> list[County]:
    """The real 14 with their real numbers of townships."""
    units = read_units(unit_file())
    return [
        County(place, unit.code, unit.name, 0, 0, None,
               tuple(Town(town.name, 0, 1, own=False) for town in units if town.parent == unit.code))
        for place, unit in enumerate(u for u in units if len(u.code) == 6)
    ]  # fmt: skip


def test_every_county_of_the_city_has_its_own_place() -> None:
    found = counties()
    assert {c.code for c in found} == set(PLACES)
    assert len(set(PLACES.values())) == 14
    assert sum(len(g.hexagons) for g in draw(found).groups) == 142


def test_no_hexagon_lies_on_another_and_all_are_on_the_sheet() -> None:
    picture = draw(counties())
    middles = []
    for group in picture.groups:
        for hexagon in group.hexagons:
            x, y = (float(text) for text in hexagon.path[1:].split("L")[0].split(" "))
            middles.append((x, y + RADIUS))
    for place, (x, y) in enumerate(middles):
        assert HALF <= x <= picture.width - HALF
        assert RADIUS <= y <= picture.height - RADIUS
        assert all(math.dist((x, y), other) > 2 * HALF for other in middles[place + 1 :])


def test_a_place_does_not_depend_on_who_signed() -> None:
    before = draw(counties())
    full = [County(c.id, c.code, c.name, 9, 9, own=True, towns=tuple(Town(t.name, 1, 1, own=True) for t in c.towns))
            for c in counties()]  # fmt: skip
    after = draw(full)
    assert [h.path for g in before.groups for h in g.hexagons] == [h.path for g in after.groups for h in g.hexagons]


@pytest.mark.parametrize("count", range(60))
def test_every_number_of_townships_is_packed(count: int) -> None:
    assert sum(shape(count)) == len(centres(count)) == count
    assert len({(round(x, 2), y) for x, y in centres(count)}) == count


def test_counties_it_does_not_know_stand_below() -> None:
    strange = [County(n, f"99{n}", f"新{n}县", 0, 0, None, (Town("一镇", 0, 1),)) for n in range(5)]
    picture = draw([*counties(), *strange])
    assert min(g.y for g in picture.groups[14:]) > max(g.y for g in picture.groups[:14])
    assert len({(g.x, g.y) for g in picture.groups}) == 19


FILLINGS = [(0, 0, 0), (0, 9, 0), (1, 50, 1), (9, 18, 4), (49, 50, 7), (9, 9, 8)]


@pytest.mark.parametrize(("signed", "total", "fill"), FILLINGS)
def test_full_means_everybody_and_empty_means_nobody(signed: int, total: int, fill: int) -> None:
    assert eighths(signed, total) == fill


@pytest.mark.parametrize("signed", range(1, 8))
def test_a_hexagon_fills_from_below(signed: int) -> None:
    heights = [float(text.split(" ")[1]) for text in level(0, 0, signed, 8)[1:-1].split("L")]
    assert min(heights) == pytest.approx(RADIUS - 2 * RADIUS * signed / 8, abs=0.06)
    assert max(heights) == pytest.approx(RADIUS)
    assert level(0, 0, 8, 8) == path(0, 0)
