"""Files that were refused at the door: hash, rule and time, for those who watch over safety; no name, no text."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from office.domain.errors import NotFound
from office.domain.people import Actor, Role
from office.store.tables import refused_file
from office.store.work import Work

PAGE = 50
SPAN = timedelta(days=30)
WATCHERS = frozenset({Role.SECURITY_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """One refused file."""

    id: int
    hash: str
    size: int
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RuleCount:
    """How often a rule refused a file in the last 30 days."""

    rule: str
    files: int


@dataclass(frozen=True, slots=True)
class Refusals:
    """A page of refused files, newest first, and the rules that refused them."""

    rows: tuple[RefusedFile, ...]
    rules: tuple[RuleCount, ...]
    before: int | None  # the id to go on from, None at the end


def refused(work: Work, actor: Actor, before: int | None = None) -> Refusals:
    """What was refused; NotFound for everybody who does not watch over it."""
    if actor.role not in WATCHERS:
        raise NotFound("没有这个页面。地址可能抄错了，或者文件已移走。")
    r = refused_file.c
    page = select(r.id, r.hash, r.size, r.rule, r.at).order_by(r.id.desc()).limit(PAGE + 1)
    if before is not None:
        page = page.where(r.id < before)
    found = tuple(RefusedFile(*row) for row in work.execute(page))
    counted = (
        select(r.rule, func.count())
        .where(r.at >= work.now - SPAN)
        .group_by(r.rule)
        .order_by(func.count().desc(), r.rule)
    )
    rules = tuple(RuleCount(*row) for row in work.execute(counted))
    return Refusals(found[:PAGE], rules, found[PAGE - 1].id if len(found) > PAGE else None)
