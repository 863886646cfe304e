"""The picture of a seal: a red ring, the organ's title on an arc, a star. A made-up seal says so."""

import io
import math
from functools import lru_cache

import pylopdf_fonts_zh_cn as fonts
from PIL import Image, ImageDraw, ImageFont

RED = (214, 0, 15, 200)  # what is printed below shows through
SIDE = 640
OVERSAMPLED = 2
STAR_RATIO = 0.382  # inner to outer radius of a five-pointed star


def _star(centre: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for k in range(10):
        r = radius if k % 2 == 0 else radius * STAR_RATIO
        angle = k * math.pi / 5
        points.append((centre + r * math.sin(angle), centre - r * math.cos(angle)))
    return points


def _letter(picture: Image.Image, letter: str, font: ImageFont.FreeTypeFont, radius: float, angle: float) -> None:
    """One letter upright on the arc at `angle` degrees from the top."""
    side = int(font.size * 1.6)
    tile = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    ImageDraw.Draw(tile).text((side / 2, side / 2), letter, font=font, fill=RED, anchor="mm", stroke_width=side // 90)
    tile = tile.rotate(-angle, resample=Image.Resampling.BICUBIC)
    middle = picture.width / 2
    x = middle + radius * math.sin(math.radians(angle)) - side / 2
    y = middle - radius * math.cos(math.radians(angle)) - side / 2
    picture.alpha_composite(tile, (round(x), round(y)))


@lru_cache(maxsize=512)
def picture(title: str, *, demo: bool) -> bytes:
    """A square PNG with transparency whose ring touches all four edges."""
    side = SIDE * OVERSAMPLED
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, side - 1, side - 1), outline=RED, width=side // 30)
    draw.polygon(_star(side / 2, side * 0.14), fill=RED)
    size = int(min(side * 0.125, side * 1.9 / max(len(title), 8)))
    font = ImageFont.truetype(str(fonts.serif_path()), size)
    span = min(280.0, 26.0 * len(title))
    step = span / max(len(title) - 1, 1)
    for i, letter in enumerate(title):
        angle = -span / 2 + step * i if len(title) > 1 else 0.0
        _letter(image, letter, font, side * 0.385, angle)
    if demo:
        small = ImageFont.truetype(str(fonts.serif_path()), side // 14)
        draw.text((side / 2, side * 0.77), "演示用章", font=small, fill=RED, anchor="mm")
    buffer = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(buffer, "PNG")
    return buffer.getvalue()
