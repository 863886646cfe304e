"""Our worker with bots in it, for the media benches."""

import asyncio
import os

from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import Hello, Slot, Source
from scripts.media_load import CLIENT_CORE, address, hold, in_turn, settle
from tests.rtc.media.room import Client, Told

CAMERA = Source.CAMERA


class Ours:
    """A worker process on the server's core; the suite's side and all bots are in this process, on the other."""

    def __init__(self) -> None:
        settle(calm=False)
        self.engine = BuiltinEngine(host=address(), port=0)
        self.told = Told(self.engine)
        self.clients: list[Client] = []
        self.pid = 0

    async def start(self) -> None:
        os.sched_setaffinity(0, {CLIENT_CORE})
        await self.engine.start()
        await self.told.__aenter__()
        self.told.listeners = self.clients
        self.pid = (await self.told.first(Hello)).pid
        hold(self.pid)
        await self.engine.ensure_room("1")

    async def publisher(self, number: int) -> Client:
        client = Client(self.engine, f"p{number}")
        self.clients.append(client)
        await self.engine.admit("1", client.seat, [CAMERA])
        await client.publish(CAMERA)
        return client

    async def viewers(self, watched: list[Client], count: int) -> list[Client]:
        """So many viewers, spread over the publishers; all connected."""
        made = [Client(self.engine, f"w{1_000 + at}") for at in range(count)]
        self.clients += made
        await in_turn(self._join(client, watched[at % len(watched)]) for at, client in enumerate(made))
        settle(calm=True)
        return made

    async def _join(self, client: Client, watched: Client) -> None:
        await self.engine.admit("1", client.seat, [])
        await self.engine.show("1", client.seat, [Slot(watched.seat, CAMERA)])
        async with asyncio.timeout(30):
            await client.down.up.wait()

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
        await self.told.__aexit__(None, None, None)
        await self.engine.close()
