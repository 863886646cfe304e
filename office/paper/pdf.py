"""Reads, merges and stamps PDF files with pypdf; nothing here touches a sealed original."""

import io

from pypdf import PdfReader


def page_count(pdf: bytes) -> int:
    """Number of pages."""
    return len(PdfReader(io.BytesIO(pdf)).pages)
