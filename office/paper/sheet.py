"""Turns a `Paper` into the plain values the page is set from; decides marks, closings and what is printed where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from office.domain.document import Block, BlockKind, Kind, Layout, Paper, Urgency
from office.paper import measures, title
from office.paper.fonts import FontSet, Role

LEAD_SENTENCE = re.compile(r"^.{1,60}?。(?=.)", re.DOTALL)
MARK_WORD = "文件"
TABLE_WIDTHS = (3, 24)  # narrowest and widest column, in characters


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex set with the paper (附件): its name and its blocks."""

    name: str
    body: tuple[Block, ...]


def day_text(day: date | None) -> str:
    """2026年1月5日: Arabic digits, no leading zero (7.3.5.4); empty without a day."""
    return f"{day.year}年{day.month}月{day.day}日" if day else ""


def mark_of(paper: Paper) -> tuple[tuple[str, ...], str]:
    """Return the organ names of the mark and what follows them (文件, 令, 纪要 or nothing), 7.2.4 and chapter 10."""
    bare = paper.issuer.mark.removesuffix(MARK_WORD)
    match paper.content.layout:
        case Layout.LETTER:
            return (bare, *paper.issuer.joint), ""
        case Layout.ORDER:
            return (bare, *paper.issuer.joint), "" if bare.endswith("令") else "令"
        case Layout.MINUTES:
            return (bare,), "" if bare.endswith("纪要") else "会议纪要"
        case Layout.GENERAL:
            return (bare, *paper.issuer.joint), MARK_WORD if paper.issuer.mark.endswith(MARK_WORD) else ""


def seats_of(paper: Paper) -> tuple[tuple[str, str], ...]:
    """出席, 请假, 列席 of minutes with their names, those that have any, 10.3."""
    people = paper.content.attendance
    seats = (("出席", people.present), ("请假", people.excused), ("列席", people.observing))
    return tuple((label, "，".join(names)) for label, names in seats if names)


def note_of(paper: Paper) -> str:
    """附注 without its brackets, 7.3.6."""
    return paper.content.note.strip().removeprefix("（").removesuffix("）")


def labels_of(paper: Paper) -> tuple[str, str]:
    """份号 and 紧急程度 as printed, empty where there is none, 7.2.1 and 7.2.3."""
    serial, urgency = paper.imprint.serial, paper.content.urgency
    return f"{serial:06d}" if serial is not None else "", "" if urgency is Urgency.NORMAL else urgency.value


def signatories_of(paper: Paper) -> tuple[str, ...]:
    """签发人 printed in the heading, 7.2.6: of upward papers, so the imprint names them; not where they sign below."""
    heads = paper.content.layout is Layout.GENERAL and closing_of(paper) != "STAMPED"
    return paper.imprint.signatories if heads else ()


def closing_of(paper: Paper) -> str:
    """How the paper ends, 7.3.5: SEALED, PLAIN, STAMPED (签名章) or NONE."""
    if paper.content.layout is Layout.MINUTES:
        return "NONE"
    if paper.content.layout is Layout.ORDER or paper.content.kind is Kind.BILL:
        return "STAMPED" if paper.imprint.signatories else "PLAIN"
    return "SEALED" if paper.issuer.seal_mm > 0 else "PLAIN"


def values_of(paper: Paper, fonts: FontSet, annexes: Sequence[Annex] = ()) -> dict[str, object]:
    """Return every value the page needs, ready for JSON; lengths in mm, fonts as lists of families."""
    return {
        "measures": measures.BY_NAME,
        "fonts": _fonts(fonts),
        "squeeze": 1.0,
        "principal_moved": False,
        **_heading(paper),
        **_main_part(paper),
        **_end(paper),
        "annexes": [{"name": annex.name, "body": _blocks(annex.body)} for annex in annexes],
    }


def _fonts(fonts: FontSet) -> dict[str, object]:
    named = {role.name.lower(): list(fonts.families[role]) for role in Role}
    return {**named, "title_weight": "bold" if fonts.bold_title() else "regular"}


def _heading(paper: Paper) -> dict[str, object]:
    content, imprint = paper.content, paper.imprint
    names, tail = mark_of(paper)
    serial, urgency = labels_of(paper)
    ordered = content.layout is Layout.ORDER
    return {
        "layout": content.layout.value,
        "mark_names": list(names),
        "mark_tail": tail,
        "serial": serial,
        "urgency": urgency,
        "number": imprint.number,
        "signatories": list(signatories_of(paper)),
        "title": " ".join(content.title.split()),
        "title_lines": [] if ordered else list(title.lines_of(content.title)),
        "principal": content.principal_text.rstrip("：: \n"),
    }


def _main_part(paper: Paper) -> dict[str, object]:
    content = paper.content
    return {
        "body": _blocks(content.body),
        "attachments": list(content.attachment_names),
        "attendance": [[label, names] for label, names in seats_of(paper)],
        "note": note_of(paper),
    }


def _end(paper: Paper) -> dict[str, object]:
    imprint = paper.imprint
    day = imprint.day
    return {
        "organs": [paper.issuer.title, *paper.issuer.joint],
        "closing": closing_of(paper),
        "seal_mm": paper.issuer.seal_mm,
        "date": day_text(day),
        "day": [day.year, day.month, day.day] if day else [],
        "post": imprint.signatory_post,
        "signer": imprint.signatories[0] if imprint.signatories else "",
        "copies": paper.content.copy_text.rstrip("。. \n"),
        "printer": imprint.printer,
        "printed": day_text(imprint.printed),
        "demo": imprint.demo,
    }


def _blocks(body: Sequence[Block]) -> list[dict[str, object]]:
    return [_block(block) for block in body]


def _block(block: Block) -> dict[str, object]:
    if block.kind is BlockKind.TABLE:
        return {"kind": block.kind.value, **_table(block.rows)}
    lead, rest = led(block)
    return {"kind": block.kind.value, "lead": lead, "rest": rest}


def led(block: Block) -> tuple[str, str]:
    """Split a heading from the sentence that goes on in the same paragraph: only the heading is 黑体 or 楷体."""
    text = block.text.strip()
    if block.kind in {BlockKind.LEVEL1, BlockKind.LEVEL2} and (found := LEAD_SENTENCE.match(text)):
        return found.group(), text[found.end() :]
    return text, ""


def grid(rows: Sequence[Sequence[str]]) -> tuple[list[list[str]], list[int]]:
    """Return the rows made equally long, and each column's share of the width."""
    count = max((len(row) for row in rows), default=1) or 1
    padded = [[*row, *[""] * (count - len(row))] for row in rows] or [[""]]
    low, high = TABLE_WIDTHS
    return padded, [min(high, max(low, *(len(row[at]) for row in padded))) for at in range(count)]


def _table(rows: Sequence[Sequence[str]]) -> dict[str, object]:
    padded, widths = grid(rows)
    return {"rows": padded, "widths": widths}
