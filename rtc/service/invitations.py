"""Who is invited: branch venues picked from the tree, and inspectors with a place of their own."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, update

from office.domain.errors import Invalid, NotFound
from office.domain.organs import Organ, OrganTree
from office.domain.people import ADMIN_ROLES, Actor, Role
from office.store import organs
from office.store.tables import person, post
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.domain.venue import VenueKind
from rtc.service import access
from rtc.service.history import told
from rtc.service.meetings import COMING, LONGEST_TITLE, check_open
from rtc.store import meetings, venues
from rtc.store.tables import venue

MOST_VENUES = 4_000
MOST_SEATS = 10_000
MOST_TAGS = 10
LONGEST_TAG = 20
INVITABLE = COMING | {Phase.LIVE, Phase.PAUSED}  # 邀请入会 while one sits


@dataclass(frozen=True, slots=True)
class Invite:
    """Organs as venues of one kind; who is invited already stays as it is."""

    meeting_id: int
    organ_ids: tuple[int, ...]
    kind: VenueKind = VenueKind.BRANCH
    may_chair: bool = False
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class InviteInspector:
    """督导: a post that watches, in no list, and publishes nothing."""

    meeting_id: int
    post_id: int


@dataclass(frozen=True, slots=True)
class Describe:
    """What a venue is like."""

    venue_id: int
    name: str
    kind: VenueKind
    may_chair: bool = False
    tags: frozenset[str] = frozenset()
    seats: int = 0


@dataclass(frozen=True, slots=True)
class Uninvite:
    """No longer part of the meeting."""

    venue_id: int


def invite(work: Work, command: Invite, actor: Actor) -> int:
    """Invite organs; returns how many are new."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    check_open(found, INVITABLE)
    tree = organs.tree(work)
    there = {one.organ_id for one in venues.of_meeting(work, found.id) if one.post_id is None}
    wanted = set(command.organ_ids) - there
    if any(organ_id not in tree for organ_id in wanted):
        raise Invalid("选的单位里有不在单位表的，请重新选。")
    if len(there) + len(wanted) > MOST_VENUES:
        raise Invalid(f"一次会议最多 {MOST_VENUES} 个会场。请减少一些。")
    tags = _tags(command.tags)
    rows = [
        {
            "meeting_id": found.id, "organ_id": one.id, "name": one.name, "kind": str(command.kind), "tags": tags,
            "may_chair": command.may_chair, "sort": place,
        }
        for place, one in _in_order(tree, wanted)
    ]  # fmt: skip
    venues.add(work, rows)
    if rows:
        told(work, "MEETING_INVITED", found.id, actor, {"organs": len(rows)})
    return len(rows)


def _in_order(tree: OrganTree, wanted: Iterable[int]) -> list[tuple[int, Organ]]:
    """Organs with their place in the official order of the whole tree, depth first."""
    chosen = frozenset(wanted)
    roots = tree.children(None)
    order = [one for root in roots for one in (root, *tree.subtree(root.id))]
    return [(place, one) for place, one in enumerate(order, 1) if one.id in chosen]


def _tags(tags: frozenset[str]) -> str:
    clean = frozenset(tag.strip() for tag in tags if tag.strip())
    if len(clean) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in clean):
        raise Invalid(f"会场标签最多 {MOST_TAGS} 个，每个最多 {LONGEST_TAG} 个字。")
    return venues.pack(clean)


def invite_inspector(work: Work, command: InviteInspector, actor: Actor) -> int:
    """Give a post the right to watch and return its place; a repeat returns the place that is there."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    check_open(found, INVITABLE)
    p = post.c
    row = work.execute(
        select(p.organ_id, p.role, person.c.name)
        .join(person, person.c.id == p.person_id)
        .where(p.id == command.post_id)
    ).one_or_none()
    if row is None or Role(row[1]) in ADMIN_ROLES:
        raise Invalid("选的督导人员不在岗位名册里，请重新选。")
    held = [one.id for one in venues.of_organ(work, found.id, row[0]) if one.post_id == command.post_id]
    if held:
        return held[0]
    values = {
        "meeting_id": found.id, "organ_id": row[0], "post_id": command.post_id, "name": row[2],
        "kind": str(VenueKind.BRANCH), "inspector": True, "sort": MOST_VENUES + 1,
    }  # fmt: skip
    venues.add(work, [values])
    told(work, "MEETING_INSPECTOR_INVITED", found.id, actor, {"post": command.post_id})
    return next(one.id for one in venues.of_organ(work, found.id, row[0]) if one.post_id == command.post_id)


def describe(work: Work, command: Describe, actor: Actor) -> None:
    """Change what a venue is like: its name, kind, tags, seats, whether it may ask for the chair."""
    held, _ = _organised(work, command.venue_id, actor)
    name = " ".join(command.name.split())
    if not name or len(name) > LONGEST_TITLE or not 0 <= command.seats <= MOST_SEATS:
        raise Invalid(f"会场名称要有 1 到 {LONGEST_TITLE} 个字，座位数最多 {MOST_SEATS}。")
    if held.inspector:
        raise Invalid("督导没有会场设置。要换人请先取消，再另选。")
    values = {"name": name, "kind": str(command.kind), "may_chair": command.may_chair, "seats": command.seats}
    work.execute(update(venue).where(venue.c.id == held.id).values(**values, tags=_tags(command.tags)))


def uninvite(work: Work, command: Uninvite, actor: Actor) -> None:
    """Take a venue out of a meeting that has not begun; the main venue of the organiser stays."""
    held, found = _organised(work, command.venue_id, actor)
    check_open(found, COMING)
    if held.organ_id == found.organ_id and held.post_id is None:
        raise Invalid("发起单位自己的会场不能去掉。")
    work.execute(update(venue).where(venue.c.id == held.id).values(removed_at=work.now))
    told(work, "MEETING_UNINVITED", found.id, actor, {"organ": held.organ_id})


def _organised(work: Work, venue_id: int, actor: Actor) -> tuple[venues.Invited, meetings.Meeting]:
    held = venues.load(work, venue_id)
    try:
        found = access.organised(work, held.meeting_id, by=actor, hold=True)
    except NotFound:
        raise NotFound("没有这个会场，或者它不在这个会议里了。请刷新后再看。") from None
    check_open(found, INVITABLE)
    return held, found
