"""From a line of the table to a door: the request becomes the command, the use case runs, its result becomes JSON."""

import hashlib
from typing import Any

import msgspec
from aiohttp import web

from office.domain.errors import Invalid, RefusedFile
from office.domain.people import Actor
from office.service import drafting
from office.store import commands
from office.store.work import Work
from web.api.entry import Entry, FileEntry
from web.forms import bounded, decode_json
from web.keys import actor, db
from web.routing import Route

JSON = "application/json"


def encoded(result: object) -> web.Response:
    """The result as JSON; 204 where there is none."""
    if result is None:
        return web.Response(status=204, headers={"Cache-Control": "no-store"})
    return web.Response(body=msgspec.json.encode(result), content_type=JSON, headers={"Cache-Control": "no-store"})


async def command_of(request: web.Request, entry: Entry) -> Any:  # noqa: ANN401 - the entry's own command type
    """The command that address, query and body mean; Invalid names what does not fit."""
    sent = dict(request.query) if not entry.write else await _body(request)
    unknown = sorted(set(sent) - set(entry.hints) | set(sent) & set(entry.in_path))
    if unknown:
        raise Invalid(f"不认识的内容：{'、'.join(unknown)[:200]}。请对照 /api/openapi.json。")
    values = {name: _bounded(request.match_info[name]) for name in entry.in_path}
    try:
        lax = {name: msgspec.convert(text, entry.hints[name], strict=False) for name, text in values.items()}
        return bounded(msgspec.convert(sent | lax, entry.command, strict=entry.write))
    except msgspec.ValidationError as error:
        raise Invalid(f"提交的内容格式不对：{error}") from None


async def _body(request: web.Request) -> dict[str, Any]:
    data = await request.read()
    if not data:
        return {}
    if request.content_type != JSON:
        raise Invalid("这里只收 JSON（Content-Type: application/json）。")
    return decode_json(data, dict[str, Any])


def _bounded(text: str) -> str:
    return text if len(text) <= 18 or not text.isdigit() else "0"  # nothing has the number 0


def _once(work: Work, entry: Entry, command: object, by: Actor, key: str) -> object:
    return commands.once(work, key, by.person_id, entry.result, lambda: entry.use(work, command, by))


async def _log_refused(request: web.Request, refused: RefusedFile) -> None:
    """A mark of secrecy in a body: only its hash, size and rule stay."""
    body = await request.read()
    log = drafting.Refused(hashlib.sha256(body).hexdigest(), len(body), refused.rule)
    await db(request).write(drafting.log_refused, log, actor(request))


def route_of(entry: Entry) -> Route:
    """The door of a line."""

    async def ask(request: web.Request) -> web.StreamResponse:
        command = await command_of(request, entry)
        return encoded(await db(request).read(entry.use, command, actor(request)))

    async def act(request: web.Request) -> web.StreamResponse:
        command, key = await command_of(request, entry), request.headers.get("Idempotency-Key", "")
        scoped = f"{entry.method} {request.path} {key}" if key else ""
        try:
            return encoded(await db(request).write(_once, entry, command, actor(request), scoped))
        except RefusedFile as refused:
            await _log_refused(request, refused)
            raise

    return Route(entry.method, entry.pattern, act if entry.write else ask, entry.rule)


def file_route(entry: FileEntry) -> Route:
    """The door of a hand-written line."""
    return Route(entry.method, entry.pattern, entry.handler, entry.rule, entry.heavy)
