"""Votes: a ballot's life, who may vote, and a count that an independent reckoning confirms."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from office.domain.errors import Invalid, NotPermitted, OfficeError, Stale, WrongStage
from rtc.domain import voting
from rtc.domain.voting import MOTION, Ballot, BallotStage, Rule, check_vote, count, drafted
from tests.rtc.domain.houses import AT, after

FIVE = (1, 2, 3, 4, 5)


def running(*, secret: bool = False, rule: Rule = Rule.MAJORITY_OF_VOTES, quorum: int = 0) -> Ballot:
    """An open ballot of five venues that lasts a minute."""
    return voting.opened(drafted("是否同意？", secret=secret, rule=rule, quorum=quorum), FIVE, 60, AT)


def result(votes: str, rule: Rule = Rule.MAJORITY_OF_VOTES, *, present: int = 5, quorum: int = 0) -> voting.Result:
    """The result of votes written as + - 0."""
    ballot = voting.closed(running(rule=rule, quorum=quorum), after(60))
    return count(ballot, ["+-0".index(vote) for vote in votes], present)


@pytest.mark.parametrize(
    ("question", "options", "quorum"),
    [("", MOTION, 0), ("问" * 201, MOTION, 0), ("问", ("好",), 0), ("问", ("好", "好"), 0), ("问", ("好", " "), 0),
     ("问", tuple(map(str, range(21))), 0), ("问", ("好", "长" * 61), 0), ("问", MOTION, -1)],
)  # fmt: skip
def test_words_out_of_order_make_no_ballot(question: str, options: tuple[str, ...], quorum: int) -> None:
    with pytest.raises(Invalid):
        drafted(question, options, secret=False, quorum=quorum)


def test_a_secret_ballot_needs_five_voters() -> None:
    with pytest.raises(Invalid, match="至少要有 5 个"):
        voting.opened(drafted("同意？", secret=True), (1, 2, 3, 4), 60, AT)
    assert running(secret=True).stage is BallotStage.OPEN
    assert voting.opened(drafted("同意？", secret=False), (1,), None, AT).deadline is None


@pytest.mark.parametrize("seconds", [9, 3_601])
def test_a_ballot_is_open_for_a_bounded_time(seconds: int) -> None:
    with pytest.raises(Invalid):
        voting.opened(drafted("同意？", secret=False), FIVE, seconds, AT)
    with pytest.raises(Invalid, match="没有可以投票的会场"):
        voting.opened(drafted("同意？", secret=False), (), 60, AT)


def test_a_vote_is_a_voters_once_in_time_for_what_is_on_the_paper() -> None:
    ballot = running()
    check_vote(ballot, 1, 2, voted=False, at=after(59.9))
    with pytest.raises(WrongStage):
        check_vote(ballot, 1, 0, voted=False, at=after(60))
    with pytest.raises(NotPermitted):
        check_vote(ballot, 6, 0, voted=False, at=AT)
    for choice in (-1, 3):
        with pytest.raises(Invalid):
            check_vote(ballot, 1, choice, voted=False, at=AT)
    with pytest.raises(Stale):
        check_vote(ballot, 1, 0, voted=True, at=AT)
    with pytest.raises(WrongStage):
        check_vote(drafted("同意？", secret=False), 1, 0, voted=False, at=AT)


STEPS: dict[str, Callable[[Ballot], Ballot]] = {
    "open": lambda ballot: voting.opened(ballot, FIVE, 60, AT),
    "close": lambda ballot: voting.closed(ballot, AT),
    "publish": voting.published,
    "void": lambda ballot: voting.voided(ballot, "有会场掉线"),
}
ALLOWED = {
    ("DRAFT", "open"): "OPEN", ("DRAFT", "void"): "VOID", ("OPEN", "close"): "CLOSED", ("OPEN", "void"): "VOID",
    ("CLOSED", "publish"): "PUBLISHED", ("CLOSED", "void"): "VOID",
}  # fmt: skip


@pytest.mark.parametrize("stage", list(BallotStage))
@pytest.mark.parametrize("step", list(STEPS))
def test_each_step_has_its_stages(stage: BallotStage, step: str) -> None:
    ballot = replace(running(), stage=stage)
    if (stage.value, step) in ALLOWED:
        assert STEPS[step](ballot).stage == ALLOWED[stage.value, step]
    else:
        with pytest.raises(WrongStage):
            STEPS[step](ballot)


def test_a_void_ballot_says_why_and_nothing_is_counted_before_the_close() -> None:
    with pytest.raises(Invalid):
        voting.voided(running(), " ")
    for ballot in (running(), drafted("同意？", secret=False)):
        with pytest.raises(WrongStage):
            count(ballot, [], 5)


@pytest.mark.parametrize(
    ("votes", "rule", "present", "carried"),
    [
        ("++-00", Rule.MAJORITY_OF_VOTES, 5, True), ("++--0", Rule.MAJORITY_OF_VOTES, 5, False),
        ("00000", Rule.MAJORITY_OF_VOTES, 5, False), ("++-00", Rule.MAJORITY_OF_PRESENT, 5, False),
        ("+++", Rule.MAJORITY_OF_PRESENT, 5, True), ("+++", Rule.MAJORITY_OF_PRESENT, 6, False),
        ("++", Rule.TWO_THIRDS_OF_PRESENT, 3, True), ("+++", Rule.TWO_THIRDS_OF_PRESENT, 5, False),
        ("", Rule.TWO_THIRDS_OF_PRESENT, 0, False), ("---", Rule.MAJORITY_OF_VOTES, 5, False),
    ],
)  # fmt: skip
def test_what_carries_a_motion(votes: str, rule: Rule, present: int, carried: bool) -> None:  # noqa: FBT001
    assert (result(votes, rule, present=present).carried == 0) is carried


def test_without_the_quorum_nothing_carries() -> None:
    assert result("+++", present=3, quorum=4).carried is None
    assert not result("+++", present=3, quorum=4).quorate
    assert result("+++", present=2, quorum=3).quorate  # whoever voted was there


def test_among_names_the_one_with_enough_wins_and_never_two() -> None:
    ballot = voting.opened(drafted("推选组长", ("甲", "乙", "丙"), secret=True), FIVE, 60, AT)
    over = voting.closed(ballot, after(30))
    assert count(over, [1, 1, 1, 0, 2], 5).carried == 1
    assert count(over, [1, 1, 0, 0, 2], 5).carried is None


@given(papers=st.lists(st.integers(0, 2), max_size=40), absent=st.integers(0, 20), rule=st.sampled_from(Rule))
@settings(max_examples=60)
def test_the_count_agrees_with_another_reckoning(papers: list[int], absent: int, rule: Rule) -> None:
    present = len(papers) + absent
    got = count(voting.closed(running(rule=rule), after(1)), papers, present)
    assert got.cast == len(papers) == sum(got.counts)
    yes, no = sum(p == 0 for p in papers), sum(p == 1 for p in papers)
    share = {
        Rule.MAJORITY_OF_VOTES: yes > no,
        Rule.MAJORITY_OF_PRESENT: yes > Fraction(present, 2),
        Rule.TWO_THIRDS_OF_PRESENT: bool(yes) and yes >= Fraction(2 * present, 3),
    }
    assert (got.carried == 0) is share[rule]
    assert got == count(voting.closed(running(rule=rule), after(1)), papers[::-1], present)


class BallotMachine(RuleBasedStateMachine):
    """Venues vote, twice and late too; the model keeps one paper a venue and the stage."""

    @initialize(secret=st.booleans())
    def begin(self, secret: bool) -> None:  # noqa: FBT001
        self.ballot, self.seconds, self.stage = drafted("是否同意？", secret=secret), 0, "DRAFT"
        self.cast: dict[int, int] = {}
        self.papers: list[int] = []

    @rule(step=st.sampled_from(sorted(STEPS)))
    def go_on(self, step: str) -> None:
        try:
            self.ballot = STEPS[step](self.ballot)
        except OfficeError:
            assert (self.stage, step) not in ALLOWED
        else:
            self.stage = ALLOWED[self.stage, step]

    @rule(venue=st.integers(1, 7), choice=st.integers(-1, 4))
    def vote(self, venue: int, choice: int) -> None:
        good = self.stage == "OPEN" and self.seconds < 60 and venue in FIVE and 0 <= choice < 3
        try:
            check_vote(self.ballot, venue, choice, voted=venue in self.cast, at=after(self.seconds))
        except OfficeError:
            assert not good or venue in self.cast
        else:
            assert good
            assert venue not in self.cast
            self.cast[venue] = choice
            self.papers.insert(0, choice)

    @rule(seconds=st.integers(1, 30))
    def wait(self, seconds: int) -> None:
        self.seconds += seconds

    @invariant()
    def no_vote_is_lost_or_doubled(self) -> None:
        assert self.ballot.stage == self.stage
        if self.stage in {"CLOSED", "PUBLISHED"}:
            got = count(self.ballot, self.papers, 5)
            assert got.counts == tuple(sum(c == n for c in self.cast.values()) for n in range(3))
            assert got.cast <= len(FIVE)


TestBallot = BallotMachine.TestCase
TestBallot.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
