"""检查: what the writing rules say about a draft, the fix behind each button, and reasons that stay for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from office.domain import mending, rule_book, secrecy, wording, writing_rules
from office.domain.document import Content, Selection
from office.domain.draft_facts import Facts
from office.domain.errors import Invalid
from office.domain.faults import Action, Moment
from office.domain.faults import Fault as Found
from office.domain.organs import Level
from office.domain.people import Actor
from office.domain.rule_book import RuleBook
from office.service import access, drafting, gathering, recipients
from office.service.approvals import by
from office.store import documents, history
from office.store.work import Work

SHORTEST_REASON, LONGEST_REASON = 2, 300
ALL = "all"  # the fix that presses every safe button


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault as pages show it. `part`, `block` and `quote` say where; `goes_to` names a page that helps."""

    rule: str
    action: str
    says: str
    article: str
    stops: bool
    fix: str
    fix_text: str
    other_fix: str
    other_text: str
    goes_to: str
    needs_reason: bool
    reason: str
    part: str
    block: int | None
    quote: str


@dataclass(frozen=True, slots=True)
class Report:
    """All faults, how many rules found nothing, how many faults stop, how many a single press can mend.

    `allowed` are the sentences that plainly say something is permitted.
    """

    faults: tuple[Fault, ...]
    passed: int
    stops: int
    mendable: int = 0
    allowed: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def book() -> RuleBook:
    """The rules, read once."""
    return rule_book.parse(gathering.rule_text())


def report(
    work: Work, document_id: int, actor: Actor, moment: str = "typing", countersigned: frozenset[int] | None = None
) -> Report:
    """Check a document as it is stored. `countersigned`: the organs asked, where that was just chosen."""
    found = access.document(work, document_id, by=actor)
    content = documents.content(work, found.id, found.content_seq)
    return of_facts(gathering.facts(work, found, content, Moment(moment), countersigned))


def of_facts(facts: Facts) -> Report:
    """The report of gathered facts."""
    found = writing_rules.check(facts, book())
    shown = tuple(_shown(fault) for fault in found if fault.action is not Action.ALLOW)
    return Report(
        shown,
        writing_rules.passed(found),
        sum(fault.stops for fault in shown),
        sum(mending.is_safe(fault) for fault in found),
        tuple(fault.says for fault in found if fault.action is Action.ALLOW),
    )


def _shown(fault: Found) -> Fault:
    fixes = fault.finding.fixes
    first = fixes[0] if fixes else None
    second = fixes[1] if len(fixes) > 1 else None
    return Fault(
        rule=fault.rule, action=str(fault.action), says=fault.says, article=fault.article, stops=fault.stops,
        fix=first.id if first else "", fix_text=first.text if first else fault.remedy,
        other_fix=second.id if second else "", other_text=second.text if second else "",
        goes_to=fault.finding.goes_to, needs_reason=fault.needs_reason, reason=fault.reason,
        part=str(fault.finding.part), block=fault.finding.block, quote=fault.finding.quote,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ApplyFix:
    """Press the button of a fault; ALL presses every safe one."""

    document_id: int
    fix: str
    base_seq: int


def apply_fix(work: Work, command: ApplyFix, actor: Actor) -> drafting.Saved:
    """Mend the stored content as a version of its own, so that it can be compared and taken back."""
    found = access.own_draft(work, command.document_id, by=actor)
    content = documents.content(work, found.id, found.content_seq)
    gathered = gathering.facts(work, found, content, Moment.TYPING, None)
    changed = mending.mend_all(gathered, book()) if command.fix == ALL else mending.mend(gathered, command.fix)
    save = drafting.SaveDraft(found.id, changed, command.base_seq, note="按提示改", keep=changed != content)
    return drafting.save(work, save, actor)


@dataclass(frozen=True, slots=True)
class GiveReason:
    """Why a rule is not followed here, or which record stands behind it."""

    document_id: int
    rule: str
    reason: str


def give_reason(work: Work, command: GiveReason, actor: Actor) -> None:
    """Keep the reason with the document for ever; a required one then no longer stops."""
    found = access.own_draft(work, command.document_id, by=actor)
    reason = " ".join(command.reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(f"理由要写 {SHORTEST_REASON} 到 {LONGEST_REASON} 个字。")
    if command.rule not in book() or book()[command.rule].action not in (Action.REQUIRE, Action.WARN):
        raise Invalid("这一条不能用理由代替，要先改好。")
    judged = secrecy.judge([secrecy.Part("理由", reason)])
    if judged is not None and judged.tier is secrecy.Tier.HARD:
        raise Invalid(judged.sentence, code="F01", article=book()["F01"].article)
    body = [{"rule": command.rule, "reason": reason}]
    entry = history.Entry(kind=gathering.REASON_GIVEN, by=by(actor), document_id=found.id, body=body)
    history.record(work, entry)


def chosen_by_name(work: Work, found: documents.Document, content: Content) -> Content:
    """Typed recipients become chosen ones while none is chosen yet and each name means one organ or one whole tier."""
    gathered = gathering.facts(work, found, content, Moment.TYPING, None)
    tiers = recipients.tiers_by_name(work, found.organ_id)
    changed = content
    if not content.principals:
        changed = replace(changed, principals=_chosen(gathered, tiers, content.principal_text))
    if not content.copies:
        changed = replace(changed, copies=_chosen(gathered, tiers, content.copy_text))
    return changed


def _chosen(facts: Facts, tiers: Mapping[str, tuple[int, Level]], text: str) -> Selection:
    names = wording.names_in(text)
    whole = tuple(tiers[name] for name in names if name in tiers)
    meant = [wording.bearers(name, facts) for name in names if name not in tiers and not wording.is_generic(name)]
    ids = tuple(dict.fromkeys(organs[0] for organs in meant if len(organs) == 1))
    clear = len(whole) + len(meant) > 0 and all(len(organs) == 1 for organs in meant)
    return Selection(ids, whole) if clear else Selection()
