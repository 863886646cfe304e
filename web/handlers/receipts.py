"""Receipts: how far a paper's deliveries are, for its issuer; and what a receiving organ does with its own."""

from dataclasses import dataclass
from secrets import token_hex
from typing import Any

import msgspec
from aiohttp import web

from office.domain import commands as verbs
from office.domain.commands import ReturnReason
from office.domain.errors import Invalid, NotFound
from office.domain.organs import Level, Organ, OrganKind
from office.domain.people import Actor, Post
from office.service import deliveries, exchange, voiding
from office.store import commands, receipts
from office.store.work import Work
from web import city_picture
from web.boards import Held, boards
from web.forms import Form, number_in_path, read_fields
from web.keys import actor, db, session
from web.routing import SIGNED_IN, Route
from web.view import fragment, page, see_other

TOKEN_PLACE = token_hex(16)  # where a viewer's own token goes in what is drawn once for all
MOST_DRAWN = 32  # of one board


@dataclass(frozen=True, slots=True)
class Asked:
    """What part of the deliveries a page wants to see."""

    at: int | None
    stand: deliveries.Stand | None
    after: int | None
    all_calls: bool = False

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        parts = [f"at={self.at}" if self.at is not None else "", f"stand={self.stand}" if self.stand else ""]
        return "&".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Shown:
    """All that one page shows beside the board."""

    calls: tuple[deliveries.Call, ...]
    clerks: dict[int, Post]
    lines: deliveries.Lines
    mine: receipts.Receipt | None


@dataclass(frozen=True, slots=True)
class Tile:
    """One unit under the opened one, with its own small hexagon."""

    organ: Organ
    count: deliveries.Count
    own: bool | None
    path: str
    level: str
    opens: bool


def _asked(request: web.Request) -> Asked:
    form = Form.of_query(request)
    stand = request.query.get("stand", "")
    if stand and stand not in deliveries.Stand.__members__:
        raise Invalid("没有这种状态。")
    return Asked(
        form.number("at"),
        deliveries.Stand(stand) if stand else None,
        form.number("after"),
        request.query.get("calls") == "all",
    )


async def _board(request: web.Request) -> tuple[Held, deliveries.Board]:
    found = db(request)
    seen = await found.read(deliveries.scope, number_in_path(request), actor(request))
    held = await boards(found).get(found, seen)
    if held.board is None:
        raise NotFound
    return held, held.board


def _inside(board: deliveries.Board, at: int | None) -> None:
    """Only units of one's own area can be opened."""
    if at in (None, deliveries.DEPARTMENTS, board.scope.root):
        return
    if at not in board.tree or not board.tree[at].is_under(board.tree[board.scope.root]):
        raise NotFound("没有这个单位。")


def _shown(work: Work, board: deliveries.Board, asked: Asked, by: Actor) -> Shown:
    calls = deliveries.calls(board, asked.at)
    lines = deliveries.listed(work, board, stand=asked.stand, at=asked.at, after=asked.after)
    mine = receipts.of_organ(work, board.scope.document.id, by.organ_id)
    return Shown(calls, deliveries.clerks(work, calls), lines, mine)


def counties(board: deliveries.Board) -> tuple[city_picture.County, ...]:
    """The counties of the area with their townships, in official order, for the picture."""
    tree, root = board.tree, board.tree[board.scope.root]
    if root.level is not Level.CITY:
        return ()
    below = [o for o in tree.children(root.id) if o.level is Level.COUNTY and o.kind is OrganKind.GOVERNMENT]
    return tuple(_county(board, organ) for organ in below)


def _county(board: deliveries.Board, county: Organ) -> city_picture.County:
    towns = [o for o in board.tree.children(county.id) if o.level is Level.TOWNSHIP]
    drawn = tuple(city_picture.Town(o.name, *_signed(board, o.id), board.own(o.id)) for o in towns)
    code = board.codes.get(county.id, "")
    return city_picture.County(
        county.id, code, county.name, *_signed(board, county.id), board.own(county.id), drawn
    )  # fmt: skip


def _signed(board: deliveries.Board, organ_id: int) -> tuple[int, int]:
    count = board.counts.get(organ_id, deliveries.Count())
    return count.signed, count.total


def tiles(board: deliveries.Board, at: int | None) -> tuple[Tile, ...]:
    """What lies directly under the opened unit and was sent to, in official order."""
    root = board.scope.root
    below = board.tree.children(root if at in (None, deliveries.DEPARTMENTS) else at)
    if at == deliveries.DEPARTMENTS or (at is None and counties(board)):
        below = tuple(o for o in below if deliveries.is_department(board, o) == (at == deliveries.DEPARTMENTS))
    return tuple(_tile(board, o) for o in below if o.id in board.counts)


def _tile(board: deliveries.Board, organ: Organ) -> Tile:
    count = board.counts[organ.id]
    hexagon = city_picture.path(15, 17), city_picture.level(15, 17, count.signed, count.total)
    return Tile(organ, count, board.own(organ.id), *hexagon, opens=count.total > (organ.id in board.deliveries))


def _departments(board: deliveries.Board) -> deliveries.Count | None:
    """The departments of the area's own government together; None when nothing went to them."""
    children = board.tree.children(board.scope.root)
    counts = [board.counts[o.id] for o in children if o.id in board.counts and deliveries.is_department(board, o)]
    if not counts:
        return None
    return deliveries.Count(
        sum(c.total for c in counts), sum(c.signed for c in counts), sum(c.returned for c in counts)
    )


def _part(board: deliveries.Board, at: int | None) -> deliveries.Count:
    """The numbers of what is opened."""
    if at is None:
        return board.whole
    return (_departments(board) if at == deliveries.DEPARTMENTS else board.counts.get(at)) or deliveries.Count()


async def _values(request: web.Request, board: deliveries.Board, asked: Asked) -> dict[str, Any]:
    """What the templates need; the same for everybody who may see this board."""
    shown = await db(request).read(_shown, board, asked, actor(request))
    found = counties(board)
    return {
        "seen": board.scope, "board": board, "whole": board.whole, "part": _part(board, asked.at), "asked": asked,
        "shown": shown, "counties": found, "picture": city_picture.draw(found), "tiles": tiles(board, asked.at),
        "departments": _departments(board), "stands": deliveries.Stand, "waits": deliveries.WAITING,
        "reminding": deliveries.due_for_reminder(deliveries.waiting(board), db(request).now()),
    }  # fmt: skip


async def show(request: web.Request) -> web.StreamResponse:
    """The picture, the number, whom to call, the list. With part=live only what changes while one looks."""
    asked = _asked(request)
    held, board = await _board(request)
    _inside(board, asked.at)
    if request.query.get("part") != "live":
        return page(request, "receipts/receipts.html", **await _values(request, board, asked))
    text = (await _drawn(request, held, asked)).replace(TOKEN_PLACE, session(request).csrf)
    return web.Response(text=text, content_type="text/html", headers={"Cache-Control": "no-store"})


async def _drawn(request: web.Request, held: Held, asked: Asked) -> str:
    """The live parts, drawn once for all who look at the same; each gets his own token put in."""
    key = asked, int(db(request).now().timestamp()) // 60
    async with held.lock:
        if held.board is None:
            raise NotFound
        if key not in held.drawn:
            values = await _values(request, held.board, asked)
            if len(held.drawn) >= MOST_DRAWN:
                held.drawn.clear()
            held.drawn[key] = fragment(request, "receipts/_live.html", **values, csrf=TOKEN_PLACE)
        return held.drawn[key]


@dataclass(frozen=True, slots=True)
class Told:
    """One delivery as the API tells it."""

    receipt_id: int
    organ_id: int
    organ: str
    stand: str
    at: str
    signed_at: str
    reply: str
    return_reason: str
    return_text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The page's numbers and one part of its list."""

    document_id: int
    total: int
    signed: int
    returned: int
    waiting: int
    deliveries: tuple[Told, ...]
    after: int | None


async def show_json(request: web.Request) -> web.StreamResponse:
    """The same for programs: numbers, and the list a page at a time."""
    asked, by = _asked(request), actor(request)
    _, board = await _board(request)
    _inside(board, asked.at)
    lines = (await db(request).read(_shown, board, asked, by)).lines
    whole = board.whole
    told = tuple(_told(line) for line in lines.lines)
    answer = Answer(
        board.scope.document.id, whole.total, whole.signed, whole.returned, whole.waiting, told, lines.after
    )
    return web.json_response(text=msgspec.json.encode(answer).decode())


def _told(line: deliveries.Line) -> Told:
    signed = line.signed_at.isoformat() if line.signed_at else ""
    return Told(
        line.delivery.id, line.organ.id, line.trail, line.delivery.stand.value, line.at.isoformat(), signed,
        line.reply, line.return_reason, line.return_text,
    )  # fmt: skip


def _remind(work: Work, document_id: int, command_id: str, by: Actor) -> int:
    return commands.once(
        work, command_id, by.person_id, int, lambda: exchange.remind_unsigned(work, document_id, by)
    )  # fmt: skip


async def remind(request: web.Request) -> web.StreamResponse:
    """催办 all that have not signed for it."""
    form, document_id = await read_fields(request), number_in_path(request)
    count = await db(request).write(_remind, document_id, form.get("command_id"), actor(request))
    said = f"已催办 {count} 个单位。" if count else "都刚催过，四小时内不重复催。"
    return see_other(request, f"/documents/{document_id}/receipts", said)


def _document_of(work: Work, receipt_id: int) -> int:
    return receipts.load(work, receipt_id).document_id


async def recall(request: web.Request) -> web.StreamResponse:
    """撤回 one delivery that is not signed for yet."""
    form, receipt_id = await read_fields(request), number_in_path(request)
    await db(request).write(exchange.recall, receipt_id, actor(request), reason=form.get("reason"))
    document_id = await db(request).read(_document_of, receipt_id)
    return see_other(request, f"/documents/{document_id}/receipts", "已撤回这一份。")


async def widen(request: web.Request) -> web.StreamResponse:
    """Let the paper go further down than it says (条例31: only the issuer)."""
    form, document_id = await read_fields(request), number_in_path(request)
    level = form.number("reach")
    if level is None or level not in {int(known) for known in Level}:
        raise Invalid("请选发至哪一级。")
    command = voiding.WidenReach(document_id, Level(level))
    await db(request).write(voiding.widen_reach, command, actor(request))
    return see_other(request, f"/documents/{document_id}/receipts", "已扩大发至层级，下级现在可以往下转发。")


def _parse_return(form: Form) -> verbs.Command:
    reason, text = form.get("reason"), form.get("text")
    if reason == "REFUSED":
        return verbs.RefuseDelivery(0, text)
    if reason not in ReturnReason.__members__:
        raise Invalid("请选退文的原因。")
    return verbs.ReturnDocument(0, ReturnReason(reason), text)


async def send_back(request: web.Request) -> web.StreamResponse:
    """退文 with one of the five reasons, or 拒收, before it is signed for."""
    command = exchange.ActOnReceipt(number_in_path(request), _parse_return(await read_fields(request)))
    await db(request).write(exchange.act_on_receipt, command, actor(request))
    return see_other(request, "/", "已退给来文单位，对方马上看到原因。")


ROUTES = (
    Route("GET", "/documents/{id:\\d+}/receipts", show, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/receipts/remind", remind, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/reach", widen, SIGNED_IN),
    Route("POST", "/receipts/{id:\\d+}/recall", recall, SIGNED_IN),
    Route("POST", "/receipts/{id:\\d+}/return", send_back, SIGNED_IN),
)
