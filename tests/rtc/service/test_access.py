"""Every question and every act on a meeting, asked by those it is not for: absent for strangers, refused for guests."""

from collections.abc import Callable

import pytest

from office.domain.errors import NotFound, NotPermitted, OfficeError
from office.domain.people import Actor, Role
from office.store.database import Database
from office.store.work import Work
from rtc.domain.meeting import Reply
from rtc.domain.venue import VenueKind
from rtc.service import (
    attendance,
    chat,
    invitations,
    meetings,
    minutes,
    notices,
    papers,
    reading,
    recordings,
    replies,
    rooms,
    topics,
    votes,
)  # fmt: skip
from rtc.store.papers import Note
from tests.rtc.service.calling import PLAN, called, venue_of
from tests.service.steps import draft, notice
from tests.town import CITY, COUNTY, FINANCE, TOWN, WATER, Town

Ask = Callable[[Work, Actor], object]


def questions(m: int, venue: int, paper: int) -> dict[str, Ask]:
    """What those invited may ask."""
    return {
        "view": lambda w, a: reading.view(w, m, a),
        "readable": lambda w, a: papers.readable(w, m, a),
        "paper": lambda w, a: papers.paper(w, paper, a),
        "notes": lambda w, a: papers.notes(w, paper, a),
        "write_note": lambda w, a: papers.write_note(w, Note(paper, 1, "字"), a),
        "enter": lambda w, a: rooms.enter(w, rooms.Enter(m), a),
        "chat": lambda w, a: chat.whole(w, m, a),
        "captions": lambda w, a: chat.captions(w, m, a),
        "votes": lambda w, a: votes.of_meeting(w, m, a),
        "recordings": lambda w, a: recordings.of_meeting(w, m, a),
    }


def acts(m: int, venue: int, paper: int, topic: int, document: int = 0) -> dict[str, Ask]:
    """What only the organiser may."""
    return {
        "change": lambda w, a: meetings.change(w, meetings.Change(m, PLAN), a),
        "call": lambda w, a: meetings.call(w, meetings.Call(m), a),
        "cancel": lambda w, a: meetings.cancel(w, meetings.Cancel(m, "因"), a),
        "archive": lambda w, a: meetings.archive(w, m, a),
        "link_minutes": lambda w, a: meetings.link_minutes(w, m, document, a),
        "topic": lambda w, a: topics.add(w, topics.Add(m, "题"), a),
        "change topic": lambda w, a: topics.change(w, topics.Change(topic, "题"), a),
        "remove topic": lambda w, a: topics.remove(w, topics.Remove(topic), a),
        "arrange": lambda w, a: topics.arrange(w, topics.Arrange(m, (topic,)), a),
        "invite": lambda w, a: invitations.invite(w, invitations.Invite(m, (FINANCE,)), a),
        "inspect": lambda w, a: invitations.invite_inspector(w, invitations.InviteInspector(m, a.post_id), a),
        "describe": lambda w, a: invitations.describe(w, invitations.Describe(venue, "场", VenueKind.MAIN), a),
        "uninvite": lambda w, a: invitations.uninvite(w, invitations.Uninvite(venue), a),
        "notice": lambda w, a: notices.draft(w, m, a),
        "link": lambda w, a: notices.link(w, notices.Link(m, document), a),
        "board": lambda w, a: replies.board(w, m, a),
        "clashes": lambda w, a: reading.clashes(w, m, a),
        "add paper": lambda w, a: papers.add(w, papers.Add(m, "件", "b" * 64, 1, "application/pdf"), a),
        "remove paper": lambda w, a: papers.remove(w, papers.Remove(paper), a),
        "readers": lambda w, a: papers.set_readers(w, papers.SetReaders(paper, ()), a),
        "take back": lambda w, a: papers.take_back(w, papers.TakeBack(m), a),
        "prepare": lambda w, a: votes.prepare(w, votes.Draft(m, "问"), a),
        "sheet": lambda w, a: attendance.sheet(w, m, a),
        "correct": lambda w, a: attendance.correct(w, attendance.Correct(venue, attended=True, reason="因"), a),
        "minutes": lambda w, a: minutes.draft(w, m, a),
        "recipients": lambda w, a: minutes.recipients(w, m, a),
    }


def answers(db: Database, ask: Ask, actor: Actor) -> str:
    """What somebody hears, with everything rolled back."""
    heard = "done"

    def try_(work: Work) -> None:
        nonlocal heard
        try:
            ask(work, actor)
        except OfficeError as refused:
            heard = type(refused).__name__
        raise _Rollback

    with pytest.raises(_Rollback):
        db.write_now(try_)
    return heard


class _Rollback(Exception):
    """Nothing of a try stays."""


def test_strangers_hear_nothing_and_guests_do_not_run_it(db: Database, town: Town) -> None:
    meeting_id = called(db, town)
    clerk = town(CITY)
    venue = venue_of(db, meeting_id, COUNTY)
    add = papers.Add(meeting_id, "件", "b" * 64, 1, "application/pdf", 1, None, (venue, venue_of(db, meeting_id, CITY)))
    paper = db.write_now(papers.add, add, clerk)
    topic = db.write_now(topics.add, topics.Add(meeting_id, "题"), clerk)
    document = draft(db, notice(), clerk)
    asked, done = questions(meeting_id, venue, paper), acts(meeting_id, venue, paper, topic, document)
    strangers = (town(WATER), town(FINANCE, Role.LEADER), town(CITY, Role.SYSTEM_ADMIN))
    for stranger in strangers:
        heard = {name: answers(db, ask, stranger) for name, ask in (asked | done).items()}
        assert {name: said for name, said in heard.items() if said != NotFound.__name__} == {}
    for guest in (town(COUNTY), town(CITY, Role.HANDLER)):
        assert {name for name, ask in asked.items() if answers(db, ask, guest) != "done"} == set()
        heard = {name: answers(db, ask, guest) for name, ask in done.items()}
        assert {name: said for name, said in heard.items() if said != NotPermitted.__name__} == {}
    assert {answers(db, asked[name], town(TOWN)) for name in ("paper", "notes", "write_note")} == {"NotFound"}
    for organiser in (clerk, town(CITY, Role.LEADER)):
        assert {name for name, ask in asked.items() if answers(db, ask, organiser) != "done"} == set()
        assert {
            name for name, ask in done.items() if answers(db, ask, organiser) in {"NotFound", "NotPermitted"}
        } == set()


def test_before_the_call_those_invited_are_strangers(db: Database, town: Town) -> None:
    meeting_id = db.write_now(meetings.plan, PLAN, town(CITY))
    db.write_now(invitations.invite, invitations.Invite(meeting_id, (COUNTY,)), town(CITY))
    venue = venue_of(db, meeting_id, COUNTY)
    paper = db.write_now(papers.add, papers.Add(meeting_id, "件", "b" * 64, 1, "application/pdf", 1), town(CITY))
    topic = db.write_now(topics.add, topics.Add(meeting_id, "题"), town(CITY))
    every = questions(meeting_id, venue, paper) | acts(meeting_id, venue, paper, topic)
    every["answer"] = lambda w, a: replies.answer(w, replies.Answer(venue, Reply.ATTENDS), a)
    heard = {name: answers(db, ask, town(COUNTY)) for name, ask in every.items()}
    assert {name: said for name, said in heard.items() if said != NotFound.__name__} == {}
