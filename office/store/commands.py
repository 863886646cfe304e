"""Idempotent commands: the same id from the same person has one effect and gets the same answer."""

from collections.abc import Callable
from typing import TypeVar
from zlib import crc32

import msgspec
from sqlalchemy import insert, select

from office.domain.errors import NotPermitted
from office.store.base_tables import command
from office.store.work import Work

T = TypeVar("T")


def once(work: Work, command_id: str, person_id: int, kind: type[T], act: Callable[[], T]) -> T:
    """Run `act` once for each command id; a repeat gets the stored answer. An empty id runs every time."""
    if not command_id:
        return act()
    work.lock("command", crc32(command_id.encode()))
    found = work.execute(
        select(command.c.person_id, command.c.answer).where(command.c.id == command_id[:64])
    ).one_or_none()
    if found is not None:
        if found[0] != person_id:
            raise NotPermitted("这次提交不是您发起的。")
        return msgspec.json.decode(found[1], type=kind)
    answer = act()
    stored = msgspec.json.encode(answer).decode()
    work.execute(insert(command).values(id=command_id[:64], person_id=person_id, at=work.now, answer=stored))
    return answer
