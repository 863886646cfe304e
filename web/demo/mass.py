"""Many units at once: most sign for a notice, some answer, some only open it, a few return it, the rest stay silent."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from office.domain import commands as verbs
from office.domain.organs import Level
from office.domain.people import Actor
from office.service import exchange
from office.store import receipts
from office.store.work import Work
from web.demo.moments import later
from web.demo.stage import Stage, Story

WINDOW = timedelta(minutes=10)  # what falls into it is one transaction
# Seat 0: the seat of whoever acts.
_RETURNS: tuple[verbs.ReturnDocument | verbs.RefuseDelivery, ...] = (
    verbs.ReturnDocument(0, verbs.ReturnReason.NOT_OURS, "所说的事项不在本单位范围。"),
    verbs.ReturnDocument(0, verbs.ReturnReason.WRITING_RULES, "应由主管部门行文。"),
    verbs.ReturnDocument(0, verbs.ReturnReason.KIND_OR_FORMAT, "正文提到的表格没有附上。"),
    verbs.ReturnDocument(0, verbs.ReturnReason.NOT_COUNTERSIGNED, "未见有关部门会签意见。"),
    verbs.ReturnDocument(0, verbs.ReturnReason.OTHER, "与上周来文重复，请核实以哪一份为准。"),
    verbs.RefuseDelivery(0, "本村已并入邻村，请改发合并后的村。"),
)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Shares of the units that sign, answer and only open; how many return; over how many working minutes."""

    signed: float = 0.95
    replied: float = 0.0
    opened: float = 0.02
    returned: int = 0
    minutes: int = 1_800
    replies: tuple[str, ...] = ()
    apart: frozenset[int] = frozenset()  # organs whose papers a story handles


@dataclass(frozen=True, slots=True)
class Deed:
    """What one unit does, and when."""

    at: datetime
    receipt: receipts.Receipt
    by: Actor
    reply: str = ""
    opens: bool = False
    returns: verbs.ReturnDocument | verbs.RefuseDelivery | None = None


def crowd(stage: Stage, document_id: int, start: datetime, how: Crowd) -> Story:
    """The units' deeds, window by window."""
    yield start
    deeds = sorted(_deeds(stage, document_id, how), key=lambda deed: deed.at)
    first = stage.at()
    for _, group in groupby(deeds, key=lambda deed: (deed.at - first) // WINDOW):
        some = list(group)
        yield some[-1].at
        stage.write(_perform, some)


def _deeds(stage: Stage, document_id: int, how: Crowd) -> Iterator[Deed]:
    found = [r for r in stage.read(receipts.of_document, document_id) if r.organ_id not in how.apart]
    stage.chance.shuffle(found)
    for place, receipt in enumerate(found):
        at = later(stage.at(), round(min(stage.chance.expovariate(3 / how.minutes), how.minutes)))
        at += timedelta(seconds=stage.chance.randrange(60))
        by = stage.clerk_of(receipt.organ_id)
        if place < how.returned:
            yield Deed(at, receipt, by, returns=_RETURNS[place % len(_RETURNS)])
        elif place < how.signed * len(found):
            yield Deed(at, receipt, by, reply=_reply(stage, receipt.organ_id, place / len(found), how))
        elif place < (how.signed + how.opened) * len(found):
            yield Deed(at, receipt, by, opens=True)


def _reply(stage: Stage, organ_id: int, place: float, how: Crowd) -> str:
    answers = stage.organ_at(organ_id).level is Level.VILLAGE and place < how.replied
    return stage.chance.choice(how.replies) if answers and how.replies else ""


def _perform(work: Work, deeds: Iterable[Deed]) -> None:
    """Every deed by its use case, at its own moment, all in one transaction."""
    for deed in deeds:
        work.now = deed.at
        if deed.returns is not None:
            exchange.act_on_receipt(work, exchange.ActOnReceipt(deed.receipt.id, deed.returns), deed.by)
        elif deed.opens:
            exchange.open_document(work, deed.receipt.document_id, deed.by)
        elif deed.reply:
            exchange.reply(work, exchange.Reply(deed.receipt.id, deed.reply), deed.by)
        else:
            exchange.sign_for(work, exchange.SignFor(deed.receipt.id, register=True), deed.by)
