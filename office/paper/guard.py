"""What a file is, by its first bytes and not by its name, and whether its container may be opened at all.

Runs only inside the limited child (office.paper.child_entry). Refusals say what, why and what next; `rule` is logged.
"""

from enum import StrEnum
from pathlib import Path
from typing import NoReturn

from office.domain.errors import RefusedFile

NEXT = "请另存为 .docx 或导出为 PDF 后再传。"
_LEGACY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


class Media(StrEnum):
    """The types that may come in; the value is the type it is served as."""

    DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    PDF = "application/pdf"
    PNG = "image/png"
    JPEG = "image/jpeg"


_MAGIC = ((b"%PDF-", Media.PDF), (b"\x89PNG\r\n\x1a\n", Media.PNG), (b"\xff\xd8\xff", Media.JPEG))


def refuse(rule: str, sentence: str, fix: str = "") -> NoReturn:
    """Refuse the file; `sentence` is one or two plain Chinese sentences."""
    raise RefusedFile(sentence, rule=rule, fix=fix)


def sniff(path: Path) -> Media:
    """The type by magic; a ZIP counts as DOCX until its parts have been looked at."""
    with path.open("rb") as file:
        head = file.read(8)
        if not head:
            refuse("empty", "文件是空的，没有收下。请检查后重传。")
        for magic, media in _MAGIC:
            if head.startswith(magic):
                return media
        if head.startswith(b"PK\x03\x04"):
            return Media.DOCX
        if head == _LEGACY:
            return _refuse_legacy(file.read(1 << 20))
    refuse("type", f"只收 Word（.docx）、PDF 和图片（PNG、JPEG），这个文件不是，没有收下。{NEXT}")


def _refuse_legacy(start: bytes) -> NoReturn:
    if _ENCRYPTED_PACKAGE in start:
        refuse("encrypted", "文件设了打开密码，没有收下。请去掉密码后再传。")
    refuse("legacy_doc", f"这是旧版 Word（.doc）或 WPS 文件，没有收下。{NEXT}")
