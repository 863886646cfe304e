"""Tables that only place things on the page: the heading, a joint signature, the colophon. They become lines."""

from office.paper import intake_lines as lines
from office.paper.reading_source import Grid, Item, Line

MOST_ROWS = 6
MOST_CELL = 400  # characters; 抄送 may be long


def flatten(items: list[Item]) -> list[Item]:
    """The same items, layout tables taken apart."""
    found: list[Item] = []
    for item in items:
        texts = _texts(item) if isinstance(item, Grid) else []
        if texts and _places(texts):
            signed = all(lines.is_date(text) or lines.is_signature(text, right=False) for text in texts)
            found.extend(Line(text, right=signed) for text in texts)
        else:
            found.append(item)
    return found


def _texts(grid: Grid) -> list[str]:
    if len(grid.rows) > MOST_ROWS:
        return []
    cells = (cell for row in grid.rows for cell in row)
    return [text.strip() for cell in cells for text in cell.split("\n") if text.strip()]


def _places(texts: list[str]) -> bool:
    """Whether a table's words are those of heading, signature or colophon and nothing else."""
    if any(len(text) > MOST_CELL for text in texts):
        return False
    if any(lines.copies(text) is not None for text in texts) or all(lines.is_colophon(text) for text in texts):
        return True
    if any(lines.is_date(text) for text in texts):
        return all(lines.is_date(text) or lines.is_signature(text, right=False) for text in texts)
    return texts[-1] == "文件" or all(lines.is_heading_matter(text) for text in texts)
