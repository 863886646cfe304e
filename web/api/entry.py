"""One line of the API: a method, an address, and the use case behind it, which also gives the types."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from inspect import signature
from typing import Any, get_type_hints

from office.domain.people import Actor
from office.store.work import Work
from web.routing import SIGNED_IN, Handler, Rule

PREFIX = "/api/v1"
UseCase = Callable[[Work, Any, Actor], Any]


@dataclass(frozen=True)
class Entry:
    """A use case with an address. `{name}` in the path is the field of that name of its command."""

    method: str
    path: str
    use: UseCase
    says: str
    write: bool
    rule: Rule = SIGNED_IN

    @cached_property
    def command(self) -> type[Any]:
        """The frozen dataclass the body and the address become."""
        name = list(signature(self.use).parameters)[1]
        found: type[Any] = get_type_hints(self.use)[name]
        return found

    @cached_property
    def result(self) -> Any:  # noqa: ANN401 - a type or a generic alias
        """What the use case returns."""
        return get_type_hints(self.use)["return"]

    @cached_property
    def hints(self) -> dict[str, Any]:
        """The command's fields and their types."""
        return get_type_hints(self.command)

    @cached_property
    def in_path(self) -> tuple[str, ...]:
        """The fields that stand in the address."""
        return tuple(f.name for f in fields(self.command) if f"{{{f.name}}}" in self.path)

    @property
    def address(self) -> str:
        """The address as the API is described."""
        return PREFIX + self.path

    @property
    def pattern(self) -> str:
        """The address as the router takes it: numbers where the field is a number."""
        pattern = self.address
        for name in self.in_path:
            kind = "\\d+" if self.hints[name] is int else "[^/]+"
            pattern = pattern.replace(f"{{{name}}}", f"{{{name}:{kind}}}")
        return pattern


def read(path: str, use: UseCase, says: str, *, rule: Rule = SIGNED_IN) -> Entry:
    """A question: fields that are not in the address come from the query."""
    return Entry("GET", path, use, says, write=False, rule=rule)


def write(method: str, path: str, use: UseCase, says: str, *, rule: Rule = SIGNED_IN) -> Entry:
    """A command: fields that are not in the address come from the JSON body."""
    return Entry(method, path, use, says, write=True, rule=rule)


@dataclass(frozen=True)
class FileEntry:
    """An address behind which bytes move, or the edge works between two use cases: the handler is written by hand."""

    method: str
    path: str
    handler: Handler
    says: str
    takes: str = ""  # media type of the body
    gives: str = "application/json"
    body: Any = None  # type of a JSON body, for the description
    variants: Mapping[str, type[Any]] | None = None  # a body told apart by its field `verb`
    result: Any = None
    rule: Rule = SIGNED_IN
    heavy: bool = False

    @property
    def address(self) -> str:
        """The address as the API is described: patterns of the router left out."""
        return PREFIX + re.sub(r"{(\w+):[^}]*}", r"{\1}", self.path)

    @property
    def pattern(self) -> str:
        """The address as the router takes it."""
        return PREFIX + self.path
