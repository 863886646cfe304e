"""The worker's end of the link: what is no command ends it, a new suite replaces the old one and finds it empty."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rtc.engine.control import MOST_FRAME, Command, Commands, EnsureRoom, Hello, Notes, Stats
from rtc.media import link as links
from rtc.media.link import Link
from rtc.media.udp import bind
from rtc.media.worker import Worker


class Suite:
    """A raw client of the link."""

    def __init__(self, connection: ClientConnection) -> None:
        self.raw = connection

    async def say(self, command: Command) -> None:
        await self.raw.send(msgspec.json.encode(command).decode())

    async def hear(self) -> Notes:
        note: Notes = msgspec.json.decode(await self.raw.recv(), type=Notes)
        return note


@pytest.fixture
async def port() -> AsyncIterator[int]:
    worker = Worker(bind("127.0.0.1", 0), host="127.0.0.1")
    link = Link(worker, token="right")
    yield await link.open(0)
    await link.close()
    await worker.close()


def suite(port: int) -> Any:  # noqa: ANN401 - websockets' own context manager
    return connect(f"ws://127.0.0.1:{port}", additional_headers={"Authorization": "Bearer right"}, proxy=None)


@pytest.mark.parametrize("frame", ["", "nonsense", '{"type":"Admit"}', '{"type":"Launch","call":1}', "[" * 10_000])
async def test_what_is_no_command_ends_the_link(port: int, frame: str) -> None:
    async with suite(port) as raw:
        assert isinstance(await Suite(raw).hear(), Hello)
        await raw.send(frame)
        with pytest.raises(ConnectionClosed) as closed:
            await raw.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1007


async def test_a_frame_that_is_too_large_ends_the_link(port: int) -> None:
    async with suite(port) as raw:
        await raw.recv()
        await raw.send("x" * (MOST_FRAME + 1))
        with pytest.raises(ConnectionClosed) as closed:
            await raw.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009


async def test_a_new_suite_replaces_the_old_one_and_finds_it_empty(port: int) -> None:
    async with suite(port) as one, suite(port) as two:
        assert isinstance(await Suite(one).hear(), Hello)
        with pytest.raises(ConnectionClosed):
            await one.recv()
        assert isinstance(await Suite(two).hear(), Hello)
        await Suite(two).say(EnsureRoom(call=1, room="1"))
        assert (await Suite(two).hear()).call == 1  # type: ignore[union-attr]
        async with suite(port) as three:
            await three.recv()
            await Suite(three).say(Stats(call=9, room="1"))
            refused: Any = await Suite(three).hear()
            assert (refused.call, refused.code) == (9, "no-seat")


async def flood(suite: Suite) -> None:
    for call in range(200_000):
        await suite.say(EnsureRoom(call=call, room="r" * 200))


@pytest.mark.slow
async def test_a_suite_that_does_not_read_is_cut(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "MOST_WAITING", 5)
    async with suite(port) as raw:
        raw.transport.pause_reading()
        with pytest.raises(ConnectionClosed):
            await flood(Suite(raw))


async def test_a_fault_in_a_command_is_told_and_the_worker_goes_on(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_self: Worker, _command: Commands) -> None:
        raise ZeroDivisionError

    async with suite(port) as raw:
        await raw.recv()
        with monkeypatch.context() as patch:
            patch.setattr(Worker, "_do", broken)
            await Suite(raw).say(EnsureRoom(call=1, room="1"))
            refused: Any = await Suite(raw).hear()
            assert refused.code == "fault"
        await Suite(raw).say(EnsureRoom(call=2, room="1"))
        assert (await Suite(raw).hear()).call == 2  # type: ignore[union-attr]
