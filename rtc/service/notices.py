"""The notice of a meeting (会议通知): its words, which document it is, and what its dispatch means."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from office.domain.people import Actor
from office.store.work import LOCAL, Work
from rtc.domain.room import Phase
from rtc.domain.venue import VenueKind
from rtc.service import access, meetings
from rtc.store import meetings as rows
from rtc.store import venues

_WEEKDAYS = "一二三四五六日"
REPLY_BEFORE = timedelta(hours=24)
MOST_NAMED = 40


@dataclass(frozen=True, slots=True)
class Notice:
    """What the notice says, ready to be a document: title, paragraphs, and which organs it goes to."""

    title: str
    paragraphs: tuple[str, ...]
    organ_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """The document that carries a meeting's notice."""

    meeting_id: int
    document_id: int


def draft(work: Work, meeting_id: int, actor: Actor) -> Notice:
    """The notice of a planned meeting, for its organiser."""
    found = access.organised(work, meeting_id, by=actor)
    meetings.check_open(found, meetings.COMING)
    invited = [one for one in venues.of_meeting(work, found.id) if not one.inspector]
    return notice_text(found, rows.topics(work, found.id), invited)


def notice_text(found: rows.Meeting, topics: Sequence[rows.Topic], invited: Sequence[venues.Invited]) -> Notice:
    """The words of the notice, from the meeting alone."""
    title = f"关于召开{found.title}的通知"
    paragraphs = [
        f"经研究，定于{moment(found.starts_at)}以视频方式召开{found.title}。现将有关事项通知如下。",
        f"一、会议时间：{moment(found.starts_at)}至{_until(found.starts_at, found.ends_at)}。",
        f"二、会议地点：{_places(found, invited)}",
        *_agenda(topics),
    ]
    number = "四" if topics else "三"
    paragraphs.append(
        f"{number}、有关要求：请各会场在{moment(found.starts_at - REPLY_BEFORE)}前报送回执，"
        "会前十五分钟进入会场完成话筒、摄像头和线路检查。" + _phone(found.settings.phone)
    )
    organs = tuple(one.organ_id for one in invited if one.organ_id != found.organ_id)
    return Notice(title, tuple(paragraphs), organs)


def _places(found: rows.Meeting, invited: Sequence[venues.Invited]) -> str:
    mains = "、".join(one.name for one in invited if one.kind is VenueKind.MAIN)
    branches = [one.name for one in invited if one.kind is VenueKind.BRANCH]
    place = f"主会场设在{found.place or mains}"
    if not branches:
        return f"{place}。"
    if len(branches) > MOST_NAMED:
        return f"{place}，另设分会场{len(branches)}个，名单附后。"
    return f"{place}，分会场设在{'、'.join(branches)}。"


def _agenda(topics: Sequence[rows.Topic]) -> tuple[str, ...]:
    if not topics:
        return ()
    lines = (
        f"（{one.number}）{one.title}{f'，汇报人：{one.speaker}' if one.speaker else ''}"
        f"{f'，约{one.minutes}分钟' if one.minutes else ''}。"
        for one in topics
    )
    return ("三、会议议程：", *lines)


def _phone(phone: str) -> str:
    return f"线路不通时请拨打会议电话{phone}。" if phone else ""


def moment(at: datetime) -> str:
    """A moment as papers write it: 2026年11月25日（星期三）9:00."""
    local = at.astimezone(LOCAL)
    return f"{local.year}年{local.month}月{local.day}日（星期{_WEEKDAYS[local.weekday()]}）{local.hour}:{local:%M}"


def _until(start: datetime, end: datetime) -> str:
    local = end.astimezone(LOCAL)
    return f"{local.hour}:{local:%M}" if local.date() == start.astimezone(LOCAL).date() else moment(end)


def link(work: Work, command: Link, actor: Actor) -> None:
    """Remember which document is the notice; a second draft takes the place of the first."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    meetings.check_open(found, meetings.COMING)
    rows.change(work, found, notice_document_id=command.document_id)


def issued(work: Work, document_id: int) -> int | None:
    """The notice was dispatched: the meeting is called. Returns the meeting; None: no meeting's notice. Repeatable."""
    found = rows.of_document(work, document_id)
    if found is None or found.notice_document_id != document_id:
        return None
    if found.phase is Phase.PLANNED and found.cancelled_at is None:
        meetings.announce(work, found, None)
    return found.id


def meeting_of(work: Work, document_id: int, actor: Actor) -> rows.Meeting | None:
    """The meeting a document is the notice or the minutes of, if this person may see it."""
    found = rows.of_document(work, document_id)
    if found is None or not (access.organises(found, actor) or access.own_venues(work, found, actor)):
        return None
    return found
