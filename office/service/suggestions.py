"""投诉建议: anybody says what is wrong; the city's office answers. Nobody has to say who he is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from office.domain.errors import Invalid, NotFound, Stale
from office.domain.organs import Level, OrganKind
from office.domain.people import Actor, Role
from office.store import history, organs
from office.store.tables import person, suggestion
from office.store.work import Work

LONGEST = 2_000
PAGE = 30
_ANSWERING = frozenset({Role.CLERK, Role.OFFICE_HEAD})


@dataclass(frozen=True, slots=True)
class Suggest:
    """What somebody wants to say."""

    text: str


@dataclass(frozen=True, slots=True)
class AnswerSuggestion:
    """What the office says to it."""

    suggestion_id: int
    answer: str


@dataclass(frozen=True, slots=True)
class Older:
    """Where a page goes on."""

    before: int | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggestion; `person` is empty when nobody was signed in."""

    id: int
    text: str
    at: datetime
    person: str
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """A page, newest first."""

    rows: tuple[Suggestion, ...]
    before: int | None


def suggest(work: Work, command: Suggest, actor: Actor | None) -> int:
    """Keep it; returns its id, by which the answer can be asked for."""
    text = command.text.strip()
    if not text:
        raise Invalid("还没有写内容。")
    if len(text) > LONGEST:
        raise Invalid(f"最多写 {LONGEST} 个字，现在有 {len(text)} 个字。")
    person_id = actor.person_id if actor is not None else None
    row = insert(suggestion).values(person_id=person_id, text=text, at=work.now)
    return work.integer(row.returning(suggestion.c.id))


def may_answer(work: Work, actor: Actor) -> bool:
    """Office heads and clerks of the city's government answer; so one office hears of everything."""
    own = organs.load(work, actor.organ_id)
    office = own.kind in (OrganKind.GOVERNMENT, OrganKind.OFFICE) and own.level is Level.CITY
    return office and actor.role in _ANSWERING


def _check(work: Work, actor: Actor) -> None:
    if not may_answer(work, actor):
        raise NotFound("没有这个页面。地址可能抄错了，或者文件已移走。")


_COLUMNS = (
    suggestion.c.id, suggestion.c.text, suggestion.c.at, person.c.name, suggestion.c.answer, suggestion.c.answered_at
)  # fmt: skip


def received(work: Work, command: Older, actor: Actor) -> Suggestions:
    """All suggestions, for those who answer them."""
    _check(work, actor)
    s = suggestion.c
    statement = select(*_COLUMNS).outerjoin(person, person.c.id == s.person_id).order_by(s.id.desc()).limit(PAGE + 1)
    if command.before is not None:
        statement = statement.where(s.id < command.before)
    rows = tuple(Suggestion(r[0], r[1], r[2], r[3] or "", r[4], r[5]) for r in work.execute(statement))
    return Suggestions(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def own(work: Work, actor: Actor) -> tuple[Suggestion, ...]:
    """What the actor wrote himself, with the answers, newest first."""
    s = suggestion.c
    rows = work.execute(
        select(*_COLUMNS)
        .join(person, person.c.id == s.person_id)
        .where(s.person_id == actor.person_id)
        .order_by(s.id.desc())
        .limit(PAGE)
    )
    return tuple(Suggestion(*row) for row in rows)


def answer(work: Work, command: AnswerSuggestion, actor: Actor) -> None:
    """Answer once; a second answer of somebody else is not written over the first."""
    _check(work, actor)
    text = command.answer.strip()
    if not 0 < len(text) <= LONGEST:
        raise Invalid(f"答复要有 1 到 {LONGEST} 个字。")
    s = suggestion.c
    if work.execute(select(s.id).where(s.id == command.suggestion_id)).first() is None:
        raise NotFound("没有这条建议。")
    changed = work.execute(
        update(suggestion)
        .where(s.id == command.suggestion_id, s.answered_at.is_(None))
        .values(answer=text, answered_at=work.now)
    )
    if changed.rowcount != 1:
        raise Stale("刚才已有人答复过。请刷新后再看。")
    by = history.By(actor.organ_id, actor.person_id, actor.post_id)
    history.record(work, history.Entry("SUGGESTION_ANSWERED", by, body=[{"suggestion": command.suggestion_id}]))
