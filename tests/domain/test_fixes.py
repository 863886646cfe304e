"""Every button does what it says, and one press mends all form without touching what is said."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from office.domain.document import Content, Kind, Layout, Urgency
from office.domain.draft_facts import Facts
from office.domain.errors import Invalid
from office.domain.fixes import mend
from office.domain.mending import mend_all
from tests.domain import drafts
from tests.domain.drafts import BOOK, CITY, COUNTY, TOWN, VILLAGE, facts, notice, report, request, with_content
from tests.domain.test_writing_rules import BROKEN

Mended = Callable[[Content], object]
FIXES: list[tuple[Facts, str, Mended, object]] = [
    (
        report("请予批准。", "兴平市人民政府关于拨款的报告"),
        "kind:请示",
        lambda c: (c.kind, c.title),
        (Kind.REQUEST, "兴平市人民政府关于拨款的请示"),
    ),
    (report("情况如下。请予批准。已办。"), "drop:G11:0", lambda c: c.body[0].text, "情况如下。已办。"),
    (with_content(request(), title="某村关于补助的报告"), "title:kind", lambda c: c.title, "某村关于补助的请示"),
    (with_content(request(), title="某村关于补助的请示报告"), "title:kind", lambda c: c.title, "某村关于补助的请示"),
    (request(), "kind:函", lambda c: (c.kind, c.layout), (Kind.LETTER, Layout.LETTER)),
    (
        with_content(notice("见附件。"), title="森林防火工作方案"),
        "title:annex",
        lambda c: c.title,
        "咸阳市人民政府关于印发《森林防火工作方案》的通知",
    ),
    (
        with_content(request(), title="补助灌渠资金的请示"),
        "title:complete",
        lambda c: c.title,
        "南位镇张里村民委员会关于补助灌渠资金的请示",
    ),
    (
        with_content(notice("好。"), title="关于防火的通知（特急）"),
        "title:urgency",
        lambda c: (c.title, c.urgency),
        ("关于防火的通知", Urgency.IMMEDIATE),
    ),
    (with_content(request(), title="关于补助的请示。"), "title:stop", lambda c: c.title, "关于补助的请示"),
    (
        notice("一、责任\n2、火源\n三、值守"),
        "levels",
        lambda c: [b.text for b in c.body],
        ["一、责任", "二、火源", "三、值守"],
    ),
    (
        notice("一、责任\n1.到人\n2.到岗"),
        "levels",
        lambda c: [b.text for b in c.body],
        ["一、责任", "（一）到人", "（二）到岗"],
    ),
    (notice("见咸政发[2026]第03号。"), "quote:brackets", lambda c: c.body[0].text, "见咸政发〔2026〕3号。"),
    (
        notice("按咸政发〔2026〕3号《防火通知》办。"),
        "quote:order",
        lambda c: c.body[0].text,
        "按《防火通知》（咸政发〔2026〕3号）办。",
    ),
    (notice("2026.1.5和2026年01月05日"), "days", lambda c: c.body[0].text, "2026年1月5日和2026年1月5日"),
    (notice("95％和百分之九十五点三"), "percents", lambda c: c.body[0].text, "95%和95.3%"),
    (notice("好。\n此页无正文"), "drop:F14:1", lambda c: len(c.body), 1),
    (request("申请30万元。"), "end:妥否，请批示。", lambda c: c.body[-1].text, "妥否，请批示。"),
    (
        with_content(request(), principal_text="南位镇，， 兴平市："),
        "to:marks",
        lambda c: c.principal_text,
        "南位镇，兴平市",
    ),
    (
        with_content(request(), principal_text="兴平市人民政府"),
        "to:named",
        lambda c: c.principals.organ_ids,
        (COUNTY.id,),
    ),
    (
        facts(Kind.REPORT, "某", "好。", VILLAGE, (CITY,)),
        "copy:skipped",
        lambda c: c.copies.organ_ids,
        (TOWN.id, COUNTY.id),
    ),
    (
        facts(Kind.REPORT, "某", "好。", TOWN, (COUNTY, CITY)),
        "to:first",
        lambda c: (c.principals.organ_ids, c.copies.organ_ids),
        ((COUNTY.id,), (CITY.id,)),
    ),
    (
        facts(Kind.REPORT, "某", "好。", COUNTY, (CITY,), (TOWN,)),
        "copy:no_lower",
        lambda c: (c.copies.organ_ids, c.copy_text),
        ((), ""),
    ),
    (
        replace(with_content(request(), attachment_names=("甲", "乙")), attachments=("乙",)),
        "attachments:real",
        lambda c: c.attachment_names,
        ("乙",),
    ),
    (request(f"{drafts.REQUEST_TEXT}\n某村民委员会\n2026年1月5日"), "drop:closing", lambda c: len(c.body), 2),
]


@pytest.mark.parametrize(("draft", "fix", "seen", "wanted"), FIXES, ids=[f"{i}-{f[1]}" for i, f in enumerate(FIXES)])
def test_a_fix_does_what_its_button_says(draft: Facts, fix: str, seen: Mended, wanted: object) -> None:
    assert seen(mend(draft, fix)) == wanted


@pytest.mark.parametrize(("rule", "draft"), BROKEN, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BROKEN)])
def test_every_button_shown_works_and_changes_something(rule: str, draft: Facts) -> None:
    for fault in drafts.check(draft):
        for fix in fault.finding.fixes:
            assert mend(draft, fix.id) != draft.content, (rule, fix.id)


def test_one_press_mends_all_form_and_touches_no_recipient_and_no_sentence() -> None:
    draft = notice("一、责任\n2、火源\n请于2026.12.5前办好，见咸政发[2026]第03号。", "关于防火的通知。")
    after = mend_all(draft, BOOK)
    assert after.title == "咸阳市人民政府关于防火的通知"
    assert [b.text for b in after.body] == ["一、责任", "二、火源", "请于2026年12月5日前办好，见咸政发〔2026〕3号。"]
    assert after.principals == draft.content.principals


def test_a_fix_that_nobody_offered_is_refused() -> None:
    for made_up in ("", "kind", "kind:方案", "end:万岁", "verb:发", "title:everything"):
        with pytest.raises(Invalid):
            mend(request(), made_up)


def test_a_fix_for_a_paragraph_that_is_gone_changes_nothing() -> None:
    draft = report("情况如下。")
    assert mend(draft, "drop:G11:7") == draft.content
    assert mend(draft, "drop:G11:-1") == draft.content
