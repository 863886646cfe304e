"""Writes a paper as an editable DOCX to GB/T 9704-2012: the same parts as the PDF, without seals."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE

from office.domain.document import Block, BlockKind, Layout, Paper
from office.paper import measures, sheet, title, word, word_page
from office.paper.sheet import Annex
from office.paper.word import LINE, Element, Face, Look, Run, paragraph

POINTS = 72 / 25.4  # a millimetre in points
MARK_SIZE = {Layout.GENERAL: 48.0, Layout.LETTER: 44.0, Layout.ORDER: 48.0, Layout.MINUTES: 48.0}
JOINT_MARK = 40.0
WIDE = float(measures.COLUMNS)
NO_DAY = date(2000, 1, 1)
ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # no clock reaches the file
RED_RULE = {"val": "single", "sz": "16", "space": "11", "color": word.RED}  # 0.7 mm thick, 4 mm below (7.2.7)
UPPER_RULE = {"val": "thickThinSmallGap", "sz": "24", "space": "11"}


def write(paper: Paper, annexes: Sequence[Annex] = ()) -> bytes:
    """Return the DOCX of `paper`; the same paper gives the same bytes."""
    document = docx.Document()
    word_page.set_page(document, paper)
    body = document.element.body
    for part in _parts(paper, annexes):
        body.insert(len(body) - 1, part)  # the last child is the section
    return _frozen(document, paper)


def _parts(paper: Paper, annexes: Sequence[Annex]) -> Iterator[Element]:
    yield from _heading(paper)
    yield from _title(paper)
    for block in paper.content.body:
        yield from _block(block)
    yield from _attachments(paper.content.attachment_names)
    if paper.content.layout is Layout.MINUTES:
        yield from _attendance(paper)
    yield from _closing(paper)
    if note := sheet.note_of(paper):
        yield paragraph([Run(f"（{note}）")], Look(first=2))
    for at, annex in enumerate(annexes, 1):
        yield from _annex(annex, at if len(annexes) > 1 else 0)
    yield from word_page.colophon(paper)


# 版头 -----------------------------------------------------------------------------------------------------------


def _heading(paper: Paper) -> Iterator[Element]:
    layout = paper.content.layout
    if layout is Layout.LETTER:
        yield from _letter_heading(paper)
        return
    serial, urgency = sheet.labels_of(paper)
    labels = [Run(serial)] * bool(serial) + [Run(urgency, Face.HEI)] * bool(urgency)
    yield from (paragraph([label]) for label in labels)
    top = measures.ORDER_MARK_TOP if layout is Layout.ORDER else measures.MARK_TOP
    yield from _mark(paper, max(0.0, top * POINTS - LINE * len(labels)))
    if layout is Layout.ORDER:
        yield paragraph([Run(paper.imprint.number)], Look("center", before=2 * LINE))
        yield paragraph([], Look(line=LINE))
    elif layout is Layout.MINUTES:
        yield from _minutes_number(paper)
    else:
        yield from _number(paper)


def _mark(paper: Paper, before: float) -> Iterator[Element]:
    names, tail = sheet.mark_of(paper)
    if len(names) > 1:
        yield from _joint_mark(names, tail, before)
        return
    text = names[0] + tail
    size = _fitting(len(text), MARK_SIZE[paper.content.layout])
    yield paragraph([Run(text, Face.TITLE, size, word.RED)], Look("center", before=before, line=size * 1.05))


def _joint_mark(names: Sequence[str], tail: str, before: float) -> Iterator[Element]:
    """The organs under each other, spread to one width, the tail beside them, 7.2.4."""
    longest = max(map(len, names))
    size = _fitting(longest + len(tail) + 1, JOINT_MARK)
    width = round(longest * size * 20)
    beside = round((len(tail) + 0.5) * size * 20)
    mark = Look("distribute", line=size * 1.3)
    stack = [paragraph([Run(name, Face.TITLE, size, word.RED)], mark) for name in names]
    side = [paragraph([Run(tail, Face.TITLE, size, word.RED)], Look("right", line=size * 1.3))]
    yield paragraph([], Look(line=max(1.0, before)))
    made = word.table([[stack, side]], [width, beside])
    made[0].insert(1, word.element("jc", val="center"))  # after w:tblW
    yield made


def _fitting(letters: int, size: float) -> float:
    """The size at which so many letters fit the type area, in half points, `size` at most."""
    return min(size, int(measures.AREA_WIDTH * POINTS / max(letters, 1) * 2) / 2)


def _number(paper: Paper) -> Iterator[Element]:
    """The number above the red line; 签发人 two a row, the number level with the last of them, 7.2.5 to 7.2.7."""
    number, names = paper.imprint.number, sheet.signatories_of(paper)
    if not names:
        yield paragraph([Run(number)], Look("center", before=2 * LINE, rule=RED_RULE))
        return
    longest = max(map(word.cells_wide, names))
    across = min(2, len(names))
    first = WIDE - 1.5 - across * longest - (across - 1)
    rows = [names[at : at + 2] for at in range(0, len(names), 2)]
    for at, row in enumerate(rows):
        last = at == len(rows) - 1
        look = Look(
            "left", before=0 if at else 2 * LINE, rule=RED_RULE if last else {},
            tabs=(1, first - 4, first, first + longest + 1),
        )  # fmt: skip
        lead = f"\t{number}" if last else "\t"
        lead += "\t" if at else "\t签发人："
        lead += "\t" if at else ""  # the label reaches to the first name by itself
        yield paragraph([Run(lead), Run("\t".join(row), Face.KAI)], look)


def _minutes_number(paper: Paper) -> Iterator[Element]:
    before = 2 * LINE
    if paper.imprint.number:
        yield paragraph([Run(paper.imprint.number)], Look("center", before=before))
        before = 0.0
    day = sheet.day_text(paper.imprint.day)
    look = Look("left", before=before, rule=RED_RULE, tabs=(1,), ends=(WIDE - 1,))
    yield paragraph([Run(f"\t{paper.issuer.title}\t{day}")], look)


def _letter_heading(paper: Paper) -> Iterator[Element]:
    """Mark 30 mm from the paper's edge, a double line of 170 mm below, number right, labels left, 10.1."""
    names, tail = sheet.mark_of(paper)
    text = "　".join(names) + tail
    size = _fitting(len(text), MARK_SIZE[Layout.LETTER])
    upper = word.page_frame(measures.LETTER_LINE, measures.LETTER_MARK_TOP)
    look = Look("center", line=size * 1.05, rule={**UPPER_RULE, "color": word.RED}, frame=upper)
    yield paragraph([Run(text, Face.TITLE, size, word.RED)], look)
    serial, urgency = sheet.labels_of(paper)
    number = paper.imprint.number
    left = [Run(serial)] if serial else [Run(urgency, Face.HEI)]
    tab = Look("left", before=measures.CELL * 7 / 8 * POINTS, ends=(WIDE,))
    yield paragraph([*left, Run(f"\t{number}")], tab)
    if serial and urgency:
        yield paragraph([Run(urgency, Face.HEI)])


# 主体 -----------------------------------------------------------------------------------------------------------


def _title(paper: Paper) -> Iterator[Element]:
    content = paper.content
    if content.layout is not Layout.ORDER and content.title:
        lines = "\n".join(title.lines_of(content.title))
        yield paragraph([Run(lines, Face.TITLE, word.TITLE)], Look("center", before=2 * LINE, line=35.0, keep=True))
    if principal := content.principal_text.rstrip("：: \n"):
        yield paragraph([Run(f"{principal}：")], Look(before=LINE))
    else:
        yield paragraph([], Look(line=LINE))


def _block(block: Block) -> Iterator[Element]:
    if block.kind is BlockKind.TABLE:
        yield _table(block.rows)
        return
    lead, rest = sheet.led(block)
    faces = {BlockKind.LEVEL1: Face.HEI, BlockKind.LEVEL2: Face.KAI}
    runs = [Run(lead, faces.get(block.kind, Face.FANG))] + [Run(rest)] * bool(rest)
    yield paragraph(runs, Look(first=2))


def _table(rows: Sequence[Sequence[str]]) -> Element:
    padded, shares = sheet.grid(rows)
    wide = round(measures.AREA_WIDTH * word.TWIPS)
    widths = [wide * share // sum(shares) for share in shares]
    made = []
    for at, row in enumerate(padded):
        face, align = (Face.HEI, "center") if at == 0 else (Face.FANG, "left")
        look = Look(align, left=0.2, right=0.2, before=2.0, line=18.0)
        made.append([[paragraph([Run(value, face, word.TABLE)], look)] for value in row])
    thin = 0.18
    edges = word.borders(top=thin, left=thin, bottom=thin, right=thin, insideH=thin, insideV=thin)
    return word.table(made, widths, edges, header=True)


def _attachments(names: Sequence[str]) -> Iterator[Element]:
    """附件说明: turned lines align with the name's first character, 7.3.4."""
    for at, name in enumerate(names):
        place = f"{at + 1}." if len(names) > 1 else ""
        wide = word.cells_wide(place)
        lead = "附件：" if at == 0 else ""
        hang = wide + 3 if at == 0 else wide
        look = Look("left", left=5 + wide, first=-hang, before=LINE if at == 0 else 0)
        yield paragraph([Run(f"{lead}{place}{name}")], look)


def _attendance(paper: Paper) -> Iterator[Element]:
    for at, (label, names) in enumerate(sheet.seats_of(paper)):
        look = Look(left=5, first=-3, before=0 if at else LINE)
        yield paragraph([Run(f"{label}：", Face.HEI), Run(names)], look)


def _closing(paper: Paper) -> Iterator[Element]:
    day = sheet.day_text(paper.imprint.day)
    organs = (paper.issuer.title, *paper.issuer.joint)
    match sheet.closing_of(paper):
        case "NONE":
            return
        case "STAMPED":
            yield from _stamped(paper, day)
        case "SEALED":
            room = measures.SEAL_GAP + paper.issuer.seal_mm / 2 + measures.SEAL_ABOVE - measures.PITCH
            yield from _sealed(organs, day, room * POINTS)
        case _:
            yield from _plain(organs, day)


def _stamped(paper: Paper, day: str) -> Iterator[Element]:
    """签名章: the name is written by hand or stamped; here it stands in 楷体, 7.3.5.3."""
    imprint = paper.imprint
    name = imprint.signatories[0] if imprint.signatories else ""
    look = Look("right", right=4, before=2 * LINE, keep=True)
    yield paragraph([Run(f"{imprint.signatory_post}　　"), Run(name, Face.KAI, word.TITLE)], look)
    yield paragraph([Run(day)], Look("right", right=4, before=LINE))


def _sealed(organs: Sequence[str], day: str, room: float) -> Iterator[Element]:
    """The date 4 characters from the right, the name centred on it, room for the seal above, 7.3.5.1."""
    centre = 4 + word.cells_wide(day) / 2
    if len(organs) == 1:
        right = max(0.0, centre - word.cells_wide(organs[0]) / 2)
        yield paragraph([Run(organs[0])], Look("right", right=right, before=room, keep=True))
        yield paragraph([Run(day)], Look("right", right=4))
        return
    columns = 3 if len(organs) > 2 else 2
    slots = [""] * (-len(organs) % columns) + list(organs)  # the date stands under the last organ at the right
    middle = Look("center", before=room)
    cells = [[paragraph([Run(organ)], middle)] for organ in slots]
    cells[-1].append(paragraph([Run(day)], Look("center")))
    wide = round(measures.AREA_WIDTH * word.TWIPS) // columns
    yield word.table([cells[at : at + columns] for at in range(0, len(cells), columns)], [wide] * columns)


def _plain(organs: Sequence[str], day: str) -> Iterator[Element]:
    """Without a seal: name 2 characters from the right, the date begins 2 characters after it, 7.3.5.2."""
    wide, dated = max(map(word.cells_wide, organs)), word.cells_wide(day)
    date_right = max(2.0, wide - dated)
    right = date_right + dated + 2 - wide
    for at, organ in enumerate(organs):
        own = right + wide - word.cells_wide(organ)
        yield paragraph([Run(organ)], Look("right", right=own, before=0 if at else LINE, keep=True))
    yield paragraph([Run(day)], Look("right", right=date_right))


def _annex(annex: Annex, place: int) -> Iterator[Element]:
    """附件 on a new page: label on line 1, title on line 3, 7.3.7."""
    yield paragraph([Run(f"附件{place or ''}", Face.HEI)], Look(new_page=True, keep=True))
    lines = "\n".join(title.lines_of(annex.name))
    yield paragraph([Run(lines, Face.TITLE, word.TITLE)], Look("center", before=LINE, line=35.0, keep=True))
    yield paragraph([])
    for block in annex.body:
        yield from _block(block)


def _frozen(document: Document, paper: Paper) -> bytes:
    """The package with the paper's own day for every time in it."""
    day = datetime.combine(paper.imprint.day or NO_DAY, time(), UTC)
    facts = document.core_properties
    facts.title, facts.author = paper.content.title[:255], paper.issuer.title[:255]
    facts.created = facts.modified = day
    facts.last_modified_by, facts.comments, facts.revision = "", "", 1
    package = document.part.package
    for key in [key for key, rel in package.rels.items() if rel.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del package.rels[key]
    draft, out = io.BytesIO(), io.BytesIO()
    document.save(draft)
    with zipfile.ZipFile(draft) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            kept.writestr(zipfile.ZipInfo(name, ZIP_TIME), made.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
