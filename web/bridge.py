"""The only place where meetings and documents meet: notice, minutes, and the tree venues are picked from."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select

from office.domain.document import Attendance, Block, BlockKind, Content, Kind, Selection
from office.domain.errors import OfficeError
from office.domain.organs import Level
from office.domain.people import Actor
from office.service import drafting, recipients
from office.store import documents, organs, tail
from office.store.database import Database
from office.store.tables import document
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.service import access, invitations, meetings, minutes, notices, reading
from rtc.store import tables, venues

log = logging.getLogger("yiwang.bridge")
SOON = timedelta(days=2)  # today and tomorrow
AGAIN = 1.0  # seconds after a fault
ISSUED = "ISSUED"  # stage of a document, and what history calls getting there
GIVEN_UP = frozenset({"ENDED", "REVOKED", "ABOLISHED"})
EXCUSED = "（请假："
_NUMBERS = "一二三四五六七八九十"


def draft_notice(work: Work, meeting_id: int, actor: Actor) -> int:
    """The notice of a meeting as a document on the actor's desk; the one that is under way if there is one."""
    said = notices.draft(work, meeting_id, actor)
    held = reading.view(work, meeting_id, actor).meeting.notice_document_id
    if held is not None and documents.load(work, held).stage not in GIVEN_UP:
        return held
    document_id = drafting.start(work, drafting.StartDraft(_notice(work, said, actor)), actor)
    notices.link(work, notices.Link(meeting_id, document_id), actor)
    return document_id


def _notice(work: Work, said: notices.Notice, actor: Actor) -> Content:
    tree = organs.tree(work)
    chosen = Selection(said.organ_ids)
    return Content(
        kind=Kind.NOTICE,
        title=f"{tree[actor.organ_id].title}{said.title}",
        principal_text=recipients.printed(tree, chosen, actor.organ_id),
        body=tuple(_block(text) for text in said.paragraphs),
        principals=chosen,
        reach=max((tree[organ_id].level for organ_id in said.organ_ids), default=Level.VILLAGE),
    )


def _block(text: str) -> Block:
    """A paragraph, or a heading where the text is nothing but one (三、会议议程：)."""
    heading = text[:1] in _NUMBERS and text[1:2] == "、" and text.endswith("：")
    return Block(BlockKind.LEVEL1, text.removesuffix("：")) if heading else Block(BlockKind.PARAGRAPH, text)


def draft_minutes(work: Work, meeting_id: int, actor: Actor) -> int:
    """The minutes of a meeting that ended as a document on the actor's desk; the one under way if there is one."""
    said = minutes.draft(work, meeting_id, actor)
    held = reading.view(work, meeting_id, actor).meeting.minutes_document_id
    if held is not None and documents.load(work, held).stage not in GIVEN_UP:
        return held
    chosen = Selection(minutes.recipients(work, meeting_id, actor))
    document_id = drafting.start(work, drafting.StartDraft(_minutes(said, chosen)), actor)
    meetings.link_minutes(work, meeting_id, document_id, actor)
    return document_id


def _minutes(said: minutes.Minutes, chosen: Selection) -> Content:
    """出席 and 请假 have a place of their own on minutes (GB/T 9704 10.3); the rest is text."""
    excused = tuple(one for one in said.absent if EXCUSED in one)
    missing = tuple(one for one in said.absent if EXCUSED not in one)
    lines = [line for line in said.paragraphs if not line.startswith(("出席：", "缺席："))]
    if missing:
        lines.append(f"缺席：{'、'.join(missing)}。")
    return Content(
        kind=Kind.MINUTES,
        title=said.title,
        body=tuple(Block(BlockKind.PARAGRAPH, line) for line in lines),
        principals=chosen,
        reach=Level.VILLAGE,
        attendance=Attendance(present=said.present, excused=excused),
    )


def meeting_of(work: Work, document_id: int, actor: Actor) -> reading.View | None:
    """The meeting whose notice or minutes this document is, for who may see that meeting."""
    found = notices.meeting_of(work, document_id, actor)
    return None if found is None else reading.view(work, found.id, actor)


def answerable(view: reading.View, actor: Actor) -> tuple[venues.Invited, ...]:
    """The venues this person gives a 回执 for now."""
    found = view.meeting
    if actor.role not in access.OFFICE or actor.organ_id == found.organ_id:
        return ()
    if found.phase not in meetings.COMING or found.cancelled_at is not None:
        return ()
    return tuple(one for one in view.own if one.organ_id == actor.organ_id and not one.inspector)


def next_meeting(work: Work, actor: Actor) -> reading.Listed | None:
    """What 今日 reminds of: the next meeting of today or tomorrow that was called and is still held."""
    until = work.midnight + SOON
    coming = reading.coming(work, actor)
    held = (one for one in coming if one.meeting.called_at is not None and one.meeting.cancelled_at is None)
    return next((one for one in held if one.meeting.starts_at < until), None)


@dataclass(frozen=True, slots=True)
class VenuePage:
    """The tree that venues are picked from, and the meeting they are for."""

    view: reading.View
    picker: recipients.Picker

    @property
    def invited(self) -> int:
        """How many venues there are beside the organiser's own."""
        return sum(1 for one in self.view.venues if one.organ_id != self.view.meeting.organ_id)


def venue_page(work: Work, meeting_id: int, actor: Actor, *, opened: int | None, text: str) -> VenuePage:
    """The picker of a meeting this person organises."""
    access.organised(work, meeting_id, by=actor)
    view = reading.view(work, meeting_id, actor)
    chosen = frozenset(one.organ_id for one in view.venues if not one.inspector)
    picker = recipients.picker(work, view.meeting.organ_id, chosen, opened=opened, text=text)
    return VenuePage(view, picker)


@dataclass(frozen=True, slots=True)
class PressVenue:
    """One press on the picker: what is chosen already goes, what is not comes."""

    meeting_id: int
    press: str


def press_venue(work: Work, command: PressVenue, actor: Actor) -> None:
    """Invite an organ or a tier, or take it out again; the organiser's own venue stays."""
    view = reading.view(work, command.meeting_id, actor)
    wanted = frozenset(recipients.pressed(work, command.press)) - {view.meeting.organ_id}
    there = {one.organ_id: one.id for one in view.venues if not one.inspector}
    if wanted <= there.keys():
        for organ_id in sorted(wanted):
            invitations.uninvite(work, invitations.Uninvite(there[organ_id]), actor)
    else:
        invitations.invite(work, invitations.Invite(command.meeting_id, tuple(sorted(wanted))), actor)


def settle(work: Work, document_id: int) -> None:
    """Call the meeting whose notice was dispatched, or note that its minutes were issued. Repeatable."""
    notices.issued(work, document_id)
    meetings.minuted(work, document_id)


def waiting(work: Work) -> tuple[int, ...]:
    """Issued documents that their meetings do not know of yet."""
    m, d = tables.meeting.c, document.c
    notice = (m.phase == str(Phase.PLANNED)) & (m.notice_document_id == d.id) & m.cancelled_at.is_(None)
    minutes = (m.phase == str(Phase.ENDED)) & (m.minutes_document_id == d.id)
    rows = work.execute(select(d.id).join(tables.meeting, or_(notice, minutes)).where(d.stage == ISSUED))
    return tuple(row[0] for row in rows)


class Bridge:
    """Follows the history and lets meetings know what became of their documents; losing it only delays them."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to follow; what happened before is looked up first."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._follow()
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("meetings could not follow their documents; starting again")
                await asyncio.sleep(AGAIN)

    async def _follow(self) -> None:
        here = await self._db.read(tail.end)
        await self._settle()
        async for row in tail.follow(self._db, here):
            if row.kind == ISSUED:
                await self._settle()

    async def _settle(self) -> None:
        for document_id in await self._db.read(waiting):
            try:
                await self._db.write(settle, document_id)
            except OfficeError as refused:  # nobody is invited any more: the others go on
                log.warning("document %d calls no meeting: %s", document_id, refused)
