"""The agenda (议程): topics numbered from 1 without a gap; a paper keeps its topic through every change of order."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, update

from office.domain.errors import Invalid
from office.domain.people import Actor
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.service import access
from rtc.service.meetings import COMING, check_open
from rtc.store import meetings
from rtc.store.tables import paper, topic

MOST_TOPICS = 60
LONGEST = 120
CHANGEABLE = COMING | {Phase.LIVE, Phase.PAUSED}  # an agenda grows while one sits


@dataclass(frozen=True, slots=True)
class Add:
    """A topic at the end."""

    meeting_id: int
    title: str
    speaker: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """Other words for a topic."""

    topic_id: int
    title: str
    speaker: str = ""
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a topic off; its papers stay with the meeting."""

    topic_id: int


@dataclass(frozen=True, slots=True)
class Arrange:
    """All topics of the meeting in a new order."""

    meeting_id: int
    topic_ids: tuple[int, ...]


def _words(title: str, speaker: str, minutes: int) -> dict[str, object]:
    clean, who = " ".join(title.split()), " ".join(speaker.split())
    if not clean or len(clean) > LONGEST or len(who) > LONGEST:
        raise Invalid(f"议题要有 1 到 {LONGEST} 个字，汇报人最多 {LONGEST} 个字。")
    if not 0 <= minutes <= 24 * 60:
        raise Invalid("议题时长要是 0 到 1440 分钟。")
    return {"title": clean, "speaker": who, "minutes": minutes}


def _changeable(work: Work, meeting_id: int, actor: Actor) -> meetings.Meeting:
    found = access.organised(work, meeting_id, by=actor, hold=True)
    check_open(found, CHANGEABLE)
    return found


def add(work: Work, command: Add, actor: Actor) -> int:
    """Put a topic at the end of the agenda and return its id."""
    found = _changeable(work, command.meeting_id, actor)
    there = meetings.topics(work, found.id)
    if len(there) >= MOST_TOPICS:
        raise Invalid(f"一次会议最多 {MOST_TOPICS} 个议题。请合并，或者分两次开。")
    words = _words(command.title, command.speaker, command.minutes)
    new = insert(topic).values(meeting_id=found.id, number=len(there) + 1, **words).returning(topic.c.id)
    return work.integer(new)


def change(work: Work, command: Change, actor: Actor) -> None:
    """Write other words for a topic."""
    held = meetings.topic_of(work, command.topic_id)
    _changeable(work, held.meeting_id, actor)
    words = _words(command.title, command.speaker, command.minutes)
    work.execute(update(topic).where(topic.c.id == held.id).values(**words))


def remove(work: Work, command: Remove, actor: Actor) -> None:
    """Take a topic off and close the gap in the numbers."""
    held = meetings.topic_of(work, command.topic_id)
    _changeable(work, held.meeting_id, actor)
    work.execute(update(topic).where(topic.c.id == held.id).values(removed_at=work.now))
    work.execute(update(paper).where(paper.c.topic_id == held.id).values(topic_id=None))
    _number(work, [one.id for one in meetings.topics(work, held.meeting_id)])


def arrange(work: Work, command: Arrange, actor: Actor) -> None:
    """Put all topics in another order."""
    _changeable(work, command.meeting_id, actor)
    there = [one.id for one in meetings.topics(work, command.meeting_id)]
    if sorted(there) != sorted(command.topic_ids):
        raise Invalid("议题刚才有增减，顺序没有改成。请刷新后再排。")
    _number(work, command.topic_ids)


def _number(work: Work, topic_ids: Sequence[int]) -> None:
    for number, topic_id in enumerate(topic_ids, 1):
        work.execute(update(topic).where(topic.c.id == topic_id).values(number=number))
