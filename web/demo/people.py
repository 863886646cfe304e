"""Made-up people: posts by kind of organ, names from invented lists, telephone numbers nobody has."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from types import MappingProxyType

from office.domain.organs import Level, Organ, OrganKind
from office.domain.people import Role

SURNAMES = tuple(
    "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁韦马方任袁柳史唐薛雷贺罗毕郝安常于傅齐康"
)
# Solar terms, weather, plants, two characters each: nobody is meant, and everybody sees it.
_WORDS = (
    "立春雨水春分清明谷雨立夏小满芒种夏至立秋白露秋分霜降立冬小雪冬至"
    "青禾新麦春苗秋实晨曦晚晴朝霞云舟星河远山长风细雨初雪明月清溪白桦"
    "青松翠竹寒梅幽兰金菊海棠石榴葡萄核桃银杏梧桐丁香苜蓿荞麦高粱豆蔻"
    "木槿连翘半夏忍冬南星杜仲当归远志茯苓紫苏薄荷艾叶"
)
GIVEN = tuple(_WORDS[place : place + 2] for place in range(0, len(_WORDS), 2))
FULL_ACCOUNTS = 60_000


@dataclass(frozen=True, slots=True)
class Seat:
    """A post to be made: what it is called and what it does."""

    name: str
    role: Role


_OFFICES: Mapping[Level, tuple[Seat, ...]] = MappingProxyType(
    {
        Level.CITY: (
            Seat("市政府办文秘", Role.CLERK),
            Seat("市长", Role.LEADER),
            Seat("市政府办公室主任", Role.OFFICE_HEAD),
            Seat("副市长", Role.DEPUTY_LEADER),
            Seat("副市长", Role.DEPUTY_LEADER),
            Seat("综合科科员", Role.HANDLER),
            Seat("督查科科员", Role.HANDLER),
            Seat("系统管理员", Role.SYSTEM_ADMIN),
            Seat("安全管理员", Role.SECURITY_ADMIN),
            Seat("审计管理员", Role.AUDITOR),
        ),
        Level.TOWNSHIP: (
            Seat("党政办文秘", Role.CLERK),
            Seat("镇长", Role.LEADER),
            Seat("党政办主任", Role.OFFICE_HEAD),
            Seat("副镇长", Role.DEPUTY_LEADER),
            Seat("民政干事", Role.HANDLER),
            Seat("水利干事", Role.HANDLER),
        ),
    }
)
_EXTRA_NAMES: Mapping[OrganKind, str] = MappingProxyType(
    {
        OrganKind.GOVERNMENT: "科员",
        OrganKind.OFFICE: "科员",
        OrganKind.BUREAU: "科员",
        OrganKind.CONGRESS: "科员",
        OrganKind.SECTION: "科员",
        OrganKind.VILLAGE: "村组干部",
    }
)


def seats(organ: Organ) -> tuple[Seat, ...]:
    """The posts an organ has in the demo city: at least a clerk and a leader everywhere."""
    match organ.kind:
        case OrganKind.VILLAGE:
            return _village(organ)
        case OrganKind.GOVERNMENT if organ.level is Level.COUNTY:
            return _county(organ)
        case OrganKind.GOVERNMENT if organ.title.endswith("街道办事处"):
            return tuple(Seat(_STREET.get(seat.name, seat.name), seat.role) for seat in _OFFICES[Level.TOWNSHIP])
        case OrganKind.GOVERNMENT:
            return _OFFICES[organ.level]
        case _:
            head = "主任" if organ.name.endswith(("委员会", "办公室")) else "局长"
            return (Seat("办公室文秘", Role.CLERK), Seat(head, Role.LEADER), Seat("业务科科员", Role.HANDLER))


_STREET = {"镇长": "街道办事处主任", "副镇长": "街道办事处副主任"}


def _village(organ: Organ) -> tuple[Seat, ...]:
    community = organ.title.endswith("居民委员会")
    clerk, leader = ("社区文书", "居委会主任") if community else ("村文书", "村委会主任")
    return (Seat(clerk, Role.CLERK), Seat(leader, Role.LEADER))


def _county(organ: Organ) -> tuple[Seat, ...]:
    kind = organ.name[-1]  # 县, 区 or 市: the 14 names are known
    return (
        Seat("政府办文秘", Role.CLERK),
        Seat(f"{kind}长", Role.LEADER),
        Seat("政府办公室主任", Role.OFFICE_HEAD),
        Seat(f"副{kind}长", Role.DEPUTY_LEADER),
        Seat(f"副{kind}长", Role.DEPUTY_LEADER),
        Seat("综合科科员", Role.HANDLER),
    )


@dataclass(frozen=True, slots=True)
class Staff:
    """Rows ready for bulk inserts; `post_ids` finds the first post of an organ with a role."""

    people: tuple[dict[str, object], ...]
    posts: tuple[dict[str, object], ...]
    logins: tuple[dict[str, object], ...]
    first: Mapping[tuple[int, Role], int]  # (organ id, role) → person id, equal to the post id


def staff(organs: Sequence[Organ], now: datetime, *, accounts: int | None = None) -> Staff:
    """A person for every seat, and handlers beside them until there are `accounts`; the same at every call."""
    chance = Random(6104)
    people, posts, logins = [], [], []
    first: dict[tuple[int, Role], int] = {}
    for number, (organ, seat) in enumerate(_all_seats(organs, accounts), start=1):
        people.append(_person(number, chance))
        posts.append(
            {
                "id": number, "organ_id": organ.id, "name": seat.name, "role": str(seat.role),
                "person_id": number, "since": now,
            }
        )  # fmt: skip
        logins.append(_login(number, f"demo{number:05d}", ""))
        first.setdefault((organ.id, seat.role), number)
    return Staff(tuple(people), tuple(posts), tuple(logins), MappingProxyType(first))


def _all_seats(organs: Sequence[Organ], accounts: int | None) -> Iterator[tuple[Organ, Seat]]:
    regular = [(organ, seat) for organ in organs for seat in seats(organ)]
    yield from regular
    if accounts is not None:
        yield from _extra_seats(organs, accounts - len(regular))


def _extra_seats(organs: Sequence[Organ], wanted: int) -> Iterator[tuple[Organ, Seat]]:
    """More handlers, spread by the size of the organ: a village gets one where a township or bureau gets eight."""
    weights = [(organ, 1 if organ.kind is OrganKind.VILLAGE else 8) for organ in organs]
    given = 0
    while given < wanted:
        for organ, weight in weights:
            for _ in range(min(weight, wanted - given)):
                yield organ, Seat(_EXTRA_NAMES[organ.kind], Role.HANDLER)
                given += 1


def _person(number: int, chance: Random) -> dict[str, object]:
    return {
        "id": number,
        "name": chance.choice(SURNAMES) + chance.choice(GIVEN),
        "phone": f"0000 {number % 10_000:04d}",
        "active": True,
        "theme": "",
        "elder": False,
        "demo": True,
    }


def _login(person_id: int, name: str, password_hash: str) -> dict[str, object]:
    """An account; with an empty hash nobody can log in until an administrator sets a password."""
    return {
        "person_id": person_id, "name": name, "password_hash": password_hash, "must_change": False,
        "failures": 0, "locked_until": None, "changed_at": None,
    }  # fmt: skip


def with_passwords(
    logins: Iterable[dict[str, object]], given: Mapping[int, tuple[str, str]]
) -> tuple[dict[str, object], ...]:
    """The accounts, those in `given` (person id → login name and hash) with their own name and hash."""
    found = []
    for row in logins:
        person_id = row["person_id"]
        name, password_hash = given.get(person_id, ("", "")) if isinstance(person_id, int) else ("", "")
        found.append(row | {"name": name, "password_hash": password_hash} if name else row)
    return tuple(found)
