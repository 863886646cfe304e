"""The real server as a process of its own: started, found by the address it prints, killed or stopped."""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0


@dataclass(slots=True)
class Server:
    """A running `yiwang serve`."""

    process: asyncio.subprocess.Process
    address: str  # ends with /

    def kill(self) -> None:
        """SIGKILL: nothing is finished, nothing is said."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGKILL)

    async def gone(self) -> None:
        """Wait until the process is no more."""
        await self.process.wait()

    async def stop(self) -> None:
        """SIGTERM, as a service manager does."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


async def start(settings: Mapping[str, str], log: Path) -> Server:
    """Start the server on a free port; fails with its log when it does not come up."""
    environment = {**os.environ, "YIWANG_PORT": "0", **settings}
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "web", "serve", cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        line = (await process.stdout.readline()).decode()
    if "：" not in line:
        await process.wait()
        raise AssertionError(f"the server did not start; its log: {log}")
    return Server(process, line.split("：", 1)[1].strip())
