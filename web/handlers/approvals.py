"""Verbs from forms: one door, one command each. The rules are in office.domain; here text becomes a command."""

from collections.abc import Callable, Mapping
from datetime import datetime

from aiohttp import web

from office.domain import commands as verbs
from office.domain.chain import Assignment, ReturnMode, StepKind, Verdict
from office.domain.commands import Command, Placement, ReturnReason
from office.domain.errors import Invalid
from office.service import approvals, tasks
from office.store.work import LOCAL
from web.forms import Form, number_in_path, read_fields
from web.ink import keep_ink
from web.keys import actor, db
from web.routing import SIGNED_IN, Route
from web.view import after_act

LONGEST_NUMBER = 15
LONGEST_PAIR = 31


def _pair(text: str) -> tuple[int, int]:
    post, _, organ = text.partition(",")
    if not (post.isdigit() and organ.isdigit() and len(text) <= LONGEST_PAIR):
        raise Invalid("请选一个人。")
    return int(post), int(organ)


def _number(form: Form, name: str) -> int:
    text = form.get(name)
    if not text.isdigit() or len(text) > LONGEST_NUMBER:
        raise Invalid("页面内容旧了，请刷新后再办。")
    return int(text)


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=LOCAL)
    except ValueError:
        raise Invalid("时限要写成年月日时分。") from None


def _assignment(form: Form) -> Assignment | None:
    kind = form.get("assign_kind")
    names = "assign_units" if kind == "SUBORDINATE" else "assign_posts"
    posts = tuple(_pair(text) for text in form.all(names))
    if not posts:
        return None
    return Assignment(StepKind(kind), posts, posts[0][0] if kind == "LEAD" else None)


def _complete(form: Form) -> Command:
    return verbs.Complete(
        _number(form, "seat_id"), Verdict(form.get("verdict") or "AGREE"), form.get("opinion"),
        form.get("content_hash"), form.get("signature"), _assignment(form), form.get("unread_reason"),
    )  # fmt: skip


def _return(form: Form) -> Command:
    to_step = form.get("to_step")
    return verbs.Return(
        _number(form, "seat_id"), form.get("reason"), int(to_step[:LONGEST_NUMBER]) if to_step.isdigit() else None,
        ReturnMode(form.get("mode") or "STRAIGHT_BACK"),
    )  # fmt: skip


def _decide(form: Form) -> Command:
    return verbs.Decide(
        _number(form, "seat_id"), form.get("granted") == "1", form.get("opinion"), form.get("content_hash"),
        form.get("signature"),
    )  # fmt: skip


def _upward(form: Form) -> Command:
    return verbs.PassUpward(
        _number(form, "seat_id"), form.get("opinion"), form.get("content_hash"), form.get("signature")
    )


def _send_back(form: Form) -> Command:
    if form.get("reason") == "REFUSED":
        return verbs.RefuseDelivery(_number(form, "seat_id"), form.get("text"))
    return verbs.ReturnDocument(_number(form, "seat_id"), ReturnReason(form.get("reason")), form.get("text"))


PARSERS: Mapping[str, Callable[[Form], Command]] = {
    "COMPLETE": _complete,
    "RETURN": _return,
    "DECIDE": _decide,
    "PASS_UPWARD": _upward,
    "RETURN_DOCUMENT": _send_back,
    "CLAIM": lambda f: verbs.Claim(_number(f, "seat_id")),
    "WITHDRAW": lambda f: verbs.Withdraw(f.get("reason")),
    "TAKE_BACK": lambda _: verbs.TakeBack(),
    "HAND_OVER": lambda f: verbs.HandOver(_number(f, "seat_id"), *_pair(f.get("to")), f.get("note")),
    "ADD_SIGNER": lambda f: verbs.AddSigner(
        _number(f, "seat_id"), *_pair(f.get("to")), Placement(f.get("placement")), f.get("note")
    ),
    "REMOVE_SIGNER": lambda f: verbs.RemoveSigner(_number(f, "seat_id"), f.get("reason")),
    "REMIND": lambda f: verbs.Remind(f.get("note")),
    "SUPERVISE": lambda f: verbs.Supervise(_pair(f.get("owner"))[0], _moment(f.get("due"))),
    "CIRCULATE": lambda f: verbs.Circulate(tuple(_pair(p) for p in f.all("posts")), f.get("reason")),
    "MARK_READ": lambda f: verbs.MarkRead(_number(f, "reader_id")),
    "CORRECT": lambda f: verbs.CorrectOpinion(_number(f, "opinion_id"), f.get("text")),
    "TERMINATE": lambda f: verbs.Terminate(f.get("reason")),
    "REDIRECT": lambda f: verbs.Redirect(_number(f, "to_step"), f.get("reason")),
    "REASSIGN": lambda f: verbs.Reassign(_number(f, "seat_id"), *_pair(f.get("to")), f.get("reason")),
}


def parse(form: Form) -> Command:
    """The command a form asks for; Invalid when it asks for nothing we know."""
    parser = PARSERS.get(form.get("verb"))
    if parser is None:
        raise Invalid("页面内容旧了，请刷新后再办。")
    try:
        return parser(form)
    except ValueError as error:
        raise Invalid("选项不对，请刷新后再办。") from error


async def act(request: web.Request) -> web.StreamResponse:
    """Perform a verb and go to what is next."""
    form = await read_fields(request)
    ink = form.get("ink")
    if ink:
        form = form.with_value("signature", await keep_ink(request, ink))
    command = approvals.Act(number_in_path(request, "chain_id"), parse(form))
    done = await db(request).write(tasks.act, command, actor(request), form.get("command_id"))
    onward = await _onward(request, done.document_id) if form.get("then") == "next" else ""
    return after_act(request, form.get("verb"), done, onward=onward)


async def _onward(request: web.Request, document_id: int) -> str:
    """The paper that waits next, else 今日, where it says that all is done."""
    following = await db(request).read(tasks.following, document_id, actor(request))
    return "/" if following is None else f"/documents/{following}"


ROUTES = (Route("POST", "/chains/{chain_id:\\d+}/act", act, SIGNED_IN),)
