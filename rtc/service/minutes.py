"""Draft minutes (纪要) from what the meeting itself recorded: who was there, what was on, what was decided."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from office.domain.errors import WrongStage
from office.domain.people import Actor
from office.store.tables import person
from office.store.work import LOCAL, Work
from rtc.domain.meeting import OVER
from rtc.domain.room import Phase
from rtc.domain.room_events import ChairGranted, ChapterMarked, PhaseSet, RoomEvent
from rtc.domain.voting import MOTION, BallotStage
from rtc.service import access, attendance, votes
from rtc.service.notices import moment
from rtc.service.votes import Shown
from rtc.store import meetings, rooms, venues
from rtc.store.rooms import Happened


@dataclass(frozen=True, slots=True)
class Minutes:
    """What the bridge makes a document of. `paragraphs` are its text, the other fields what it was made from."""

    title: str
    began: datetime | None
    ended: datetime | None
    place: str
    chairs: tuple[str, ...]
    present: tuple[str, ...]
    absent: tuple[str, ...]
    topics: tuple[str, ...]
    decisions: tuple[str, ...]
    chapters: tuple[str, ...]
    paragraphs: tuple[str, ...]


def draft(work: Work, meeting_id: int, actor: Actor) -> Minutes:
    """The draft for the organiser, once the meeting has ended."""
    found = access.organised(work, meeting_id, by=actor)
    if found.phase not in OVER:
        raise WrongStage("会议还没有结束，不能生成纪要。请先结束会议。")
    sheet = attendance.rows(work, found)
    happened = rooms.of_kinds(work, found.id, PhaseSet, ChairGranted, ChapterMarked)
    began, ended = _times(happened)
    parts = Minutes(
        f"{found.title}纪要", began, ended, found.place or _main(sheet), _chairs(work, happened, began),
        tuple(_present(row) for row in sheet if row.attended), tuple(_absent(row) for row in sheet if not row.attended),
        tuple(_topic(one) for one in meetings.topics(work, found.id)), _decisions(work, found.id, actor),
        tuple(_chapters(happened)), (),
    )  # fmt: skip
    return replace(parts, paragraphs=tuple(_text(found, parts)))


def _times(happened: Sequence[Happened]) -> tuple[datetime | None, datetime | None]:
    began = [one.at for one in happened if _is_phase(one.event, Phase.LIVE)]
    ended = [one.at for one in happened if _is_phase(one.event, Phase.ENDED)]
    return (began[0] if began else None), (ended[-1] if ended else None)


def _is_phase(event: RoomEvent, phase: Phase) -> bool:
    return isinstance(event, PhaseSet) and event.phase is phase


def _main(sheet: Iterable[attendance.Row]) -> str:
    return "、".join(row.venue.name for row in sheet if row.venue.kind == "MAIN")


def _chairs(work: Work, happened: Sequence[Happened], began: datetime | None) -> tuple[str, ...]:
    """Who held the chair while the meeting was on, in order, each once."""
    granted = [(one.at, one.event) for one in happened if isinstance(one.event, ChairGranted)]
    before = [event for at, event in granted if began is None or at <= began][-1:]
    during = [event for at, event in granted if began is not None and at > began]
    ids = [event.person_id for event in (*before, *during) if event.person_id is not None]
    names = dict(_named(work, ids))
    return tuple(dict.fromkeys(names[i] for i in ids if i in names))


def _named(work: Work, ids: Sequence[int]) -> Iterable[tuple[int, str]]:
    return ((row[0], row[1]) for row in work.execute(select(person.c.id, person.c.name).where(person.c.id.in_(ids))))


def _present(row: attendance.Row) -> str:
    substitute = row.mark.substitute if row.mark is not None and row.mark.substitute else row.venue.substitute
    return f"{row.venue.name}（{substitute}代）" if substitute else row.venue.name


def _absent(row: attendance.Row) -> str:
    return f"{row.venue.name}（请假：{row.venue.reason}）" if row.venue.reply == "EXCUSED" else row.venue.name


def _topic(one: meetings.Topic) -> str:
    return f"{one.title}（汇报人：{one.speaker}）" if one.speaker else one.title


def _chapters(happened: Iterable[Happened]) -> Iterable[str]:
    for one in happened:
        if isinstance(one.event, ChapterMarked):
            local = one.at.astimezone(LOCAL)
            yield f"{local:%H:%M} {one.event.text}"


def _decisions(work: Work, meeting_id: int, actor: Actor) -> tuple[str, ...]:
    published = (one for one in votes.of_meeting(work, meeting_id, actor) if one.ballot.stage is BallotStage.PUBLISHED)
    return tuple(_decision(one) for one in published)


def _decision(one: Shown) -> str:
    result = one.result
    assert result is not None
    options = one.ballot.options
    counts = "，".join(f"{name} {n} 票" for name, n in zip(options, result.counts, strict=True))
    if not result.quorate:
        ends = "未达到法定人数，表决无效"
    elif result.carried is None:
        ends = "未获通过"
    else:
        ends = "获得通过" if options == MOTION else f"选定“{options[result.carried]}”"
    how = "无记名" if one.ballot.secret else "记名"
    voters = f"有表决权 {len(one.ballot.voters)} 个，投票 {result.cast} 个"
    return f"{one.ballot.question}：{how}表决，{voters}，{counts}，{ends}。"


def _text(found: meetings.Meeting, made: Minutes) -> Iterable[str]:
    """The paragraphs of the draft; what the clerk has to add is left to him, nothing is invented."""
    yield f"{moment(made.began or found.starts_at)}，{made.place}召开{found.title}。"
    if made.chairs:
        yield f"主持：{'、'.join(made.chairs)}。"
    yield f"出席：{'、'.join(made.present) or '无'}。"
    if made.absent:
        yield f"缺席：{'、'.join(made.absent)}。"
    for number, topic in enumerate(made.topics, 1):
        yield f"议题{number}：{topic}。"
    for line in made.chapters:
        yield f"记录：{line}。"
    for line in made.decisions:
        yield f"决定：{line}"


def recipients(work: Work, meeting_id: int, actor: Actor) -> tuple[int, ...]:
    """The organs that took part, without the organiser: to whom minutes go."""
    found = access.organised(work, meeting_id, by=actor)
    every = venues.of_meeting(work, found.id)
    return tuple(one.organ_id for one in every if not one.inspector and one.organ_id != found.organ_id)
