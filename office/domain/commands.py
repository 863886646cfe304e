"""What people may ask of a chain. One frozen dataclass a verb; a closed union."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from office.domain.chain import Assignment, ReturnMode, Verdict


class Placement(StrEnum):
    """加签: before me, after me, beside me in the same countersign."""

    BEFORE = "BEFORE"
    AFTER = "AFTER"
    BESIDE = "BESIDE"


class ReturnReason(StrEnum):
    """The five reasons of 退文 (条例24(3))."""

    NOT_OURS = "NOT_OURS"  # 不属本机关办理
    WRITING_RULES = "WRITING_RULES"  # 不合行文规则
    KIND_OR_FORMAT = "KIND_OR_FORMAT"  # 文种、格式不对
    NOT_COUNTERSIGNED = "NOT_COUNTERSIGNED"  # 未会签或未征求意见
    OTHER = "OTHER"


# How opinions and messages spell them.
REASON_WORDS: Mapping[ReturnReason, str] = MappingProxyType(
    {
        ReturnReason.NOT_OURS: "不属本单位办理",
        ReturnReason.WRITING_RULES: "不合行文规则",
        ReturnReason.KIND_OR_FORMAT: "文种或格式不对",
        ReturnReason.NOT_COUNTERSIGNED: "没有会签或征求意见",
        ReturnReason.OTHER: "其他",
    }
)


@dataclass(frozen=True, slots=True)
class Complete:
    """办理. `content_hash` is what the person saw; `assign` names handlers where the step allows it."""

    seat_id: int
    verdict: Verdict = Verdict.AGREE
    opinion: str = ""
    content_hash: str = ""
    signature: str = ""
    assign: Assignment | None = None
    unread_reason: str = ""  # closing while readers have not read needs one (条例24(5))


@dataclass(frozen=True, slots=True)
class Claim:
    """抢办 in a pool."""

    seat_id: int


@dataclass(frozen=True, slots=True)
class Return:
    """退回, inside one organ. `to_step` None: to the previous step."""

    seat_id: int
    reason: str
    to_step: int | None = None
    mode: ReturnMode = ReturnMode.STRAIGHT_BACK


@dataclass(frozen=True, slots=True)
class Withdraw:
    """撤回 by the drafter, while nobody has acted."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class TakeBack:
    """取回 one's own last act, while the next has not acted."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """转办 to another post of the same organ."""

    seat_id: int
    to_post: int
    to_organ: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class AddSigner:
    """加签."""

    seat_id: int
    post_id: int
    organ_id: int
    placement: Placement
    note: str = ""


@dataclass(frozen=True, slots=True)
class RemoveSigner:
    """减签 of one who has not acted."""

    seat_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Redirect:
    """跳转 by an administrator."""

    to_step: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reassign:
    """重新指派, 移交 of an open or waiting seat by an administrator."""

    seat_id: int
    to_post: int
    to_organ: int
    reason: str


@dataclass(frozen=True, slots=True)
class Remind:
    """催办: an event, no change of state."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class Supervise:
    """督办."""

    owner_post_id: int
    due: datetime


@dataclass(frozen=True, slots=True)
class Circulate:
    """传阅 to posts: (post, organ)."""

    posts: tuple[tuple[int, int], ...]
    reason: str


@dataclass(frozen=True, slots=True)
class MarkRead:
    """阅知 of a circulated copy."""

    reader_id: int


@dataclass(frozen=True, slots=True)
class ReturnDocument:
    """退文 to the organ it came from (条例24(3))."""

    seat_id: int
    reason: ReturnReason
    text: str


@dataclass(frozen=True, slots=True)
class RefuseDelivery:
    """拒收 a wrong delivery at receipt (条例24(1))."""

    seat_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Decide:
    """The competent tier decides a request."""

    seat_id: int
    granted: bool
    opinion: str
    content_hash: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class PassUpward:
    """转报: up one tier, with this organ's own opinion (条例15(3))."""

    seat_id: int
    opinion: str
    content_hash: str = ""
    signature: str = ""


@dataclass(frozen=True, slots=True)
class CorrectOpinion:
    """A dated correction entry; the old opinion stays."""

    opinion_id: int
    text: str


@dataclass(frozen=True, slots=True)
class Amend:
    """The content changed after sign-off: back to the signatory (条例25(1))."""

    content_hash: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Terminate:
    """终止 before sign-off."""

    reason: str


@dataclass(frozen=True, slots=True)
class Stop:
    """撤销 (void from the start) or 废止 (from a date) reached this chain."""

    revoked: bool
    reason: str


Command = (
    Complete
    | Claim
    | Return
    | Withdraw
    | TakeBack
    | HandOver
    | AddSigner
    | RemoveSigner
    | Redirect
    | Reassign
    | Remind
    | Supervise
    | Circulate
    | MarkRead
    | ReturnDocument
    | RefuseDelivery
    | Decide
    | PassUpward
    | CorrectOpinion
    | Amend
    | Terminate
    | Stop
)
