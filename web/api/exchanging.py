"""The API of what comes in and of where it goes: inbox, receipts, directory, saved lists."""

from dataclasses import dataclass
from datetime import datetime

from office.domain import commands as verbs
from office.domain.document import Selection
from office.domain.errors import Invalid
from office.domain.people import Actor
from office.service import directory, exchange, lists, reading, tasks
from office.store import receipts
from office.store.work import Work
from web.api.entry import Entry, read, write
from web.api.papers import ChainState, Nothing, state_of


@dataclass(frozen=True, slots=True)
class From:
    """Where a page goes on: the last row's moment and id, both or none."""

    after: datetime | None = None
    after_id: int = 0

    @property
    def cursor(self) -> tuple[datetime, int] | None:
        """The cursor; Invalid for a moment without a time zone."""
        if self.after is None:
            return None
        if self.after.tzinfo is None:
            raise Invalid("时间要带时区，如 2026-11-24T09:00:00+08:00。")
        return self.after, self.after_id


def inbox(work: Work, command: From, actor: Actor) -> reading.Inbox:
    """今日."""
    return reading.inbox(work, actor, command.cursor)


def to_read(work: Work, command: From, actor: Actor) -> reading.Page:
    """待阅."""
    return reading.tasks(work, actor, reading=True, after=command.cursor)


def done(work: Work, _command: Nothing, actor: Actor) -> tuple[reading.TaskRow, ...]:
    """办过的."""
    return reading.done(work, actor)


@dataclass(frozen=True, slots=True)
class OneTask:
    """A task that only tells."""

    task_id: int


def acknowledge(work: Work, command: OneTask, actor: Actor) -> None:
    """知道了."""
    tasks.acknowledge(work, command.task_id, actor)


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of papers, newest first: words to look for, and where to go on."""

    text: str = ""
    before: datetime | None = None
    before_id: int = 0

    @property
    def cursor(self) -> tuple[datetime, int] | None:
        """As of `From`."""
        return From(self.before, self.before_id).cursor


def sent(work: Work, command: Listing, actor: Actor) -> tuple[reading.DocumentRow, ...]:
    """The organ's own papers."""
    return reading.sent(work, actor, before=command.cursor, text=command.text[:64])


def received(work: Work, command: Listing, actor: Actor) -> tuple[reading.ReceivedRow, ...]:
    """What reached the organ."""
    return reading.received(work, actor, before=command.cursor, text=command.text[:64])


def sign_for(work: Work, command: exchange.SignFor, actor: Actor) -> ChainState:
    """签收."""
    return state_of(exchange.sign_for(work, command, actor))


def reply(work: Work, command: exchange.Reply, actor: Actor) -> receipts.Receipt:
    """答复."""
    return exchange.reply(work, command, actor)


@dataclass(frozen=True, slots=True)
class SendBack:
    """退文 with one of the five reasons, or 拒收 of a wrong delivery when there is none."""

    receipt_id: int
    text: str
    reason: verbs.ReturnReason | None = None


def send_back(work: Work, command: SendBack, actor: Actor) -> ChainState:
    """退文, 拒收."""
    back: verbs.Command = verbs.RefuseDelivery(0, command.text)
    if command.reason is not None:
        back = verbs.ReturnDocument(0, command.reason, command.text)
    return state_of(exchange.act_on_receipt(work, exchange.ActOnReceipt(command.receipt_id, back), actor))


@dataclass(frozen=True, slots=True)
class Recall:
    """撤回 one delivery."""

    receipt_id: int
    reason: str


def recall(work: Work, command: Recall, actor: Actor) -> None:
    """Take a delivery back before it is signed for."""
    exchange.recall(work, command.receipt_id, actor, reason=command.reason)


@dataclass(frozen=True, slots=True)
class Below:
    """The subordinates of an organ (none: the top), behind the organ `after`."""

    organ_id: int | None = None
    after: int | None = None


def children(work: Work, command: Below, _actor: Actor) -> directory.OrganPage:
    """The directory, level by level."""
    return directory.children(work, command.organ_id, command.after)


@dataclass(frozen=True, slots=True)
class ByName:
    """Words of an organ's name."""

    text: str


def find_organs(work: Work, command: ByName, _actor: Actor) -> directory.Hits:
    """Organs by name."""
    return directory.search(work, command.text)


@dataclass(frozen=True, slots=True)
class OneOrgan:
    """Which organ."""

    organ_id: int


def card(work: Work, command: OneOrgan, _actor: Actor) -> directory.Card:
    """One organ with its posts."""
    return directory.card(work, command.organ_id)


def saved_lists(work: Work, _command: Nothing, actor: Actor) -> tuple[lists.SavedList, ...]:
    """常用分发名单."""
    return lists.of_organ(work, actor)


@dataclass(frozen=True, slots=True)
class NewList:
    """The id of a new list."""

    list_id: int


def create_list(work: Work, command: lists.CreateList, actor: Actor) -> NewList:
    """Keep a selection."""
    return NewList(lists.create(work, command, actor))


@dataclass(frozen=True, slots=True)
class OneList:
    """Which list."""

    list_id: int


def delete_list(work: Work, command: OneList, actor: Actor) -> None:
    """Take it away."""
    lists.delete(work, command.list_id, actor)


def restore_list(work: Work, command: OneList, actor: Actor) -> None:
    """Bring it back."""
    lists.restore(work, command.list_id, actor)


def use_list(work: Work, command: OneList, actor: Actor) -> Selection:
    """Its selection, as it stands today."""
    return lists.use(work, command.list_id, actor)


ENTRIES: tuple[Entry, ...] = (
    read("/inbox", inbox, "今日：待办、待阅"),
    read("/reading", to_read, "待阅"),
    read("/done", done, "办过的"),
    write("POST", "/tasks/{task_id}/acknowledge", acknowledge, "知道了"),
    read("/sent", sent, "本单位发文"),
    read("/received", received, "本单位收文"),
    write("POST", "/receipts/{receipt_id}/sign", sign_for, "签收"),
    write("POST", "/receipts/{receipt_id}/reply", reply, "答复"),
    write("POST", "/receipts/{receipt_id}/return", send_back, "退文或拒收"),
    write("POST", "/receipts/{receipt_id}/recall", recall, "撤回发送"),
    read("/directory", children, "通讯录：逐级打开"),
    read("/directory/search", find_organs, "通讯录：按名字找"),
    read("/directory/{organ_id}", card, "一个单位"),
    read("/lists", saved_lists, "常用分发名单"),
    write("POST", "/lists", create_list, "存名单"),
    read("/lists/{list_id}", use_list, "名单里的单位"),
    write("PUT", "/lists/{list_id}", lists.rename, "改名单的名字"),
    write("DELETE", "/lists/{list_id}", delete_list, "删名单"),
    write("POST", "/lists/{list_id}/restore", restore_list, "恢复名单"),
)
