"""The invented texts (`papers.txt`) made into papers of an organ."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from office.domain.body import parse
from office.domain.document import Attendance, Content, Kind, Selection, Urgency
from office.domain.organs import Level, Organ
from office.service.drafting import with_layout
from web.demo.stage import Stage

_HEADING = 16  # no heading is longer
_COUNTIES, _TOWNS, _VILLAGES = "各县（市、区）人民政府", "各镇人民政府、街道办事处", "各村（居）民委员会"
_REACHES = {"everybody": (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE), "counties": (Level.COUNTY,)}
_BELOW = {"towns": (Level.TOWNSHIP, _TOWNS), "villages": (Level.VILLAGE, _VILLAGES)}


@dataclass(frozen=True, slots=True)
class Text:
    """One invented text: its kind, what it is about, its settings and its lines."""

    kind: Kind
    matter: str
    settings: Mapping[str, str]
    lines: str


@lru_cache(maxsize=1)
def texts() -> Mapping[str, Text]:
    """All texts by key."""
    whole = resources.files("web.demo").joinpath("papers.txt").read_text(encoding="utf-8")
    return dict(map(_text, whole.split("\n== ")[1:]))


def _text(part: str) -> tuple[str, Text]:
    head, _, rest = part.partition("\n")
    key, kind, matter = head.split(" ", 2)
    lines = rest.strip().split("\n")
    settings: dict[str, str] = {}
    while lines and lines[0].partition(": ")[0].isascii():
        name, _, value = lines.pop(0).partition(": ")
        settings[name] = value
    return key, Text(Kind(kind), matter, settings, "\n".join(_items(lines)))


def _items(lines: list[str]) -> list[str]:
    """Items that are whole sentences are no headings: 1. in plain type instead of 一、 in bold."""
    numbered = [line for line in lines if line[1:2] == "、"]
    if not numbered or any(len(line) < _HEADING or not line.endswith("。") for line in numbered):
        return lines
    places = {line: place for place, line in enumerate(numbered, start=1)}
    return [f"{places[line]}.{line[2:]}" if line in places else line for line in lines]


def paper(stage: Stage, key: str, issuer: Organ) -> Content:
    """The text `key` as a paper of that organ."""
    text = texts()[key]
    given = text.settings
    who = {"{县}": issuer.name, "{级}": issuer.name[-1]}
    matter, lines = _filled(text.matter, who), _filled(text.lines, who)
    principals, printed = _recipients(stage, given.get("to", ""), issuer)
    printed_to = text.kind not in _NOT_PRINTED
    copies = Selection(tuple(stage.organ(code).id for code in given.get("copies", "").split()))
    copy_text = given.get("copy", "")
    if text.kind in _SENT_AS_COPIES:
        principals, copies, copy_text = Selection(), principals, printed
    note = f"联系人：{stage.clerk_of(issuer.id).person_name}，电话：0000 0000"
    return with_layout(
        Content(
            kind=text.kind,
            title=given.get("title") or f"{issuer.title}关于{matter}的{text.kind.value}",
            principal_text=printed if printed_to else "",
            body=parse(lines),
            note=note if text.kind is Kind.REQUEST else "",
            urgency=Urgency(given.get("urgency", Urgency.NORMAL)),
            reach=Level(int(given["reach"])) if "reach" in given else None,
            principals=principals,
            copies=copies,
            copy_text=copy_text,
            attendance=Attendance(_names(given, "present"), _names(given, "excused")),
            amount_yuan=int(given.get("amount", "0")),
        )
    )


# They name no recipients on the page; what is not for everybody goes to those who keep it as a copy.
_SENT_AS_COPIES = frozenset({Kind.COMMUNIQUE, Kind.ORDER, Kind.RESOLUTION, Kind.MINUTES})
_NOT_PRINTED = _SENT_AS_COPIES | {Kind.PROCLAMATION, Kind.PUBLIC_NOTICE}


def _filled(text: str, who: Mapping[str, str]) -> str:
    for name, value in who.items():
        text = text.replace(name, value)
    return text


def _names(given: Mapping[str, str], name: str) -> tuple[str, ...]:
    return (given[name],) if name in given else ()


def _recipients(stage: Stage, to: str, issuer: Organ) -> tuple[Selection, str]:
    """Whom it goes to, and how that is printed."""
    if to in _REACHES:
        tiers = tuple((issuer.id, level) for level in _REACHES[to])
        return Selection(tiers=tiers), f"{_COUNTIES}，{_TOWNS}，{_VILLAGES}" if to == "everybody" else _COUNTIES
    if to in _BELOW:
        level, printed = _BELOW[to]
        return Selection(tiers=((issuer.id, level),)), printed
    if to == "parent" and issuer.parent_id is not None:
        above = stage.organ_at(issuer.parent_id)
        return Selection((above.id,)), above.title
    found = [stage.organ(code) for code in to.split()]
    return Selection(tuple(organ.id for organ in found)), "，".join(organ.title for organ in found)
