"""A small city to test in: one city, two bureaus, one county, one township, two villages; everyone has people."""

from dataclasses import dataclass

from sqlalchemy import insert

from office.domain.organs import Level, OrganKind
from office.domain.people import Actor, Role
from office.store.tables import organ, person, post
from office.store.work import Work

CITY, WATER, FINANCE, COUNTY, TOWN, VILLAGE, OTHER_VILLAGE = range(1, 8)

_ORGANS = (
    (CITY, "咸阳市", "咸阳市人民政府", Level.CITY, OrganKind.GOVERNMENT, None, "咸政发"),
    (WATER, "市水利局", "咸阳市水利局", Level.CITY, OrganKind.BUREAU, CITY, "咸水发"),
    (FINANCE, "市财政局", "咸阳市财政局", Level.CITY, OrganKind.BUREAU, CITY, "咸财发"),
    (COUNTY, "兴平市", "兴平市人民政府", Level.COUNTY, OrganKind.GOVERNMENT, CITY, "兴政发"),
    (TOWN, "南位镇", "兴平市南位镇人民政府", Level.TOWNSHIP, OrganKind.GOVERNMENT, COUNTY, "南政发"),
    (VILLAGE, "张里村", "南位镇张里村民委员会", Level.VILLAGE, OrganKind.VILLAGE, TOWN, "张村字"),
    (OTHER_VILLAGE, "定周村", "南位镇定周村民委员会", Level.VILLAGE, OrganKind.VILLAGE, TOWN, "定村字"),
)
_FULL = (Role.CLERK, Role.OFFICE_HEAD, Role.DEPUTY_LEADER, Role.LEADER, Role.HANDLER)
_NAMES = {
    Role.CLERK: "文秘", Role.OFFICE_HEAD: "办公室主任", Role.DEPUTY_LEADER: "副职", Role.LEADER: "主要负责人",
    Role.HANDLER: "干事",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Town:
    """Actors by (organ, role)."""

    actors: dict[tuple[int, Role], Actor]

    def __call__(self, organ_id: int, role: Role = Role.CLERK) -> Actor:
        return self.actors[organ_id, role]


def build(work: Work) -> Town:
    """Insert the organs and their people."""
    actors: dict[tuple[int, Role], Actor] = {}
    paths: dict[int, str] = {}
    for i, (organ_id, name, title, level, kind, parent, word) in enumerate(_ORGANS):
        paths[organ_id] = f"{paths[parent] if parent else '/'}{organ_id}/"
        work.execute(
            insert(organ).values(
                id=organ_id, uuid=f"u{organ_id}", name=name, title=title, level=int(level), kind=str(kind),
                parent_id=parent, path=paths[organ_id], sort=i, word=word,
            )
        )  # fmt: skip
        for role in _FULL if level < Level.VILLAGE else (Role.CLERK, Role.LEADER):
            actors[organ_id, role] = seat(work, organ_id, role, f"{name}{_NAMES[role]}")
    actors[CITY, Role.SYSTEM_ADMIN] = seat(work, CITY, Role.SYSTEM_ADMIN, "系统管理员")
    return Town(actors)


def seat(work: Work, organ_id: int, role: Role, name: str) -> Actor:
    """A person in a new post."""
    person_id = work.integer(insert(person).values(name=name, phone="0000 0000").returning(person.c.id))
    post_id = work.integer(
        insert(post)
        .values(organ_id=organ_id, name=_NAMES.get(role, name), role=str(role), person_id=person_id, since=work.now)
        .returning(post.c.id)
    )
    return Actor(person_id, post_id, organ_id, role, name, _NAMES.get(role, name))
