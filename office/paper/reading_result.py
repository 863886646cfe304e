"""What the child answers: a reading or a refusal, as JSON of bounded size. Nothing here parses a file."""

from dataclasses import dataclass
from typing import Final

from office.domain.secrecy import Finding
from office.paper.guard import Media
from office.paper.intake import Intake

MOST_ANSWER: Final = 4 << 20  # bytes of JSON


@dataclass(frozen=True, slots=True)
class Request:
    """One file to read: its name as the person gave it, and whether a draft is to be taken out of it."""

    name: str
    draft: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that may come in. `question`: a soft mark that a person must vouch for first."""

    media: Media
    pages: int = 0
    intake: Intake | None = None
    question: Finding | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it may not."""

    rule: str
    sentence: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Exactly one of the two."""

    reading: Reading | None = None
    refusal: Refusal | None = None
