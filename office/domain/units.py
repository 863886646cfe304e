"""The file of units read into organs: tiers, paths, the titles they sign with, the words of their numbers."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from office.domain.errors import Invalid
from office.domain.organs import Level, Organ, OrganKind

SOURCE = "china-division"

LEVELS: Mapping[str, Level] = MappingProxyType(
    {"city": Level.CITY, "county": Level.COUNTY, "town": Level.TOWNSHIP, "village": Level.VILLAGE}
)
SEAL_MM: Mapping[Level, float] = MappingProxyType(
    {Level.CITY: 45.0, Level.COUNTY: 45.0, Level.TOWNSHIP: 42.0, Level.VILLAGE: 38.0}
)
# 杨凌示范区, a body of the province, runs it; the subordination stands in the file all the same.
ENTRUSTED_CODES = frozenset({"610403"})
# Misspelt in the source. The name stays as published, the title may not be wrong on a paper.
_TITLE_NAMES: Mapping[str, str] = MappingProxyType(
    {"610403003008": "康乐西路社区居民委员会", "610481001018": "西关社区居民委员会"}
)
_FULL = ("村民委员会", "居民委员会")
_SHORT: Mapping[str, str] = MappingProxyType({"村委会": "村民委员会", "居委会": "居民委员会"})
# A gap after each organ, so that its bureaus stand before the lower governments without renumbering.
SORT_STEP = 100


@dataclass(frozen=True, slots=True)
class Unit:
    """One line of the file. `parent` is the code of the superior, empty for the city."""

    code: str
    name: str
    level: Level
    parent: str


@dataclass(frozen=True, slots=True)
class CodedOrgan:
    """An organ and the code it has in `SOURCE`."""

    code: str
    organ: Organ


def read_units(text: str) -> tuple[Unit, ...]:
    """The lines of the file; Invalid names the first line that cannot be right."""
    units: dict[str, Unit] = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        unit = _unit(row, line)
        above = units.get(unit.parent)
        if unit.code in units:
            raise Invalid(f"单位表第 {line} 行：代码 {unit.code} 出现两次。")
        if unit.level is not Level.CITY and (above is None or above.level != unit.level - 1):
            raise Invalid(f"单位表第 {line} 行：“{unit.name}”的上级 {unit.parent} 不在表里，或不是上一级。")
        units[unit.code] = unit
    return tuple(units.values())


def _unit(row: Mapping[str, str | None], line: int) -> Unit:
    code, name, level = row.get("code"), row.get("name"), LEVELS.get(row.get("level") or "")
    if not code or not name or level is None:
        raise Invalid(f"单位表第 {line} 行：缺代码、名称或层级。")
    return Unit(code, name, level, row.get("parent") or "")


def is_community(code: str) -> bool:
    """Whether a village code names a 社区 (last three digits 001–199) and not a 村 (200–399)."""
    return int(code[-3:]) < 200


def organs_of(units: Sequence[Unit]) -> tuple[CodedOrgan, ...]:
    """Organs with ids from 1 in the order of the file, which keeps them the same at every loading."""
    ids = {unit.code: number for number, unit in enumerate(units, start=1)}
    order = _official_order(units)
    words = document_words(units)
    by_code = {unit.code: unit for unit in units}
    paths: dict[str, str] = {}
    found = []
    for unit in units:
        paths[unit.code] = f"{paths.get(unit.parent, '/')}{ids[unit.code]}/"
        found.append(
            CodedOrgan(
                unit.code,
                Organ(
                    id=ids[unit.code],
                    name=unit.name,
                    title=title(unit, by_code),
                    level=unit.level,
                    kind=OrganKind.VILLAGE if unit.level is Level.VILLAGE else OrganKind.GOVERNMENT,
                    parent_id=ids.get(unit.parent),
                    path=paths[unit.code],
                    sort=order[unit.code],
                    word=words[unit.code],
                    seal_mm=SEAL_MM[unit.level],
                ),
            )
        )
    return tuple(found)


def _children(units: Sequence[Unit]) -> dict[str, list[Unit]]:
    groups: dict[str, list[Unit]] = {}
    for unit in units:
        groups.setdefault(unit.parent, []).append(unit)
    return groups


def _official_order(units: Sequence[Unit]) -> dict[str, int]:
    """Depth first in the order of the file, in steps of `SORT_STEP`."""
    below = _children(units)
    order: dict[str, int] = {}
    waiting = list(reversed(below.get("", [])))
    while waiting:
        unit = waiting.pop()
        order[unit.code] = len(order) * SORT_STEP
        waiting.extend(reversed(below.get(unit.code, [])))
    return order


def title(unit: Unit, by_code: Mapping[str, Unit]) -> str:
    """The name it signs with: 兴平市南位镇人民政府, 秦都区人民路街道办事处, 兴平市南位镇张里村民委员会."""
    above = by_code.get(unit.parent)
    match unit.level:
        case Level.CITY | Level.COUNTY:
            return f"{unit.name}人民政府"
        case Level.TOWNSHIP:
            county = above.name if above else ""
            return f"{county}{unit.name}{'办事处' if is_street(unit) else '人民政府'}"
        case Level.VILLAGE:
            county = by_code[above.parent].name if above else ""
            return f"{county}{_village_title(unit, above.name if above else '')}"


def is_street(unit: Unit) -> bool:
    """Whether a township code names a 街道 (last three digits 001–099) and not a 镇 (100–199)."""
    return int(unit.code[-3:]) < 100


def _village_title(unit: Unit, town: str) -> str:
    name = _TITLE_NAMES.get(unit.code, unit.name)
    if name.endswith(_FULL):
        # A full name in the source sometimes begins with its town already; short ones never mean the town by it.
        return name if name.startswith(town) else town + name
    for short, full in _SHORT.items():
        if name.endswith(short):
            return town + name.removesuffix(short) + full
    return town + name + (_FULL[1] if is_community(unit.code) else _FULL[0])


def document_words(units: Sequence[Unit]) -> dict[str, str]:
    """代字 by code, unique within the file: 咸政, 秦政, 兴南政, 秦人办, 兴南张里村.

    A lower organ's word begins with its superior's stem; the name adds as few characters as tell it from its
    neighbours.
    """
    below = _children(units)
    stems = {"": ""}
    words: dict[str, str] = {}
    taken: set[str] = set()
    for unit in units:
        base = stems[unit.parent] if unit.level > Level.COUNTY else ""
        siblings = [other.name for other in below[unit.parent] if other is not unit]
        stem = next((s for s in _stems(unit, base, siblings) if s + _ending(unit) not in taken), None)
        if stem is None:
            raise Invalid(f"“{unit.name}”的发文代字与别的单位相同，请改单位表。")
        stems[unit.code], words[unit.code] = stem, stem + _ending(unit)
        taken.add(words[unit.code])
    return words


def _stems(unit: Unit, base: str, siblings: Sequence[str]) -> Iterator[str]:
    """Beginnings of the name no neighbour shares, shortest first; the whole name may begin a neighbour's."""
    least = 2 if unit.level is Level.VILLAGE else 1
    for length in range(least, len(unit.name) + 1):
        beginning = unit.name[:length]
        if beginning == unit.name or not any(name.startswith(beginning) for name in siblings):
            yield base + beginning


def _ending(unit: Unit) -> str:
    match unit.level:
        case Level.CITY | Level.COUNTY:
            return "政"
        case Level.TOWNSHIP:
            return "办" if is_street(unit) else "政"
        case Level.VILLAGE:
            return "居" if is_community(unit.code) else "村"


def with_parent(organ: Organ, parent: Organ, *, place: int) -> Organ:
    """The organ as a department of `parent`: same tier, and sorted before the lower governments."""
    return replace(
        organ,
        level=parent.level,
        parent_id=parent.id,
        path=f"{parent.path}{organ.id}/",
        sort=parent.sort + 1 + place,
    )
