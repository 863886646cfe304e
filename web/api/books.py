"""The API of the books: the register, the ledger of numbers, what was issued, and the search."""

from dataclasses import dataclass
from datetime import datetime

from office.domain.document import Kind
from office.domain.people import Actor
from office.service import books, finding
from office.store.work import Work
from web.api.entry import Entry, read
from web.api.exchanging import From
from web.api.papers import Nothing


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked for, and where the page goes on."""

    text: str = ""
    kind: Kind | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: datetime | None = None
    before_id: int = 0


def search(work: Work, command: Look, actor: Actor) -> finding.Found:
    """Papers this person may see."""
    query = finding.Query(command.text, command.kind, command.since, command.until)
    return finding.search(work, query, actor, before=From(command.before, command.before_id).cursor)


def waiting(work: Work, _command: Nothing, actor: Actor) -> tuple[books.Waiting, ...]:
    """What waits to be signed for."""
    return books.waiting(work, actor)


@dataclass(frozen=True, slots=True)
class OfYear:
    """Which year (0: this one), below which serial."""

    year: int = 0
    before: int | None = None


def register(work: Work, command: OfYear, actor: Actor) -> tuple[books.Entry, ...]:
    """收文簿."""
    return books.register_book(work, actor, year=command.year or work.today.year, before=command.before)


@dataclass(frozen=True, slots=True)
class OfWord:
    """Which book of numbers, below which serial."""

    word: str = ""
    year: int = 0
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """A book of numbers, and which books (word, year) there are."""

    book: books.Book | None
    books: tuple[tuple[str, int], ...]


def ledger(work: Work, command: OfWord, actor: Actor) -> Ledger:
    """发文台账."""
    return Ledger(*books.ledger_book(work, actor, word=command.word, year=command.year, before=command.before))


@dataclass(frozen=True, slots=True)
class Before:
    """Where a page of issued papers goes on."""

    before: datetime | None = None
    before_id: int = 0


def issued(work: Work, command: Before, actor: Actor) -> tuple[books.Sent, ...]:
    """What was issued and how far it is."""
    return books.sent(work, actor, before=From(command.before, command.before_id).cursor)


ENTRIES: tuple[Entry, ...] = (
    read("/search", search, "查找"),
    read("/waiting", waiting, "等着签收的"),
    read("/register", register, "收文簿"),
    read("/ledger", ledger, "发文台账"),
    read("/issued", issued, "已发出的和收文情况"),
)
