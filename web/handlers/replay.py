"""回放: the files of a meeting and what happened beside them, on one clock."""

import asyncio
from datetime import datetime
from pathlib import Path

import msgspec
from aiohttp import web

from office.domain.errors import NotFound
from rtc.service import recordings, replaying
from web.files import SANDBOX
from web.forms import number_in_path
from web.keys import actor, db, services
from web.room_files import RECORDINGS
from web.routing import SIGNED_IN, Route
from web.texts import text
from web.view import page

MEDIA = {".webm": "video/webm", ".mp4": "video/mp4"}
GONE = "这段录制的文件不在了。请联系系统管理员。"


def _score(found: replaying.Replay) -> dict[str, object]:
    """What the page's script plays: seconds from the first frame of all."""

    def seconds(at: datetime) -> float:
        return round((at - found.started_at).total_seconds(), 3)

    return {
        "meeting": found.meeting.id,
        "tracks": [
            {"id": one.id, "venue": one.venue, "source": one.source, "at": seconds(one.started_at)}
            for one in found.tracks
        ],
        "marks": [{"at": seconds(one.at), "text": _said(one)} for one in found.marks],
        "pages": [{"at": seconds(one.at), "paper": one.paper_id, "page": one.page} for one in found.pages],
        "chat": [{"at": seconds(one.at), "name": f"{one.venue} {one.person}", "text": one.text} for one in found.chat],
    }  # fmt: skip


def _said(mark: replaying.Mark) -> str:
    return text(f"replay.{mark.kind}", text=text(f"replay.phase.{mark.text}") if mark.kind == "PhaseSet" else mark.text)


async def show(request: web.Request) -> web.StreamResponse:
    """The player."""
    found = await db(request).read(replaying.replay, number_in_path(request), actor(request))
    score = msgspec.json.encode(_score(found)).decode().replace("<", "\\u003c")
    response = page(request, "meetings/replay.html", found=found.meeting, score=score)
    response.headers["Content-Security-Policy"] = MEDIA_TOO
    return response


MEDIA_TOO = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def _file(base: Path, path: str) -> Path:
    """The file; what does not lie in the folder of recordings is not there."""
    found = (base / path).resolve()
    if not found.is_relative_to(base.resolve()) or not found.is_file():
        raise NotFound(GONE)
    return found


async def media(request: web.Request) -> web.StreamResponse:
    """One file, any part of it, for who may replay it."""
    found = await db(request).read(recordings.one, number_in_path(request, "recording_id"), actor(request))
    if found.meeting_id != number_in_path(request):
        raise NotFound("没有这段录制，或者您不能回放它。")
    path = await asyncio.to_thread(_file, services(request).config.data / RECORDINGS, found.path)
    headers = {
        "Content-Type": MEDIA[path.suffix],
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": SANDBOX,
    }
    return web.FileResponse(path, headers=headers)


ROUTES = (
    Route("GET", "/meetings/{id:\\d+}/replay", show, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/recordings/{recording_id:\\d+}", media, SIGNED_IN),
)
