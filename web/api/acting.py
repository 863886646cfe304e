"""办理 by the API: {"verb": …, and the fields of that verb's command}. One door for every routing verb."""

from collections.abc import Mapping
from typing import Any

import msgspec
from aiohttp import web

from office.domain.commands import Amend, Command, Stop
from office.domain.errors import Invalid
from office.domain.matrix import VERB_OF
from office.service import approvals, tasks
from web.api.handlers import encoded
from web.forms import bounded, decode_json, number_in_path
from web.keys import actor, db

# Amending and stopping have doors of their own, which do more than move the chain.
ACTS: Mapping[str, type[Command]] = {
    verb.name: command for command, verb in VERB_OF.items() if command not in (Amend, Stop)
}


def act_of(chain_id: int, body: dict[str, Any]) -> approvals.Act:
    """The act that a body means; Invalid names what does not fit."""
    verb, version = body.pop("verb", None), body.pop("version", None)
    kind = ACTS.get(verb) if isinstance(verb, str) else None
    if kind is None or not (version is None or isinstance(version, int)):
        raise Invalid(f"没有这种办理。可以是：{'、'.join(ACTS)}。")
    unknown = sorted(set(body) - set(kind.__slots__))
    if unknown:
        raise Invalid(f"不认识的内容：{'、'.join(unknown)[:200]}。请对照 /api/openapi.json。")
    try:
        return bounded(approvals.Act(chain_id, msgspec.convert(body, kind), version))
    except msgspec.ValidationError as error:
        raise Invalid(f"提交的内容格式不对：{error}") from None


async def act(request: web.Request) -> web.StreamResponse:
    """Perform a verb, once for each Idempotency-Key."""
    body = decode_json(await request.read(), dict[str, Any])
    command = act_of(number_in_path(request, "chain_id"), body)
    key = request.headers.get("Idempotency-Key", "")
    return encoded(await db(request).write(tasks.act, command, actor(request), key))
