"""Votes (表决): open or secret, a quorum, a rule, a deadline. Counting is pure; a re-vote is a new ballot."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from office.domain.errors import Invalid, NotPermitted, WrongStage

FEWEST_SECRET = 5  # with fewer voters a secret vote hides nobody
LONGEST_QUESTION = 200
CHOICES = ("赞成", "反对", "弃权")


class BallotStage(StrEnum):
    """draft → open → closed → published, or void."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    PUBLISHED = "PUBLISHED"
    VOID = "VOID"


class Majority(StrEnum):
    """What the first choice needs to carry."""

    OF_VOTES = "OF_VOTES"  # more than half of the votes cast, abstentions not counted
    OF_PRESENT = "OF_PRESENT"  # more than half of those present
    TWO_THIRDS_OF_PRESENT = "TWO_THIRDS_OF_PRESENT"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One question put to the vote. `voters` are venues; `quorum` is how many must have voted."""

    question: str
    voters: frozenset[int]
    choices: tuple[str, ...] = CHOICES
    secret: bool = False
    quorum: int = 0
    majority: Majority = Majority.OF_VOTES
    deadline: datetime | None = None
    stage: BallotStage = BallotStage.DRAFT

    def checked(self) -> "Ballot":
        """The ballot itself, or Invalid with what is wrong with it."""
        if not 1 <= len(self.question.strip()) <= LONGEST_QUESTION:
            raise Invalid(f"表决事项要有 1 至 {LONGEST_QUESTION} 个字。")
        if not self.voters:
            raise Invalid("没有选表决的会场。请先选定。")
        if self.secret and len(self.voters) < FEWEST_SECRET:
            raise Invalid(f"无记名表决至少要有 {FEWEST_SECRET} 个会场参加，否则看得出是谁投的。请改为实名表决。")
        if not 2 <= len(self.choices) <= 20 or len(set(self.choices)) != len(self.choices):
            raise Invalid("选项要有 2 至 20 个，而且不能重复。")
        if not 0 <= self.quorum <= len(self.voters):
            raise Invalid("法定人数不能多于参加表决的会场数。")
        return self

    def opened(self) -> "Ballot":
        """Votes may come in from now on."""
        self._must(BallotStage.DRAFT, "这次表决已经开始过。")
        return replace(self.checked(), stage=BallotStage.OPEN)

    def may_cast(self, venue_id: int, choice: int, at: datetime) -> None:
        """NotPermitted, WrongStage or Invalid when this vote may not come in."""
        if venue_id not in self.voters:
            raise NotPermitted("您的会场不参加这次表决。")
        self._must(BallotStage.OPEN, "表决没有在进行。")
        if self.deadline is not None and at >= self.deadline:
            raise WrongStage("表决时间已过。")
        if not 0 <= choice < len(self.choices):
            raise Invalid("没有这个选项。")

    def closed(self) -> "Ballot":
        """No further vote."""
        self._must(BallotStage.OPEN, "表决没有在进行。")
        return replace(self, stage=BallotStage.CLOSED)

    def published(self) -> "Ballot":
        """Everyone may see the result."""
        self._must(BallotStage.CLOSED, "请先结束表决，再公布结果。")
        return replace(self, stage=BallotStage.PUBLISHED)

    def voided(self) -> "Ballot":
        """It never counted."""
        if self.stage is BallotStage.VOID:
            raise WrongStage("这次表决已经作废。")
        return replace(self, stage=BallotStage.VOID)

    def _must(self, stage: BallotStage, sentence: str) -> None:
        if self.stage is not stage:
            raise WrongStage(sentence)


@dataclass(frozen=True, slots=True)
class Result:
    """`counts` by choice; `carried` None where the question is no yes or no, or nobody decided for lack of a quorum."""

    counts: tuple[int, ...]
    cast: int
    present: int
    quorate: bool
    carried: bool | None


def count(ballot: Ballot, papers: Iterable[int], *, present: int) -> Result:
    """What the votes say. The first choice is for, the second against, a third abstains."""
    tally = Counter(papers)
    counts = tuple(tally[choice] for choice in range(len(ballot.choices)))
    cast = sum(counts)
    quorate = cast >= ballot.quorum
    yes_or_no = ballot.choices == CHOICES
    carried = _carried(ballot.majority, counts, present) if quorate and yes_or_no else None
    return Result(counts, cast, present, quorate, carried)


def _carried(majority: Majority, counts: tuple[int, ...], present: int) -> bool:
    share = {
        Majority.OF_VOTES: (counts[0] + counts[1], Fraction(1, 2)),
        Majority.OF_PRESENT: (present, Fraction(1, 2)),
        Majority.TWO_THIRDS_OF_PRESENT: (present, Fraction(2, 3)),
    }
    whole, needed = share[majority]
    if majority is Majority.TWO_THIRDS_OF_PRESENT:
        return whole > 0 and Fraction(counts[0], whole) >= needed
    return whole > 0 and Fraction(counts[0], whole) > needed
