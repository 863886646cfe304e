"""印制: setting, merging and sealing papers at the edge, in threads, with what was set kept for a while."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from office.domain.document import Paper
from office.domain.errors import Invalid, NotFound
from office.paper import docx, layout, pdf
from office.paper.picture import page_picture
from office.service.outgoing import SealJob
from office.sign.provider import SealPlace, SignatureProvider
from office.store.blobs import Blobs

T = TypeVar("T")
KEPT = 256  # rendered pages and files
PAGE_INCHES = 210 / 25.4  # the width of A4
MERGED = "application/pdf"
MOST_BYTES = 64 << 20  # of pictures kept for editors
LONG_TEXT = 8_000  # characters; twenty pages are drawn smaller, so that they are there within a second
SMALLER_PPI = 64.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A draft drawn for the editor: each page's name (from its own picture) and where the blocks begin."""

    names: tuple[str, ...]
    places: tuple[layout.Place, ...]


class Press:
    """One owner of the setting threads and of what they made lately."""

    def __init__(self, blobs: Blobs, provider: SignatureProvider, *, threads: int = 2) -> None:
        self._blobs = blobs
        self._provider = provider
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="press")
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._drawn: OrderedDict[str, Drawn] = OrderedDict()
        self._pictures: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0

    async def close(self) -> None:
        """Wait for running work, then let the threads go."""
        await asyncio.to_thread(self._pool.shutdown, wait=True)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def _keep(self, key: str, make: Callable[[], bytes]) -> bytes:
        found = self._kept.get(key)
        if found is None:
            found = await self._run(make)
            self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(key)
        return found

    async def drawn(self, document_id: int, paper: Paper) -> Drawn:
        """The pages drawn for the editor and kept a while; the same content is not drawn twice."""
        key = f"{document_id}:{_fingerprint(paper)}"
        found = self._drawn.get(key)
        if found is not None and all(f"{document_id}:{name}" in self._pictures for name in found.names):
            return found
        ppi = SMALLER_PPI if len(paper.content.text()) > LONG_TEXT else layout.PREVIEW_PPI
        made, names = await self._run(lambda: _draw(paper, ppi))
        for name, data in zip(names, made.pages, strict=True):
            self._hold(f"{document_id}:{name}", data)
        self._drawn[key] = Drawn(names, made.block_places)
        while len(self._drawn) > KEPT:
            self._drawn.popitem(last=False)
        return self._drawn[key]

    def drawn_page(self, document_id: int, name: str) -> bytes | None:
        """A page that `drawn` made for this document, while it is kept."""
        return self._pictures.get(f"{document_id}:{name}")

    def _hold(self, key: str, data: bytes) -> None:
        """Keep a picture; the oldest go first when there is too much of them."""
        known = self._pictures.pop(key, None)
        self._bytes += len(data) - (len(known) if known is not None else 0)
        self._pictures[key] = data
        while self._bytes > MOST_BYTES:
            _, oldest = self._pictures.popitem(last=False)
            self._bytes -= len(oldest)

    async def page(self, paper: Paper, number: int, width: int) -> bytes:
        """One page as a PNG of `width` pixels; NotFound when there is no such page."""
        try:
            data = await self.draft_pdf(paper)
        except Invalid:  # a character no font has: a draft shows a box there, only an issued file is refused
            return await self._boxed_page(paper, number, width)
        return await self._keep(
            f"{_fingerprint(paper)}:{number}:{width}", lambda: page_picture(data, number, width=width)
        )

    async def _boxed_page(self, paper: Paper, number: int, width: int) -> bytes:
        pages = (await self._run(lambda: layout.preview(paper, ppi=width / PAGE_INCHES))).pages
        if not 1 <= number <= len(pages):
            raise NotFound
        return pages[number - 1]

    async def page_of_file(self, blob: str, number: int, width: int) -> bytes:
        """One page of an issued file as a PNG; NotFound when there is no such page."""
        key = f"{blob}:{number}:{width}"
        data = b"" if key in self._kept else await self._blobs.get(blob)
        return await self._keep(key, lambda: page_picture(data, number, width=width))

    async def draft_pdf(self, paper: Paper) -> bytes:
        """The paper as it would be set now, without a seal."""
        return await self._keep(f"{_fingerprint(paper)}:pdf", lambda: layout.render(paper).pdf)

    async def page_count(self, paper: Paper) -> int:
        """How many pages the paper has."""
        try:
            return pdf.page_count(await self.draft_pdf(paper))
        except Invalid:
            return len((await self._run(lambda: layout.preview(paper))).pages)

    async def word(self, paper: Paper) -> bytes:
        """The same paper as DOCX."""
        return await self._keep(f"{_fingerprint(paper)}:docx", lambda: docx.write(paper))

    async def seal(self, job: SealJob) -> tuple[bytes, int]:
        """Set, merge with the PDF attachments, seal; nothing rewrites the file afterwards. Bytes and pages."""
        number, count = job.paper.imprint.number, len(job.attachments)
        extra = [
            pdf.Bound(file.name, await self._blobs.get(file.blob), pdf.label_of(number, index, count))
            for index, file in enumerate(job.attachments, 1)
            if file.media == MERGED
        ]

        def make() -> tuple[bytes, int]:
            rendered = layout.render(job.paper)
            whole = pdf.merge(rendered.pdf, extra) if extra else rendered.pdf
            sealed = self._provider.seal(whole, _places(job, rendered), reason="用印")
            return sealed, pdf.page_count(sealed)

        return await self._run(make)


def _places(job: SealJob, rendered: layout.Rendered) -> list[SealPlace]:
    """A seal for every organ, on its name; where the format has none (minutes, orders) a signature without picture."""
    if not rendered.seal_boxes:
        return [SealPlace(organ, title, 1, 0.0, 0.0, 0.0) for organ, title, _ in job.seal_organs]
    return [
        SealPlace(organ, title, box.page, box.x + box.width / 2, box.y + box.height / 2, diameter)
        for (organ, title, diameter), box in zip(job.seal_organs, rendered.seal_boxes, strict=True)
    ]


def _fingerprint(paper: Paper) -> str:
    return hashlib.sha256(msgspec.json.encode(paper)).hexdigest()


def _draw(paper: Paper, ppi: float) -> tuple[layout.Preview, tuple[str, ...]]:
    made = layout.preview(paper, ppi=ppi)
    return made, tuple(hashlib.sha256(data).hexdigest()[:32] for data in made.pages)
