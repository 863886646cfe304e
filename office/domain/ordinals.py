"""层次序数: 一、（一）1.（1） as numbers, what is out of order, and the same body put in order (GB/T 9704 7.3.3)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from office.domain.document import Block, BlockKind
from office.domain.rule_book import chinese

LEVEL = {BlockKind.LEVEL1: 1, BlockKind.LEVEL2: 2, BlockKind.LEVEL3: 3, BlockKind.LEVEL4: 4}
KIND = {number: kind for kind, number in LEVEL.items()}
_HEAD = re.compile(r"^[（(]?(?P<n>[一二三四五六七八九十百]+|\d{1,3})[）)]?(?P<mark>[、.．]?)[、.．]?\s*")
_VALUES = {letter: i for i, letter in enumerate("零一二三四五六七八九")}
_HIGHEST = 99


@dataclass(frozen=True, slots=True)
class Slip:
    """A heading whose number is not the next one, or is written in a wrong form."""

    block: int
    found: str
    wanted: str
    says: str


def value(text: str) -> int:
    """二十三 or 23 as 23."""
    if text.isdigit():
        return int(text)
    head, ten, tail = text.partition("十")
    if not ten:
        return _VALUES.get(text, 0)
    return (_VALUES.get(head, 0) if head else 1) * 10 + (_VALUES.get(tail, 0) if tail else 0)


def written(level: int, number: int) -> str:
    """The number as its level writes it."""
    match level:
        case 1:
            return f"{chinese(min(number, _HIGHEST))}、"
        case 2:
            return f"（{chinese(min(number, _HIGHEST))}）"
        case 3:
            return f"{number}."
        case _:
            return f"（{number}）"


@dataclass(slots=True)
class _Counters:
    last: dict[int, int]

    def expected(self, level: int) -> int:
        return self.last.get(level, 0) + 1

    def take(self, level: int, number: int) -> None:
        self.last[level] = number
        for deeper in range(level + 1, 5):
            self.last.pop(deeper, None)


@dataclass(frozen=True, slots=True)
class _Heading:
    block: int
    found: str
    level: int
    number: int
    wanted_level: int
    wanted_number: int


def _headings(body: tuple[Block, ...]) -> Iterator[_Heading]:
    """Every numbered heading with the level and number it should have."""
    counters = _Counters({})
    for i, block in enumerate(body):
        level = LEVEL.get(block.kind)
        head = _HEAD.match(block.text) if level is not None else None
        if level is None or head is None:
            continue
        number = value(head["n"])
        wanted = _meant(counters, level, number)
        at = counters.expected(wanted)
        counters.take(wanted, at)
        yield _Heading(i, head.group().rstrip(), level, number, wanted, at)


def _meant(counters: _Counters, level: int, number: int) -> int:
    """The level a heading belongs to: one below the last at most, and where its number goes on ("一、" then "2、")."""
    used = sorted(counters.last)
    fits = level in used or not used or level <= used[-1] + 1
    if fits and number == counters.expected(level):
        return level
    goes_on = [other for other in used if other < level and counters.expected(other) == number]
    if goes_on and number > 1:
        return goes_on[-1]
    return level if fits else used[-1] + 1


def slips(body: tuple[Block, ...]) -> tuple[Slip, ...]:
    """What is out of order; a level used alone or a first level left out is no fault."""
    found = []
    for heading in _headings(body):
        wanted = written(heading.wanted_level, heading.wanted_number)
        if heading.wanted_level != heading.level:
            says = f"层次序数跳级或混用，这里应为“{wanted}”。"
        elif heading.wanted_number != heading.number:
            says = f"层次序数不连续，这里应为“{wanted}”。"
        elif heading.found != wanted and heading.found not in (wanted.replace("（", "(").replace("）", ")"),):
            says = f"序数的标点不对，应为“{wanted}”。"
        else:
            continue
        found.append(Slip(heading.block, heading.found, wanted, says))
    return tuple(found)


def in_order(body: tuple[Block, ...]) -> tuple[Block, ...]:
    """The body with every heading at its level and with its number."""
    changed = list(body)
    for heading in _headings(body):
        block = body[heading.block]
        text = written(heading.wanted_level, heading.wanted_number) + _HEAD.sub("", block.text, count=1)
        changed[heading.block] = Block(KIND[heading.wanted_level], text, block.rows)
    return tuple(changed)
