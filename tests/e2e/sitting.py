"""A meeting of the small city on a real server, and people at its venues: each a Chromium with a camera and a tone of
his own, who comes in by the pages."""

import array
import asyncio
import math
import os
import tempfile
import time
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from playwright.async_api import Browser, Page, Playwright, async_playwright

from office.domain.people import Role
from office.paper import layout, pdf
from office.store.blobs import Blobs
from rtc.domain.venue import VenueKind
from rtc.service import invitations, meetings, papers, topics
from rtc.store.meetings import Settings
from tests.e2e import cameras
from tests.e2e.axe import violations
from tests.e2e.browser import CHROMIUM, SWITCHES, chinese_fonts, window
from tests.e2e.serving import Server, start
from tests.e2e.story import ARTEFACTS, SECONDS, picture
from tests.paper.papers import SAMPLES
from tests.town import CITY, COUNTY, TOWN, Town
from tests.web.conftest import PASSWORD, login_name
from web.app import open_database
from web.config import Config

TITLE = "全市冬季农田水利视频会议"
TOPICS = (("传达省上会议精神", "咸阳市", 10), ("汇报灌渠修复", "兴平市", 15), ("安排冬灌", "市水利局", 20))


def call(folder: Path, people: Town, *, lobby: bool = False) -> int:
    """A meeting that begins about now: the city is the main venue, county and town are called to it."""
    db = open_database(Config(data=folder))
    clerk = people(CITY)
    try:
        now = db.now()
        settings = Settings(lobby=lobby, recording=True, phone="029-0000 0000")
        plan = meetings.Plan(
            TITLE, now - timedelta(minutes=5), now + timedelta(hours=2), "市政府三楼", settings=settings
        )
        meeting_id = db.write_now(meetings.plan, plan, clerk)
        for title, speaker, minutes in TOPICS:
            db.write_now(topics.add, topics.Add(meeting_id, title, speaker, minutes), clerk)
        invited = invitations.Invite(meeting_id, (COUNTY, TOWN), VenueKind.BRANCH, may_chair=True)
        db.write_now(invitations.invite, invited, clerk)
        db.write_now(meetings.call, meetings.Call(meeting_id), clerk)
        return meeting_id
    finally:
        db.close()


async def lay(folder: Path, people: Town, meeting_id: int) -> None:
    """A paper of two pages on the table, for everyone."""
    config = Config(data=folder)
    data = layout.render(SAMPLES["long letter"].paper).pdf
    blob = await Blobs.open(config.blob_place).put(data)
    db = open_database(config)
    try:
        paper = papers.Add(meeting_id, "灌渠修复.pdf", blob, len(data), "application/pdf", pdf.page_count(data))
        await asyncio.to_thread(db.write_now, papers.add, paper, people(CITY))
    finally:
        db.close()


def speech(path: Path, number: int) -> Path:
    """Ten seconds of syllables at the venue's pitch: a browser's noise suppression takes a steady tone away."""
    dice = Random(number)
    samples = array.array("h")
    while len(samples) < cameras.SOUND_RATE * 10:
        pitch = cameras.tone_of(number) / 3 * dice.uniform(0.8, 1.25)
        length = int(cameras.SOUND_RATE * dice.uniform(0.12, 0.3))
        for n in range(length):
            loud = math.sin(math.pi * n / length) ** 0.5
            at = 2 * math.pi * pitch * n / cameras.SOUND_RATE
            samples.append(int(9_000 * loud * (math.sin(at) + 0.6 * math.sin(2 * at) + 0.4 * math.sin(3 * at)) / 2))
        samples.extend([0] * int(cameras.SOUND_RATE * dice.uniform(0.04, 0.15)))
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(cameras.SOUND_RATE)
        sound.writeframes(samples.tobytes())
    return path


async def eventually(true: Callable[[], Awaitable[object]], what: str, seconds: float = 30.0) -> Any:  # noqa: ANN401
    """Ask until something is true and return it; says what did not happen."""
    ends = time.monotonic() + seconds
    while not (found := await true()):
        assert time.monotonic() < ends, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.1)
    return found


@dataclass(slots=True)
class Seat:
    """One window at a venue. `number` is the code of its camera and the tone of its microphone."""

    sitting: "Sitting"
    page: Page
    number: int
    name: str
    size: str

    async def sign_in(self, organ_id: int) -> None:
        """By the login page."""
        await self.page.goto(self.sitting.server.address)
        await self.page.fill("input[name=name]", login_name(organ_id, Role.CLERK))
        await self.page.fill("input[name=password]", PASSWORD)
        await self.page.get_by_role("button", name="登录").click()
        await self.page.wait_for_url(lambda url: "/login" not in url)

    async def check(self) -> None:
        """The page before the room."""
        await self.page.goto(f"{self.sitting.server.address}meetings/{self.sitting.meeting_id}/check")
        await self.until("document.querySelector('#summary')?.textContent !== ''", "the check is through")

    async def enter(self) -> None:
        """进入会场, until the hub has greeted."""
        await self.page.get_by_role("link", name="进入会场").click()
        await self.until("!!window.room && window.room.state().room !== null", "the hub greets")
        await self.page.evaluate(cameras.PROBES)

    async def inbound(self, kind: str) -> dict[str, dict[str, float]]:
        """What comes, by the name of the venue it is of."""
        found: dict[str, dict[str, float]] = await self.page.evaluate(INBOUND, kind)
        return found

    async def sees(self, *names: str, source: str = "CAMERA") -> None:
        """Pictures of these venues arrive and move; the code in each is its venue's own."""
        for name in names:
            before = (await self.inbound(source)).get(name, {}).get("frames", 0)

            async def moved(name: str = name, before: float = before) -> bool:
                now = (await self.inbound(source)).get(name, {})
                return now.get("frames", 0) > before + 5 and now.get("width", 0) > 0

            await eventually(moved, f"{self.name} sees {name} ({source})", 45)

    async def shows(self, name: str) -> int:
        """Whose camera the tile of that venue shows, by the code in its picture; 0: none can be read."""
        found: int = await self.page.evaluate(
            """(name) => {
              const tiles = [...document.querySelectorAll('.tile:not(.self)')];
              const tile = tiles.find((one) => one.querySelector('.nm').textContent === name);
              return window.code(tile?.querySelector("video"))?.venue ?? 0;
            }""",
            name,
        )
        return found

    async def hears(self, name: str) -> None:
        """Sound of this venue arrives and is loud."""
        before = (await self.inbound("MICROPHONE")).get(name, {}).get("energy", 0)

        async def louder() -> bool:
            return (await self.inbound("MICROPHONE")).get(name, {}).get("energy", 0) > before + 0.001

        await eventually(louder, f"{self.name} hears {name}")

    async def hears_nothing_of(self, name: str, seconds: float = 2.0) -> None:
        """For so long no loudness is added by this venue: measured over frames of time, not by a wish."""

        async def quiet() -> bool:
            before = (await self.inbound("MICROPHONE")).get(name, {}).get("energy", 0)
            await self.page.wait_for_timeout(seconds * 1000)
            return (await self.inbound("MICROPHONE")).get(name, {}).get("energy", 0) - before < 0.0001

        await eventually(quiet, f"{name} is silent at {self.name}", 15)

    async def says(self, line: str) -> None:
        """A /line."""
        await self.page.keyboard.press("/")
        await self.page.fill("#command-text", line)
        await self.page.keyboard.press("Enter")

    async def told(self, text: str) -> None:
        """The page says so: in the live region or the toast."""
        said = await self.page.locator("#said, #toast, #ask, #notices").all_text_contents()

        async def there() -> bool:
            nonlocal said
            said = await self.page.locator("#said, #toast, #ask, #notices").all_text_contents()
            return any(text in one for one in said)

        await eventually(there, f"{self.name} is told {text}; it was told {said}", 15)

    async def until(self, expression: str, what: str, seconds: float = 15.0) -> None:
        """An expression in the page becomes true. The page's policy allows no eval: it is asked from outside."""
        await eventually(lambda: self.page.evaluate(expression), f"{self.name}: {what}", seconds)

    async def look(self, name: str) -> None:
        """A picture for the artefacts; axe finds nothing and nothing scrolls sideways."""
        folder = ARTEFACTS / "room"
        folder.mkdir(parents=True, exist_ok=True)
        self.sitting.pictures += 1
        await picture(self.page, folder / f"{self.sitting.pictures:02}-{name}-{self.size}.png")
        self.sitting.troubles += [f"{name} ({self.size}): {found}" for found in await violations(self.page)]
        sideways = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if sideways > 1:
            self.sitting.troubles.append(f"{name} ({self.size}): scrolls sideways by {sideways} px")


INBOUND = """async (source) => {
  const found = {}, state = window.room.state(), stats = await window.room.stats();
  const lines = window.room.lines();
  if (!stats) return found;
  for (const one of stats.values()) {
    if (one.type !== "inbound-rtp") continue;
    const line = lines.find((each) => each.mid === one.mid && each.source === source && each.venue);
    const venue = line && state.venues.get(line.venue);
    if (venue) found[venue.name] = {frames: one.framesDecoded ?? 0, width: one.frameWidth ?? 0,
      energy: one.totalAudioEnergy ?? 0, freezes: one.freezeCount ?? 0};
  }
  return found;
}"""


@dataclass(slots=True)
class Sitting:
    """The server, its meeting, and who sits where."""

    server: Server
    meeting_id: int
    folder: Path
    player: Playwright
    stack: AsyncExitStack
    troubles: list[str] = field(default_factory=list)
    pictures: int = 0

    def media_workers(self) -> list[int]:
        """The processes that carry the media, children of the server."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if int(parent) == self.server.process.pid and b"rtc.media" in words:
                    found.append(int(folder.name))
        return found

    async def seat(self, organ_id: int, number: int, name: str, *, phone: bool = False) -> Seat:
        """A person at a venue of his organ, signed in."""
        browser = await self._browser(number)
        context = await self.stack.enter_async_context(window(browser, phone=phone))
        page = await context.new_page()
        page.set_default_timeout(SECONDS)
        page.on("pageerror", lambda error: self.troubles.append(f"{name}: {error}"))
        page.on(
            "console",
            lambda line: self.troubles.append(f"{name}: {line.text}") if "Content Security" in line.text else None,
        )
        seat = Seat(self, page, number, name, "phone" if phone else "desk")
        await seat.sign_in(organ_id)
        return seat

    async def _browser(self, number: int) -> Browser:
        own = await asyncio.to_thread(cameras.switches, self.folder, number)
        await asyncio.to_thread(speech, self.folder / f"venue-{number}.wav", number)
        fonts = {**os.environ, "FONTCONFIG_FILE": str(chinese_fonts(self.folder))}
        browser = await self.player.chromium.launch(
            executable_path=CHROMIUM, args=[*SWITCHES, *own, "--allow-loopback-in-peer-connection"],
            env={**fonts},
        )  # fmt: skip
        self.stack.push_async_callback(browser.close)
        return browser


@asynccontextmanager
async def sit(folder: Path, people: Town, *, lobby: bool = False) -> AsyncIterator[Sitting]:
    """The server with a called meeting; at the end everyone goes home."""
    meeting_id = await asyncio.to_thread(lambda: call(folder, people, lobby=lobby))
    await lay(folder, people, meeting_id)
    settings = {"YIWANG_DATA": str(folder), "YIWANG_MEDIA_PORT": "0"}
    server = await start(settings, folder / "server.log")
    with tempfile.TemporaryDirectory(prefix="yiwang-room-") as films:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(server.stop)
            player = await stack.enter_async_context(async_playwright())
            yield Sitting(server, meeting_id, Path(films), player, stack)
