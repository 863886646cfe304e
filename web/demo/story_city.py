"""What the city issues: notices to everybody, papers of every kind to the counties, one revoked, one number voided."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time

from office.domain.chain import ChainPurpose, Purpose
from office.domain.organs import Level
from office.domain.outgoing import Countersign
from office.domain.people import Role
from office.service import exchange, tasks, voiding
from office.service import reading as told
from office.store import receipts
from web.demo.bureaus import CONGRESS
from web.demo.city import CITY, COUNTY, TOWN, VILLAGE
from web.demo.desks import Handling, Making, Way, current, issue, receive
from web.demo.mass import Crowd, crowd
from web.demo.moments import due_in, working_day
from web.demo.papers import paper
from web.demo.stage import Stage, Story
from web.demo.story_desks import reading

# Every kind the city uses, oldest first: key, working days ago.
_ISSUED = (
    ("bulletin", 19), ("rivers", 18), ("census", 16), ("praise", 14), ("meeting", 13), ("water_rules", 12),
    ("skills", 10), ("closure", 8), ("bill", 7), ("snow", 3),
)  # fmt: skip
_HEAT = (
    "已走访，未发现问题。",
    "走访完毕，两户烟囱不畅，已清通。",
    "已装风斗，独居老人有人看护。",
    "三户外出，已电话告知。",
)
_WHEAT = (
    "一类苗六成，二类苗三成，墒情适宜。",
    "一类苗五成，表层偏干，正在冬灌。",
    "二类苗为主，晚播田块苗小。",
    "长势好，不缺墒。",
)
_CANALS = ("无。", "已走一遍，未发现塌坡。", "斗渠一处渗漏，已堵好。", "闸门一处锈蚀，已上油。", "涵洞淤堵，正在清。")
APART = (COUNTY, TOWN, VILLAGE)  # where the printed accounts sit: their papers are told one by one
HOMES: dict[str, tuple[Handling, ...]] = {
    "heating": (
        Handling(reply="已排查四万余户，隐患随查随改。"), Handling(reply="各村走访完毕，七户老旧烟囱已更换。"),
        Handling(reply="已走访二百六十三户，未发现问题。"),
    ),
    "wheat": (
        Handling(hold=Purpose.PROPOSE), Handling(hold=Purpose.INSTRUCT, proposal="拟由水利干事汇总各村答复。"),
        Handling(hold=Purpose.HANDLE),
    ),
    "duty": (),
}  # fmt: skip


def stories(stage: Stage) -> Iterator[Story]:
    """All of them."""
    yield _to_everybody(stage, "heating", 17, -8, Crowd(0.97, 0.6, 0.01, 6, 3_600, _HEAT))
    yield _to_everybody(stage, "wheat", 6, 2, Crowd(0.78, 0.35, 0.06, 3, 2_400, _WHEAT))
    yield _to_everybody(stage, "duty", 1, 0, Crowd(0.45, 0.0, 0.1, 0, 900))
    yield _canals(stage)
    for key, days in _ISSUED:
        yield _to_some(stage, key, days)
    yield _resolution(stage)
    yield _revoked(stage)
    yield _voided(stage)


def _leaders(stage: Stage, *codes: str) -> Countersign:
    seats = (stage.actor(code, Role.LEADER) for code in codes)
    return Countersign(tuple((one.post_id, one.organ_id) for one in seats))


def _to_everybody(stage: Stage, key: str, days: int, due: int, how: Crowd) -> Story:
    """A notice to 2,530 units, with what happens to it at the units of the printed accounts."""
    start, city = working_day(stage.now, days, time(9, 10)), stage.organ(CITY)
    asked = _leaders(stage, "6104-应急", "6104-建") if key == "heating" else None
    way = Way(countersign=asked, reply_by=due_in(stage.now, due), slow=25)
    document_id = yield from issue(stage, start, stage.actor(CITY, Role.CLERK), lambda: paper(stage, key, city), way)
    for code, handling in zip(APART, HOMES[key], strict=False):
        stage.add(receive(stage, stage.after(10, 200), document_id, stage.organ(code).id, handling))
    if key == "heating":
        stage.add(_looks_into(stage, document_id, working_day(stage.now, 7, time(16))))
    if days > 2:
        stage.add(_remind(stage, document_id, working_day(stage.now, days // 2, time(10, 5))))
    apart = frozenset(stage.organ(code).id for code in APART)
    yield from crowd(stage, document_id, stage.after(1, 5), replace(how, apart=apart))


def _looks_into(stage: Stage, document_id: int, at: datetime) -> Story:
    """The clerk has seen what came back and why."""
    yield at
    clerk = stage.actor(CITY, Role.CLERK)
    waiting = stage.read(told.tasks, clerk, reading=False, limit=50).rows
    for task in waiting:
        if task.kind == "RETURNED" and task.document_id == document_id:
            stage.write(tasks.acknowledge, task.id, clerk)


def _remind(stage: Stage, document_id: int, at: datetime) -> Story:
    yield at
    stage.write(exchange.remind_unsigned, document_id, stage.actor(CITY, Role.CLERK))


def _canals(stage: Stage) -> Story:
    """County by county, town by town down to the villages, whose answers come back; 南位镇 has yet to sum them up."""
    start, city = working_day(stage.now, 9, time(8, 50)), stage.organ(CITY)
    way = Way(reply_by=due_in(stage.now, -1), slow=20, annex="冬灌渠系检查表")
    document_id = yield from issue(
        stage, start, stage.actor(CITY, Role.CLERK), lambda: paper(stage, "canals", city), way
    )
    for county in stage.below(stage.organ(CITY).id):
        stage.add(_down(stage, document_id, county.id, stage.after(10, 300)))


def _down(stage: Stage, document_id: int, organ_id: int, start: datetime) -> Story:
    """One organ: signs for it; in 兴平 it goes on down to everybody below, elsewhere it rests there."""
    organ, clerk = stage.organ_at(organ_id), stage.clerk_of(organ_id)
    if organ.level is Level.VILLAGE:
        yield from _village(stage, document_id, organ_id, start)
        return
    yield start
    found = stage.read(receipts.of_organ, document_id, organ_id)
    if found is None:
        return
    stage.write(exchange.sign_for, exchange.SignFor(found.id, register=True), clerk)
    if not organ.path.startswith(stage.organ(COUNTY).path):
        return
    yield stage.after(20, 240)
    stage.write(exchange.forward, exchange.Forward(document_id), clerk)
    own = stage.organ(TOWN).id == organ_id
    stage.add(_rest(stage, document_id, organ_id, Purpose.HANDLE if own else None))
    for below in stage.below(organ_id):
        stage.add(_down(stage, document_id, below.id, stage.after(10, 500)))


def _rest(stage: Stage, document_id: int, organ_id: int, hold: Purpose | None) -> Making:
    """The inner handling after the paper went on down."""
    reply = "" if hold else "已汇总各村情况，小修均已完成。"
    return (yield from receive(stage, stage.after(60, 600), document_id, organ_id, Handling(hold=hold, reply=reply)))


def _village(stage: Stage, document_id: int, organ_id: int, start: datetime) -> Story:
    own = organ_id == stage.organ(VILLAGE).id
    silent = not own and stage.chance.random() < 0.15
    how = Handling(hold=Purpose.HANDLE if own or silent else None, reply=stage.chance.choice(_CANALS), slow=400)
    yield from receive(stage, start, document_id, organ_id, how)


def _to_some(stage: Stage, key: str, days: int) -> Story:
    """To the counties or to departments: nearly all of them sign."""
    start, city = working_day(stage.now, days, time(8, 40 + days)), stage.organ(CITY)
    role = stage.chance.choice((Role.CLERK, Role.HANDLER))
    signatory = stage.actor(CITY, Role.DEPUTY_LEADER, days % 2).post_id if key in ("praise", "skills", "snow") else None
    reasons = {"B05": "已评估：不增加填报，不设考核。"} if key in ("rivers", "water_rules", "skills") else {}
    way = Way(signatory=signatory, reasons=reasons, slow=60)
    document_id = yield from issue(stage, start, stage.actor(CITY, role), lambda: paper(stage, key, city), way)
    if key != "bill":
        county = Handling(by=(stage.actor(COUNTY, Role.HANDLER),))
        begins = working_day(stage.now, 0, time(8, 31)) if key == "snow" else stage.after(10, 90)
        stage.add(receive(stage, begins, document_id, stage.organ(COUNTY).id, county))
    if key in ("skills", "snow"):
        stage.add(reading(stage, CITY, document_id, already_read=key == "skills"))
    apart = frozenset({stage.organ(COUNTY).id})
    yield from crowd(stage, document_id, stage.after(1, 5), Crowd(0.9, opened=0.05, minutes=900, apart=apart))


def _resolution(stage: Stage) -> Story:
    """From the city's congress to its government."""
    start, congress = working_day(stage.now, 11, time(9, 30)), stage.organ(CONGRESS)
    clerk = stage.actor(CONGRESS, Role.CLERK)
    way = Way(reasons={"G08": "常委会第十二次会议表决通过。"})
    document_id = yield from issue(stage, start, clerk, lambda: paper(stage, "resolution", congress), way)
    how = Handling(by=(stage.actor(CITY, Role.HANDLER),))
    yield from receive(stage, stage.after(10, 90), document_id, stage.organ(CITY).id, how)


def _revoked(stage: Stage) -> Story:
    """Issued, signed for by many, then revoked."""
    start, city = working_day(stage.now, 12, time(10)), stage.organ(CITY)
    clerk = stage.actor(CITY, Role.CLERK)
    document_id = yield from issue(stage, start, clerk, lambda: paper(stage, "revoked", city))
    yield from crowd(stage, document_id, stage.after(1, 5), Crowd(0.8, minutes=600))
    yield working_day(stage.now, 8, time(15, 20))
    command = voiding.VoidDocument(document_id, revoked=True, reason="与上级关于工作时间的规定不一致。")
    stage.write(voiding.void, command, stage.actor(CITY, Role.OFFICE_HEAD))


def _voided(stage: Stage) -> Story:
    """Numbered, then stopped before the seal: the number stays visible in the ledger and is not used again."""
    start, city = working_day(stage.now, 10, time(11)), stage.organ(CITY)
    clerk = stage.actor(CITY, Role.CLERK)
    way = Way(hold=Purpose.SEAL, slow=60)
    document_id = yield from issue(stage, start, clerk, lambda: paper(stage, "voided", city), way)
    yield stage.after(30, 120)
    if stage.read(current, document_id, ChainPurpose.OUTGOING) is not None:
        command = voiding.VoidNumber(document_id, "评比会增加基层负担，不再开展。")
        stage.write(voiding.void_number, command, clerk)
