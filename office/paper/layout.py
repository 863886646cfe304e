"""Sets a paper to GB/T 9704-2012 with Typst: the issued PDF, and pictures of its pages for the editor."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Generic, TypeVar

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
# 7.3.5: no seal on a page without text; first tighten the lines, then loosen them.
SQUEEZES = (0.985, 0.97, 0.955, 1.02, 1.04, 1.06, 1.08, 1.1)
T = TypeVar("T")
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
class _Setting(Generic[T]):
    """One way to set the paper, and where its parts came to lie."""

    output: T
    pages: int
    blocks: tuple[Place, ...]
    seals: tuple[tuple[int, float, float], ...]
    closing: Place | None


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

    def run(compiler: typst.Compiler, inputs: dict[str, str]) -> bytes:
        made = compiler.compile(
            format="pdf", sys_inputs=inputs, pdf_standards=[STANDARD], timestamp=moment, pdf_tags=False
        )
        return _files(made)[0]

    done = _best(paper, annexes, fonts or font_files.find(), run)
    return Rendered(
        pdf=done.output,
        pages=done.pages,
        seal_boxes=_boxes(paper, done),
        block_places=done.blocks,
        body_on_first_page=_shows_body(done),
    )


def preview(
    paper: Paper, *, annexes: Sequence[Annex] = (), fonts: FontSet | None = None, ppi: float = PREVIEW_PPI
) -> Preview:
    """Return the pages as PNG pictures for the editor; an unknown character shows as a box instead of an error."""

    def run(compiler: typst.Compiler, inputs: dict[str, str]) -> tuple[bytes, ...]:
        return _files(compiler.compile(format="png", sys_inputs=inputs, ppi=ppi, timestamp=_moment(paper)))

    done = _best(paper, annexes, fonts or font_files.find(), run)
    return Preview(done.output, done.blocks, _boxes(paper, done), ppi)


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


def _best(
    paper: Paper, annexes: Sequence[Annex], fonts: FontSet, run: Callable[[typst.Compiler, dict[str, str]], T]
) -> _Setting[T]:
    """Set the paper; again when page 1 shows no body (7.3.2) or the seal lies on a page without text (7.3.5)."""
    values = sheet.values_of(paper, fonts, annexes)
    compiler = _press.compiler(MAIN, fonts)
    first = _set(compiler, values, run)
    if values["principal"] and not _shows_body(first):
        values["principal_moved"] = True
        first = _set(compiler, values, run)
    if _is_kept_together(first):
        return first
    for squeeze in SQUEEZES:
        tried = _set(compiler, {**values, "squeeze": squeeze}, run)
        if _is_kept_together(tried):
            return tried
    return first


def _shows_body(done: _Setting[T]) -> bool:
    return not done.blocks or done.blocks[0].page == 1


def _is_kept_together(done: _Setting[T]) -> bool:
    """Whether text stands above the closing on its page."""
    return done.closing is None or done.closing.page == 1 or done.closing.y > measures.TOP_MARGIN + measures.PITCH / 2


def _set(
    compiler: typst.Compiler, values: Mapping[str, object], run: Callable[[typst.Compiler, dict[str, str]], T]
) -> _Setting[T]:
    inputs = {"paper": json.dumps(values, ensure_ascii=False)}
    try:
        output = run(compiler, inputs)
        places = json.loads(compiler.query("<places>", field="value", one=True))
    except typst.TypstError as error:
        raise _refusal(error) from error
    named: dict[str, list[list[float]]] = {}
    for name, *rest in places:
        named.setdefault(name, []).append(rest)
    blocks = tuple(Place(int(page), y) for index, page, _x, y in named.get("block", []) if index >= 0)
    closing = next((Place(int(page), y) for _index, page, _x, y in named.get("closing", [])), None)
    seals = tuple((int(page), x, y) for _index, page, x, y in named.get("seal", []))
    return _Setting(output, int(named["end"][0][1]), blocks, seals, closing)


def _refusal(error: typst.TypstError) -> Exception:
    found = MISSING_GLYPH.search(error.message)
    if found is None:
        return error
    return Invalid(
        f"“{found.group(1)[:8]}”这个字没有字体可以印出，正式文件不能缺字。",
        code="NoGlyph",
        fix="请换一个写法，或请管理员在字体文件夹中装入带有这个字的字体。",
    )


def _boxes(paper: Paper, done: _Setting[T]) -> tuple[Box, ...]:
    size = paper.issuer.seal_mm
    return tuple(Box(page, x, y, size, size) for page, x, y in done.seals)
