"""验证: whether a file is genuine, altered or unknown, for everybody, in plain words."""

from dataclasses import dataclass

from aiohttp import web

from office.domain.errors import Invalid, TooBusy
from office.domain.people import Actor
from office.service import verifying
from office.sign.provider import Verdict
from office.store.work import Work
from web.files import download
from web.guard import STRANGERS, address
from web.judging import JUDGES
from web.judging_entry import Judged
from web.keys import SESSION, db, services
from web.routing import PUBLIC, Route
from web.texts import text
from web.verdict import Answer, Marked, answer_of, marked, moment, next_of, state_of
from web.view import page

SHOWN = 3  # changed lines on the page; the rest is counted


@dataclass(frozen=True, slots=True)
class Found:
    """One answer with all that the page says about it."""

    answer: Answer
    verdict: Verdict
    standing: verifying.Standing | None
    state: str
    following: str
    lead: tuple[str, ...]
    marked: tuple[Marked, ...]
    more: int
    open: bool  # the person asking may open the paper itself


async def form(request: web.Request) -> web.StreamResponse:
    """The page to choose a file on."""
    return page(request, "verify/verify.html", found=None, wrong="", moment=moment)


def _look_up(work: Work, hashes: tuple[str, ...], by: Actor | None) -> tuple[verifying.Standing | None, bool]:
    standing = verifying.standing(work, hashes)
    opens = standing is not None and by is not None and verifying.may_open(work, standing.document_id, by)
    return standing, opens


def _found(judged: Judged, standing: verifying.Standing | None, *, opens: bool) -> Found:
    verdict = judged.verdict
    answer = answer_of(verdict, standing)
    void = answer in (Answer.REVOKED, Answer.ABOLISHED)
    lead = (text(f"verify.lead.{answer}"),) if void else verdict.findings
    differing = tuple(marked(c) for c in verdict.changes[:SHOWN])
    return Found(
        answer, verdict, standing, state_of(standing), next_of(answer, standing), lead, differing,
        max(0, len(verdict.changes) - SHOWN), opens,
    )  # fmt: skip


async def judge(request: web.Request) -> Found:
    """Judge the file of the form and look it up."""
    found = request.get(SESSION)
    if not request.app[STRANGERS].take(address(request)):
        raise TooBusy("这里核对得太频繁了，请过一会儿再试。")
    judged = await request.app[JUDGES].judge(request, services(request).provider.trust())
    standing, opens = await db(request).read(_look_up, judged.hashes, found.actor if found is not None else None)
    return _found(judged, standing, opens=opens)


async def verify(request: web.Request) -> web.StreamResponse:
    """The answer as a page."""
    try:
        found = await judge(request)
    except (Invalid, TooBusy) as error:
        status = 422 if isinstance(error, Invalid) else 503
        return page(request, "verify/verify.html", status=status, found=None, wrong=error.sentence, moment=moment)
    return page(request, "verify/verify.html", found=found, wrong="", moment=moment)


async def root(request: web.Request) -> web.StreamResponse:
    """The root certificate, so that any PDF reader can check by itself."""
    return download(services(request).provider.trust().chain[0], "yiwang-root.pem", "application/x-pem-file")


ROUTES = (
    Route("GET", "/verify", form, PUBLIC),
    Route("POST", "/verify", verify, PUBLIC, heavy=True),
    Route("GET", "/verify/root.pem", root, PUBLIC),
)
