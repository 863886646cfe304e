"""/api/openapi.json, made from the table and the types behind it; nothing of it is written by hand."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import msgspec
from aiohttp import web

from web.api.entry import Entry, FileEntry
from web.api.table import ENTRIES, FILES
from web.errors import Refusal
from web.routing import PUBLIC, Route, Rule

Schema = dict[str, Any]
TEMPLATE = "#/components/schemas/{name}"
JSON = "application/json"
BINARY: Schema = {"type": "string", "format": "binary"}


def _types() -> list[Any]:
    wanted: list[Any] = [Refusal]
    for entry in ENTRIES:
        wanted.append(entry.command)
        wanted.extend(entry.hints.values())
        if entry.result is not type(None):
            wanted.append(entry.result)
    for file in FILES:
        wanted.extend(kind for kind in (file.result, file.body) if kind is not None)
        wanted.extend((file.variants or {}).values())
    return wanted


class Schemas:
    """The schema of every type of the API; named ones are components."""

    def __init__(self) -> None:
        types = _types()
        found, self.components = msgspec.json.schema_components(types, ref_template=TEMPLATE)
        self._of = list(zip(types, found, strict=True))

    def of(self, kind: Any) -> Schema:  # noqa: ANN401 - a type or a generic alias
        """A reference, or the schema itself."""
        return next(schema for known, schema in self._of if known is kind or known == kind)

    def fields(self, kind: type[Any]) -> tuple[dict[str, Schema], list[str]]:
        """A command's fields and which of them must be there."""
        ref: str = self.of(kind)["$ref"]
        whole = self.components[ref.rsplit("/", 1)[-1]]
        return whole["properties"], whole.get("required", [])


def _operation(address: str, method: str, says: str, rule: Rule) -> Schema:
    name = re.sub(r"\W+", "_", f"{method.lower()}{address.removeprefix('/api/v1')}").strip("_")
    made: Schema = {"operationId": name, "summary": says, "responses": {"default": _refusal()}}
    if rule is not PUBLIC:
        made["security"] = [{"session": []}]
    return made


def _refusal() -> Schema:
    return {"description": "没有办成", "content": {JSON: {"schema": {"$ref": TEMPLATE.format(name="Refusal")}}}}


def _answer(schema: Schema | None, media: str = JSON) -> Schema:
    if schema is None:
        return {"204": {"description": "已办"}}
    return {"200": {"description": "已办", "content": {media: {"schema": schema}}}}


def _entry(entry: Entry, schemas: Schemas) -> Schema:
    made = _operation(entry.address, entry.method, entry.says, entry.rule)
    properties, required = schemas.fields(entry.command)
    made["parameters"] = [_parameter(name, "path", properties[name], required=True) for name in entry.in_path]
    rest = {name: schema for name, schema in properties.items() if name not in entry.in_path}
    needed = [name for name in required if name in rest]
    if not entry.write:
        made["parameters"] += [_parameter(n, "query", s, required=n in needed) for n, s in rest.items()]
    else:
        made["parameters"].append(_parameter("Idempotency-Key", "header", {"type": "string"}, required=False))
        if rest:
            body = {"type": "object", "properties": rest, "required": needed, "additionalProperties": False}
            made["requestBody"] = {"required": bool(needed), "content": {JSON: {"schema": body}}}
    made["responses"] |= _answer(None if entry.result is type(None) else schemas.of(entry.result))
    return made


def _parameter(name: str, place: str, schema: Schema, *, required: bool) -> Schema:
    return {"name": name, "in": place, "required": required, "schema": schema}


def _file(entry: FileEntry, schemas: Schemas) -> Schema:
    made = _operation(entry.address, entry.method, entry.says, entry.rule)
    names = re.findall(r"{(\w+)}", entry.address)
    made["parameters"] = [_parameter(name, "path", {"type": "integer"}, required=True) for name in names]
    if entry.takes:
        made["requestBody"] = {"required": True, "content": {entry.takes: {"schema": _body(entry, schemas)}}}
    schema = schemas.of(entry.result) if entry.result is not None else BINARY
    made["responses"] |= _answer(schema, entry.gives)
    return made


def _body(entry: FileEntry, schemas: Schemas) -> Schema:
    if entry.body is not None:
        return schemas.of(entry.body)
    if entry.variants is not None:
        return {"oneOf": [_variant(verb, *schemas.fields(kind)) for verb, kind in entry.variants.items()]}
    return {"type": "object", "properties": {"file": BINARY}, "required": ["file"]}


def _variant(verb: str, properties: dict[str, Schema], required: list[str]) -> Schema:
    named: Schema = {"verb": {"const": verb}, "version": {"type": "integer"}, **properties}
    return {"type": "object", "properties": named, "required": ["verb", *required], "additionalProperties": False}


@lru_cache(maxsize=1)
def document() -> Schema:
    """The whole description."""
    schemas = Schemas()
    paths: dict[str, Schema] = {}
    made: Iterable[tuple[str, str, Schema]] = [
        *((e.address, e.method, _entry(e, schemas)) for e in ENTRIES),
        *((f.address, f.method, _file(f, schemas)) for f in FILES),
    ]
    for address, method, operation in made:
        paths.setdefault(address, {})[method.lower()] = operation
    security = {"session": {"type": "http", "scheme": "bearer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "一网", "version": "1"},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": schemas.components, "securitySchemes": security},
    }


async def openapi(_request: web.Request) -> web.StreamResponse:
    """The description as JSON."""
    return web.Response(body=msgspec.json.encode(document()), content_type=JSON)


ROUTES = (Route("GET", "/api/openapi.json", openapi, PUBLIC),)
