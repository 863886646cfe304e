"""A city notice is countersigned, signed on a phone, sealed, and reaches all 2,530 others; receipts come back live."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.story import SECONDS, Person, Story
from tests.e2e.test_climb import issue, send

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

SUBJECT = "做好今冬明春森林防火工作"
NOTICE = f"咸阳市人民政府关于{SUBJECT}的通知"
BODY = """为做好今冬明春森林防火工作，现就有关事项通知如下。
一、提高认识
各级各部门要充分认识森林防火工作的重要性，落实责任。
二、加强巡查
各镇、村要安排专人巡查，发现火情立即报告。
请各单位于12月5日前报送落实情况。"""
BUREAUS = ("caizheng-juzhang", "shuili-juzhang")


async def write(clerk: Person) -> None:
    """A notice to everybody, down to the villages."""
    await clerk.go("/drafts")
    await clerk.page.get_by_role("button", name="通知", exact=True).click()
    await clerk.page.wait_for_url(re.compile("/edit$"))
    page = clerk.page
    await page.fill("#f-title", NOTICE)
    await page.fill("#f-body", BODY)
    await page.select_option("select[name=reach]", label="村级")
    await expect(page.locator("#saved")).to_contain_text("已存", timeout=SECONDS)
    await clerk.settled()


async def choose_everybody(clerk: Person) -> None:
    """The recipients' page: every county, township and village under the city."""
    await clerk.page.get_by_role("link", name="从名录选").click()
    await clerk.settled()
    await clerk.see("recipients")
    for tier in ("县级", "镇级", "村级"):
        await clerk.page.locator("[data-tier]", has_text=tier).first.click()
        await clerk.settled()
    await expect(clerk.page.locator("[data-count]").first).to_contain_text("2,530", timeout=SECONDS)
    await clerk.see("recipients-chosen")


async def countersign(story: Story) -> None:
    for name in BUREAUS:
        bureau = await story.person(name)
        await bureau.open_task(SUBJECT)
        await bureau.see("countersign")
        await bureau.slip("会签", "agree", {"opinion": "无不同意见。"}, "签好，送出")
