"""The top of a paper: what stands above the body, with the mark, number and web labels taken away."""

import re
from dataclasses import dataclass, field

from office.domain.body import kind_of
from office.domain.document import BlockKind, Urgency
from office.paper import intake_lines as lines
from office.paper.reading_source import Grid, Item, Line

SEARCHED = 120  # items in which recipients are looked for
MOST_TITLE = 6  # lines
MARK_SIZE = 30.0  # points; no title is as large
_HAN_JOIN = re.compile(r"(?<=[\u3000-\u9fff\uff00-\uffef])\s+(?=[\u3000-\u9fff\uff00-\uffef])")


@dataclass(slots=True)
class Head:
    """Title and recipients, and where the body begins."""

    title: str = ""
    recipients: str = ""
    urgency: Urgency = Urgency.NORMAL
    end: int = 0
    dropped: int = 0  # behind the last line of the heading
    notes: list[str] = field(default_factory=list)


def head(items: list[Item]) -> Head:
    """The head of a paper; what it cannot tell stays in the body."""
    found = Head()
    at = _recipient(items)
    if at is not None:
        found.recipients = _text(items[at]).rstrip("：:").strip()
        found.end = at + 1
    limit = at if at is not None else _first_sentence(items)
    above = [(i, item) for i, item in enumerate(items[:limit]) if isinstance(item, Line)]
    kept = _without_heading(above, found)
    start, end = _title_lines(kept, joined=at is not None)
    found.title = join_title([item.text for _, item in kept[start:end] if item.text])
    if at is None:
        found.end = max(found.dropped, kept[end - 1][0] + 1 if end else 0)
        found.title = found.title or _order(above)
        _skip_front_pages(items, found)
    elif any(item.text for _, item in kept[end:]):
        found.notes.append("标题和主送之间的几行没有取入。请核对。")
    return found


def _order(above: list[tuple[int, Line]]) -> str:
    """An order has no other title than its mark: 某市人民政府令."""
    return next((item.text.strip() for _, item in above if item.text.strip().endswith(("令", "命令"))), "")


def _text(item: Item) -> str:
    return item.text.strip() if isinstance(item, Line) else ""


def _recipient(items: list[Item]) -> int | None:
    """The first line that is 主送, before any sentence or numbered heading."""
    for at, item in enumerate(items[:SEARCHED]):
        text = _text(item)
        if isinstance(item, Grid) or not text or lines.is_web_matter(text):
            continue
        if lines.is_recipient(text) and any(_text(above) for above in items[:at]):
            return at
        if _is_body(text):
            return None
    return None


def _is_body(text: str) -> bool:
    return text.endswith("。") or kind_of(text) in (BlockKind.LEVEL1, BlockKind.LEVEL2)


def _first_sentence(items: list[Item]) -> int:
    for at, item in enumerate(items[:SEARCHED]):
        if isinstance(item, Grid) or _is_body(_text(item)) or item.contents:
            return at
    return min(len(items), SEARCHED)


def _without_heading(above: list[tuple[int, Line]], found: Head) -> list[tuple[int, Line]]:
    """Drop mark, number, serial, urgency and web labels; blank lines stay, they end a title."""
    numbered = [i for i, item in above if lines.is_number(item.text)]
    web = signed = False
    kept: list[tuple[int, Line]] = []
    for i, item in above:
        text = item.text.strip()
        signed = lines.names_signatories(text) or (signed and lines.is_names(text))
        stated = lines.urgency(text)
        if stated is not Urgency.NORMAL:
            found.urgency = stated
        if lines.is_web_matter(text):
            web = True
        elif not text or not (signed or lines.is_heading_matter(text) or _is_mark(i, item, above, numbered)):
            kept.append((i, item))
        else:
            found.dropped = i + 1
    if web:
        found.notes.append("去掉了网页转贴带来的说明行（发文单位、日期等）。")
    return kept


def _is_mark(i: int, item: Line, above: list[tuple[int, Line]], numbered: list[int]) -> bool:
    """The issuer's red heading: very large, or ending with 文件, or above the number with a title below it."""
    if item.size >= MARK_SIZE:
        return True
    after = [one for j, one in above if numbered and j > numbered[0] and one.text.strip()]
    titled = any(not lines.is_web_matter(one.text) for one in after)
    if numbered and i < numbered[0] and titled:
        return True
    return lines.is_mark(item.text) and any(one.text.strip() for j, one in above if j > i)


def _title_lines(kept: list[tuple[int, Line]], *, joined: bool) -> tuple[int, int]:
    """The run of lines that is the title: up to the line that names a kind, else the first run."""
    said = [n for n, (_, item) in enumerate(kept) if item.text]
    if not said:
        return 0, 0
    runs: list[list[int]] = [[said[0]]]
    for n in said[1:]:
        if n == runs[-1][-1] + 1 and _alike(kept[runs[-1][-1]][1], kept[n][1]):
            runs[-1].append(n)
        else:
            runs.append([n])
    named = [run for run in runs if lines.kind_of_title(kept[run[-1]][1].text)]
    run = named[-1] if joined and named else (named or runs)[0]
    return run[max(0, len(run) - MOST_TITLE)], run[-1] + 1


def _alike(one: Line, other: Line) -> bool:
    """Lines of one title look alike, as far as it is known."""
    return one.size == other.size and one.centred == other.centred


def join_title(texts: list[str]) -> str:
    """Title lines in one, without the spaces that only spread them."""
    joined = "".join(t.strip() + (" " if _breaks(t, texts, n) else "") for n, t in enumerate(texts)).strip()
    return _HAN_JOIN.sub(lambda m: " " if len(m.group()) > 1 else m.group(), joined)[:300]


def _breaks(text: str, texts: list[str], n: int) -> bool:
    """Two organs side by side stay apart; Latin words too."""
    following = texts[n + 1].lstrip() if n + 1 < len(texts) else ""
    return bool(following) and text.rstrip()[-1:].isascii() and following[:1].isascii()


def _skip_front_pages(items: list[Item], found: Head) -> None:
    """A cover and a table of contents between title and text go."""
    inside = items[found.end : SEARCHED]
    contents = [n for n, item in enumerate(inside) if isinstance(item, Line) and _in_contents(item)]
    if contents and contents[0] < 40:
        found.end += contents[-1] + 1
        found.notes.append("去掉了封面和目录。")


def _in_contents(item: Line) -> bool:
    return item.contents or lines.is_contents(item.text)
