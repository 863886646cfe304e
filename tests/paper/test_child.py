"""The limited child: real processes with real limits, and nothing left of them."""

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from office.domain.errors import RefusedFile, TooBusy
from office.paper.child import Limits, Readers
from office.paper.guard import Media
from tests.paper import makers as m

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def readers() -> AsyncIterator[Readers]:
    pool = Readers()
    await pool.open()
    yield pool
    await pool.close()


def _left() -> list[str]:
    return [name for name in os.listdir(tempfile.gettempdir()) if name.startswith("yiwang-read-")]  # noqa: PTH208


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


async def test_files_are_read_one_child_each(readers: Readers, tmp_path: Path) -> None:
    place = tmp_path / "there"
    place.write_bytes(m.docx())

    async def pieces() -> AsyncIterator[bytes]:
        for byte in m.pdf("关于防汛工作的通知\n各村：\n请做好准备。"):
            yield bytes([byte])

    first, second, third = await asyncio.gather(
        readers.read_file(place, "一.docx"),
        readers.read_file(m.docx(), "二.docx"),
        readers.read_file(pieces(), "三.pdf"),
    )
    assert first == second
    assert first.intake is not None
    assert first.intake.content.title == "关于做好防汛工作的通知"
    assert (third.media, third.pages) == (Media.PDF, 1)
    assert third.intake is not None
    assert third.intake.content.title == "关于防汛工作的通知"


async def test_a_refusal_comes_back_with_rule_and_sentence(readers: Readers) -> None:
    with pytest.raises(RefusedFile) as refused:
        await readers.read_file(m.docx(extra={"word/vbaProject.bin": b"1"}), "a.docx")
    assert refused.value.rule == "docx_macro"
    assert "宏" in refused.value.sentence


async def test_the_name_is_guarded_too(readers: Readers) -> None:
    with pytest.raises(RefusedFile) as refused:
        await readers.read_file(m.docx(), "（机密）某事.docx", draft=False)
    assert refused.value.rule == "mark_name"


async def test_the_bomb_is_refused_and_the_next_file_read(readers: Readers) -> None:
    with pytest.raises(RefusedFile) as refused:
        await readers.read_file(m.empty_paragraphs(4_000_000), "a.docx")
    assert refused.value.rule == "xml_elements"
    assert (await readers.read_file(m.docx(), "b.docx")).media is Media.DOCX


async def test_processor_time_is_bounded() -> None:
    pool = Readers(Limits(cpu=1), spare=False)
    with pytest.raises(RefusedFile) as refused:
        await pool.read_file(m.heavy_pdf(5_000_000), "a.pdf")
    assert refused.value.rule == "child_cpu"
    assert _left() == []


async def test_wall_time_is_bounded() -> None:
    pool = Readers(Limits(wall=0.5), spare=False)
    with pytest.raises(RefusedFile) as refused:
        await pool.read_file(m.heavy_pdf(5_000_000), "a.pdf")
    assert refused.value.rule == "child_wall"
    assert _left() == []


async def test_memory_is_bounded() -> None:
    pool = Readers(Limits(memory=80 << 20), spare=False)
    assert (await pool.read_file(m.heavy_pdf(500), "a.pdf")).media is Media.PDF
    with pytest.raises(RefusedFile) as refused:
        await pool.read_file(m.heavy_pdf(900_000), "a.pdf")
    assert refused.value.rule in ("child_memory", "child_crash")
    assert _left() == []


async def test_a_full_queue_says_so() -> None:
    pool = Readers(at_once=1, waiting=1, spare=False)
    results = await asyncio.gather(*(pool.read_file(m.docx(), f"{n}.docx") for n in range(3)), return_exceptions=True)
    assert [type(result) for result in results].count(TooBusy) == 1
    assert (await pool.read_file(m.docx(), "after.docx")).media is Media.DOCX


async def test_a_caller_who_goes_away_leaves_no_child_behind() -> None:
    pool = Readers(spare=False)
    reading = asyncio.create_task(pool.read_file(m.heavy_pdf(3_000_000), "a.pdf"))
    async with asyncio.timeout(10):
        while not _left():  # noqa: ASYNC110 - the child's folder is the only sign that it started
            await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert _left() == []


async def test_a_spare_that_died_is_replaced() -> None:
    pool = Readers()
    await pool.open()
    spare = pool._spare
    assert spare is not None
    spare.process.kill()
    await spare.process.wait()
    assert (await pool.read_file(m.docx(), "a.docx")).media is Media.DOCX
    await pool.close()
    assert _left() == []


async def test_what_a_killed_server_left_is_gone_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "incoming"
    (folder / "old").mkdir(parents=True)
    (folder / "old" / "file").write_bytes(m.docx())
    pool = Readers(folder=folder, spare=False)
    await pool.open()
    assert list(folder.iterdir()) == []
    assert (await pool.read_file(m.docx(), "a.docx")).media is Media.DOCX
    assert list(folder.iterdir()) == []


JAIL = """
import socket, sys, resource
from office.paper import child_jail
child_jail.enter(memory=512 << 20)
devices = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
child_jail.lock()
def tried(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return "done"
import subprocess
print(tried(lambda: socket.socket()), tried(lambda: open("written", "w")), tried(lambda: subprocess.run(["true"])))
print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_FSIZE)[0])
print(devices)
"""


def test_inside_there_is_no_socket_no_writing_and_no_other_program(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", JAIL],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    tried, limits, devices = done.stdout.splitlines()
    assert tried == "PermissionError PermissionError PermissionError"
    assert limits == f"{512 << 20} 0"
    assert "lo" in devices
    assert not (tmp_path / "written").exists()
    if os.geteuid() == 0:
        assert devices == "['lo']"
