"""Built assets: names carry their hash, so they are kept for ever; compressed copies lie beside them."""

from functools import lru_cache
from pathlib import Path

from aiohttp import web

from office.domain.errors import NotFound
from web.routing import PUBLIC, Route
from web.view import STATIC

TYPES = {
    ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2",
    ".json": "application/json", ".webmanifest": "application/manifest+json",
}  # fmt: skip
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@lru_cache(maxsize=1)
def files() -> frozenset[str]:
    """Every file of the build by its path: a request names one of these or nothing."""
    return frozenset(path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.is_file())


@lru_cache(maxsize=256)
def _read(name: str) -> bytes:
    try:
        return (STATIC / name).read_bytes()
    except FileNotFoundError:  # a newer build took its place
        raise NotFound("页面更新了，请刷新。") from None


async def static(request: web.Request) -> web.StreamResponse:
    """One asset, compressed as the browser likes it."""
    name = request.match_info["name"]
    kind = TYPES.get(Path(name).suffix)
    if name not in files() or kind is None:
        raise NotFound("没有这个页面。地址可能抄错了，或者文件已移走。")
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    accepted = request.headers.get("Accept-Encoding", "")
    for encoding, ending in ENCODINGS:
        if encoding in accepted and name + ending in files():
            headers["Content-Encoding"] = encoding
            return web.Response(body=_read(name + ending), content_type=kind, headers=headers)
    return web.Response(body=_read(name), content_type=kind, headers=headers)


ROUTES = (Route("GET", "/static/{name:.+}", static, PUBLIC),)
