"""A picture as an attachment: one frame, a sane number of pixels, whole; its hidden texts go to the guard of marks."""

import warnings
from pathlib import Path
from typing import Final

from PIL import ExifTags, Image, UnidentifiedImageError

from office.domain.secrecy import Part
from office.paper.guard import Media, refuse

MOST_PIXELS: Final = 89_000_000
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
                texts = _texts(picture)
                picture.verify()
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            refuse("picture_pixels", "图片的像素过多，没有收下。请缩小后再传。")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError):
            refuse("picture_broken", "图片损坏，打不开。请重新导出后再传。")
    return [Part("图片说明", text) for text in texts]


def _texts(picture: Image.Image) -> list[str]:
    found = [_text(value) for value in picture.info.values() if isinstance(value, str | bytes)]
    return found + [_text(v) for k, v in picture.getexif().items() if k in ExifTags.TAGS and isinstance(v, str | bytes)]


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value[:65_536].decode("utf-8", "ignore")
