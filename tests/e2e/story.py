"""People at their windows: who is signed in, what he presses, what a picture and axe say of each page he sees."""

import os
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import Browser, Error, Locator, Page, expect

from tests.e2e.axe import violations
from tests.e2e.browser import window
from tests.e2e.serving import ROOT, Server

ARTEFACTS = Path(os.environ.get("YIWANG_SHOTS", ROOT / "artefacts"))
SECONDS = 15_000  # milliseconds that anything on a page may take


async def picture(page: Page, path: Path) -> None:
    """A screenshot; once more where a busy machine's Chromium had no frame ready."""
    try:
        await page.screenshot(path=path)
    except Error:
        await page.wait_for_timeout(500)
        await page.screenshot(path=path)


@dataclass(slots=True)
class Person:
    """One person's window."""

    story: "Story"
    name: str
    page: Page

    async def go(self, path: str) -> None:
        """Open an address."""
        await self.page.goto(self.story.server.address + path.lstrip("/"))
        await self.page.wait_for_load_state("networkidle")

    async def see(self, name: str) -> None:
        """Keep a picture of the page; nothing scrolls sideways, axe finds nothing."""
        await self.story.look(self.page, name)

    async def press(self, text: str) -> None:
        """Press the button or link with that word, wherever it is visible, and wait until the page is there."""
        words = re.compile(rf"^\s*{re.escape(text)}")
        targets = self.page.get_by_role("button", name=words).or_(self.page.get_by_role("link", name=words))
        await targets.locator("visible=true").first.click()
        await self.settled()

    async def settled(self) -> None:
        """Until nothing is loading any more."""
        await self.page.wait_for_timeout(50)
        await self.page.wait_for_load_state("networkidle")

    async def open_task(self, title: str) -> None:
        """From the list of what is to do into the paper of that title; a village has its list behind 看文件."""
        await self.go("/?list=1")
        await self.page.locator("a.row, a", has_text=title).locator("visible=true").first.click()
        await self.settled()

    async def slip(self, button: str, name: str, fields: dict[str, str], send: str) -> None:
        """Open a slip from the action bar, fill it in, send it, and see that it worked."""
        await self.page.locator(".dock").get_by_role("button", name=re.compile(rf"^{button}")).click()
        slip = self.page.locator(f"dialog#{name}[open]")
        await expect(slip).to_be_visible(timeout=SECONDS)
        for field_name, value in fields.items():
            await slip.locator(f"[name={field_name}]").first.fill(value)
        await self.act(slip.get_by_role("button", name=send).first)

    async def dock(self, word: str) -> None:
        """Press a button of the action bar and see that it worked."""
        await self.act(self.page.locator(".dock").get_by_role("button", name=word))

    async def act(self, button: Locator) -> None:
        """Press; then the page says what was done, and no refusal stands there."""
        said = self.page.locator(".toast, .refusal")
        await said.evaluate_all("(all) => all.forEach((one) => one.remove())")  # what was said before
        await button.click()
        await expect(said.first).to_be_visible(timeout=SECONDS)
        refused = self.page.locator(".refusal")
        assert await refused.count() == 0, await refused.first.inner_text()
        await self.settled()


@dataclass(slots=True)
class Story:
    """A story in one size of window."""

    server: Server
    browser: Browser
    password: str
    phone: bool
    title: str
    windows: AsyncExitStack = field(default_factory=AsyncExitStack)
    people: dict[str, Person] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)

    async def person(self, name: str, *, phone: bool | None = None) -> Person:
        """The person, signed in by the login page the first time; `phone` where he has one whatever the others have."""
        if name in self.people:
            return self.people[name]
        small = self.phone if phone is None else phone
        context = await self.windows.enter_async_context(window(self.browser, phone=small))
        page = await context.new_page()
        page.set_default_timeout(SECONDS)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        await page.goto(self.server.address)
        if not self.people:
            await self.look(page, "login")
        await page.fill("input[name=name]", name)
        await page.fill("input[name=password]", self.password)
        await page.get_by_role("button", name="登录").click()
        await page.wait_for_url(lambda url: "/login" not in url)
        self.people[name] = Person(self, name, page)
        return self.people[name]

    async def look(self, page: Page, name: str) -> None:
        """A picture for the artefacts; the same kind of page is examined once."""
        if name in self.seen:
            return
        self.seen.add(name)
        size = "phone" if (page.viewport_size or {"width": 0})["width"] < 600 else "desk"
        folder = ARTEFACTS / self.title
        folder.mkdir(parents=True, exist_ok=True)
        await page.wait_for_load_state("networkidle")
        await picture(page, folder / f"{len(self.seen):02}-{name}-{size}.png")
        self.troubles += [f"{name} ({size}): {found}" for found in await violations(page)]
        sideways = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if sideways > 1:
            self.troubles.append(f"{name} ({size}): scrolls sideways by {sideways} px")

    async def close(self) -> None:
        """Close every window."""
        await self.windows.aclose()
