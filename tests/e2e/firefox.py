"""Debian's Firefox, driven over its own remote protocol (WebDriver BiDi) by a WebSocket: no driver program between."""

import asyncio
import itertools
import json
import re
import shutil
import tempfile
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox") or ""
START_SECONDS = 60.0
# A fake camera and microphone, no questions, media on loopback, no visitors from home.
PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.autoplay.default": 0,
    "network.captive-portal-service.enabled": False,
    "app.update.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "media.gmp-manager.updateEnabled": False,
    "remote.prefs.recommended": True,
    "intl.accept_languages": "zh-CN",
}


class RemoteError(Exception):
    """The browser refused a command or a script threw."""


class Page:
    """One tab."""

    def __init__(self, remote: "Remote", context: str) -> None:
        self._remote = remote
        self._context = context

    async def goto(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        await self._remote.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:  # noqa: ANN401 - whatever the script gives, through JSON
        """The value of a JavaScript expression; promises are waited for."""
        wrapped = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        found = await self._remote.call(
            "script.evaluate", expression=wrapped, target={"context": self._context}, awaitPromise=True
        )
        if found["type"] != "success":
            raise RemoteError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    async def until(self, expression: str, seconds: float = 20.0) -> Any:  # noqa: ANN401
        """Wait until the expression is true; says what did not happen."""
        try:
            async with asyncio.timeout(seconds):
                while not (found := await self.evaluate(expression)):  # noqa: ASYNC110 - pages have no event for it
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s: {expression}") from None
        return found

    async def screenshot(self, path: Path) -> None:
        """The visible page as PNG."""
        found = await self._remote.call("browsingContext.captureScreenshot", context=self._context)
        await asyncio.to_thread(path.write_bytes, b64decode(found["data"]))


class Remote:
    """The connection to one Firefox."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON as the protocol has it
        """One command and its answer; events in between are not ours."""
        number = next(self._numbers)
        await self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer: dict[str, Any] = json.loads(await self._socket.recv())
            if answer.get("id") != number:
                continue
            if answer["type"] == "error":
                raise RemoteError(f"{answer['error']}: {answer['message']}")
            result: dict[str, Any] = answer["result"]
            return result


@asynccontextmanager
async def firefox() -> AsyncIterator[Page]:
    """One Firefox with one tab."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        _prefer(Path(profile))
        process = await asyncio.create_subprocess_exec(
            FIREFOX, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0", "about:blank",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with connect(f"{await _address(process)}/session", max_size=2**24) as socket:
                remote = Remote(socket)
                await remote.call("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
                tree = await remote.call("browsingContext.getTree")
                yield Page(remote, tree["contexts"][0]["context"])
        finally:
            process.kill()
            await process.wait()


def _prefer(profile: Path) -> None:
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(START_SECONDS):
        while line := (await process.stderr.readline()).decode(errors="replace"):
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return found.group(1)
    raise AssertionError("Firefox ended before it listened")
