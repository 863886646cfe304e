"""Sets a paper to GB/T 9704-2012 with Typst: the issued PDF, and pictures of its pages for the editor."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

import typst

from office.domain.document import Paper
from office.domain.errors import Invalid
from office.paper import fonts as font_files
from office.paper import measures, sheet
from office.paper.fonts import FontSet
from office.paper.sheet import Annex

MAIN = Path(__file__).with_name("gongwen.typ")
LABEL = MAIN.with_name("label.typ")
STANDARD: Final = "a-2b"
PREVIEW_PPI = 96.0
NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
# 7.3.5: where the closing does not fit, the pitch changes, as little as helps: a line fewer above or a line over.
SQUEEZES = (
    0.985, 0.97, 0.955, 1.02, 1.04, 0.94, 1.06, 0.925, 1.08, 0.91, 1.1, 0.895, 1.13, 0.88, 1.16, 0.86, 1.2, 0.84,
    1.24, 0.82, 1.28, 0.8, 1.32, 1.36,
)  # fmt: skip
T = TypeVar("T")
Inputs = dict[str, str]
MISSING_GLYPH = re.compile(r"the text ['\"‘“`](.+?)['\"’”`]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page (1 is the first): left, top, width, height in mm from the paper's top left corner."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a body block begins: page (1 is the first) and mm from the paper's top."""

    page: int
    y: float


@dataclass(frozen=True, slots=True)
class Rendered:
    """The PDF and where things lie in it; `seal_boxes` in the order of the organs, none where no seal belongs."""

    pdf: bytes
    pages: int
    seal_boxes: tuple[Box, ...]
    block_places: tuple[Place, ...]
    body_on_first_page: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """The pages as PNG pictures, `ppi` dots an inch, with the places of the body's blocks."""

    pages: tuple[bytes, ...]
    block_places: tuple[Place, ...]
    seal_boxes: tuple[Box, ...]
    ppi: float = PREVIEW_PPI


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the parts of one setting came to lie; `foot` is the colophon's height in mm."""

    pages: int
    blocks: tuple[Place, ...]
    seals: tuple[tuple[int, float, float], ...]
    closing: Place | None
    foot: float

    def show_body(self) -> bool:
        """Whether page 1 shows body text, 7.3.2."""
        return not self.blocks or self.blocks[0].page == 1

    def keep_together(self) -> bool:
        """Whether text stands above the closing on its page, 7.3.5."""
        closing = self.closing
        return closing is None or closing.page == 1 or closing.y > measures.TOP_MARGIN + measures.PITCH / 2


class _Press(threading.local):
    """The compilers of this thread, one a source: Typst's are not shared between threads, the fonts are."""

    def __init__(self) -> None:
        self.compilers: dict[Path, typst.Compiler] = {}
        self.fonts: FontSet | None = None

    def compiler(self, source: Path, fonts: FontSet) -> typst.Compiler:
        if self.fonts is not fonts:
            self.compilers, self.fonts = {}, fonts
        if source not in self.compilers:
            self.compilers[source] = typst.Compiler(str(source), root=str(source.parent), font_paths=fonts.fonts)
        return self.compilers[source]


_press = _Press()


def render(paper: Paper, *, annexes: Sequence[Annex] = (), fonts: FontSet | None = None) -> Rendered:
    """Return the PDF/A-2b of `paper`, the same bytes at every run; raise Invalid for a character no font has.

    Seals are set by signing, where `seal_boxes` say (7.3.5).
    """
    moment = _moment(paper)

    def run(compiler: typst.Compiler, inputs: Inputs) -> bytes:
        made = compiler.compile(
            format="pdf", sys_inputs=inputs, pdf_standards=[STANDARD], timestamp=moment, pdf_tags=False
        )
        return _files(made)[0]

    pdf, places = _laid_out(paper, annexes, fonts or font_files.find(), run)
    if places.foot > measures.AREA_HEIGHT:
        raise Invalid(
            "抄送的单位太多，版记在一页里放不下。", code="CopiesTooLong", article="GB/T 9704-2012 7.4",
            fix="请改用统称，如“各县市区人民政府”。",
        )  # fmt: skip
    return Rendered(pdf, places.pages, _boxes(paper, places), places.blocks, places.show_body())


def preview(
    paper: Paper, *, annexes: Sequence[Annex] = (), fonts: FontSet | None = None, ppi: float = PREVIEW_PPI
) -> Preview:
    """Return the pages as PNG pictures for the editor; an unknown character shows as a box instead of an error."""

    def run(compiler: typst.Compiler, inputs: Inputs) -> tuple[bytes, ...]:
        return _files(compiler.compile(format="png", sys_inputs=inputs, ppi=ppi, timestamp=_moment(paper)))

    pages, places = _laid_out(paper, annexes, fonts or font_files.find(), run)
    return Preview(pages, places.blocks, _boxes(paper, places), ppi)


def label(text: str, *, fonts: FontSet | None = None) -> bytes:
    """One line of 三号黑体 as a PDF as large as the line, to be laid over another page; same text, same bytes."""
    found = fonts or font_files.find()
    values = {"text": text, "font": list(found.families[font_files.Role.HEI])}
    inputs = {"paper": json.dumps(values, ensure_ascii=False)}
    try:
        made = _press.compiler(LABEL, found).compile(
            format="pdf", sys_inputs=inputs, pdf_standards=[STANDARD], timestamp=NO_DAY,
            pdf_tags=False,
        )  # fmt: skip
    except typst.TypstError as error:
        raise _refusal(error) from error
    return _files(made)[0]


def _files(made: bytes | list[bytes] | None) -> tuple[bytes, ...]:
    """What Typst hands back: one file, or one a page."""
    return tuple(made) if isinstance(made, list) else (made or b"",)


def _moment(paper: Paper) -> datetime:
    """The day of the paper, so that no clock reaches the file."""
    day = paper.imprint.day
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else NO_DAY


def _laid_out(
    paper: Paper, annexes: Sequence[Annex], fonts: FontSet, run: Callable[[typst.Compiler, Inputs], T]
) -> tuple[T, _Places]:
    """Set the paper; again when page 1 shows no body or the seal lies on a page without text."""
    values = sheet.values_of(paper, fonts, annexes)
    output, places = _printed(values, fonts, run)
    if places.keep_together() and (places.show_body() or not values["principal"]):
        return output, places
    return _printed(_mended(values, places, fonts), fonts, run)


def _mended(values: Mapping[str, object], places: _Places, fonts: FontSet) -> Mapping[str, object]:
    """The values with which the paper keeps to 7.3.2 and 7.3.5; as they were, where nothing helps."""
    if values["principal"] and not places.show_body():
        values = {**values, "principal_moved": True}
        places = _measured(values, fonts)
    if places.keep_together():
        return values
    for squeeze in SQUEEZES:
        tried = {**values, "squeeze": squeeze}
        found = _measured(tried, fonts)
        if found.keep_together() and found.show_body():
            return tried
    return values


def _inputs(values: Mapping[str, object]) -> Inputs:
    return {"paper": json.dumps(values, ensure_ascii=False)}


def _printed(
    values: Mapping[str, object], fonts: FontSet, run: Callable[[typst.Compiler, Inputs], T]
) -> tuple[T, _Places]:
    compiler = _press.compiler(MAIN, fonts)
    try:
        return run(compiler, _inputs(values)), _places(compiler)
    except typst.TypstError as error:
        raise _refusal(error) from error


def _measured(values: Mapping[str, object], fonts: FontSet) -> _Places:
    """Only laid out, without any file: half the time."""
    compiler = typst.Compiler(str(MAIN), root=str(MAIN.parent), font_paths=fonts.fonts, sys_inputs=_inputs(values))
    return _places(compiler)


def _places(compiler: typst.Compiler) -> _Places:
    named: dict[str, list[list[float]]] = {}
    for name, *rest in json.loads(compiler.query("<places>", field="value", one=True)):
        named.setdefault(name, []).append(rest)
    closing = next((Place(int(page), y) for _index, page, _x, y in named.get("closing", [])), None)
    return _Places(
        pages=int(named["end"][0][1]),
        blocks=tuple(Place(int(page), y) for index, page, _x, y in named.get("block", []) if index >= 0),
        seals=tuple((int(page), x, y) for _index, page, x, y in named.get("seal", [])),
        closing=closing,
        foot=max((height for _index, _page, _x, height in named.get("foot", [])), default=0.0),
    )


def _refusal(error: typst.TypstError) -> Exception:
    found = MISSING_GLYPH.search(error.message)
    if found is None:
        return error
    return Invalid(
        f"“{found.group(1)[:8]}”这个字没有字体可以印出，正式文件不能缺字。",
        code="NoGlyph",
        fix="请换一个写法，或请管理员在字体文件夹中装入带有这个字的字体。",
    )


def _boxes(paper: Paper, places: _Places) -> tuple[Box, ...]:
    size = paper.issuer.seal_mm
    return tuple(Box(page, x, y, size, size) for page, x, y in places.seals)
