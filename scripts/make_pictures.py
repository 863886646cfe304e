"""The README's pictures: a fresh demo city, its people at their windows, one picture each."""

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser

from tests.e2e.browser import browser, window
from tests.e2e.serving import ROOT, start
from web.config import Config
from web.demo import start as demo
from web.passwords import fresh

FOLDER = ROOT / "web" / "pictures"
COLOURS = 128


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: who looks, from where to where, in which window. `to` is an address or a link's words."""

    name: str
    who: str
    path: str
    link: str = ""
    phone: bool = False


SHOTS = (
    Shot("inbox", "shi-wenshu", "/"),
    Shot("document", "shi-zhang", "/", link="a.row"),
    Shot("receipts", "shi-wenshu", "/exchange", link="a[href$='/receipts']"),
    Shot("draft", "shi-wenshu", "/drafts", link="a.row[href$='/edit']"),
    Shot("village", "cun-wenshu", "/", phone=True),
    Shot("sign", "shi-zhang", "/", link="a.row", phone=True),
)


async def take(running: Browser, address: str, password: str, shot: Shot) -> None:
    async with window(running, phone=shot.phone) as context:
        page = await context.new_page()
        await page.goto(address + "login")
        await page.fill("input[name=name]", shot.who)
        await page.fill("input[name=password]", password)
        await page.click("button.go")
        await page.wait_for_url(lambda url: "/login" not in url)
        await page.goto(address + shot.path.lstrip("/"))
        if shot.link:
            await page.locator(shot.link).locator("visible=true").first.click()
        await page.wait_for_load_state("networkidle")
        path = FOLDER / f"{shot.name}.png"
        await page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(COLOURS).save(path, optimize=True)
    print(path.relative_to(ROOT))


async def all_shots(folder: Path, password: str) -> None:
    server = await start({"YIWANG_DATA": str(folder), "YIWANG_DEMO": "1"}, folder / "server.log")
    try:
        async with browser() as running:
            for shot in SHOTS:
                await take(running, server.address, password, shot)
    finally:
        await server.stop()


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as text:
        folder, password = Path(text), fresh()
        demo.load(Config(data=folder, demo=True), passwords=dict.fromkeys([s.who for s in SHOTS], password))
        asyncio.run(all_shots(folder, password))
    return 0


if __name__ == "__main__":
    sys.exit(main())
