"""Who sits where: the posts a chain is made of, and who stands in for them at this moment."""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import bindparam, select
from typing_extensions import override

from office.domain.document import Kind
from office.domain.errors import Invalid
from office.domain.incoming import COMPETENCE_YUAN, Desk
from office.domain.organs import Level
from office.domain.outgoing import UPWARD_KINDS
from office.domain.people import Post, Role
from office.store.base_tables import microseconds
from office.store.prepared import Prepared
from office.store.tables import delegation, organ, person, post
from office.store.work import Work


def posts(work: Work, organ_id: int, *roles: Role) -> tuple[int, ...]:
    """Posts of an organ with those roles, in order of their making; only posts somebody holds."""
    p = post.c
    rows = work.execute(
        select(p.id)
        .where(p.organ_id == organ_id, p.role.in_([str(r) for r in roles]), p.person_id.is_not(None))
        .order_by(p.id)
    )
    return tuple(row[0] for row in rows)


def organ_of(work: Work, post_id: int) -> int:
    """The organ of a post; Invalid when there is no such post."""
    found = work.execute(select(post.c.organ_id).where(post.c.id == post_id)).scalar_one_or_none()
    if found is None:
        raise Invalid("选的人不在岗位名册里，请重新选。")
    return int(found)


def organs_of(work: Work, post_ids: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """(post, organ) for each post, in the order given."""
    wanted = tuple(post_ids)
    rows = {row[0]: row[1] for row in work.execute(select(post.c.id, post.c.organ_id).where(post.c.id.in_(wanted)))}
    if len(rows) != len(set(wanted)):
        raise Invalid("选的人里有不在岗位名册的，请重新选。")
    return tuple((post_id, rows[post_id]) for post_id in wanted)


def first(found: tuple[int, ...], who: str) -> int:
    """The first of the posts, or a refusal that says who is missing."""
    if not found:
        raise Invalid(f"这个单位还没有{who}，文件办不下去。请先请管理员补上。")
    return found[0]


def desk(work: Work, organ_id: int) -> Desk:
    """The receiving desk of an organ: clerk, office heads, leader, and up to which sum it decides."""
    level = Level(work.execute(select(organ.c.level).where(organ.c.id == organ_id)).scalar_one())
    clerk = first(posts(work, organ_id, Role.CLERK), "文秘")
    leader = first(posts(work, organ_id, Role.LEADER), "主要负责人")
    heads = posts(work, organ_id, Role.OFFICE_HEAD)
    return Desk(organ_id, clerk, heads, leader, COMPETENCE_YUAN.get(level))


class Deputies(Mapping[int, int]):
    """Post to the post that stands in for it now; asked only for the posts a decision really gives tasks to.

    One hop. Upward documents need a delegation that names the kind: 条例22 wants a recorded authorisation.
    """

    def __init__(self, work: Work, kind: Kind) -> None:
        self._work = work
        self._kind = kind

    @override
    def __getitem__(self, post_id: int) -> int:
        now = microseconds(self._work.now)
        for deputy_id, kinds in _STANDS_IN.cursor(self._work, {"post": post_id, "now": now, "again": now}).fetchall():
            named = kinds is not None and self._kind.value in kinds.split(",")
            if named or (kinds is None and self._kind not in UPWARD_KINDS):
                return int(deputy_id)
        raise KeyError(post_id)

    @override
    def __iter__(self) -> Iterator[int]:
        return iter(())

    @override
    def __len__(self) -> int:
        return 0


_d = delegation.c
_STANDS_IN = Prepared(
    select(_d.deputy_id, _d.kinds)
    .where(_d.post_id == bindparam("post"), _d.until > bindparam("now"), _d.since <= bindparam("again"))
    .where(_d.revoked_at.is_(None))
    .order_by(_d.id)
)


def posts_by_id(work: Work, post_ids: Iterable[int]) -> dict[int, Post]:
    """Those posts with the people who hold them."""
    p = post.c
    rows = work.execute(
        select(p.id, p.organ_id, p.name, p.role, p.person_id, person.c.name, person.c.phone)
        .outerjoin(person, person.c.id == p.person_id)
        .where(p.id.in_(tuple(post_ids)))
    )
    return {r[0]: Post(r[0], r[1], r[2], Role(r[3]), r[4], r[5] or "（空缺）", r[6] or "") for r in rows}
