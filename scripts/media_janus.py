"""Debian's Janus with a VideoRoom and bots in it, for the media bench. `apt-get install janus` brings it."""

import asyncio
import json
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from rtc.media.sdp import parse
from scripts.media_load import SERVER_CORE, settle
from tests.rtc.media.bot import Connection, candidate

LIBRARY = "/usr/lib/x86_64-linux-gnu/janus"
PLUGIN = "janus.plugin.videoroom"
ROOM = 1


def there() -> bool:
    """Whether Janus is installed."""
    return shutil.which("janus") is not None


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    return port


def configure(folder: Path, port: int, loops: int) -> None:
    """Only the VideoRoom and the WebSocket; `loops` event loops, 0 = a thread for each handle."""
    (folder / "empty").mkdir()
    (folder / "janus.jcfg").write_text(
        f'general: {{ configs_folder = "{folder}"\n plugins_folder = "{LIBRARY}/plugins"\n'
        f' transports_folder = "{LIBRARY}/transports"\n events_folder = "{folder}/empty"\n'
        f' loggers_folder = "{folder}/empty"\n debug_level = 2\n log_to_stdout = true\n'
        + (f" event_loops = {loops}\n" if loops else "")
        + " }\nnat: { }\nmedia: { }\n"
        + 'plugins: { disable = "'
        + ",".join(p.name for p in Path(LIBRARY, "plugins").glob("*.so") if "videoroom" not in p.name)
        + '" }\ntransports: { disable = "'
        + ",".join(p.name for p in Path(LIBRARY, "transports").glob("*.so") if "websockets" not in p.name)
        + '" }\n'
    )
    (folder / "janus.transport.websockets.jcfg").write_text(
        f'general: {{ json = "compact"\n ws = true\n ws_port = {port}\n ws_ip = "127.0.0.1"\n wss = false }}\n'
    )
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")


def description(connection: Connection, payload: str, mid: str, setup: str, *, ssrc: int = 0) -> str:
    """An offer that sends, with an SSRC, or an answer that receives."""
    peer, (host, port) = connection.peer, connection.port.address
    algorithm, digest = peer.fingerprint
    lines = [
        "v=0", f"o=- {int(peer.ufrag, 16)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mid}",
        f"m=video {port} UDP/TLS/RTP/SAVPF {payload}", f"c=IN IP4 {host}",
        f"a=candidate:1 1 udp 2130706431 {host} {port} typ host", "a=end-of-candidates", f"a=ice-ufrag:{peer.ufrag}",
        f"a=ice-pwd:{peer.password}", f"a=fingerprint:{algorithm} {digest}", f"a=setup:{setup}", f"a=mid:{mid}",
        "a=sendonly" if ssrc else "a=recvonly", "a=rtcp-mux", f"a=rtpmap:{payload} VP8/90000",
        f"a=rtcp-fb:{payload} nack", f"a=rtcp-fb:{payload} nack pli",
        *([f"a=ssrc:{ssrc} cname:bot", "a=msid:s t"] if ssrc else []),
    ]  # fmt: skip
    return "\r\n".join(lines) + "\r\n"


class Janus:
    """A Janus on the server's core; it carries the same bots as our worker."""

    def __init__(self, loops: int) -> None:
        settle(calm=False)
        self._loops = loops
        self._folder = tempfile.TemporaryDirectory()
        self._port = free_port()
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._session: int | None = None
        self._feed = 0
        self.connections: list[Connection] = []

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        folder = Path(self._folder.name)
        configure(folder, self._port, self._loops)
        log = (folder / "log").open("wb")
        command = ["taskset", "-c", str(SERVER_CORE), "janus", "-F", str(folder), "-C", str(folder / "janus.jcfg")]
        self._process = subprocess.Popen(command, stdout=log, stderr=log)  # noqa: ASYNC220 - it returns at once
        async with asyncio.timeout(15):
            self._socket = await self._dial()
        self._reader = asyncio.create_task(self._read(self._socket))
        self._session = (await self._ask(janus="create"))["data"]["id"]

    async def _dial(self) -> ClientConnection:
        while True:
            with suppress(OSError):
                return await connect(
                    f"ws://127.0.0.1:{self._port}", subprotocols=[Subprotocol("janus-protocol")], proxy=None,
                    compression=None, ping_interval=None,
                )  # fmt: skip
            await asyncio.sleep(0.1)

    async def _read(self, socket_: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            async for text in socket_:
                said = json.loads(text)
                waiting = self._answers.get(said.get("transaction", ""))
                if waiting is not None and said["janus"] != "ack" and not waiting.done():
                    waiting.set_result(said)

    async def _ask(self, **said: Any) -> dict[str, Any]:  # noqa: ANN401 - Janus' JSON
        assert self._socket is not None
        number = str(len(self._answers))
        self._answers[number] = asyncio.get_running_loop().create_future()
        session = {} if self._session is None else {"session_id": self._session}
        await self._socket.send(json.dumps({"transaction": number, **session, **said}))
        async with asyncio.timeout(20):
            answer = await self._answers[number]
        if answer["janus"] == "error" or "error" in answer.get("plugindata", {}).get("data", {}):
            raise RuntimeError(f"Janus refuses {said}: {answer}")
        return answer

    async def _attach(self) -> int:
        handle: int = (await self._ask(janus="attach", plugin=PLUGIN))["data"]["id"]
        return handle

    async def _message(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        offered = {} if jsep is None else {"jsep": jsep}
        return await self._ask(janus="message", handle_id=handle, body=body, **offered)

    async def publisher(self, ssrc: int) -> Connection:
        """The room and its one publisher."""
        handle = await self._attach()
        room = {"request": "create", "room": ROOM, "publishers": 2, "bitrate": 0, "videocodec": "vp8"}
        await self._message(handle, {**room, "transport_wide_cc_ext": False})
        joined = await self._message(handle, {"request": "join", "ptype": "publisher", "room": ROOM})
        self._feed = joined["plugindata"]["data"]["id"]
        connection = Connection()
        self.connections.append(connection)
        offer = {"type": "offer", "sdp": description(connection, "96", "0", "active", ssrc=ssrc)}
        said = await self._message(handle, {"request": "publish"}, offer)
        sdp = said["jsep"]["sdp"]
        connection.connect(parse(sdp, most_sections=5), candidate(sdp))
        async with asyncio.timeout(15):
            await connection.up.wait()
        return connection

    async def viewers(self, count: int) -> list[Connection]:
        made = [await self._viewer() for _ in range(count)]
        settle(calm=True)
        return made

    async def _join(self, handle: int, body: dict[str, Any]) -> dict[str, Any]:
        """The feed is there shortly after its publisher's DTLS is up."""
        for _ in range(50):
            with suppress(RuntimeError):
                return await self._message(handle, body)
            await asyncio.sleep(0.1)
        return await self._message(handle, body)

    async def _viewer(self) -> Connection:
        handle = await self._attach()
        feed = [{"feed": self._feed, "mid": "0"}]
        said = await self._join(handle, {"request": "join", "ptype": "subscriber", "room": ROOM, "streams": feed})
        offered = said["jsep"]["sdp"]
        media = parse(offered, most_sections=5).media[0]
        connection = Connection()
        self.connections.append(connection)
        sdp = description(connection, str(media.formats[0].payload), media.mid, "active")
        await self._message(handle, {"request": "start"}, {"type": "answer", "sdp": sdp})
        connection.peer.start(parse(offered, most_sections=5).fingerprint)  # it offers, so it is the side that checks
        async with asyncio.timeout(15):
            await connection.up.wait()
        return connection

    async def close(self) -> None:
        for connection in self.connections:
            await connection.close()
        if self._reader is not None and self._socket is not None:
            await self._socket.close()
            await asyncio.wait([self._reader])
        if self._process is not None:
            self._process.terminate()
            await asyncio.to_thread(self._process.wait)
        self._folder.cleanup()
