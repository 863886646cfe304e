"""The matrix of routing verbs by kinds of step: which cell works, and why every other is refused."""

from enum import StrEnum

from office.domain.chain import StepKind
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


class Verb(StrEnum):
    """A routing verb as people name it."""

    COMPLETE = "办理"
    CLAIM = "抢办"
    RETURN = "退回"
    WITHDRAW = "撤回"
    TAKE_BACK = "取回"
    HAND_OVER = "转办"
    ADD_SIGNER = "加签"
    REMOVE_SIGNER = "减签"
    REDIRECT = "跳转"
    REASSIGN = "重新指派"
    REMIND = "催办"
    SUPERVISE = "督办"
    CIRCULATE = "传阅"
    MARK_READ = "阅知"
    RETURN_DOCUMENT = "退文"
    REFUSE = "拒收"
    DECIDE = "批复"
    PASS_UPWARD = "转报"
    CORRECT = "更正意见"
    AMEND = "改稿"
    TERMINATE = "终止"
    STOP = "撤销"


VERB_OF: dict[type[Command], Verb] = {
    Complete: Verb.COMPLETE, Claim: Verb.CLAIM, Return: Verb.RETURN, Withdraw: Verb.WITHDRAW,
    TakeBack: Verb.TAKE_BACK, HandOver: Verb.HAND_OVER, AddSigner: Verb.ADD_SIGNER,
    RemoveSigner: Verb.REMOVE_SIGNER, Redirect: Verb.REDIRECT, Reassign: Verb.REASSIGN,
    Remind: Verb.REMIND, Supervise: Verb.SUPERVISE, Circulate: Verb.CIRCULATE, MarkRead: Verb.MARK_READ,
    ReturnDocument: Verb.RETURN_DOCUMENT, RefuseDelivery: Verb.REFUSE, Decide: Verb.DECIDE,
    PassUpward: Verb.PASS_UPWARD, CorrectOpinion: Verb.CORRECT, Amend: Verb.AMEND,
    Terminate: Verb.TERMINATE, Stop: Verb.STOP,
}  # fmt: skip

_NOT_EXCHANGE = "文件还在收发环节，没有“退文”以外的退法。请签收后再办，或点“退文”写明理由。"
_OUTSIDE = "退文、拒收只在收到外来文件时用。在本单位里不同意，请用“退回”。"

# A cell that is absent works.
REFUSED: dict[tuple[Verb, StepKind], str] = (
    {
        (Verb.RETURN, StepKind.CIRCULATION): "传阅只是看，没有退回。有话要说，请写在意见里。",
        (Verb.RETURN, StepKind.EXCHANGE): "跨单位不能退回。送错了请用“拒收”，不合要求请用“退文”。",
        (Verb.HAND_OVER, StepKind.CIRCULATION): "传阅件不能转办。想让别人也看，请用“传阅”补传。",
        (Verb.ADD_SIGNER, StepKind.EXCHANGE): "收发环节不能加签。请先签收，再加签。",
        (Verb.REMOVE_SIGNER, StepKind.POOL): "岗池里谁办都行，不用减签。要换人，请用“转办”。",
        (Verb.REMOVE_SIGNER, StepKind.EXCHANGE): "收发环节只有收文单位，不能减签。要换人签收，请用“转办”。",
        (Verb.REDIRECT, StepKind.CIRCULATION): "传阅只等人看，不用跳转。有人不必看的，请用“减签”。",
        (Verb.REDIRECT, StepKind.EXCHANGE): "文件在收发环节，不能跳转。请对方签收或退文。",
        (Verb.SUPERVISE, StepKind.CIRCULATION): "传阅没有要办的事，不能督办。请用“催办”。",
    }
    | {
        (verb, kind): _OUTSIDE
        for verb in (Verb.RETURN_DOCUMENT, Verb.REFUSE)
        for kind in (
            StepKind.POOL,
            StepKind.ALL,
            StepKind.QUORUM,
            StepKind.ORDERED,
            StepKind.LEAD,
            StepKind.CIRCULATION,
        )
    }
    | {
        (Verb.CLAIM, kind): "只有几个人谁办都行的环节才要抢办，这一步直接办就行。"
        for kind in StepKind
        if kind is not StepKind.POOL
    }
)


def refusal(verb: Verb, kind: StepKind) -> str | None:
    """The sentence that refuses `verb` on a step of `kind`, or None when the cell works."""
    return REFUSED.get((verb, kind))
