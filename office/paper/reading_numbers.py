"""自动编号: the numbers Word shows but does not write, as visible text (一、（一）1.（1）)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from office.paper.reading_xml import Element, attribute, below, child, local

_DIGITS = "〇一二三四五六七八九"
_HEAVY = str.maketrans("〇一二三四五六七八九十百", "零壹贰叁肆伍陆柒捌玖拾佰")
_SLOT = re.compile(r"%(\d)")
_ROMAN = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def chinese(number: int) -> str:
    """1 to 999 as it is counted: 十, 二十一, 一百零三."""
    if number < 10:
        return _DIGITS[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    middle = "" if rest == 0 else "零" if rest < 10 else ""
    ten = "一" if 10 <= rest < 20 else ""
    return _DIGITS[hundreds % 10] + "百" + middle + ten + (chinese(rest) if rest else "")


def _digits(number: int) -> str:
    return "".join(_DIGITS[int(d)] for d in str(number))


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN:
        while number >= value:
            text, number = text + letters, number - value
    return text


def _letter(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * (1 + (number - 1) // 26)


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 1 <= number <= 20 else f"({number})"


_FORMATS: dict[str, Callable[[int], str]] = {
    "chineseCounting": chinese,
    "chineseCountingThousand": chinese,
    "taiwaneseCounting": chinese,
    "taiwaneseCountingThousand": chinese,
    "japaneseCounting": chinese,
    "ideographDigital": _digits,
    "japaneseDigitalTenThousand": _digits,
    "taiwaneseDigital": _digits,
    "chineseLegalSimplified": lambda n: chinese(n).translate(_HEAVY),
    "ideographLegalTraditional": lambda n: chinese(n).translate(_HEAVY),
    "decimalZero": lambda n: f"{n:02d}",
    "lowerLetter": _letter,
    "upperLetter": lambda n: _letter(n).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda n: _roman(n).upper(),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
}


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    start: int


class Numbers:
    """Counts as Word does while the paragraphs pass in order."""

    def __init__(self, root: Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}  # by numId
        self._list_of: dict[str, str] = {}  # numId to the list it counts in
        self._counts: dict[str, dict[int, int]] = {}
        if root is not None:
            self._learn(root)

    def _learn(self, root: Element) -> None:
        abstract = {attribute(one, "abstractNumId"): _levels_of(one) for one in root if local(one) == "abstractNum"}
        for num in (one for one in root if local(one) == "num"):
            number, of = attribute(num, "numId"), attribute(child(num, "abstractNumId"), "val")
            levels = dict(abstract.get(of, {}))
            overrides = [one for one in num if local(one) == "lvlOverride"]
            for one in overrides:
                levels.update(_override(one, levels))
            self._levels[number] = levels
            self._list_of[number] = number if overrides else f"list {of}"

    def next(self, number: str, depth: int) -> str:
        """The visible number of the next paragraph of that list and depth; empty for bullets and unknown lists."""
        levels = self._levels.get(number, {})
        level = levels.get(depth)
        if level is None:
            return ""
        counts = self._counts.setdefault(self._list_of[number], {})
        counts[depth] = min(counts.get(depth, level.start - 1) + 1, 999)
        for deeper in [d for d in counts if d > depth]:
            del counts[deeper]
        if level.format in ("bullet", "none"):
            return ""
        return _SLOT.sub(lambda slot: _shown(levels, counts, int(slot[1]) - 1), level.text)


def _shown(levels: dict[int, _Level], counts: dict[int, int], depth: int) -> str:
    level = levels.get(depth)
    if level is None:
        return ""
    return _FORMATS.get(level.format, str)(counts.get(depth, level.start))


def _levels_of(parent: Element) -> dict[int, _Level]:
    return {int(attribute(one, "ilvl") or 0): _level(one) for one in below(parent, "lvl")}


def _level(one: Element) -> _Level:
    start = attribute(child(one, "start"), "val")
    return _Level(
        attribute(child(one, "numFmt"), "val") or "decimal",
        attribute(child(one, "lvlText"), "val")[:40],
        int(start) if start.isdigit() and len(start) < 4 else 1,
    )


def _override(one: Element, levels: dict[int, _Level]) -> dict[int, _Level]:
    depth = int(attribute(one, "ilvl") or 0)
    whole = child(one, "lvl")
    if whole is not None:
        return {depth: _level(whole)}
    start = attribute(child(one, "startOverride"), "val")
    old = levels.get(depth)
    if old is None or not start.isdigit() or len(start) > 3:
        return {}
    return {depth: _Level(old.format, old.text, int(start))}
