"""A clerk calls a meeting by a notice; it is issued, the counties answer, and the organiser sees who comes."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.story import SECONDS, Person, Story
from tests.e2e.test_climb import issue

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

MEETING = "全市冬季取暖保供视频会议"
NOTICE = f"咸阳市人民政府关于召开{MEETING}的通知"


async def plan(clerk: Person) -> None:
    """发起, one topic, all counties by one press."""
    await clerk.go("/meetings")
    await clerk.see("meetings-empty")
    await clerk.press("发起会议")
    await clerk.see("plan")
    await clerk.page.fill("input[name=title]", MEETING)
    await clerk.page.fill("input[name=place]", "市政府三楼会议室")
    await clerk.act(clerk.page.get_by_role("button", name="发起，接着选会场"))
    await clerk.page.fill("form[action$='/topics'] input[name=title]", "通报保供情况")
    await clerk.page.fill("form[action$='/topics'] input[name=speaker]", "市发改委")
    await clerk.page.fill("form[action$='/topics'] input[name=minutes]", "20")
    await clerk.act(clerk.page.get_by_role("button", name="加进议程"))
    await clerk.press("选会场")
    tier = clerk.page.locator("button.grp", has_text="各县（市、区）人民政府")
    await tier.click()
    await expect(tier).to_have_attribute("aria-pressed", "true", timeout=SECONDS)
    await expect(clerk.page.locator("#rp-bar")).to_contain_text("14", timeout=SECONDS)
    await clerk.see("venues")
    await clerk.press("选好了")
    await clerk.see("meeting-planned")


async def send_notice(clerk: Person) -> None:
    """写会议通知: the words are there, one only reads and sends."""
    await clerk.act(clerk.page.get_by_role("button", name="写会议通知"))
    await expect(clerk.page.locator("#f-title")).to_have_value(NOTICE, timeout=SECONDS)
    await clerk.settled()
    await clerk.see("notice-draft")
    await clerk.page.locator("[data-send]").locator("visible=true").first.click()
    await clerk.settled()
    await clerk.act(clerk.page.locator("form.sendform button.go"))


async def answer(county: Person) -> None:
    """The county finds the notice on its desk and answers on the notice's own page."""
    await county.open_task(MEETING)
    form = county.page.locator("form[action$='/reply']")
    await form.get_by_role("radio", name="派员代替").check()
    await form.locator("input[name=substitute]").fill("副市长周谷雨")
    await form.locator("input[name=reason]").fill("主要负责人出差")
    await county.see("notice-received")
    await county.act(form.get_by_role("button", name="报回执"))
    await expect(county.page.locator("#reply")).to_contain_text("已报：派员代替", timeout=SECONDS)
    await expect(county.page.get_by_role("link", name="进入会场").locator("visible=true").first).to_have_attribute(
        "href", re.compile(r"^/meetings/\d+/check$")
    )
    await county.see("meeting-answered")


async def test_meeting_call(story: Story) -> None:
    clerk = await story.person("shi-wenshu")
    await plan(clerk)
    await send_notice(clerk)
    await issue(story, MEETING, "shi-wenshu", "shi-zhang", "shi-bangongshi")
    await answer(await story.person("xian-wenshu"))
    await clerk.go("/meetings")
    await clerk.page.get_by_role("link", name=MEETING).click()
    await clerk.settled()
    await clerk.press("看谁来")
    await expect(clerk.page.locator("main")).to_contain_text("副市长周谷雨", timeout=SECONDS)
    await clerk.see("board")
    assert story.troubles == []
