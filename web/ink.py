"""Handwriting: the PNG a pad made, kept as a blob. Its header is read by hand; nothing decodes it on the server."""

import base64
import binascii
import struct

from aiohttp import web

from office.domain.errors import Invalid
from office.service import signatures
from web.keys import blobs, db

PREFIX = "data:image/png;base64,"
MOST_BYTES = 200_000
MOST_SIDE = 2_000
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def decode(data_url: str) -> bytes:
    """The bytes of a data URL; Invalid unless it is a PNG of a pad's size."""
    if not data_url.startswith(PREFIX) or len(data_url) > MOST_BYTES * 4 // 3 + 100:
        raise Invalid("手写签名没有收到。请重写一次。")
    try:
        data = base64.b64decode(data_url.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise Invalid("手写签名没有收到。请重写一次。") from None
    if len(data) < 33 or data[:8] != SIGNATURE or data[12:16] != b"IHDR":
        raise Invalid("手写签名要是 PNG 图片。请重写一次。")
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE):
        raise Invalid("手写签名的图片太大。请重写一次。")
    return data


async def keep_ink(request: web.Request, data_url: str) -> str:
    """Store the handwriting and the row that names it; returns its hash."""
    data = decode(data_url)
    name = await blobs(request).put(data)
    await db(request).write(signatures.keep, signatures.Kept(name, len(data)))
    return name
