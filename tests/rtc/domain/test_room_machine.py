"""Random venues ask random things of a room, the clock runs, pages come and go; the promises hold at every step."""

from datetime import datetime, timedelta
from functools import reduce

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from office.domain.errors import OfficeError
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.calling import called_venue
from rtc.domain.chair import LEASE
from rtc.domain.deciding import decide
from rtc.domain.evolving import evolve, opened
from rtc.domain.roll_call import Line, Mark
from rtc.domain.room import Room
from rtc.domain.staging import allowed
from rtc.domain.undoing import inverse
from rtc.domain.venue import Device, Group, House, Participant
from tests.rtc.domain.houses import ALL, AT, COUNTY, INSPECTOR, MAIN, OTHER, TOWN, TOWN_2, VENUES

venues = st.sampled_from([MAIN, COUNTY, TOWN, TOWN_2, OTHER])
groups = st.one_of(
    st.builds(lambda ids: Group(venues=ids), st.frozensets(venues, min_size=1)),
    st.builds(lambda ids: Group(everyone=True, but=ids), st.frozensets(venues, max_size=2)),
    st.just(Group(under="/1/15/")),
)
commands = st.one_of(
    st.builds(c.Mute, groups), st.builds(c.Mute, groups, st.booleans()),
    st.builds(c.StopCameras, groups, st.booleans()),
    st.builds(c.Deafen, groups, st.booleans()), st.builds(c.SelfUnmute, st.booleans()),
    st.builds(c.GiveFloor, venues, st.none() | st.integers(10, 40)), st.just(c.EndFloor()),
    st.builds(c.RefuseFloor, venues), st.builds(c.HandOverChair, venues), st.just(c.ReleaseChair()),
    st.builds(c.NameDeputy, st.none() | venues), st.builds(c.StartRotation, groups, st.integers(5, 30)),
    st.builds(c.HoldRotation, st.booleans()), st.just(c.StopRotation()), st.builds(c.StartRollCall, groups),
    st.builds(c.PauseRollCall, st.booleans()), st.just(c.CloseRollCall()),
    st.builds(c.MarkPresence, venues, st.sampled_from(["PRESENT", "NO_ANSWER"]), st.just("电话确认")),
    st.builds(c.RemoveVenue, venues, st.booleans()), st.builds(c.Broadcast, st.none() | venues),
    st.builds(c.ToStage, venues, st.booleans()), st.builds(c.Lock, st.booleans()),
    st.builds(c.SetPhase, st.sampled_from(["LIVE", "PAUSED", "WAITING", "REHEARSAL"])),
)  # fmt: skip
own = st.sampled_from(
    [c.RaiseHand(), c.LowerHand(), c.AnswerCall(), *[c.SwitchMicrophone(on=True)] * 4, c.SwitchMicrophone(on=False),
     c.SwitchCamera(on=True), c.SwitchCamera(on=False), c.ShareScreen(on=True), c.ShareScreen(on=False)]
)  # fmt: skip


class RoomMachine(RuleBasedStateMachine):
    """The model keeps little of its own: who holds which number, who the chair silenced, what the roll call said."""

    @initialize()
    def begin(self) -> None:
        self.at = AT
        self.online = set(ALL)
        self.events: list[e.RoomEvent] = []
        self.room = opened(1)
        self.numbers: list[int] = []
        self.refusals: list[str] = []
        self.holder: int | None = None
        self.number_of: dict[int, int] = {}
        self.said: dict[int, Line] = {}
        self.silenced: set[int] = set()
        self.shown_since: tuple[int | None, datetime] = (None, AT)

    @property
    def house(self) -> House:
        return House(VENUES, frozenset(self.online))

    def act(self, command: c.RoomCommand, by: Participant | None) -> bool:
        """Do it; whether it was done."""
        before = self.room
        try:
            events = decide(before, command, by=by, house=self.house, at=self.at)
        except OfficeError as refusal:
            self.refusals.append(refusal.sentence)
            return False
        self.room = reduce(evolve, events, before)
        self.events.extend(events)
        for event in events:
            self._follow(event)
        return True

    def _follow(self, event: e.RoomEvent) -> None:
        """The model's own bookkeeping, from the facts alone."""
        match event:
            case e.ChairGranted(venue_id, _, fence, _, _):
                self.numbers.append(fence)
                self.holder, self.number_of[venue_id] = venue_id, fence
            case e.ChairFreed(fence):
                self.numbers.append(fence)
                self.holder = None
            case e.MicrophonesSet(venue_ids, on, held):
                opened, closed = venue_ids if on and not held else set(), venue_ids if held and not on else set()
                self.silenced = (self.silenced - opened) | closed
            case e.HoldLifted(venue_ids, False):
                self.silenced = self.silenced - venue_ids
            case e.RollCallStarted():
                self.said = {}
            case _:
                pass

    @rule(venue=venues, organiser=st.booleans())
    def ask_for_the_chair(self, venue: int, organiser: bool) -> None:  # noqa: FBT001
        before = self.holder
        by = Participant(venue, venue + 100, organiser=organiser, fence=self.number_of.get(venue, 0))
        command = c.TakeBackChair() if organiser and before not in {None, venue} else c.RequestChair()
        done = self.act(command, by)
        assert done or venue in self.room.removed or not (organiser or VENUES[venue].may_chair)

    @rule(command=commands, venue=venues)
    def command_as_anyone(self, command: c.RoomCommand, venue: int) -> None:
        """With the last number that venue ever had: only the holder's works."""
        number = self.number_of.get(venue, 0)
        before, holds = self.room, venue == self.holder and number == self.room.chair.fence
        by = Participant(venue, venue + 100, fence=number)
        if self.act(command, by):
            assert holds
            self._undo(before, command, by)

    def _undo(self, before: Room, command: c.RoomCommand, by: Participant) -> None:
        back = inverse(before, command, self.house)
        lasting = (c.GiveFloor, c.RemoveVenue, c.StartRotation, c.HoldRotation, c.PauseRollCall)
        if back is None or isinstance(command, lasting) or self.room == before:
            return
        done = reduce(evolve, decide(self.room, back, by=by, house=self.house, at=self.at), self.room)
        assert done == before

    @rule(some=st.lists(commands, min_size=1, max_size=4))
    def command_as_the_chair(self, some: list[c.RoomCommand]) -> None:
        for command in some:
            if self.holder is None:
                return
            person, before = self.room.chair.holder_person or self.holder + 100, self.room
            by = Participant(self.holder, person, fence=before.chair.fence)
            if self.act(command, by):
                self._undo(before, command, by)

    @rule(venue=venues)
    def the_floor_gives_back_what_was(self, venue: int) -> None:
        if self.holder is None or self.room.floor is not None:
            return
        before = self.room.muted
        by = Participant(self.holder, self.room.chair.holder_person or self.holder + 100, fence=self.room.chair.fence)
        if self.act(c.GiveFloor(venue), by):
            assert venue not in self.room.muted
            assert self.act(c.EndFloor(), by)
            assert self.room.muted == before

    @rule(command=own, venue=venues)
    def do_ones_own(self, command: c.RoomCommand, venue: int) -> None:
        called, before = called_venue(self.room), self.room
        fence, was_silenced = self.number_of.get(venue, 0), venue in self.silenced
        speaks = self.room.floor is not None and self.room.floor.venue_id == venue
        done = self.act(command, Participant(venue, venue + 100, fence=fence))
        if isinstance(command, c.AnswerCall):
            assert done == (called == venue and venue not in self.room.removed)
        if done and isinstance(command, c.SwitchMicrophone) and command.on and venue != self.holder:
            assert not was_silenced or speaks or venue not in before.muted

    @rule(seconds=st.integers(1, 40), alive=st.booleans())
    def time_goes_by(self, seconds: int, alive: bool) -> None:  # noqa: FBT001
        self.at += timedelta(seconds=seconds)
        if alive and self.holder is not None:
            person = self.room.chair.holder_person or self.holder + 100
            self.act(c.RenewChair(), Participant(self.holder, person, fence=self.room.chair.fence))
        for _ in range(20):  # the owner asks until nothing more happens
            before = len(self.events)
            self.act(c.Tick(), None)
            if len(self.events) == before:
                break
        else:
            raise AssertionError("the clock never comes to rest")
        assert not self.room.chair.lapsed(self.at)

    @rule(venue=venues)
    def come_or_go(self, venue: int) -> None:
        self.online ^= {venue}
        self.act(c.Tick(), None)

    @invariant()
    def events_give_the_room(self) -> None:
        if len(self.events) % 7 == 0:
            assert reduce(evolve, self.events, opened(1)) == self.room

    @invariant()
    def refusals_are_whole_sentences(self) -> None:
        assert all(sentence.endswith("。") for sentence in self.refusals)

    @invariant()
    def one_chair_with_a_rising_number(self) -> None:
        assert self.room.chair.holder == self.holder
        assert self.numbers == sorted(set(self.numbers))
        assert self.room.chair.until is None or self.room.chair.until <= self.at + LEASE

    @invariant()
    def whom_the_chair_silenced_is_not_forwarded_however_he_comes_back(self) -> None:
        again = {f"d{n}": Device(f"d{n}", n, n + 100, self.at, on_air=True) for n in VENUES}
        given = allowed(self.room, self.house, again)
        speaks = self.room.floor.venue_id if self.room.floor is not None else None
        for venue in self.silenced - {speaks}:
            assert "MICROPHONE" not in given[f"d{venue}"]
        if speaks is not None:
            heard = {venue for venue in VENUES if "MICROPHONE" in given[f"d{venue}"]}
            assert INSPECTOR not in heard
        assert all(given[f"d{venue}"] == frozenset() for venue in self.room.removed)

    @invariant()
    def a_filled_line_of_the_roll_call_never_changes_by_itself(self) -> None:
        sheet = self.room.roll_call
        if sheet is None:
            return
        now = {line.venue_id: line for line in sheet.lines if line.mark is not Mark.NOT_CALLED}
        by_hand = {venue for venue, line in now.items() if line.reason == "电话确认"}
        for venue, line in self.said.items():
            assert now[venue] == line or (venue in by_hand and not sheet.closed) or line.reason == "电话确认"
        self.said = now

    @invariant()
    def a_rotation_shows_nobody_who_left_for_longer_than_a_turn(self) -> None:
        rotation = self.room.rotation
        if rotation is None or rotation.held or self.room.floor is not None:
            return
        others = set(rotation.venues) & self.online
        if rotation.until is not None and self.at < rotation.until and others:
            assert rotation.following is None or rotation.following in self.online or rotation.showing in self.online


TestRoom = RoomMachine.TestCase
TestRoom.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
