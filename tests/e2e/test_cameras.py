"""The measuring tools measure: codes and tones come back out of a real browser."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import async_playwright

from tests.e2e import cameras
from tests.e2e.browser import CHROMIUM, SWITCHES


@given(st.integers(0, 127), st.integers(0, 10_000))
def test_a_code_names_venue_and_frame(venue: int, frame: int) -> None:
    bits = cameras.code(venue, frame)
    assert bits.bit_count() % 2 == 0
    assert (bits >> 8, bits >> 1 & 127) == (frame % 256, venue)


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
async def test_a_browser_shows_the_code_and_plays_the_tone(tmp_path: Path) -> None:
    arguments = await asyncio.to_thread(cameras.switches, tmp_path, 5)
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES, *arguments])
        page = await browser.new_page()
        await page.route(
            "http://localhost/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html")
        )
        await page.goto("http://localhost/")
        await page.evaluate(cameras.PROBES)
        await page.evaluate(
            """async () => {
              window.made = await navigator.mediaDevices.getUserMedia(
                {audio: {echoCancellation: false, noiseSuppression: false, autoGainControl: false}, video: true});
              const video = document.createElement("video");
              video.muted = true; video.srcObject = window.made; document.body.append(video);
              await video.play(); window.seen = window.watchFrames(video); }"""
        )
        await page.wait_for_function("window.seen.length > 30")
        seen = await page.evaluate("window.seen")
        own, other = await page.evaluate(
            f"window.tones(window.made, [{cameras.tone_of(5)}, {cameras.tone_of(9)}], 1.5)"
        )
        await browser.close()
    assert {venue for _, venue, _ in seen} == {5}
    steps = [(after[2] - before[2]) % 256 for before, after in pairwise(seen)]
    assert sorted(steps)[len(steps) // 2] in {1, 2}
    assert own > other + 20
