"""A picture as an attachment: one frame, a sane number of pixels, whole; its hidden texts go to the guard of marks."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from office.domain.secrecy import Part
from office.paper.guard import Media, refuse

MOST_PIXELS: Final = 89_000_000
_WIDE: Final = range(0x9C9B, 0x9CA0)  # XPTitle … XPSubject, written in UTF-16
_FORMATS: Final = {Media.PNG: "PNG", Media.JPEG: "JPEG"}


def check(path: Path, media: Media) -> list[Part]:
    """The texts written into the file beside its pixels; RefusedFile when it is broken or too large."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=[_FORMATS[media]]) as picture:
                if getattr(picture, "n_frames", 1) > 1:
                    refuse("picture_frames", "这是动图，没有收下。请换成静态图片。")
                texts = _texts(picture.info)
            with Image.open(path, formats=[_FORMATS[media]]) as picture:
                picture.verify()
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            refuse("picture_pixels", "图片的像素过多，没有收下。请缩小后再传。")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
            refuse("picture_broken", "图片损坏，打不开。请重新导出后再传。")
    return [Part("图片说明", text) for text in texts]


def _texts(info: Mapping[str | tuple[int, int], object]) -> list[str]:
    """Comments and the like as they were read with the head of the file; no pixel is decoded for them."""
    found = [_text(value) for value in info.values() if isinstance(value, str | bytes)]
    packed = info.get("exif")
    if isinstance(packed, bytes):
        exif = Image.Exif()
        exif.load(packed)
        found.extend(_text(value, wide=tag in _WIDE) for tag, value in exif.items() if isinstance(value, str | bytes))
    return found


def _text(value: str | bytes, *, wide: bool = False) -> str:
    if isinstance(value, str):
        return value
    return value[:65_536].decode("utf-16-le" if wide else "utf-8", "ignore")
