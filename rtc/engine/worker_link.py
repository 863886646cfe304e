"""The suite's end of the control link to one media worker: calls out, their answers and notes in."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from rtc.engine.control import MOST_FRAME, PROTOCOL, Commands, Done, Hello, Notes, Refused
from rtc.engine.port import EngineDown, EngineRefused

MOST_PENDING: Final = 5_000  # calls without an answer; more are refused at once
PING_EVERY, PONG_WITHIN = 2.0, 6.0  # seconds: a worker that hangs is found and started again

_notes = msgspec.json.Decoder(Notes)
_encoder = msgspec.json.Encoder()


class WorkerLink:
    """One open link; `read` runs for its life, `call` may be used meanwhile."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Done | Refused]] = {}

    @classmethod
    @asynccontextmanager
    async def open(cls, port: int, token: str) -> AsyncIterator["WorkerLink"]:
        """Connect to the worker on this machine."""
        async with connect(
            f"ws://127.0.0.1:{port}", additional_headers={"Authorization": f"Bearer {token}"}, compression=None,
            proxy=None, max_size=4 * MOST_FRAME, ping_interval=PING_EVERY, ping_timeout=PONG_WITHIN, open_timeout=10,
            close_timeout=1,
        ) as connection:  # fmt: skip
            yield cls(connection)

    async def read(self, tell: Callable[[Notes], None]) -> None:
        """Hand out notes and answers until the link ends; ValueError when the worker speaks another protocol."""
        try:
            async for frame in self._connection:
                match _notes.decode(frame):
                    case Done() | Refused() as answer:
                        self._settle(answer)
                    case Hello(protocol=protocol) if protocol != PROTOCOL:
                        raise ValueError(f"the worker speaks protocol {protocol}, not {PROTOCOL}")
                    case note:
                        tell(note)
        except ConnectionClosed:
            pass

    def _settle(self, answer: Done | Refused) -> None:
        waiting = self._pending.pop(answer.call, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def call(self, command: Commands) -> Done | Refused:
        """Send a command and wait for its answer; EngineDown when the link ends first."""
        number = next(self._numbers)
        frame = _encoder.encode(msgspec.structs.replace(command, call=number))
        if len(frame) > MOST_FRAME:
            raise EngineRefused("bad-sdp", f"a command of more than {MOST_FRAME} bytes")
        if len(self._pending) >= MOST_PENDING:
            raise EngineDown
        waiting: asyncio.Future[Done | Refused] = asyncio.get_running_loop().create_future()
        self._pending[number] = waiting
        try:
            await self._connection.send(frame.decode(), text=True)
            return await waiting
        except ConnectionClosed:
            raise EngineDown from None
        finally:
            self._pending.pop(number, None)

    def fail(self) -> None:
        """The link is gone: nobody waits any longer."""
        for waiting in self._pending.values():
            if not waiting.done():
                waiting.set_exception(EngineDown())
        self._pending.clear()
