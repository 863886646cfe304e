"""What single lines of a paper are: number, date, recipients, signature, colophon, what web pages leave behind."""

import re
from decimal import Decimal
from typing import Final

from office.domain.body import kind_of
from office.domain.document import BlockKind, Kind, Urgency

_DIGITS = "〇○ＯOo0零一二三四五六七八九0-9０-９"
_CN_DAY = "[一二三四五六七八九十〇○0-9０-９]{1,3}"
_DATE = re.compile(
    rf"^[（(]?\s*(?:(?:19|20)\d\d\s*年\s*\d{{1,2}}\s*月\s*\d{{1,2}}\s*日|[{_DIGITS}]{{4}}\s*年\s*{_CN_DAY}\s*月\s*{_CN_DAY}\s*日"
    r"|(?:19|20)\d\d\s*年\s*[Xx×\s_]*月\s*[Xx×\s_]*日|[\[【〔]\s*(?:成文)?日期\s*[\]】〕])\s*[)）]?$"
)
_NUMBER = re.compile(
    r"^[^，。：]{0,30}[〔\[［（(【]\s*(?:19|20)\d\d\s*[〕\]］）)】]\s*第?\s*[\dXx×\s]{1,6}\s*[号期次](?:\s.*)?$"
    r"|^第\s*[\d一二三四五六七八九十百]{1,5}\s*[号期次]$|^[（(]第?\s*\d{1,4}\s*[号期次][）)]$"
)
_MARK = re.compile(r"(?:文\s*件|简\s*报|会\s*议\s*纪\s*要|纪\s*要)$|文\s*件(?=\s|[^（(的，。、]{0,16}$)")
_URGENT = re.compile(r"^(?:\d{1,6}\s+)?(特\s*急|加\s*急)(?:\s.*)?$")
_SERIAL = re.compile(r"^(?:№\s*)?\d{4,6}$")
_DATED = re.compile(r"^[^，。；：]{2,30}\s*(?:19|20)\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日$")  # of minutes
_NAMES = re.compile(r"^[\u4e00-\u9fff]{1,4}(?:\s+[\u4e00-\u9fff]{1,4}){0,2}$")
_SIGNATORY = re.compile(r"签\s*发\s*人\s*[:：]")
_RECIPIENT = re.compile(r"^[^。；？！]{2,1000}[:：]$")
_NOT_RECIPIENT = re.compile(
    r"(?:如下|通知|意见|包括|事项|以下|要求|内容|是|为|说明|报告|请示|规定|标准|工作|办法|原则|目标|措施|公式)[:：]$|^附\s*件|^(?:抄|联系|注|主\s*题\s*词)"
)
_WEB = re.compile(
    r"^[【\[]?\s*(?:发\s*文\s*单\s*位|发\s*文\s*机\s*关|发\s*布\s*单\s*位|发\s*布\s*机\s*构|发\s*文\s*字\s*号|文\s*号|发\s*布\s*日\s*期|执\s*行\s*日\s*期"
    r"|生\s*效\s*日\s*期|实\s*施\s*日\s*期|颁\s*布\s*日\s*期|成\s*文\s*日\s*期|失\s*效\s*日\s*期|时\s*效\s*性|效\s*力\s*级\s*别|索\s*引\s*号|主\s*题\s*分\s*类|公\s*开\s*方\s*式"
    r"|信\s*息\s*来\s*源|来\s*源|浏\s*览\s*次\s*数|点\s*击\s*数|字\s*体|发\s*布\s*时\s*间|责\s*任\s*编\s*辑)\s*[】\]]?\s*[:：]"
)
_ORGAN_END = re.compile(
    r"(?:政府|委员会|办公室|办公厅|局|厅|委|部|院|处|中心|公司|会|站|所|校|学|支部|总队|支队|大队|组|室|署|行|团|社区|镇|乡|街道|村|银行|医院|指挥部)$"
)
_SEAL = re.compile(r"^[〔（(\[【][^〕）)\]】]*(?:印章|盖章|公章|加盖|印)[^〕）)\]】]*[〕）)\]】]$")
_PLACEHOLDER_LINE = re.compile(r"^[\[【〔][^\]】〕]{1,20}[\]】〕]$")
_NOTE = re.compile(r"^[（(](.+)[)）]$")
_COPY = re.compile(r"^(?:抄\s*送|抄\s*报|分\s*送)\s*[:：]\s*(.*)$")
_PRINTED = re.compile(r"(?:年.{1,8}日\s*印\s*[发制]|校\s*对\s*[:：].{0,20}|共\s*印\s*\d+\s*份[。)）]?)$")
_ATTENDANCE = re.compile(r"^(出\s*席|请\s*假|列\s*席)(?:人\s*员|单\s*位)?\s*[:：]\s*(.*)$")
_ATTACHED = re.compile(r"^附\s*件\s*[:：]\s*(.*)$")
_LISTED = re.compile(r"^\d{1,2}\s*[.．、](?!\d)\s*(.+)$")
_ANNEX = re.compile(r"^附\s*(?:件|表|录)\s*(?:\d{0,2}|[一二三四五六七八九十]{0,2})\s*[:：]?$")
_CONTENTS = re.compile(r"(?:\t|\.{4,}|…{2,}|·{4,})\s*\d{1,3}$")
_KIND_END = re.compile(r"[（(][^（()）]{0,20}[)）]$")
_PLACEHOLDER = re.compile(
    r"【[^】\n]{0,20}】|\[[^\]\n\d]{1,20}\]|〔(?!\d{4})[^〕\n]{0,20}〕|[Xx×ＸＸ✕]{2,}|_{3,}|＿{2,}|[（(](?:此处|待)[^）)\n]{0,20}[）)]"
)
_AMOUNT = re.compile(
    r"(?:申请|请求|恳请|安排|拨付|拨款|补助|解决|追加|下达|给予|支持)[^。；\n]{0,60}?(\d[\d,，]{0,14}(?:\.\d{1,6})?)\s*(亿元|万元|元)"
)
_YUAN: Final = {"元": 1, "万元": 10_000, "亿元": 100_000_000}
_SAYS = re.compile(r"[。，；：:！？]")
_SPACE = re.compile(r"\s+")


def bare(text: str) -> str:
    """The text without any white space."""
    return _SPACE.sub("", text)


def is_date(text: str) -> bool:
    """A line that is only a date: Arabic, 二〇二六年, or one to be filled in."""
    return bool(_DATE.match(bare(text)))


def is_number(text: str) -> bool:
    """发文字号, 令号, or the number of minutes."""
    return len(text) <= 60 and bool(_NUMBER.match(text))


def is_mark(text: str) -> bool:
    """发文机关标志: ends with 文件 or the name of a bulletin."""
    return len(text) <= 60 and "关于" not in text and bool(_MARK.search(text))


def is_heading_matter(text: str) -> bool:
    """份号, 紧急程度, number, 签发人, issuer and date of minutes: what stands above the red line."""
    marked = _SERIAL.match(text) or _URGENT.match(text) or _SIGNATORY.search(text) or _DATED.match(text)
    return bool(marked) or is_number(text)


def names_signatories(text: str) -> bool:
    """A line with the label 签发人."""
    return bool(_SIGNATORY.search(text))


def is_names(text: str) -> bool:
    """A few short names and nothing else: further 签发人 under the first line."""
    return bool(_NAMES.match(text))


def urgency(text: str) -> Urgency:
    """The urgency a line of the heading states."""
    found = _URGENT.match(text)
    if found is None:
        return Urgency.NORMAL
    return Urgency.IMMEDIATE if "特" in found[1] else Urgency.PRESSING


def is_recipient(text: str) -> bool:
    """主送: ends with a colon, names somebody, announces nothing."""
    if not _RECIPIENT.match(text) or _NOT_RECIPIENT.search(text) or _WEB.match(text):
        return False
    return kind_of(text) is BlockKind.PARAGRAPH


def is_web_matter(text: str) -> bool:
    """A label that document collections on the web put above the text."""
    return bool(_WEB.match(text))


def is_contents(text: str) -> bool:
    """A line of a table of contents."""
    return bool(_CONTENTS.search(text)) or bare(text) == "目录"


def is_seal_hint(text: str) -> bool:
    """（印章）, 〔此处加盖红色印章〕."""
    return bool(_SEAL.match(text))


def is_signature(text: str, *, right: bool) -> bool:
    """署名: a short line that names organs and says nothing."""
    if (
        not 2 <= len(bare(text)) <= 40
        or re.search(r"[。，；：:！？]", text)
        or kind_of(text) is not BlockKind.PARAGRAPH
    ):
        return False
    return right or bool(_ORGAN_END.search(bare(text)) or _PLACEHOLDER_LINE.match(text))


def note(text: str) -> str:
    """附注 without its brackets; empty for any other line."""
    found = _NOTE.match(text)
    return found[1].strip() if found and not is_date(text) else ""


def copies(text: str) -> str | None:
    """抄送 without label and full stop; None for any other line."""
    found = _COPY.match(text)
    return found[1].strip().rstrip("。") if found else None


def is_colophon(text: str) -> bool:
    """印发机关 and 印发日期."""
    return len(text) < 80 and bool(_PRINTED.search(text))


def attendance(text: str) -> tuple[str, str] | None:
    """出席、请假、列席 of minutes: label and names."""
    found = _ATTENDANCE.match(text)
    return (bare(found[1]), found[2].strip().rstrip("。")) if found else None


def attached(text: str) -> str | None:
    """The first name of 附件说明, None for any other line."""
    found = _ATTACHED.match(text)
    return found[1].strip() if found else None


def listed(text: str) -> str | None:
    """A further name of 附件说明 (2. …)."""
    found = _LISTED.match(text)
    return found[1].strip().rstrip("；;。") if found else None


def is_annex(text: str) -> bool:
    """附件1 above an annex."""
    return bool(_ANNEX.match(bare(text)))


_ENDINGS = (
    ("命令", Kind.ORDER), ("令", Kind.ORDER), ("复函", Kind.LETTER), *((str(k), k) for k in Kind),
)  # fmt: skip


def kind_of_title(title: str) -> Kind | None:
    """文种 by the end of the title, brackets such as （试行） aside."""
    text = bare(title)
    while _KIND_END.search(text):
        text = _KIND_END.sub("", text)
    return next((kind for ending, kind in _ENDINGS if text.endswith(ending)), None)


def placeholders(text: str) -> tuple[str, ...]:
    """What is still to be filled in, each once, in order."""
    return tuple(dict.fromkeys(found.group() for found in _PLACEHOLDER.finditer(text)))


def amount(text: str) -> int:
    """The sum in yuan that a request asks for; 0 when none is named."""
    found = _AMOUNT.search(text)
    if found is None:
        return 0
    return int(Decimal(re.sub("[,，]", "", found[1])) * _YUAN[found[2]])
