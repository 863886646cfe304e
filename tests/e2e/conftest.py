"""The demo city, without its made-up papers, served by the real server for each story."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.e2e.browser import CHROMIUM, browser
from tests.e2e.serving import Server, start
from tests.e2e.story import Story
from tests.web.conftest import PASSWORD, password_hash, sqlite_city
from web.app import open_database
from web.config import Config
from web.demo import city

__all__ = ["password_hash", "sqlite_city"]


@pytest.fixture(scope="session")
def whole_city(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> Path:
    """The database of the demo city: all 2,531 units and their people; the chosen accounts share one password."""
    folder = tmp_path_factory.mktemp("whole-city")
    db = open_database(Config(data=folder, demo=True))
    try:
        names = {one.login_name: PASSWORD for one in city.CHOSEN}
        city.load_city(db, passwords=names, hasher=lambda _: password_hash)
    finally:
        db.close()
    return folder / "office.db"


@pytest.fixture
async def server(whole_city: Path, tmp_path: Path) -> AsyncIterator[Server]:
    """The server on that city, over HTTPS."""
    shutil.copy(whole_city, tmp_path / "office.db")
    running = await start({"YIWANG_DATA": str(tmp_path), "YIWANG_DEMO": "1"}, tmp_path / "server.log")
    yield running
    await running.stop()


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    """The browser, or a skip that says why."""
    if not CHROMIUM:
        pytest.skip("no chromium on this machine")
    async with browser() as running:
        yield running


@pytest.fixture(params=["phone", "desk"])
async def story(
    request: pytest.FixtureRequest, server: Server, chromium: Browser, tmp_path: Path
) -> AsyncIterator[Story]:
    """A story in one size of window; at its end nothing may have troubled anybody."""
    name = str(request.node.originalname).removeprefix("test_")
    told = Story(server, chromium, PASSWORD, request.param == "phone", name)
    yield told
    await told.close()
    log = (tmp_path / "server.log").read_text(encoding="utf-8")
    assert "unexpected failure" not in log, log[-3000:]
    assert told.troubles == []
