"""A meeting's life: which phase follows which, when it ends, and what a venue may answer."""

import pytest

from office.domain.errors import Invalid, WrongStage
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.deciding import OVERRUN, decide, due_at
from rtc.domain.meeting import FOLLOWS, NAMES, Reply, check_reply, check_step
from rtc.domain.room import Phase, Room
from tests.rtc.domain.houses import AT, COUNTY, MAIN, TOWN, after, house, person
from tests.rtc.domain.test_room import EVERYONE, chaired, do

HOUR = 3600


@pytest.mark.parametrize("now", list(Phase))
@pytest.mark.parametrize("to", list(Phase))
def test_a_phase_follows_another_or_the_refusal_names_both(now: Phase, to: Phase) -> None:
    if to in FOLLOWS[now]:
        check_step(now, to)
    else:
        with pytest.raises(WrongStage, match=NAMES[to]):
            check_step(now, to)


def test_nothing_leads_back_from_the_archive_and_all_leads_there() -> None:
    assert FOLLOWS[Phase.ARCHIVED] == frozenset()
    reached, todo = set[Phase](), [Phase.PLANNED]
    while todo:
        phase = todo.pop()
        todo += [one for one in FOLLOWS[phase] if one not in reached]
        reached |= FOLLOWS[phase]
    assert reached == set(Phase) - {Phase.PLANNED}


@pytest.mark.parametrize(
    ("reply", "substitute", "reason", "good"),
    [(Reply.ATTENDS, "", "", True), (Reply.SUBSTITUTE, "王五", "出差", True), (Reply.SUBSTITUTE, "", "出差", False),
     (Reply.SUBSTITUTE, "王五", " ", False), (Reply.EXCUSED, "", "防汛", True), (Reply.EXCUSED, "", "", False),
     (Reply.ATTENDS, "名" * 61, "", False), (Reply.EXCUSED, "", "因" * 501, False)],
)  # fmt: skip
def test_what_a_venue_may_answer(reply: Reply, substitute: str, reason: str, good: bool) -> None:  # noqa: FBT001
    if good:
        check_reply(reply, substitute, reason)
    else:
        with pytest.raises(Invalid):
            check_reply(reply, substitute, reason)


def planned() -> Room:
    """A live room that ends in an hour; its chair's page stays alive."""
    room = chaired()
    return do(room, c.Extend(after(HOUR)), MAIN)


def test_long_after_the_planned_end_it_ends_by_itself_and_an_extension_keeps_it() -> None:
    room, late = planned(), HOUR + OVERRUN.total_seconds()
    assert decide(room, c.Tick(), by=None, house=house(), at=after(late)) == (e.PhaseSet(Phase.ENDED),)
    longer = do(room, c.Extend(after(2 * HOUR)), MAIN, after(20))
    assert e.PhaseSet(Phase.ENDED) not in decide(longer, c.Tick(), by=None, house=house(), at=after(late))
    with pytest.raises(Invalid):
        do(longer, c.Extend(after(HOUR)), MAIN, after(21))


def test_an_empty_room_never_ends_by_itself() -> None:
    nobody = house(-1)
    events = decide(planned(), c.Tick(), by=None, house=nobody, at=after(HOUR))
    assert events == (e.ChairFreed(2, lapsed=True),)


def test_the_end_closes_what_runs_and_nothing_is_asked_of_it_any_more() -> None:
    room = chaired(c.Record(on=True), c.StartRollCall(EVERYONE), c.StartRotation(EVERYONE), c.GiveFloor(TOWN))
    ended = decide(room, c.SetPhase("ENDED"), by=person(MAIN, 1), house=house(), at=AT)
    assert ended == (e.RollCallClosed(), e.RecordingSet(on=False), e.PhaseSet(Phase.ENDED))
    over = do(room, c.SetPhase("ENDED"), MAIN)
    assert (over.floor, over.rotation, over.chair.holder, due_at(over)) == (None, None, None, None)
    assert over.roll_call is not None
    assert over.roll_call.closed
    assert decide(over, c.Tick(), by=None, house=house(), at=after(99 * HOUR)) == ()
    with pytest.raises(WrongStage):
        do(over, c.RaiseHand(), COUNTY)


def test_a_rehearsal_leaves_nothing_behind_but_who_was_silenced() -> None:
    room = do(Room(7), c.RequestChair(), MAIN)
    for command in (c.SetPhase("REHEARSAL"), c.Mute(EVERYONE), c.StartRollCall(EVERYONE), c.GiveFloor(TOWN)):
        room = do(room, command, MAIN)
    live = do(room, c.SetPhase("LIVE"), MAIN)
    assert (live.roll_call, live.floor, live.hands, live.rotation) == (None, None, (), None)
    assert TOWN in live.muted
    assert live.chair == room.chair


def test_the_main_venue_is_not_put_out() -> None:
    room = do(chaired(), c.HandOverChair(COUNTY), MAIN)
    with pytest.raises(Invalid, match="主会场"):
        do(room, c.RemoveVenue(MAIN), COUNTY)
