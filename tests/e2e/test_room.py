"""Three venues in one room, by the pages: seen, heard, chaired, left and come back."""

import os
import shutil
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.e2e.browser import CHROMIUM
from tests.e2e.sitting import Seat, Sitting, eventually, sit
from tests.e2e.story import SECONDS
from tests.town import CITY, COUNTY, TOWN, Town

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420), pytest.mark.skipif(not CHROMIUM, reason="no chromium here")]

MAIN, COUNTY_NAME, TOWN_NAME = "咸阳市", "兴平市", "南位镇"


@pytest.fixture
async def sitting(sqlite_city: tuple[Path, Town], tmp_path: Path) -> AsyncIterator[Sitting]:
    template, people = sqlite_city
    shutil.copy(template, tmp_path / "office.db")
    async with sit(tmp_path, people) as opened:
        yield opened
    log = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert "Traceback" not in log, log[-3000:]
    assert opened.troubles == []


async def test_three_venues_meet(sitting: Sitting) -> None:
    chair = await sitting.seat(CITY, 1, MAIN)
    county = await sitting.seat(COUNTY, 2, COUNTY_NAME)
    town = await sitting.seat(TOWN, 3, TOWN_NAME, phone=True)
    for seat in (chair, county, town):
        await seat.check()
        await seat.look("check")
        await seat.enter()
    await everyone_sees_and_hears(chair, county, town)
    await chair.look("together")
    await begins(chair)
    await is_muted_and_freed(chair, county, town)
    await is_called(chair, county, town)
    await is_broadcast(chair, county, town)
    await reads_a_paper(chair, county, town)
    await votes(chair, county, town)
    await shows_its_screen(chair, county, town)
    await leaves_and_returns(chair, county, town)


async def test_pictures_come_back_after_the_engine_was_killed(sitting: Sitting) -> None:
    chair = await sitting.seat(CITY, 1, MAIN)
    county = await sitting.seat(COUNTY, 2, COUNTY_NAME)
    for seat in (chair, county):
        await seat.check()
        await seat.enter()
    await everyone_sees(chair, county)
    await chair.page.get_by_role("button", name="担任主席").click()
    await chair.says("静音 兴平市")
    (worker,) = sitting.media_workers()
    os.kill(worker, signal.SIGKILL)
    await everyone_sees(chair, county)
    await county.hears(MAIN)
    await chair.hears_nothing_of(COUNTY_NAME)
    await expect(chair.page.locator("#chair-name")).to_have_text("主席 咸阳市")


async def test_the_second_device_of_a_venue_takes_over_when_asked(sitting: Sitting) -> None:
    chair = await sitting.seat(CITY, 1, MAIN)
    first = await sitting.seat(COUNTY, 2, COUNTY_NAME)
    second = await sitting.seat(COUNTY, 4, COUNTY_NAME, phone=True)
    for seat in (chair, first, second):
        await seat.check()
        await seat.enter()
    await chair.sees(COUNTY_NAME)
    assert await chair.shows(COUNTY_NAME) == first.number
    await second.page.get_by_role("button", name="改用这台").click()

    async def other() -> bool:
        return await chair.shows(COUNTY_NAME) == second.number

    await eventually(other, "the second device is seen", 20)
    await expect(first.page.locator("#ask")).to_contain_text("另一台设备", timeout=SECONDS)
    await second.look("taken-over")


async def test_who_waits_outside_is_let_in(sqlite_city: tuple[Path, Town], tmp_path: Path) -> None:
    template, people = sqlite_city
    shutil.copy(template, tmp_path / "office.db")
    async with sit(tmp_path, people, lobby=True) as sitting:
        chair = await sitting.seat(CITY, 1, MAIN)
        town = await sitting.seat(TOWN, 3, TOWN_NAME, phone=True)
        await chair.check()
        await chair.enter()
        await chair.page.get_by_role("button", name="担任主席").locator("visible=true").first.click()
        await town.check()
        await town.enter()
        await expect(town.page.locator("#cover")).to_contain_text("等候室", timeout=SECONDS)
        await town.look("outside")
        await chair.says("放行 南位镇")
        await expect(town.page.locator("#cover")).to_be_hidden(timeout=SECONDS)
        await everyone_sees(chair, town)
        assert sitting.troubles == []


async def everyone_sees_and_hears(*seats: Seat) -> None:
    for seat in seats:
        others = {one.name for one in seats} - {seat.name}
        await seat.sees(*others)
        for other in others:
            await seat.hears(other)


async def begins(chair: Seat) -> None:
    """The clerk who called it takes the chair with one press, and begins with the next."""
    await chair.page.get_by_role("button", name="担任主席").click()
    await chair.page.locator("#ask").get_by_role("button", name="正式开会").click()
    await expect(chair.page.locator("#phase")).to_have_text("正式开会", timeout=SECONDS)
    await chair.look("chair")


async def is_muted_and_freed(chair: Seat, county: Seat, town: Seat) -> None:
    """Mute is at the server: no sound comes, and the venue's own button is refused with a sentence; undo gives it
    back."""
    await chair.says("静音 兴平市")
    await town.hears_nothing_of(COUNTY_NAME)
    await county.page.keyboard.press("m")
    await expect(county.page.locator(".refusal")).to_contain_text("举手", timeout=SECONDS)
    await county.look("refused")
    await county.page.get_by_role("button", name="知道了").click()
    await town.hears(MAIN)
    await chair.page.get_by_role("button", name="撤销").click()
    await town.hears(COUNTY_NAME)


async def is_called(chair: Seat, county: Seat, town: Seat) -> None:
    """点名: each sees one large button; the sheet knows who is there."""
    await chair.says("点名 全体 60")
    await county.page.get_by_role("button", name="答“到”").click()
    answer = town.page.get_by_role("button", name="答“到”")
    await expect(answer).to_be_visible(timeout=SECONDS)
    await town.look("called")
    await chair.look("calling")
    await answer.click()
    await expect(chair.page.locator("#call-doing")).to_have_text("全部点完：到 2，未应答 0", timeout=SECONDS)
    await chair.page.get_by_role("button", name="结束点名").click()
    await expect(chair.page.locator("#call-doing")).to_have_text("点名结束：到 2，未到 0", timeout=SECONDS)


async def is_broadcast(chair: Seat, county: Seat, town: Seat) -> None:
    """广播 from the slip; the county's picture is the large one at the town, and the county is told."""
    await chair.page.keyboard.press("b")
    slip = chair.page.locator("dialog[open]")
    await slip.locator("select").select_option(label=COUNTY_NAME)
    await slip.get_by_role("button", name="广播会场").click()
    large = town.page.locator(".tile.large .nm")
    await expect(large).to_have_text(COUNTY_NAME, timeout=SECONDS)
    await town.sees(COUNTY_NAME)
    await town.look("broadcast")
    await county.look("on-air")
    await chair.says("停止广播")
    await expect(large).to_have_count(0, timeout=SECONDS)


async def reads_a_paper(chair: Seat, county: Seat, town: Seat) -> None:
    """The chair turns the page for all; a venue may leaf by itself and come back."""
    await chair.page.locator("#paper-list").get_by_role("button", name="看").click()
    await chair.page.get_by_role("button", name="给大家看").click()
    name = town.page.locator("#page-name")
    await expect(name).to_have_text("灌渠修复.pdf · 1/3", timeout=SECONDS)
    await chair.page.get_by_role("button", name="下一页").click()
    await expect(name).to_have_text("灌渠修复.pdf · 2/3", timeout=SECONDS)
    await county.page.get_by_role("button", name="上一页").click()
    await expect(county.page.locator("#page-name")).to_have_text("灌渠修复.pdf · 1/3", timeout=SECONDS)
    await expect(name).to_have_text("灌渠修复.pdf · 2/3", timeout=SECONDS)
    await town.until("document.querySelector('#page-image').naturalWidth > 0", "the page is drawn")
    await town.look("paper")
    await chair.look("paper")
    await county.page.get_by_role("button", name="跟随主讲").click()
    await expect(county.page.locator("#page-name")).to_have_text("灌渠修复.pdf · 2/3", timeout=SECONDS)
    await chair.page.get_by_role("button", name="收起材料").click()
    await expect(town.page.locator("#paper")).to_be_hidden(timeout=SECONDS)


async def votes(chair: Seat, county: Seat, town: Seat) -> None:
    """An open vote: asked, answered by each venue once, closed, published."""
    await chair.says("表决")
    slip = chair.page.locator("dialog[open]")
    await slip.locator("input").fill("同意灌渠修复方案")
    await slip.get_by_role("button", name="开始表决").click()
    for seat in (county, town):
        await seat.page.get_by_role("button", name="去表决").click()
        if seat is town:
            await seat.look("vote")
        await seat.page.locator("#votes").get_by_role("button", name="赞成").click()
        await expect(seat.page.locator("#votes .options button")).to_have_count(0, timeout=SECONDS)
    await town.page.locator('.rp [data-act="close"]').click()
    await expect(chair.page.locator("#vote-list small")).to_contain_text("已投 2", timeout=SECONDS)
    await chair.page.get_by_role("button", name="结束表决").click()
    await expect(chair.page.locator("#vote-list small")).to_contain_text("通过：赞成", timeout=SECONDS)
    assert "通过" not in await county.page.locator("#vote-list small").inner_text()
    await chair.page.get_by_role("button", name="公布结果").click()
    await expect(county.page.locator("#vote-list small")).to_contain_text("通过：赞成", timeout=SECONDS)
    await chair.look("vote")


async def shows_its_screen(chair: Seat, county: Seat, town: Seat) -> None:
    """A screen is added to a call that runs."""
    await chair.page.keyboard.press("s")
    await expect(chair.page.locator(".toast")).to_contain_text("正在共享", timeout=SECONDS)
    await county.sees(MAIN, source="SCREEN")
    await town.sees(MAIN, source="SCREEN")
    await county.look("screen")
    await town.look("screen")
    await chair.page.keyboard.press("s")
    await expect(town.page.locator('.tile[data-source="SCREEN"]')).to_have_count(0, timeout=SECONDS)


async def leaves_and_returns(chair: Seat, county: Seat, town: Seat) -> None:
    """Who is muted, leaves and comes back is still muted."""
    await chair.says("静音 兴平市")
    await county.page.get_by_role("button", name="离开").click()
    lost = chair.page.locator(".tile.off")
    await expect(lost).to_contain_text("断线", timeout=SECONDS)
    await chair.look("lost")
    await county.check()
    await county.enter()
    await expect(county.page.locator('nav.cb [data-act="microphone"]')).to_contain_text("已静音", timeout=SECONDS)
    await expect(lost).to_have_count(0, timeout=SECONDS)
    await everyone_sees(chair, county, town)
    await town.hears_nothing_of(COUNTY_NAME)


async def everyone_sees(*seats: Seat) -> None:
    for seat in seats:
        await seat.sees(*({one.name for one in seats} - {seat.name}))
