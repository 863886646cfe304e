"""A verdict in plain words: four or five characters first, then what it rests on, then what to do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from office.service.verifying import Standing
from office.sign.provider import Change, Outcome, Verdict
from office.store.work import LOCAL
from web.texts import text

SHOWN_SEALS = 20


class Answer(StrEnum):
    """What a person is told first."""

    GENUINE = "GENUINE"
    REVOKED = "REVOKED"  # genuine, but void from the start
    ABOLISHED = "ABOLISHED"  # genuine, but void from a date
    ALTERED = "ALTERED"
    UNKNOWN = "UNKNOWN"


def answer_of(verdict: Verdict, standing: Standing | None = None) -> Answer:
    """The one answer: a change weighs more than everything, then whether the paper still holds."""
    if verdict.outcome is not Outcome.GENUINE:
        return Answer(str(verdict.outcome))
    if standing is not None and standing.stage in (Answer.REVOKED, Answer.ABOLISHED):
        return Answer(standing.stage)
    return Answer.GENUINE


def moment(at: datetime | None) -> str:
    """2026年11月20日 16:42, on the wall in Xianyang."""
    if at is None:
        return text("verify.no_time")
    local = at.astimezone(LOCAL)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def state_of(standing: Standing | None) -> str:
    """What the books say: in force, void since when, not dispatched yet, or not known there."""
    if standing is None:
        return text("verify.not_in_books")
    if standing.stage in (Answer.REVOKED, Answer.ABOLISHED):
        return text(f"verify.state.{standing.stage}", at=moment(standing.voided_at))
    return text("verify.state.ISSUED" if standing.issued_at is not None else "verify.state.SEALED")


def next_of(answer: Answer, standing: Standing | None, *, looked_up: bool = True) -> str:
    """What to do now; a genuine seal alone does not say that the paper still holds."""
    if answer is Answer.GENUINE and standing is None:
        return text("verify.next.UNREGISTERED" if looked_up else "verify.next.OFFLINE")
    return text(f"verify.next.{answer}")


def sentence_of(verdict: Verdict, standing: Standing | None = None) -> tuple[str, ...]:
    """The whole verdict as lines for a terminal, where the books are only asked if `standing` is given."""
    answer = answer_of(verdict, standing)
    lines = [text(f"verify.answer.{answer}") + "。", *verdict.findings]
    lines += [text("verify.line_seal", organ=s.title, at=moment(s.sealed_at)) for s in verdict.seals[:SHOWN_SEALS]]
    lines += [
        text("verify.line_change", page=c.page, before=c.before or text("verify.nothing"),
             after=c.after or text("verify.nothing"))
        for c in verdict.changes
    ]  # fmt: skip
    if standing is not None:
        lines.append(state_of(standing))
    return (*lines, next_of(answer, standing, looked_up=standing is not None))


@dataclass(frozen=True, slots=True)
class Marked:
    """A line that differs: what stands before the difference, the difference on both sides, what stands after it."""

    page: int
    head: str
    before: str
    after: str
    tail: str


def marked(change: Change) -> Marked:
    """Where exactly two lines differ."""
    old, new = change.before, change.after
    head = _same_start(old, new)
    rest_old, rest_new = old[len(head) :], new[len(head) :]
    tail = _same_start(rest_old[::-1], rest_new[::-1])[::-1]
    cut = len(tail)
    return Marked(change.page, head, rest_old[: len(rest_old) - cut], rest_new[: len(rest_new) - cut], tail)


def _same_start(one: str, other: str) -> str:
    return "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
