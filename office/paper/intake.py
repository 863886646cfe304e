"""From what a file shows to a draft: title, kind, recipients, body, attachments, signature and colophon told apart.

What the suite adds by itself (mark, number, date, signature, colophon) is dropped; whatever is dropped besides is
named in a note, so that nothing goes missing unseen.
"""

from dataclasses import dataclass, field, replace

from office.domain.body import kind_of
from office.domain.document import LAYOUT_OF, Attendance, Block, BlockKind, Content, Kind, Layout, Urgency
from office.paper import intake_lines as lines
from office.paper.intake_head import Head, head
from office.paper.intake_layout import flatten
from office.paper.reading_source import Grid, Item, Line, Source

MOST_NOTED = 8


@dataclass(frozen=True, slots=True)
class Intake:
    """A draft as read. `annex` is what stands after the signature: the text that is passed on or issued."""

    content: Content
    notes: tuple[str, ...] = ()
    tracked_changes: bool = False
    pages: int = 0
    annex_title: str = ""
    annex: tuple[Block, ...] = ()


@dataclass(slots=True)
class _Tail:
    """What was found below the body."""

    attachments: list[str] = field(default_factory=list)
    note: str = ""
    copies: str = ""
    attendance: dict[str, tuple[str, ...]] = field(default_factory=dict)
    annex: list[Item] = field(default_factory=list)


def recognise(source: Source) -> Intake:
    """The draft that a file holds."""
    items = flatten(source.items)
    top = head(items)
    tail = _Tail()
    rest = _take_attendance(items[top.end :], tail)
    body = _split(rest, tail)
    kind = lines.kind_of_title(top.title)
    content = _content(top, kind or Kind.NOTICE, blocks(body), tail)
    title, annex = _annex(tail.annex)
    notes = [*source.notes, *top.notes, *_notes(content, kind, title, annex, tail)]
    return Intake(content, tuple(notes), source.tracked_changes, source.pages, title, annex)


def _content(top: Head, kind: Kind, body: tuple[Block, ...], tail: _Tail) -> Content:
    content = Content(
        kind=kind,
        title=top.title,
        principal_text=top.recipients,
        body=body,
        attachment_names=tuple(tail.attachments),
        note=tail.note,
        urgency=top.urgency,
        layout=LAYOUT_OF.get(kind, Layout.GENERAL),
        copy_text=tail.copies,
        attendance=Attendance(
            present=tail.attendance.get("出席", ()),
            excused=tail.attendance.get("请假", ()),
            observing=tail.attendance.get("列席", ()),
        ),
    )
    return replace(content, amount_yuan=lines.amount(content.text())) if kind is Kind.REQUEST else content


def blocks(items: list[Item]) -> tuple[Block, ...]:
    """Lines and tables as the body keeps them; empty lines and contents pages go."""
    found: list[Block] = []
    for item in items:
        if isinstance(item, Grid):
            found.append(Block(BlockKind.TABLE, rows=item.rows))
        elif item.text.strip() and not item.contents:
            text = item.text.strip().replace("\t", "　")
            found.append(Block(kind_of(text), text))
    return tuple(found)


def _names(text: str) -> tuple[str, ...]:
    """Names between commas, those inside brackets left together."""
    names, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "（(") - (c in "）)")
        if depth <= 0 and c in "、，,；; \u3000\t":
            names.append(text[start:i])
            start = i + 1
    return tuple(name.strip() for name in [*names, text[start:]] if name.strip())


def _take_attendance(items: list[Item], tail: _Tail) -> list[Item]:
    rest: list[Item] = []
    for item in items:
        found = lines.attendance(item.text) if isinstance(item, Line) else None
        if found is None:
            rest.append(item)
        else:
            tail.attendance[found[0]] = tail.attendance.get(found[0], ()) + _names(found[1])
    return rest


def _split(items: list[Item], tail: _Tail) -> list[Item]:
    """Body items; the signature goes, what follows it is told apart."""
    end, after = _signature(items)
    body = _take_attachments(items[:end], tail)
    for at in range(after, len(items)):
        item = items[at]
        if not isinstance(item, Line) or not _take_closing(item.text, tail):
            tail.annex = items[at:]
            break
    tail.annex = _without_colophon(tail.annex, tail)
    return body


def _signature(items: list[Item]) -> tuple[int, int]:
    """Where the body ends, and where what follows the date begins."""
    for at, item in enumerate(items):
        if not isinstance(item, Line) or not lines.is_date(item.text):
            continue
        start = _signature_start(items, at)
        last = all(not _says(one) for one in items[at + 1 :])
        body_above = any(_says(one) for one in items[:start])
        if body_above and (start < at or item.right or item.centred or last or _closes(items[at + 1 :])):
            return start, at + 1
    end = len(items)
    for at, item in enumerate(items):
        if isinstance(item, Line) and _opens_colophon(item.text):
            end = at
            break
    start = _signature_start(items, end)
    signed = [one for one in items[start:end] if isinstance(one, Line) and one.text]
    return (start, end) if signed and all(one.right or lines.is_seal_hint(one.text) for one in signed) else (end, end)


def _says(item: Item) -> bool:
    return not isinstance(item, Line) or bool(item.text.strip())


def _closes(items: list[Item]) -> bool:
    """Whether the next thing said belongs below a date: 附注, 抄送, 附件, a title of an annex."""
    following = next((one for one in items if _says(one)), None)
    if not isinstance(following, Line):
        return False
    return bool(lines.note(following.text)) or _opens_colophon(following.text) or lines.is_annex(following.text)


def _opens_colophon(text: str) -> bool:
    return lines.copies(text) is not None or lines.is_colophon(text)


def _signature_start(items: list[Item], end: int) -> int:
    """Go up from the date over names, seals and blank lines."""
    start = end
    for at in range(end - 1, max(-1, end - 14), -1):
        item = items[at]
        if not isinstance(item, Line):
            break
        if not item.text.strip():
            continue
        if not lines.is_seal_hint(item.text) and not lines.is_signature(item.text, right=item.right):
            break
        start = at
    return start


def _take_attachments(items: list[Item], tail: _Tail) -> list[Item]:
    """附件说明 stands right above the signature: from its label only list entries follow."""
    for at in range(len(items) - 1, max(-1, len(items) - 40), -1):
        item = items[at]
        name = lines.attached(item.text) if isinstance(item, Line) else None
        if name is None:
            continue
        texts = [name, *(one.text.strip() for one in items[at + 1 :] if isinstance(one, Line) and one.text.strip())]
        tail.attachments = _listed(texts)
        return items[:at]
    return items


def _listed(texts: list[str]) -> list[str]:
    """Names of 附件说明; a line without a number continues the one before."""
    names: list[str] = []
    for text in texts:
        entry = lines.listed(text)
        if entry is not None or not names:
            names.append((entry if entry is not None else text).rstrip("；;。"))
        else:
            names[-1] += text
    return [name for name in names if name]


def _take_closing(text: str, tail: _Tail) -> bool:
    """附注, 抄送, 印发: kept or dropped; False for a line of an annex."""
    if not text.strip() or lines.is_seal_hint(text) or lines.is_date(text):
        return True
    copied = lines.copies(text)
    if copied is not None:
        tail.copies = copied
        return True
    noted = lines.note(text)
    if noted and not tail.note:
        tail.note = noted
        return True
    return bool(noted) or lines.is_colophon(text)


def _without_colophon(items: list[Item], tail: _Tail) -> list[Item]:
    """The colophon comes last, after any annex."""
    rest = list(items)
    while rest:
        last = rest[-1]
        if not isinstance(last, Line) or (last.text.strip() and not _opens_colophon(last.text)):
            break
        _take_closing(last.text, tail)
        rest.pop()
    return rest


def _annex(items: list[Item]) -> tuple[str, tuple[Block, ...]]:
    """Its title, from the lines before the first sentence or heading, and its blocks without its signature."""
    at = next((n for n, item in enumerate(items) if _says(item) and not _may_be_title(item)), 0)
    above = [item.text.strip() for item in items[:at] if isinstance(item, Line)]
    title = "".join(text for text in above if text and not lines.is_annex(text))
    return title[:300], blocks(items[at:])


def _may_be_title(item: Item) -> bool:
    if not isinstance(item, Line):
        return False
    text = item.text
    return len(text) <= 40 and not text.endswith(("。", "：", ":", "；")) and kind_of(text) is BlockKind.PARAGRAPH


def _notes(content: Content, kind: Kind | None, title: str, annex: tuple[Block, ...], tail: _Tail) -> list[str]:
    notes = []
    if not content.title:
        notes.append("没有认出标题。请填写。")
    elif kind is None:
        notes.append("从标题看不出文种，先按“通知”。请选择文种。")
    if annex:
        named = f"《{title}》" if title else ""
        notes.append(f"落款之后还有{named} {len(annex)} 段，没有放进正文。请作为附件上传，或自行贴入正文。")
    waiting = lines.placeholders("\n".join([content.text(), title, *(block.text for block in annex)]))
    if waiting:
        more = f"等 {len(waiting)} 处" if len(waiting) > MOST_NOTED else ""
        notes.append(f"文中有待填的内容：{'、'.join(waiting[:MOST_NOTED])}{more}。请补全。")
    if content.urgency is not Urgency.NORMAL:
        notes.append(f"紧急程度按原文取为“{content.urgency.value}”。请核对。")
    if tail.attachments:
        notes.append(f"附件说明列了 {len(tail.attachments)} 个附件，附件本身请另行上传。")
    return notes
