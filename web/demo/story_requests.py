"""Requests on their way up at every height, some answered down again, some returned, some waiting on a printed desk."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from office.domain import commands as verbs
from office.domain.chain import ChainPurpose, Purpose
from office.domain.organs import Level, Organ
from office.domain.people import Role
from web.demo.city import CITY, COUNTY, TOWN, VILLAGE
from web.demo.desks import Climbing, Way, climb, current, do, issue
from web.demo.moments import working_day
from web.demo.papers import paper
from web.demo.stage import Stage, Story

_CITY, _COUNTY, _TOWN = Level.CITY, Level.COUNTY, Level.TOWNSHIP
_REAL = "情况属实，群众确有需要。"
_LATER = "今年资金已安排完毕，列入明年计划。"


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks (a code, or the nth village of the told town), for what, how many working days ago, how far it came."""

    who: str | int
    key: str
    days: int
    how: Climbing


_TOLD = (
    Asking(VILLAGE, "village_canal", 16, Climbing(opinion=_REAL, slow=120)),
    Asking(VILLAGE, "village_road", 9, Climbing((_COUNTY, Purpose.INSTRUCT), opinion=_REAL)),
    Asking(VILLAGE, "village_bridge", 15, Climbing((_CITY, Purpose.INSTRUCT), opinion=_REAL)),
    Asking(VILLAGE, "village_lamps", 4, Climbing((_TOWN, Purpose.SCREEN), slow=90)),
    Asking(0, "village_hall", 13, Climbing(opinion=_REAL)),
    Asking(1, "village_drain", 5, Climbing((_TOWN, Purpose.INSTRUCT))),
    Asking(2, "village_well", 3, Climbing((_TOWN, Purpose.PROPOSE), slow=90)),
    Asking(3, "village_canal", 2, Climbing((_TOWN, Purpose.RECEIVE), slow=90)),
    Asking(6, "village_lamps", 8, Climbing((_COUNTY, Purpose.PROPOSE), opinion=_REAL)),
    Asking(7, "village_slope", 19, Climbing(opinion=_REAL, slow=70)),
    Asking(8, "village_road", 14, Climbing(opinion=_REAL, slow=100)),
    Asking(9, "village_lamps", 12, Climbing(granted=False, opinion=_LATER, slow=100)),
    Asking(10, "village_drain", 6, Climbing((_TOWN, Purpose.RESPOND), opinion=_REAL)),
    Asking(TOWN, "town_request", 5, Climbing((_COUNTY, Purpose.SCREEN))),
)
# In other counties: place of the county, key, days, how.
_ELSEWHERE = (
    (1, "village_pump", 16, Climbing((_CITY, Purpose.PROPOSE), opinion=_REAL, slow=110)),
    (3, "village_pipes", 17, Climbing((_CITY, Purpose.INSTRUCT), opinion=_REAL, slow=110)),
    (4, "village_road", 12, Climbing(opinion=_REAL, slow=110)),
    (5, "village_slope", 13, Climbing((_CITY, Purpose.RECEIVE), opinion=_REAL, slow=110)),
    (7, "village_well", 11, Climbing(opinion=_REAL, slow=110)),
    (8, "village_pipes", 18, Climbing((_CITY, Purpose.RESPOND), opinion=_REAL, slow=100)),
    (9, "village_pump", 14, Climbing((_CITY, Purpose.SCREEN), opinion=_REAL, slow=110)),
    (10, "village_road", 7, Climbing((_COUNTY, Purpose.INSTRUCT), opinion=_REAL)),
    (12, "village_hall", 6, Climbing((_TOWN, Purpose.INSTRUCT), opinion=_REAL)),
)


def stories(stage: Stage) -> Iterator[Story]:
    """All of them."""
    villages = [one for one in stage.below(stage.organ(TOWN).id) if one.id != stage.organ(VILLAGE).id]
    for one in _TOLD:
        organ = villages[one.who] if isinstance(one.who, int) else stage.organ(one.who)
        yield _asks(stage, organ, one.key, one.days, one.how)
    counties = stage.below(stage.organ(CITY).id)
    for place, key, days, how in _ELSEWHERE:
        towns = stage.below(counties[place].id)
        town = towns[place % len(towns)]
        yield _asks(stage, stage.below(town.id)[place % 3], key, days, how)


def _asks(stage: Stage, organ: Organ, key: str, days: int, how: Climbing) -> Story:
    start = working_day(stage.now, days, time(8 + days % 3, 35))
    clerk = stage.clerk_of(organ.id)
    document_id = yield from issue(stage, start, clerk, lambda: paper(stage, key, organ), Way(slow=40))
    yield from climb(stage, document_id, how)
    stored = stage.read(current, document_id, ChainPurpose.REQUEST)
    if stored is None or organ.id != stage.organ(VILLAGE).id:
        return
    yield stage.after(30, 120)
    if key == "village_lamps":
        seat = stored.chain.open_seats()[0][1]
        text = "巷道长度与去年台账不一致，请核对后再报。"
        returned = verbs.ReturnDocument(seat.id, verbs.ReturnReason.OTHER, text)
        do(stage, stored, returned, stage.holder(seat.post_id))
    elif key == "village_bridge":
        do(stage, stored, verbs.Remind("学生上学要绕路，盼早日答复。"), clerk)
    elif stored.organ_id != stage.organ(COUNTY).id:
        seat = stored.chain.open_seats()[0][1]
        added = verbs.AddSigner(
            seat.id, stage.actor(COUNTY, Role.DEPUTY_LEADER).post_id, stage.organ(COUNTY).id,
            verbs.Placement.AFTER, "请分管同志看一下工程量。",
        )  # fmt: skip
        do(stage, stored, added, stage.holder(seat.post_id))
