"""A viewer behind a narrow line: the picture gets smaller instead of freezing, and sharp again when the line heals."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import Hello, Narrow, Quality, Slot
from tests.e2e import lines
from tests.rtc.media.room import Told
from tests.rtc.media.test_browser import CAMERA, SOUND, SWITCHES, Stage, Tab, chromium, eventually

__all__ = ["chromium"]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


async def until_wide(tab: Tab, least: int, most: int, seconds: float) -> None:
    async def reached() -> bool:
        return least <= (await tab.inbound()).get("v1 CAMERA", {}).get("width", 0) <= most

    await eventually(reached, f"a picture {least} to {most} wide", seconds)


async def test_a_narrow_line_gets_a_smaller_picture_and_a_healed_one_the_sharp_one(
    chromium: Browser, tmp_path: Path
) -> None:
    if why := lines.possible():
        pytest.skip(why)
    with lines.line(tmp_path, 1) as line:
        engine = BuiltinEngine(host=line.server, bind="0.0.0.0", port=0)
        await engine.start()
        async with Told(engine) as told, async_playwright() as player:
            far = await player.chromium.launch(executable_path=str(line.program), args=list(SWITCHES))
            stage = Stage(engine, told)
            await told.first(Hello)
            speaker, viewer = await stage.open(chromium, "v1"), await stage.open(far, "v2")
            await stage.build()
            await engine.show("1", "v2", [Slot("v1", SOUND), Slot("v1", CAMERA, Quality.HIGH)])
            await speaker.publish(simulcast=True)
            await until_wide(viewer, 1280, 1280, 60)
            line.narrow(400)
            await until_wide(viewer, 100, 320, 60)
            assert any(isinstance(note, Narrow) and note.viewer == "v2" for note in told.notes)
            before = await viewer.inbound()
            await viewer.until("v1 CAMERA", "frames", before["v1 CAMERA"]["frames"] + 150, 60)
            after = await viewer.inbound()
            assert (
                after["v1 CAMERA"]["freezes"] - before["v1 CAMERA"]["freezes"] <= 8
            )  # a busy machine freezes by itself
            assert after["v1 MICROPHONE"]["packets"] > before["v1 MICROPHONE"]["packets"]
            line.heal()
            await until_wide(viewer, 640, 1280, 120)
            await far.close()
        await engine.close()
