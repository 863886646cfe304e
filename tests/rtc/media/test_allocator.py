"""What a budget buys, by tables; and how a viewer's line is followed from second to second."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.engine.control import Source
from rtc.media.allocator import OFF, QUIET, Allocator, Wish, allocate, cost, next_step

RATES = (150e3, 450e3, 1_200e3)
VOICE = ("v9", Source.MICROPHONE)
A, B, C = (("v1", Source.CAMERA), ("v2", Source.CAMERA), ("v3", Source.CAMERA))
SOUND = Wish(VOICE, (40e3,), sound=True)


def pictures(*ranks: int) -> list[Wish]:
    return [SOUND, *(Wish(what, RATES, rank) for what, rank in zip((A, B, C), ranks, strict=False))]


@pytest.mark.parametrize(
    ("budget", "ranks", "levels"),
    [
        (None, (0, 1), (2, 2)),
        (10e3, (0, 1), (OFF, OFF)),  # the sound is sent whatever happens
        (200e3, (0, 1), (0, OFF)),
        (200e3, (1, 0), (OFF, 0)),  # who is fed first
        (350e3, (0, 1), (0, 0)),  # everyone at the lowest before anyone sharper
        (700e3, (0, 1), (1, 0)),
        (950e3, (0, 1), (1, 1)),
        (1_500e3, (0, 1), (2, 0)),  # then as sharp as it goes, by rank
        (2_500e3, (0, 1), (2, 2)),
    ],
)
def test_what_a_budget_buys(budget: float | None, ranks: tuple[int, int], levels: tuple[int, int]) -> None:
    assert allocate(budget, pictures(*ranks)) == {VOICE: 0, A: levels[0], B: levels[1]}


WISHES = st.lists(
    st.tuples(st.lists(st.floats(1e4, 2e6), min_size=1, max_size=3), st.integers(0, 3), st.booleans()), max_size=9
)


@settings(max_examples=200, deadline=None)
@given(WISHES, st.floats(0, 1e7))
def test_the_pictures_never_cost_more_than_the_budget(
    drawn: list[tuple[list[float], int, bool]], budget: float
) -> None:
    wishes = [
        Wish((str(at), Source.CAMERA), tuple(sorted(rates)), rank, sound=sound)
        for at, (rates, rank, sound) in enumerate(drawn)
    ]
    levels = allocate(budget, wishes)
    sound = cost({wish.what: 0 for wish in wishes if wish.sound}, wishes)
    assert cost(levels, wishes) <= max(budget, sound) * 1.0001
    more = allocate(None, wishes)
    assert (next_step(levels, wishes) == 0) == (levels == more or all(levels[w.what] == more[w.what] for w in wishes))


def test_a_line_that_says_nothing_gets_everything() -> None:
    allocator = Allocator()
    for second in range(20):
        allocator.hear_loss(0.0, 2e6)
        assert allocator.decide(float(second), pictures(0), sent=1_240e3).levels[A] == 2


def fallen(remb: float) -> Allocator:
    """A line that was wide and is now as narrow as this."""
    allocator = Allocator()
    for second in range(5):
        allocator.hear_remb(2e6, float(second))
        allocator.decide(float(second), pictures(0), sent=1_240e3)
    allocator.hear_remb(remb, 5.0)
    return allocator


def test_down_at_once_and_up_only_after_a_quiet_time_and_a_probe_that_the_line_bore() -> None:
    allocator = fallen(300e3)
    assert allocator.decide(5.0, pictures(0), sent=1_240e3).levels[A] == 0
    probes = {}
    for second in range(6, 20):
        allocator.hear_remb(300e3 + second, float(second))  # as browsers do: it hardly climbs
        decision = allocator.decide(float(second), pictures(0), sent=190e3)
        if decision.probe:
            probes[second] = decision.probe
        if decision.levels[A] == 1:
            break
    else:
        pytest.fail("it never rose")
    assert min(probes) >= 5 + QUIET
    half, whole = probes.values()
    assert whole == pytest.approx(2 * half)
    assert 300e3 <= whole <= 600e3


def test_a_healed_line_gets_everything_again_step_by_step() -> None:
    allocator = fallen(300e3)
    levels = []
    for second in range(5, 40):
        allocator.hear_remb(300e3 + second, float(second))
        levels.append(allocator.decide(float(second), pictures(0), sent=190e3).levels[A])
    assert levels == sorted(levels)
    assert (levels[0], levels[-1]) == (0, 2)


def test_a_rise_that_was_wrong_is_taken_back_and_no_more_than_that() -> None:
    allocator = fallen(300e3)
    second = 5
    while allocator.decide(float(second), pictures(0), sent=190e3).levels[A] == 0:
        second += 1
        allocator.hear_remb(300e3 + second, float(second))
    allocator.hear_remb(170e3, second + 1.0)
    allocator.hear_loss(0.5, 190e3)
    for after in range(1, 9):
        assert allocator.decide(float(second + after), pictures(0), sent=190e3).levels[A] == 0
    levels = [allocator.decide(float(second + after), pictures(0), sent=190e3).levels[A] for after in range(10, 14)]
    assert levels[-1] == OFF  # it stays so: the line carries no picture


def test_a_probe_that_makes_a_queue_grow_makes_the_next_one_wait_twice_as_long() -> None:
    allocator = fallen(300e3)
    probes: list[int] = []
    for second in range(5, 160):
        probing = bool(probes) and probes[-1] == second - 1
        allocator.hear_remb(270e3 if probing else 300e3, float(second))
        decision = allocator.decide(float(second), pictures(0), sent=190e3)
        assert decision.levels == {VOICE: 0, A: 0}
        if decision.probe:
            probes.append(second)
    waits = [after - before for before, after in pairwise(probes)]
    assert waits == sorted(waits)
    assert waits[0] >= 2 * QUIET
    assert max(waits) <= 63


def test_loss_narrows_a_line_whose_estimate_says_nothing() -> None:
    allocator = Allocator()
    for second in range(4):
        allocator.decide(float(second), pictures(0), sent=1_240e3)
    for second in range(4, 8):
        allocator.hear_loss(0.4, 1_240e3)
        allocator.decide(float(second), pictures(0), sent=1_240e3)
    levels = allocator.decide(8.0, pictures(0), sent=1_240e3).levels
    assert levels[A] < 2
    assert levels[VOICE] == 0


def test_under_the_lowest_the_picture_is_off_and_tried_again_after_a_quiet_time() -> None:
    allocator = fallen(100e3)
    decisions = []
    for second in range(5, 40):
        allocator.hear_remb(100e3, float(second))
        decisions.append(allocator.decide(float(second), pictures(0), sent=40e3).levels[A])
    assert decisions[0] == OFF
    tries = [at for at, level in enumerate(decisions) if level == 0]
    assert tries
    assert tries[0] >= QUIET
