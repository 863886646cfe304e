"""`decide`: what a command causes, or why it may not. One function a verb; seats and closing are in `turn.py`."""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from office.domain import verbs_beside
from office.domain import verbs_route as route
from office.domain import verbs_seats as seats
from office.domain.chain import Chain, StepKind
from office.domain.chain_events import Event
from office.domain.commands import (
    AddSigner,
    Amend,
    Circulate,
    Claim,
    Command,
    Complete,
    CorrectOpinion,
    Decide,
    HandOver,
    MarkRead,
    PassUpward,
    Reassign,
    Redirect,
    RefuseDelivery,
    Remind,
    RemoveSigner,
    Return,
    ReturnDocument,
    Stop,
    Supervise,
    TakeBack,
    Terminate,
    Withdraw,
)
from office.domain.errors import NotPermitted, WrongStage
from office.domain.matrix import VERB_OF, refusal
from office.domain.people import ADMIN_ROLES, Actor
from office.domain.turn import Turn

_ALWAYS = (MarkRead, CorrectOpinion, Circulate)  # they live beside the chain, also when it is over
_ADMINISTRATION = (Redirect, Reassign)  # all an administrator may do to a chain: he has no part in its content


def decide(
    chain: Chain, command: Command, *, by: Actor, at: datetime, deputies: Mapping[int, int] | None = None
) -> tuple[Event, ...]:
    """Return the events that `command` causes, or raise why it may not.

    `deputies` maps posts to the posts that stand in for them at `at`; it is asked when tasks are given out.
    """
    return decided(chain, command, by=by, at=at, deputies=deputies)[0]


def decided(
    chain: Chain, command: Command, *, by: Actor, at: datetime, deputies: Mapping[int, int] | None = None
) -> tuple[tuple[Event, ...], Chain]:
    """The same with the chain after the events, which deciding has worked out on the way."""
    if by.role in ADMIN_ROLES and not isinstance(command, _ADMINISTRATION):
        raise NotPermitted("管理员不经办公文，只能跳转或重新指派。请换经办岗位登录再办。")
    turn = Turn(chain, by, at, deputies if deputies is not None else {})
    if not isinstance(command, _ALWAYS):
        check_cell(command, turn.running().kind)
    perform(turn, command)
    return tuple(turn.events), turn.chain


def check_cell(command: Command, kind: StepKind) -> None:
    """Refuse a cell of the matrix that does not work."""
    sentence = refusal(VERB_OF[type(command)], kind)
    if sentence is not None:
        raise WrongStage(sentence, code=f"matrix.{VERB_OF[type(command)].name}.{kind}")


def perform(turn: Turn, command: Command) -> None:  # noqa: C901 - one arm a verb, nothing else
    """Emit what the command causes."""
    match command:
        case Complete():
            seats.complete(turn, command)
        case Claim():
            seats.claim(turn, command)
        case HandOver():
            seats.hand_over(turn, command)
        case AddSigner():
            seats.add_signer(turn, command)
        case RemoveSigner():
            seats.remove_signer(turn, command)
        case Reassign():
            seats.reassign(turn, command)
        case Return():
            route.return_(turn, command)
        case Withdraw():
            route.withdraw(turn, command)
        case TakeBack():
            route.take_back(turn)
        case Redirect():
            route.redirect(turn, command)
        case ReturnDocument():
            route.return_document(turn, command)
        case RefuseDelivery():
            route.refuse_delivery(turn, command)
        case Decide():
            route.decide_request(turn, command)
        case PassUpward():
            route.pass_upward(turn, command)
        case Amend():
            route.amend(turn, command)
        case Terminate():
            route.terminate(turn, command)
        case Stop():
            route.stop(turn, command)
        case Remind() | Supervise() | Circulate() | MarkRead() | CorrectOpinion():
            verbs_beside.beside(turn, command)
        case _:
            assert_never(command)
