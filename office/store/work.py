"""Work: what a use case gets. A connection in a transaction, one moment, and nothing else of the world."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, CursorResult, Executable, text
from sqlalchemy.exc import DataError

from office.domain.errors import Invalid, TooBusy

LOCAL = ZoneInfo("Asia/Shanghai")  # the calendar of every date on paper
Clock = Callable[[], datetime]
Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]] | None


class Unconfirmed(TooBusy):
    """The database did not confirm the COMMIT: unknown whether it was saved; repeat with the same command id."""

    def __init__(self, sentence: str = "数据库没有确认已经保存。请稍后用同一次提交再试一次，不会重复办理。") -> None:
        super().__init__(sentence)


@dataclass(slots=True)
class Work:
    """A transaction. `now` is the one moment of this job; a use case knows no other clock."""

    connection: Connection
    now: datetime
    dialect: str
    demo: bool = False
    recorded: bool = False  # history was written: the bell rings after the commit
    _raw: Any = None

    def execute(
        self, statement: Executable, parameters: Parameters = None, *, counted: bool = False
    ) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement in this transaction. `counted` keeps the row count of INSERT … SELECT on PostgreSQL."""
        if counted:
            statement = statement.execution_options(preserve_rowcount=True)
        try:
            return self.connection.execute(statement, parameters)
        except DataError:  # PostgreSQL's columns are narrower than what the edge lets through
            raise Invalid("有数字超出范围。请改正后再交。") from None

    def driver(self, text: str, parameters: Sequence[Any]) -> Any:  # noqa: ANN401 - the driver's own cursor
        """Run driver SQL in this transaction, past the engine: for `prepared` only."""
        if self._raw is None:
            self._raw = self.connection.connection.dbapi_connection
        return self._raw.execute(text, parameters)

    def integer(self, statement: Executable, parameters: Parameters = None) -> int:
        """The one number a statement gives."""
        return int(self.connection.execute(statement, parameters).scalar_one())

    @property
    def today(self) -> date:
        """The date on the wall in Xianyang."""
        return self.now.astimezone(LOCAL).date()

    @property
    def midnight(self) -> datetime:
        """When that day began."""
        return datetime.combine(self.today, time(), LOCAL).astimezone(UTC)

    def lock(self, name: str, key: int) -> None:
        """Hold (name, key) until commit against other writers; on SQLite there is only one writer."""
        if self.dialect == "postgresql":
            statement = text("SELECT pg_advisory_xact_lock(hashtext(:name), :key)")
            self.connection.execute(statement, {"name": name, "key": key % 2**31})
