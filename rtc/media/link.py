"""The worker's end of the control link: one suite at a time, token in the first header, bounded both ways."""

import asyncio
import hmac
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final, Protocol

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from rtc.engine.control import MOST_FRAME, Commands, Done, Hello, Notes, Refused

log = logging.getLogger("yiwang.media")

MOST_WAITING: Final = 20_000  # notes the suite has not read; more and the link is cut, a new one starts afresh

_commands = msgspec.json.Decoder(Commands)
_encoder = msgspec.json.Encoder()


class Serves(Protocol):
    """What carries out the commands."""

    def hello(self, tell: Callable[[Notes], None]) -> Hello:
        """A suite is there: begin empty and tell it everything through `tell`."""

    def do(self, command: Commands) -> Done | Refused:
        """Carry out one command."""


class Link:
    """Owns the listening socket and the one suite behind it."""

    def __init__(self, worker: Serves, *, token: str) -> None:
        self._worker = worker
        self._token = f"Bearer {token}"
        self._suite: ServerConnection | None = None
        self._server: Server | None = None

    async def open(self, port: int) -> int:
        """Listen on the loopback address; the port it is."""
        self._server = await serve(
            self._talk, "127.0.0.1", port, process_request=self._admit, compression=None, max_size=MOST_FRAME,
            max_queue=64, server_header=None, ping_interval=10, ping_timeout=20, open_timeout=5,
        )  # fmt: skip
        found: int = next(iter(self._server.sockets)).getsockname()[1]
        return found

    async def close(self) -> None:
        """Stop listening and cut the suite."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _admit(self, _connection: ServerConnection, request: Request) -> Response | None:
        given = request.headers.get_all("Authorization")
        if len(given) == 1 and hmac.compare_digest(given[0].encode(), self._token.encode()):
            return None
        log.warning("a control link without the token was refused")
        return Response(HTTPStatus.UNAUTHORIZED, "Unauthorized", Headers())

    async def _talk(self, connection: ServerConnection) -> None:
        if self._suite is not None:
            await self._suite.close(1012, "another suite came")
        self._suite = connection
        notes: asyncio.Queue[Notes] = asyncio.Queue(MOST_WAITING)
        out = asyncio.create_task(_send(connection, notes))

        def tell(note: Notes) -> None:
            if self._suite is connection and not notes.full():
                notes.put_nowait(note)
            else:
                out.cancel()  # it does not read: cut it rather than forget a note

        tell(self._worker.hello(tell))
        try:
            await self._obey(connection, tell)
        except ConnectionClosed:
            log.info("the suite is gone")
        finally:
            out.cancel()
            if self._suite is connection:
                self._suite = None

    async def _obey(self, connection: ServerConnection, tell: Callable[[Notes], None]) -> None:
        async for frame in connection:
            try:
                command = _commands.decode(frame)
            except msgspec.MsgspecError as wrong:
                log.warning("a command nobody knows: %s", wrong)
                await connection.close(1007, "not a command")
                return
            tell(self._worker.do(command))
            await asyncio.sleep(0)  # commands come in bursts; packets get their turn in between


async def _send(connection: ServerConnection, notes: asyncio.Queue[Notes]) -> None:
    try:
        while True:
            await connection.send(_encoder.encode(await notes.get()).decode(), text=True)
    except ConnectionClosed:
        pass
    finally:
        connection.transport.abort()
