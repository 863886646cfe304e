"""The fixes behind the buttons: facts and an id in, the mended content out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from office.domain import fixes_text, ordinals, wording
from office.domain.document import LAYOUT_OF, Block, BlockKind, Content, Kind, Layout, Selection, Urgency
from office.domain.draft_facts import Facts, Relation
from office.domain.errors import Invalid
from office.domain.rules_burden import ASKS_REPORTS
from office.domain.rules_format import EMPTY_PAGE, URGENT_WORD, closing_lines
from office.domain.rules_kind import NOT_A_KIND, REQUEST_PHRASE

DROPPED: Mapping[str, re.Pattern[str]] = {"G11": REQUEST_PHRASE, "B04": ASKS_REPORTS}
_STOPS = "。．.；，、 　"


def mend(facts: Facts, fix_id: str) -> Content:
    """The content after the fix; Invalid when there is no such fix, unchanged when nothing is left to mend."""
    name, _, rest = fix_id.partition(":")
    if fix_id in PLAIN:
        return PLAIN[fix_id](facts)
    if name in WITH_ARGUMENT and rest:
        return WITH_ARGUMENT[name](facts, rest)
    raise Invalid("这个改法已经用不上了。请刷新后再看。")


def _kind(name: str) -> Kind:
    try:
        return Kind(name)
    except ValueError:
        raise Invalid("没有这个文种。") from None


def _to_kind(facts: Facts, name: str) -> Content:
    """改成请示: the kind, its layout and the title's ending."""
    changed = _only_kind(facts, name)
    return replace(changed, title=_with_ending(changed.title, changed.kind))


def _only_kind(facts: Facts, name: str) -> Content:
    kind = _kind(name)
    usual = Layout.GENERAL if facts.content.kind in LAYOUT_OF else facts.content.layout
    return replace(facts.content, kind=kind, layout=LAYOUT_OF.get(kind, usual))


def _with_ending(title: str, kind: Kind) -> str:
    text = title.rstrip(_STOPS)
    ending = wording.ending_in(text)
    if not ending or not text.endswith(ending):
        return text
    stem = text.removesuffix(ending)
    for mixed in ("请示", "复"):  # 请示报告, 复函
        stem = stem.removesuffix(mixed)
    return stem + kind.value


def _title_kind(facts: Facts) -> Content:
    return replace(facts.content, title=_with_ending(facts.content.title, facts.content.kind))


def _title_annex(facts: Facts) -> Content:
    """XX实施方案 becomes 关于印发《XX实施方案》的通知; the kind follows."""
    title = facts.content.title.strip().rstrip(_STOPS)
    if not NOT_A_KIND.search(wording.bare(title)):
        return facts.content
    inner = title.removeprefix(facts.issuer.title).removeprefix(facts.issuer.name)
    changed = _only_kind(facts, Kind.NOTICE.value)
    return replace(changed, title=f"{facts.issuer.title}关于印发《{inner}》的通知")


def _title_complete(facts: Facts) -> Content:
    content, issuer = facts.content, facts.issuer
    title = content.title.strip().rstrip(_STOPS)
    if wording.kind_in(title) is None:
        title = f"{title.removesuffix('的')}的{content.kind.value}"
    if title.startswith(issuer.name) and not title.startswith(issuer.title):
        title = title.removeprefix(issuer.name)
    head = "" if title.startswith(issuer.title) else issuer.title
    inner = title.removeprefix(issuer.title)
    about = "" if re.search(r"关于|批转|转发|印发", inner) else "关于"
    return replace(content, title=f"{issuer.title if head or inner != title else ''}{about}{inner}")


def _title_urgency(facts: Facts) -> Content:
    content = facts.content
    found = URGENT_WORD.search(content.title)
    chosen = content.urgency
    if found and chosen is Urgency.NORMAL:
        chosen = Urgency.IMMEDIATE if "特" in found.group() else Urgency.PRESSING
    return replace(content, title=URGENT_WORD.sub("", content.title).strip(), urgency=chosen)


def _title_stop(facts: Facts) -> Content:
    return replace(facts.content, title=facts.content.title.rstrip(_STOPS))


def _title_verb(facts: Facts, verb: str) -> Content:
    if verb not in ("批转", "转发", "印发"):
        raise Invalid("标题动词只有批转、转发、印发。")
    return replace(facts.content, title=re.sub(r"批转|转发|印发", verb, facts.content.title, count=1))


def _choose(facts: Facts, ids: tuple[int, ...], text: str | None = None) -> Content:
    printed = facts.content.principal_text if text is None else text
    return replace(facts.content, principals=Selection(ids), principal_text=printed)


def _to_direct(facts: Facts) -> Content:
    if not facts.above:
        return facts.content
    return _choose(facts, (facts.above[0].id,), facts.above[0].title)


def _to_first(facts: Facts) -> Content:
    """The first stays 主送, the others become 抄送."""
    if len(facts.principals) < 2:
        return facts.content
    first, *others = (p.organ for p in facts.principals)
    known = {p.organ.id for p in facts.copies}
    more = tuple(o for o in others if o.id not in known)
    copies = replace(facts.content.copies, organ_ids=(*facts.content.copies.organ_ids, *(o.id for o in more)))
    text = _listed(facts.content.copy_text, [o.title for o in more])
    return replace(_choose(facts, (first.id,), first.title), copies=copies, copy_text=text)


def _to_named(facts: Facts) -> Content:
    """The recipients as typed, chosen from the directory where a name means one organ."""
    ids = [organs[0] for _, organs in wording.named(facts) if len(organs) == 1]
    generic = any(wording.is_generic(name) for name in wording.names_in(facts.content.principal_text))
    kept = facts.content.principals if generic else Selection()
    more = tuple(i for i in ids if i not in kept.organ_ids)
    return replace(facts.content, principals=replace(kept, organ_ids=(*kept.organ_ids, *more)))


def _to_print(facts: Facts) -> Content:
    return replace(facts.content, principal_text="，".join(p.organ.title for p in facts.principals[:60]))


def _to_marks(facts: Facts) -> Content:
    text = re.sub(r"[ \u3000]+", "", facts.content.principal_text).rstrip("，,、；;。.：:")
    text = text.replace(",", "，").replace(";", "；")
    return replace(facts.content, principal_text=re.sub(r"([、，])[、，]+", r"\1", text))


def _to_none(facts: Facts) -> Content:
    return replace(facts.content, principals=Selection(), principal_text="")


def _listed(text: str, more: list[str]) -> str:
    return "，".join([*([text.rstrip("。. ")] if text.strip() else []), *more])


def _copy_to(facts: Facts, organs: list[tuple[int, str]]) -> Content:
    known = {p.organ.id for p in facts.copies}
    more = [(i, title) for i, title in organs if i not in known]
    copies = facts.content.copies
    chosen = replace(copies, organ_ids=(*copies.organ_ids, *(i for i, _ in more)))
    return replace(facts.content, copies=chosen, copy_text=_listed(facts.content.copy_text, [t for _, t in more]))


def _copy_skipped(facts: Facts) -> Content:
    """The superiors between the issuer and the one addressed (条例14)."""
    main = {p.organ.id for p in facts.principals}
    skipped: list[tuple[int, str]] = []
    for organ in facts.above:
        if organ.id in main:
            return _copy_to(facts, skipped)
        skipped.append((organ.id, organ.title))
    return facts.content


def _copy_superior(facts: Facts) -> Content:
    return _copy_to(facts, [(organ.id, organ.title) for organ in facts.above[:1]])


def _without_copies(facts: Facts, gone: set[int]) -> Content:
    copies = facts.content.copies
    kept = tuple(i for i in copies.organ_ids if i not in gone)
    excluded = tuple(sorted({*copies.excluded, *gone})) if copies.tiers else copies.excluded
    names = {n for p in facts.copies if p.organ.id in gone for n in (p.organ.title, p.organ.name)}
    shown = [name for name in wording.names_in(facts.content.copy_text) if name not in names]
    chosen = Selection(kept, copies.tiers, excluded)
    return replace(facts.content, copies=chosen, copy_text="，".join(shown))


def _copy_no_lower(facts: Facts) -> Content:
    return _without_copies(facts, {p.organ.id for p in facts.copies if p.relation is Relation.LOWER})


def _copy_once(facts: Facts) -> Content:
    main = {p.organ.id for p in facts.principals} | {facts.issuer.id}
    return _without_copies(facts, {p.organ.id for p in facts.copies if p.organ.id in main})


def _joint_level(facts: Facts) -> Content:
    even = tuple(organ.id for organ in facts.joint if organ.level is facts.issuer.level)
    return replace(facts.content, joint_organ_ids=even)


def _attachments_real(facts: Facts) -> Content:
    return replace(facts.content, attachment_names=facts.attachments)


def _drop(facts: Facts, rest: str) -> Content:
    """drop:RULE:BLOCK takes out of that paragraph the sentences the rule is about."""
    rule, _, number = rest.partition(":")
    body = facts.content.body
    at = int(number) if number.isascii() and number.isdigit() else -1
    if not 0 <= at < len(body) or rule not in {*DROPPED, "F14"}:
        return facts.content
    text = body[at].text
    left = EMPTY_PAGE.sub("", text) if rule == "F14" else wording.without_sentences(text, DROPPED[rule])
    mended = (replace(body[at], text=left),) if left.strip() else ()
    return replace(facts.content, body=(*body[:at], *mended, *body[at + 1 :]))


def _drop_closing(facts: Facts) -> Content:
    gone = set(closing_lines(facts))
    return replace(facts.content, body=tuple(b for i, b in enumerate(facts.content.body) if i not in gone))


def _end(facts: Facts, sentence: str) -> Content:
    if sentence not in ("妥否，请批示。", "特此函达。", "特此函复。"):
        raise Invalid("没有这个结尾语。")
    return replace(facts.content, body=(*facts.content.body, Block(BlockKind.PARAGRAPH, sentence)))


def _reply_lead(facts: Facts) -> Content:
    if facts.answered is None:
        return facts.content
    number = f"（{facts.answered.number}）" if facts.answered.number else ""
    lead = f"你单位《{facts.answered.title}》{number}收悉。经研究，现批复如下："
    return replace(facts.content, body=(Block(BlockKind.PARAGRAPH, lead), *facts.content.body))


def _levels(facts: Facts) -> Content:
    return replace(facts.content, body=ordinals.in_order(facts.content.body))


def _in_text(change: Callable[[str], str]) -> Callable[[Facts], Content]:
    def run(facts: Facts) -> Content:
        return replace(facts.content, body=tuple(replace(b, text=change(b.text)) for b in facts.content.body))

    return run


PLAIN: Mapping[str, Callable[[Facts], Content]] = {
    "title:kind": _title_kind,
    "title:annex": _title_annex,
    "title:complete": _title_complete,
    "title:urgency": _title_urgency,
    "title:stop": _title_stop,
    "to:direct": _to_direct,
    "to:first": _to_first,
    "to:named": _to_named,
    "to:print": _to_print,
    "to:marks": _to_marks,
    "to:none": _to_none,
    "copy:skipped": _copy_skipped,
    "copy:superior": _copy_superior,
    "copy:no_lower": _copy_no_lower,
    "copy:once": _copy_once,
    "joint:level": _joint_level,
    "attachments:real": _attachments_real,
    "drop:closing": _drop_closing,
    "reply:lead": _reply_lead,
    "levels": _levels,
    "quote:order": _in_text(fixes_text.title_first),
    "quote:brackets": _in_text(fixes_text.brackets),
    "days": _in_text(fixes_text.days),
    "percents": _in_text(fixes_text.percents),
}
WITH_ARGUMENT: Mapping[str, Callable[[Facts, str], Content]] = {
    "kind": _to_kind,
    "only_kind": _only_kind,
    "verb": _title_verb,
    "drop": _drop,
    "end": _end,
}
