"""Bytes on their way out: always with a type we chose, never sniffed, never run."""

import hashlib
from urllib.parse import quote

from aiohttp import web

# Formats that a browser may show by itself; everything else is only ever saved.
SHOWN = frozenset({"image/png", "image/jpeg"})
SANDBOX = "sandbox; default-src 'none'"


def download(data: bytes, name: str, media: str) -> web.Response:
    """A file to save, under the name people gave it (RFC 6266, RFC 5987)."""
    safe = "".join(c for c in name if c.isprintable() and c not in '/\\"')[:150] or "file"
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(safe, safe='')}",
        "Content-Security-Policy": SANDBOX,
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=data, content_type=media, headers=headers)


def picture(data: bytes, *, media: str = "image/png", forever: bool = False) -> web.Response:
    """A picture of a page. `forever`: its address names its content."""
    kept = "private, max-age=31536000, immutable" if forever else "private, no-cache"
    headers = {
        "Cache-Control": kept, "Content-Security-Policy": SANDBOX, "ETag": f'"{hashlib.sha256(data).hexdigest()[:20]}"'
    }  # fmt: skip
    return web.Response(body=data, content_type=media, headers=headers)
