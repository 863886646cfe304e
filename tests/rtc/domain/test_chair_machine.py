"""The chair under random hands: one holder, numbers that never come back, a lease and a deputy, as a model foresees."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from office.domain.errors import OfficeError, Stale
from rtc.domain import room_commands as c
from rtc.domain.deciding import decide
from rtc.domain.evolving import evolve, opened
from rtc.domain.venue import House, Participant
from tests.rtc.domain.houses import AT, COUNTY, MAIN, OTHER, TOWN, VENUES

MAY = {MAIN, COUNTY}
venues = st.sampled_from([MAIN, COUNTY, TOWN, OTHER])
people = st.sampled_from([100, 200])  # two persons at each venue


@dataclass
class Model:
    """What a careful clerk would write down."""

    holder: int | None = None
    person: int | None = None
    number: int = 0
    until: datetime = AT
    deputy: int | None = None
    wishes: list[int] = field(default_factory=list)
    given: list[int] = field(default_factory=list)

    def give(self, venue: int, person: int | None, now: datetime) -> None:
        self.number += 1
        self.given.append(self.number)
        self.holder, self.person, self.until = venue, person, now + timedelta(seconds=30)
        self.deputy = None if self.deputy == venue else self.deputy
        self.wishes = [one for one in self.wishes if one != venue]

    def free(self) -> None:
        self.number += 1
        self.holder = self.person = None

    def expired(self, now: datetime) -> bool:
        return self.holder is not None and now >= self.until

    def heir(self, online: set[int]) -> int | None:
        return self.deputy if self.deputy in online and self.deputy != self.holder else None

    def expire(self, online: set[int], now: datetime) -> None:
        heir = self.heir(online)
        if heir is None:
            self.free()
        else:
            self.give(heir, None, now)


class ChairMachine(RuleBasedStateMachine):
    """Every step is done to the room and to the model; the model says beforehand whether it is refused."""

    @initialize()
    def begin(self) -> None:
        self.room, self.model, self.now = opened(1), Model(), AT
        self.online = {MAIN, COUNTY, TOWN, OTHER}

    def try_(self, command: c.RoomCommand, by: Participant | None) -> bool:
        house = House(VENUES, frozenset(self.online))
        try:
            events = decide(self.room, command, by=by, house=house, at=self.now)
        except OfficeError:
            return False
        self.room = reduce(evolve, events, self.room)
        return True

    def holds(self, venue: int, person: int, number: int) -> bool:
        return self.model.holder == venue and self.model.person in {None, person} and number == self.model.number

    def a_number(self, data: st.DataObject) -> int:
        """The newest, as a rule; else any that ever was."""
        old = st.sampled_from([0, *self.model.given])
        return data.draw(st.one_of(st.just(self.model.number), st.just(self.model.number), old))

    @rule(venue=venues, who=people, organiser=st.booleans(), data=st.data())
    def ask(self, venue: int, who: int, organiser: bool, data: st.DataObject) -> None:  # noqa: FBT001
        number, model, person = self.a_number(data), self.model, venue + who
        done = self.try_(c.RequestChair(), Participant(venue, person, organiser=organiser, fence=number))
        assert done == (organiser or venue in MAY)
        if not done:
            return
        expired = model.expired(self.now)
        if expired and model.heir(self.online) not in {None, venue}:
            model.expire(self.online, self.now)
        elif model.holder is None or expired:
            model.give(venue, person, self.now)
        elif model.holder == venue and model.person in {None, person}:
            if number != model.number:
                model.give(venue, person, self.now)
        elif venue not in model.wishes:
            model.wishes.append(venue)

    @rule(venue=venues, who=people, organiser=st.booleans())
    def take_back(self, venue: int, who: int, organiser: bool) -> None:  # noqa: FBT001
        done = self.try_(c.TakeBackChair(), Participant(venue, venue + who, organiser=organiser))
        assert done == organiser
        if done:
            self.model.give(venue, venue + who, self.now)

    @rule(venue=venues, who=people, to=venues, data=st.data())
    def hand_over(self, venue: int, who: int, to: int, data: st.DataObject) -> None:
        number = self.a_number(data)
        good = self.holds(venue, venue + who, number) and to in self.online
        good = good and (to != venue or to in self.model.wishes)
        assert self.try_(c.HandOverChair(to), Participant(venue, venue + who, fence=number)) == good
        if good:
            self.model.give(to, None, self.now)

    @rule(venue=venues, who=people, data=st.data())
    def release(self, venue: int, who: int, data: st.DataObject) -> None:
        number = self.a_number(data)
        good = self.holds(venue, venue + who, number)
        assert self.try_(c.ReleaseChair(), Participant(venue, venue + who, fence=number)) == good
        if good:
            self.model.free()

    @rule(venue=venues, who=people, data=st.data())
    def renew(self, venue: int, who: int, data: st.DataObject) -> None:
        number = self.a_number(data)
        good = self.holds(venue, venue + who, number)
        assert self.try_(c.RenewChair(), Participant(venue, venue + who, fence=number)) == good
        if good and self.model.person is None:
            self.model.give(venue, venue + who, self.now)
        elif good:
            self.model.until = self.now + timedelta(seconds=30)

    @rule(venue=st.sampled_from([None, MAIN, COUNTY, TOWN, TOWN]))
    def name_a_deputy(self, venue: int | None) -> None:
        holder = self.model.holder
        if holder is not None:
            by = Participant(holder, self.model.person or holder + 100, fence=self.model.number)
            assert self.try_(c.NameDeputy(venue), by)
            self.model.deputy = venue

    @rule(seconds=st.sampled_from([1, 10, 29, 30, 31]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def the_clock_strikes(self) -> None:
        if self.model.expired(self.now):
            self.model.expire(self.online, self.now)
        assert self.try_(c.Tick(), None)

    @rule(venue=venues)
    def come_or_go(self, venue: int) -> None:
        self.online ^= {venue}

    @invariant()
    def it_is_as_the_clerk_wrote(self) -> None:
        chair, model = self.room.chair, self.model
        assert (chair.holder, chair.holder_person, chair.fence) == (model.holder, model.person, model.number)
        assert (chair.deputy, list(chair.wishes)) == (model.deputy, model.wishes)
        assert chair.until == (model.until if model.holder is not None else None)

    @invariant()
    def no_old_number_works(self) -> None:
        for number in self.model.given[:-1][-3:]:
            for venue in VENUES:
                by = Participant(venue, venue + 100, fence=number)
                try:
                    decide(self.room, c.Lock(on=True), by=by, house=House(VENUES), at=self.now)
                except OfficeError as refusal:
                    assert isinstance(refusal, Stale) or VENUES[venue].inspector  # noqa: PT017
                else:
                    raise AssertionError(f"number {number} still works, {self.model.number} is the newest")


TestChair = ChairMachine.TestCase
TestChair.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
