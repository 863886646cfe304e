"""Random people do random things to random chains; the domain and the independent model must agree at every step.

The short run is part of every test run. The long one is marked slow: 100,000 steps, or YIWANG_STEPS of them,
which then differ from run to run.
"""

import os
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from random import Random
from typing import ClassVar, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from typing_extensions import override

from office.domain.chain import Chain, ChainPurpose, ChainStage, Purpose, SeatState, StepState
from office.domain.chain_events import ChainStarted, ContentSigned, Event, SeatActed, StepClosed
from office.domain.errors import OfficeError
from office.domain.evolve import evolve
from office.domain.people import ADMIN_ROLES
from office.domain.verbs import decide
from tests.domain.cast import NINE, actor
from tests.domain.chain_asks import command_of, foreseen, model_of, seen
from tests.domain.chain_dice import WEIGHTS, a_chain, an_ask, on_leave, some_delegations
from tests.domain.chain_model import Row
from tests.domain.chain_model_verbs import play

STEPS = int(os.environ.get("YIWANG_STEPS", "100000"))
WALK = 60  # verbs tried in one example
FIXED = (
    Purpose.DRAFT, Purpose.REVIEW, Purpose.SIGN_OFF, Purpose.RECHECK, Purpose.NUMBER, Purpose.SEAL, Purpose.RELEASE,
    Purpose.DISPATCH,
)  # fmt: skip
AFTER_SIGNING = FIXED[3:]
_state = msgspec.json.Decoder(Chain)
_events = {kind: msgspec.json.Decoder(kind) for kind in get_args(Event)}
_encode = msgspec.json.encode


def replayed(first: Chain, events: list[Event]) -> Chain:
    """The state from the stored events alone, each through JSON and back."""
    stored = [(type(event), _encode(event)) for event in [ChainStarted(first), *events]]
    return reduce(evolve, [_events[kind].decode(text) for kind, text in stored], first)


def check_open(chain: Chain) -> None:
    """One open step; every task has a post; nothing open when it is over."""
    running = [step for step in chain.steps if step.state is StepState.OPEN]
    if chain.stage is not ChainStage.RUNNING:
        assert chain.current is None
        assert chain.open_seats() == ()
        return
    assert [step.id for step in running] == [chain.steps[chain.position].id]
    assert chain.open_seats(), "a running chain has somebody to act"
    assert all(seat.post_id > 0 for _, seat in chain.open_seats())
    elsewhere = [s for step in chain.steps if step is not chain.current for s in step.live()]
    assert elsewhere == []


def check_kept(before: Chain, after: Chain, events: tuple[Event, ...]) -> None:
    """No opinion is ever lost or rewritten, no due time moves, a step closes once, the line only grows or undoes."""
    kept = after.opinions[: len(before.opinions)]
    for old, now in zip(before.opinions, kept, strict=True):
        assert now == old or now == replace(old, taken_back=True)
    due = {step.id: step.due for step in before.steps}
    assert all(due.get(step.id, step.due) == step.due for step in after.steps)
    closed = Counter(event.step_id for event in events if isinstance(event, StepClosed))
    assert all(times == 1 for times in closed.values())
    ids = [seat.id for step in after.steps for seat in step.seats] + [step.id for step in after.steps]
    assert len(set(ids)) == len(ids)
    assert after.next_id >= before.next_id


def check_order(before: Chain, events: tuple[Event, ...]) -> None:
    """起草-审核-签发-复核-登记-印制-核发: none closes before those in front; the content stays what was signed."""
    if before.purpose is not ChainPurpose.OUTGOING:
        return
    chain = before
    for event in events:
        step = chain.step(event.step_id) if isinstance(event, StepClosed | SeatActed) else None
        if step is not None and isinstance(event, StepClosed) and step.purpose in FIXED:
            earlier = [s for s in chain.steps[: chain.index(step.id)] if s.purpose in FIXED]
            assert all(s.state is StepState.DONE or s.merged_into is not None for s in earlier)
        if step is not None and isinstance(event, SeatActed) and step.purpose in AFTER_SIGNING:
            assert chain.signed_hash
            assert event.opinion.content_hash == chain.signed_hash
        if isinstance(event, ContentSigned):
            signing = next(s for s in chain.steps if s.purpose is Purpose.SIGN_OFF)
            heads = {s.id for s in signing.members()}
            said = [o for o in chain.opinions if o.seat_id in heads and not (o.corrects or o.taken_back)]
            assert {o.content_hash for o in said} == {event.content_hash} != {""}
            assert {o.seat_id for o in said} == {s.id for s in signing.members() if s.state is SeatState.DONE}
        chain = evolve(chain, event)


def check_actor(chain: Chain, row: Row, events: tuple[Event, ...]) -> None:
    """Only a holder or his deputy acts on content; an administrator never."""
    for event in events:
        if not isinstance(event, SeatActed):
            continue
        assert actor(row["by"]).role not in ADMIN_ROLES
        seat = next(s for _, s in chain.open_seats() if s.id == event.seat_id)
        assert row["by"] in (seat.post_id, seat.deputy_id)
        assert event.opinion.by.on_behalf == (None if row["by"] == seat.post_id else seat.post_id)


def asked(chain: Chain, row: Row) -> tuple[Event, ...] | None:
    """What the domain answers; a refusal always has a sentence."""
    try:
        return decide(chain, command_of(chain, row), by=actor(row["by"]), at=row["now"], deputies=row["deps"])
    except OfficeError as refusal:
        if not refusal.sentence.endswith(("。", "？")):
            raise AssertionError(refusal.sentence) from refusal
        return None


class ChainMachine(RuleBasedStateMachine):
    """One paper after another, each against its model."""

    tried: ClassVar[Counter[str]] = Counter()
    allowed: ClassVar[Counter[str]] = Counter()

    @initialize(seed=st.integers(0, 2**32 - 1))
    def begin(self, seed: int) -> None:
        dice = Random(seed)
        self.chain = self.first = a_chain(dice)
        self.model = model_of(self.chain)
        self.leave = some_delegations(dice)
        self.now, self.content, self.events, self.count = NINE, "稿1", list[Event](), 0
        assert seen(self.chain) == foreseen(self.model)

    @rule(seed=st.integers(0, 2**32 - 1))
    def somebody_asks(self, seed: int) -> None:
        dice = Random(seed * 1009 + self.count)
        if self.chain.current is None and dice.random() < 0.4:
            self.teardown()
            self.begin(seed + self.count)
        self.count += 1
        self.now += timedelta(minutes=dice.choice((0, 1, 5, 60, 300, 2000, -60)))
        if dice.random() < 0.03:
            self.content = f"稿{self.count}"
        elif self.chain.signed_hash and dice.random() < 0.7:
            self.content = self.chain.signed_hash
        row = an_ask(dice, self.chain, self.now, on_leave(self.leave, self.chain.kind, self.now), self.content)
        self._both(row)

    def _both(self, row: Row) -> None:
        type(self).tried[row["verb"]] += 1
        events = asked(self.chain, row)
        agreed = play(self.model, row)
        assert agreed == (events is not None), (row, agreed)
        if events is not None:
            type(self).allowed[row["verb"]] += 1
            self._went_on(row, events)
        assert seen(self.chain) == foreseen(self.model), row

    def _went_on(self, row: Row, events: tuple[Event, ...]) -> None:
        before, self.chain = self.chain, reduce(evolve, events, self.chain)
        self.events.extend(events)
        check_open(self.chain)
        check_kept(before, self.chain, events)
        check_order(before, events)
        check_actor(before, row, events)

    @override
    def teardown(self) -> None:
        if not hasattr(self, "chain"):
            return
        assert replayed(self.first, self.events) == self.chain
        assert _state.decode(_encode(self.chain)) == self.chain


def run(steps: int, *, fresh: bool, shrink: bool = True) -> Counter[str]:
    """At least that many verbs tried; returns how often each was allowed. Without `shrink` it stops at once."""
    ChainMachine.tried, ChainMachine.allowed = Counter(), Counter()
    chosen = settings(
        max_examples=max(1, steps // WALK + steps // 400), stateful_step_count=WALK, deadline=None, database=None,
        derandomize=not fresh, suppress_health_check=list(HealthCheck), print_blob=True,
        phases=tuple(Phase) if shrink else (Phase.generate,), report_multiple_bugs=False,
    )  # fmt: skip
    run_state_machine_as_test(ChainMachine, settings=chosen)
    assert ChainMachine.tried.total() >= steps
    return ChainMachine.allowed


def test_model_and_domain_agree_on_a_short_walk() -> None:
    allowed = run(1_500, fresh=False)
    assert allowed.total() > 500


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_model_and_domain_agree_on_a_long_walk() -> None:
    allowed = run(STEPS, fresh="YIWANG_STEPS" in os.environ)
    print(f"steps {ChainMachine.tried.total()} allowed {dict(allowed)}")  # noqa: T201 - the run's own record
    rarely = {verb for verb in (*WEIGHTS, "TERMINATE", "STOP") if allowed[verb] < STEPS / 20_000}
    assert rarely == set(), "a verb that is hardly ever allowed is hardly tested"
