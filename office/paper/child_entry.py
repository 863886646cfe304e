"""The child: reads one file and dies. `python -m office.paper.child_entry FOLDER MEMORY CPU [warm]`.

One line of JSON comes in (`Request`), one JSON document goes out (`Answer`). Only what the file's type needs is
imported, unless `warm` says that there is time to spare before the file comes.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import msgspec

from office.domain.errors import RefusedFile
from office.domain.secrecy import FILE_NAME, Part, Tier, judge
from office.paper import child_jail, guard
from office.paper.guard import Media, refuse
from office.paper.reading_result import MOST_ANSWER, Answer, Reading, Refusal, Request
from office.paper.reading_source import Source

FILE = "file"
_TOO_MUCH = "文件太复杂，没有收下。请拆成几个文件，或用 Word、WPS 另存后再传。"


def read(path: Path, request: Request) -> Reading:
    """Check the container, read, look for marks, and take the draft out of it where asked."""
    media = guard.sniff(path)
    source = _SOURCES[media](path, media)
    finding = judge([Part(FILE_NAME, request.name), *source.parts])
    if finding is not None and finding.tier is Tier.HARD:
        refuse(finding.rule, finding.sentence)
    if not request.draft:
        return Reading(media, source.pages, question=finding)
    if media not in (Media.DOCX, Media.PDF):
        refuse("not_a_draft", "图片里读不出公文。请传 Word（.docx）或 PDF，图片可作附件。")
    from office.paper.intake import recognise

    return Reading(media, source.pages, recognise(source), finding)


def _docx(path: Path, _: Media) -> Source:
    from office.paper import guard_docx, reading_docx

    archive, main = guard_docx.check(path)
    with archive:
        return reading_docx.read(archive, main)


def _pdf(path: Path, _: Media) -> Source:
    from office.paper import guard_pdf, reading_pdf

    return reading_pdf.read(*guard_pdf.check(path))


def _picture(path: Path, media: Media) -> Source:
    from office.paper import guard_picture

    return Source(parts=guard_picture.check(path, media), pages=1)


_SOURCES: dict[Media, Callable[[Path, Media], Source]] = {
    Media.DOCX: _docx, Media.PDF: _pdf, Media.PNG: _picture, Media.JPEG: _picture,
}  # fmt: skip


def answer(path: Path, request: Request) -> bytes:
    """The JSON to hand back, whatever happens."""
    try:
        data = msgspec.json.encode(Answer(reading=read(path, request)))
    except RefusedFile as refused:
        return _refusal(refused.rule, refused.sentence, refused.fix)
    except MemoryError:
        return _refusal("child_memory", _TOO_MUCH)
    except Exception as error:
        return _refusal(f"unreadable_{type(error).__name__}", "文件读不懂，没有收下。请用 Word 或 WPS 另存后再传。")
    return data if len(data) <= MOST_ANSWER else _refusal("answer_size", _TOO_MUCH)


def _refusal(rule: str, sentence: str, fix: str = "") -> bytes:
    return msgspec.json.encode(Answer(refusal=Refusal(rule, sentence, fix)))


def _warm_up() -> None:
    for name in ("guard_docx", "guard_pdf", "reading_docx", "reading_pdf"):
        import_module(f"office.paper.{name}")


def main(arguments: list[str]) -> None:
    """Read one request, answer it, end."""
    folder, memory, cpu = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    if arguments[3:] == ["warm"]:
        _warm_up()
    child_jail.enter(memory=memory)
    line = sys.stdin.buffer.readline(65_536)
    if not line:
        return  # nobody came
    request = msgspec.json.decode(line, type=Request)
    child_jail.start_clock(cpu=cpu)
    child_jail.lock()
    sys.stdout.buffer.write(answer(folder / FILE, request))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
