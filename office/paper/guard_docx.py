"""A DOCX before any parser sees it: what kind of package it is, what it carries, and where it points.

One streaming pass (expat) over every XML part counts elements and stops at the first DOCTYPE. Refused: macros,
embedded objects, and every target outside the file except links a person clicks. A path on a drive of the
author's own machine (file:///C:\\…, which WPS writes into every file as its template) reaches nothing elsewhere and
is let through; a share (\\\\server) is not.
"""

import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.parsers import expat

from office.paper.guard import NEXT, Media, refuse
from office.paper.guard_zip import Sink, entries, is_text, pour

MOST_ELEMENTS: Final = 300_000
MOST_DEPTH: Final = 200
CONTENT_TYPES: Final = "[Content_Types].xml"
MAIN: Final = f"{Media.DOCX}.main+xml"

_LINK = re.compile(r"^(?:https?://|mailto:)", re.IGNORECASE)
_LOCAL_DRIVE = re.compile(r"^(?:file:///)?[A-Za-z]:[\\/](?!.*://)", re.IGNORECASE)
_FETCHING_FIELD = re.compile(  # a field's instruction begins its line; Word may write the name over several runs
    r"^\s*(?:(?:DDE|DDEAUTO|INCLUDETEXT|INCLUDE|IMPORT|LINK|DATABASE)\b"
    r"|INCLUDEPICTURE\s+\"?\s*(?!(?:file:///)?[A-Za-z]:[\\/]))",
    re.IGNORECASE | re.MULTILINE,
)
_OBJECTS = frozenset({"oleObject", "package", "control", "vbaProject", "wordVbaData", "attachedToolbars", "ctrlProp"})
_PULLED_IN = frozenset({"aFChunk", "subDocument", "frame"})
_PULLED_IN_ELEMENTS = frozenset({"altChunk", "subDoc", "frameset"})
_OBJECT_ELEMENTS = frozenset({"OLEObject", "control", "objectEmbed", "objectLink"})

_MACRO = "文件带宏（自动运行的程序），没有收下。请另存为不带宏的 .docx 后再传。"
_OBJECT = "文件里嵌有对象（如旧版公式、表格、控件），没有收下。请把它改成图片或文字，另存后再传。"
_OUTSIDE = "文件会从外面取内容（外部模板、图片或数据），没有收下。请把内容放进文件里，另存后再传。"


@dataclass(slots=True)
class Package:
    """What the streaming pass has seen of a package."""

    elements: int = 0
    main_parts: list[str] = field(default_factory=list)
    types: list[tuple[str, str]] = field(default_factory=list)  # part or ending, content type
    relations: list[tuple[str, str, str, bool]] = field(default_factory=list)  # of part, kind, target, external


class _Part:
    """One XML part: expat's handlers for it."""

    def __init__(self, name: str, package: Package) -> None:
        self._name = name
        self._package = package
        self._depth = 0
        self._field: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the part; an empty chunk ends it."""
        try:
            self._parser.Parse(chunk, not chunk)
        except (expat.ExpatError, LookupError, ValueError):
            refuse("xml_broken", "文件损坏，打不开。请重新保存后再传。")
        if not chunk and _FETCHING_FIELD.search("".join(self._field)):
            refuse("docx_field", _OUTSIDE)

    def _doctype(self, *_: object) -> None:
        refuse("xml_doctype", "文件里有 DOCTYPE 声明，能藏内容，没有收下。请用 Word 或 WPS 另存后再传。")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._package.elements += 1
        self._depth += 1
        if self._package.elements > MOST_ELEMENTS or self._depth > MOST_DEPTH:
            refuse("xml_elements", "文件的内容块过多，没有收下。请拆成几个文件。")
        name = tag.rpartition(" ")[2]
        if name in _WATCHED:
            self._watch(name, attributes)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if tag.endswith(" instrText"):
            self._parser.CharacterDataHandler = None

    def _watch(self, name: str, attributes: dict[str, str]) -> None:
        match name:
            case "Override" | "Default":
                of = attributes.get("PartName") or attributes.get("Extension", "")
                self._package.types.append((of, attributes.get("ContentType", "")))
            case "Relationship":
                kind = attributes.get("Type", "").rpartition("/")[2]
                external = attributes.get("TargetMode", "").lower() == "external"
                self._package.relations.append((self._name, kind, attributes.get("Target", "").strip(), external))
            case "instrText":
                self._parser.CharacterDataHandler = self._field.append
            case "fldChar":
                self._field.append("\n")
            case "fldSimple":
                self._field.extend(("\n", *(v for k, v in attributes.items() if k.endswith("instr")), "\n"))
            case _ if name in _PULLED_IN_ELEMENTS:
                refuse("docx_outside", _OUTSIDE)
            case _:
                refuse("docx_object", _OBJECT)


_WATCHED = (
    frozenset({"Override", "Default", "Relationship", "instrText", "fldChar", "fldSimple"})
    | _PULLED_IN_ELEMENTS
    | _OBJECT_ELEMENTS
)


def check(path: Path) -> tuple[zipfile.ZipFile, str]:
    """The open archive of a DOCX that passed every check, and its main part; RefusedFile otherwise."""
    archive = entries(path)
    names = {name.lower() for name in archive.namelist()}
    _check_names(names)
    package = Package()

    def sink_for(name: str) -> Sink | None:
        return _Part(name, package).feed if is_text(name) else None

    pour(archive, sink_for)
    main = main_part(package)
    _check_types(package, main)
    for of, kind, target, external in package.relations:
        _check_relation(of, kind, target, external=external)
    return archive, main


def _check_names(names: set[str]) -> None:
    if CONTENT_TYPES.lower() not in names:
        if "ofd.xml" in names:
            refuse("ofd", "还不能读 OFD 文件，没有收下。请从 OFD 阅读器导出为 PDF 后再传。")
        refuse("type", f"这是压缩包，不是 Word 文件，没有收下。{NEXT}")
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        refuse("docx_macro", _MACRO)
    if any("/embeddings/" in name or "/activex/" in name for name in names):
        refuse("docx_object", _OBJECT)


def _check_types(package: Package, main: str) -> None:
    kinds = [kind.lower() for _, kind in package.types]
    if any("macroenabled" in kind or "vbaproject" in kind for kind in kinds):
        refuse("docx_macro", _MACRO)
    if any("oleobject" in kind or "activex" in kind for kind in kinds):
        used = [k for of, k in package.types if of.startswith("/") and ("oleObject" in k or "activeX" in k)]
        if used:
            refuse("docx_object", _OBJECT)
    found = [kind for of, kind in package.types if of.lower() == f"/{main}".lower()]
    if found != [MAIN]:
        refuse("docx_main", f"这不是 Word 文档（.docx），没有收下。表格、幻灯片请导出为 PDF。{NEXT}")


def main_part(package: Package) -> str:
    """The name of the one main part that the package's root points to."""
    found = [t for of, kind, t, _ in package.relations if of == "_rels/.rels" and kind == "officeDocument"]
    if len(found) != 1:
        refuse("docx_main", f"这不是 Word 文档（.docx），没有收下。表格、幻灯片请导出为 PDF。{NEXT}")
    return found[0].removeprefix("/").removeprefix("./")


def _check_relation(of: str, kind: str, target: str, *, external: bool) -> None:
    if kind in _OBJECTS:
        refuse("docx_object" if kind != "vbaProject" else "docx_macro", _OBJECT)
    if kind in _PULLED_IN:
        refuse("docx_outside", _OUTSIDE)
    if not external:
        folder = of.replace("_rels/", "", 1).rpartition("/")[0]
        depth = len([step for step in folder.split("/") if step])
        if ":" in target.partition("#")[0] or target.startswith(("\\", "//")) or target.count("../") > depth:
            refuse("docx_outside", _OUTSIDE)
        return
    if kind in ("hyperlink", "attachedTemplate") and _LOCAL_DRIVE.match(target):
        return
    if kind != "hyperlink" or not _LINK.match(target):
        refuse("docx_outside", _OUTSIDE)
