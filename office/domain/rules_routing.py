"""R: to whom may it go, over whose head, with whose agreement?"""

import re
from collections.abc import Iterator

from office.domain import wording
from office.domain.document import Direction, Kind
from office.domain.draft_facts import DOWN, UP, Facts, Party, Relation
from office.domain.faults import Finding, Fix, Part
from office.domain.organs import EdgeKind, Level, OrganKind

_BODIES = frozenset({OrganKind.GOVERNMENT, OrganKind.VILLAGE})
_PERSON = re.compile(r"(?:市长|副市长|书记|县长|区长|镇长|乡长|局长|主任|主席|部长|村长|同志|领导)$")
_WEIGHTY = re.compile(r"重大(?:事项|问题|项目|决策|情况|突发)")
_OWN_VIEW = re.compile(r"我[市县区镇乡局委办村]|经研究|拟同意|建议|我们认为|经审核")
# Words that order a lower government about; a mere invitation or information has none of them.
_DIRECTIVE = re.compile(
    r"遵照执行|贯彻执行|贯彻落实|抓好落实|认真落实|务必|必须|严禁|限期|责令|各级人民政府要|各(?:县|区|镇|乡|街道)[^，。]{0,12}要|"
    r"要求(?:各|你)|(?:请|要)于[^，。]{0,16}前"
)
AGREED = re.compile(r"(?:经|已经|报经|受)[^，。；]{0,16}(?:同意|授权|批准|委托)")
_WEIGHTY_KINDS = frozenset({Kind.DECISION, Kind.ORDER, Kind.RESOLUTION})


def upward(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R01-R03: one superior, the direct one, and no copy for one's own subordinates."""
    if facts.direction is not Direction.UPWARD:
        return
    superiors = [p for p in facts.principals if p.relation in UP]
    direct = any(p.relation is not Relation.HIGHER for p in superiors)
    for party in superiors:
        if party.relation is Relation.HIGHER and not direct:
            skipped = facts.above[0].title if facts.above else "直接上级"
            fixes = (Fix("to:direct", f"改报{skipped}"), Fix("copy:skipped", "抄送被越过的机关"))
            yield "R01", Finding(Part.PRINCIPAL, quote=party.organ.title, fixes=fixes, goes_to="recipients")
            break
    if len(facts.principals) > 1:
        yield "R02", Finding(Part.PRINCIPAL, fixes=(Fix("to:first", f"只留{facts.principals[0].organ.name}"),))
    lower = [p.organ.name for p in facts.copies if p.relation is Relation.LOWER]
    if lower:
        fix = Fix("copy:no_lower", "删去下级单位")
        yield "R03", Finding(Part.COPIES, quote="、".join(lower[:3]), fixes=(fix,))


def department_up(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R04: a weighty matter to the department above needs one's own government's agreement first."""
    content = facts.content
    if facts.issuer.kind is not OrganKind.BUREAU or not any(p.relation is Relation.GUIDE for p in facts.principals):
        return
    weighty = _WEIGHTY.search(f"{content.title}\n{wording.body_text(content)}")
    if weighty and not AGREED.search(wording.body_text(content)):
        yield "R04", Finding(Part.PRINCIPAL, quote=weighty.group())


def passed_on(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R05: a subordinate's request does not go up as it came."""
    content = facts.content
    if facts.direction is not Direction.UPWARD:
        return
    carried = [name for name in content.attachment_names if name.rstrip("》").endswith("请示")]
    text = wording.body_text(content)
    relayed = re.search(r"(?:转报|现将)[^。]{0,60}请示[^。]{0,12}(?:转报|上报|报上|呈报)", text)
    if (carried or relayed) and not _OWN_VIEW.search(text):
        yield "R05", Finding(Part.BODY, quote=carried[0] if carried else "")


def persons(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R06: organs write to organs."""
    if facts.direction is not Direction.UPWARD:
        return
    for name in wording.names_in(facts.content.principal_text):
        if _PERSON.search(name) and not facts.names.get(name):
            yield "R06", Finding(Part.PRINCIPAL, quote=name, goes_to="recipients")
            return


def dual(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R07, R12: the other superior of an organ under dual leadership."""
    reached = {p.organ.id for p in (*facts.principals, *facts.copies)}
    leaders = {a for kind, a, b in facts.edges if kind is EdgeKind.DUAL and b == facts.issuer.id}
    if leaders and facts.issuer.parent_id is not None:
        leaders.add(facts.issuer.parent_id)
    if facts.direction is Direction.UPWARD and leaders & reached and leaders - reached:
        yield "R07", Finding(Part.COPIES, goes_to="recipients")
    led = [p.organ for p in facts.principals if p.relation in DOWN and p.organ.id in facts.dual_led]
    missing = [organ for organ in led if facts.dual_led[organ.id] not in reached | {facts.issuer.id}]
    if missing:
        yield "R12", Finding(Part.COPIES, quote=missing[0].title, goes_to="recipients")


def weighty_down(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R08: 决定, 命令, 决议 are for weighty matters by their definition (条例8); the direct superior gets a copy."""
    if facts.direction is not Direction.DOWNWARD or facts.content.kind not in _WEIGHTY_KINDS or not facts.above:
        return
    superior = facts.above[0]
    if superior.id not in {p.organ.id for p in facts.copies}:
        yield "R08", Finding(Part.COPIES, fixes=(Fix("copy:superior", f"抄送{superior.title}"),))


def department_down(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R09, R10: a department does not order lower governments about; its own line below it may address."""
    if facts.issuer.kind is not OrganKind.BUREAU:
        return
    below = [p for p in facts.principals if _lower_body(facts, p)]
    text = wording.unquoted(wording.body_text(facts.content))
    directive = _DIRECTIVE.search(text) if facts.content.kind is not Kind.LETTER else None
    if below and directive and not AGREED.search(text):
        fix = Fix("kind:函", "改成函")
        yield "R09", Finding(Part.PRINCIPAL, quote=directive.group(), fixes=(fix,), goes_to="recipients")


def _lower_body(facts: Facts, party: Party) -> bool:
    lower = party.organ.level > facts.issuer.level or party.organ.kind is OrganKind.VILLAGE
    return party.organ.kind in _BODIES and lower


def permitted(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R10: said plainly, because people doubt it."""
    if facts.issuer.kind is OrganKind.BUREAU and any(p.relation is Relation.GUIDED for p in facts.principals):
        yield "R10", Finding(Part.PRINCIPAL)


def not_agreed(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R11: no downward issue while a countersigner disagrees."""
    if facts.direction is Direction.DOWNWARD and facts.disagreed:
        yield "R11", Finding(Part.PAPER, quote="、".join(facts.disagreed))


def joint(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R13: joint issue only between organs of one level."""
    uneven = [organ for organ in facts.joint if organ.level is not facts.issuer.level]
    if uneven:
        yield "R13", Finding(Part.PAPER, quote=uneven[0].title, fixes=(Fix("joint:level", "去掉不同级的单位"),))


def issuer(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R15, R16: may this organ write outside at all?"""
    here = facts.issuer
    outside = [p for p in facts.principals if p.organ.parent_id != here.parent_id and p.organ.id != here.parent_id]
    if here.kind is OrganKind.SECTION and outside:
        yield "R15", Finding(Part.PRINCIPAL, quote=outside[0].organ.title, goes_to="recipients")
    if not here.may_issue or not here.word:
        yield "R16", Finding(Part.PAPER)


def alike(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R17: is it really a new paper?"""
    for other in facts.similar[:1]:
        name = f"《{other.title}》{f'（{other.number}）' if other.number else ''}"
        yield "R17", Finding(Part.PAPER, quote=f"{name}，{other.likeness:.0%} 相同")


def villages(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """R18: the city and the counties reach villages through their townships."""
    if facts.issuer.level > Level.COUNTY:
        return
    straight = [p.organ for p in facts.principals if p.organ.level is Level.VILLAGE]
    if straight:
        yield "R18", Finding(Part.PRINCIPAL, quote=straight[0].title, goes_to="recipients")
