"""发文 from the page: send for review, number, seal, release, dispatch; answer a request; void."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from office.domain.chain import Purpose, StepKind
from office.domain.errors import Invalid, WrongStage
from office.domain.outgoing import Countersign
from office.domain.people import Actor, Post, Role
from office.service import access, checking, directory, drafting, joint, outgoing, papers, voiding
from office.store import chains
from office.store.work import LOCAL, Work
from web.forms import Form, number_in_path, read_fields
from web.keys import actor, blobs, db, press
from web.routing import SIGNED_IN, Route
from web.view import page, see_other

LONGEST_PAIR = 31


@dataclass(frozen=True, slots=True)
class SendPage:
    """What the slip before sending shows."""

    view: papers.DocumentView
    leaders: tuple[Post, ...]
    countersigners: tuple[Post, ...]
    parties: tuple[joint.Party, ...]
    faults: checking.Report


def _send_page(work: Work, document_id: int, by: Actor) -> SendPage:
    view = papers.view(work, document_id, by)
    posts = directory.posts_of(work, by.organ_id)
    return SendPage(
        view,
        tuple(p for p in posts if p.role in (Role.LEADER, Role.DEPUTY_LEADER)),
        directory.countersigners(work, by.organ_id),
        joint.parties(work, by.organ_id),
        checking.report(work, document_id, by, moment="send"),
    )


async def send_page(request: web.Request) -> web.StreamResponse:
    """Who will see it, and what still has to be mended."""
    found = await db(request).read(_send_page, number_in_path(request), actor(request))
    return page(request, "drafts/send.html", send=found, view=found.view)


def _due(form: Form) -> datetime | None:
    text = form.get("due")
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=LOCAL)
    except ValueError:
        raise Invalid("时限要写成年月日时分。") from None


QUORUMS = {"half": (1, 2), "two_thirds": (2, 3), "three_quarters": (3, 4)}


def _countersign(form: Form) -> Countersign | None:
    """Who is asked: in the order numbered, else in that of the page; with co-handlers the first is the lead."""
    ranked = []
    for place, text in enumerate(form.all("countersign")):
        post, _, organ = text.partition(",")
        if text.isascii() and post.isdigit() and organ.isdigit() and len(text) <= LONGEST_PAIR:
            rank = form.number(f"order_{post}")
            ranked.append((rank is None, rank or 0, place, (int(post), int(organ))))
    if not ranked:
        return None
    seats = tuple(seat for *_, seat in sorted(ranked))
    try:
        kind = StepKind(form.get("countersign_kind") or "ALL")
        quorum = QUORUMS[form.get("quorum") or "half"] if kind is StepKind.QUORUM else (1, 1)
    except (ValueError, KeyError):
        raise Invalid("会签方式不对，请刷新后再选。") from None
    return Countersign(seats, kind, quorum, seats[0][0] if kind is StepKind.LEAD else None)


def _parties(form: Form) -> tuple[int, ...] | None:
    """Organs of the joint issue; the page that shows the choice sends `joint_shown` also where none is chosen."""
    if not (form.has("joint") or form.has("joint_shown")):
        return None
    chosen = form.all("joint")
    if not all(text.isascii() and text.isdigit() and len(text) <= LONGEST_PAIR for text in chosen):
        raise Invalid("联合行文的单位没选对，请刷新后再选。")
    return tuple(int(text) for text in chosen)


def _asked(work: Work, command: outgoing.SendForReview, by: Actor) -> frozenset[int] | None:
    """The organs asked for countersign or sign-off; of a returned paper those its chain names."""
    if outgoing.running_chain(work, command.document_id) is not None:
        return None
    seats = command.countersign.seats if command.countersign else ()
    return frozenset((*(organ for _, organ in seats), *joint.of_draft(work, command.document_id, by)))


def send_checked(work: Work, command: outgoing.SendForReview, by: Actor) -> int:
    """送审, once nothing that stops is left; returns the chain's id."""
    if command.joint_organs is not None:
        joint.choose(work, joint.Choose(command.document_id, command.joint_organs), by)
    report = checking.report(work, command.document_id, by, "send", _asked(work, command, by))
    if report.stops:
        first = next(f for f in report.faults if f.stops)
        raise Invalid(f"还有 {report.stops} 处要先改：{first.says}", fix=first.fix_text, article=first.article)
    return outgoing.send_for_review(work, command, by).id


async def send(request: web.Request) -> web.StreamResponse:
    """送审."""
    form = await read_fields(request)
    command = outgoing.SendForReview(
        number_in_path(request), _countersign(form), form.number("signatory"),
        joint_organs=_parties(form), due=_due(form), opinion=form.get("opinion"),
    )  # fmt: skip
    await db(request).write(send_checked, command, actor(request))
    return see_other(request, f"/documents/{command.document_id}", "已送审。对方没办之前可以撤回。")


def _chain_id(request: web.Request) -> outgoing.OnStep:
    return outgoing.OnStep(number_in_path(request, "chain_id"))


def _document_of(work: Work, chain_id: int) -> int:
    return chains.load(work, chain_id).document_id


async def _back(request: web.Request, said: str) -> web.StreamResponse:
    document_id = await db(request).read(_document_of, _chain_id(request).chain_id)
    return see_other(request, f"/documents/{document_id}", said)


async def number(request: web.Request) -> web.StreamResponse:
    """登记编号."""
    text = await db(request).write(outgoing.assign_number, _chain_id(request), actor(request))
    return await _back(request, f"编号 {text}。")


async def seal_now(request: web.Request) -> None:
    """Set, merge and seal between two use cases: the chain is asked before and after."""
    step, by = _chain_id(request), actor(request)
    job = await db(request).read(outgoing.seal_job, step, by)
    data, pages = await press(request).seal(job)
    blob = await blobs(request).put(data)
    await db(request).write(outgoing.affix, outgoing.Affix(step.chain_id, blob, job.signed_hash, pages), by)


async def seal(request: web.Request) -> web.StreamResponse:
    """用印."""
    await seal_now(request)
    return await _back(request, "已用印。")


async def release(request: web.Request) -> web.StreamResponse:
    """核发."""
    await db(request).write(outgoing.release, _chain_id(request), actor(request))
    return await _back(request, "已核发。")


async def dispatch(request: web.Request) -> web.StreamResponse:
    """分发."""
    form = await read_fields(request)
    command = outgoing.Dispatch(_chain_id(request).chain_id, _due(form))
    sent = await db(request).write(outgoing.dispatch, command, actor(request))
    return see_other(request, f"/documents/{sent.document_id}/receipts", f"已发出，送到 {sent.organs} 个单位。")


def _purpose(work: Work, chain_id: int, by: Actor) -> Purpose | None:
    current = access.chain(work, chain_id, by=by).chain.current
    return current.purpose if current is not None else None


async def finish(request: web.Request) -> web.StreamResponse:
    """Number, seal, release and dispatch, one after the other; it stops where something is wrong, nothing is lost."""
    step, by = _chain_id(request), actor(request)
    for _ in range(4):
        match await db(request).read(_purpose, step.chain_id, by):
            case Purpose.NUMBER:
                await db(request).write(outgoing.assign_number, step, by)
            case Purpose.SEAL:
                await seal_now(request)
            case Purpose.RELEASE:
                await db(request).write(outgoing.release, step, by)
            case Purpose.DISPATCH:
                return await dispatch(request)
            case _:
                raise WrongStage("文件现在不在编号、用印、核发、分发这几步。")
    return await _back(request, "已办。")


async def void(request: web.Request) -> web.StreamResponse:
    """撤销 or 废止."""
    form = await read_fields(request)
    command = voiding.VoidDocument(number_in_path(request), form.get("revoked") == "1", form.get("reason"))
    done = await db(request).write(voiding.void, command, actor(request))
    said = f"已通知 {done.copies} 个收文单位，其中 {len(done.acted)} 个已经办过。"
    return see_other(request, f"/documents/{command.document_id}", said)


async def answer(request: web.Request) -> web.StreamResponse:
    """Start the 批复 of a decided request, with what is already known filled in."""
    document_id = await db(request).write(drafting.start_answer, number_in_path(request), actor(request))
    return see_other(request, f"/documents/{document_id}/edit", "批复草稿已起好，补上内容后送审。")


async def redraft(request: web.Request) -> web.StreamResponse:
    """改稿重报: a new draft of a returned paper, in the same matter."""
    form = await read_fields(request)
    task_id = form.get("task_id")
    new = await db(request).write(
        drafting.start_again, number_in_path(request), int(task_id) if task_id.isdigit() else 0, actor(request)
    )
    return see_other(request, f"/documents/{new}/edit", "已照原文起好新稿，改好后重新送审。")


ROUTES = (
    Route("GET", "/documents/{id:\\d+}/send", send_page, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/send", send, SIGNED_IN),
    Route("POST", "/chains/{chain_id:\\d+}/number", number, SIGNED_IN),
    Route("POST", "/chains/{chain_id:\\d+}/seal", seal, SIGNED_IN),
    Route("POST", "/chains/{chain_id:\\d+}/release", release, SIGNED_IN),
    Route("POST", "/chains/{chain_id:\\d+}/dispatch", dispatch, SIGNED_IN),
    Route("POST", "/chains/{chain_id:\\d+}/finish", finish, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/void", void, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/answer", answer, SIGNED_IN),
    Route("POST", "/documents/{id:\\d+}/redraft", redraft, SIGNED_IN),
)
