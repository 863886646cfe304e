"""Calling a meeting: plan, change, call, cancel; and who sees which."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select, update

from office.domain.errors import Invalid, NotPermitted, WrongStage
from office.domain.people import ADMIN_ROLES, Actor
from office.store import organs
from office.store.history import By
from office.store.tables import post
from office.store.work import Work
from rtc.domain.room import Phase
from rtc.domain.venue import VenueKind
from rtc.service import access, phases
from rtc.service.history import by, record, told
from rtc.store import meetings, venues
from rtc.store.tables import meeting

LONGEST_TITLE = 120
LONGEST_TEXT = 500
LONGEST_MEETING = timedelta(hours=24)
LONG_REPORT = 60  # minutes: 短会 rule, a main report planned longer is warned of, not refused
PLAIN = meetings.Settings()
BEFORE_CALL = frozenset({Phase.PLANNED})
COMING = frozenset({Phase.PLANNED, Phase.NOTICED, Phase.REHEARSAL, Phase.WAITING})


@dataclass(frozen=True, slots=True)
class Plan:
    """A meeting as its organiser wants it; `report_minutes` is the main report, 0 if there is none."""

    title: str
    starts_at: datetime
    ends_at: datetime
    place: str = ""
    report_minutes: int = 0
    settings: meetings.Settings = PLAIN


@dataclass(frozen=True, slots=True)
class Change:
    """Other words, times or settings; `version` is what the person saw, None: whatever is there."""

    meeting_id: int
    plan: Plan
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """Call it without a formal notice: those invited see it at once."""

    meeting_id: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """It is not held; those invited read why."""

    meeting_id: int
    reason: str


def plan(work: Work, command: Plan, actor: Actor) -> int:
    """Plan a meeting of the actor's organ, which is its main venue; returns the id. Nobody invited sees it yet."""
    if actor.role in ADMIN_ROLES:
        raise NotPermitted("管理员不办会。请由本单位文秘或经办人发起。")
    values = _checked(work, command)
    if command.starts_at < work.now - timedelta(hours=1):
        raise Invalid("开始时间已经过去。请改成以后的时间。")
    meeting_id = meetings.add(work, {"organ_id": actor.organ_id, "post_id": actor.post_id, **values})
    own = organs.load(work, actor.organ_id)
    row = {
        "meeting_id": meeting_id, "organ_id": own.id, "name": own.name, "kind": str(VenueKind.MAIN),
        "may_chair": True, "sort": 0,
    }  # fmt: skip
    venues.add(work, [row])
    phases.open_room(work, meeting_id, command.ends_at, command.settings, actor)
    told(work, "MEETING_PLANNED", meeting_id, actor)
    return meeting_id


def _checked(work: Work, command: Plan) -> dict[str, object]:
    title, place = " ".join(command.title.split()), " ".join(command.place.split())
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid(f"会议名称要有 1 到 {LONGEST_TITLE} 个字。")
    if len(place) > LONGEST_TITLE:
        raise Invalid(f"会议地点最多 {LONGEST_TITLE} 个字。")
    if not timedelta(0) < command.ends_at - command.starts_at <= LONGEST_MEETING:
        raise Invalid("结束时间要晚于开始时间，一次会议最长 24 小时。请改时间。")
    if not 0 <= command.report_minutes <= 24 * 60:
        raise Invalid("主报告时长要是 0 到 1440 分钟。")
    _check_settings(work, command.settings)
    return {
        "title": title, "place": place, "starts_at": command.starts_at, "ends_at": command.ends_at,
        "report_minutes": command.report_minutes, "settings": meetings.encode(command.settings),
    }  # fmt: skip


def _check_settings(work: Work, settings: meetings.Settings) -> None:
    if len(settings.phone) > 40:
        raise Invalid("会议电话最多 40 个字。")
    if not 1 <= settings.keep_days <= 3650:
        raise Invalid("录制保存天数要是 1 到 3650 天。")
    wanted = settings.captioner_post
    if wanted is not None and work.execute(select(post.c.id).where(post.c.id == wanted)).first() is None:
        raise Invalid("选的速录员不在岗位名册里，请重新选。")


def change(work: Work, command: Change, actor: Actor) -> None:
    """Change what was planned until the meeting begins; after the call those invited see that it changed."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    check_open(found, COMING)
    expected = found if command.version is None else replace(found, version=command.version)
    values = _checked(work, command.plan)
    moved = (found.starts_at, found.ends_at, found.place) != (values["starts_at"], values["ends_at"], values["place"])
    if moved and found.called_at is not None:
        values["changed_at"] = work.now
    meetings.change(work, expected, **values)
    phases.configure(work, found.id, command.plan.ends_at, command.plan.settings, actor)
    told(work, "MEETING_CHANGED", found.id, actor)


def call(work: Work, command: Call, actor: Actor) -> None:
    """Call it: from now on those invited see it, answer and may come in."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    check_open(found, BEFORE_CALL)
    announce(work, found, actor)


def announce(work: Work, found: meetings.Meeting, actor: Actor | None) -> None:
    """What calling does; `actor` None: the notice's dispatch calls it."""
    if len(venues.of_meeting(work, found.id)) < 2:
        raise Invalid("还没有选分会场，没有人会收到通知。请先选会场。")
    meetings.change(work, found, called_at=work.now)
    phases.move(work, found.id, Phase.NOTICED, actor)
    who = By(found.organ_id) if actor is None else by(actor)
    record(work, "MEETING_CALLED", found.id, who)


def cancel(work: Work, command: Cancel, actor: Actor) -> None:
    """Cancel a meeting that has not begun, with a reason."""
    found = access.organised(work, command.meeting_id, by=actor, hold=True)
    check_open(found, COMING)
    reason = command.reason.strip()
    if not reason or len(reason) > LONGEST_TEXT:
        raise Invalid(f"请写取消的原因，1 到 {LONGEST_TEXT} 个字，受邀单位会看到。")
    meetings.change(work, found, cancelled_at=work.now, cancel_reason=reason)
    told(work, "MEETING_CANCELLED", found.id, actor)


def check_open(found: meetings.Meeting, phases_: frozenset[Phase]) -> None:
    """Refuse what has no place in a meeting that was cancelled or is further on."""
    if found.cancelled_at is not None:
        raise WrongStage("这个会议已经取消，不能再改。需要开会请另发起一次。")
    if found.phase not in phases_:
        raise WrongStage(_FURTHER_ON[found.phase])


_FURTHER_ON = {
    Phase.PLANNED: "会议通知还没有发出。请先发通知，再办这一步。",
    Phase.NOTICED: "会议通知已经发出，这一步不能再办。",
    Phase.REHEARSAL: "会议正在调试，这一步不能再办。",
    Phase.WAITING: "会议就要开始，这一步不能再办。",
    Phase.LIVE: "会议正在进行，这一步不能再办。",
    Phase.PAUSED: "会议正在进行（暂停中），这一步不能再办。",
    Phase.ENDED: "会议已经结束，这一步不能再办。",
    Phase.MINUTED: "会议已经结束并出了纪要，这一步不能再办。",
    Phase.ARCHIVED: "会议已经归档，不能再改。",
}


def link_minutes(work: Work, meeting_id: int, document_id: int, actor: Actor) -> None:
    """Remember which document its minutes are; a second draft takes the place of the first."""
    found = access.organised(work, meeting_id, by=actor, hold=True)
    check_open(found, frozenset({Phase.ENDED, Phase.MINUTED}))
    meetings.change(work, found, minutes_document_id=document_id)


def minuted(work: Work, document_id: int) -> int | None:
    """The minutes were issued: their meeting is minuted. Returns it, None if they are no meeting's. Repeatable."""
    found = work.execute(
        select(meeting.c.id, meeting.c.phase).where(meeting.c.minutes_document_id == document_id)
    ).one_or_none()
    if found is None:
        return None
    if found[1] == Phase.ENDED:
        phases.move(work, found[0], Phase.MINUTED, None)
    return int(found[0])


def archive(work: Work, meeting_id: int, actor: Actor) -> None:
    """归档: nothing of it changes any more; its papers are no longer served to those invited."""
    found = access.organised(work, meeting_id, by=actor, hold=True)
    check_open(found, frozenset({Phase.ENDED, Phase.MINUTED}))
    phases.move(work, found.id, Phase.ARCHIVED, actor)
    work.execute(update(meeting).where(meeting.c.id == found.id).values(version=meeting.c.version + 1))
    told(work, "MEETING_ARCHIVED", found.id, actor)
