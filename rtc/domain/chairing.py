"""Deciding about the chair: ask, grant, hand over, take back, release, and what happens when its page falls silent."""

from datetime import datetime

from office.domain.errors import Invalid, NotPermitted, Stale
from rtc.domain import room_commands as c
from rtc.domain import room_events as e
from rtc.domain.chair import LEASE
from rtc.domain.room import Room
from rtc.domain.venue import House, Participant


def name_of(house: House, venue_id: int | None) -> str:
    """How a sentence calls a venue."""
    found = house.venues.get(venue_id) if venue_id is not None else None
    return found.name if found is not None else "另一个会场"


def must_hold(room: Room, by: Participant, house: House) -> None:
    """Only the holder of the newest number commands; an old number dies here."""
    chair = room.chair
    if by.fence != chair.fence and by.fence:
        now = f"主席已经换成{name_of(house, chair.holder)}" if chair.holder is not None else "主席已经释放"
        raise Stale(f"{now}，刚才的操作没有执行。需要时请再申请主席。")
    if chair.holder != by.venue_id or (chair.holder_person is not None and chair.holder_person != by.person_id):
        raise NotPermitted("只有主席可以这样做。请先申请主席。")
    if by.fence != chair.fence:
        raise Stale("页面上的主席信息旧了，操作没有执行。请再按一次。")


def grant(room: Room, venue_id: int, person_id: int | None, at: datetime, reason: str) -> tuple[e.RoomEvent, ...]:
    """The chair goes to a venue, with a number nobody had before."""
    return (e.ChairGranted(venue_id, person_id, room.chair.fence + 1, at + LEASE, reason),)


def request(room: Room, by: Participant, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """Granted at once when it is free; else kept as a wish the holder sees. The deputy's own page takes it back so."""
    if not (by.organiser or house.venues[by.venue_id].may_chair):
        raise NotPermitted("这个会场没有申请主席的权限。请联系会议组织单位开通。")
    chair = room.chair
    if chair.lapsed(at) and _deputy(room, house) not in {None, by.venue_id}:
        return lapse(room, house, at)
    if chair.holder == by.venue_id and chair.holder_person in {None, by.person_id}:
        knows = by.fence == chair.fence and not chair.lapsed(at)
        return () if knows else grant(room, by.venue_id, by.person_id, at, "renewed")
    if chair.holder is None or chair.lapsed(at):
        return grant(room, by.venue_id, by.person_id, at, "asked")
    if by.venue_id in chair.wishes:
        return ()
    return (e.ChairWished(by.venue_id),)


def take_back(room: Room, by: Participant, at: datetime) -> tuple[e.RoomEvent, ...]:
    """The organiser's right."""
    if not by.organiser:
        raise NotPermitted("只有会议组织者可以收回主席。")
    return grant(room, by.venue_id, by.person_id, at, "taken back")


def hand_over(room: Room, command: c.HandOverChair, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """To a venue that is online; its first page that renews it becomes the holder's."""
    _online(house, command.venue_id, "移交")
    if command.venue_id == room.chair.holder and command.venue_id not in room.chair.wishes:
        raise Invalid("主席已经在这个会场。")
    return grant(room, command.venue_id, None, at, "handed over")


def release(room: Room) -> tuple[e.RoomEvent, ...]:
    """Free again."""
    return (e.ChairFreed(room.chair.fence + 1),)


def renew(by: Participant, room: Room, at: datetime) -> tuple[e.RoomEvent, ...]:
    """The holder's page is alive; after a hand-over the first person to renew becomes the holder."""
    if room.chair.holder_person is None:
        return grant(room, by.venue_id, by.person_id, at, "renewed")
    return (e.ChairRenewed(at + LEASE),)


def name_deputy(command: c.NameDeputy, house: House) -> tuple[e.RoomEvent, ...]:
    """Any venue of the meeting that an act can reach."""
    if command.venue_id is not None and (
        command.venue_id not in house.venues or house.venues[command.venue_id].inspector
    ):
        raise Invalid("会议里没有这个会场，不能指定为副主席。")
    return (e.DeputyNamed(command.venue_id),)


def lapse(room: Room, house: House, at: datetime) -> tuple[e.RoomEvent, ...]:
    """The lease ran out: the deputy, if he is online, else nobody."""
    chair = room.chair
    if not chair.lapsed(at):
        return ()
    deputy = _deputy(room, house)
    if deputy is not None:
        return grant(room, deputy, None, at, "lapsed")
    return (e.ChairFreed(chair.fence + 1, lapsed=True),)


def _deputy(room: Room, house: House) -> int | None:
    """Who takes over now, if he is here."""
    deputy = room.chair.deputy
    return deputy if deputy in house.online and deputy != room.chair.holder else None


def _online(house: House, venue_id: int, what: str) -> None:
    if venue_id not in house.venues or house.venues[venue_id].inspector:
        raise Invalid(f"会议里没有这个会场，不能{what}。")
    if venue_id not in house.online:
        raise Invalid(f"{house.venues[venue_id].name}现在不在线，不能{what}。等它入会后再试。")
