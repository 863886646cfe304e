"""Form, JSON or address to values; the only parser of what people send, bounded by the application's body limit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import TypeVar

import msgspec
from aiohttp import web

from office.domain.errors import Invalid
from office.store.work import LOCAL

T = TypeVar("T")
MOST_FIELDS = 4_000  # a choice of all villages is 2,374 fields
CSRF_FIELD = "csrf"
MOST_NUMBER = 2**53  # what every program that reads our JSON can hold
YEARS = range(1949, 2200)  # every day and time people write lies here; no arithmetic on it overflows


@dataclass(frozen=True, slots=True)
class Form:
    """Named text values; a name may occur several times."""

    fields: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, body: Mapping[str, object]) -> "Form":
        """From a JSON object: strings, numbers, booleans, lists of them; null counts as not given."""
        return cls({name: _texts(value) for name, value in bounded(body).items() if value is not None})

    @classmethod
    def of_query(cls, request: web.Request) -> "Form":
        """From the address; of several values of a name the first."""
        return cls({name: (request.query[name],) for name in request.query})

    def get(self, name: str) -> str:
        """The first value, stripped; empty when absent."""
        values = self.fields.get(name, ())
        return values[0].strip() if values else ""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of that name."""
        return self.fields.get(name, ())

    def has(self, name: str) -> bool:
        """Whether the field was sent at all."""
        return name in self.fields

    def number(self, name: str) -> int | None:
        """A whole number that is not negative, None when empty; Invalid for anything else."""
        text = self.get(name)
        if not text:
            return None
        if not text.isascii() or not text.isdigit() or len(text) > 15:
            raise Invalid("这里要填数字。请改正后再交。")
        return int(text)

    def with_value(self, name: str, value: str) -> "Form":
        """The form with that field set."""
        return Form({**self.fields, name: (value,)})


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_text(one) for one in value)
    return (_text(value),)


def _text(value: object) -> str:
    match value:
        case bool():
            return "1" if value else "0"
        case str() | int():
            return str(value)
        case _:
            raise Invalid("提交的内容格式不对。")


async def read_fields(request: web.Request) -> Form:
    """The fields of a form or of a JSON object, whichever was sent; files are not read here."""
    if request.content_type == "application/json":
        return Form.of(decode_json(await request.read(), dict[str, object]))
    try:
        posted = await request.post()
    except (ValueError, LookupError):  # a broken part, an encoding that is none
        raise Invalid("提交的内容格式不对。") from None
    if len(posted) > MOST_FIELDS:
        raise Invalid("一次提交的内容太多。请分几次。")
    found: dict[str, list[str]] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return Form(bounded({name: tuple(values) for name, values in found.items()}))


def decode_json(body: bytes, kind: type[T]) -> T:
    """JSON as `kind`; Invalid names what does not fit."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Invalid(f"提交的内容格式不对：{error}") from None
    except RecursionError:
        raise Invalid("提交的内容格式不对：层次太深。") from None


def bounded(value: T) -> T:
    """The value itself; Invalid where something in it fits no table: NUL, a huge number, a time far off or nowhere."""
    match value:
        case str():
            _fits(fine="\x00" not in value)
        case int():
            _fits(fine=abs(value) < MOST_NUMBER)
        case datetime():
            _fits(fine=value.tzinfo is not None and value.year in YEARS)
        case date():
            _fits(fine=value.year in YEARS)
        case Mapping():
            _all_bounded((*value.keys(), *value.values()))
        case list() | tuple() | frozenset():
            _all_bounded(value)
        case _ if is_dataclass(value):
            _all_bounded(getattr(value, f.name) for f in fields(value))
        case _:
            pass
    return value


def _all_bounded(values: Iterable[object]) -> None:
    for value in values:
        bounded(value)


def _fits(*, fine: bool) -> None:
    if not fine:
        raise Invalid("提交的内容里有文字、数字或日期超出范围。请改正后再交。")


def small_number(text: str) -> int:
    """A small number from the address, 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else 0


def moment(text: str) -> datetime | None:
    """A time on the wall in Xianyang, as the browser's field gives it; None when empty."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("时间要写成年月日时分。") from None
    return bounded(at if at.tzinfo is not None else at.replace(tzinfo=LOCAL))


def cursor(text: str) -> tuple[datetime, int] | None:
    """The place after which a list goes on, as a link of ours wrote it; None for anything else."""
    at, _, key = text.rpartition(",")
    try:
        return bounded((datetime.fromisoformat(at), int(key)))
    except (ValueError, Invalid):
        return None


def number_in_path(request: web.Request, name: str = "id") -> int:
    """A number from the address; the routes allow digits only, their length is bounded here."""
    text = request.match_info[name]
    return int(text) if len(text) <= 18 else 0  # nothing has the number 0: it is simply not found
