"""A roll call with venues that come, go, answer early, late and not at all; a clerk with a paper list agrees."""

from datetime import datetime, timedelta
from functools import reduce

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from office.domain.errors import OfficeError
from rtc.domain import room_commands as c
from rtc.domain.calling import called_venue
from rtc.domain.deciding import decide
from rtc.domain.evolving import evolve
from rtc.domain.room_events import RoomEvent
from rtc.domain.venue import Group, House
from tests.rtc.domain.houses import ALL, AT, COUNTY, MAIN, OTHER, TOWN, TOWN_2, VENUES, person
from tests.rtc.domain.test_room import chaired

CALLED = [COUNTY, TOWN, TOWN_2, OTHER]
SECONDS = 20
venues = st.sampled_from([MAIN, *CALLED])


class RollCallMachine(RuleBasedStateMachine):
    """The model: a list of names with what stands beside each, a finger on one of them, and a watch."""

    @initialize()
    def begin(self) -> None:
        self.first = self.room = chaired()
        self.events: list[RoomEvent] = []
        self.online, self.now = set(ALL), AT
        self.paper: dict[int, str] | None = None
        self.finger: int | None = None
        self.until: datetime | None = None
        self.resting = self.over = False
        self.corrected: list[tuple[int, str]] = []

    def try_(self, command: c.RoomCommand, venue: int | None) -> bool:
        by = None if venue is None else person(venue, self.room.chair.fence if venue == MAIN else 0)
        try:
            events = decide(self.room, command, by=by, house=House(VENUES, frozenset(self.online)), at=self.now)
        except OfficeError:
            return False
        self.room = reduce(evolve, events, self.room)
        self.events += events
        return True

    def move_from(self, place: int) -> None:
        """The finger goes down the list: who is not here has not answered, who is here is called."""
        assert self.paper is not None
        self.finger = self.until = None
        for venue in list(self.paper)[place:]:
            if self.paper[venue] == "NOT_CALLED" and venue in self.online:
                self.finger, self.until = venue, self.now + timedelta(seconds=SECONDS)
                return
            if self.paper[venue] == "NOT_CALLED":
                self.paper[venue] = "NO_ANSWER"

    def move_on(self, mark: str) -> None:
        assert self.paper is not None
        assert self.finger is not None
        self.paper[self.finger] = mark
        self.move_from(list(self.paper).index(self.finger) + 1)

    @rule(but=st.frozensets(venues, max_size=2))
    def start(self, but: frozenset[int]) -> None:
        names = [venue for venue in CALLED if venue not in but]
        running = self.paper is not None and not self.over
        assert self.try_(c.StartRollCall(Group(everyone=True, but=but), SECONDS), MAIN) == (not running)
        if not running:
            self.paper, self.resting, self.over, self.corrected = dict.fromkeys(names, "NOT_CALLED"), False, False, []
            self.move_from(0)

    @rule(venue=venues, substitute=st.sampled_from(["", " 李四 "]))
    def answer(self, venue: int, substitute: str) -> None:
        good = venue == self.finger and not self.resting and not self.over
        assert self.try_(c.AnswerCall(substitute), venue) == good
        if good:
            self.move_on("SUBSTITUTE" if substitute else "PRESENT")

    @rule(venue=venues, mark=st.sampled_from(["PRESENT", "NO_ANSWER"]), reason=st.sampled_from(["电话确认", " "]))
    def mark_by_hand(self, venue: int, mark: str, reason: str) -> None:
        good = self.paper is not None and venue in self.paper and bool(reason.strip())
        command = c.MarkPresence(venue, "PRESENT" if mark == "PRESENT" else "NO_ANSWER", reason)
        assert self.try_(command, MAIN) == good
        if not good or self.paper is None:
            return
        if self.over:
            self.corrected.append((venue, mark))
        elif venue == self.finger and not self.resting:
            self.move_on(mark)
        else:
            self.paper[venue] = mark

    @rule(on=st.booleans())
    def pause(self, on: bool) -> None:  # noqa: FBT001
        running = self.paper is not None and not self.over
        assert self.try_(c.PauseRollCall(on), MAIN) == running
        if not running or on == self.resting:
            return
        self.resting = on
        if on:
            self.until = None
        elif self.finger is not None and self.paper is not None:
            self.move_from(list(self.paper).index(self.finger))

    @precondition(lambda self: self.now - AT > timedelta(seconds=15))
    @rule()
    def close(self) -> None:
        running = self.paper is not None and not self.over
        assert self.try_(c.CloseRollCall(), MAIN) == running
        if running:
            self.over, self.resting, self.until = True, False, None

    @rule(seconds=st.integers(1, 15))
    def time_goes_by(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        assert self.try_(c.RenewChair(), MAIN)
        self.strike()

    @rule(venue=venues)
    def come_or_go(self, venue: int) -> None:
        self.online ^= {venue}
        self.strike()

    def strike(self) -> None:
        assert self.try_(c.Tick(), None)
        waits = self.finger is not None and self.until is not None and not self.over
        if waits and self.until is not None and (self.now >= self.until or self.finger not in self.online):
            self.move_on("NO_ANSWER")

    @invariant()
    def the_sheet_is_the_clerks_paper(self) -> None:
        sheet = self.room.roll_call
        if self.paper is None or sheet is None:
            assert (self.paper, sheet) == (None, None)
            return
        assert {line.venue_id: line.mark.value for line in sheet.lines} == self.paper
        assert [(line.venue_id, line.mark.value) for line in sheet.corrections] == self.corrected
        assert (sheet.closed, sheet.paused, sheet.until) == (self.over, self.resting, self.until)
        assert called_venue(self.room) == (None if self.over or self.resting else self.finger)
        assert all(line.reason for line in sheet.corrections)

    @invariant()
    def after_a_crash_it_goes_on_where_it_was(self) -> None:
        if len(self.events) % 5 == 0:
            assert reduce(evolve, self.events, self.first) == self.room


TestRollCall = RollCallMachine.TestCase
TestRollCall.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
