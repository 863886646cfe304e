"""A small meeting for tests: a main venue, counties, their towns, an inspector; and moments."""

from datetime import UTC, datetime, timedelta

from office.domain.organs import Level
from rtc.domain.venue import House, Participant, Venue, VenueKind

AT = datetime(2026, 11, 25, 1, tzinfo=UTC)
MAIN, COUNTY, TOWN, TOWN_2, OTHER, INSPECTOR = 1, 2, 3, 4, 5, 9

VENUES = {
    MAIN: Venue(MAIN, 1, "咸阳市", VenueKind.MAIN, Level.CITY, "/1/", may_chair=True),
    COUNTY: Venue(COUNTY, 15, "兴平市", VenueKind.BRANCH, Level.COUNTY, "/1/15/", may_chair=True),
    TOWN: Venue(TOWN, 301, "南位镇", VenueKind.BRANCH, Level.TOWNSHIP, "/1/15/301/"),
    TOWN_2: Venue(TOWN_2, 302, "桑镇", VenueKind.BRANCH, Level.TOWNSHIP, "/1/15/302/", tags=frozenset({"果业"})),
    OTHER: Venue(OTHER, 16, "武功县", VenueKind.BRANCH, Level.COUNTY, "/1/16/"),
    INSPECTOR: Venue(INSPECTOR, 1, "督导", VenueKind.BRANCH, Level.CITY, "/1/", inspector=True),
}
ALL = frozenset({MAIN, COUNTY, TOWN, TOWN_2, OTHER, INSPECTOR})


def house(*online: int) -> House:
    """The meeting with these venues online, all when none is named."""
    return House(VENUES, frozenset(online) or ALL)


def person(venue_id: int, fence: int = 0, *, organiser: bool = False) -> Participant:
    """Somebody at a venue; each venue has one person with a hundred more as his number."""
    return Participant(venue_id, venue_id + 100, f"{VENUES[venue_id].name}的人", organiser=organiser, fence=fence)


def after(seconds: float) -> datetime:
    """A moment that many seconds later."""
    return AT + timedelta(seconds=seconds)
