"""D and B: whose powers are touched, is it short enough, does it ask too much of those below?"""

import re
from collections.abc import Iterator

from office.domain import wording
from office.domain.document import Direction, Kind
from office.domain.draft_facts import Facts
from office.domain.faults import Action, Finding, Fix, Part
from office.domain.organs import OrganKind
from office.domain.rules_routing import AGREED

LONGEST, LONGEST_BROAD = 4_000, 5_000  # 专项, 综合性
_BROAD = re.compile(r"综合|总体|规划|工作要点|工作报告|年度")
_DUTY_BEFORE = re.compile(r"(?:由|会同|商|责成|请|联合)$")
_DUTY_AFTER = re.compile(r"^(?:[、和及][^，。；]{1,16})?(?:负责|牵头|要|应当|应|会同|配合|承担|组织|核定|审批|安排)")
ASKS_REPORTS = re.compile(
    r"(?:报送|上报|报告|报|反馈)[^，。；]{0,10}(?:贯彻落实|贯彻执行|落实|执行)情况|(?:贯彻落实|落实)情况[^，。；]{0,12}(?:报送|上报|报)(?!告)"
    r"|(?:制定|出台|研究制定)[^，。；《]{0,10}(?:配套文件|实施细则|配套措施|配套政策)"
)
_POLICY_TITLE = re.compile(r"印发.*(?:办法|规定|细则|方案|制度|意见|规划|措施|计划)")
_POLICY_KINDS = frozenset({Kind.DECISION, Kind.OPINION, Kind.ORDER})


def powers_of_others(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """D01: duties given to a sister department that has not been asked."""
    asked = facts.countersigned
    for i, text in wording.blocks(facts.content):
        plain = wording.unquoted(text)
        for organ in facts.sisters:
            name = next((n for n in (organ.title, organ.name) if n in plain), "")
            if not name or (asked is not None and organ.id in asked):
                continue
            if _given_duty(plain, name):
                # Before countersigners can be chosen it only tells; at 送审 it stops. A government's own
                # departments are below it: to ask them first is wise, not a duty.
                own = facts.issuer.kind is OrganKind.GOVERNMENT
                milder = Action.WARN if asked is None or own else None
                yield "D01", Finding(Part.BODY, i, name, action=milder)
                return


def _given_duty(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        if _DUTY_BEFORE.search(text[:at]) or _DUTY_AFTER.match(text[at + len(name) :]):
            return True
        at = text.find(name, at + 1)
    return False


def authorised(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """D08: an office that issues for its government says by whose leave."""
    if facts.issuer.kind is not OrganKind.OFFICE or facts.direction is not Direction.DOWNWARD:
        return
    if not AGREED.search(wording.body_text(facts.content)):
        yield "D08", Finding(Part.BODY)


def too_long(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """B01: 5,000 characters for a broad paper, 4,000 for a special one."""
    count = wording.length(facts.content)
    most = LONGEST_BROAD if _BROAD.search(facts.content.title) else LONGEST
    if count > most:
        yield "B01", Finding(Part.BODY, quote=f"{count:,} 字，上限 {most:,} 字")


def quota(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """B02, B02b: not more papers than last year. Nothing is said where last year is not in the system."""
    now, before = facts.issued_this_year + 1, facts.issued_last_year
    if not before or facts.direction is Direction.UPWARD:
        return
    if now > before:
        yield "B02b", Finding(Part.PAPER, quote=f"今年第 {now} 件，去年全年 {before} 件")
    elif now * 10 >= before * 9:
        yield "B02", Finding(Part.PAPER, quote=f"今年第 {now} 件，去年全年 {before} 件")


def is_policy(facts: Facts) -> bool:
    """A paper that lays something down for those below: 决定, 意见, 命令, and 通知 that issue rules or plans."""
    if facts.direction is not Direction.DOWNWARD:
        return False
    title = facts.content.title
    return facts.content.kind in _POLICY_KINDS or (
        facts.content.kind is Kind.NOTICE and _POLICY_TITLE.search(title) is not None
    )


def planned(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """B03, B05: a policy paper stands in the year's plan and has been weighed against the burden below."""
    if is_policy(facts):
        yield "B03", Finding(Part.PAPER)
        yield "B05", Finding(Part.PAPER)


def asks_reports(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """B04: no report on carrying it out, no papers to match, unless really needed."""
    if facts.direction is not Direction.DOWNWARD:
        return
    for i, text in wording.blocks(facts.content):
        if found := ASKS_REPORTS.search(wording.unquoted(text)):
            yield "B04", Finding(Part.BODY, i, found.group(), fixes=(Fix(f"drop:B04:{i}", "删去这句"),))
