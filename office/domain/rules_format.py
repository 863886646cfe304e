"""F: the parts of the paper (条例9): title, recipients, attachments, signature, copies."""

import re
from collections.abc import Iterator

from office.domain import wording
from office.domain.document import Kind, Layout
from office.domain.draft_facts import PUBLIC_KINDS, Facts
from office.domain.faults import Action, Finding, Fix, Moment, Part

URGENT_WORD = re.compile(r"[（(【\[]?(?:特提|特急|加急|急件|平急)[）)】\]]?")
EMPTY_PAGE = re.compile(r"[（(]?此页无正文[）)]?")
_SIGNED_DAY = re.compile(r"^(?:\d{4}|[二〇○零一二三四五六七八九]{4})年\s*\S{1,3}\s*月\s*\S{1,3}\s*日$")
_SIGNATURE = re.compile(r"^[^，。：；]+(?:人民政府|委员会|办公室|办公厅|办事处|局|厅|中心)$")
_SEE_ANNEX = re.compile(r"(?:见|详见)附件|附件附后|[（(]附件[:：]|附后[）)]")
_NO_ABOUT = PUBLIC_KINDS | {Kind.ORDER, Kind.MINUTES, Kind.RESOLUTION, Kind.BILL}
_LONGEST_SIGNATURE = 30
_SHOWN = 3


def secrecy(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F01: only papers without any mark of secrecy live here."""
    for mark in facts.marks[:_SHOWN]:
        yield "F01", Finding(Part.BODY, quote=mark)


def urgency(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F02: urgency is chosen from the list; in the title it is only against custom."""
    if found := URGENT_WORD.search(wording.unquoted(facts.content.title)):
        fix = Fix("title:urgency", "移到“紧急”一栏")
        yield "F02", Finding(Part.TITLE, quote=found.group(), fixes=(fix,), action=Action.WARN)


def title(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F06, F06b: the title ends in the chosen kind and names issuer and matter."""
    content = facts.content
    if not wording.bare(content.title):
        stops = None if facts.moment is Moment.TYPING else Action.REFUSE
        yield "F06b", Finding(Part.TITLE, says="还没有标题。", action=stops)
        return
    ends = wording.kind_in(content.title)
    if ends is not None and ends is not content.kind:
        fixes = (
            Fix("title:kind", f"标题改成“{content.kind.value}”"),
            Fix(f"only_kind:{ends.value}", f"文种改成{ends.value}"),
        )
        yield "F06", Finding(Part.TITLE, quote=wording.ending_in(content.title), fixes=fixes)
        return
    if content.layout is not Layout.ORDER and (lacking := _lacking(facts)):
        fix = Fix("title:complete", "补全标题")
        yield "F06b", Finding(Part.TITLE, says=f"标题缺{'、'.join(lacking)}。", fixes=(fix,))


def _lacking(facts: Facts) -> list[str]:
    text = wording.bare(facts.content.title)
    kind = facts.content.kind
    lacking = []
    if kind is not Kind.MINUTES and not text.startswith((facts.issuer.title, facts.issuer.name)):
        lacking.append("发文机关")
    if kind not in _NO_ABOUT and "关于" not in text and not re.search(r"批转|转发|印发", text):
        lacking.append("事由（关于……的）")
    if wording.kind_in(text) is None:
        lacking.append("文种")
    return lacking


def recipients(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F07: what is printed as 主送 is in the directory, and is who really gets it."""
    chosen = {p.organ.id for p in facts.principals}
    unknown = [name for name, organs in wording.named(facts) if not organs]
    if unknown:
        yield "F07", Finding(Part.PRINCIPAL, quote="、".join(unknown[:_SHOWN]), goes_to="recipients")
    for name, organs in wording.named(facts):
        if organs and not chosen.intersection(organs):
            fix = Fix("to:named", "照写的选定")
            says = f"主送写了“{name}”，发送名单里没有它。"
            fixes = (fix,) if len(organs) == 1 else ()
            yield "F07", Finding(Part.PRINCIPAL, quote=name, says=says, fixes=fixes, goes_to="recipients")
    if chosen and not facts.content.principal_text.strip() and facts.content.kind not in PUBLIC_KINDS:
        fixes = (Fix("to:print", "写上主送"),)
        says = "已选了主送单位，版面上没有写。"
        yield "F07", Finding(Part.PRINCIPAL, says=says, fixes=fixes, goes_to="recipients")


def attachments(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F08: the list of attachments is the real one, in its order."""
    listed, real = facts.content.attachment_names, facts.attachments
    if listed != real:
        missing = [f"附件{i}“{name}”没有上传" for i, name in enumerate(listed, 1) if name not in real]
        says = f"{missing[0]}。" if missing else ""
        fix = Fix("attachments:real", "按实际附件重列")
        yield "F08", Finding(Part.ATTACHMENTS, says=says, fixes=(fix,), goes_to="attachments")
    elif not real:
        for i, text in wording.blocks(facts.content):
            if found := _SEE_ANNEX.search(wording.unquoted(text)):
                says = "正文说到附件，还没有上传附件。"
                yield "F08", Finding(Part.BODY, i, found.group(), says, goes_to="attachments", action=Action.WARN)
                return


def closing_lines(facts: Facts) -> list[int]:
    """Blocks at the end that are a typed signature or date."""
    body = facts.content.body
    found: list[int] = []
    for i in range(len(body) - 1, max(-1, len(body) - 4), -1):
        text = "".join(body[i].text.split()).strip("（）()")
        day = _SIGNED_DAY.match(text) is not None
        signed = (
            len(text) <= _LONGEST_SIGNATURE
            and _SIGNATURE.search(text) is not None
            and not re.search(r"[，。：；]", text)
        )
        if not (day or signed):
            break
        found.append(i)
    return found[::-1]


def signature(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F09, F10, C10: signature and date are set by the system; another organ's name there is wrong."""
    lines = closing_lines(facts)
    fix = Fix("drop:closing", "删去，由系统排")
    ours = {facts.issuer.title, facts.issuer.name, *(organ.title for organ in facts.joint)}
    for i in lines:
        text = "".join(facts.content.body[i].text.split())
        if _SIGNED_DAY.match(text.strip("（）()")):
            yield "F10", Finding(Part.BODY, i, text, fixes=(fix,))
        elif text in ours:
            yield "C10", Finding(Part.BODY, i, text, fixes=(fix,))
        else:
            yield "F09", Finding(Part.BODY, i, text, fixes=(fix,))


def copies(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F12: nobody is named twice."""
    main = {p.organ.id for p in facts.principals} | {facts.issuer.id}
    twice = [p.organ.name for p in facts.copies if p.organ.id in main]
    if twice:
        yield "F12", Finding(Part.COPIES, quote="、".join(twice[:_SHOWN]), fixes=(Fix("copy:once", "去掉重复的"),))


def empty_page(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """F14: 此页无正文 is never typed; the line pitch is changed instead (GB/T 9704 7.3.5)."""
    for i, text in wording.blocks(facts.content):
        if found := EMPTY_PAGE.search(wording.unquoted(text)):
            says = "版面上不能写“此页无正文”。"
            yield "F14", Finding(Part.BODY, i, found.group(), says, (Fix(f"drop:F14:{i}", "删去"),))
