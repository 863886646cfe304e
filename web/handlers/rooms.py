"""/ws/rooms/{id}: the socket of a live room; and the venues of a large meeting, a subtree at a time."""

import re
import secrets
from hmac import compare_digest

import msgspec
from aiohttp import WSMsgType, web

from office.domain.errors import Invalid, NotPermitted, OfficeError, TooBusy
from rtc.live import messages
from rtc.live.messages import Bye, Hello
from rtc.live.seats import NOT_INVITED, OTHER_PROTOCOL, SIGNED_OUT, Seat
from rtc.live.views import venue_view
from rtc.service import rooms, votes
from rtc.service.rooms import Enter, Entered
from web import turn
from web.ballots import seen
from web.forms import number_in_path
from web.guard import same_origin
from web.keys import actor, db, services, session
from web.live import HEARTBEAT
from web.room_lines import MOST_OF_PERSON, RoomLine
from web.routing import SIGNED_IN, Route

GREET_WITHIN = 10.0  # seconds
_DEVICE = re.compile(r"[A-Za-z0-9_-]{8,32}")
_UNDER = re.compile(r"(/[0-9]{1,12}){0,8}/?")


async def room(request: web.Request) -> web.StreamResponse:
    """One page's line into a room. The origin is checked here, the session's token in the first message."""
    if not same_origin(request, request.headers.get("Origin", "")):
        raise NotPermitted("连接来自别的网站，没有接受。")
    found, lines = session(request), services(request).lines
    if lines.of_person(found.actor.person_id) >= MOST_OF_PERSON:
        raise TooBusy("打开的会场页面太多。请关掉几个。")
    socket = web.WebSocketResponse(compress=False, heartbeat=HEARTBEAT, max_msg_size=messages.MOST_FRAME)
    await socket.prepare(request)
    hello = await _greeting(socket)
    if hello is None or not compare_digest(hello.token.encode(), found.csrf.encode()):
        return await _away(socket, SIGNED_OUT, "登录已经结束，请重新登录后再进会场。")
    if hello.protocol != messages.PROTOCOL:
        return await _away(socket, OTHER_PROTOCOL, "会场页面是旧的。请刷新页面。")
    try:
        await _serve(request, socket, hello)
    except OfficeError as error:
        return await _away(socket, NOT_INVITED, error.sentence)
    return socket


async def _greeting(socket: web.WebSocketResponse) -> Hello | None:
    try:
        message = await socket.receive(timeout=GREET_WITHIN)
        said = messages.decode(message.data) if message.type is WSMsgType.TEXT else None
    except (TimeoutError, Invalid):
        return None
    return said if isinstance(said, Hello) else None


async def _away(socket: web.WebSocketResponse, code: int, sentence: str) -> web.WebSocketResponse:
    if not socket.closed:
        await socket.send_frame(messages.encode(Bye(sentence, again=False)), WSMsgType.TEXT)
        await socket.close(code=code)
    return socket


async def _serve(request: web.Request, socket: web.WebSocketResponse, hello: Hello) -> None:
    if not _DEVICE.fullmatch(hello.device):
        raise Invalid("这台设备的编号不对。请刷新页面。")
    meeting_id, hub = number_in_path(request), services(request).rooms
    entered = await db(request).read(rooms.enter, Enter(meeting_id, hello.venue or None), actor(request))
    seat = _seat(entered, hello)
    closed = hub.room(meeting_id) is None
    owner = await hub.join(meeting_id, seat, again=hello.after > 0)
    if closed:
        await services(request).ballots.recover(meeting_id)
        for shown in await db(request).read(votes.shown, meeting_id):
            hub.ballot(meeting_id, seen(shown))
    try:
        await services(request).lines.serve(RoomLine(socket, seat, owner, session(request).token_hash))
    finally:
        hub.leave(owner, seat)


def _seat(entered: Entered, hello: Hello) -> Seat:
    place, who = entered.place, entered.participant
    grants = {
        "chair": place.may_chair, "organise": who.organiser, "inspect": place.inspector, "caption": entered.captioner
    }  # fmt: skip
    return Seat(
        id=f"{place.id}.{hello.device}", device=hello.device, who=who, inspector=place.inspector,
        audio_only=hello.audio_only, grants=tuple(name for name, held in grants.items() if held),
    )  # fmt: skip


async def venues(request: web.Request) -> web.StreamResponse:
    """The venues of a meeting at and below an organ's path, for those who may be in its room."""
    meeting_id, under = number_in_path(request), request.query.get("under", "")
    if not _UNDER.fullmatch(under):
        raise Invalid("单位的路径不对。请刷新页面。")
    await db(request).read(rooms.enter, Enter(meeting_id), actor(request))
    house = await db(request).read(rooms.house, meeting_id)
    seen = [venue_view(one) for one in house.values() if not one.inspector and one.path.startswith(under)]
    return web.Response(body=msgspec.json.encode(seen), content_type="application/json")


async def ice(request: web.Request) -> web.StreamResponse:
    """How media may reach us when a line carries no UDP: a TURN server and credentials for an hour, or nothing."""
    await db(request).read(rooms.enter, Enter(number_in_path(request)), actor(request))
    config, now = services(request).config, db(request).now()
    server = turn.ice_server(config.turn, config.turn_secret, seat=secrets.token_hex(8), now=now)
    response = web.Response(body=msgspec.json.encode([server] if server else []), content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response


ROUTES = (
    Route("GET", "/meetings/{id:\\d+}/ice.json", ice, SIGNED_IN),
    Route("GET", "/ws/rooms/{id:\\d+}", room, SIGNED_IN),
    Route("GET", "/meetings/{id:\\d+}/venues.json", venues, SIGNED_IN),
)
