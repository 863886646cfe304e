"""Papers on the table (无纸化): who reads which, notes, handing back. The edge has stored and checked the bytes."""

from dataclasses import dataclass

from office.domain.errors import Invalid, NotFound, WrongStage
from office.domain.people import Actor
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.service import access
from rtc.service.history import told
from rtc.service.meetings import check_open
from rtc.service.topics import CHANGEABLE
from rtc.store import meetings, papers, venues

MOST_PAPERS = 200
MOST_PAGES = 5_000
LONGEST_NAME = 200
LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class Add:
    """A checked file. Without a topic it belongs to the whole meeting; without readers every venue may read it."""

    meeting_id: int
    name: str
    blob: str
    size: int
    media: str
    pages: int = 0
    topic_id: int | None = None
    venue_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a paper off the table."""

    paper_id: int


@dataclass(frozen=True, slots=True)
class SetReaders:
    """Only these venues read it; none: every venue does."""

    paper_id: int
    venue_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TakeBack:
    """收回: none of the meeting's papers is served from now on."""

    meeting_id: int


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper as the organiser sees it; `readers` None: every venue."""

    paper: papers.Paper
    readers: frozenset[int] | None


def add(work: Work, command: Add, actor: Actor) -> int:
    """Put a paper on the table and return its id."""
    found = _changeable(work, command.meeting_id, actor)
    name = command.name.strip()
    if not name or len(name) > LONGEST_NAME or not 0 <= command.pages <= MOST_PAGES:
        raise Invalid(f"材料名称要有 1 到 {LONGEST_NAME} 个字，最多 {MOST_PAGES} 页。")
    if len(papers.of_meeting(work, found.id)) >= MOST_PAPERS:
        raise Invalid(f"一次会议最多 {MOST_PAPERS} 份材料。请合并，或者去掉不用的。")
    if command.topic_id is not None and meetings.topic_of(work, command.topic_id).meeting_id != found.id:
        raise NotFound("没有这个议题，或者已经撤下。请刷新后再看。")
    paper_id = papers.add(
        work,
        {
            "meeting_id": found.id, "topic_id": command.topic_id, "name": name, "blob": command.blob,
            "size": command.size, "media": command.media, "pages": command.pages, "added_by": actor.post_id,
        },
    )  # fmt: skip
    _set(work, found, paper_id, command.venue_ids)
    return paper_id


def remove(work: Work, command: Remove, actor: Actor) -> None:
    """Take a paper off the table."""
    held = access.paper(work, command.paper_id, by=actor)
    _changeable(work, held.meeting_id, actor)
    papers.remove(work, held.id)


def set_readers(work: Work, command: SetReaders, actor: Actor) -> None:
    """Say for which venues a paper is."""
    held = access.paper(work, command.paper_id, by=actor)
    _set(work, _changeable(work, held.meeting_id, actor), held.id, command.venue_ids)


def _set(work: Work, found: meetings.Meeting, paper_id: int, venue_ids: tuple[int, ...]) -> None:
    there = {one.id for one in venues.of_meeting(work, found.id)} if venue_ids else set()
    if not there.issuperset(venue_ids):
        raise Invalid("选的会场里有不在这个会议里的，请重新选。")
    papers.set_readers(work, paper_id, venue_ids)


def _changeable(work: Work, meeting_id: int, actor: Actor) -> meetings.Meeting:
    found = access.organised(work, meeting_id, by=actor, hold=True)
    check_open(found, CHANGEABLE)
    if found.papers_back_at is not None:
        raise WrongStage("材料已经收回，不能再改。")
    return found


def take_back(work: Work, command: TakeBack, actor: Actor) -> None:
    """Hand all papers back: from now on none is served to anybody; a repeat changes nothing."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    if found.phase not in CHANGEABLE | {Phase.ENDED, Phase.MINUTED}:
        check_open(found, CHANGEABLE)
    if found.papers_back_at is None:
        meetings.change(work, found, papers_back_at=work.now)
        told(work, "MEETING_PAPERS_BACK", found.id, actor)


def readable(work: Work, meeting_id: int, actor: Actor) -> tuple[Listed, ...]:
    """The papers this person may read, with their readers where he organises."""
    found = access.meeting(work, meeting_id, by=actor)
    organiser = access.organises(found, actor)
    if found.papers_back_at is not None or (found.phase is Phase.ARCHIVED and not organiser):
        return ()
    there = papers.of_meeting(work, found.id)
    readers = papers.readers(work, [one.id for one in there])
    sits = {one.id for one in access.own_venues(work, found, actor)}
    return tuple(
        Listed(one, readers.get(one.id) if organiser else None)
        for one in there
        if organiser or one.id not in readers or readers[one.id] & sits
    )


def paper(work: Work, paper_id: int, actor: Actor) -> papers.Paper:
    """One paper for somebody who may read it: what the page pictures are served by."""
    return access.paper(work, paper_id, by=actor)


def notes(work: Work, paper_id: int, actor: Actor) -> tuple[papers.Note, ...]:
    """One's own notes on a paper; nobody else's, whoever asks."""
    held = access.paper(work, paper_id, by=actor)
    return papers.notes(work, held.id, actor.person_id)


def write_note(work: Work, command: papers.Note, actor: Actor) -> None:
    """Keep one's own note on a page; an empty text takes it away."""
    held = access.paper(work, command.paper_id, by=actor)
    if not 1 <= command.page <= max(held.pages, 1) or len(command.text) > LONGEST_NOTE:
        raise Invalid(f"批注要写在材料的某一页上，最多 {LONGEST_NOTE} 个字。")
    papers.write_note(work, command, actor.person_id)
