"""Refusals become answers: one table, for pages, parts of pages and the API alike. Nothing of our inside is shown."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from aiohttp import web

from office.domain.errors import (
    Invalid,
    NotFound,
    NotPermitted,
    OfficeError,
    RefusedFile,
    Stale,
    TooBusy,
    WrongStage,
)
from web.keys import SESSION
from web.routing import Handler
from web.view import fragment, page

log = logging.getLogger("yiwang.web")

STATUS: Mapping[type[OfficeError], int] = {
    NotFound: 404,
    NotPermitted: 403,
    WrongStage: 409,
    Stale: 409,
    Invalid: 422,
    RefusedFile: 422,
    TooBusy: 503,
}
HTTP_SENTENCES: Mapping[int, str] = {
    404: "没有这个页面。地址可能抄错了，或者文件已移走。",
    405: "这个地址不能这样用。请从页面上的按钮进入。",
    408: "网络太慢，内容没有传完，没有收下。请换个网络再试。",
    413: "发来的内容太大，没有收下。请减小后再试。",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal as the API answers it."""

    code: str
    sentence: str
    fix: str = ""
    article: str = ""


def status_of(error: OfficeError) -> int:
    """The HTTP status of a refusal; a subclass answers like its parent."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)


def refusal_of(error: OfficeError) -> Refusal:
    """What people and programs are told."""
    return Refusal(error.code, error.sentence, error.fix, error.article)


def wants_json(request: web.Request) -> bool:
    """Whether the answer goes to a program: an API address, or a script of ours that sent JSON."""
    return request.path.startswith("/api/") or request.content_type == "application/json"


def answer(request: web.Request, refusal: Refusal, status: int) -> web.StreamResponse:
    """The refusal in the shape the caller can use."""
    if wants_json(request):
        return web.Response(body=msgspec.json.encode(refusal), content_type="application/json", status=status)
    if request.headers.get("HX-Request") == "true":
        text = fragment(request, "errors/_refusal.html", refusal=refusal)
        headers = {"HX-Retarget": "#toast", "HX-Reswap": "innerHTML"}
        return web.Response(text=text, content_type="text/html", status=status, headers=headers)
    template = "errors/stop.html" if request.get(SESSION) is not None else "errors/outside.html"
    return page(request, template, status=status, refusal=refusal, back=_back(request))


def _back(request: web.Request) -> str:
    """The page the person came from, if it is ours: his text is still there."""
    origin = f"{request.scheme}://{request.host}/"
    referer = request.headers.get("Referer", "")
    return "/" + referer.removeprefix(origin) if referer.startswith(origin) else "/"


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into a sentence."""
    try:
        return await handler(request)
    except OfficeError as error:
        response = answer(request, refusal_of(error), status_of(error))
        if isinstance(error, TooBusy):
            response.headers["Retry-After"] = "2"
        return response
    except web.HTTPException as error:
        if error.status < 400:
            raise
        sentence = HTTP_SENTENCES.get(error.status, "这次没有办成。请返回再试。")
        return answer(request, Refusal(f"HTTP{error.status}", sentence), error.status)
    except ConnectionError:
        raise  # the line was cut; nobody is there to be answered
    except Exception:
        mark = secrets.token_hex(4)
        log.exception("unexpected failure %s at %s %s", mark, request.method, request.path)
        sentence = f"系统出错，这次没有办成，已有的内容都还在。请稍后再试；还不行请把编号 {mark} 告诉管理员。"
        return answer(request, Refusal(f"ERROR-{mark}", sentence), 500)
