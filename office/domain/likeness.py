"""How alike two texts are: shared pairs of neighbouring characters (Dice), 0 to 1; order beyond pairs is ignored."""

import re
from collections import Counter
from itertools import pairwise

_BLANK = re.compile(r"[\s，。、；：！？（）《》“”]+")


def pairs(text: str) -> Counter[str]:
    """The pairs of a text, marks and white space left out."""
    plain = _BLANK.sub("", text)
    return Counter(map("".join, pairwise(plain)))


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """1 for the same pairs, 0 for none in common."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0
