"""C: customs beyond the rule file, so at most a warning."""

import re
from collections.abc import Iterator

from office.domain import ordinals, wording
from office.domain.document import Kind
from office.domain.draft_facts import PUBLIC_KINDS, Facts
from office.domain.faults import Finding, Fix, Moment, Part

REQUEST_ENDING = re.compile(r"(?:妥否|当否|可否|是否妥当)[，,]?\s*(?:敬请|恳请|请)(?:批示|批复|审批|审示|批准|审定|示)")
LETTER_ENDING = re.compile(r"特此(?:函达|函复|函告|复函|致函|函商|函请|函)|此函|请(?:予)?函复|即希函复|盼复|为盼|为荷")
_QUOTES_REQUEST = re.compile(r"《[^》]*请示》")
_CONSENT = re.compile(r"同意|批准|不予|原则|不同意")
NUMBER = r"[\u4e00-\u9fff]{2,12}[〔\[【（(]\d{4}[〕\]】）)](?:第)?\d+号"
_LEADING = "根据|依据|按照|依照|遵照|参照|贯彻|落实|执行|按|据|见"
NUMBER_FIRST = re.compile(
    rf"(?:^|(?<=[按据照见和与及对将以实行彻，。；：、]))(?!{_LEADING})"
    rf"[（(]?(?P<number>{NUMBER})[）)]?(?:文件|文)?(?P<title>《[^》]{{2,120}}》)"
)
WRONG_NUMBER = re.compile(
    r"(?P<word>[\u4e00-\u9fff]{1,10}(?:发|字|函|令|办|通|任|呈))(?:"
    r"[\[【（(](?P<year1>\d{4})[\]】）)](?:第)?0*(?P<serial1>\d+)号|〔(?P<year2>\d{4})〕(?:第0*|0+)(?P<serial2>\d+)号)"
)
OTHER_DAY = re.compile(
    r"(?<![\d.])(?P<y>\d{4})(?:年0?(?P<m0>\d{1,2})月0(?P<d0>[1-9])日|年0(?P<m1>[1-9])月0?(?P<d1>\d{1,2})日"
    r"|[./-](?P<m2>\d{1,2})[./-](?P<d2>\d{1,2}))(?![\d.])"
)
SHORT_YEAR = re.compile(r"(?<!\d)\d{2}年\d{1,2}月\d{1,2}日")
PERCENT_MARKS = re.compile(r"\d\s*[％﹪]")
PERCENT_WORDS = re.compile(r"百分之[一二三四五六七八九十百零点]+(?!点)")
PERCENT = re.compile(r"\d\s*[%％]")
_BAD_RECIPIENTS = re.compile(r"[，,、；;。.：:]\s*$|[,;:]|[ \u3000]{1,}|、、|，，")


def endings(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """C01-C03: how 请示, 批复 and 函 end or begin."""
    content, text = facts.content, wording.body_text(facts.content)
    if not text:
        return
    last = len(content.body) - 1
    if content.kind is Kind.REQUEST and not REQUEST_ENDING.search(text):
        yield "C01", Finding(Part.BODY, last, fixes=(Fix("end:妥否，请批示。", "加“妥否，请批示。”"),))
    if content.kind is Kind.LETTER and not LETTER_ENDING.search(text):
        end = "特此函复。" if "复函" in content.title or "收悉" in text else "特此函达。"
        yield "C03", Finding(Part.BODY, last, fixes=(Fix(f"end:{end}", f"加“{end}”"),))
    if content.kind is Kind.REPLY and not (_QUOTES_REQUEST.search(text) and _CONSENT.search(text)):
        fixes = (Fix("reply:lead", "引出来文"),) if facts.answered is not None and "收悉" not in text else ()
        yield "C02", Finding(Part.BODY, 0, fixes=fixes)


def numbering(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """C04: 一、（一）1.（1） in order, without a jump."""
    for slip in ordinals.slips(facts.content.body):
        fix = Fix("levels", f"改成“{slip.wanted}”" if slip.wanted else "重排序数")
        yield "C04", Finding(Part.BODY, slip.block, slip.found, slip.says, (fix,))


def quotations(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """C05, C07: how other papers are quoted."""
    for i, text in wording.blocks(facts.content):
        if found := NUMBER_FIRST.search(text):
            yield "C05", Finding(Part.BODY, i, found.group()[:24], fixes=(Fix("quote:order", "调换"),))
        if found := WRONG_NUMBER.search(text):
            year, serial = year_and_serial(found)
            fix = Fix("quote:brackets", f"改成〔{year}〕{serial}号")
            yield "C07", Finding(Part.BODY, i, found.group(), fixes=(fix,))


def year_and_serial(found: re.Match[str]) -> tuple[str, str]:
    """Of a number in the wrong form: year and serial without zeros."""
    return found["year1"] or found["year2"], found["serial1"] or found["serial2"]


def stops(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """C06: a title is no sentence."""
    title = facts.content.title.rstrip()
    if title.endswith(("。", "．", ".", "；", "，")):
        yield "C06", Finding(Part.TITLE, quote=title[-1], fixes=(Fix("title:stop", "去掉"),))


def forms(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """C08: one way to write days, one way to write percentages."""
    text = wording.body_text(facts.content)
    percents = bool(PERCENT_MARKS.search(text)) or bool(PERCENT.search(text) and PERCENT_WORDS.search(text))
    for i, line in wording.blocks(facts.content):
        if found := OTHER_DAY.search(line):
            yield "C08", Finding(Part.BODY, i, found.group(), "日期写法不合规范。", (Fix("days", "改成×年×月×日"),))
            break
        if found := SHORT_YEAR.search(line):
            yield "C08", Finding(Part.BODY, i, found.group(), "年份要写四位数。")
            break
    for i, line in wording.blocks(facts.content):
        if percents and (found := PERCENT_WORDS.search(line) or PERCENT_MARKS.search(line)):
            fixes = (Fix("percents", "统一成“%”"),)
            yield "C08", Finding(Part.BODY, i, found.group(), "百分数的写法前后不一致。", fixes)
            break


def recipient_marks(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """C09, C12: commas between recipients, nothing behind the last; none at all on 公告 and 公报."""
    text = facts.content.principal_text.strip()
    if text and facts.content.kind in PUBLIC_KINDS and facts.content.kind is not Kind.PUBLIC_NOTICE:
        yield "C12", Finding(Part.PRINCIPAL, fixes=(Fix("to:none", "删去主送"),))
    elif _BAD_RECIPIENTS.search(text):
        yield "C09", Finding(Part.PRINCIPAL, quote=text[-12:], fixes=(Fix("to:marks", "改好标点"),))


def contact(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """C11: whom to ask about a 请示."""
    if facts.content.kind is Kind.REQUEST and "联系" not in facts.content.note:
        yield "C11", Finding(Part.NOTE)


def nothing(facts: Facts) -> Iterator[tuple[str, Finding]]:
    """NONE: an empty paper is not sent."""
    if facts.moment is not Moment.TYPING and not facts.content.body:
        yield "NONE", Finding(Part.BODY)
