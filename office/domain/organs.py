"""Organs (机关) and the tree they stand in: city, county, township, village."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cached_property


class Level(IntEnum):
    """Tier (层级). A smaller number is higher."""

    CITY = 1  # 市
    COUNTY = 2  # 县、区、县级市
    TOWNSHIP = 3  # 镇、乡、街道
    VILLAGE = 4  # 村、社区: a self-governing body, not an organ of state


class OrganKind(StrEnum):
    """What an organ is; decides which documents it may issue."""

    GOVERNMENT = "GOVERNMENT"  # 人民政府 (街道办事处 too)
    OFFICE = "OFFICE"  # 办公厅（室）: may issue for its government by authorisation
    BUREAU = "BUREAU"  # 部门: 局、委
    CONGRESS = "CONGRESS"  # 人大常委会
    SECTION = "SECTION"  # 内设机构: never writes outside its organ
    VILLAGE = "VILLAGE"  # 村（居）民委员会


class EdgeKind(StrEnum):
    """Relations beside 隶属 (which is `Organ.parent_id`)."""

    GUIDANCE = "GUIDANCE"  # 业务指导: bureau over the lower government's matching bureau
    DUAL = "DUAL"  # 双重领导
    ENTRUSTED = "ENTRUSTED"  # 托管、代管


@dataclass(frozen=True, slots=True)
class Organ:
    """One organ. `path` is its ancestors' ids and its own, as '/1/15/301/'; `sort` keeps the official order."""

    id: int
    name: str  # as people call it: 南位镇
    title: str  # as it signs: 兴平市南位镇人民政府
    level: Level
    kind: OrganKind
    parent_id: int | None
    path: str
    sort: int
    word: str = ""  # 代字 of its document numbers, as 咸政发
    may_issue: bool = True  # 发文立户
    seal_mm: float = 42.0
    phone: str = ""
    demo: bool = False

    def is_under(self, other: "Organ") -> bool:
        """Whether this organ stands below `other` in the line of subordination."""
        return self.id != other.id and self.path.startswith(other.path)


class OrganTree:
    """All organs in memory: ascend, descend, compare. Built once, replaced when an organ changes."""

    def __init__(self, organs: Iterable[Organ]) -> None:
        self._by_id = {organ.id: organ for organ in organs}

    def __getitem__(self, organ_id: int) -> Organ:
        return self._by_id[organ_id]

    def __contains__(self, organ_id: object) -> bool:
        return organ_id in self._by_id

    def __iter__(self) -> Iterator[Organ]:
        return iter(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)

    @cached_property
    def _children(self) -> dict[int | None, tuple[Organ, ...]]:
        groups: dict[int | None, list[Organ]] = {}
        for organ in self._by_id.values():
            groups.setdefault(organ.parent_id, []).append(organ)
        return {key: tuple(sorted(group, key=lambda o: (o.sort, o.id))) for key, group in groups.items()}

    def children(self, organ_id: int | None) -> tuple[Organ, ...]:
        """Direct subordinates in official order; of None: the roots."""
        return self._children.get(organ_id, ())

    def ascend(self, organ_id: int) -> tuple[Organ, ...]:
        """The way up, nearest superior first, no tier skipped."""
        way = []
        parent = self._by_id[organ_id].parent_id
        while parent is not None:
            way.append(self._by_id[parent])
            parent = self._by_id[parent].parent_id
        return tuple(way)

    def subtree(self, organ_id: int) -> tuple[Organ, ...]:
        """Everything below `organ_id`, not the organ itself, in official order, depth first."""
        found: list[Organ] = []
        for child in self.children(organ_id):
            found.append(child)
            found.extend(self.subtree(child.id))
        return tuple(found)

    def trail(self, organ_id: int) -> str:
        """The path people read, for names that repeat: 兴平市 南位镇 张里村."""
        organ = self._by_id[organ_id]
        names = [above.name for above in reversed(self.ascend(organ_id)) if above.level is not Level.CITY]
        return " ".join([*names, organ.name])
