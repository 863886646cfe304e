"""Drafts to check: a small city's organs and a draft that breaks no rule; a test names only what it changes."""

from dataclasses import replace
from pathlib import Path

import office
from office.domain import body, rule_book, writing_rules
from office.domain.document import Content, Kind, Selection
from office.domain.draft_facts import Facts, Party, relation
from office.domain.faults import Fault
from office.domain.organs import EdgeKind, Level, Organ, OrganKind

CITY = Organ(1, "咸阳市", "咸阳市人民政府", Level.CITY, OrganKind.GOVERNMENT, None, "/1/", 1, "咸政发")
WATER = Organ(2, "市水利局", "咸阳市水利局", Level.CITY, OrganKind.BUREAU, 1, "/1/2/", 2, "咸水发")
FINANCE = Organ(3, "市财政局", "咸阳市财政局", Level.CITY, OrganKind.BUREAU, 1, "/1/3/", 3, "咸财发")
OFFICE = Organ(8, "市政府办", "咸阳市人民政府办公室", Level.CITY, OrganKind.OFFICE, 1, "/1/8/", 4, "咸政办发")
CONGRESS = Organ(
    9, "市人大常委会", "咸阳市人民代表大会常务委员会", Level.CITY, OrganKind.CONGRESS, None, "/9/", 5, "咸人发"
)
COUNTY = Organ(4, "兴平市", "兴平市人民政府", Level.COUNTY, OrganKind.GOVERNMENT, 1, "/1/4/", 6, "兴政发")
COUNTY_WATER = Organ(10, "兴平市水利局", "兴平市水利局", Level.COUNTY, OrganKind.BUREAU, 4, "/1/4/10/", 7, "兴水发")
TOWN = Organ(5, "南位镇", "兴平市南位镇人民政府", Level.TOWNSHIP, OrganKind.GOVERNMENT, 4, "/1/4/5/", 8, "南政发")
VILLAGE = Organ(6, "张里村", "南位镇张里村民委员会", Level.VILLAGE, OrganKind.VILLAGE, 5, "/1/4/5/6/", 9, "张村字")
SECTION = Organ(11, "秘书科", "咸阳市水利局秘书科", Level.CITY, OrganKind.SECTION, 2, "/1/2/11/", 10, "咸水秘")
ORGANS = (CITY, WATER, FINANCE, OFFICE, CONGRESS, COUNTY, COUNTY_WATER, TOWN, VILLAGE, SECTION)
EDGES = ((EdgeKind.GUIDANCE, WATER.id, COUNTY_WATER.id),)
BOOK = rule_book.parse((Path(office.__file__).parent / "data" / "writing_rules.json").read_text(encoding="utf-8"))

REQUEST_TEXT = "我村1.2公里灌渠垮塌，影响300亩耕地灌溉，现申请补助资金30万元。\n妥否，请批示。"


def facts(
    kind: Kind, title: str, text: str, issuer: Organ, to: tuple[Organ, ...] = (), copies: tuple[Organ, ...] = ()
) -> Facts:
    """A draft of `issuer` to those organs, with everything around it in place."""
    content = Content(
        kind=kind, title=title, body=body.parse(text), principal_text="、".join(o.title for o in to),
        principals=Selection(tuple(o.id for o in to)), copies=Selection(tuple(o.id for o in copies)),
        copy_text="，".join(o.title for o in copies),
        note="联系人：张三，电话0000 0000" if kind is Kind.REQUEST else "",
    )  # fmt: skip
    edges = tuple(e for e in EDGES if issuer.id in e[1:])
    above = tuple(sorted((o for o in ORGANS if issuer.is_under(o)), key=lambda o: -o.level))
    names: dict[str, tuple[int, ...]] = {}
    for organ in ORGANS:
        for name in {organ.title, organ.name}:
            names[name] = (*names.get(name, ()), organ.id)
    return Facts(
        content=content, issuer=issuer, edges=edges, above=above, names=names,
        principals=tuple(Party(o, relation(issuer, o, edges)) for o in to),
        copies=tuple(Party(o, relation(issuer, o, edges)) for o in copies),
        sisters=tuple(o for o in ORGANS if o.parent_id == issuer.parent_id and o.id != issuer.id and o.parent_id),
        near={o.id: o for o in ORGANS if o.id != issuer.id},
    )  # fmt: skip


def request(text: str = REQUEST_TEXT, title: str = "南位镇张里村民委员会关于补助灌渠维修资金的请示") -> Facts:
    """A village's request to its township that breaks no rule."""
    return facts(Kind.REQUEST, title, text, VILLAGE, (TOWN,))


def report(text: str, title: str = "兴平市人民政府关于抗旱工作的报告") -> Facts:
    """A county's report to the city."""
    return facts(Kind.REPORT, title, text, COUNTY, (CITY,))


def notice(text: str, title: str = "咸阳市人民政府关于做好森林防火工作的通知") -> Facts:
    """A notice of the city to a county."""
    return facts(Kind.NOTICE, title, text, CITY, (COUNTY,))


def with_content(found: Facts, **changes: object) -> Facts:
    """The same facts with other content."""
    return replace(found, content=replace(found.content, **changes))  # type: ignore[arg-type]


def check(found: Facts) -> tuple[Fault, ...]:
    """All faults."""
    return writing_rules.check(found, BOOK)


def rules(found: Facts) -> set[str]:
    """The ids of the rules that found something."""
    return {fault.rule for fault in check(found)}


def stopping(found: Facts) -> set[str]:
    """The ids of the rules that stop the draft."""
    return {fault.rule for fault in check(found) if fault.stops}
