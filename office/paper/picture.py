"""Pages of a PDF as pictures. PDFium works in one thread at a time."""

import io
import threading

import pypdfium2

from office.domain.errors import NotFound

_one = threading.Lock()


def page_picture(pdf: bytes, number: int, *, width: int) -> bytes:
    """Page `number` (from 1) as a PNG of `width` pixels; NotFound when there is no such page."""
    with _one:
        document = pypdfium2.PdfDocument(pdf)
        document.init_forms()  # seals are drawn with the form fields they belong to
        try:
            if not 1 <= number <= len(document):
                raise NotFound
            page = document[number - 1]
            picture = page.render(scale=width / page.get_width()).to_pil()
        finally:
            document.close()
    buffer = io.BytesIO()
    picture.convert("RGB").quantize(64).save(buffer, "PNG")
    return buffer.getvalue()
