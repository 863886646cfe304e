"""When made-up things happened: a clock that is set, and the working hours they fall into."""

from datetime import UTC, date, datetime, time, timedelta

from office.store.work import LOCAL

MORNING, NOON, AFTERNOON, EVENING = time(8, 30), time(12), time(14), time(18)
_SPANS = ((MORNING, NOON), (AFTERNOON, EVENING))
_WEEKEND = 5


class SetClock:
    """A clock that shows what it was set to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """What it was set to."""
        return self.now


def _is_working(day: date) -> bool:
    return day.weekday() < _WEEKEND


def on(day: date, at: time) -> datetime:
    """That time of day in Xianyang."""
    return datetime.combine(day, at, LOCAL).astimezone(UTC)


def working_day(now: datetime, back: int, at: time = MORNING) -> datetime:
    """A moment on the working day `back` working days before today; on a weekend today is the Friday before."""
    day = now.astimezone(LOCAL).date()
    while not _is_working(day):
        day -= timedelta(days=1)
    for _ in range(back):
        day -= timedelta(days=1)
        while not _is_working(day):
            day -= timedelta(days=1)
    return on(day, at)


def due_in(now: datetime, days: int) -> datetime:
    """The end of the working day `days` calendar days from today; of today, midnight once that has passed."""
    day = now.astimezone(LOCAL).date() + timedelta(days=days)
    end = on(day, EVENING)
    return end if days or end > now else on(day, time(23, 59))


def later(at: datetime, minutes: int) -> datetime:
    """That many working minutes later; nights, lunch and weekends do not count."""
    left = timedelta(minutes=minutes)
    while True:
        day = at.astimezone(LOCAL).date()
        for start, end in _spans(day) if _is_working(day) else ():
            begins = max(at, start)
            if begins < end and begins + left <= end:
                return begins + left
            left -= max(timedelta(), end - begins)
        at = on(day + timedelta(days=1), time())


def _spans(day: date) -> tuple[tuple[datetime, datetime], ...]:
    return tuple((on(day, start), on(day, end)) for start, end in _SPANS)
