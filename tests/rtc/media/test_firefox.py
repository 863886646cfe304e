"""Firefox and Chromium in one room: each publishes simulcast, each sees and hears the other."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from playwright.async_api import Browser

from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import Hello
from tests.e2e.firefox import FIREFOX, firefox
from tests.e2e.firefox import Page as FirefoxPage
from tests.rtc.media.room import Told
from tests.rtc.media.test_browser import HTML, Stage, Tab, chromium

__all__ = ["chromium"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


class Evaluates:
    """Firefox's page with Playwright's way of handing an argument over."""

    def __init__(self, page: FirefoxPage) -> None:
        self._page = page
        self._one = asyncio.Lock()  # the remote protocol's client reads for one caller at a time

    async def evaluate(self, expression: str, argument: object = None) -> Any:  # noqa: ANN401 - JSON
        """As Playwright's Page.evaluate."""
        called = f"({expression})({json.dumps(argument)})" if argument is not None else expression
        async with self._one:
            return await self._page.evaluate(called)


def own_address() -> str:
    """An address of this machine that is not loopback: Firefox sends nothing to a loopback candidate."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("198.51.100.1", 9))  # nothing is sent
        found: str = sock.getsockname()[0]
    return found


@pytest.fixture
async def address() -> AsyncIterator[str]:
    """The page on this machine: a fake camera needs a secure origin."""
    app = web.Application()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=HTML, content_type="text/html")

    app.router.add_get("/", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.mark.skipif(not FIREFOX, reason="no firefox on this machine")
async def test_firefox_and_chromium_see_and_hear_each_other(chromium: Browser, address: str) -> None:
    engine = BuiltinEngine(host=own_address(), port=0)
    await engine.start()
    async with Told(engine) as told, firefox() as fox:
        stage = Stage(engine, told)
        await told.first(Hello)
        await fox.goto(address)
        page = await chromium.new_page()
        await page.goto(address)
        stage.tabs += [Tab(engine, Evaluates(fox), "v1"), Tab(engine, page, "v2")]  # type: ignore[arg-type]
        await stage.build()
        for tab in stage.tabs:
            await tab.publish(simulcast=True)
        for tab, other in zip(stage.tabs, ("v2", "v1"), strict=True):
            seen = await tab.until(f"{other} CAMERA", "frames", 20, 60)
            assert seen["width"] > 0
            await tab.until(f"{other} MICROPHONE", "packets", 20)
        await page.close()
    await engine.close()
