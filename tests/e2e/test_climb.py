"""A village's request climbs to the city and is answered down to the village, from first click to last."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.story import SECONDS, Person, Story

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

SUBJECT = "修复灌渠所需资金"
REQUEST = f"关于{SUBJECT}的请示"
BODY = """今年9月以来连续降雨，造成我村灌渠护坡垮塌3处，影响1200亩农田冬灌。
一、基本情况
经现场核定，彻底修复需资金80万元。
二、请求事项
恳请从水利救灾资金中安排68万元，用于灌渠修复。
妥否，请批示。"""
TIERS = (
    ("zhen", "南位镇", "情况属实，本镇自筹12万元，缺口超出本级权限。"),
    ("xian", "兴平市", "已现场核实，请市政府支持。"),
)


async def write(clerk: Person) -> None:
    """The village clerk types the request; the page and the faults follow by themselves."""
    await clerk.go("/drafts")
    await clerk.see("drafts")
    await clerk.page.get_by_role("button", name="请示", exact=True).click()
    await clerk.page.wait_for_url(re.compile("/edit$"))
    page = clerk.page
    await page.fill("#f-title", REQUEST)
    await page.fill("#f-to", "兴平市南位镇人民政府")
    await page.fill("#f-body", BODY)
    await page.fill("#f-note", "联系人：村文书，电话：0000 0000")
    await page.fill("input[name=amount_yuan]", "680000")
    await expect(page.locator("#saved")).to_contain_text("已存", timeout=SECONDS)
    await expect(page.locator("#pages img").first).to_be_attached(timeout=SECONDS)
    await clerk.settled()
    await clerk.see("edit")


async def send(clerk: Person) -> None:
    """送审: what still stops is said there; here nothing does."""
    await clerk.page.locator("[data-send]").locator("visible=true").first.click()
    await clerk.settled()
    await clerk.see("send")
    await clerk.act(clerk.page.locator("form.sendform button.go"))


async def issue(story: Story, title: str, clerk_name: str, leader_name: str, head_name: str | None) -> None:
    """Review where there is an office, sign-off, recheck, and number, seal, release, dispatch in one go."""
    if head_name is not None:
        head = await story.person(head_name)
        await head.open_task(title)
        await head.slip("审核", "agree", {"opinion": "同意，请领导签发。"}, "签好，送出")
    leader = await story.person(leader_name)
    await leader.open_task(title)
    await leader.see("sign-off")
    await leader.slip("签发", "agree", {"opinion": "发。"}, "签好，送出")
    clerk = await story.person(clerk_name)
    await clerk.open_task(title)
    await clerk.slip("复核", "agree", {}, "签好，送出")
    await clerk.see("number")
    await clerk.act(clerk.page.get_by_role("button", name="一次办完"))


async def receive(story: Story, tier: str, title: str) -> None:
    """签收, 登记, 初审, 拟办 in a receiving organ."""
    clerk = await story.person(f"{tier}-wenshu")
    await clerk.open_task(title)
    await clerk.see("receive")
    for word in ("签收", "登记"):
        await clerk.dock(word)
    await clerk.slip("初审", "agree", {"opinion": "符合行文规则。"}, "签好，送出")
    head = await story.person(f"{tier}-bangongshi")
    await head.open_task(title)
    await head.slip("拟办", "agree", {"opinion": "建议上报。"}, "签好，送出")


LEADERS = {"zhen": "zhen-zhang", "xian": "xian-lingdao", "shi": "shi-zhang"}


async def test_climb(story: Story) -> None:
    village = await story.person("cun-wenshu")
    await village.see("village-home")
    await write(village)
    await send(village)
    await issue(story, SUBJECT, "cun-wenshu", "cun-zhuren", None)

    for tier, _, opinion in TIERS:
        await receive(story, tier, SUBJECT)
        leader = await story.person(LEADERS[tier])
        await leader.open_task(SUBJECT)
        await leader.slip("转报上级", "upward", {"opinion": opinion}, "转报")
    await receive(story, "shi", SUBJECT)
    mayor = await story.person("shi-zhang")
    await mayor.open_task(SUBJECT)
    await mayor.see("decide")
    await mayor.slip("批复", "decide", {"opinion": "同意，由市水利局落实。"}, "批复，送出")

    # everybody involved sees every opinion, and where it is
    await village.go("/exchange")
    await village.see("village-exchange")
    await village.go("/done")
    await village.page.locator("a", has_text=SUBJECT).first.click()
    await village.settled()
    for said in [opinion for _, _, opinion in TIERS] + ["同意，由市水利局落实。"]:
        await expect(village.page.locator("body")).to_contain_text(said)
    await village.see("village-sees-the-way")

    city = await story.person("shi-wenshu")
    await city.open_task(SUBJECT)
    await city.page.locator(".dock").get_by_role("button", name="起草批复").click()
    await city.page.wait_for_url(re.compile("/edit$"))
    await city.settled()
    await city.see("answer")
    await send(city)
    answer = f"{SUBJECT}的批复"
    await issue(story, answer, "shi-wenshu", "shi-zhang", "shi-bangongshi")

    for name in ("xian-wenshu", "zhen-wenshu", "cun-wenshu"):
        person = await story.person(name)
        await person.open_task(SUBJECT)
        await person.dock("收下答复")
    await village.see("answered")
    await village.go("/search")
    await village.see("search")
