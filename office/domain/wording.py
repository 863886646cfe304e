"""Reading the words of a paper: quotations left out, sentences, the 文种 a title ends in, names of recipients."""

import re
from collections.abc import Iterator

from office.domain.document import Content, Kind
from office.domain.draft_facts import Facts
from office.domain.organs import Organ, OrganKind

_QUOTED = re.compile(r"《[^《》]{0,200}》|“[^“”]{0,200}”|「[^」]{0,200}」")
_SENTENCE = re.compile(r"[^。！？；\n]*[。！？；]?")
_TRIAL = re.compile(r"[（(](?:试行|暂行|草案|征求意见稿|送审稿|修订|修正)[）)]$")
# Longest first, so that 通告 is not taken for 公告 and 命令 not for 令.
_ENDINGS = (("会议纪要", Kind.MINUTES), ("命令", Kind.ORDER), ("令", Kind.ORDER), *((k.value, k) for k in Kind))
_SEPARATORS = re.compile(r"[、，,；;：:]")
_KINDS_APART = re.compile(r"[，,；;：:]")  # between recipients of different kinds; 、 stands between like ones
_GENERIC = re.compile(r"各|有关|[所直局委市区县镇]属|辖区|全体")
_SHORT_GOVERNMENT = re.compile(r"(?<!人民)政府")
_LONGEST_NAME = 40


def unquoted(text: str) -> str:
    """The text with quoted titles and words blanked out, the same length: places stay true."""
    return _QUOTED.sub(lambda found: "　" * len(found.group()), text)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a paragraph, their marks included."""
    return (found for found in _SENTENCE.findall(text) if found.strip())


def without_sentences(text: str, pattern: re.Pattern[str]) -> str:
    """The paragraph without the sentences in which `pattern` occurs outside of quotations."""
    return "".join(s for s in sentences(text) if not pattern.search(unquoted(s)))


def blocks(content: Content) -> Iterator[tuple[int, str]]:
    """Number and text of every paragraph that has text."""
    return ((i, block.text) for i, block in enumerate(content.body) if block.text)


def body_text(content: Content) -> str:
    """The paragraphs, one a line."""
    return "\n".join(block.text for block in content.body if block.text)


def length(content: Content) -> int:
    """Characters of the body, white space left out."""
    cells = sum(len("".join("".join(row).split())) for block in content.body for row in block.rows)
    return cells + sum(len("".join(block.text.split())) for block in content.body)


def bare(title: str) -> str:
    """A title without white space, full stop and a bracketed （试行）."""
    return _TRIAL.sub("", "".join(title.split()).rstrip("。．."))


def kind_in(title: str) -> Kind | None:
    """The 文种 a title ends in, None when it ends in none."""
    text = bare(title)
    return next((kind for ending, kind in _ENDINGS if text.endswith(ending)), None)


def ending_in(title: str) -> str:
    """The words of that 文种 as written: 会议纪要, 令."""
    text = bare(title)
    return next((ending for ending, _ in _ENDINGS if text.endswith(ending)), "")


def names_in(text: str) -> tuple[str, ...]:
    """Recipients as typed, one by one; a list in brackets belongs to its name: 各县（市、区）人民政府 is one."""
    depth, held, found = 0, "", []
    for letter in text.strip():
        depth += (letter in "（(") - (letter in "）)")
        if depth <= 0 and _SEPARATORS.match(letter):
            found.append(held)
            depth, held = 0, ""
        else:
            held += letter
    return tuple(name.strip(" 　。.") for name in [*found, held] if name.strip(" 　。."))


def is_generic(name: str) -> bool:
    """统称, as 各县（市、区）人民政府, 市级有关部门: it means several organs."""
    return _GENERIC.search(name) is not None


def bearers(name: str, facts: Facts) -> tuple[int, ...]:
    """The organs a typed name can mean for this issuer: full and short names, then short forms of near organs."""
    if len(name) > _LONGEST_NAME:
        return ()
    exact = facts.names.get(name, ())
    if len(exact) > 1:
        return tuple(i for i in exact if i in facts.near) or exact
    if exact:
        return exact
    full = _SHORT_GOVERNMENT.sub("人民政府", name)
    return tuple(organ.id for organ in facts.near.values() if len(full) > 2 and _short_for(full, organ))


def _short_for(name: str, organ: Organ) -> bool:
    """县人民政府 for 兴平市人民政府 never, 市人民政府 yes; 镇政府 for its township."""
    return organ.title.endswith(name) and (organ.kind is not OrganKind.BUREAU or len(name) > 3)


def named(facts: Facts) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Every single (not generic) recipient typed as 主送, with the organs it can mean."""
    for group in _KINDS_APART.split(facts.content.principal_text):
        generic = False
        for name in names_in(group):
            generic = generic or is_generic(name)
            meant = () if is_generic(name) else bearers(name, facts)
            if meant or not generic:  # 各镇、街道: what follows 各 and is no organ's name is meant by it too
                yield name, meant


def as_title(issuer: Organ, matter: str, kind: Kind) -> str:
    """机关＋关于…的＋文种."""
    return f"{issuer.title}关于{matter}的{kind.value}"
