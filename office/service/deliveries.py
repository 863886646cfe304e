"""How far a document's deliveries are: counted by place, whom to call, and the list with what each unit answered."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, case, exists, func, select, type_coerce

from office.domain.errors import NotFound
from office.domain.organs import Level, Organ, OrganTree
from office.domain.people import Actor, Post, Role
from office.domain.units import SOURCE
from office.service import access
from office.service.exchange import REMIND_EVERY
from office.store import documents, organs, people
from office.store.base_tables import EPOCH, event
from office.store.tables import organ_code, receipt
from office.store.work import Work

PAGE = 50
DEPARTMENTS = 0  # in place of an organ's id: the departments of the area's own government


class Stand(StrEnum):
    """How far one delivery is; the furthest counts."""

    DELIVERED = "DELIVERED"
    OPENED = "OPENED"
    SIGNED = "SIGNED"
    HANDLED = "HANDLED"
    REPLIED = "REPLIED"
    RETURNED = "RETURNED"
    RECALLED = "RECALLED"


SIGNED = frozenset({Stand.SIGNED, Stand.HANDLED, Stand.REPLIED})
WAITING = frozenset({Stand.DELIVERED, Stand.OPENED})


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a document this person may see: all of it (its issuer), or what his organ passed on (`via`).

    `stamp` grows with every event of the document.
    """

    document: documents.Document
    root: int
    via: int | None
    stamp: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery in short; times are microseconds since 1970."""

    id: int
    organ_id: int
    stand: Stand
    delivered: int
    reminded: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many units were sent to, signed, gave it back; recalled deliveries are not counted."""

    total: int = 0
    signed: int = 0
    returned: int = 0

    @property
    def waiting(self) -> int:
        """Neither signed for nor given back."""
        return self.total - self.signed - self.returned


@dataclass(frozen=True, slots=True)
class Board:
    """All deliveries of a document, by organ, and what lies under every organ (itself included)."""

    scope: Scope
    tree: OrganTree
    codes: Mapping[int, str]  # of the counties
    deliveries: Mapping[int, Delivery]
    counts: Mapping[int, Count]

    @property
    def whole(self) -> Count:
        """Everything this person may see."""
        return _count(self.deliveries.values())

    def own(self, organ_id: int) -> bool | None:
        """Whether that organ signed for its own copy; None when it has none."""
        found = self.deliveries.get(organ_id)
        return None if found is None or found.stand is Stand.RECALLED else found.stand in SIGNED


def scope(work: Work, document_id: int, actor: Actor) -> Scope:
    """The issuer sees all deliveries, an organ that passed the paper on those it made; nobody else sees any."""
    found = access.document(work, document_id, by=actor)
    if actor.role not in access.OFFICE or found.issued_at is None:
        raise NotFound
    stamp = _stamp(work, found.id)
    if found.organ_id == actor.organ_id:
        return Scope(found, _root(work, actor.organ_id), None, stamp)
    r = receipt.c
    passed_on = exists().where(r.document_id == found.id, r.via_organ_id == actor.organ_id)
    if not work.execute(select(passed_on)).scalar():
        raise NotFound
    return Scope(found, actor.organ_id, actor.organ_id, stamp)


def _stamp(work: Work, document_id: int) -> int:
    return work.execute(select(func.max(event.c.id)).where(event.c.document_id == document_id)).scalar() or 0


def _root(work: Work, organ_id: int) -> int:
    """Whose area the picture shows: a department's is its government's."""
    tree = organs.tree(work)
    own = tree[organ_id]
    below = [o for o in tree.children(organ_id) if o.level > own.level]
    return organ_id if below or own.parent_id is None else own.parent_id


_r = receipt.c
_STAND = case(
    (_r.return_reason == "RECALLED", Stand.RECALLED.value),
    (_r.returned_at.is_not(None), Stand.RETURNED.value),
    (_r.replied_at.is_not(None), Stand.REPLIED.value),
    (_r.handled_at.is_not(None), Stand.HANDLED.value),
    (_r.signed_at.is_not(None), Stand.SIGNED.value),
    (_r.opened_at.is_not(None), Stand.OPENED.value),
    else_=Stand.DELIVERED.value,
)


def board(work: Work, seen: Scope) -> Board:
    """One statement for the whole city, stamped anew; the caller keeps it for as long as the stamp stays."""
    seen = replace(seen, stamp=_stamp(work, seen.document.id))
    where = [_r.document_id == seen.document.id]
    if seen.via is not None:
        where.append(_r.via_organ_id == seen.via)
    rows = work.execute(
        select(
            _r.id,
            _r.organ_id,
            _STAND,
            type_coerce(_r.delivered_at, BigInteger),
            type_coerce(_r.reminded_at, BigInteger),
        ).where(*where)
    )
    found = {row[1]: Delivery(row[0], row[1], Stand(row[2]), row[3], row[4]) for row in rows}
    tree = organs.tree(work)
    return Board(seen, tree, _codes(work, tree, seen.root), found, _counts(tree, found))


def _codes(work: Work, tree: OrganTree, root: int) -> dict[int, str]:
    ids = [organ.id for organ in tree.children(root)]
    c = organ_code.c
    rows = work.execute(select(c.organ_id, c.code).where(c.source == SOURCE, c.organ_id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def _counts(tree: OrganTree, found: Mapping[int, Delivery]) -> dict[int, Count]:
    sums: dict[int, list[int]] = {}
    for delivery in found.values():
        if delivery.stand is Stand.RECALLED:
            continue
        signed, returned = delivery.stand in SIGNED, delivery.stand is Stand.RETURNED
        for part in tree[delivery.organ_id].path.strip("/").split("/"):
            held = sums.setdefault(int(part), [0, 0, 0])
            held[0] += 1
            held[1] += signed
            held[2] += returned
    return {organ_id: Count(*held) for organ_id, held in sums.items()}


def _count(found: Iterable[Delivery]) -> Count:
    stands = [delivery.stand for delivery in found if delivery.stand is not Stand.RECALLED]
    return Count(len(stands), sum(s in SIGNED for s in stands), stands.count(Stand.RETURNED))


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to telephone: the clerk of `organ`, about itself (`own`) or about so many of its villages."""

    organ: Organ
    trail: str
    own: bool
    villages: int
    delivered_at: datetime
    reminded_at: datetime | None
    clerk: Post | None = None


def waiting(found: Board, at: int | None = None) -> tuple[Delivery, ...]:
    """Who has not signed, under `at` if given, in official order."""
    under = [d for d in found.deliveries.values() if d.stand in WAITING and _is_under(found, d.organ_id, at)]
    return tuple(sorted(under, key=lambda d: order(found.tree[d.organ_id])))


def order(organ: Organ) -> tuple[int, int]:
    """Official order: by region code, whatever the answer is."""
    return organ.sort, organ.id


def _is_under(found: Board, organ_id: int, at: int | None) -> bool:
    if at is None or organ_id == at:
        return True
    organ = found.tree[organ_id]
    return is_department(found, organ) if at == DEPARTMENTS else organ.is_under(found.tree[at])


def is_department(found: Board, organ: Organ) -> bool:
    """Whether it is a department of the area's own government."""
    root = found.tree[found.scope.root]
    return organ.parent_id == root.id and organ.level is root.level


def due_for_reminder(found: Sequence[Delivery], now: datetime) -> int:
    """How many of them a press on 催办 would reach: nobody twice within four hours."""
    earliest = micro(now - REMIND_EVERY)
    return sum(d.reminded is None or d.reminded <= earliest for d in found)


def micro(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(at: int) -> datetime:
    """The other way round."""
    return EPOCH + timedelta(microseconds=at)


def calls(found: Board, at: int | None = None) -> tuple[Call, ...]:
    """The list to telephone by: a township's villages in one line, every other unit in its own; no clerk yet."""
    single = found.tree[at or found.scope.root].level >= Level.TOWNSHIP
    groups: dict[int, list[Delivery]] = {}
    for delivery in waiting(found, at):
        organ = found.tree[delivery.organ_id]
        key = organ.parent_id if organ.level is Level.VILLAGE and not single else organ.id
        groups.setdefault(key or organ.id, []).append(delivery)
    return tuple(_call(found, organ_id, group) for organ_id, group in groups.items())


def _call(found: Board, organ_id: int, group: Sequence[Delivery]) -> Call:
    own = any(d.organ_id == organ_id for d in group)
    reminded = [d.reminded for d in group if d.reminded is not None]
    return Call(
        found.tree[organ_id], found.tree.trail(organ_id), own, len(group) - own,
        moment(min(d.delivered for d in group)), moment(max(reminded)) if reminded else None,
    )  # fmt: skip


def clerks(work: Work, found: Sequence[Call]) -> dict[int, Post]:
    """The clerk of each organ in the list, one statement."""
    posts = people.posts_with(work, [call.organ.id for call in found], Role.CLERK)
    return {post.organ_id: post for post in reversed(posts)}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: the unit, how far it is, what it said."""

    delivery: Delivery
    organ: Organ
    trail: str
    at: datetime
    signed_at: datetime | None
    reply: str
    return_reason: str
    return_text: str
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Lines:
    """A page of the list; `after` asks for the next one."""

    lines: tuple[Line, ...]
    total: int
    after: int | None


def listed(
    work: Work, found: Board, *, stand: Stand | None = None, at: int | None = None, after: int | None = None
) -> Lines:
    """The list in official order, all stands or one, the whole or what lies under `at`."""
    tree = found.tree
    kept = [d for d in found.deliveries.values() if stand in (None, d.stand) and _is_under(found, d.organ_id, at)]
    kept.sort(key=lambda d: order(tree[d.organ_id]))
    start = next((place + 1 for place, d in enumerate(kept) if d.organ_id == after), 0)
    shown = kept[start : start + PAGE]
    more = start + len(shown) < len(kept)
    details = _details(work, [d.id for d in shown])
    lines = tuple(Line(d, tree[d.organ_id], tree.trail(d.organ_id), *details[d.id]) for d in shown)
    return Lines(lines, len(kept), shown[-1].organ_id if more else None)


_Detail = tuple[datetime, datetime | None, str, str, str, datetime | None]


def _details(work: Work, ids: Sequence[int]) -> dict[int, _Detail]:
    latest = func.coalesce(_r.returned_at, _r.replied_at, _r.handled_at, _r.signed_at, _r.opened_at, _r.delivered_at)
    rows = work.execute(
        select(_r.id, latest, _r.signed_at, _r.reply, _r.return_reason, _r.return_text, _r.due).where(_r.id.in_(ids))
    )
    return {row[0]: (row[1], row[2], row[3], row[4], row[5], row[6]) for row in rows}
