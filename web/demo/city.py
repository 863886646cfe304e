"""The demo city: the real tree of units, made-up bureaus and people, a few accounts to look around with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from office.domain.organs import EdgeKind, Organ
from office.domain.people import Role
from office.domain.units import ENTRUSTED_CODES, CodedOrgan, organs_of, read_units
from office.store import organs, people
from office.store.database import Database
from office.store.work import Work
from web.demo.bureaus import SOURCE, departments
from web.demo.people import FULL_ACCOUNTS, Staff, staff, with_passwords
from web.passwords import fresh, hash_now

CITY, COUNTY, TOWN, VILLAGE = "6104", "610481", "610481106", "610481106208"


@dataclass(frozen=True, slots=True)
class Chosen:
    """An account that gets a password: its login name, and whose it is by code of organ and role."""

    login_name: str
    code: str
    role: Role


CHOSEN: tuple[Chosen, ...] = (
    Chosen("cun-wenshu", VILLAGE, Role.CLERK),
    Chosen("cun-zhuren", VILLAGE, Role.LEADER),
    Chosen("zhen-wenshu", TOWN, Role.CLERK),
    Chosen("zhen-bangongshi", TOWN, Role.OFFICE_HEAD),
    Chosen("zhen-zhang", TOWN, Role.LEADER),
    Chosen("xian-wenshu", COUNTY, Role.CLERK),
    Chosen("xian-bangongshi", COUNTY, Role.OFFICE_HEAD),
    Chosen("xian-lingdao", COUNTY, Role.LEADER),
    Chosen("shi-wenshu", CITY, Role.CLERK),
    Chosen("shi-bangongshi", CITY, Role.OFFICE_HEAD),
    Chosen("shi-zhang", CITY, Role.LEADER),
    Chosen("caizheng-juzhang", "6104-财", Role.LEADER),
    Chosen("shuili-juzhang", "6104-水", Role.LEADER),
    Chosen("xitong", CITY, Role.SYSTEM_ADMIN),
    Chosen("anquan", CITY, Role.SECURITY_ADMIN),
    Chosen("shenji", CITY, Role.AUDITOR),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account to print once; the password is kept nowhere else."""

    login_name: str
    password: str = field(repr=False)
    organ: str
    post: str
    person: str


def load_city(
    db: Database,
    *,
    full: bool = False,
    passwords: Mapping[str, str] | None = None,
    hasher: Callable[[str], str] = hash_now,
) -> list[Account]:
    """Load the city unless one is there and return the accounts to print; a second call changes and prints nothing.

    `passwords` gives login names their passwords; all others get fresh random ones. There is no default password.
    """
    if db.read_now(organs.any_organ):
        return []
    chosen = {one.login_name: (passwords or {}).get(one.login_name) or fresh() for one in CHOSEN}
    hashes = {login_name: hasher(password) for login_name, password in chosen.items()}
    return db.write_now(_load, chosen, hashes, FULL_ACCOUNTS if full else None)


def _load(work: Work, chosen: Mapping[str, str], hashes: Mapping[str, str], accounts: int | None) -> list[Account]:
    if organs.any_organ(work):
        return []
    units = organs_of(read_units(organs.unit_file()))
    made = departments(units)
    organs.insert_all(work, units)
    organs.insert_all(work, made.organs, source=SOURCE)
    organs.insert_edges(work, EdgeKind.GUIDANCE, made.guidance)
    organs.insert_edges(work, EdgeKind.ENTRUSTED, _entrusted(units))
    coded = {one.code: one.organ for one in (*units, *made.organs)}
    hired = staff(_in_order(coded), work.now, accounts=accounts)
    given = {_holder(coded, hired, one): (one.login_name, hashes[one.login_name]) for one in CHOSEN}
    people.insert_people(work, hired.people, hired.posts, with_passwords(hired.logins, given))
    return [_account(coded, hired, one, chosen[one.login_name]) for one in CHOSEN]


def _in_order(coded: Mapping[str, Organ]) -> Sequence[Organ]:
    """By id: the file's units first, so that their people keep their ids when bureaus are added."""
    return sorted(coded.values(), key=lambda organ: organ.id)


def _entrusted(units: Sequence[CodedOrgan]) -> tuple[tuple[int, int], ...]:
    found = (one.organ for one in units if one.code in ENTRUSTED_CODES)
    return tuple((organ.id, organ.parent_id) for organ in found if organ.parent_id is not None)


def _holder(coded: Mapping[str, Organ], hired: Staff, one: Chosen) -> int:
    return hired.first[coded[one.code].id, one.role]


def _account(coded: Mapping[str, Organ], hired: Staff, one: Chosen, password: str) -> Account:
    place = _holder(coded, hired, one) - 1
    return Account(
        one.login_name,
        password,
        coded[one.code].title,
        str(hired.posts[place]["name"]),
        str(hired.people[place]["name"]),
    )
