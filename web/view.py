"""Pages: the templates' environment, dates as people here write them, and where an act leads."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from office.domain.organs import Level
from office.service.tasks import Acted
from office.store.work import LOCAL
from web import texts
from web.keys import SESSION, services

TEMPLATES = Path(__file__).with_name("templates")
STATIC = Path(__file__).with_name("static")
TOAST = "toast"
WEEKDAYS = "一二三四五六日"
TAKE_BACK_SHOWN = timedelta(minutes=3)


@lru_cache(maxsize=1)
def manifest() -> Mapping[str, str]:
    """Logical name of an asset to its hashed file, as the front-end build wrote it."""
    found: dict[str, str] = json.loads((STATIC / "manifest.json").read_text())
    return found


def asset(name: str) -> str:
    """The address of a built asset."""
    return f"/static/{manifest()[name]}"


def _local(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL)


def short_time(moment: datetime, now: datetime) -> str:
    """今天 09:12, 昨天 16:20, 11月24日 16:20, 2025年3月1日."""
    at, today = _local(moment), _local(now).date()
    match (today - at.date()).days:
        case 0:
            return f"{at:%H:%M}"
        case 1:
            return f"昨天 {at:%H:%M}"
        case _ if at.year == today.year:
            return f"{at.month}月{at.day}日 {at:%H:%M}"
        case _:
            return chinese_day(at.date())


def chinese_day(day: date) -> str:
    """2026年1月5日."""
    return f"{day.year}年{day.month}月{day.day}日"


def due_day(moment: datetime, now: datetime) -> str:
    """今天 12:00, 明天, 周四, 12月3日; a time that has passed keeps its day."""
    at, today = _local(moment), _local(now).date()
    days = (at.date() - today).days
    if days == 0:
        return f"今天 {at:%H:%M}"
    if days == 1:
        return f"明天 {at:%H:%M}"
    if 1 < days < 7 and at.isocalendar().week == today.isocalendar().week:
        return f"周{WEEKDAYS[at.weekday()]}"
    return f"{at.month}月{at.day}日" if at.year == today.year else chinese_day(at.date())


def span(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """今天 9:00 至 10:30, 11月26日（周四）9:00 至 10:30; the year where it is another one."""
    start, end = _local(starts_at), _local(ends_at)
    until = f"{end.hour}:{end:%M}"
    if start.date() != end.date():
        until = f"{end.month}月{end.day}日 {until}"
    return f"{_near_day(start, _local(now).date())} {start.hour}:{start:%M} 至 {until}"


def _near_day(at: datetime, today: date) -> str:
    days = (at.date() - today).days
    if days in (0, 1):
        return ("今天", "明天")[days]
    year = f"{at.year}年" if at.year != today.year else ""
    return f"{year}{at.month}月{at.day}日（周{WEEKDAYS[at.weekday()]}）"


def due_left(moment: datetime, now: datetime) -> str:
    """还有 2 小时, 还有 3 天, 已过 2 天: in words, never a colour alone."""
    left = moment - now
    word, span = ("还有", left) if left >= timedelta() else ("已过", -left)
    if span < timedelta(hours=1):
        return f"{word} {max(1, int(span.total_seconds() // 60))} 分钟"
    if span < timedelta(days=1):
        return f"{word} {int(span.total_seconds() // 3600)} 小时"
    return f"{word} {span.days} 天"


def file_size(size: int) -> str:
    """820 KB, 1.4 MB."""
    return f"{max(1, size // 1024)} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


@pass_context
def _csrf_field(context: Context) -> Markup:
    token = context.get("csrf", "")
    return Markup('<input type="hidden" name="csrf" value="{}">').format(token)


@lru_cache(maxsize=1)
def environment() -> Environment:
    """One environment; a missing value is an error, so that no page shows a hole."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, auto_reload=False,
    )  # fmt: skip
    made.filters |= {
        "short_time": short_time, "chinese_day": chinese_day, "due_day": due_day, "due_left": due_left,
        "file_size": file_size,
    }  # fmt: skip
    made.globals |= {"t": texts.text, "asset": asset, "csrf_field": _csrf_field, "Level": Level}
    return made


def _context(request: web.Request) -> dict[str, Any]:
    found = request.get(SESSION)
    now = services(request).db.now()
    local = _local(now)
    config = services(request).config
    return {
        "now": now,
        "today": f"{local.month}月{local.day}日 星期{WEEKDAYS[local.weekday()]}",
        "demo": config.demo,
        "record": config.record or ("演示" if config.demo else ""),
        "path": request.path,
        "csrf": found.csrf if found else "",
        "session": found,
        "who": found.actor if found else None,
        "organ_name": found.organ_name if found else "",
        "elder": found.elder if found else request.cookies.get("elder") == "1",
        "theme": found.theme if found else "",
        "village": found is not None and found.is_village,
        "toast": _toast(request),
    }


def fragment(request: web.Request, template: str, **values: Any) -> str:  # noqa: ANN401 - template values
    """A part of a page as markup."""
    return environment().get_template(template).render(**(_context(request) | values))


def page(request: web.Request, template: str, *, status: int = 200, **values: Any) -> web.Response:  # noqa: ANN401
    """A whole page. Pages of papers stay in no cache."""
    response = web.Response(text=fragment(request, template, **values), content_type="text/html", status=status)
    response.headers["Cache-Control"] = "no-store"
    if TOAST in request.cookies:
        response.del_cookie(TOAST, path="/")
    return response


def _toast(request: web.Request) -> Mapping[str, object] | None:
    """What the answer before this page wanted to say; the page escapes it."""
    kept = request.cookies.get(TOAST)
    if not kept or len(kept) > 2_000:
        return None
    try:
        said = json.loads(unquote(kept))
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and isinstance(said.get("said"), str) else None


def local_path(path: str) -> str:
    """The path, or / for anything that could lead to another site."""
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()  # browsers drop tabs
    return path if safe else "/"


def see_other(request: web.Request, path: str, said: str = "", **toast: object) -> web.Response:
    """Go on to another page and say there, once, what was done. htmx gets the same as a header."""
    target = local_path(path)
    if request.headers.get("HX-Request") == "true":
        response = web.Response(status=204, headers={"HX-Redirect": target})
    else:
        response = web.Response(status=303, headers={"Location": target})
    if said:
        response.set_cookie(
            TOAST, quote(json.dumps({"said": said, **toast}, ensure_ascii=False)), max_age=30, path="/",
            secure=request.secure or request.headers.get("X-Forwarded-Proto") == "https", httponly=True, samesite="Lax",
        )  # fmt: skip
    return response


def after_act(request: web.Request, verb: str, done: Acted, *, onward: str = "") -> web.Response:
    """After a verb: `onward` where that was asked for, else back to this paper; always with the way to take it back."""
    target = onward or f"/documents/{done.document_id}"
    said = _said(verb, done)
    if not done.may_take_back or verb == "TAKE_BACK":
        return see_other(request, target, said)
    until = int((services(request).db.now() + TAKE_BACK_SHOWN).timestamp() * 1000)
    return see_other(request, target, said, chain_id=done.chain_id, until=until)


def _said(verb: str, done: Acted) -> str:
    step = texts.text(f"purpose.{done.purpose}") if done.purpose else texts.text("stage.ENDED")
    if verb != "COMPLETE":
        return texts.text(f"act.said.{verb}", step=step)
    return texts.text("act.done_next", step=step) if done.purpose else texts.text("act.done")
