"""常用: saved lists of recipients, from the page where they are chosen."""

from aiohttp import web

from office.service import lists
from web.forms import number_in_path, read_fields
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import see_other


def _back(text: str) -> str:
    return text if text.startswith("/documents/") else "/drafts"


async def rename(request: web.Request) -> web.StreamResponse:
    """Another name."""
    form, list_id = await read_fields(request), number_in_path(request)
    await db(request).write(lists.rename, lists.RenameList(list_id, form.get("name")), actor(request))
    return see_other(request, _back(form.get("back")), "名字已改。")


async def delete(request: web.Request) -> web.StreamResponse:
    """Take it away; the toast brings it back."""
    form, list_id = await read_fields(request), number_in_path(request)
    await db(request).write(lists.delete, list_id, actor(request))
    back = _back(form.get("back"))
    return see_other(request, back, "名单已删。", undo=f"/lists/{list_id}/restore?back={back}")


async def restore(request: web.Request) -> web.StreamResponse:
    """Undo."""
    list_id = number_in_path(request)
    await db(request).write(lists.restore, list_id, actor(request))
    return see_other(request, _back(request.query.get("back", "")), "名单已恢复。")


ROUTES = (
    Route("POST", "/lists/{id:\\d+}/rename", rename, SIGNED_IN),
    Route("POST", "/lists/{id:\\d+}/delete", delete, SIGNED_IN),
    Route("POST", "/lists/{id:\\d+}/restore", restore, SIGNED_IN),
)
