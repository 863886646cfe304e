"""`python -m rtc.media`: one media worker. It ends when its parent closes the standard input it was given."""

import argparse
import asyncio
import gc
import logging
import os
import resource
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from typing_extensions import override

from rtc.media.capacity import measure
from rtc.media.link import Link
from rtc.media.udp import bind
from rtc.media.worker import Worker

SWITCH = 0.0001  # seconds: a busy thread of a library may not hold the packets up for 5 ms


class _JsonLines(logging.Formatter):
    """One JSON object a line."""

    @override
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at, "level": record.levelname, "log": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return msgspec.json.encode(line).decode()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rtc.media", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="IPv4 address that browsers send media to")
    parser.add_argument("--bind", default="", help="address the UDP socket is bound to; --host when not given")
    parser.add_argument("--port", type=int, default=8444, help="UDP port; 0 = any")
    parser.add_argument("--control", type=int, default=0, help="TCP port of the control link on 127.0.0.1; 0 = any")
    parser.add_argument("--token-file", type=Path, required=True, help="holds the token the suite shows")
    return parser.parse_args()


def _log() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("websockets", "aiortc", "aioice"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _when_orphaned(end: asyncio.Event) -> None:
    """Set `end` when the parent closes our standard input, or dies."""
    loop, stdin = asyncio.get_running_loop(), sys.stdin.fileno()

    def read() -> None:
        if not os.read(stdin, 1024):
            loop.remove_reader(stdin)
            end.set()

    with suppress(PermissionError):  # a file or /dev/null: nobody to wait for
        loop.add_reader(stdin, read)


async def _run(asked: argparse.Namespace) -> None:
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    _when_orphaned(end)
    worker = Worker(bind(asked.bind or asked.host, asked.port), host=asked.host, most_packets=measure())
    link = Link(worker, token=asked.token_file.read_text().strip())
    control = await link.open(asked.control)
    sys.stdout.write(msgspec.json.encode({"control": control, "udp": worker.address[1]}).decode() + "\n")
    sys.stdout.flush()
    gc.freeze()  # what is loaded now is not looked at again
    await end.wait()
    await link.close()
    await worker.close()


def main() -> None:
    """Run until the parent goes away or SIGTERM comes."""
    asked = _arguments()
    _log()
    sys.setswitchinterval(SWITCH)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # keys of media do not go to disk
    asyncio.run(_run(asked))


if __name__ == "__main__":
    main()
