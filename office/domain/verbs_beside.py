"""Verbs beside the chain, which never move it: remind, supervise, circulate, mark read, correct an opinion."""

from dataclasses import replace
from datetime import timedelta
from typing import assert_never

from office.domain.chain import Chain, ChainStage, Reader, Supervision, Verdict
from office.domain.chain_events import Circulated, OpinionCorrected, ReaderRead, Reminded, Supervised
from office.domain.commands import Circulate, CorrectOpinion, MarkRead, Remind, Supervise
from office.domain.errors import Invalid, NotFound, NotPermitted, WrongStage
from office.domain.turn import OVER, Turn
from office.domain.verbs_route import OFFICE_ROLES, required
from office.domain.verbs_seats import MOST_SEATS

REMIND_EVERY = timedelta(hours=4)
NOT_SHOWN = frozenset({ChainStage.RETURNED, ChainStage.ENDED, ChainStage.REVOKED})  # nothing of these spreads


def beside(turn: Turn, command: Remind | Supervise | Circulate | MarkRead | CorrectOpinion) -> None:
    """What happens beside the chain and never moves it."""
    match command:
        case Remind():
            _remind(turn, command)
        case Supervise():
            _supervise(turn, command)
        case Circulate():
            _circulate(turn, command)
        case MarkRead():
            reader = next((r for r in turn.chain.readers if r.id == command.reader_id), None)
            if reader is None or reader.post_id != turn.by.post_id:
                raise NotFound
            if reader.read_at is None:
                turn.emit(ReaderRead(reader.id, turn.signer(), turn.at))
        case CorrectOpinion():
            _correct(turn, command)
        case _:
            assert_never(command)


def _remind(turn: Turn, command: Remind) -> None:
    step = turn.running()
    chain = turn.chain
    took_part = any(o.by.post_id == turn.by.post_id for o in chain.opinions)
    if not (took_part or turn.by.post_id == chain.drafter_post_id or turn.by.organ_id == chain.organ_id):
        raise NotPermitted("催办由发文单位、办公室或前面办过的人来催。")
    if chain.reminded_at is not None and turn.at - chain.reminded_at < REMIND_EVERY:
        raise Invalid(f"{chain.reminded_at:%H:%M} 刚催过，四小时内不重复催。急的话请直接打电话。")
    posts = tuple(seat.post_id for seat in step.live())
    turn.emit(Reminded(posts, turn.signer(), turn.at, command.note))


def _supervise(turn: Turn, command: Supervise) -> None:
    turn.running()
    if turn.by.organ_id != turn.chain.organ_id or turn.by.role not in OFFICE_ROLES:
        raise NotPermitted("督办由本单位办公室或负责人立项。")
    if command.due <= turn.at:
        raise Invalid("督办时限要在现在以后。")
    turn.emit(Supervised(Supervision(command.owner_post_id, command.due, turn.signer(), turn.at)))


def _organs(chain: Chain) -> set[int]:
    """Whoever has a part in the chain, and hence may show the paper around."""
    seated = {seat.organ_id for step in chain.steps for seat in step.seats}
    return seated | {step.organ_id for step in chain.steps} | {reader.organ_id for reader in chain.readers}


def _circulate(turn: Turn, command: Circulate) -> None:
    if turn.chain.stage in NOT_SHOWN:
        raise WrongStage(OVER[turn.chain.stage].replace("办。", "传阅。"))
    if turn.by.organ_id not in _organs(turn.chain):
        raise NotFound
    already = {reader.post_id for reader in turn.chain.readers}
    new = [(post, organ) for post, organ in dict.fromkeys(command.posts) if post not in already]
    if not new:
        raise Invalid("这些人都已经传阅过。")
    if len(new) + len(already) > MOST_SEATS:
        raise Invalid(f"一份文件最多传阅 {MOST_SEATS} 人。人再多，请分发到单位。")
    reason = required(command.reason, "传阅")
    first = turn.chain.next_id
    by = turn.signer()
    readers = tuple(Reader(first + i, post, organ, reason, by, turn.at) for i, (post, organ) in enumerate(new))
    turn.emit(Circulated(readers))


def _correct(turn: Turn, command: CorrectOpinion) -> None:
    old = next((o for o in turn.chain.opinions if o.id == command.opinion_id), None)
    if old is None or old.by.person_id != turn.by.person_id:
        raise NotPermitted("只能更正您自己写的意见。")
    if not command.text.strip():
        raise Invalid("更正意见不能为空。")
    entry = replace(
        old, id=turn.chain.next_id, at=turn.at, verdict=Verdict.NOTE, text=command.text.strip(), corrects=old.id,
        by=turn.signer(), taken_back=False, signature="",
    )  # fmt: skip
    turn.emit(OpinionCorrected(entry))
