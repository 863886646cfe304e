"""Made-up moments fall into working hours, and one follows the other."""

from datetime import UTC, datetime, time, timedelta

import pytest

from office.store.work import LOCAL
from web.demo.moments import due_in, later, working_day

WEDNESDAY = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)  # 10:30 in Xianyang
SUNDAY = datetime(2026, 11, 29, 2, 30, tzinfo=UTC)


def shown(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%a %d %H:%M}"


@pytest.mark.parametrize(
    ("minutes", "meant"),
    [(0, "Wed 25 10:30"), (90, "Wed 25 12:00"), (91, "Wed 25 14:01"), (330, "Wed 25 18:00"), (331, "Thu 26 08:31"),
     (330 + 900 + 1, "Mon 30 08:31")],
)  # fmt: skip
def test_nights_lunch_and_weekends_do_not_count(minutes: int, meant: str) -> None:
    assert shown(later(WEDNESDAY, minutes)) == meant


def test_work_that_comes_at_night_waits_for_the_morning() -> None:
    assert shown(later(datetime(2026, 11, 27, 15, 0, tzinfo=UTC), 10)) == "Mon 30 08:40"


def test_working_days_are_counted_back_over_weekends() -> None:
    assert [shown(working_day(WEDNESDAY, back, time(9))) for back in (0, 2, 3)] == [
        "Wed 25 09:00", "Mon 23 09:00", "Fri 20 09:00",
    ]  # fmt: skip
    assert shown(working_day(SUNDAY, 0, time(9))) == "Fri 27 09:00"


def test_what_is_due_today_is_never_over_yet() -> None:
    assert shown(due_in(WEDNESDAY, 0)) == "Wed 25 18:00"
    late = WEDNESDAY + timedelta(hours=10)
    assert shown(due_in(late, 0)) == "Wed 25 23:59"
    assert shown(due_in(WEDNESDAY, -1)) == "Tue 24 18:00"
