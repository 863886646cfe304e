"""A secret ballot keeps every vote and tells nobody whose it is."""

import logging
import random
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from typing_extensions import override

from office.domain.errors import NotPermitted, OfficeError, Stale, WrongStage
from rtc.store import secret_ballots
from rtc.store.secret_ballots import SecretBallots
from tests.rtc.service import ballot_thief

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

T = TypeVar("T")
CHOICES = 3
VOTERS = tuple(range(101, 108))


@pytest.fixture
def ballots(tmp_path: Path) -> SecretBallots:
    return SecretBallots(tmp_path / "ballots")


def held(folder: Path, ballot_id: int) -> tuple[bytes, bytes]:
    """Everything on the disk of a ballot."""
    journal = folder / f"{ballot_id}.ballot-journal"
    assert {path.name for path in folder.iterdir()} <= {f"{ballot_id}.ballot", journal.name}
    return (folder / f"{ballot_id}.ballot").read_bytes(), journal.read_bytes() if journal.exists() else b""


def test_what_was_cast_is_what_is_counted(ballots: SecretBallots) -> None:
    ballots.open(1, VOTERS)
    for voter, choice in zip(VOTERS, (0, 0, 1, 2, 0, 1), strict=False):
        ballots.cast(1, voter, choice)
    assert ballots.voted(1) == set(VOTERS[:6])
    counted = ballots.seal(1)
    assert counted.voters == VOTERS[:6]
    assert Counter(counted.choices) == {0: 3, 1: 2, 2: 1}
    assert Counter(ballots.seal(1).choices) == Counter(counted.choices)


def test_nobody_votes_twice_or_without_the_right_or_after_the_end(ballots: SecretBallots) -> None:
    ballots.open(1, VOTERS)
    ballots.cast(1, VOTERS[0], 0)
    with pytest.raises(Stale, match="已经投过票"):
        ballots.cast(1, VOTERS[0], 1)
    with pytest.raises(NotPermitted):
        ballots.cast(1, 9, 0)
    assert ballots.seal(1).choices == (0,)
    with pytest.raises(WrongStage, match="结束"):
        ballots.cast(1, VOTERS[1], 0)
    assert ballots.seal(1).choices == (0,)


def test_opening_again_loses_nothing(ballots: SecretBallots) -> None:
    ballots.open(1, VOTERS)
    ballots.cast(1, VOTERS[0], 2)
    ballots.open(1, VOTERS)
    assert ballots.held() == (1,)
    assert ballots.seal(1).choices == (2,)


def test_many_at_once_are_all_counted_once(ballots: SecretBallots) -> None:
    voters = range(1, 61)
    ballots.open(1, voters)

    def press(voter: int) -> str:
        try:
            ballots.cast(1, voter, voter % CHOICES)
        except OfficeError as refused:
            return type(refused).__name__
        return "cast"

    with ThreadPoolExecutor(8) as pool:
        said = Counter(pool.map(press, [*voters, *voters]))
    assert said == {"cast": 60, "Stale": 60}
    assert Counter(ballots.seal(1).choices) == {0: 20, 1: 20, 2: 20}


def test_destroying_leaves_no_file_and_no_byte(ballots: SecretBallots, tmp_path: Path) -> None:
    ballots.open(1, VOTERS)
    ballots.cast(1, VOTERS[0], 0)
    other_name = tmp_path / "kept"  # a second name of the same bytes: what lies on the disk after the name is gone
    other_name.hardlink_to(tmp_path / "ballots" / "1.ballot")
    ballots.destroy(1)
    ballots.destroy(1)
    assert list((tmp_path / "ballots").iterdir()) == []
    assert set(other_name.read_bytes()) == {0}
    with pytest.raises(WrongStage):
        ballots.voted(1)


@dataclass
class Loot:
    """What one way of guessing brought over many ballots; `chance` is what the published result alone brings."""

    right: int = 0
    guesses: int = 0
    chance: float = 0.0

    def no_better_than_chance(self) -> bool:
        """Within 4.5 standard deviations, on either side."""
        share = self.chance / self.guesses if self.guesses else 0.0
        deviation: float = (self.guesses * share * (1 - share)) ** 0.5
        return abs(self.right - self.chance) <= 4.5 * deviation


def steal(ballots: SecretBallots, folder: Path, many: int) -> dict[str, Loot]:
    """Hold `many` ballots with random votes in random order; what each of the thief's ways brought."""
    dice = random.Random(20261125)
    loot = {way.__name__: Loot() for way in ballot_thief.WAYS}
    for ballot_id in range(1, many + 1):
        ballots.open(ballot_id, VOTERS)
        order = dice.sample(VOTERS, len(VOTERS) - 1)
        truth = {voter: dice.randrange(CHOICES) for voter in order}
        for voter in order:
            ballots.cast(ballot_id, voter, truth[voter])
        share = sum((n / len(order)) ** 2 for n in Counter(truth.values()).values())
        files = held(folder, ballot_id)
        for way in ballot_thief.WAYS:
            right, guesses = ballot_thief.hits(way(*files, order), truth)
            brought = loot[way.__name__]
            brought.right, brought.guesses = brought.right + right, brought.guesses + guesses
            brought.chance += guesses * share
        ballots.destroy(ballot_id)
    return loot


def expect_nothing(ballots: SecretBallots, tmp_path: Path, caplog: pytest.LogCaptureFixture, many: int) -> None:
    with caplog.at_level(logging.DEBUG):
        loot = steal(ballots, tmp_path / "ballots", many)
    assert {name: brought for name, brought in loot.items() if not brought.no_better_than_chance()} == {}
    assert loot["by_journal"].guesses == 0
    everybody = many * (len(VOTERS) - 1)
    assert [loot[name].guesses for name in ("by_slot", "by_slot_backwards", "by_place")] == [everybody] * 3
    assert loot["by_row"].guesses > everybody / 2
    assert [record for record in caplog.records if record.name.startswith(("rtc", "office", "sqlalchemy"))] == []


def test_a_thief_links_no_better_than_chance(
    ballots: SecretBallots, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expect_nothing(ballots, tmp_path, caplog, 40)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_thief_with_a_thousand_ballots_links_no_better_than_chance(
    ballots: SecretBallots, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    expect_nothing(ballots, tmp_path, caplog, 1_000)


class FirstComesFirst(random.Random):
    """The mistake: the next paper instead of one by lot."""

    @override
    def choice(self, seq: "SupportsLenAndGetItem[T]") -> T:
        return seq[0]


def test_the_thief_reads_papers_that_lie_in_order(
    ballots: SecretBallots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_ballots, "_lot", FirstComesFirst())
    brought = steal(ballots, tmp_path / "ballots", 10)["by_slot"]
    assert brought.right == brought.guesses
    assert not brought.no_better_than_chance()


def test_the_thief_reads_a_journal_that_stays(
    ballots: SecretBallots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tuple(line.replace("TRUNCATE", "PERSIST") for line in secret_ballots._PRAGMAS)
    monkeypatch.setattr(secret_ballots, "_PRAGMAS", left)
    brought = steal(ballots, tmp_path / "ballots", 10)["by_journal"]
    assert (brought.right, brought.guesses) == (10, 10)


def test_the_thief_reads_cells_that_move(
    ballots: SecretBallots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secret_ballots, "_BLANK", b"")  # a longer value: SQLite writes each filled cell elsewhere
    ballots.open(1, VOTERS)
    before = held(tmp_path / "ballots", 1)[0]
    ballots.cast(1, VOTERS[3], 1)
    assert places_changed(before, held(tmp_path / "ballots", 1)[0]) > 2


def test_a_vote_changes_two_bytes_where_they_lie(ballots: SecretBallots, tmp_path: Path) -> None:
    ballots.open(1, range(1, 2_001))  # several pages
    before = held(tmp_path / "ballots", 1)[0]
    ballots.cast(1, 1_234, 1)
    assert places_changed(before, held(tmp_path / "ballots", 1)[0]) == 2


def places_changed(before: bytes, after: bytes) -> int:
    """How many bytes differ outside the file's own header, which counts changes."""
    assert len(before) == len(after)
    return sum(a != b for a, b in zip(before[100:], after[100:], strict=True))


VOTER_PROGRAM = """
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from rtc.store.secret_ballots import SecretBallots
ballots = SecretBallots(Path(sys.argv[1]))
for voter in range(int(sys.argv[2]), int(sys.argv[3])):
    ballots.cast(1, voter, voter % 3)
    sys.stdout.write(f"{voter}\\n")
    sys.stdout.flush()
"""


@pytest.mark.slow
def test_a_killed_server_loses_no_vote(ballots: SecretBallots, tmp_path: Path) -> None:
    dice = random.Random(7)
    ballots.open(1, range(1, 2_001))
    told: list[int] = []
    first = 1
    for _ in range(20):
        program = [sys.executable, "-c", VOTER_PROGRAM, str(tmp_path / "ballots"), str(first), "2001"]
        with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as voting:
            assert voting.stdout is not None
            for _line in range(dice.randrange(1, 40)):
                told.append(int(voting.stdout.readline()))
            voting.send_signal(signal.SIGKILL)
            told += [int(line) for line in voting.stdout.read().split()]
        there = ballots.voted(1)
        assert there.issuperset(told)
        first = max(there) + 1
    counted = ballots.seal(1)
    assert len(counted.voters) == len(counted.choices)
    assert Counter(counted.choices) == Counter(voter % 3 for voter in counted.voters)
