"""Debian's Chromium, driven as a person would: phone- or desk-sized, quiet towards the outside."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pylopdf_fonts_zh_cn
from playwright.async_api import Browser, BrowserContext, ViewportSize, async_playwright

from office.paper import fonts

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
SWITCHES = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = ViewportSize(width=360, height=640)
DESK = ViewportSize(width=1280, height=800)


FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
{folders}
<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias>
<alias><family>serif</family><prefer><family>Noto Serif SC</family></prefer></alias>
</fontconfig>
"""


def chinese_fonts(folder: Path) -> Path:
    """A font configuration with the faces papers are set in: a bare machine has none that can show Chinese."""
    packaged = Path(str(pylopdf_fonts_zh_cn.sans_path())).parent
    found = "\n".join(f"<dir>{path}</dir>" for path in (*fonts.folders(), packaged))
    path = folder / "fonts.conf"
    path.write_text(FONTS.format(folders=found), encoding="utf-8")
    return path


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """One Chromium."""
    with tempfile.TemporaryDirectory() as folder:
        environment: dict[str, str | float | bool] = {**os.environ, "FONTCONFIG_FILE": str(chinese_fonts(Path(folder)))}
        async with async_playwright() as player:
            running = await player.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES), env=environment)
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
