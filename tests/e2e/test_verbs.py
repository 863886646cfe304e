"""Return and back, add a signer, hand over, sign with two presses, take back, circulate, remind: from the page."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.story import SECONDS, Person, Story
from tests.e2e.test_climb import send
from tests.e2e.test_forward import SUBJECT, write

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


async def slip(person: Person, button: str, name: str) -> Locator:
    """Open a slip from the action bar or from 更多, and look at it."""
    dock = person.page.locator(".dock")
    direct = dock.get_by_role("button", name=re.compile(rf"^{button}"))
    if await direct.count() == 0:
        await dock.get_by_role("button", name="更多").click()
        direct = person.page.locator("dialog#more[open]").get_by_role("button", name=button, exact=True)
    await direct.first.click()
    opened = person.page.locator(f"dialog#{name}[open]")
    await expect(opened).to_be_visible(timeout=SECONDS)
    await person.see(f"slip-{name}")
    return opened


async def choose(opened: Locator, post: str) -> None:
    """The colleague with that post."""
    option = opened.locator("select[name=to] option", has_text=post).first
    await opened.locator("select[name=to]").select_option(await option.get_attribute("value"))


async def more(person: Person, word: str) -> Locator:
    """Open 更多 and what unfolds under that word there."""
    await person.page.locator(".dock").get_by_role("button", name="更多").click()
    opened = person.page.locator("dialog#more[open]")
    await expect(opened).to_be_visible(timeout=SECONDS)
    await opened.locator("summary", has_text=word).click()
    unfolded = opened.locator("details[open]", has_text=word)
    await expect(unfolded.locator("button").first).to_be_visible(timeout=SECONDS)
    await person.see(f"more-{word}")
    return unfolded


async def sign_by_keys(person: Person, key: str = "e") -> None:
    """Two presses: the slip opens with its send button in focus, Enter sends."""
    await person.page.keyboard.press(key)
    opened = person.page.locator("dialog#agree[open]")
    await expect(opened).to_be_visible(timeout=SECONDS)
    await expect(opened.get_by_role("button", name="签好，送出")).to_be_focused(timeout=SECONDS)
    await person.see("slip-agree")
    await person.page.keyboard.press("Enter")
    await expect(person.page.locator(".toast").first).to_be_visible(timeout=SECONDS)
    await person.settled()


async def test_verbs(story: Story) -> None:
    clerk = await story.person("xian-wenshu")
    await write(clerk)
    await send(clerk)

    head = await story.person("xian-bangongshi")
    await head.open_task(SUBJECT)
    returning = await slip(head, "退回", "return")
    await returning.get_by_role("button", name="表述不准，请改").click()
    await expect(returning.locator("textarea[name=reason]")).to_have_value("表述不准，请改")
    await head.act(returning.get_by_role("button", name="退回", exact=True))

    await clerk.open_task(SUBJECT)
    await clerk.page.wait_for_url(re.compile(r"/(documents|drafts)/"))
    if "/edit" not in clerk.page.url:
        await clerk.page.locator(".dock").get_by_role("link", name="改稿").click()
        await clerk.page.wait_for_url(re.compile("/edit$"))
    await clerk.settled()
    await send(clerk)

    await head.open_task(SUBJECT)
    adding = await slip(head, "加签", "add")
    await choose(adding, "文秘")
    await head.act(adding.get_by_role("button", name="加上"))
    await clerk.open_task(SUBJECT)
    await clerk.slip("加签", "agree", {"opinion": "数字已核。"}, "签好，送出")

    await head.open_task(SUBJECT)
    await expect(head.page.locator("body")).to_contain_text("数字已核。")
    handing = await slip(head, "转办", "handover")
    await choose(handing, "长")
    await head.act(handing.get_by_role("button", name="转过去"))

    leader = await story.person("xian-lingdao")
    await leader.open_task(SUBJECT)
    await sign_by_keys(leader)
    await leader.page.locator(".toast").get_by_role("button", name=re.compile("^取回")).click()
    await expect(leader.page.locator(".toast").first).to_contain_text("已取回", timeout=SECONDS)
    await leader.settled()
    await expect(leader.page.locator(".dock")).to_contain_text("审核")
    circulating = await more(leader, "传阅")
    await circulating.locator("input[type=checkbox]").first.check()
    await circulating.locator("input[name=reason]").fill("请了解")
    await leader.act(circulating.get_by_role("button", name="送阅"))

    await clerk.go(re.sub(r"^https?://[^/]+/", "/", leader.page.url))
    await clerk.page.locator(".dock").get_by_role("button", name="更多").click()
    await clerk.see("more")
    await clerk.act(clerk.page.locator("dialog#more[open]").get_by_role("button", name="催办"))
