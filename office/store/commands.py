"""Idempotent commands: the same id from the same person has one effect and gets the same answer."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from zlib import crc32

import msgspec
from sqlalchemy import delete, insert, select

from office.domain.errors import Invalid, NotPermitted
from office.store.base_tables import command
from office.store.work import Work

T = TypeVar("T")
LONGEST = 64


def once(work: Work, command_id: str, person_id: int, kind: type[T], act: Callable[[], T]) -> T:
    """Run `act` once for each command id; a repeat gets the stored answer. An empty id runs every time."""
    if not command_id:
        return act()
    key = command_id if len(command_id) <= LONGEST else sha256(command_id.encode()).hexdigest()
    work.lock("command", crc32(key.encode()))
    found = work.execute(select(command.c.person_id, command.c.answer).where(command.c.id == key)).one_or_none()
    if found is not None:
        if found[0] != person_id:
            raise NotPermitted("这次提交不是您发起的。")
        return _answer(found[1], kind)
    answer = act()
    stored = msgspec.json.encode(answer).decode()
    work.execute(insert(command).values(id=key, person_id=person_id, at=work.now, answer=stored))
    return answer


def _answer(stored: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(stored, type=kind)
    except msgspec.ValidationError:
        raise Invalid("这个提交编号已经用在别的事上。请刷新后再办。") from None


def forget(work: Work, before: datetime) -> int:
    """Drop answers older than `before`; nobody repeats a command after days. Returns how many."""
    return work.execute(delete(command).where(command.c.at < before)).rowcount
