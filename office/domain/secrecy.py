"""密级标志: which texts must not come in (hard), which a person must vouch for (soft). Pure, over labelled texts.

Marks are written 密级★期限 (机密★1年, 绝密★长期). The text is folded before matching: NFKC, invisible characters
away, traditional characters to simplified; the letters of a level may stand apart with spaces or dots.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

FILE_NAME = "文件名"
BODY = "正文"


class Tier(StrEnum):
    """What follows from a finding."""

    HARD = "HARD"  # refused, nothing kept
    SOFT = "SOFT"  # a person confirms with a reason


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text and the Chinese name of the place it stands in."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found and where; never the words themselves."""

    tier: Tier
    rule: str
    where: str

    @property
    def sentence(self) -> str:
        """What a person reads: what happened, why, what next."""
        if self.tier is Tier.HARD:
            return f"{self.where}里有密级标志。本系统只办非涉密公文，没有收下。请按保密规定办理，可问本单位保密员。"
        return f"{self.where}里有像涉密内容的词。请确认内容不涉密，并写明理由后再交。"


_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_FOLDED = str.maketrans("機絕祕級長國電啟業書號", "机绝秘级长国电启业书号")

_GAP = r"[\s._·・•●,，\-—_/|]{0,6}"  # between the letters of a level
_LEVEL = f"(?:绝{_GAP}密|机{_GAP}密|秘{_GAP}密)"
_STAR = "[★☆⭐✩✪✫✬✭✮✯⋆]"
_LOOKS_LIKE_STAR = "[妇女妃奻*﹡]"  # what recognition of a scanned ★ gives, and what people type for it
_TERM = r"(?:长期|(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})\s*(?:年|个月|月)|启用前|解密前)"
_OPEN, _CLOSE = r"[\[【(〔〖《<「『\"“]", r"[\]】)〕〗》>」』\"”]"
_NOT_A_WORD = "(?![码切集封闭度钥实植])"  # 计算机密码, 司机密切, 飞机密集, 隔绝密封

_HARD = (
    ("mark_star", re.compile(rf"{_LEVEL}{_GAP}{_STAR}")),
    ("mark_star", re.compile(rf"{_LEVEL}\s{{0,3}}{_LOOKS_LIKE_STAR}\s{{0,3}}(?:{_TERM}|$)", re.MULTILINE)),
    ("mark_label", re.compile(rf"密{_GAP}级(?:和保密期限)?\s*[:=]?\s*(?:为|是)?\s*{_OPEN}?\s*{_LEVEL}{_NOT_A_WORD}")),
    (
        "mark_alone",
        re.compile(
            rf"^(?:[ \t]*\d{{1,6}}[ \t]+)?[ \t]*{_OPEN}*[ \t]*{_LEVEL}[ \t]*(?:级|件|文件)?[ \t]*{_CLOSE}*"
            rf"[ \t:·]*{_TERM}?[ \t]*(?:特急|加急|平急)?[ \t]*$",
            re.MULTILINE,
        ),
    ),
    ("mark_alone", re.compile(rf"^[ \t]*{_OPEN}[ \t]*{_LEVEL}[ \t]*{_CLOSE}", re.MULTILINE)),
)
# Words that name a level without marking anything (商业秘密, 工作秘密, 秘书, 非涉密, 保密法).
_HARMLESS = re.compile(
    "商业秘密|工作秘密|秘书|非涉密|不涉密|(?:中华人民共和国)?保守国家秘密法|保密法|非绝密|非机密|非秘密"
)
_SOFT = re.compile(
    rf"[绝机]密{_NOT_A_WORD}|秘密|(?<![精紧严周保加亲细稠茂])密件|(?<![精紧严周保加亲细稠茂高])密电(?![子力站路网压流阻缆气容度])"
)
_BETWEEN_LETTERS = re.compile(r"[\s._·・•]+")
_NAME_HARD = re.compile(
    rf"(?:^|{_OPEN}|{_CLOSE}|[_\-\s.、+★☆\d]){_LEVEL}(?:级|件)?\s*(?:{_OPEN}|{_CLOSE}|[_\-\s.、+★☆*\d]|{_TERM}|$)"
)


def fold(text: str) -> str:
    """The text as it is matched."""
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_FOLDED)


def judge(parts: Iterable[Part]) -> Finding | None:
    """The gravest finding over all parts; None when there is nothing."""
    soft: Finding | None = None
    for part in parts:
        found = _judge_name(part.text) if part.where == FILE_NAME else _judge_text(part.where, part.text)
        if found is not None and found.tier is Tier.HARD:
            return found
        soft = soft or found
    return soft


def _judge_text(where: str, text: str) -> Finding | None:
    folded = fold(text)
    if "密" not in folded:
        return None
    for rule, pattern in _HARD:
        if pattern.search(folded):
            return Finding(Tier.HARD, rule, where)
    return _judge_words(where, folded)


def _judge_words(where: str, folded: str) -> Finding | None:
    joined = _HARMLESS.sub("〇", _BETWEEN_LETTERS.sub("", folded))
    return Finding(Tier.SOFT, "mark_word", where) if _SOFT.search(joined) else None


def _judge_name(name: str) -> Finding | None:
    folded = fold(name)
    stem = folded.rpartition(".")[0] or folded
    if _NAME_HARD.search(stem):
        return Finding(Tier.HARD, "mark_name", FILE_NAME)
    found = _judge_text(FILE_NAME, stem)
    return Finding(found.tier, "mark_name", FILE_NAME) if found else None
