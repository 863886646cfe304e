"""A city notice is countersigned, signed on a phone, sealed, and reaches all 2,530 others; receipts come back live."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.story import SECONDS, Person, Story
from tests.e2e.test_climb import issue

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

SUBJECT = "做好今冬明春森林防火工作"
NOTICE = f"咸阳市人民政府关于{SUBJECT}的通知"
BODY = """为做好今冬明春森林防火工作，现就有关事项通知如下。
一、提高认识
各级各部门要充分认识森林防火工作的重要性，落实责任。
二、加强巡查
各镇、村要安排专人巡查，发现火情立即报告。"""
TIERS = ("各县（市、区）人民政府", "各镇人民政府（街道办事处）", "各村（居）民委员会")
BUREAUS = (("caizheng-juzhang", "财政局"), ("shuili-juzhang", "水利局"))


async def write(clerk: Person) -> None:
    """A notice that may go down to the villages."""
    await clerk.go("/drafts")
    await clerk.page.get_by_role("button", name="通知", exact=True).click()
    await clerk.page.wait_for_url(re.compile("/edit$"))
    await clerk.page.fill("#f-title", NOTICE)
    await clerk.page.fill("#f-body", BODY)
    await clerk.page.select_option("select[name=reach]", label="村级")
    await expect(clerk.page.locator("#saved")).to_contain_text("已存", timeout=SECONDS)
    await clerk.settled()


async def choose_everybody(clerk: Person) -> None:
    """Every county, township and village under the city, by three presses."""
    await clerk.page.get_by_role("link", name="从名录选").click()
    await clerk.settled()
    await clerk.see("recipients")
    for tier in TIERS:
        button = clerk.page.locator("button.grp", has_text=tier)
        await button.click()
        await expect(button).to_have_attribute("aria-pressed", "true", timeout=SECONDS)
    await expect(clerk.page.locator("#sel-h")).to_contain_text("2,530", timeout=SECONDS)
    await clerk.see("recipients-chosen")
    await clerk.act(clerk.page.get_by_role("button", name="用这 2,530 个"))


async def send_to_countersign(clerk: Person) -> None:
    """送审, with two bureaus to countersign at once."""
    if not clerk.page.url.endswith("/edit"):
        await clerk.page.locator("a.back").first.click()
        await clerk.settled()
    await clerk.page.locator("[data-send]").locator("visible=true").first.click()
    await clerk.settled()
    await clerk.page.locator("summary", has_text="会签").click()
    for _, bureau in BUREAUS:
        await clerk.page.locator("label.pick", has_text=bureau).first.locator("input").check()
    await clerk.see("send-countersign")
    await clerk.act(clerk.page.locator("form.sendform button.go"))


async def countersign(story: Story) -> None:
    head = await story.person("shi-bangongshi")
    await head.open_task(SUBJECT)
    await head.slip("审核", "agree", {"opinion": "请两局会签。"}, "签好，送出")
    for name, _ in BUREAUS:
        bureau = await story.person(name)
        await bureau.open_task(SUBJECT)
        await bureau.see("countersign")
        await bureau.slip("会签", "agree", {"opinion": "无不同意见。"}, "签好，送出")


async def sign_for(person: Person) -> None:
    """签收 from the paper itself."""
    await person.open_task(SUBJECT)
    await person.dock("签收")


async def test_issue(story: Story) -> None:
    clerk = await story.person("shi-wenshu")
    await clerk.see("inbox-empty")
    await write(clerk)
    await choose_everybody(clerk)
    await send_to_countersign(clerk)
    await countersign(story)
    await story.person("shi-zhang", phone=True)
    await issue(story, SUBJECT, "shi-wenshu", "shi-zhang", None)

    # sent: the clerk stands before the picture of the city, nobody has signed yet
    await expect(clerk.page).to_have_url(re.compile("/receipts$"))
    total = clerk.page.locator("#r-sum").first
    await expect(total).to_contain_text("2,530")
    await clerk.see("receipts")
    for name in ("xian-wenshu", "zhen-wenshu"):
        await sign_for(await story.person(name))
    await expect(total).to_contain_text(re.compile(r"^\s*2\s*/"), timeout=SECONDS)  # live, without a reload
    await clerk.see("receipts-live")

    # a wrong address comes back at once, with one of the five reasons
    village = await story.person("cun-wenshu")
    await village.open_task(SUBJECT)
    await village.slip("退文", "send-back", {"text": "本村没有林地。"}, "退给来文单位")
    await clerk.go("/")
    await expect(clerk.page.locator("main")).to_contain_text("不属本单位办理")
    await clerk.see("returned")

    # one press reminds everybody who has not signed
    await clerk.go("/exchange/sent")
    await clerk.page.locator("a[href$='/receipts']").first.click()
    await clerk.settled()
    await clerk.act(clerk.page.get_by_role("button", name=re.compile("^催办")).locator("visible=true").first)

    # anybody can ask whether the issued file is genuine
    async with clerk.page.expect_download() as waiting:
        await clerk.page.evaluate(
            "(path) => { const a = document.createElement('a'); a.href = path; document.body.append(a); a.click(); }",
            clerk.page.url.replace("/receipts", "/paper.pdf"),
        )
    path = await (await waiting.value).path()
    visitor = await story.person("zhen-zhang")
    await visitor.go("/verify")
    await visitor.see("verify")
    await visitor.page.set_input_files(
        "input[type=file]", {"name": "通知.pdf", "mimeType": "application/pdf", "buffer": path.read_bytes()}
    )
    await expect(visitor.page.locator("body")).to_contain_text("咸阳市人民政府", timeout=SECONDS)
    await visitor.see("verified")
