"""What lies on the printed desks: papers at every stage, things to read, drafts, letters, a delegation."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from office.domain import commands as verbs
from office.domain.chain import ChainPurpose, Purpose
from office.domain.document import Content, Kind, Selection
from office.domain.outgoing import Countersign
from office.domain.people import Actor, Role
from office.service import delegation, drafting, lists
from web.demo.city import CITY, COUNTY, TOWN, VILLAGE
from web.demo.desks import Handling, Way, act, current, do, issue, read_it, receive, said, show
from web.demo.moments import due_in, working_day
from web.demo.papers import paper
from web.demo.stage import Stage, Story

_HOLDS = {
    "review_a": Purpose.REVIEW, "review_b": Purpose.REVIEW, "sign_a": Purpose.SIGN_OFF, "sign_b": Purpose.SIGN_OFF,
    "number": Purpose.NUMBER, "seal": Purpose.SEAL, "dispatch": Purpose.DISPATCH,
}  # fmt: skip
_FROM = {"city": CITY, "county": COUNTY, "town": TOWN}
FINANCE, WATER = "6104-财", "6104-水"
# Which step a paper from below waits at: (place of the unit below, text, working days ago, step).
_INCOMING: dict[str, tuple[tuple[int, str, int, Purpose | None], ...]] = {
    CITY: (
        (1, "county_report", 9, None), (2, "county_report", 5, Purpose.SCREEN),
        (4, "county_report", 6, Purpose.PROPOSE), (6, "county_report", 7, Purpose.INSTRUCT),
        (8, "county_heat", 8, Purpose.PROPOSE),
        (9, "county_heat", 9, Purpose.INSTRUCT), (11, "county_heat", 10, Purpose.HANDLE),
        (13, "county_report", 12, None),
    ),
    COUNTY: (
        (1, "town_sign_a", 8, None), (2, "town_sign_a", 4, Purpose.SCREEN), (3, "town_sign_a", 5, Purpose.PROPOSE),
        (4, "town_sign_a", 6, Purpose.INSTRUCT), (5, "town_sign_a", 4, Purpose.PROPOSE),
        (6, "town_sign_a", 7, Purpose.INSTRUCT), (7, "town_sign_a", 9, Purpose.HANDLE),
    ),
    TOWN: (
        (15, "village_report_a", 10, None), (5, "village_report_b", 4, Purpose.SCREEN),
        (11, "village_report_b", 5, Purpose.PROPOSE), (12, "village_report_b", 6, Purpose.INSTRUCT),
        (13, "village_report_a", 5, Purpose.PROPOSE), (14, "village_report_b", 7, Purpose.CLOSE),
    ),
}  # fmt: skip


def stories(stage: Stage) -> Iterator[Story]:
    """All of them."""
    yield _delegates(stage)
    yield _keeps_list(stage)
    for name, code in _FROM.items():
        for place, (key, hold) in enumerate(_HOLDS.items()):
            yield _held(stage, code, f"{name}_{key}", place, hold)
        yield from (_from_below(stage, code, *one) for one in _INCOMING[code])
        yield _returned(stage, code)
    yield from _issued(stage)
    yield from _village(stage)
    yield from _bureaus(stage)
    yield _faulty(stage)
    yield _countersigned(stage)
    yield from _drafts(stage)


def _held(stage: Stage, code: str, key: str, place: int, hold: Purpose) -> Story:
    """An outgoing paper that waits at a step; one of them is wanted today."""
    start = working_day(stage.now, 3 + place % 3, time(9, 5 + place * 7))
    organ = stage.organ(code)
    drafter = stage.actor(code, Role.CLERK if place % 2 else Role.HANDLER)
    due = due_in(stage.now, (0, 3, 1, -1, 2, 0, 1)[place])
    content = paper(stage, key, organ)
    yield from issue(stage, start, drafter, lambda: content, Way(hold=hold, due=due, slow=60))


def _from_below(stage: Stage, code: str, place: int, key: str, days: int, hold: Purpose | None) -> Story:
    """A report from a unit below, on its way over the desks above."""
    organ = stage.organ(code)
    below = stage.below(organ.id)[place]
    start = working_day(stage.now, days, time(8 + place % 3, 40))
    clerk = stage.clerk_of(below.id)
    document_id = yield from issue(stage, start, clerk, lambda: paper(stage, key, below), Way(slow=25))
    how = Handling((stage.actor(code, Role.HANDLER),), hold, "拟请分管负责人阅示，由承办人核实后归纳。", slow=60)
    yield from receive(stage, stage.after(10, 120), document_id, organ.id, how)


def _returned(stage: Stage, code: str) -> Story:
    """A draft that the head of office returned to its drafter with a reason."""
    organ, clerk = stage.organ(code), stage.actor(code, Role.CLERK)
    key = {CITY: "city_counter", COUNTY: "county_school", TOWN: "town_clean"}[code]
    content = replace(paper(stage, key, organ), title=f"{organ.title}关于做好岁末年初群众服务工作的通知")
    start = working_day(stage.now, 2, time(9, 45))
    document_id = yield from issue(stage, start, clerk, lambda: content, Way(hold=Purpose.REVIEW, slow=60))
    yield stage.after(20, 90)
    stored = stage.read(current, document_id, ChainPurpose.OUTGOING)
    if stored is None:
        return
    seat = stored.chain.open_seats()[0][1]
    reason = "第二条时限与去年文件不一致，请核对后再报。"
    do(stage, stored, verbs.Return(seat.id, reason), stage.holder(seat.post_id))


def _issued(stage: Stage) -> Iterator[Story]:
    for code, key, days in (
        (COUNTY, "county_forward", 8), (COUNTY, "county_school", 6), (TOWN, "town_notice", 7), (TOWN, "town_clean", 3),
    ):  # fmt: skip
        yield _to_below(stage, code, key, days)


def _to_below(stage: Stage, code: str, key: str, days: int) -> Story:
    """A notice to the units below; most handle it, the printed desks still have the newest."""
    organ = stage.organ(code)
    start = working_day(stage.now, days, time(9, 20))
    way = Way(slow=40, reply_by=due_in(stage.now, 1))
    document_id = yield from issue(stage, start, stage.actor(code, Role.HANDLER), lambda: paper(stage, key, organ), way)
    told = {stage.organ(TOWN).id, stage.organ(VILLAGE).id}
    for below in stage.below(organ.id):
        newest = below.id in told and key in ("county_school", "town_clean")
        hold = Purpose.RECEIVE if newest else None
        if newest or stage.chance.random() < 0.85:
            reply = "已安排。" if code == TOWN else ""
            stage.add(receive(stage, stage.after(20, 900), document_id, below.id, Handling(hold=hold, reply=reply)))
    yield from reading(stage, code, document_id, already_read=days > 6)


def reading(stage: Stage, code: str, document_id: int, *, already_read: bool) -> Story:
    """The paper goes round in its own organ; of an older one the leader has read it, the others not yet."""
    clerk, head = stage.actor(code, Role.CLERK), stage.actor(code, Role.OFFICE_HEAD)
    leader = stage.actor(code, Role.LEADER)
    yield stage.after(30, 90)
    show(stage, document_id, clerk, (head, leader), "请阅知。")
    show(stage, document_id, head, (clerk,), "请留存备查。")
    if already_read:
        yield stage.after(60, 400)
        read_it(stage, document_id, leader)


def _village(stage: Stage) -> Iterator[Story]:
    for place, (key, days) in enumerate((("village_report_b", 2), ("village_letter", 1), ("village_hall", 3))):
        yield _village_paper(stage, key, days, due_in(stage.now, place), Purpose.SIGN_OFF)
    yield _village_paper(stage, "village_report_a", 12, None, None)


def _village_paper(stage: Stage, key: str, days: int, due: datetime | None, hold: Purpose | None) -> Story:
    """The village's own papers; the issued report goes round between its two people."""
    organ, clerk, head = stage.organ(VILLAGE), stage.actor(VILLAGE, Role.CLERK), stage.actor(VILLAGE, Role.LEADER)
    start = working_day(stage.now, days, time(9, 50))
    document_id = yield from issue(
        stage, start, clerk, lambda: paper(stage, key, organ), Way(hold=hold, due=due, slow=40)
    )
    if hold is None:
        how = Handling((stage.actor(TOWN, Role.HANDLER),))
        stage.add(receive(stage, stage.after(20, 60), document_id, stage.organ(TOWN).id, how))
        yield stage.after(30, 60)
        show(stage, document_id, clerk, (head,), "发出的报告，请阅知。")
        show(stage, document_id, head, (clerk,), "留一份在村务公开栏。")


def _bureaus(stage: Stage) -> Iterator[Story]:
    yield _letters(stage)
    for sender, key, days, holds in (
        ("6104-教", "letter_school", 6, {FINANCE: Purpose.INSTRUCT}),
        ("6104-农", "letter_farm", 4, {FINANCE: Purpose.INSTRUCT, WATER: Purpose.INSTRUCT}),
        ("6104-卫健", "letter_health", 3, {WATER: Purpose.INSTRUCT, FINANCE: Purpose.RECEIVE}),
    ):
        yield _letter(stage, sender, key, days, holds)
    for code, key in ((FINANCE, "fin_sign"), (FINANCE, "fin_sign_b"), (WATER, "water_sign"), (WATER, "water_sign_b")):
        yield _bureau_paper(stage, code, key)


def _letter(stage: Stage, sender: str, key: str, days: int, holds: dict[str, Purpose]) -> Story:
    """A letter between bureaus that waits at its receivers."""
    organ, clerk = stage.organ(sender), stage.actor(sender, Role.CLERK)
    start = working_day(stage.now, days, time(10, 15))
    due = due_in(stage.now, days - 3)
    document_id = yield from issue(stage, start, clerk, lambda: paper(stage, key, organ), Way(slow=40, reply_by=due))
    for code, hold in holds.items():
        how = Handling((stage.actor(code, Role.HANDLER),), hold, slow=60)
        stage.add(receive(stage, stage.after(20, 90), document_id, stage.organ(code).id, how))


def _letters(stage: Stage) -> Story:
    """Water asks, finance answers; both heads find the letter to read."""
    water, finance = stage.organ(WATER), stage.organ(FINANCE)
    start = working_day(stage.now, 15, time(9, 15))
    asked = yield from issue(stage, start, stage.actor(WATER, Role.CLERK), lambda: paper(stage, "letter_fund", water))
    how = Handling((stage.actor(FINANCE, Role.HANDLER),), slow=90)
    yield from receive(stage, stage.after(20, 90), asked, finance.id, how)
    clerk = stage.actor(FINANCE, Role.CLERK)
    answer = yield from issue(stage, stage.after(60, 200), clerk, lambda: paper(stage, "letter_answer", finance))
    how = Handling((stage.actor(WATER, Role.HANDLER),), slow=90)
    yield from receive(stage, stage.after(20, 90), answer, water.id, how)
    yield stage.after(20, 60)
    for code, by in ((FINANCE, clerk), (WATER, stage.actor(WATER, Role.CLERK))):
        show(stage, answer, by, (stage.actor(code, Role.LEADER),), "复函请阅。")


def _bureau_paper(stage: Stage, code: str, key: str) -> Story:
    organ, handler = stage.organ(code), stage.actor(code, Role.HANDLER)
    start = working_day(stage.now, 2, time(9, 25))
    way = Way(hold=Purpose.SIGN_OFF, due=due_in(stage.now, 1), slow=60)
    yield from issue(stage, start, handler, lambda: paper(stage, key, organ), way)


def _countersigned(stage: Stage) -> Story:
    """In countersign now: one bureau has agreed, two have it on their desks."""
    start, organ = working_day(stage.now, 2, time(8, 55)), stage.organ(CITY)
    asked = tuple(stage.actor(code, Role.LEADER) for code in ("6104-农", FINANCE, WATER))
    way = Way(
        hold=Purpose.COUNTERSIGN, due=due_in(stage.now, 1), slow=40,
        countersign=Countersign(tuple((one.post_id, one.organ_id) for one in asked)),
    )  # fmt: skip
    clerk = stage.actor(CITY, Role.CLERK)
    document_id = yield from issue(stage, start, clerk, lambda: paper(stage, "city_counter", organ), way)
    yield stage.after(20, 90)
    stored = stage.read(current, document_id, ChainPurpose.OUTGOING)
    if stored is not None:
        seat = next(s for _, s in stored.chain.open_seats() if s.post_id == asked[0].post_id)
        act(stage, stored, seat, said(stage, Purpose.COUNTERSIGN))


def _delegates(stage: Stage) -> Story:
    """The county's head of office is away; the deputy reviews one paper for him (代)."""
    yield working_day(stage.now, 2, time(8, 32))
    head, deputy = stage.actor(COUNTY, Role.OFFICE_HEAD), stage.actor(COUNTY, Role.HANDLER)
    command = delegation.CreateDelegation(deputy.post_id, stage.at(), stage.now + timedelta(days=4))
    stage.write(delegation.create, command, head)
    organ, clerk = stage.organ(COUNTY), stage.actor(COUNTY, Role.CLERK)
    content = replace(paper(stage, "county_forward", organ), title=f"{organ.title}关于做好冬灌用水调度的通知")
    way = Way(hold=Purpose.REVIEW, slow=30)
    document_id = yield from issue(stage, stage.after(5, 10), clerk, lambda: content, way)
    yield stage.after(10, 40)
    stored = stage.read(current, document_id, ChainPurpose.OUTGOING)
    if stored is not None:
        seat = stored.chain.open_seats()[0][1]
        do(stage, stored, verbs.Complete(seat.id, opinion="文字已核，请领导审签。"), deputy)


def _keeps_list(stage: Stage) -> Story:
    """A saved list of recipients."""
    yield working_day(stage.now, 18, time(10))
    northern = stage.below(stage.organ(CITY).id)[-5:]
    command = lists.CreateList("北部五县", Selection(tuple(organ.id for organ in northern)))
    stage.write(lists.create, command, stage.actor(CITY, Role.CLERK))


def _faulty(stage: Stage) -> Story:
    """A draft in which the check finds faults: kind, recipient, request words, a typed signature."""
    yield working_day(stage.now, 1, time(16, 10))
    given = paper(stage, "city_seal", stage.organ(CITY))
    text = paper(stage, "village_hall", stage.organ(VILLAGE)).body
    content = Content(Kind.NOTICE, "老旧小区供暖保障工作方案", "各有关单位、咸阳市供暖办", (*given.body, *text[1:]))
    stage.write(drafting.start, drafting.StartDraft(content, note="从文件读入"), stage.actor(CITY, Role.CLERK))


def _drafts(stage: Stage) -> Iterator[Story]:
    for code, key in ((CITY, "snow"), (COUNTY, "county_forward"), (TOWN, "town_notice"), (VILLAGE, "village_well")):
        yield _draft(stage, stage.actor(code, Role.CLERK), code, key)
    for code, key in ((CITY, "city_sign_a"), (COUNTY, "county_seal")):
        yield _draft(stage, stage.actor(code, Role.OFFICE_HEAD), code, key)


def _draft(stage: Stage, by: Actor, code: str, key: str) -> Story:
    """A draft its drafter has begun and not sent."""
    yield working_day(stage.now, 1, time(17, 5))
    content = paper(stage, key, stage.organ(code))
    stage.write(drafting.start, drafting.StartDraft(replace(content, body=content.body[:2])), by)
