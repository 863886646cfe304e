"""Two real Chromium pages with fake cameras see and hear each other through the engine."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Error as PageError

from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import Hello, Line, Lost, Notes, Quality, Slot, Source, SubscribeOffer
from rtc.engine.port import EngineDown, EngineRefused
from rtc.media.sdp import parse
from tests.rtc.media.room import Told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

CHROMIUM = shutil.which("chromium") or ""
SWITCHES = (
    "--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows", "--disable-gpu",
    "--allow-loopback-in-peer-connection",
)  # fmt: skip
HTML = (Path(__file__).parent / "page.html").read_text()
SOUND, CAMERA, SCREEN = Source.MICROPHONE, Source.CAMERA, Source.SCREEN


async def eventually(true: Callable[[], Awaitable[object]], what: str, seconds: float = 30.0) -> None:
    """Ask the page until something is true, with a deadline."""
    ends = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < ends, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.1)


class Tab:
    """One page as one seat: carries SDP between the page and the engine."""

    def __init__(self, engine: BuiltinEngine, page: Page, seat: str) -> None:
        self.engine, self.page, self.seat = engine, page, seat
        self.lines = [Line("0", SOUND), Line("1", CAMERA)]
        self._tasks: set[asyncio.Task[None]] = set()

    def hear(self, note: Notes) -> None:
        """Take offers one after the other; the engine has one in flight at most."""
        if isinstance(note, SubscribeOffer) and note.seat == self.seat:
            task = asyncio.create_task(self._take(note))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _take(self, note: SubscribeOffer) -> None:
        lines = [{"mid": line.mid, "seat": line.seat, "source": line.source.value} for line in note.lines]
        sdp = await self.page.evaluate("([sdp, lines]) => take(sdp, lines)", [note.sdp, lines])
        with suppress(EngineDown, EngineRefused):  # it may have died meanwhile
            await self.engine.answer("1", self.seat, note.version, sdp)

    async def publish(self, *, simulcast: bool = False) -> None:
        self.lines = [Line("0", SOUND), Line("1", CAMERA)]
        await self.offered(await self.page.evaluate("(simulcast) => publish(simulcast)", simulcast))

    async def offered(self, sdp: str) -> None:
        """Bring an offer of the page to the engine and its answer back."""
        answer = await self.engine.publish("1", self.seat, sdp, self.lines)
        await self.page.evaluate("(sdp) => answered(sdp)", answer)

    async def inbound(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = await self.page.evaluate("inbound()")
        return found

    async def until(self, what: str, key: str, above: float, seconds: float = 20.0) -> dict[str, float]:
        """Wait until a figure of a track is above a value; all its figures."""
        found: dict[str, float] = {}

        async def enough() -> bool:
            nonlocal found
            found = (await self.inbound()).get(what, {})
            return found.get(key, 0) > above

        await eventually(enough, f"{key} of {what} above {above}", seconds)
        return found


class Stage:
    """The engine, its notes, two tabs."""

    def __init__(self, engine: BuiltinEngine, told: Told) -> None:
        self.engine, self.told = engine, told
        self.tabs: list[Tab] = []
        told.listeners = self.tabs

    async def open(self, browser: Browser, seat: str) -> Tab:
        """Another page as another seat."""
        page = await browser.new_page()
        await page.route("https://room.test/", lambda route: route.fulfill(body=HTML, content_type="text/html"))
        await page.goto("https://room.test/")
        self.tabs.append(Tab(self.engine, page, seat))
        return self.tabs[-1]

    async def build(self, quality: Quality = Quality.HIGH) -> None:
        """The room as a hub builds it: everyone admitted, everyone gets everyone else."""
        await self.engine.ensure_room("1")
        for tab in self.tabs:
            await self.engine.admit("1", tab.seat, list(Source))
        for tab in self.tabs:
            others = [other.seat for other in self.tabs if other is not tab]
            await self.engine.show("1", tab.seat, [Slot(s, source, quality) for s in others for source in Source])


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no chromium on this machine")
    async with async_playwright() as player:
        running = await player.chromium.launch(executable_path=CHROMIUM, args=list(SWITCHES))
        yield running
        await running.close()


@pytest.fixture
async def stage(chromium: Browser) -> AsyncIterator[Stage]:
    engine = BuiltinEngine(port=0)
    await engine.start()
    async with Told(engine) as told:
        made = Stage(engine, told)
        await told.first(Hello)
        for seat in ("v1", "v2"):
            await made.open(chromium, seat)
        await made.build()
        yield made
        for tab in made.tabs:
            with suppress(PageError):
                await tab.page.close()
    await engine.close()


async def test_two_browsers_see_and_hear_each_other(stage: Stage) -> None:
    for tab in stage.tabs:
        await tab.publish()
    for tab, other in zip(stage.tabs, reversed(stage.tabs), strict=True):
        seen = await tab.until(f"{other.seat} CAMERA", "frames", 20)
        assert seen["width"] > 0
        assert seen["height"] > 0
        await tab.until(f"{other.seat} MICROPHONE", "energy", 0.0)


async def test_a_screen_is_added_late_taken_away_and_added_again(stage: Stage) -> None:
    one, two = stage.tabs
    await one.publish()
    await two.until("v1 CAMERA", "frames", 5)
    one.lines.append(Line("2", SCREEN))
    await one.offered(await one.page.evaluate("share()"))
    seen = await two.until("v1 SCREEN", "frames", 5)
    assert seen["width"] > 0  # the first frames are small
    await one.offered(await one.page.evaluate("unshare()"))

    async def gone() -> bool:
        return "v1 SCREEN" not in await two.inbound()

    await eventually(gone, "the screen is gone")
    one.lines[-1] = Line("2", SCREEN)
    await one.offered(await one.page.evaluate("reshare()"))
    await two.until("v1 SCREEN", "frames", 5)


async def test_simulcast_layers_are_followed_by_wish(stage: Stage) -> None:
    one, two = stage.tabs
    await one.publish(simulcast=True)
    await stage.engine.show("1", "v2", [Slot("v1", CAMERA, Quality.LOW)])
    low = await two.until("v1 CAMERA", "frames", 10)

    async def all_three() -> bool:
        sent = await one.page.evaluate("outbound()")
        return all(sent.get(f"video{rid}", {}).get("frames", 0) > 10 for rid in "qhf")

    await eventually(all_three, "three layers are sent", 60)
    await until_width(two, 320)
    await stage.engine.show("1", "v2", [Slot("v1", CAMERA, Quality.HIGH)])
    await until_width(two, 1280)
    await stage.engine.show("1", "v2", [Slot("v1", CAMERA, Quality.MIDDLE)])
    await until_width(two, 640)
    assert (await two.inbound())["v1 CAMERA"]["frames"] > low["frames"]


async def until_width(tab: Tab, width: int) -> None:
    async def reached() -> bool:
        return (await tab.inbound()).get("v1 CAMERA", {}).get("width") == width

    await eventually(reached, f"a picture {width} wide")


async def test_a_muted_microphone_is_silent_whatever_the_page_sends(stage: Stage) -> None:
    one, two = stage.tabs
    await one.publish()
    await two.until("v1 MICROPHONE", "energy", 0.0)
    await stage.engine.allow("1", ["v1"], SOUND, on=False)
    await two.until("v1 CAMERA", "frames", 5)
    before = (await two.inbound())["v1 MICROPHONE"]["packets"]
    frames = (await two.inbound())["v1 CAMERA"]["frames"]
    await two.until("v1 CAMERA", "frames", frames + 30)
    assert (await two.inbound())["v1 MICROPHONE"]["packets"] == before
    await stage.engine.allow("1", ["v1"], SOUND, on=True)
    await two.until("v1 MICROPHONE", "packets", before + 10)


async def test_a_killed_worker_comes_back_and_so_does_the_media(stage: Stage) -> None:
    one, two = stage.tabs
    for tab in stage.tabs:
        await tab.publish()
    await two.until("v1 CAMERA", "frames", 10)
    first = await stage.told.first(Hello)
    os.kill(first.pid, signal.SIGKILL)
    await stage.told.first(Hello, after=first)
    await stage.build()
    for tab in stage.tabs:
        await tab.publish()
    for tab, other in ((one, "v2"), (two, "v1")):
        before: Any = (await tab.inbound()).get(f"{other} CAMERA", {}).get("frames", 0)
        await tab.until(f"{other} CAMERA", "frames", before + 10)


async def test_ice_restarts_on_both_sides_keep_the_media(stage: Stage) -> None:
    one, two = stage.tabs
    await one.publish()
    seen = await two.until("v1 CAMERA", "frames", 5)
    await one.offered(await one.page.evaluate("offer({iceRestart: true})"))
    before = [note for note in stage.told.notes if isinstance(note, SubscribeOffer)][-1]
    await stage.engine.restart("1", "v2")
    after = await stage.told.first(SubscribeOffer, after=before)
    was, now = (parse(note.sdp, most_sections=64) for note in (before, after))
    assert was.ufrag != now.ufrag
    assert was.fingerprint == now.fingerprint
    seen = await two.until("v1 CAMERA", "frames", seen["frames"] + 60)
    lost = [note for note in stage.told.notes if isinstance(note, Lost)]
    assert lost == []
