"""行文规则: the one engine that runs while typing, at 送审 and at 复核. Pure; the rules' words come from the book."""

from collections.abc import Callable, Iterable, Iterator

from office.domain import (
    rules_burden,
    rules_custom,
    rules_format,
    rules_kind,
    rules_routing,
)
from office.domain.draft_facts import Facts
from office.domain.faults import Action, Fault, Finding
from office.domain.rule_book import Rule, RuleBook

Check = Callable[[Facts], Iterable[tuple[str, Finding]]]

# Which rules each check can find.
CHECKS: tuple[tuple[Check, tuple[str, ...]], ...] = (
    (rules_format.secrecy, ("F01",)),
    (rules_kind.powers, ("G01", "G02", "G03")),
    (rules_kind.mixed_name, ("G01",)),
    (rules_kind.directions, ("G04", "G06", "G07")),
    (rules_kind.links, ("G05", "G08", "G09")),
    (rules_kind.speakers, ("G09b",)),
    (rules_kind.passing_on, ("G10",)),
    (rules_kind.request_phrases, ("G11",)),
    (rules_kind.matters, ("G12",)),
    (rules_routing.upward, ("R01", "R02", "R03")),
    (rules_routing.department_up, ("R04",)),
    (rules_routing.passed_on, ("R05",)),
    (rules_routing.persons, ("R06",)),
    (rules_routing.dual, ("R07", "R12")),
    (rules_routing.weighty_down, ("R08",)),
    (rules_routing.department_down, ("R09",)),
    (rules_routing.permitted, ("R10",)),
    (rules_routing.not_agreed, ("R11",)),
    (rules_routing.joint, ("R13",)),
    (rules_routing.issuer, ("R15", "R16")),
    (rules_routing.alike, ("R17",)),
    (rules_routing.villages, ("R18",)),
    (rules_format.urgency, ("F02",)),
    (rules_format.title, ("F06", "F06b")),
    (rules_format.recipients, ("F07",)),
    (rules_format.attachments, ("F08",)),
    (rules_format.signature, ("F09", "F10", "C10")),
    (rules_format.copies, ("F12",)),
    (rules_format.empty_page, ("F14",)),
    (rules_burden.powers_of_others, ("D01",)),
    (rules_burden.authorised, ("D08",)),
    (rules_burden.too_long, ("B01",)),
    (rules_burden.quota, ("B02", "B02b")),
    (rules_burden.planned, ("B03", "B05")),
    (rules_burden.asks_reports, ("B04",)),
    (rules_custom.endings, ("C01", "C02", "C03")),
    (rules_custom.numbering, ("C04",)),
    (rules_custom.quotations, ("C05", "C07")),
    (rules_custom.stops, ("C06",)),
    (rules_custom.forms, ("C08",)),
    (rules_custom.recipient_marks, ("C09", "C12")),
    (rules_custom.contact, ("C11",)),
    (rules_custom.nothing, ("NONE",)),
)
CODED = frozenset(rule for _, rules in CHECKS for rule in rules)
MOST_OF_A_RULE = 20  # a person mends these first, then the rest shows
_ORDER = {Action.REFUSE: 0, Action.REQUIRE: 1, Action.WARN: 2, Action.AUTO: 3, Action.ALLOW: 4, Action.FORBID: 5}


def check(facts: Facts, book: RuleBook) -> tuple[Fault, ...]:
    """Every fault of the draft: what stops first, then by its place on the paper."""
    faults = [_fault(rule, finding, facts, book) for rule, finding in _findings(facts)]
    return tuple(sorted(faults, key=_place))


def _findings(facts: Facts) -> Iterator[tuple[str, Finding]]:
    counts: dict[str, int] = {}
    for run, _ in CHECKS:
        for rule, finding in run(facts):
            counts[rule] = counts.get(rule, 0) + 1
            if counts[rule] <= MOST_OF_A_RULE:
                yield rule, finding


def _fault(rule_id: str, finding: Finding, facts: Facts, book: RuleBook) -> Fault:
    rule: Rule = book[rule_id]
    says = finding.says or rule.says
    action = finding.action or rule.action
    return Fault(rule_id, action, says, rule.remedy, rule.article, finding, facts.reasons.get(rule_id, ""))


def _place(fault: Fault) -> tuple[bool, int, int]:
    block = fault.finding.block
    return (not fault.stops, _ORDER[fault.action], -1 if block is None else block)


def passed(faults: Iterable[Fault]) -> int:
    """How many rules were looked at and found nothing."""
    return len(CODED - {fault.rule for fault in faults})
