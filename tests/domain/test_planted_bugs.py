"""Mistakes planted in the domain one after another: each must be found by the state machine within its first steps.

A mistake that survives fails here; so does one whose place in the source has changed.
"""

from dataclasses import dataclass
from types import ModuleType

import pytest

from office.domain import evolve, matrix, turn, verbs, verbs_beside, verbs_route, verbs_seats
from tests.domain.planting import plant
from tests.domain.test_chain_machine import run

STEPS = 100_000


@dataclass(frozen=True, slots=True)
class Mistake:
    """What a tired person might have written."""

    name: str
    module: ModuleType
    function: str
    right: str
    wrong: str


MISTAKES = (
    Mistake("a quorum is one short", turn, "needed", "-(-len(step.members()) * numerator // denominator)",
            "len(step.members()) * numerator // denominator"),
    Mistake("a return replaces the opinions", evolve, "_returned", "opinions=(*chain.opinions, event.opinion)",
            "opinions=(event.opinion,)"),
    Mistake("a countersign closes twice", turn, "Turn.close", "self.emit(StepClosed(step.id, agreed, self.at))",
            "self.emit(StepClosed(step.id, agreed, self.at)); self.emit(StepClosed(step.id, agreed, self.at))"),
    Mistake("nobody stands in for who is on leave", turn, "Turn.open", "self.deputies.get(seat.post_id)", "None"),
    Mistake("an administrator jumps over sign-off to the number", verbs_route, "_check_fixed",
            "if fixed is not None or (chain.purpose", "if (chain.purpose"),
    Mistake("a return gives another due time", evolve, "_returned", "position=target,",
            "position=target, steps=tuple(replace(s, due=event.opinion.at if event.opinion else s.due) "
            "for s in after.steps),"),
    Mistake("who was asked by a removed signer stays open", verbs_seats, "_remove", "if children:", "if False:"),
    Mistake("taking back after the next has acted", evolve, "_acted", "undo=undo,", "undo=chain.undo or undo,"),
    Mistake("a withdrawn paper leaves a task open", evolve, "_withdrawn", "rerun(chain, 0)",
            "renew(chain, (chain.steps[0].id,))"),
    Mistake("somebody else may act on my task", turn, "Turn.held", "if seat.post_id == self.by.post_id:",
            "if seat.organ_id == self.by.organ_id:"),
    Mistake("an administrator signs", verbs, "decided", "if by.role in ADMIN_ROLES and", "if by.role is None and"),
    Mistake("changed content passes the recheck", verbs_seats, "_check_complete",
            "step.purpose in AFTER_SIGN_OFF and turn.chain.signed_hash != command.content_hash",
            "step.purpose in AFTER_SIGN_OFF and turn.chain.signed_hash is None"),
    Mistake("a disagreeing countersign goes on to sign-off", turn, "outcome", "return refusals == 0 if len(done)",
            "return consents > 0 if len(done)"),
    Mistake("a decision above the limit of the tier", verbs_route, "decide_request",
            "turn.chain.amount_yuan > step.limit_yuan", "turn.chain.amount_yuan > 10 * step.limit_yuan"),
    Mistake("a correction writes over the opinion", evolve, "_beside",
            "replace(chain, opinions=(*chain.opinions, event.opinion), next_id=chain.next_id + 1)",
            "replace(chain, opinions=tuple(event.opinion if o.id == event.opinion.corrects else o "
            "for o in chain.opinions), next_id=chain.next_id + 1)"),
    Mistake("reminders without any pause", verbs_beside, "_remind", "< REMIND_EVERY", "< REMIND_EVERY * 0"),
    Mistake("a cell of the matrix is forgotten", matrix, "refusal", "REFUSED.get((verb, kind))",
            "None if (verb, kind) == (Verb.RETURN, StepKind.CIRCULATION) else REFUSED.get((verb, kind))"),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_planted_mistake_is_found(mistake: Mistake, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(monkeypatch, mistake.module, mistake.function, mistake.right, mistake.wrong)
    with pytest.raises(AssertionError):
        run(STEPS, fresh=False, shrink=False)


def test_planting_the_sound_source_again_finds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for mistake in {(m.module.__name__, m.function): m for m in MISTAKES}.values():
        plant(monkeypatch, mistake.module, mistake.function, mistake.right, mistake.right)
    run(1_500, fresh=False)
