"""Form or JSON to text fields; the only parser of what people send, bounded by the application's body limit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from aiohttp import web

from office.domain.errors import Invalid

T = TypeVar("T")
MOST_FIELDS = 4_000  # a choice of all villages is 2,374 fields
CSRF_FIELD = "csrf"


@dataclass(frozen=True, slots=True)
class Form:
    """Named text values; a name may occur several times."""

    fields: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, body: Mapping[str, object]) -> "Form":
        """From a JSON object: strings, numbers, booleans, lists of them; null counts as not given."""
        return cls({name: _texts(value) for name, value in body.items() if value is not None})

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
    posted = await request.post()
    if len(posted) > MOST_FIELDS:
        raise Invalid("一次提交的内容太多。请分几次。")
    fields: dict[str, list[str]] = {}
    for name, value in posted.items():
        if isinstance(value, str):
            fields.setdefault(name, []).append(value)
    return Form({name: tuple(values) for name, values in fields.items()})


def decode_json(body: bytes, kind: type[T]) -> T:
    """JSON as `kind`; Invalid names what does not fit."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Invalid(f"提交的内容格式不对：{error}") from None


def number_in_path(request: web.Request, name: str = "id") -> int:
    """A number from the address; the routes allow digits only, their length is bounded here."""
    text = request.match_info[name]
    return int(text) if len(text) <= 18 else 0  # nothing has the number 0: it is simply not found
