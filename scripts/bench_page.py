"""Bytes and requests of the first inbox visit: cold cache, Chromium, HTTPS; no peer. Limit 150 KB, script 60 KB."""

import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from playwright.async_api import CDPSession, Page

from tests.e2e.browser import browser, window
from tests.e2e.serving import start
from web.config import Config
from web.demo import start as demo
from web.passwords import fresh

WHO = "shi-wenshu"


async def counted(page: Page, address: str) -> tuple[Counter[str], int]:
    """Bytes on the wire by type, and requests, of one visit with an empty cache."""
    line: CDPSession = await page.context.new_cdp_session(page)
    await line.send("Network.enable")
    await line.send("Network.clearBrowserCache")
    kinds: dict[str, str] = {}
    sizes: Counter[str] = Counter()
    line.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    line.on(
        "Network.loadingFinished", lambda e: sizes.update({kinds.get(e["requestId"], "?"): int(e["encodedDataLength"])})
    )
    await page.goto(address)
    await page.wait_for_load_state("networkidle")
    return sizes, len(kinds)


async def measure(folder: Path, password: str) -> None:
    server = await start({"YIWANG_DATA": str(folder), "YIWANG_DEMO": "1"}, folder / "server.log")
    try:
        async with browser() as running, window(running) as context:
            page = await context.new_page()
            await page.goto(server.address + "login")
            await page.fill("input[name=name]", WHO)
            await page.fill("input[name=password]", password)
            await page.click("button.go")
            await page.wait_for_url(server.address)
            sizes, requests = await counted(page, server.address)
    finally:
        await server.stop()
    total = sum(sizes.values())
    for kind, size in sizes.most_common():
        print(f"{kind:12} {size / 1000:7.1f} KB")
    print(f"requests {requests} (no peer)")
    print(f"script {sizes['Script'] / 1000:.1f} KB (limit 60)")
    print(f"page {total / 1000:.1f} KB (peer none, ratio of the limit of 150 KB {total / 150_000:.2f})")


def main() -> int:
    with tempfile.TemporaryDirectory() as text:
        folder, password = Path(text), fresh()
        demo.load(Config(data=folder, demo=True), passwords={WHO: password})
        asyncio.run(measure(folder, password))
    return 0


if __name__ == "__main__":
    sys.exit(main())
