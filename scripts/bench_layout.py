"""A notice of three pages and its colophon to PDF, and sealed; peer: LibreOffice from our DOCX, else writing the DOCX.

Each run sets another text: Typst remembers what it has set before.
"""

import random
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from office.domain.document import Block, BlockKind, Content, Imprint, Issuer, Kind, Paper
from office.paper import docx, layout
from office.sign.local import LocalProvider
from office.sign.provider import SealPlace

WARM, RUNS, OFFICE_RUNS = 10, 100, 5
LETTERS = "各县市区要严格落实行政首长负责制逐级段包保任人对山洪灾害危险区淤地坝和在建工程实清单管理并及时上报"
CITY = Issuer("咸阳市人民政府", "咸阳市人民政府文件", 45.0)
DAY = date(2026, 11, 24)


def paper(seed: int) -> Paper:
    """A made-up notice that no run has set before."""
    chance = random.Random(seed)
    body = [Block(BlockKind.PARAGRAPH, words(chance, 60))]
    for part in "一二三四":
        body.append(Block(BlockKind.LEVEL1, f"{part}、{words(chance, 12)}"))
        body += [Block(BlockKind.PARAGRAPH, words(chance, 130 + chance.randrange(20))) for _ in range(2)]
        body.append(Block(BlockKind.LEVEL2, f"（一）{words(chance, 10)}。{words(chance, 40)}"))
    content = Content(
        Kind.NOTICE, f"关于做好第{seed}次检查工作的通知", "各县市区人民政府，市政府各工作部门", tuple(body),
        copy_text="市委各部门，市人大常委会办公室，市政协办公室",
    )  # fmt: skip
    imprint = Imprint(f"咸政发〔2026〕{seed}号", DAY, printer="咸阳市人民政府办公室", printed=DAY)
    return Paper(content, CITY, imprint)


def words(chance: random.Random, count: int) -> str:
    """So many characters, with a comma now and then."""
    return "".join(chance.choice(LETTERS) + ("，" if at % 17 == 16 else "") for at in range(count))


def timed(work: Callable[[Paper], object], runs: int, first: int) -> float:
    """Median milliseconds of `work`, each time on another paper."""
    taken = []
    for seed in range(first, first + runs):
        made = paper(seed)
        start = time.perf_counter()
        work(made)
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def sealed(provider: LocalProvider, made: Paper) -> bytes:
    """Set and sealed, as the press does it."""
    done = layout.render(made)
    (box,) = done.seal_boxes
    place = SealPlace(1, CITY.title, box.page, box.x + box.width / 2, box.y + box.height / 2, box.width)
    return provider.seal(done.pdf, [place], reason="用印")


def by_office(program: str, folder: Path, made: Paper) -> None:
    """The same paper by LibreOffice from our DOCX, its profile warm."""
    source = folder / "paper.docx"
    source.write_bytes(docx.write(made))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [program, profile, "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


def peer(folder: Path) -> tuple[str, float]:
    """Name of the peer and its milliseconds."""
    program = shutil.which("soffice")
    if program is None:
        timed(docx.write, WARM, 50_000)
        return "python-docx writing the DOCX", timed(docx.write, RUNS // 2, 60_000)

    def convert(made: Paper) -> None:
        by_office(program, folder, made)

    timed(convert, 1, 50_000)
    return "LibreOffice from our DOCX", timed(convert, OFFICE_RUNS, 60_000)


def report(name: str, ours: float, theirs: float) -> None:
    """One line: name, value, peer, ratio."""
    value = f"{ours:.1f}" if ours < 20 else f"{ours:.0f}"
    print(f"{name} {value} ms (peer {theirs:.1f}, ratio {ours / theirs:.2g})")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        provider = LocalProvider(Path(folder) / "keys", demo=True)

        def seal(made: Paper) -> bytes:
            return sealed(provider, made)

        print(f"{layout.render(paper(1)).pages} pages, {len(seal(paper(1))) / 1024:.0f} KiB sealed, {RUNS} runs")
        timed(layout.render, WARM, 100)
        set_only = timed(layout.render, RUNS, 1_000)
        timed(seal, WARM, 200)
        both = timed(seal, RUNS, 2_000)
        name, theirs = peer(Path(folder))
    print(f"peer: {name}")
    report("layout", set_only, theirs)
    report("sealed", both, theirs)


if __name__ == "__main__":
    main()
