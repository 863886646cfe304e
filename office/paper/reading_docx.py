"""A checked DOCX to lines and tables in order; inserted text counts, deleted and hidden text only for the guard."""

import re
import zipfile
from dataclasses import dataclass, field

from office.domain.secrecy import BODY, Part
from office.paper.reading_numbers import Numbers
from office.paper.reading_source import Grid, Item, Line, Source
from office.paper.reading_styles import Styles, over, own_look
from office.paper.reading_xml import Element, attribute, child, local, parse

_WHERE = (
    ("word/header", "页眉"), ("word/footer", "页脚"), ("word/comments", "批注"), ("word/footnotes", "脚注"),
    ("word/endnotes", "尾注"), ("docprops/", "文件属性"), ("word/glossary/", "文档部件"), ("word/diagrams/", "图示"),
    ("word/charts/", "图表"), ("customxml/", "附加数据"), ("word/people", "批注"),
)  # fmt: skip
_QUIET = ("theme/", "styles.xml", "styleswitheffects.xml", "fonttable.xml", "websettings.xml", "settings.xml")
_WINGDINGS_STARS = frozenset({"F0AB", "F0B6", "00AB"})
_PASSED = frozenset(
    {"ins", "hyperlink", "smartTag", "sdt", "sdtContent", "customXml", "fldSimple", "moveTo", "dir", "bdo", "r"}
)
_REMOVED = frozenset({"del", "moveFrom"})
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SPACES = re.compile(r"[ \t\u3000\xa0]+$|^[ \t\u3000\xa0]+")


@dataclass(slots=True)
class _Aside:
    """Text of the main part that is not in its visible lines."""

    deleted: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    tracked: bool = False
    noted: bool = False  # a foot- or endnote is referred to


def read(archive: zipfile.ZipFile, main: str) -> Source:
    """Everything a DOCX says."""
    by_name = {name.lower(): name for name in archive.namelist()}

    def root(name: str) -> Element | None:
        found = by_name.get(name.lower())
        return parse(archive.read(found)) if found else None

    folder = main.rpartition("/")[0]
    walker = _Walker(Styles(root(f"{folder}/styles.xml")), Numbers(root(f"{folder}/numbering.xml")))
    document = root(main)
    body = child(document, "body") if document is not None else None
    items = list(walker.items(body)) if body is not None else []
    source = Source(items=items, tracked_changes=walker.aside.tracked, notes=_notes(walker.aside))
    source.parts.extend(_parts(items, walker.aside))
    for lowered, name in by_name.items():
        if name != main and lowered.endswith(".xml") and not lowered.endswith(_QUIET):
            source.parts.append(Part(_where(lowered), _all_text(parse(archive.read(name)))))
    return source


def _where(name: str) -> str:
    return next((where for start, where in _WHERE if name.startswith(start)), "文件的附加部分")


def _all_text(root: Element) -> str:
    """Text of any part, a paragraph or a property a line; what people fill into attributes has lines of its own."""
    lines: list[str] = []
    piece: list[str] = []
    for one in root.iter():
        name = local(one)
        if name in ("p", "property") or (len(one) == 0 and one.text and name not in _INLINE):
            lines.append("".join(piece))
            piece = []
        piece.append(_star(one) if name == "sym" else one.text or "")
        lines.extend(filter(None, (attribute(one, key) for key in _FILLED_IN)))
    return "\n".join([*lines, "".join(piece)])


_INLINE = frozenset({"t", "delText", "instrText"})
_FILLED_IN = ("name", "descr", "title", "author", "string", "alt")  # `string`: a watermark's words


def _star(symbol: Element) -> str:
    return "★" if attribute(symbol, "char").upper() in _WINGDINGS_STARS else ""


def _parts(items: list[Item], aside: _Aside) -> list[Part]:
    lines: list[str] = []
    for item in items:
        lines.extend([item.text] if isinstance(item, Line) else (cell for row in item.rows for cell in row))
    return [
        Part(BODY, "\n".join(lines)),
        Part("已删除的修订文字", "\n".join(["".join(aside.deleted), *aside.deleted])),
        Part("隐藏文字", "".join(aside.hidden)),
        Part("文本框", "\n".join(aside.boxes)),
        Part("域代码", "\n".join(aside.codes)),
    ]


def _notes(aside: _Aside) -> list[str]:
    notes = []
    if aside.tracked:
        notes.append("原文件有修订痕迹：已按接受修订取字，删去的文字没有取。请核对。")
    if any(text.strip() for text in aside.boxes):
        notes.append("文本框里的文字没有取入正文。请核对。")
    if "".join(aside.hidden).strip():
        notes.append("原文件有隐藏文字，没有取入正文。请核对。")
    if aside.noted:
        notes.append("脚注、尾注没有取入正文。请核对。")
    return notes


class _Walker:
    """Goes through the body once, in order; counts numbers on the way."""

    def __init__(self, styles: Styles, numbers: Numbers) -> None:
        self._styles = styles
        self._numbers = numbers
        self._carried = ""  # of a paragraph whose end mark was deleted
        self.aside = _Aside()

    def items(self, parent: Element) -> list[Item]:
        """Paragraphs and tables under an element, through every wrapper."""
        found: list[Item] = []
        for one in parent:
            match local(one):
                case "p":
                    found.extend(self._paragraph(one))
                case "tbl":
                    found.extend(self._table(one))
                case "moveFrom" | "del":
                    self._keep_deleted(one)
                case name if name in _PASSED:
                    self.aside.tracked |= name in ("ins", "moveTo")
                    found.extend(self.items(one))
                case _:
                    continue
        return found

    def _paragraph(self, one: Element) -> list[Item]:
        properties = child(one, "pPr")
        run = next((r for r in one.iter() if local(r) == "r" and child(r, "t") is not None), None)
        own = own_look(properties, child(run, "rPr"))
        look = over(own, self._styles.of(attribute(child(properties, "pStyle"), "val")))
        text = self._carried + self._text(one)
        self._carried = ""
        marks = child(properties, "rPr")
        self.aside.tracked |= child(marks, "ins") is not None or child(properties, "pPrChange") is not None
        if child(marks, "del") is not None:
            self.aside.tracked, self._carried = True, text
            return []
        if look.number is not None and look.number[0] != "0" and text.strip():
            text = self._numbers.next(*look.number) + text.lstrip(" \t\u3000")
        centred, right = look.align == "center", look.align in ("right", "end")
        return [Line(_SPACES.sub("", line), centred, right, look.size, look.contents) for line in text.split("\n")]

    def _text(self, parent: Element) -> str:
        pieces: list[str] = []
        for one in parent:
            name = local(one)
            if name in _REMOVED:
                self._keep_deleted(one)
            elif name == "r":
                pieces.append(self._run(one))
            elif name in _PASSED:
                self.aside.tracked |= name in ("ins", "moveTo")
                pieces.append(self._text(one))
        return "".join(pieces)

    def _run(self, run: Element) -> str:
        text = "".join(self._piece(one) for one in run)
        vanish = child(run, "rPr", "vanish")
        if vanish is not None and attribute(vanish, "val") not in ("0", "false", "off"):
            self.aside.hidden.append(text)
            return ""
        return text

    def _piece(self, one: Element) -> str:
        name = local(one)
        match name:
            case "t":
                return one.text or ""
            case "sym":
                return _star(one)
            case "ruby":
                base = child(one, "rubyBase")
                return self._text(base) if base is not None else ""
            case _ if name in _SIGNS:
                return _SIGNS[name]
            case _:
                self._set_aside(one, name)
                return ""

    def _set_aside(self, one: Element, name: str) -> None:
        match name:
            case "delText":
                self._keep_deleted(one)
            case "instrText":
                self.aside.codes.append(one.text or "")
            case "footnoteReference" | "endnoteReference":
                self.aside.noted = True
            case "drawing" | "pict" | "object" | "AlternateContent":
                self.aside.boxes.extend(_box_texts(one))
            case _:
                return

    def _keep_deleted(self, one: Element) -> None:
        self.aside.tracked = True
        self.aside.deleted.append(
            "".join(t.text or "" for t in one.iter() if local(t) in ("t", "delText", "delInstrText"))
        )

    def _table(self, table: Element) -> list[Item]:
        rows = [self._row(one) for one in _rows_of(table)]
        rows = [row for row in rows if row]
        if not rows:
            return []
        if len(rows) == 1 and len(rows[0]) == 1:  # a frame around text, not a table
            return [Line(text.strip()) for text in rows[0][0].split("\n")]
        width = max(len(row) for row in rows)
        return [Grid(tuple(tuple(row + [""] * (width - len(row))) for row in rows))]

    def _row(self, row: Element) -> list[str]:
        cells: list[str] = []
        for cell in _cells_of(row):
            properties = child(cell, "tcPr")
            merge = child(properties, "vMerge")
            follows = merge is not None and attribute(merge, "val") != "restart"
            text = self._cell(cell)
            cells.append("" if follows else text)
            span = attribute(child(properties, "gridSpan"), "val")
            cells.extend([""] * (min(int(span), 64) - 1 if span.isdigit() and len(span) < 4 else 0))
        return cells

    def _cell(self, cell: Element) -> str:
        lines: list[str] = []
        for item in self.items(cell):
            lines.extend([item.text] if isinstance(item, Line) else ("　".join(row) for row in item.rows))
        return "\n".join(line for line in lines if line).strip()


def _rows_of(table: Element) -> list[Element]:
    return _through(table, "tr")


def _cells_of(row: Element) -> list[Element]:
    return _through(row, "tc")


def _through(parent: Element, name: str) -> list[Element]:
    """Children of that name, also inside content controls and tracked wrappers."""
    found: list[Element] = []
    for one in parent:
        if local(one) == name:
            found.append(one)
        elif local(one) in ("sdt", "sdtContent", "customXml", "ins"):
            found.extend(_through(one, name))
    return found


def _box_texts(one: Element) -> list[str]:
    """Text boxes and the descriptions of pictures, a paragraph a line, and each box once more in one piece."""
    found = []
    for box in one.iter():
        name = local(box)
        if name == "txbxContent":
            lines = [_plain(p) for p in box.iter() if local(p) == "p"]
            found.extend(["\n".join(lines), "".join(lines)])
        else:
            found.extend(filter(None, (attribute(box, key) for key in ("descr", "title", "string", "alt"))))
    return found


def _plain(paragraph: Element) -> str:
    return "".join(t.text or "" for t in paragraph.iter() if local(t) in ("t", "delText"))
