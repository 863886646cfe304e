"""The only way to a meeting for a person. Absent and forbidden look alike (NotFound)."""

from office.domain.errors import NotFound, NotPermitted
from office.domain.people import ADMIN_ROLES, Actor, Role
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.store import meetings, papers, venues

# Posts that act for their whole organ: plan and change its meetings, answer invitations.
OFFICE = frozenset({Role.CLERK, Role.OFFICE_HEAD, Role.DEPUTY_LEADER, Role.LEADER})


def organises(found: meetings.Meeting, actor: Actor) -> bool:
    """Whether it is his meeting: he called it, or he holds an office post in the organ that did."""
    if found.organ_id != actor.organ_id or actor.role in ADMIN_ROLES:
        return False
    return found.post_id == actor.post_id or actor.role in OFFICE


def own_venues(work: Work, found: meetings.Meeting, actor: Actor) -> tuple[venues.Invited, ...]:
    """Where he may sit: his organ's venue, his own inspector's place; the organiser in the main venue too.

    Nobody but the organiser before the call.
    """
    if actor.role in ADMIN_ROLES:
        return ()
    organiser = organises(found, actor)
    if found.called_at is None and not organiser:
        return ()
    theirs = venues.of_organ(work, found.id, actor.organ_id)
    held = [one for one in theirs if one.post_id in (None, actor.post_id)]
    mains = venues.main(work, found.id) if organiser else ()
    return (*(one for one in mains if one not in held), *held)


def meeting(work: Work, meeting_id: int, *, by: Actor) -> meetings.Meeting:
    """The meeting for its organiser and, once it was called, for those invited; else NotFound."""
    found = meetings.load(work, meeting_id)
    if not organises(found, by) and not own_venues(work, found, by):
        raise NotFound(meetings.ABSENT)
    return found


def organised(work: Work, meeting_id: int, *, by: Actor, hold: bool = False) -> meetings.Meeting:
    """A meeting this person organises; NotPermitted for those who are only invited.

    `hold`: nobody else changes it until the commit (never in a read).
    """
    found = meetings.held(work, meeting_id) if hold else meetings.load(work, meeting_id)
    if organises(found, by):
        return found
    meeting(work, meeting_id, by=by)
    raise NotPermitted("这个会议由发起单位管。要改动请与发起单位联系。")


def invited(work: Work, venue_id: int, *, by: Actor) -> tuple[meetings.Meeting, venues.Invited]:
    """A venue of this person's own organ, for whom an office post answers."""
    place = venues.load(work, venue_id)
    found = meeting(work, place.meeting_id, by=by)
    if place.organ_id != by.organ_id or place.inspector:
        raise NotFound("没有这个会场，或者它不是您单位的。")
    if by.role not in OFFICE:
        raise NotPermitted("回执由本单位文秘或负责人报。请告诉他们您是否参加。")
    return found, place


def paper(work: Work, paper_id: int, *, by: Actor) -> papers.Paper:
    """A paper of a meeting for those who may read it; for nobody once it was taken back (收回)."""
    found = papers.load(work, paper_id)
    of = meeting(work, found.meeting_id, by=by)
    if of.papers_back_at is not None or not may_read(work, of, found, by):
        raise NotFound(papers.ABSENT)
    return found


def may_read(work: Work, of: meetings.Meeting, found: papers.Paper, actor: Actor) -> bool:
    """The organiser always; a venue it is for, until the meeting is archived."""
    if organises(of, actor):
        return True
    readers = papers.readers(work, (found.id,)).get(found.id)
    sits = {one.id for one in own_venues(work, of, actor)}
    return of.phase is not Phase.ARCHIVED and (readers is None or bool(readers & sits))
