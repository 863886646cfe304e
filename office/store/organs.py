"""Organs in rows and the tree in memory."""

from collections.abc import Iterable, Sequence
from importlib import resources
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, Table, exists, func, insert, select

from office.domain.errors import Invalid, NotFound
from office.domain.organs import EdgeKind, Level, Organ, OrganKind, OrganTree
from office.domain.units import SOURCE, CodedOrgan
from office.store.tables import organ, organ_code, organ_edge
from office.store.work import Work

_FIELDS = tuple(getattr(organ.c, name) for name in Organ.__slots__)
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:yiwang:organ")
# What the tree in memory was built from, for each engine: readers and the writer have their own.
_trees: WeakKeyDictionary[Engine, tuple[tuple[Any, ...], OrganTree]] = WeakKeyDictionary()


def unit_file() -> str:
    """The text of the unit file that comes with the package, line ends untouched."""
    return resources.files("office").joinpath("data/xianyang_units.csv").read_bytes().decode("utf-8")


def organ_uuid(key: str) -> str:
    """The organ's own id: the same for the same `source:code` at every loading."""
    return str(uuid5(_NAMESPACE, key))


def _organ(row: Row[Any]) -> Organ:
    values = dict(zip(Organ.__slots__, row, strict=True))
    values["level"] = Level(values["level"])
    values["kind"] = OrganKind(values["kind"])
    return Organ(**values)


def _row(found: Organ, key: str) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(found, name) for name in Organ.__slots__}
    return values | {"level": int(found.level), "kind": str(found.kind), "uuid": organ_uuid(key)}


def insert_all(work: Work, coded: Sequence[CodedOrgan], *, source: str = SOURCE) -> None:
    """Insert organs with their ids and their codes in `source`; superiors must come first or exist."""
    if not coded:
        return
    work.execute(insert(organ), [_row(one.organ, f"{source}:{one.code}") for one in coded])
    work.execute(insert(organ_code), [{"organ_id": one.organ.id, "source": source, "code": one.code} for one in coded])
    follow_sequence(work, organ)


def follow_sequence(work: Work, table: Table) -> None:
    """After rows with given ids: let PostgreSQL's sequence go on behind the highest (SQLite does so itself)."""
    if work.dialect == "postgresql":
        highest = select(func.coalesce(func.max(table.c.id), 1)).scalar_subquery()
        work.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), highest)))


def insert_edges(work: Work, kind: EdgeKind, pairs: Iterable[tuple[int, int]]) -> None:
    """Relations (from, to) of one kind that hold from now on."""
    rows = [{"from_id": a, "to_id": b, "kind": str(kind), "since": work.now, "until": None} for a, b in pairs]
    if rows:
        work.execute(insert(organ_edge), rows)


def any_organ(work: Work) -> bool:
    """Whether a tree has been loaded."""
    return bool(work.execute(select(exists().select_from(organ))).scalar())


def load(work: Work, organ_id: int) -> Organ:
    """The organ by id; NotFound when absent."""
    row = work.execute(select(*_FIELDS).where(organ.c.id == organ_id)).one_or_none()
    if row is None:
        raise NotFound("没有这个单位。")
    return _organ(row)


def by_code(work: Work, code: str, *, source: str = SOURCE) -> Organ:
    """The organ that has `code` in `source`; Invalid when there is none."""
    found = select(organ_code.c.organ_id).where(organ_code.c.source == source, organ_code.c.code == code)
    organ_id = work.execute(found).scalar_one_or_none()
    if organ_id is None:
        raise Invalid(f"代码 {code} 不在单位表里。")
    return load(work, organ_id)


def tree(work: Work) -> OrganTree:
    """All organs in memory, read again only when organs came, went or were given another name, place or right."""
    engine = work.connection.engine
    stamp = _stamp(work)
    held = _trees.get(engine)
    if held is not None and held[0] == stamp:
        return held[1]
    built = OrganTree(_organ(row) for row in work.execute(select(*_FIELDS).order_by(organ.c.id)))
    _trees[engine] = (stamp, built)
    return built


def forget_trees() -> None:
    """Read the tree again at the next question: after a change of organs the stamp cannot see."""
    _trees.clear()


def _stamp(work: Work) -> tuple[Any, ...]:
    """One pass over the rows, about a tenth of the cost of reading them; blind to changes that keep every length."""
    o = organ.c
    lengths = func.sum(func.length(o.title) + func.length(o.name) + func.length(o.word))
    placed = func.sum(func.length(o.path) * o.sort)
    return tuple(work.execute(select(func.count(), func.max(o.id), lengths, placed)).one())


def guided_by(work: Work, organ_id: int) -> tuple[int, ...]:
    """Organs that this one guides in its line of business now (业务指导)."""
    e = organ_edge.c
    rows = work.execute(
        select(e.to_id)
        .where(e.from_id == organ_id, e.kind == str(EdgeKind.GUIDANCE), e.since <= work.now)
        .where(e.until.is_(None) | (e.until > work.now))
        .order_by(e.to_id)
    )
    return tuple(row[0] for row in rows)


def edges_of(work: Work, organ_id: int) -> tuple[tuple[EdgeKind, int, int], ...]:
    """Relations that hold now with this organ on either end: (kind, from, to)."""
    e = organ_edge.c
    rows = work.execute(
        select(e.kind, e.from_id, e.to_id)
        .where((e.from_id == organ_id) | (e.to_id == organ_id), e.since <= work.now)
        .where(e.until.is_(None) | (e.until > work.now))
        .order_by(e.id)
    )
    return tuple((EdgeKind(row[0]), row[1], row[2]) for row in rows)


def dual_led(work: Work) -> dict[int, int]:
    """Organs under dual leadership now, each with its other superior (双重领导)."""
    e = organ_edge.c
    rows = work.execute(
        select(e.to_id, e.from_id)
        .where(e.kind == str(EdgeKind.DUAL), e.since <= work.now)
        .where(e.until.is_(None) | (e.until > work.now))
    )
    return {row[0]: row[1] for row in rows}
