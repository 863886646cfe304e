"""What may be asked of a room, by whom, and what follows: tables and stories."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from typing import get_args

import pytest

from office.domain.errors import Invalid, NotPermitted, OfficeError, Stale, WrongStage
from office.domain.organs import Level
from rtc.domain import deciding, evolving
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.calling import called_venue
from rtc.domain.deciding import decide
from rtc.domain.evolving import evolve, opened
from rtc.domain.layout import Grid, Layout
from rtc.domain.roll_call import Mark
from rtc.domain.room import Phase, Room
from rtc.domain.undoing import inverse
from rtc.domain.venue import Group, House
from tests.rtc.domain.houses import (
    AT,
    COUNTY,
    INSPECTOR,
    MAIN,
    OTHER,
    TOWN,
    TOWN_2,
    after,
    house,
    person,
)

EVERYONE = Group(everyone=True)


def do(
    room: Room, command: c.RoomCommand, venue_id: int | None, at: datetime = AT, where: House | None = None, *,
    fence: int | None = None, organiser: bool = False,
) -> Room:  # fmt: skip
    """The room after a command; the holder of the chair acts with its number unless another is given."""
    number = room.chair.fence if fence is None and room.chair.holder == venue_id else fence or 0
    by = None if venue_id is None else person(venue_id, number, organiser=organiser)
    return reduce(evolve, decide(room, command, by=by, house=where or house(), at=at), room)


def chaired(*commands: c.RoomCommand) -> Room:
    """A live room whose main venue holds the chair and did these things."""
    room = do(opened(7), c.RequestChair(), MAIN)
    return reduce(lambda r, command: do(r, command, MAIN), (c.SetPhase("LIVE"), *commands), room)


def test_every_command_and_every_event_has_its_rule() -> None:
    assert set(deciding._BY_CHAIR) == set(get_args(c.ByChair))
    assert set(deciding._BY_ANYONE) == set(get_args(c.ByAnyone))
    assert set(evolving._APPLY) == set(get_args(e.RoomEvent))


EXAMPLES: Sequence[c.RoomCommand] = (
    c.ReleaseChair(), c.HandOverChair(COUNTY), c.RenewChair(), c.NameDeputy(COUNTY), c.SetPhase("LIVE"),
    c.Extend(after(3600)), c.Mute(EVERYONE), c.StopCameras(EVERYONE), c.Deafen(EVERYONE), c.SelfUnmute(allowed=False),
    c.VoiceSwitch(on=True), c.GiveFloor(TOWN), c.RefuseFloor(TOWN), c.EndFloor(), c.SetLayout(Layout(Grid.FOUR)),
    c.Broadcast(TOWN), c.Watch(TOWN), c.StartRotation(EVERYONE), c.HoldRotation(on=True), c.StopRotation(),
    c.StartRollCall(EVERYONE), c.PauseRollCall(on=True), c.MarkPresence(TOWN, "PRESENT", "见到人"), c.CloseRollCall(),
    c.Lock(on=True), c.LetIn(TOWN), c.RemoveVenue(TOWN), c.ToStage(TOWN), c.ShowBanner("请保持安静"), c.GoToTopic(2),
    c.TurnPage(1, 2), c.Record(on=True), c.MarkChapter("表决"), c.TellInspection(on=True),
)  # fmt: skip


def test_the_examples_name_every_act_of_the_chair() -> None:
    assert {type(command) for command in EXAMPLES} == set(get_args(c.ByChair))


@pytest.mark.parametrize("command", EXAMPLES, ids=lambda command: type(command).__name__)
def test_only_the_chair_commands_and_only_with_the_newest_number(command: c.RoomCommand) -> None:
    room = chaired()
    with pytest.raises(NotPermitted):
        do(room, command, OTHER)
    with pytest.raises(Stale):
        do(room, command, MAIN, fence=room.chair.fence - 1 or 99)
    moved = do(room, c.HandOverChair(COUNTY), MAIN)
    with pytest.raises(Stale, match="兴平市"):
        do(moved, command, MAIN, fence=room.chair.fence)
    with pytest.raises(NotPermitted):
        do(room, command, INSPECTOR)


def test_the_chair_is_asked_for_granted_wished_taken_back() -> None:
    room = do(opened(7), c.RequestChair(), COUNTY)
    assert (room.chair.holder, room.chair.fence) == (COUNTY, 1)
    room = do(room, c.RequestChair(), MAIN)
    assert (room.chair.holder, room.chair.wishes) == (COUNTY, (MAIN,))
    with pytest.raises(NotPermitted):
        do(room, c.RequestChair(), TOWN)
    with pytest.raises(NotPermitted):
        do(room, c.TakeBackChair(), MAIN)
    room = do(room, c.TakeBackChair(), MAIN, organiser=True)
    assert (room.chair.holder, room.chair.fence, room.chair.wishes) == (MAIN, 2, ())
    room = do(room, c.ReleaseChair(), MAIN)
    assert (room.chair.holder, room.chair.fence) == (None, 3)


def test_the_deputy_takes_over_when_the_lease_runs_out_and_the_old_number_is_dead() -> None:
    room = chaired(c.NameDeputy(COUNTY))
    assert do(room, c.Tick(), None, after(29.9)) == room
    held = do(room, c.RenewChair(), MAIN, after(20))
    assert do(held, c.Tick(), None, after(30)) == held
    room = do(held, c.Tick(), None, after(50))
    assert (room.chair.holder, room.chair.fence, room.chair.deputy) == (COUNTY, 2, None)
    with pytest.raises(Stale):
        do(room, c.Mute(EVERYONE), MAIN, after(51), fence=1)
    lonely = do(held, c.Tick(), None, after(50), house(MAIN, TOWN))
    assert lonely.chair.holder is None


def test_a_group_reaches_a_subtree_a_tier_a_tag_and_not_those_excepted() -> None:
    def muted(group: Group) -> frozenset[int]:
        return chaired(c.Mute(group)).muted

    assert muted(Group(under="/1/15/")) == {COUNTY, TOWN, TOWN_2}
    assert muted(Group(level=Level.COUNTY)) == {COUNTY, OTHER}
    assert muted(Group(tag="果业")) == {TOWN_2}
    assert muted(Group(everyone=True, but=frozenset({TOWN}))) == {COUNTY, TOWN_2, OTHER}  # the chair stays heard
    with pytest.raises(Invalid):
        chaired(c.Mute(Group(tag="没有")))


def test_whom_the_chair_muted_cannot_open_it_himself() -> None:
    room = chaired(c.Mute(Group(venues=frozenset({TOWN}))))
    with pytest.raises(NotPermitted, match="举手"):
        do(room, c.SwitchMicrophone(on=True), TOWN)
    room = do(room, c.Mute(Group(venues=frozenset({TOWN})), on=True), MAIN)
    assert TOWN not in room.muted
    room = do(room, c.SwitchMicrophone(on=False), TOWN)
    assert do(room, c.SwitchMicrophone(on=True), TOWN).muted == frozenset()
    strict = do(room, c.SelfUnmute(allowed=False), MAIN)
    with pytest.raises(NotPermitted):
        do(strict, c.SwitchMicrophone(on=True), TOWN)


def test_the_floor_silences_the_others_and_gives_back_what_was() -> None:
    room = do(chaired(), c.SwitchMicrophone(on=False), OTHER)
    room = do(do(room, c.RaiseHand(), TOWN), c.RaiseHand(), TOWN_2, after(1))
    assert [hand.venue_id for hand in room.hands] == [TOWN, TOWN_2]
    room = do(room, c.GiveFloor(TOWN, 60), MAIN)
    assert not {MAIN, TOWN} & room.muted
    assert {COUNTY, TOWN_2, OTHER} <= room.muted
    with pytest.raises(NotPermitted):
        do(room, c.SwitchMicrophone(on=True), COUNTY)
    room = do(room, c.Mute(Group(venues=frozenset({COUNTY}))), MAIN)
    assert do(room, c.Tick(), None, after(59)).floor is not None
    room = do(do(room, c.RenewChair(), MAIN, after(59)), c.Tick(), None, after(60))
    assert room.floor is None
    assert room.muted == {OTHER, COUNTY}
    assert [hand.venue_id for hand in room.hands] == [TOWN_2]


def test_a_roll_call_runs_over_absent_late_and_substitute_venues_and_goes_on_after_a_pause() -> None:
    here = house(MAIN, COUNTY, TOWN, OTHER)
    room = do(chaired(), c.StartRollCall(EVERYONE, 20), MAIN, AT, here)
    assert called_venue(room) == COUNTY
    with pytest.raises(NotPermitted):
        do(room, c.AnswerCall(), OTHER, AT, here)
    room = do(room, c.AnswerCall(), COUNTY, AT, here)
    room = do(room, c.PauseRollCall(on=True), MAIN, after(5), here)
    assert called_venue(room) is None
    assert do(room, c.Tick(), None, after(25), here).roll_call == room.roll_call
    room = do(room, c.RenewChair(), MAIN, after(25), here)
    room = do(room, c.PauseRollCall(on=False), MAIN, after(26), here)
    assert called_venue(room) == TOWN
    room = do(room, c.Tick(), None, after(46), here)
    assert called_venue(room) == OTHER  # TOWN did not answer, TOWN_2 is not online
    room = do(room, c.AnswerCall("李四"), OTHER, after(47), here)
    sheet = room.roll_call
    assert sheet is not None
    assert [(line.venue_id, line.mark, line.reason) for line in sheet.lines] == [
        (COUNTY, Mark.PRESENT, ""), (TOWN, Mark.NO_ANSWER, ""), (TOWN_2, Mark.NO_ANSWER, "未在线"),
        (OTHER, Mark.SUBSTITUTE, ""),
    ]  # fmt: skip
    assert called_venue(room) is None


def test_a_closed_roll_call_changes_only_by_a_correction() -> None:
    room = chaired(c.StartRollCall(EVERYONE), c.CloseRollCall())
    assert room.roll_call is not None
    with pytest.raises(Invalid):
        do(room, c.MarkPresence(TOWN, "PRESENT", " "), MAIN)
    with pytest.raises(NotPermitted):
        do(room, c.AnswerCall(), COUNTY)
    corrected = do(room, c.MarkPresence(TOWN, "PRESENT", "电话确认"), MAIN)
    assert corrected.roll_call is not None
    assert corrected.roll_call.lines == room.roll_call.lines
    assert [(line.venue_id, line.reason) for line in corrected.roll_call.corrections] == [(TOWN, "电话确认")]
    with pytest.raises(WrongStage):
        do(room, c.PauseRollCall(on=True), MAIN)


def test_the_rotation_passes_over_who_is_not_online_and_rests_while_somebody_speaks() -> None:
    room = do(chaired(), c.StartRotation(EVERYONE, 10), MAIN)
    assert room.rotation is not None
    assert (room.rotation.showing, room.rotation.following) == (COUNTY, TOWN)
    here = house(MAIN, COUNTY, TOWN_2, OTHER)
    room = do(room, c.Tick(), None, after(1), here)
    assert room.rotation is not None
    assert (room.rotation.showing, room.rotation.following) == (COUNTY, TOWN_2)
    room = do(room, c.Tick(), None, after(10), here)
    assert room.rotation is not None
    assert (room.rotation.showing, room.rotation.following) == (TOWN_2, OTHER)
    spoken = do(room, c.GiveFloor(COUNTY), MAIN, after(11), here)
    assert do(spoken, c.Tick(), None, after(25), here) == spoken
    gone = do(room, c.Tick(), None, after(12), house(MAIN, COUNTY, OTHER))
    assert gone.rotation is not None
    assert gone.rotation.showing == OTHER


@pytest.mark.parametrize(
    ("way", "ok"),
    [(("REHEARSAL", "WAITING", "LIVE", "PAUSED", "LIVE", "ENDED"), True), (("PAUSED",), False),
     (("REHEARSAL", "ENDED"), False), (("LIVE", "REHEARSAL"), False)],
)  # fmt: skip
def test_phases_go_their_way(way: Sequence[str], ok: bool) -> None:  # noqa: FBT001
    room = do(opened(7), c.RequestChair(), MAIN)
    try:
        for step in way:
            room = do(room, c.SetPhase(step), MAIN)  # type: ignore[arg-type]
    except WrongStage:
        assert not ok
    else:
        assert ok
        assert room.phase is Phase.ENDED
        with pytest.raises(WrongStage):
            do(room, c.RaiseHand(), TOWN)


def test_who_is_put_out_loses_hand_floor_stage_and_place_in_the_rotation_and_may_come_back() -> None:
    room = chaired(c.ToStage(TOWN), c.StartRotation(EVERYONE), c.NameDeputy(TOWN))
    room = do(room, c.RaiseHand(), TOWN)
    room = do(room, c.GiveFloor(TOWN), MAIN)
    room = do(room, c.RemoveVenue(TOWN), MAIN)
    assert TOWN in room.removed
    assert (room.floor, room.hands, room.stage, room.chair.deputy) == (None, (), frozenset(), None)
    assert room.rotation is not None
    assert TOWN not in room.rotation.venues
    with pytest.raises(NotPermitted):
        do(room, c.RaiseHand(), TOWN)
    assert TOWN not in do(room, c.RemoveVenue(TOWN, back=True), MAIN).removed
    with pytest.raises(Invalid):
        do(room, c.RemoveVenue(MAIN), MAIN)


UNDOABLE = (
    c.Mute(EVERYONE), c.StopCameras(Group(under="/1/15/")), c.Deafen(EVERYONE), c.SelfUnmute(allowed=False),
    c.VoiceSwitch(on=True), c.SetLayout(Layout(Grid.FOUR)), c.Broadcast(TOWN), c.Watch(TOWN), c.Lock(on=True),
    c.ToStage(TOWN), c.ShowBanner("通知"), c.GoToTopic(3), c.NameDeputy(COUNTY), c.StartRotation(EVERYONE),
    c.GiveFloor(TOWN), c.TellInspection(on=True), c.RemoveVenue(TOWN),
)  # fmt: skip


@pytest.mark.parametrize("command", UNDOABLE, ids=lambda command: type(command).__name__)
def test_what_can_be_undone_leads_back(command: c.RoomCommand) -> None:
    before = do(chaired(), c.SwitchMicrophone(on=False), OTHER)
    done = do(before, command, MAIN)
    assert done != before
    back = inverse(before, command, house())
    assert back is not None
    assert do(done, back, MAIN) == before


@pytest.mark.parametrize(
    "command",
    [c.GiveFloor(TOWN, 5), c.StartRotation(EVERYONE, 4), c.StartRollCall(EVERYONE, 1), c.ShowBanner("长" * 61),
     c.MarkChapter(" "), c.GoToTopic(-1), c.TurnPage(1, 0), c.Extend(after(-1)), c.Broadcast(77), c.HandOverChair(77),
     c.HandOverChair(INSPECTOR), c.NameDeputy(INSPECTOR), c.LetIn(77), c.ToStage(INSPECTOR)],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_sentence(command: c.RoomCommand) -> None:
    with pytest.raises(OfficeError, match="。"):
        do(chaired(), command, MAIN)


def test_the_screen_is_one_venues_at_a_time() -> None:
    room = do(chaired(), c.ShareScreen(on=True), TOWN)
    with pytest.raises(NotPermitted, match="南位镇"):
        do(room, c.ShareScreen(on=True), TOWN_2)
    assert do(room, c.ShareScreen(on=True), MAIN).screen == MAIN
    assert do(room, c.ShareScreen(on=False), TOWN_2).screen == TOWN
    assert do(room, c.ShareScreen(on=False), TOWN).screen is None
