"""Packets forwarded for each CPU-second of the server: real DTLS and SRTP, one publisher, the same recorded clip.

The peer is Debian's Janus VideoRoom with one event loop, in the same run, in turns with our worker; Janus with its own
defaults is told beside it. Server and clients have a core each. Clients count and never decode.
"""

import argparse
import asyncio
import statistics
import sys

from rtc.engine.control import Source
from scripts.media_janus import Janus, there
from scripts.media_load import Clip, Run, Sender, count, measure, record
from scripts.media_ours import Ours

BITRATE = 1_500_000
ATTEMPTS = 3


async def ours(clip: Clip, viewers: int, seconds: float, speed: float) -> Run:
    """Our worker, as the suite starts it."""
    server = Ours()
    await server.start()
    try:
        speaker = await server.publisher(1)
        watching = [count(client.down) for client in await server.viewers([speaker], viewers)]
        sender = Sender(speaker.up, speaker.ssrcs[Source.CAMERA], clip)
        return await measure(
            "ours", server.pid, [sender], watching, each=lambda: viewers * sender.sent, seconds=seconds, speed=speed
        )
    finally:
        await server.close()


async def janus(clip: Clip, viewers: int, seconds: float, speed: float, *, loops: int) -> Run:
    """Janus with so many event loops; 0 is its default, a thread for each handle."""
    server = Janus(loops)
    await server.start()
    try:
        speaker = await server.publisher(777)
        watching = [count(connection) for connection in await server.viewers(viewers)]
        sender = Sender(speaker, 777, clip)
        return await measure(
            f"Janus, {loops or 'default'} loops", server.pid, [sender], watching,
            each=lambda: viewers * sender.sent, seconds=seconds, speed=speed,
        )  # fmt: skip
    finally:
        await server.close()


async def main(viewers: int, seconds: float, speed: float) -> None:
    clip = record(BITRATE)
    print(f"clip: {len(clip.frames)} frames, {clip.packets} packets, played {speed:g} times as fast; {viewers} viewers")
    mine: list[Run] = []
    theirs: list[Run] = []
    for _ in range(ATTEMPTS):
        mine.append(await ours(clip, viewers, seconds, speed))
        print(mine[-1], flush=True)
        if there():
            theirs.append(await janus(clip, viewers, seconds, speed, loops=1))
            print(theirs[-1], flush=True)
    if not theirs:
        print("media: Janus is not installed, so there is nothing to compare with: apt-get install janus")
        print(f"media {statistics.median(run.rate for run in mine):.0f} packets/CPU-s (peer missing)")
        sys.exit(3)
    print(await janus(clip, viewers, seconds, speed, loops=0))
    value, peer = (statistics.median(run.rate for run in runs) for runs in (mine, theirs))
    print(f"media {value:.0f} packets/CPU-s (peer {peer:.0f}, ratio {value / peer:.2f})")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--speed", type=float, default=3.0)
    given = parser.parse_args()
    asyncio.run(main(given.viewers, given.seconds, given.speed))
