"""Builders of good and bad files, from parts: nothing here comes from outside."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
Parts = dict[str, bytes]


def content_types(main: str = MAIN, extra: str = "") -> str:
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/>{extra}</Types>'
    )


def relations(*rows: tuple[str, str, str]) -> str:
    """Kind, target, mode ("" or "External")."""
    lines = "".join(
        f'<Relationship Id="rId{n}" Type="{R}/{kind}" Target="{escape(target)}"'
        + (f' TargetMode="{mode}"/>' if mode else "/>")
        for n, (kind, target, mode) in enumerate(rows, 1)
    )
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{lines}</Relationships>'


def document(body: str) -> str:
    return f'{XML}<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body>{body}</w:body></w:document>'


def part(root: str, inner: str) -> str:
    return f'{XML}<w:{root} xmlns:w="{W}" xmlns:r="{R}">{inner}</w:{root}>'


def paragraph(text: str, *, align: str = "", size: float = 0, properties: str = "") -> str:
    jc = f'<w:jc w:val="{align}"/>' if align else ""
    run = f'<w:rPr><w:sz w:val="{int(size * 2)}"/></w:rPr>' if size else ""
    return f'<w:p><w:pPr>{properties}{jc}</w:pPr><w:r>{run}<w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def table(*rows: Sequence[str]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


LINES = (
    paragraph("关于做好防汛工作的通知", align="center", size=22),
    paragraph("各村委会："),
    paragraph("汛期将至，请做好准备。"),
    paragraph("某镇人民政府", align="right"),
    paragraph("2026年6月1日", align="right"),
)
BODY = "".join(LINES)


def parts(body: str = BODY, extra: Mapping[str, str | bytes] | None = None, types: str = "") -> Parts:
    """The parts of a small, good DOCX, with others added or put in place of its own."""
    found: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(extra=types),
        "_rels/.rels": relations(("officeDocument", "word/document.xml", "")),
        "word/document.xml": document(body),
        "word/_rels/document.xml.rels": relations(),
        **(extra or {}),
    }
    return {name: text.encode() if isinstance(text, str) else text for name, text in found.items()}


def docx(body: str = BODY, extra: Mapping[str, str | bytes] | None = None, types: str = "") -> bytes:
    return zipped(parts(body, extra, types))


def zipped(files: Mapping[str, bytes] | Sequence[tuple[str, bytes]], *, stored: bool = False) -> bytes:
    out = io.BytesIO()
    method = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    rows = files.items() if isinstance(files, Mapping) else files
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in rows:
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, method)
    return out.getvalue()


def empty_paragraphs(count: int) -> bytes:
    """The bomb that costs a parser minutes."""
    return docx("<w:p/>" * count)


def linked(name: str) -> bytes:
    """A DOCX with a symbolic link among its entries."""
    out = io.BytesIO(docx())
    with zipfile.ZipFile(out, "a") as archive:
        info = zipfile.ZipInfo(name)
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/hostname")
    return out.getvalue()


def flagged_encrypted() -> bytes:
    """A DOCX whose first entry says that it is encrypted, in both headers."""
    data = bytearray(docx())
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def lying_size() -> bytes:
    """An entry whose directory claims a few bytes but which inflates to far more."""
    data = bytearray(zipped({**parts(), "word/media/image1.bmp": b"\0" * (60 << 20)}))
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 10)
    return bytes(data)


# --- PDF ---


def pdf(
    *texts: str,
    catalog: str = "",
    page: str = "",
    objects: Sequence[str | bytes] = (),
    trailer: str = "",
    contents: str = "",
    resources: str = "",
) -> bytes:
    """A PDF of one page a text; `objects` are numbered from 10, their bodies written as they are."""
    texts = texts or ("关于防汛工作的通知",)
    rows: dict[int, bytes] = {3: _FONT, 4: _DESCENDANT, 5: _stream(_to_unicode(texts))}
    first = 100
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(texts)))
    rows[1] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode()
    rows[2] = f"<< /Type /Pages /Kids [{kids}] /Count {len(texts)} >>".encode()
    for n, text in enumerate(texts):
        rows[first + 2 * n] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {first + 2 * n + 1} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> {resources} >> {page} >>"
        ).encode()
        rows[first + 2 * n + 1] = _stream(_page_content(text) + b" " + contents.encode())
    for n, body in enumerate(objects):
        rows[10 + n] = body.encode() if isinstance(body, str) else body
    return _assembled(rows, trailer)


def _assembled(rows: Mapping[int, bytes], trailer: str) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    places: dict[int, int] = {}
    for number, body in sorted(rows.items()):
        places[number] = len(out)
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in sorted(places.items()):
        out += f"{number} 1\n{place:010d} 00000 n \n".encode()
    out += f"trailer\n<< /Size {max(rows) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


_FONT = (
    b"<< /Type /Font /Subtype /Type0 /BaseFont /F /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>"
)
_DESCENDANT = (
    b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /F /DW 1000 "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
)


def _to_unicode(texts: Sequence[str]) -> bytes:
    letters = sorted({c for text in texts for c in text if c != "\n"})
    lines = "".join(f"<{ord(c):04X}> <{ord(c):04X}>\n" for c in letters)
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{lines}endbfchar\nendcmap end end"
    ).encode()


def _page_content(text: str) -> bytes:
    rows = []
    for n, line in enumerate(text.split("\n")):
        code = "".join(f"{ord(c):04X}" for c in line)
        rows.append(f"BT /F1 16 Tf 1 0 0 1 72 {770 - 29 * n} Tm <{code}> Tj ET")
    return "\n".join(rows).encode()


def _stream(data: bytes, extra: str = "") -> bytes:
    packed = zlib.compress(data, 9)
    return f"<< /Length {len(packed)} /Filter /FlateDecode {extra} >>\nstream\n".encode() + packed + b"\nendstream"


stream = _stream


def drawn(text: str) -> list[bytes]:
    """Objects 11 to 13: a form that draws a text, its font, the font's letters."""
    code = "".join(f"{ord(c):04X}" for c in text)
    form = "/Type /XObject /Subtype /Form /BBox [0 0 200 40] /Resources << /Font << /F2 12 0 R >> >>"
    font = _FONT.replace(b"/ToUnicode 5 0 R", b"/ToUnicode 13 0 R")
    return [_stream(f"BT /F2 16 Tf <{code}> Tj ET".encode(), form), font, _stream(_to_unicode([text]))]


def utf16(text: str) -> str:
    """A PDF text string in hexadecimal."""
    return f"<FEFF{text.encode('utf-16-be').hex()}>"


def heavy_pdf(numbers: int) -> bytes:
    """A page whose small stream holds that many operands: cheap to send, dear to read."""
    rows = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [6 0 R] /Count 1 >>",
        3: _FONT,
        4: _DESCENDANT,
        5: _stream(_to_unicode("1")),
        6: b"<< /Type /Page /Parent 2 0 R /Contents 7 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
        7: _stream(b"BT /F1 16 Tf " + (b"[" + b"1 " * 500 + b"] TJ\n") * (numbers // 500) + b"ET"),
    }
    return _assembled(rows, "")


def looping_pdf() -> bytes:
    """A page tree that contains itself."""
    rows = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>",
    }
    return _assembled(rows, "")


# --- pictures ---


def png(width: int, height: int, texts: Mapping[str, str] | None = None) -> bytes:
    """A PNG by hand, so that its size can lie."""
    rows = b"\0" * (1 + width) * height if width * height < 1 << 22 else b"\0" * 1000
    chunks = [_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))]
    chunks += [_chunk(b"iTXt", k.encode() + b"\0\0\0\0\0" + v.encode()) for k, v in (texts or {}).items()]
    chunks += [_chunk(b"IDAT", zlib.compress(rows)), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
