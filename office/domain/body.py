"""The body as people type it: one line, one paragraph; headings by their numbers; a table's rows between bars.

The plain text and the blocks carry the same information, so pasting from anywhere, undo in the browser and
reading aloud all work on text, and the page is set from blocks.
"""

import re

from office.domain.document import Block, BlockKind

# The four levels of GB/T 9704-2012 7.3.3.
_LEVELS = (
    (re.compile(r"^[一二三四五六七八九十百]+、"), BlockKind.LEVEL1),
    (re.compile(r"^[（(][一二三四五六七八九十百]+[）)]"), BlockKind.LEVEL2),
    (re.compile(r"^\d{1,3}[.．、](?!\d)"), BlockKind.LEVEL3),
    (re.compile(r"^[（(]\d{1,3}[）)]"), BlockKind.LEVEL4),
)
_ROW = re.compile(r"^\|.*\|$")


def kind_of(line: str) -> BlockKind:
    """The level of a line by the number it begins with."""
    return next((kind for pattern, kind in _LEVELS if pattern.match(line)), BlockKind.PARAGRAPH)


def _cells(line: str) -> tuple[str, ...]:
    return tuple(cell.strip().replace("\\n", "\n") for cell in line[1:-1].split("|"))


def _cell(text: str) -> str:
    return text.replace("|", "｜").replace("\n", "\\n")


def parse(text: str) -> tuple[Block, ...]:
    """Blocks from typed text; empty lines are dropped, rows next to each other are one table."""
    blocks: list[Block] = []
    rows: list[tuple[str, ...]] = []
    for raw in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = raw.strip(" \t\u3000")
        if _ROW.match(line) and len(line) > 1:
            rows.append(_cells(line))
            continue
        if rows:
            blocks.append(Block(BlockKind.TABLE, rows=tuple(rows)))
            rows = []
        if line:
            blocks.append(Block(kind_of(line), line))
    if rows:
        blocks.append(Block(BlockKind.TABLE, rows=tuple(rows)))
    return tuple(blocks)


def render(blocks: tuple[Block, ...]) -> str:
    """The text a person edits; `parse` of it gives the same blocks back."""
    lines: list[str] = []
    for i, block in enumerate(blocks):
        if block.kind is not BlockKind.TABLE:
            lines.append(block.text)
            continue
        if i and blocks[i - 1].kind is BlockKind.TABLE:
            lines.append("")
        lines.extend(
            "|" + "|".join(cell.replace("|", "｜").replace("\n", "\\n") for cell in row) + "|" for row in block.rows
        )
    return "\n".join(lines)
