"""The rule file as rules: id, action, sentence, remedy and the article written out in full."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from office.domain.faults import Action

REGULATION = "《党政机关公文处理工作条例》"
STANDARD = "《党政机关公文格式》（GB/T 9704-2012）"
CUSTOM = "公文写作惯例"
_DIGITS = "零一二三四五六七八九"
_ARTICLE = re.compile(r"^条例(\d+)(?:\((\d+)\))?$")
_CLAUSE = re.compile(r"^GB/T 9704 ([\d.]+)$")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `says` is what is wrong, `remedy` what to do (the part after →)."""

    id: str
    action: Action
    says: str
    remedy: str
    article: str


def chinese(number: int) -> str:
    """1 to 99 in Chinese: 十五, 四十二."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("十" if tens == 1 else f"{_DIGITS[tens]}十")
    return head + (_DIGITS[ones] if ones or not tens else "")


def cite(article: str) -> str:
    """条例15(4) as 《党政机关公文处理工作条例》第十五条第（四）项; several joined by 、; others as they are."""
    shown: list[str] = []
    for one in article.split("; "):
        if found := _ARTICLE.match(one):
            clause = f"第（{chinese(int(found[2]))}）项" if found[2] else ""
            text = f"第{chinese(int(found[1]))}条{clause}"
            known = any(part.startswith(REGULATION) for part in shown)
            shown.append(text if known else REGULATION + text)
        elif found := _CLAUSE.match(one):
            shown.append(f"{STANDARD}第{found[1]}条")
        else:
            shown.append(one)
    return "、".join(shown)


def _rule(row: Mapping[str, str]) -> Rule:
    says, _, remedy = row["says"].partition("→")
    return Rule(row["id"], Action(row["action"]), says.strip(), remedy.strip(), cite(row["article"]))


def _custom(rule_id: str, says: str, remedy: str, article: str = CUSTOM, action: Action = Action.WARN) -> Rule:
    return Rule(rule_id, action, says, remedy, article)


# Checks beyond the file: customs, so at most a warning; NONE alone stops, for there is nothing to send yet.
CUSTOM_RULES = (
    _custom("NONE", "还没有写正文。", "写好正文再送审", cite("条例9(9)"), Action.REFUSE),
    _custom("C01", "请示的结尾一般用“妥否，请批示”。", "加上结尾语"),
    _custom("C02", "批复要引来文的标题和文号，并写明同意不同意。", "补上这一句"),
    _custom("C03", "函的结尾一般用“特此函达”或“特此函复”。", "加上结尾语"),
    _custom("C04", "层次序数不连续或跳级。", "按“一、（一）1.（1）”重排", cite("GB/T 9704 7.3.3")),
    _custom("C05", "引用公文要先引标题，后引文号。", "调换标题和文号"),
    _custom("C06", "标题后面不加句号。", "去掉句号"),
    _custom("C07", "文号的年份要用六角括号〔〕，不写“第”，序号前不加零。", "改成〔年份〕序号", cite("GB/T 9704 7.2.5")),
    _custom("C08", "日期、百分数的写法前后不一致。", "统一写法"),
    _custom("C09", "主送机关之间用顿号或逗号，末尾不用标点。", "改好标点", cite("GB/T 9704 7.3.2")),
    _custom("C10", "正文末尾写了署名或日期，版面上会出现两次。", "删去，由系统按签发记录排"),
    _custom("C11", "请示要在附注里写联系人和电话。", "补上附注"),
    _custom("C12", "公告、公报向社会发布，不写主送机关。", "删去主送"),
)


class RuleBook:
    """All rules by id, those of the file first."""

    def __init__(self, rules: Iterator[Rule]) -> None:
        self._by_id = {rule.id: rule for rule in rules}
        self.from_file = tuple(self._by_id)
        self._by_id |= {rule.id: rule for rule in CUSTOM_RULES}

    def __getitem__(self, rule_id: str) -> Rule:
        return self._by_id[rule_id]

    def __contains__(self, rule_id: object) -> bool:
        return rule_id in self._by_id

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._by_id.values())


def parse(text: str) -> RuleBook:
    """The book in the text of the rule file."""
    return RuleBook(_rule(row) for row in json.loads(text))
