"""发文字号: 代字, year in 〔〕 (U+3014, U+3015), serial without leading zeros (GB/T 9704 7.2.5)."""

import re
from dataclasses import dataclass

_SHAPE = re.compile(r"^(?P<word>[^〔〕\d\s]{1,16})〔(?P<year>\d{4})〕(?P<serial>[1-9]\d{0,5})号$")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """One document number."""

    word: str
    year: int
    serial: int

    @property
    def text(self) -> str:
        """As printed: 咸政发〔2026〕3号."""
        return f"{self.word}〔{self.year}〕{self.serial}号"


def parse(text: str) -> DocumentNumber | None:
    """The number a text spells, or None when it is not one by the standard."""
    found = _SHAPE.match(text)
    if found is None:
        return None
    return DocumentNumber(found["word"], int(found["year"]), int(found["serial"]))
