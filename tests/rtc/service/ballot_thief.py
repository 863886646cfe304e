"""A thief with everything a secret ballot left on the disk, who also watched in which order people voted.

Each way of guessing gives a choice for each voter; `hits` counts how many are right.
"""

import sqlite3
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

BLANK = 0xFF
Guess = Mapping[int, int]  # voter -> choice
State = tuple[dict[int, int], dict[int, int]]  # voter -> voted, slot -> choice


def read(image: bytes) -> State:
    """Voters and papers of a database image."""
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        Path(file.name).write_bytes(image)
        raw = sqlite3.connect(f"file:{file.name}?mode=ro&immutable=1", uri=True)
        try:
            voters = {row[0]: row[1][0] for row in raw.execute("SELECT venue_id, voted FROM voter ORDER BY rowid")}
            papers = {row[0]: row[1][0] for row in raw.execute("SELECT slot, choice FROM paper ORDER BY rowid")}
        finally:
            raw.close()
    return voters, papers


def by_slot(image: bytes, journal: bytes, order: Sequence[int]) -> Guess:
    """Papers were filled from the first slot on."""
    _, papers = read(image)
    filled = [choice for _, choice in sorted(papers.items()) if choice != BLANK]
    return dict(zip(order, filled, strict=False))


def by_slot_backwards(image: bytes, journal: bytes, order: Sequence[int]) -> Guess:
    """Papers were filled from the last slot on."""
    _, papers = read(image)
    filled = [choice for _, choice in sorted(papers.items(), reverse=True) if choice != BLANK]
    return dict(zip(order, filled, strict=False))


def by_row(image: bytes, journal: bytes, order: Sequence[int]) -> Guess:
    """A voter's paper is the one in the same row."""
    voters, papers = read(image)
    pairs = zip(voters, papers.values(), strict=True)
    return {voter: choice for voter, choice in pairs if choice != BLANK and voter in order}


def by_place(image: bytes, journal: bytes, order: Sequence[int]) -> Guess:
    """Cells written later lie lower in the page: where SQLite put the papers tells their order."""
    places = sorted(_cells(image, read(image)[1]), reverse=True)
    return dict(zip(order, (choice for _, choice in places), strict=False))


def by_journal(image: bytes, journal: bytes, order: Sequence[int]) -> Guess:
    """The journal holds the pages as they were before the last vote."""
    if len(journal) < 512:
        return {}
    size = int.from_bytes(image[16:18], "big")
    before, place = bytearray(image), 512
    while place + 8 + size <= len(journal):
        number = int.from_bytes(journal[place : place + 4], "big")
        if 1 <= number <= len(image) // size:
            before[(number - 1) * size : number * size] = journal[place + 4 : place + 4 + size]
        place += 8 + size
    return _difference(read(bytes(before)), read(image))


def _difference(before: State, after: State) -> Guess:
    who = [voter for voter, voted in after[0].items() if voted != before[0].get(voter)]
    what = [choice for slot, choice in after[1].items() if choice != before[1].get(slot)]
    return dict(zip(who, what, strict=False))


def _cells(image: bytes, papers: Mapping[int, int]) -> list[tuple[int, int]]:
    """(offset, choice) of each filled paper: in its leaf page, by the page's own pointers."""
    size = int.from_bytes(image[16:18], "big")
    found = []
    for start in range(0, len(image), size):
        page = image[start : start + size]
        head = 100 if start == 0 else 0
        if page[head] != 13:  # a leaf of a table
            continue
        for i in range(int.from_bytes(page[head + 3 : head + 5], "big")):
            at = int.from_bytes(page[head + 8 + 2 * i : head + 10 + 2 * i], "big")
            # payload size, row id, header size, NULL for the id, one byte of blob, the byte
            if page[at] == 4 and page[at + 2 : at + 5] == b"\x03\x00\x0e" and page[at + 1] in papers:
                choice = page[at + 5]
                if choice == papers[page[at + 1]] and choice != BLANK:
                    found.append((start + at, choice))
    return found


WAYS: tuple[Callable[[bytes, bytes, Sequence[int]], Guess], ...] = (
    by_slot, by_slot_backwards, by_row, by_place, by_journal,
)  # fmt: skip


def hits(guess: Guess, truth: Mapping[int, int]) -> tuple[int, int]:
    """How many guesses are right, and how many there were."""
    return sum(truth.get(voter) == choice for voter, choice in guess.items()), len(guess)
