"""收发: what waits to be signed for, the register, what was issued; signing, answering, passing on, voiding numbers."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from office.domain.errors import Invalid, OfficeError, WrongStage
from office.domain.people import Actor
from office.service import access, books, directory, exchange, finding, voiding
from office.store import commands, documents, organs, receipts
from office.store.work import Work
from web.forms import cursor, moment, number_in_path, read_fields, small_number
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import page, see_other

MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """The first page of 收发."""

    waiting: tuple[books.Waiting, ...]
    register: tuple[books.Entry, ...]
    sent: tuple[books.Sent, ...]
    year: int


def _desk(work: Work, by: Actor) -> Desk:
    year = work.today.year
    return Desk(books.waiting(work, by), books.register_book(work, by, year=year)[:5], books.sent(work, by)[:5], year)


async def desk(request: web.Request) -> web.StreamResponse:
    """For clerks and office heads the desk of papers; for everybody else the papers he may see."""
    by = actor(request)
    if by.role not in books.KEEPERS:
        before = cursor(request.query.get("before", ""))
        found = await db(request).read(finding.search, finding.Query(), by, before=before)
        return page(request, "exchange/papers.html", found=found)
    return page(request, "exchange/exchange.html", desk=await db(request).read(_desk, by))


@dataclass(frozen=True, slots=True)
class RegisterPage:
    """A year of the register."""

    year: int
    years: tuple[int, ...]
    lines: tuple[books.Entry, ...]


def _register(work: Work, by: Actor, year: int, before: int) -> RegisterPage:
    years = books.register_years(work, by)
    chosen = year if year in years else work.today.year
    return RegisterPage(chosen, years, books.register_book(work, by, year=chosen, before=before or None))


async def register(request: web.Request) -> web.StreamResponse:
    """收文簿."""
    year, before = (small_number(request.query.get(name, "")) for name in ("year", "before"))
    book = await db(request).read(_register, actor(request), year, before)
    return page(request, "exchange/register.html", book=book, size=books.PAGE)


async def sent(request: web.Request) -> web.StreamResponse:
    """What was issued, and how far each is."""
    rows = await db(request).read(books.sent, actor(request), before=cursor(request.query.get("before", "")))
    return page(request, "exchange/sent.html", rows=rows, size=books.PAGE)


async def sign_ticked(request: web.Request) -> web.StreamResponse:
    """签收并登记 for every ticked paper: each by itself, so that one that fails holds up no other."""
    form, by = await read_fields(request), actor(request)
    ticked = [small_number(text) for text in form.all("task")][:MOST_AT_ONCE]
    if not ticked:
        raise Invalid("还没有勾选文件。")
    done, refused = 0, ""
    for task_id in ticked:
        try:
            await db(request).write(books.sign_task, task_id, by, register_it=form.get("register") == "1")
            done += 1
        except OfficeError as error:
            refused = error.sentence
    if not done:
        raise WrongStage(refused)
    said = f"已签收 {done} 份。" + (f"有 {len(ticked) - done} 份没办成：{refused}" if refused else "")
    return see_other(request, "/exchange", said)


def _sign(work: Work, receipt_id: int, by: Actor, command_id: str, *, register_it: bool) -> int:
    return commands.once(
        work, command_id, by.person_id, int,
        lambda: books.sign_receipt(work, receipt_id, by, register_it=register_it),
    )  # fmt: skip


async def sign(request: web.Request) -> web.StreamResponse:
    """签收, with register=1 登记 too."""
    form, receipt_id = await read_fields(request), number_in_path(request)
    wanted = form.get("register") == "1"
    document_id = await db(request).write(
        _sign, receipt_id, actor(request), form.get("command_id"), register_it=wanted
    )  # fmt: skip
    target = {"home": "/", "exchange": "/exchange"}.get(form.get("then"), f"/documents/{document_id}")
    return see_other(request, target, "已签收，已登记。" if wanted else "已签收。")


async def reply_page(request: web.Request) -> web.StreamResponse:
    """The page to answer on, prefilled from the villages' answers."""
    found = await db(request).read(books.answering, number_in_path(request), actor(request))
    return page(request, "exchange/reply.html", found=found)


def _reply(work: Work, command: exchange.Reply, by: Actor, command_id: str) -> int:
    return commands.once(work, command_id, by.person_id, int, lambda: books.reply(work, command, by))


async def reply(request: web.Request) -> web.StreamResponse:
    """答复."""
    form = await read_fields(request)
    command = exchange.Reply(number_in_path(request), form.get("text"))
    if len(command.text) > 4_000:
        raise Invalid("答复超过 4000 字。内容多的，请另行发文。")
    document_id = await db(request).write(_reply, command, actor(request), form.get("command_id"))
    return see_other(request, f"/documents/{document_id}", "已答复，来文单位马上看到。")


@dataclass(frozen=True, slots=True)
class ForwardPage:
    """To whom a received paper may be passed on."""

    document: documents.Document
    units: tuple[directory.OrganView, ...]
    there: int
    due: datetime | None


def _forward_page(work: Work, document_id: int, by: Actor) -> ForwardPage:
    found = access.document(work, document_id, by=by)
    own = organs.load(work, by.organ_id)
    below = [o for o in directory.children(work, own.id).organs if o.level == own.level + 1]
    held = {r.organ_id for r in receipts.of_document(work, found.id)}
    mine = receipts.of_organ(work, found.id, own.id)
    units = tuple(o for o in below if o.id not in held) if exchange.forwardable(work, found, by) else ()
    return ForwardPage(found, units, len(below) - len(units), mine.due if mine else None)


async def forward_page(request: web.Request) -> web.StreamResponse:
    """Tick the units to pass a paper on to."""
    found = await db(request).read(_forward_page, number_in_path(request), actor(request))
    return page(request, "exchange/forward.html", found=found)


async def forward(request: web.Request) -> web.StreamResponse:
    """转发 to all direct subordinates, or to the ticked ones."""
    form, document_id = await read_fields(request), number_in_path(request)
    ticked = tuple(small_number(text) for text in form.all("organ"))
    if form.get("picked") == "1" and not ticked:
        raise Invalid("还没有勾选单位。")
    command = exchange.Forward(document_id, ticked, moment(form.get("due")))
    count = await db(request).write(exchange.forward, command, actor(request))
    if not count:
        return see_other(request, f"/documents/{document_id}", "下级单位都已经收到，没有重复发。")
    return see_other(request, f"/documents/{document_id}/receipts", f"已转发到 {count} 个下级单位。")


async def void_number(request: web.Request) -> web.StreamResponse:
    """废号."""
    form, document_id = await read_fields(request), number_in_path(request)
    await db(request).write(voiding.void_number, voiding.VoidNumber(document_id, form.get("reason")), actor(request))
    return see_other(request, "/exchange/ledger", "已废号，台账里留有原因，这个号不再用。")


ROUTES = (
    Route("GET", "/exchange", desk, SIGNED_IN),
    Route("GET", "/exchange/register", register, SIGNED_IN),
    Route("GET", "/exchange/sent", sent, SIGNED_IN),
    Route("POST", "/exchange/sign", sign_ticked, SIGNED_IN),
    Route("POST", "/receipts/{id:\\d+}/sign", sign, SIGNED_IN),
    Route("GET", "/receipts/{id:\\d+}/reply", reply_page, SIGNED_IN),
    Route("POST", "/receipts/{id:\\d+}/reply", reply, SIGNED_IN),
    Route("GET", "/documents/{id:\\d+}/forward", forward_page, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/forward", forward, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/void-number", void_number, SIGNED_IN),
)
