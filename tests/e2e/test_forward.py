"""A township passes a county's notice on to its villages; their answers become one answer of the township."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.story import SECONDS, Person, Story
from tests.e2e.test_climb import issue, send

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

SUBJECT = "报送冬灌用水需求"
NOTICE = f"兴平市人民政府关于{SUBJECT}的通知"
BODY = """为统筹安排今冬灌溉用水，现就报送用水需求通知如下。
一、各镇、街道组织所属村、社区摸清需求，汇总后答复。
二、没有需求的也要答复。"""


async def write(clerk: Person) -> None:
    """The county's notice to its townships, which may go down to the villages."""
    await clerk.go("/drafts")
    await clerk.page.get_by_role("button", name="通知", exact=True).click()
    await clerk.page.wait_for_url(re.compile("/edit$"))
    await clerk.page.fill("#f-title", NOTICE)
    await clerk.page.fill("#f-to", "各镇人民政府（街道办事处）")
    await clerk.page.fill("#f-body", BODY)
    await clerk.page.select_option("select[name=reach]", label="村级")
    await clerk.page.locator("#f-note").press("Tab")
    await expect(clerk.page.locator("#pages img").first).to_be_attached(timeout=SECONDS)
    await clerk.page.wait_for_timeout(1000)
    await clerk.settled()


async def answer(person: Person, text: str) -> None:
    """答复 from the paper: 更多, 答复, write, send."""
    await person.open_task(SUBJECT)
    await person.page.locator(".dock").get_by_role("button", name="更多").click()
    await person.page.locator("dialog[open]").get_by_role("link", name="答复").click()
    await person.settled()
    await person.page.locator("textarea[name=text]").fill(text)
    await person.see("reply")
    await person.act(person.page.locator("form button.go").locator("visible=true").first)


async def test_forward(story: Story) -> None:
    county = await story.person("xian-wenshu")
    await write(county)
    await send(county)
    await issue(story, SUBJECT, "xian-wenshu", "xian-lingdao", "xian-bangongshi")

    town = await story.person("zhen-wenshu")
    await town.open_task(SUBJECT)
    await town.dock("签收")
    await town.page.locator(".dock").get_by_role("button", name="更多").click()
    await town.page.locator("dialog[open]").get_by_role("link", name=re.compile("^转发到下级")).click()
    await town.settled()
    await town.see("forward")
    await town.act(town.page.locator("main form button.go").locator("visible=true").first)

    village = await story.person("cun-wenshu")
    await village.go("/")
    await village.see("village-home-one")
    await village.open_task(SUBJECT)
    await village.dock("签收")
    await answer(village, "本村需水 3 万立方米。")

    await town.go("/exchange")
    await town.open_task(SUBJECT)
    await town.page.locator(".dock").get_by_role("button", name="更多").click()
    await town.page.locator("dialog[open]").get_by_role("link", name="答复").click()
    await town.settled()
    text = town.page.locator("textarea[name=text]")
    await expect(text).to_have_value(re.compile("张里村.*本村需水 3 万立方米。", re.DOTALL))
    await town.see("roll-up")
    await town.act(town.page.locator("form button.go").locator("visible=true").first)

    await county.go("/exchange/sent")
    await county.page.locator("a[href$='/receipts']").first.click()
    await county.settled()
    await expect(county.page.locator("main")).to_contain_text("本村需水 3 万立方米")
    await county.see("answered")
