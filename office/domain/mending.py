"""Pressing fixes: one, or every one that changes only form and never what is said or who is meant."""

from dataclasses import replace

from office.domain import writing_rules
from office.domain.document import Content
from office.domain.draft_facts import Facts
from office.domain.faults import Fault
from office.domain.fixes import mend
from office.domain.rule_book import RuleBook

__all__ = ["is_safe", "mend", "mend_all"]

_SAFE = frozenset(
    {
        "title:complete", "title:stop", "title:urgency", "to:marks", "to:print", "levels", "quote:order",
        "quote:brackets", "days", "percents", "drop:closing", "copy:once", "copy:no_lower", "end:妥否，请批示。",
        "end:特此函达。", "end:特此函复。",
    }
)  # fmt: skip
_ROUNDS = 16


def is_safe(fault: Fault) -> bool:
    """Whether the fault's first fix may be pressed together with others."""
    fixes = fault.finding.fixes
    return bool(fixes) and (fixes[0].id in _SAFE or fixes[0].id.startswith("drop:F14:"))


def mend_all(facts: Facts, book: RuleBook) -> Content:
    """The content with every safe fix pressed, again and again until none is left."""
    tried: set[str] = set()
    for _ in range(_ROUNDS):
        safe = (f.finding.fixes[0].id for f in writing_rules.check(facts, book) if is_safe(f))
        fix = next((name for name in safe if name not in tried), None)
        if fix is None:
            break
        changed = mend(facts, fix)
        if changed == facts.content:
            tried.add(fix)
        facts = replace(facts, content=changed)
    return facts.content
