"""Saved recipient lists (常用分发名单) of an organ: make, rename, delete with undo, use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, func, insert, select, update

from office.domain.document import Selection
from office.domain.errors import Invalid, NotFound, NotPermitted
from office.domain.organs import OrganTree
from office.domain.people import ADMIN_ROLES, Actor
from office.service import directory
from office.store import organs
from office.store.tables import saved_list
from office.store.work import Work

LONGEST_NAME = 40
MOST_LISTS = 100

_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Selection)


@dataclass(frozen=True, slots=True)
class CreateList:
    """Keep a selection under a name that no other list of the organ has."""

    name: str
    selection: Selection


@dataclass(frozen=True, slots=True)
class RenameList:
    """Give a list another name."""

    list_id: int
    name: str


@dataclass(frozen=True, slots=True)
class SavedList:
    """A list with the number of organs it means today."""

    id: int
    name: str
    selection: Selection
    organs: int
    made_at: datetime


def _own(actor: Actor) -> ColumnElement[bool]:
    return saved_list.c.organ_id == actor.organ_id


def _check_actor(actor: Actor) -> None:
    if actor.role in ADMIN_ROLES:
        raise NotPermitted("管理员不发文，不用分发名单。")


def _check_name(work: Work, name: str, actor: Actor, *, but: int | None = None) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > LONGEST_NAME:
        raise Invalid(f"名单的名字要有 1 到 {LONGEST_NAME} 个字。")
    same = select(saved_list.c.id).where(_own(actor), saved_list.c.name == clean, saved_list.c.deleted_at.is_(None))
    if any(row[0] != but for row in work.execute(same)):
        raise Invalid(f"已经有一份名单叫“{clean}”，请换个名字。")
    return clean


def create(work: Work, command: CreateList, actor: Actor) -> int:
    """Keep the selection and return the list's id."""
    _check_actor(actor)
    name = _check_name(work, command.name, actor)
    if not directory.count(work, command.selection):
        raise Invalid("还没有选单位，名单是空的。")
    kept = select(func.count()).select_from(saved_list).where(_own(actor), saved_list.c.deleted_at.is_(None))
    if work.execute(kept).scalar_one() >= MOST_LISTS:
        raise Invalid(f"一个单位最多留 {MOST_LISTS} 份名单，请先删掉不用的。")
    values = {
        "organ_id": actor.organ_id,
        "name": name,
        "selection": _encoder.encode(command.selection).decode(),
        "made_at": work.now,
    }
    return int(work.execute(insert(saved_list).values(values).returning(saved_list.c.id)).scalar_one())


def _load(work: Work, list_id: int, actor: Actor, *, deleted: bool = False) -> Row[Any]:
    there = saved_list.c.deleted_at.is_not(None) if deleted else saved_list.c.deleted_at.is_(None)
    row = work.execute(select(saved_list).where(saved_list.c.id == list_id, _own(actor), there)).one_or_none()
    if row is None:
        raise NotFound("没有这份名单。")
    return row


def _change(work: Work, list_id: int, **values: object) -> None:
    work.execute(update(saved_list).where(saved_list.c.id == list_id).values(**values))


def rename(work: Work, command: RenameList, actor: Actor) -> None:
    """Another name for a list of the actor's organ."""
    _load(work, command.list_id, actor)
    _change(work, command.list_id, name=_check_name(work, command.name, actor, but=command.list_id))


def delete(work: Work, list_id: int, actor: Actor) -> None:
    """Take a list away; `restore` brings it back."""
    _load(work, list_id, actor)
    _change(work, list_id, deleted_at=work.now)


def restore(work: Work, list_id: int, actor: Actor) -> None:
    """Undo `delete`; Invalid when another list has taken the name meanwhile."""
    row = _load(work, list_id, actor, deleted=True)
    _check_name(work, row.name, actor)
    _change(work, list_id, deleted_at=None)


def use(work: Work, list_id: int, actor: Actor) -> Selection:
    """The selection of a list, without organs that no longer exist."""
    selection = _decoder.decode(_load(work, list_id, actor).selection)
    return _living(organs.tree(work), selection)


def _living(tree: OrganTree, selection: Selection) -> Selection:
    return Selection(
        organ_ids=tuple(organ_id for organ_id in selection.organ_ids if organ_id in tree),
        tiers=tuple((root, level) for root, level in selection.tiers if root in tree),
        excluded=selection.excluded,
    )


def of_organ(work: Work, actor: Actor) -> tuple[SavedList, ...]:
    """The lists of the actor's organ by name, each with how many organs it means today."""
    tree = organs.tree(work)
    rows = work.execute(
        select(saved_list).where(_own(actor), saved_list.c.deleted_at.is_(None)).order_by(saved_list.c.name)
    )
    found = []
    for row in rows:
        selection = _living(tree, _decoder.decode(row.selection))
        found.append(SavedList(row.id, row.name, selection, len(directory.chosen(tree, selection)), row.made_at))
    return tuple(found)
