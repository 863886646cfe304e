"""Who may be in a room now, in sentences. Who waits outside is the domain's rule (`staging.inside`)."""

from collections.abc import Collection
from typing import Final

from rtc.domain.room import Phase, Room
from rtc.domain.venue import Venue
from rtc.live.messages import Bye

OVER: Final = frozenset({Phase.ENDED, Phase.MINUTED, Phase.ARCHIVED})


def goodbye(room: Room, venue: Venue | None) -> Bye | None:
    """Why nobody of this venue may be here any more; None: he may."""
    if venue is None:
        return Bye("您的会场已不在这次会议里。如有疑问请与会议发起单位联系。", again=False)
    if room.phase in OVER:
        return Bye("会议已经结束。签到、纪要和回放在会议页面上。", again=False)
    if venue.id in room.removed:
        return Bye("主席已请您的会场退出会议。如有疑问请打会议电话联系主会场。", again=False)
    return None


def refusal(room: Room, venue: Venue | None, *, been: Collection[int], organiser: bool) -> Bye | None:
    """Why somebody who comes now may not enter; who was in may come back into a locked room."""
    bye = goodbye(room, venue)
    if bye is None and venue is not None and room.locked and not organiser and venue.id not in been:
        free = venue.inspector or venue.id in room.let_in or room.chair.holder == venue.id
        return None if free else Bye("会议已经锁定，新的会场不能进入。请打会议电话请主席解锁。", again=False)
    return bye
