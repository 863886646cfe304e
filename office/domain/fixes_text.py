"""Small repairs inside a paragraph: brackets, days, percentages, title before number."""

import re

from office.domain.ordinals import value
from office.domain.rules_custom import NUMBER_FIRST, OTHER_DAY, WRONG_NUMBER, year_and_serial

_PERCENT = re.compile(r"(?P<n>\d)\s*[％﹪]")
_WORDS = re.compile(r"百分之(?P<n>[一二三四五六七八九十]{1,3})(?:点(?P<tail>[零一二三四五六七八九]{1,3}))?(?![百千万])")
_DIGITS = {letter: str(i) for i, letter in enumerate("零一二三四五六七八九")}


def brackets(text: str) -> str:
    """咸政发[2026]第05号 becomes 咸政发〔2026〕5号."""

    def right(found: re.Match[str]) -> str:
        year, serial = year_and_serial(found)
        return f"{found['word']}〔{year}〕{serial}号"

    return WRONG_NUMBER.sub(right, text)


def title_first(text: str) -> str:
    """（咸政发〔2026〕3号）《…》 becomes 《…》（咸政发〔2026〕3号）."""
    return NUMBER_FIRST.sub(lambda found: f"{found['title']}（{found['number']}）", text)


def days(text: str) -> str:
    """2026.1.5, 2026-01-05, 2026年01月05日 become 2026年1月5日; what is no day stays as it is."""

    def right(found: re.Match[str]) -> str:
        month = next(int(found[name]) for name in ("m0", "m1", "m2") if found[name])
        day = next(int(found[name]) for name in ("d0", "d1", "d2") if found[name])
        real = 1 <= month <= 12 and 1 <= day <= 31
        return f"{int(found['y'])}年{month}月{day}日" if real else found.group()

    return OTHER_DAY.sub(right, text)


def percents(text: str) -> str:
    """95％ and 百分之九十五 become 95%."""

    def right(found: re.Match[str]) -> str:
        tail = "".join(_DIGITS[letter] for letter in found["tail"] or "")
        return f"{value(found['n'])}{f'.{tail}' if tail else ''}%"

    return _WORDS.sub(right, _PERCENT.sub(r"\g<n>%", text))
