"""Acting once: a command that is sent twice (double press, weak signal) has one effect and one answer."""

from dataclasses import dataclass

from sqlalchemy import select, update

from office.domain.chain import Purpose
from office.domain.commands import Complete, MarkRead
from office.domain.errors import Invalid, NotFound
from office.domain.people import Actor
from office.service import approvals, checking, reading
from office.store import chains, commands
from office.store.tables import task
from office.store.work import Work


@dataclass(frozen=True, slots=True)
class Acted:
    """What an act led to, enough for the message that offers to take it back."""

    chain_id: int
    document_id: int
    stage: str
    purpose: str  # of the step that is open now, "" when the chain is over
    holders: tuple[int, ...]  # posts
    may_take_back: bool


def act(work: Work, command: approvals.Act, actor: Actor, command_id: str = "") -> Acted:
    """Perform a verb once for each command id."""
    return commands.once(work, command_id, actor.person_id, Acted, lambda: _act(work, command, actor))


def _recheck(work: Work, document_id: int, actor: Actor) -> None:
    """复核 runs the writing rules a third time; what stops is refused, and the act with it."""
    report = checking.report(work, document_id, actor, "recheck")
    if report.stops:
        first = next(f for f in report.faults if f.stops)
        sentence = f"复核发现 {report.stops} 处不合规则：{first.says}请退回改好，或报原签批人再审。"
        raise Invalid(sentence, code=first.rule, fix=first.fix_text, article=first.article)


def _act(work: Work, command: approvals.Act, actor: Actor) -> Acted:
    after = approvals.act(work, command, actor)
    current = after.current
    undo = after.undo
    stored = chains.load(work, command.chain_id)
    if isinstance(command.command, Complete) and current is not None and current.purpose is Purpose.NUMBER:
        _recheck(work, stored.document_id, actor)  # only 复核 leads to the number
    return Acted(
        command.chain_id,
        stored.document_id,
        str(after.stage),
        str(current.purpose) if current is not None else "",
        tuple(seat.post_id for seat in current.live()) if current is not None else (),
        undo is not None and undo.by_post_id == actor.post_id,
    )


@dataclass(frozen=True, slots=True)
class ToldTask:
    """A task that only tells: a paper came back."""

    id: int
    document_id: int
    note: str


def told(work: Work, task_id: int, actor: Actor) -> ToldTask | None:
    """The actor's own open task that tells of a returned paper."""
    t = task.c
    row = work.execute(
        select(t.id, t.document_id, t.note).where(
            t.id == task_id, t.post_id == actor.post_id, t.kind == "RETURNED", t.state == 0
        )
    ).one_or_none()
    return ToldTask(*row) if row else None


def acknowledge(work: Work, task_id: int, actor: Actor) -> None:
    """知道了: the task is done, the return stays in history."""
    if told(work, task_id, actor) is None:
        raise NotFound
    work.execute(update(task).where(task.c.id == task_id).values(state=chains.DONE, done=work.now))


def read(work: Work, task_id: int, actor: Actor) -> Acted:
    """已阅 from the list: a paper that is only to be read, on the actor's own desk (条例24(5)传阅)."""
    t = task.c
    mine = (t.id == task_id, t.post_id == actor.post_id, t.reading.is_(True), t.state == chains.OPEN)
    row = work.execute(select(t.kind, t.chain_id, t.seat_id).where(*mine, t.chain_id.is_not(None))).one_or_none()
    if row is None:
        raise NotFound
    kind, chain_id, seat_id = row
    command = MarkRead(seat_id) if kind == "READ" else Complete(seat_id)
    return act(work, approvals.Act(chain_id, command), actor)


def following(work: Work, document_id: int, actor: Actor) -> int | None:
    """The document that is due next on this desk, other than the one just dealt with; None when none waits."""
    waiting = reading.tasks(work, actor, reading=False, limit=2).rows
    return next((row.document_id for row in waiting if row.document_id != document_id), None)
