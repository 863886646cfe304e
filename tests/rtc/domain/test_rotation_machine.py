"""A rotation watched second by second: who is shown, for how long, and that the next one was fetched beforehand."""

from datetime import timedelta
from functools import reduce

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from office.domain.errors import OfficeError
from rtc.domain import room_commands as c
from rtc.domain.deciding import decide
from rtc.domain.evolving import evolve
from rtc.domain.venue import Group, House
from tests.rtc.domain.houses import ALL, AT, COUNTY, MAIN, OTHER, TOWN, TOWN_2, VENUES, person
from tests.rtc.domain.test_room import chaired

RING = [COUNTY, TOWN, TOWN_2, OTHER]
TURN = 6
venues = st.sampled_from(RING)


class RotationMachine(RuleBasedStateMachine):
    """The model does not step the rotation; it watches the screen with a stop-watch and knows who is here."""

    @initialize()
    def begin(self) -> None:
        self.room, self.now, self.online = chaired(), AT, set(ALL)
        self.look()
        self.ring: list[int] = []
        self.pinned = False

    def try_(self, command: c.RoomCommand, venue: int | None = MAIN) -> bool:
        by = None if venue is None else person(venue, self.room.chair.fence)
        try:
            events = decide(self.room, command, by=by, house=House(VENUES, frozenset(self.online)), at=self.now)
        except OfficeError:
            return False
        self.room = reduce(evolve, events, self.room)
        return True

    @property
    def on_screen(self) -> int | None:
        return self.room.rotation.showing if self.room.rotation is not None else None

    def look(self) -> None:
        """After an act of the chair the watch starts anew."""
        self.shown, self.for_seconds, self.gone_for, self.loose = self.on_screen, 0, 0, False

    @rule(but=st.frozensets(venues, max_size=3))
    def start_or_change_the_list(self, but: frozenset[int]) -> None:
        before, ran, held = self.on_screen, bool(self.ring), self.pinned
        wanted = [venue for venue in RING if venue not in but and venue not in self.room.removed]
        assert self.try_(c.StartRotation(Group(everyone=True, but=but), TURN)) == bool(wanted)
        if wanted:
            self.ring = wanted
            kept = ran and before in wanted and before in self.online
            assert not kept or self.on_screen == before
            self.pinned = held and kept
            if not kept:
                self.look()

    @precondition(lambda self: self.now - AT > timedelta(seconds=120))
    @rule()
    def stop(self) -> None:
        assert self.try_(c.StopRotation()) == bool(self.ring)
        self.ring, self.pinned = [], False
        self.look()

    @rule(on=st.sampled_from([True, False, False]))
    def hold(self, on: bool) -> None:  # noqa: FBT001
        assert self.try_(c.HoldRotation(on)) == bool(self.ring)
        self.pinned = on and bool(self.ring)
        self.look()

    @rule(venue=venues)
    def give_the_floor(self, venue: int) -> None:
        good = venue in self.online and venue not in self.room.removed
        assert self.try_(c.GiveFloor(venue)) == good

    @rule()
    def end_the_floor(self) -> None:
        self.try_(c.EndFloor())

    @rule(some=st.frozensets(venues, min_size=1, max_size=2), seconds=st.integers(0, 9))
    def come_or_go(self, some: frozenset[int], seconds: int) -> None:
        self.online ^= some - self.room.removed
        self.seconds_pass(seconds)

    @rule(venue=venues, back=st.sampled_from([True, True, True, False]))
    def remove(self, venue: int, back: bool) -> None:  # noqa: FBT001
        assert self.try_(c.RemoveVenue(venue, back))
        if not back:
            self.online -= {venue}
            self.ring = [one for one in self.ring if one != venue]
            self.pinned = self.pinned and bool(self.ring)
            if self.shown == venue:
                self.look()

    @rule(seconds=st.integers(1, 20))
    def seconds_pass(self, seconds: int) -> None:
        for _ in range(seconds):
            self.one_second()

    def one_second(self) -> None:
        following = self.room.rotation.following if self.room.rotation is not None else None
        self.now += timedelta(seconds=1)
        assert self.try_(c.RenewChair())
        for _ in range(3):
            assert self.try_(c.Tick(), None)
        here = [venue for venue in self.ring if venue in self.online]
        if self.on_screen != self.shown:
            self.switched(following, here)
            return
        self.gone_for = 0 if self.shown in self.online or not here else self.gone_for + 1
        assert self.gone_for <= TURN, "somebody who left is still shown"
        if self.pinned or self.room.floor is not None or len(here) < 2:
            self.for_seconds, self.loose = 0, True  # it rests: the stop-watch begins when it goes on
            return
        self.for_seconds += 1
        assert self.for_seconds <= TURN, "it does not move on"

    def switched(self, following: int | None, here: list[int]) -> None:
        left = self.shown not in self.online
        assert left or not (self.pinned or self.room.floor is not None), "it moved although it was held"
        assert left or self.for_seconds >= TURN - 1 or self.loose, "it moved on too early"
        assert self.on_screen in here or not here
        if following in here:
            assert self.on_screen == following, "another than the one that was fetched is shown"
        self.look()

    @invariant()
    def the_next_one_is_here_and_another(self) -> None:
        rotation = self.room.rotation
        assert (rotation is None) == (not self.ring)
        if rotation is not None:
            assert rotation.held == self.pinned
            assert list(rotation.venues) == self.ring
            assert rotation.following is None or rotation.following != rotation.showing
            assert rotation.showing is None or rotation.showing in self.ring


def test_a_quiet_rotation_shows_everyone_in_turn_for_the_same_time() -> None:
    machine = RotationMachine()
    machine.begin()
    machine.start_or_change_the_list(frozenset())
    screen = []
    for _ in range(TURN * 8):
        screen.append(machine.on_screen)
        machine.one_second()
    assert screen == [venue for venue in RING * 2 for _ in range(TURN)]


TestRotation = RotationMachine.TestCase
TestRotation.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
