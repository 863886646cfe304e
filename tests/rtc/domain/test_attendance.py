"""Attendance: the union of what devices let us hear, checked second by second by a model that knows no intervals."""

from datetime import timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.domain.attendance import (
    GAP,
    Interval,
    Sign,
    SignKind,
    attended,
    counted,
    intervals,
    length,
    of_venues,
    union,
    within,
)
from rtc.domain.room import Phase
from tests.rtc.domain.houses import AT, COUNTY, TOWN, after

J, B, L = SignKind.JOIN, SignKind.BEAT, SignKind.LEAVE


def sign(kind: SignKind, second: float, device: str = "a", venue: int = TOWN) -> Sign:
    return Sign(venue, device, kind, after(second))


def span(start: float, end: float) -> Interval:
    return Interval(after(start), after(end))


def test_joins_beats_and_leavings_make_half_open_intervals() -> None:
    assert intervals([sign(J, 0), sign(B, 30), sign(L, 50)]) == (span(0, 50),)
    assert intervals([sign(J, 0), sign(B, 45), sign(B, 90.1)]) == (span(0, 45),)
    assert intervals([sign(J, 0), sign(B, 30), sign(B, 100), sign(B, 120)]) == (span(0, 30), span(100, 120))
    assert intervals([sign(J, 0), sign(L, 10), sign(J, 10), sign(B, 20)]) == (span(0, 10), span(10, 20))
    assert intervals([sign(L, 5)]) == ()
    assert intervals([]) == ()


def test_a_leaving_after_a_long_silence_does_not_fill_it() -> None:
    assert intervals([sign(J, 0), sign(B, 30), sign(L, 200)]) == (span(0, 30),)


def test_a_stored_beat_that_comes_late_counts_like_one_in_time() -> None:
    late = Sign(TOWN, "a", B, after(40), late=True)
    assert intervals([sign(J, 0), sign(B, 80), late]) == (span(0, 80),)


def test_two_devices_are_one_venue_and_a_broken_line_is_no_absence() -> None:
    assert length(attended([span(0, 100), span(50, 120)], [span(0, 1000)])) == timedelta(seconds=120)
    assert attended([span(0, 50), span(95, 120)], [span(0, 1000)]) == (span(0, 120),)
    assert attended([span(0, 50), span(95.1, 120)], [span(0, 1000)]) == (span(0, 50), span(95.1, 120))


def test_rehearsal_and_waiting_count_for_nothing_and_a_pause_does() -> None:
    phases = [
        (AT, Phase.REHEARSAL), (after(100), Phase.WAITING), (after(200), Phase.LIVE), (after(300), Phase.PAUSED),
        (after(400), Phase.LIVE), (after(500), Phase.ENDED),
    ]  # fmt: skip
    assert counted(phases, after(900)) == (span(200, 500),)
    assert attended([span(0, 900)], counted(phases, after(900))) == (span(200, 500),)
    assert counted([], AT) == ()
    assert counted([(AT, Phase.LIVE)], after(7)) == (span(0, 7),)


def test_each_venue_has_its_own_from_the_signs_of_all_its_devices() -> None:
    heard = [sign(J, 0, "a"), sign(B, 40, "a"), sign(J, 20, "b"), sign(L, 60, "b"), sign(J, 5, "c", COUNTY)]
    assert of_venues(heard, [span(0, 100)]) == {TOWN: (span(0, 60),), COUNTY: ()}


signs = st.lists(
    st.builds(sign, st.sampled_from([J, B, B, B, L]), st.integers(0, 300), st.sampled_from("abc")), max_size=25
)
spans = st.lists(st.builds(lambda a, n: span(a, a + n), st.integers(0, 200), st.integers(0, 60)), max_size=8)


def seconds_of(some: tuple[Interval, ...]) -> set[int]:
    return {n for n in range(400) if any(one.start <= after(n) < one.end for one in some)}


def heard_by_hand(some: list[Sign]) -> set[int]:
    """Second by second for one device: there was a sign before it, the next one is near, and it had not left."""
    there: set[int] = set()
    moments = sorted({int((one.at - AT).total_seconds()) for one in some})
    for now, then in pairwise(moments):
        stays = any(one.kind is not L for one in some if one.at == after(now))
        if stays and timedelta(seconds=then - now) <= GAP:
            there |= set(range(now, then))
    return there


@given(some=signs)
@settings(max_examples=60)
def test_intervals_are_what_a_second_hand_says(some: list[Sign]) -> None:
    for device in "abc":
        mine = [one for one in some if one.device == device]
        assert seconds_of(intervals(mine)) == heard_by_hand(mine)


@given(some=signs, data=st.data())
@settings(max_examples=60)
def test_the_order_of_arrival_and_repeats_do_not_matter(some: list[Sign], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(some + some))
    assert of_venues(shuffled, [span(0, 400)]) == of_venues(some, [span(0, 400)])


@given(some=signs, more=signs)
@settings(max_examples=60)
def test_another_device_never_lowers_it_and_nobody_is_there_longer_than_the_clock(
    some: list[Sign], more: list[Sign]
) -> None:
    other = [Sign(one.venue_id, f"x{one.device}", one.kind, one.at) for one in more]
    window = [span(50, 250)]
    before = of_venues(some, window).get(TOWN, ())
    both = of_venues([*some, *other], window).get(TOWN, ())
    assert seconds_of(before) <= seconds_of(both) <= set(range(50, 250))
    assert length(before) <= length(both) <= timedelta(seconds=200)


@given(left=spans, right=spans)
@settings(max_examples=60)
def test_union_and_cut_are_those_of_sets(left: list[Interval], right: list[Interval]) -> None:
    assert seconds_of(union(left + right)) == seconds_of(tuple(left)) | seconds_of(tuple(right))
    assert seconds_of(within(left, right)) == seconds_of(tuple(left)) & seconds_of(tuple(right))
    assert union(union(left)) == union(left)
    assert all(one.end < two.start for one, two in pairwise(union(left)))
