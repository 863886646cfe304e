"""Core statements compiled once and run on the driver's own cursor: for the few that run with every single act.

Executing a Core statement costs about ten times the statement itself on SQLite. The statement stays Core, so that
both databases and the tables keep one source; only the way through the engine is short. Types are plain here:
moments as microseconds, no result processing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect

from office.store.work import Work

_DIALECTS: Mapping[str, Dialect] = {
    "sqlite": sqlite.dialect(paramstyle="qmark"),
    "postgresql": postgresql.dialect(paramstyle="format"),  # type: ignore[no-untyped-call]
}


class Prepared:
    """One statement with named parameters, compiled for both databases at import."""

    __slots__ = ("_compiled",)

    def __init__(self, statement: ClauseElement) -> None:
        self._compiled: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {}
        for name, dialect in _DIALECTS.items():
            compiled = statement.compile(dialect=dialect)
            order = tuple(getattr(compiled, "positiontup", None) or ())
            given = {key: value for key, value in compiled.params.items() if value is not None}
            self._compiled[name] = (str(compiled), order, given)

    def cursor(self, work: Work, parameters: Mapping[str, Any]) -> Any:  # noqa: ANN401 - the driver's own cursor
        """Run it; the driver's cursor, with `rowcount` and the fetch methods."""
        text, order, given = self._compiled[work.dialect]
        values = {**given, **parameters} if given else parameters
        return work.driver(text, tuple(map(values.__getitem__, order)))

    def one(self, work: Work, **parameters: Any) -> Sequence[Any] | None:  # noqa: ANN401
        """The first row, or None."""
        row: Sequence[Any] | None = self.cursor(work, parameters).fetchone()
        return row

    def run(self, work: Work, **parameters: Any) -> int:  # noqa: ANN401
        """Run it and return how many rows it touched."""
        return int(self.cursor(work, parameters).rowcount)
