"""The press: sealed files of one organ, several, and none to be seen; what was set is kept."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from office.domain.document import Paper
from office.domain.errors import Invalid, NotFound
from office.service.outgoing import SealJob
from office.sign.local import LocalProvider
from office.sign.provider import Outcome, Verdict
from office.store.blobs import Blobs
from office.store.documents import Attachment
from tests.paper.measuring import pages_of
from tests.paper.papers import SAMPLES, text
from web.press import Press

PDF, WORD = "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.fixture
def provider(tmp_path: Path) -> LocalProvider:
    return LocalProvider(tmp_path, demo=True)


@pytest.fixture
def blobs() -> Blobs:
    return Blobs.open("memory://")


@pytest.fixture
async def press(blobs: Blobs, provider: LocalProvider) -> AsyncIterator[Press]:
    made = Press(blobs, provider)
    yield made
    await made.close()


async def verdict_of(provider: LocalProvider, sealed: bytes) -> Verdict:
    """Judged in a thread, as the pages do it: nothing blocks the loop."""
    return await asyncio.to_thread(provider.verify, sealed)


def job(paper: Paper, attachments: tuple[Attachment, ...] = ()) -> SealJob:
    organs = (paper.issuer.title, *paper.issuer.joint)
    seals = tuple((at, organ, paper.issuer.seal_mm) for at, organ in enumerate(organs, 1))
    return SealJob(1, 1, paper, attachments, seals, "")


def attachment(place: int, name: str, blob: str, media: str) -> Attachment:
    return Attachment(place, 1, name, blob, 1, media, 1, place)


@pytest.mark.parametrize(("name", "count"), [("notice", 1), ("joint of two", 2), ("joint of three", 3), ("request", 1)])
async def test_every_organ_of_a_paper_seals_it(press: Press, provider: LocalProvider, name: str, count: int) -> None:
    paper = SAMPLES[name].paper
    sealed, pages = await press.seal(job(paper))
    verdict = await verdict_of(provider, sealed)
    assert verdict.outcome is Outcome.GENUINE
    assert [seal.title for seal in verdict.seals] == [paper.issuer.title, *paper.issuer.joint]
    assert len(verdict.seals) == count
    assert pages == len(pages_of(sealed))
    assert len(seal_pictures(sealed)) == count


@pytest.mark.parametrize("name", ["minutes", "order", "unsealed"])
async def test_what_carries_no_seal_is_signed_without_a_picture(
    press: Press, provider: LocalProvider, name: str
) -> None:
    sealed, _ = await press.seal(job(SAMPLES[name].paper))
    assert (await verdict_of(provider, sealed)).outcome is Outcome.GENUINE
    assert seal_pictures(sealed) == []


async def test_pdf_attachments_are_bound_behind_and_the_whole_is_sealed(
    press: Press, provider: LocalProvider, blobs: Blobs
) -> None:
    list_of_names = await blobs.put(await press.draft_pdf(SAMPLES["long letter"].paper))
    files = (
        attachment(1, "责任人名单.docx", await blobs.put(b"PK"), WORD),
        attachment(2, "办法.pdf", list_of_names, PDF),
    )
    sealed, pages = await press.seal(job(SAMPLES["notice"].paper, files))
    assert pages == 2 + 3
    assert pages_of(sealed)[2].lines[0].text == "咸政发〔2026〕3号附件2"
    assert (await verdict_of(provider, sealed)).outcome is Outcome.GENUINE
    assert len(seal_pictures(sealed)) == 1


async def test_a_broken_attachment_stops_the_seal_and_is_named(press: Press, blobs: Blobs) -> None:
    files = (attachment(1, "办法.pdf", await blobs.put(b"%PDF-1.7 nothing"), PDF),)
    with pytest.raises(Invalid, match=r"办法\.pdf"):
        await press.seal(job(SAMPLES["notice"].paper, files))


async def test_pages_of_drafts_and_files_are_pictures_and_an_absent_page_is_no_page(press: Press, blobs: Blobs) -> None:
    paper = SAMPLES["notice"].paper
    first = await press.page(paper, 1, 300)
    assert first.startswith(b"\x89PNG")
    assert await press.page(paper, 1, 300) is first
    issued = await blobs.put(await press.draft_pdf(paper))
    assert await press.page_of_file(issued, 1, 300) == first
    assert await press.page_count(paper) == 2
    for page in (0, 3):
        with pytest.raises(NotFound):
            await press.page(paper, page, 300)
        with pytest.raises(NotFound):
            await press.page_of_file(issued, page, 300)


async def test_a_draft_with_a_character_no_font_has_can_still_be_seen(press: Press) -> None:
    paper = SAMPLES["notice"].paper
    strange = replace(paper, content=replace(paper.content, body=(text("一个\U0001f9a4字"),)))
    assert await press.page_count(strange) == 2
    assert (await press.page(strange, 1, 300)).startswith(b"\x89PNG")
    with pytest.raises(NotFound):
        await press.page(strange, 3, 300)
    with pytest.raises(Invalid, match="没有字体"):
        await press.seal(job(strange))


async def test_another_number_is_another_page(press: Press) -> None:
    paper = SAMPLES["notice"].paper
    other = replace(paper, imprint=replace(paper.imprint, number="咸政发〔2026〕4号"))
    assert await press.page(paper, 1, 300) != await press.page(other, 1, 300)
    assert await press.word(paper) != await press.word(other)


def seal_pictures(sealed: bytes) -> list[float]:
    """The widths, in mm, of the seals that can be seen."""
    found = []
    for page in pypdf.PdfReader(io.BytesIO(sealed)).pages:
        for note in page.annotations or ():
            left, _, right, _ = (float(edge) for edge in note.get_object()["/Rect"])
            if right > left:
                found.append((right - left) * 25.4 / 72)
    return found
