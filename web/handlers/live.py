"""/ws/live: the socket every page keeps open."""

from hmac import compare_digest

from aiohttp import WSCloseCode, WSMsgType, web

from office.domain.errors import NotPermitted, TooBusy
from web.forms import decode_json
from web.guard import same_origin
from web.keys import services, session
from web.live import HEARTBEAT, MOST_MESSAGE, MOST_OF_PERSON, SIGNED_OUT, Listener
from web.routing import SIGNED_IN, Route


def open_socket() -> web.WebSocketResponse:
    """A socket without compression, which would cost fifty times the memory, bounded in what it reads."""
    return web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT, max_msg_size=MOST_MESSAGE, receive_timeout=None)


async def live(request: web.Request) -> web.StreamResponse:
    """News for one page. The origin is checked here, the session's token in the first message."""
    if not same_origin(request, request.headers.get("Origin", "")):
        raise NotPermitted("连接来自别的网站，没有接受。")
    found, hub = session(request), services(request).hub
    if hub.of_person(found.person_id) >= MOST_OF_PERSON:
        raise TooBusy("打开的页面太多。请关掉几个。")
    socket = open_socket()
    await socket.prepare(request)
    if not await _greeted(socket, found.csrf):
        await socket.close(code=SIGNED_OUT, message=b"token")
        return socket
    await hub.attend(Listener(found.actor, found.token_hash, socket))
    return socket


async def _greeted(socket: web.WebSocketResponse, csrf: str) -> bool:
    try:
        message = await socket.receive(timeout=10)
    except TimeoutError:
        return False
    if message.type is not WSMsgType.TEXT:
        await socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
        return False
    try:
        hello = decode_json(message.data.encode(), dict[str, str])
    except Exception:
        return False
    return hello.get("kind") == "hello" and compare_digest(hello.get("token", "").encode(), csrf.encode())


ROUTES = (Route("GET", "/ws/live", live, SIGNED_IN),)
