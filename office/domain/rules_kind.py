"""G: is it the right 文种, from the right issuer to the right organ?"""

import re
from collections.abc import Iterator

from office.domain import wording
from office.domain.document import Direction, Kind
from office.domain.draft_facts import DOWN, UP, Facts, Relation
from office.domain.faults import Action, Finding, Fix, Part
from office.domain.organs import OrganKind

# 方案, 办法 … are no kinds: they travel as annexes of a 通知 (条例8).
NOT_A_KIND = re.compile(
    r"(?:方案|办法|要点|计划|规划|规定|细则|制度|预案|规程|意见书|总结|安排|汇报|申请|申请书|说明|须知|提纲)$"
)
TO_LETTER = Fix("kind:函", "改成函")
TO_REQUEST = Fix("kind:请示", "改成请示")
TO_NOTICE = Fix("kind:通知", "改成通知")
# 请批准, 请批示, 请予支持, 妥否; but not 报…批准后实施, 申请批准的, nor what stands inside 《》.
REQUEST_PHRASE = re.compile(
    r"(?:妥否|当否|可否|是否妥当)[，,]?\s*(?:请|敬请|恳请)"
    r"|(?<![申报提呈邀聘])(?:恳请|敬请|请)(?:予以?|求)?(?:批准|批示|批复|审批|核准|审示)(?!后|的|文件|单位|机关|手续|权限|程序)"
    r"|(?<![申报提呈邀聘])请(?:省|市|县|区|镇|上级|贵|政府|领导)[^，。；]{0,10}?(?:予以)?(?:批准|审批|批复|批示|核准)(?!后|的)"
    r"|(?:请|恳请|敬请)(?:予以?)(?:支持|解决|拨付|安排|同意)"
    r"|(?:特此|专此)请示"
)
_ASKS = re.compile(
    r"(?:^|[，,、.．）])(?:[一二三四五六七八九]是)?(?:恳请|拟请|敬请|特请|申请|请)[^。；]{0,60}?"
    r"(?:批准|拨付|安排|解决|同意|划拨|核定|增加|补助)"
)
_CLOSING = re.compile(r"妥否|当否|可否|以上请示|请批示|请批复|请审批")
_BESIDES = re.compile(r"^(?:另外|此外|同时|另)[，,]?(?:还|再|一并)?(?:恳请|拟请|敬请|申请|请)")
_TOGETHER = re.compile(r"以上(?:两|二|三|四|五|几|\d)(?:项|件|个)?(?:事项|请求|问题)?")
# A person's name or post before 指出, but not 会议, which is how minutes speak.
_SPEAKER = re.compile(
    r"(?:[\u4e00-\u9fff]{1,3}(?:同志|市长|书记|局长|主任|县长|区长|镇长|主席|委员|部长|科长))"
    r"(?:在[^，。]{0,12})?(?:指出|强调|认为|提出|表示|要求|说|讲)"
)
_TOGETHER_SPOKEN = re.compile(r"会|各位|全体|大家")
_ITEM = re.compile(r"(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d{1,2}[.．、]|[一二三四五]是)")
_VERB = re.compile(r"(批转|转发|印发)")


def powers(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """G01-G03: the kind itself and the issuer's power to use it."""
    content, issuer = facts.content, facts.issuer
    title = wording.bare(content.title)
    if wording.kind_in(title) is None and (found := NOT_A_KIND.search(title)):
        fix = Fix("title:annex", f"改成印发{found.group()}的通知")
        yield "G01", Finding(Part.TITLE, quote=found.group(), fixes=(fix,))
    orders = issuer.kind is OrganKind.GOVERNMENT and not issuer.title.endswith("办事处")
    if content.kind is Kind.ORDER and not orders:
        yield "G02", Finding(Part.TITLE, fixes=(TO_NOTICE,))
    if content.kind is Kind.BILL and not _is_bill(facts):
        yield "G03", Finding(Part.PRINCIPAL, fixes=(TO_REQUEST,), goes_to="recipients")


def _is_bill(facts: Facts) -> bool:
    if facts.issuer.kind is not OrganKind.GOVERNMENT:
        return False
    if facts.principals:
        return all(p.organ.kind is OrganKind.CONGRESS and p.organ.level is facts.issuer.level for p in facts.principals)
    text = facts.content.principal_text
    return not text or "人大" in text or "人民代表大会" in text


def directions(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """G04, G06, G07: the kind against the relation of the two sides."""
    kind = facts.content.kind
    for party in facts.principals:
        quote = party.organ.title
        if kind is Kind.LETTER and party.relation in UP | DOWN:
            fix = Fix("kind:请示", "改成请示") if party.relation in UP else TO_NOTICE
            yield "G06", Finding(Part.PRINCIPAL, quote=quote, fixes=(fix,))
            return
        if kind is Kind.REQUEST and party.relation is Relation.UNRELATED:
            yield "G07", Finding(Part.PRINCIPAL, quote=quote, fixes=(TO_LETTER,), goes_to="recipients")
            return
        if kind in (Kind.REQUEST, Kind.REPORT) and party.relation not in UP:
            fixes = (TO_LETTER,) if party.relation is Relation.UNRELATED else ()
            yield "G04", Finding(Part.PRINCIPAL, quote=quote, fixes=fixes, goes_to="recipients")
            return


def links(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """G05, G08, G09: what must stand behind a 批复, a 决议, 纪要."""
    content = facts.content
    if content.kind is Kind.REPLY and not _answers_its_recipient(facts):
        yield "G05", Finding(Part.PRINCIPAL, fixes=(Fix("kind:函", "改成复函"),), goes_to="answers")
    if content.kind is Kind.RESOLUTION:
        yield "G08", Finding(Part.PAPER)
    if content.kind is Kind.MINUTES and not content.attendance.present:
        yield "G09", Finding(Part.PAPER)


def _answers_its_recipient(facts: Facts) -> bool:
    answered = facts.answered
    if answered is None or answered.kind is not Kind.REQUEST:
        return False
    return not facts.principals or any(p.organ.id in answered.way for p in facts.principals)


def speakers(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """G09b: a person's words in minutes."""
    if facts.content.kind is not Kind.MINUTES:
        return
    for i, text in wording.blocks(facts.content):
        plain = wording.unquoted(text)
        spoken = (found.group() for found in _SPEAKER.finditer(plain))
        if words := next((w for w in spoken if not _TOGETHER_SPOKEN.search(w)), ""):
            yield "G09b", Finding(Part.BODY, i, words)


def passing_on(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """G10: 批转 from below, 转发 from above or unrelated, 印发 one's own."""
    title = wording.bare(facts.content.title)
    verb = _VERB.search(title)
    if facts.content.kind is not Kind.NOTICE or verb is None:
        return
    rest = title[verb.end() :].lstrip("《")
    source = max((n for n in _sources(facts) if rest.startswith(n)), key=len, default="")
    fitting = _fitting(facts, source) if source else ""
    if fitting and fitting != verb[1]:
        yield "G10", Finding(Part.TITLE, quote=verb[1], fixes=(Fix(f"verb:{fitting}", f"改成“{fitting}”"),))


def _sources(facts: Facts) -> Iterator[str]:
    for organ in (facts.issuer, *facts.near.values()):
        yield organ.title
        yield organ.name


def _fitting(facts: Facts, source: str) -> str:
    if source in (facts.issuer.title, facts.issuer.name):
        return "印发"
    organ = next(o for o in facts.near.values() if source in (o.title, o.name))
    return "批转" if organ.is_under(facts.issuer) else "转发"


def request_phrases(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """G11: asking for approval where nothing may be asked."""
    kind = facts.content.kind
    upward_opinion = kind is Kind.OPINION and facts.direction is Direction.UPWARD
    if kind in (Kind.REQUEST, Kind.LETTER, Kind.BILL) or upward_opinion:
        return
    for i, text in wording.blocks(facts.content):
        if found := REQUEST_PHRASE.search(wording.unquoted(text)):
            drop = Fix(f"drop:G11:{i}", "删去这句")
            fixes = (TO_REQUEST, drop) if kind is Kind.REPORT else (drop, TO_REQUEST)
            yield "G11", Finding(Part.BODY, i, found.group(), fixes=fixes)


def matters(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """G12: a second matter in one request."""
    if facts.content.kind is not Kind.REQUEST:
        return
    asked: list[tuple[int, str]] = []
    for i, text in wording.blocks(facts.content):
        plain = wording.unquoted(text)
        if found := _TOGETHER.search(plain):
            yield "G12", Finding(Part.BODY, i, found.group())
            return
        for sentence in wording.sentences(plain):
            if found := _BESIDES.match(sentence.strip("　 ")):
                yield "G12", Finding(Part.BODY, i, found.group())
                return
        if _is_item(text) and _ASKS.search(plain) and not _CLOSING.search(plain):
            asked.append((i, text))
    if len(asked) > 1:
        yield "G12", Finding(Part.BODY, asked[1][0], asked[1][1][:12])


def _is_item(text: str) -> bool:
    return (
        re.match(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|\d{1,2}[.．、]|[一二三四五]是)", text)
        is not None
    )


def mixed_name(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """请示报告 is no kind (G01)."""
    if wording.bare(facts.content.title).endswith(("请示报告", "请示函")):
        fix = Fix("title:kind", f"改成“{facts.content.kind.value}”")
        yield "G01", Finding(Part.TITLE, quote="请示报告", fixes=(fix,), action=Action.REFUSE)
