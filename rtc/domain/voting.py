"""Voting (表决): a ballot from draft to its published result. Papers lie elsewhere; a secret one names nobody here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from office.domain.errors import Invalid, NotPermitted, Stale, WrongStage

MOTION = ("赞成", "反对", "弃权")
FOR, AGAINST, ABSTAIN = 0, 1, 2  # places in MOTION
FEWEST_SECRET = 5  # with fewer voters the result tells who voted what
SHORTEST, LONGEST = 10, 3_600  # seconds a ballot may be open
MOST_OPTIONS, LONGEST_QUESTION, LONGEST_OPTION = 20, 200, 60


class BallotStage(StrEnum):
    """Where a ballot stands; a vote that is to be repeated is a new ballot."""

    DRAFT = "DRAFT"
    OPEN = "OPEN"
    CLOSED = "CLOSED"
    PUBLISHED = "PUBLISHED"
    VOID = "VOID"


class Rule(StrEnum):
    """What carries: more than half of the votes (abstentions aside), more than half or two thirds of those present."""

    MAJORITY_OF_VOTES = "MAJORITY_OF_VOTES"
    MAJORITY_OF_PRESENT = "MAJORITY_OF_PRESENT"
    TWO_THIRDS_OF_PRESENT = "TWO_THIRDS_OF_PRESENT"


@dataclass(frozen=True, slots=True)
class Ballot:
    """`voters` are venues; `quorum` is how many of them must be present; `deadline` None: the chair closes it."""

    question: str
    options: tuple[str, ...] = MOTION
    secret: bool = False
    rule: Rule = Rule.MAJORITY_OF_VOTES
    quorum: int = 0
    stage: BallotStage = BallotStage.DRAFT
    voters: frozenset[int] = frozenset()
    opened_at: datetime | None = None
    deadline: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""  # why it is void


@dataclass(frozen=True, slots=True)
class Result:
    """`counts` stand beside the options; `carried` is the option that won, None: none did."""

    counts: tuple[int, ...]
    present: int
    quorate: bool
    carried: int | None

    @property
    def cast(self) -> int:
        """How many voted."""
        return sum(self.counts)


def drafted(
    question: str,
    options: Sequence[str] = MOTION,
    *,
    secret: bool,
    rule: Rule = Rule.MAJORITY_OF_VOTES,
    quorum: int = 0,
) -> Ballot:
    """A ballot whose words are in order."""
    text, names = " ".join(question.split()), tuple(" ".join(option.split()) for option in options)
    if not 1 <= len(text) <= LONGEST_QUESTION:
        raise Invalid(f"表决事项要有 1 至 {LONGEST_QUESTION} 个字。")
    if not 2 <= len(names) <= MOST_OPTIONS or len(set(names)) < len(names):
        raise Invalid(f"选项要有 2 至 {MOST_OPTIONS} 个，而且各不相同。")
    if any(not 1 <= len(name) <= LONGEST_OPTION for name in names):
        raise Invalid(f"每个选项要有 1 至 {LONGEST_OPTION} 个字。")
    if quorum < 0:
        raise Invalid("法定人数不能是负数。")
    return Ballot(text, names, secret, rule, quorum)


def opened(ballot: Ballot, voters: Collection[int], seconds: int | None, at: datetime) -> Ballot:
    """Open it for these venues; `seconds` None: until the chair closes it."""
    _must(ballot, BallotStage.DRAFT, "这次表决已经开始过。需要重新表决请另建一次。")
    if not voters:
        raise Invalid("没有可以投票的会场。请先选投票范围。")
    if ballot.secret and len(voters) < FEWEST_SECRET:
        raise Invalid(f"无记名表决至少要有 {FEWEST_SECRET} 个投票会场，否则能看出谁投了什么。请改为记名表决。")
    if seconds is not None and not SHORTEST <= seconds <= LONGEST:
        raise Invalid(f"表决时限要在 {SHORTEST} 至 {LONGEST} 秒之间。")
    deadline = None if seconds is None else at + timedelta(seconds=seconds)
    return replace(ballot, stage=BallotStage.OPEN, voters=frozenset(voters), opened_at=at, deadline=deadline)


def check_vote(ballot: Ballot, venue_id: int, choice: int, *, voted: bool, at: datetime) -> None:
    """Refuse a vote that is late, a stranger's, for nothing on the paper, or a second one. At the deadline is late."""
    _must(ballot, BallotStage.OPEN, "表决没有在进行，不能投票。")
    if lapsed(ballot, at):
        raise WrongStage("表决时间已到，不能再投票。")
    if venue_id not in ballot.voters:
        raise NotPermitted("您的会场没有这次表决的投票权。")
    if not 0 <= choice < len(ballot.options):
        raise Invalid("没有这个选项。请刷新后再投。")
    if voted:
        raise Stale("您的会场已经投过票，投出后不能改。")


def lapsed(ballot: Ballot, at: datetime) -> bool:
    """Whether its time is over; half open."""
    return ballot.stage is BallotStage.OPEN and ballot.deadline is not None and at >= ballot.deadline


def closed(ballot: Ballot, at: datetime) -> Ballot:
    """No vote comes in any more."""
    _must(ballot, BallotStage.OPEN, "表决没有在进行，不能结束。")
    return replace(ballot, stage=BallotStage.CLOSED, closed_at=at)


def published(ballot: Ballot) -> Ballot:
    """All may see the result."""
    _must(ballot, BallotStage.CLOSED, "表决结束后才能公布结果，公布过的不再公布。")
    return replace(ballot, stage=BallotStage.PUBLISHED)


def voided(ballot: Ballot, reason: str) -> Ballot:
    """It counts for nothing, with a reason; what was published stays."""
    if ballot.stage in {BallotStage.PUBLISHED, BallotStage.VOID}:
        raise WrongStage("结果已经公布或者表决已经作废，不能再作废。需要时请重新表决。")
    if not reason.strip():
        raise Invalid("作废要写明理由。")
    return replace(ballot, stage=BallotStage.VOID, reason=reason.strip()[:200])


def count(ballot: Ballot, papers: Sequence[int], present: int) -> Result:
    """The result of the papers (places in `options`); whoever voted was present. Only after closing."""
    if ballot.stage in {BallotStage.DRAFT, BallotStage.OPEN}:
        raise WrongStage("表决结束后才能计票。")
    counts = tuple(papers.count(option) for option in range(len(ballot.options)))
    there = max(present, sum(counts))
    quorate = there >= ballot.quorum
    return Result(counts, there, quorate, _carried(ballot, counts, there) if quorate else None)


def _carried(ballot: Ballot, counts: tuple[int, ...], present: int) -> int | None:
    """A motion carries by its 赞成 alone; among other options the one that has enough, never two."""
    if ballot.options == MOTION:
        votes, candidates = counts[FOR] + counts[AGAINST], range(FOR, FOR + 1)
    else:
        votes, candidates = sum(counts), range(len(counts))
    return next((option for option in candidates if _enough(ballot.rule, counts[option], votes, present)), None)


def _enough(rule: Rule, votes_for: int, votes: int, present: int) -> bool:
    match rule:
        case Rule.MAJORITY_OF_VOTES:
            return 2 * votes_for > votes
        case Rule.MAJORITY_OF_PRESENT:
            return 2 * votes_for > present
        case Rule.TWO_THIRDS_OF_PRESENT:
            return votes_for > 0 and 3 * votes_for >= 2 * present


def _must(ballot: Ballot, stage: BallotStage, sentence: str) -> None:
    if ballot.stage is not stage:
        raise WrongStage(sentence)
