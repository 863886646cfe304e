"""The built-in engine and its worker: started, asked, killed, started again. Real processes, real sockets."""

import os
import signal
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from rtc.engine.builtin import BuiltinEngine
from rtc.engine.control import PROTOCOL, Hello, Source
from rtc.engine.port import EngineDown, EngineRefused, MediaEngine
from tests.rtc.media.bot import until
from tests.rtc.media.room import Told


@pytest.fixture
async def engine() -> AsyncIterator[BuiltinEngine]:
    made = BuiltinEngine(port=0)
    await made.start()
    yield made
    await made.close()


async def test_it_is_an_engine_and_says_hello(engine: BuiltinEngine) -> None:
    asked: MediaEngine = engine
    with pytest.raises(EngineDown):
        await asked.ensure_room("1")  # not there yet: told at once, never waited for
    async with Told(engine) as told:
        hello = await told.first(Hello)
    assert (hello.protocol, hello.host) == (PROTOCOL, "127.0.0.1")
    assert hello.pid == engine.pids[0]
    await asked.ensure_room("1")
    await asked.admit("1", "a", [Source.CAMERA])
    assert (await asked.stats("1"))["seats"] == 1


async def test_what_it_refuses_it_refuses_by_code(engine: BuiltinEngine) -> None:
    async with Told(engine) as told:
        await told.first(Hello)
    for room, seat, code in [("none", "a", "no-seat"), ("1", "nobody", "no-seat"), ("1", "a", "bad-sdp")]:
        await engine.ensure_room("1")
        await engine.admit("1", "a", [])
        with pytest.raises(EngineRefused) as refused:
            await engine.publish(room, seat, "v=0", [])
        assert refused.value.code == code
    with pytest.raises(EngineRefused) as refused:
        await engine.admit("1", "bad name\r\na=evil", [])
    assert refused.value.code == "not-allowed"
    with pytest.raises(EngineRefused) as refused:
        await engine.publish("1", "a", "v" * 300_000, [])
    assert refused.value.code == "bad-sdp"


async def test_a_killed_worker_is_started_again_and_is_empty(engine: BuiltinEngine) -> None:
    async with Told(engine) as told:
        first = await told.first(Hello)
        await engine.ensure_room("1")
        os.kill(first.pid, signal.SIGKILL)
        await until(lambda: not engine.up, "the death is noticed")
        with pytest.raises(EngineDown):
            await engine.ensure_room("1")
        second = await told.first(Hello, after=first)
        assert second.pid != first.pid
        with pytest.raises(EngineRefused):
            await engine.stats("1")


async def test_a_worker_ends_with_its_parent(engine: BuiltinEngine) -> None:
    async with Told(engine) as told:
        pid = (await told.first(Hello)).pid
    await engine.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_nobody_gets_in_without_the_token(engine: BuiltinEngine) -> None:
    async with Told(engine) as told:
        await told.first(Hello)
    port = engine._keepers[0].port
    for headers in [{}, {"Authorization": "Bearer wrong"}]:
        with pytest.raises(InvalidStatus):
            await connect(f"ws://127.0.0.1:{port}", additional_headers=headers, proxy=None)
    await engine.ensure_room("1")
