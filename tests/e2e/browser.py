"""Debian's Chromium, driven as a person would: phone- or desk-sized, quiet towards the outside."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, ViewportSize, async_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = ViewportSize(width=360, height=640)
DESK = ViewportSize(width=1280, height=800)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """One Chromium."""
    async with async_playwright() as player:
        running = await player.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        try:
            yield running
        finally:
            await running.close()


@asynccontextmanager
async def window(running: Browser, *, phone: bool = False) -> AsyncIterator[BrowserContext]:
    """A window of its own: its own cookies, Chinese, the clock of Xianyang."""
    context = await running.new_context(
        viewport=PHONE if phone else DESK, has_touch=phone, is_mobile=phone, ignore_https_errors=True,
        locale="zh-CN", timezone_id="Asia/Shanghai",
    )  # fmt: skip
    try:
        yield context
    finally:
        await context.close()
