"""Each rule with the draft it is for, and the near miss it must let pass."""

import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

import office
from office.domain import body, enforced
from office.domain.document import Attendance, Kind
from office.domain.draft_facts import Answered, Facts, Similar
from office.domain.faults import Action, Moment
from office.domain.organs import EdgeKind
from office.domain.rule_book import chinese, cite
from office.domain.writing_rules import CODED
from tests.domain import drafts
from tests.domain.drafts import (
    BOOK,
    CITY,
    CONGRESS,
    COUNTY,
    COUNTY_WATER,
    FINANCE,
    OFFICE,
    SECTION,
    TOWN,
    VILLAGE,
    WATER,
    facts,
    notice,
    report,
    request,
    rules,
    stopping,
    with_content,
)  # fmt: skip

ROWS = json.loads((Path(office.__file__).parent / "data" / "writing_rules.json").read_text(encoding="utf-8"))
ANSWER = "你单位《关于补助灌渠维修资金的请示》（兴政发〔2026〕3号）收悉。经研究，现批复如下：\n同意补助30万元。\n此复。"
REPLY = facts(Kind.REPLY, "咸阳市人民政府关于补助灌渠维修资金的批复", ANSWER, CITY, (COUNTY,))
ASKED = Answered(
    Kind.REQUEST, "关于补助灌渠维修资金的请示", "兴政发〔2026〕3号", frozenset({VILLAGE.id, TOWN.id, COUNTY.id})
)
LETTER = facts(Kind.LETTER, "咸阳市水利局关于商请拨付资金的函", "请予支持。\n特此函达。", WATER, (FINANCE,))
MINUTES = with_content(
    facts(Kind.MINUTES, "防汛工作会议纪要", "会议指出，要抓好值守。会议议定，由市水利局备足物资。", CITY, (COUNTY,)),
    attendance=Attendance(present=("甲", "乙")),
)
POLICY = facts(Kind.NOTICE, "咸阳市人民政府关于印发《森林防火办法》的通知", "现印发给你们。", CITY, (COUNTY,))


def test_all_92_lines_are_coded_or_kept_elsewhere_and_none_is_both() -> None:
    ids = {row["id"] for row in ROWS}
    assert len(ROWS) == len(ids) == 92
    assert ids == (CODED & ids) | set(enforced.ENFORCED_BY)
    assert not CODED & set(enforced.ENFORCED_BY)


@pytest.mark.parametrize("rule", sorted(enforced.ENFORCED_BY))
def test_the_place_that_keeps_a_rule_exists(rule: str) -> None:
    place, _, why = enforced.ENFORCED_BY[rule].partition(":")
    assert len(why) > 5
    if place in (enforced.LATER, "tests"):
        return
    for name in place.split(" and "):
        module, _, attribute = name.rpartition(".")
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:
            try:
                found: object = importlib.import_module(module)
            except ModuleNotFoundError:
                outer, _, inner = module.rpartition(".")
                found = getattr(importlib.import_module(outer), inner)
            assert hasattr(found, attribute), name


def test_no_refusal_without_an_article_and_every_custom_check_at_most_warns() -> None:
    for rule in BOOK:
        assert rule.article
        assert not rule.article.startswith("条例")
        if rule.id.startswith("C"):
            assert rule.action is Action.WARN


@pytest.mark.parametrize(
    ("short", "shown"),
    [
        ("条例15(4)", "《党政机关公文处理工作条例》第十五条第（四）项"),
        ("条例37", "《党政机关公文处理工作条例》第三十七条"),
        ("条例9(5); 条例25(2)", "《党政机关公文处理工作条例》第九条第（五）项、第二十五条第（二）项"),
        ("GB/T 9704 7.3.7", "《党政机关公文格式》（GB/T 9704-2012）第7.3.7条"),
        ("国办函〔2026〕12号 2", "国办函〔2026〕12号 2"),
    ],
)
def test_an_article_is_shown_in_full(short: str, shown: str) -> None:
    assert cite(short) == shown


def test_numbers_in_chinese() -> None:
    assert [chinese(n) for n in (1, 10, 15, 20, 42)] == ["一", "十", "十五", "二十", "四十二"]


@pytest.mark.parametrize(
    "draft", [request(), replace(REPLY, answered=ASKED), LETTER, MINUTES, notice("请做好防火工作。")]
)
def test_a_good_draft_has_no_fault(draft: Facts) -> None:
    assert rules(draft) == set()


BROKEN: list[tuple[str, Facts]] = [
    ("G01", with_content(notice("现安排如下。"), title="咸阳市人民政府森林防火工作方案")),
    ("G02", facts(Kind.ORDER, "咸阳市水利局令", "现公布。", WATER)),
    ("G03", facts(Kind.BILL, "咸阳市水利局关于防洪条例的议案", "请审议。", WATER, (CONGRESS,))),
    ("G04", facts(Kind.REPORT, "咸阳市人民政府关于抗旱的报告", "已办。", CITY, (COUNTY,))),
    ("G05", REPLY),
    ("G05", replace(REPLY, answered=replace(ASKED, way=frozenset({99})))),
    ("G06", facts(Kind.LETTER, "兴平市人民政府关于借用场地的函", "商请借用。特此函达。", COUNTY, (CITY,))),
    ("G07", facts(Kind.REQUEST, "咸阳市水利局关于拨款的请示", "妥否，请批示。", WATER, (FINANCE,))),
    ("G08", facts(Kind.RESOLUTION, "咸阳市人民政府关于防汛的决议", "会议通过。", CITY)),
    ("G09", with_content(MINUTES, attendance=Attendance())),
    ("G09b", with_content(MINUTES, body=body.parse("张明市长强调，要抓紧办。"))),
    ("G10", with_content(notice("现转发给你们。"), title="咸阳市人民政府转发南位镇关于治水的意见的通知")),
    ("G11", report("现将情况报告如下。以上请予批准。")),
    ("G11", notice("请市财政局研究，妥否，请批示。")),
    ("G12", request("一、恳请拨付灌渠资金30万元。\n二、恳请批准新建村部。\n妥否，请批示。")),
    ("G12", request("我村申请补助30万元。另外，还请解决道路硬化问题。妥否，请批示。")),
    ("R01", facts(Kind.REQUEST, "南位镇张里村民委员会关于补助的请示", "妥否，请批示。", VILLAGE, (CITY,))),
    ("R02", facts(Kind.REPORT, "南位镇人民政府关于抗旱的报告", "已办。", TOWN, (COUNTY, CITY))),
    ("R03", facts(Kind.REPORT, "兴平市人民政府关于抗旱的报告", "已办。", COUNTY, (CITY,), (TOWN,))),
    ("R04", facts(Kind.REPORT, "兴平市水利局关于重大事项的报告", "已办。", COUNTY_WATER, (WATER,))),
    ("R05", with_content(report("现将材料报上。"), attachment_names=("南位镇关于补助的请示",))),
    ("R06", with_content(report("已办。"), principal_text="王市长")),
    ("R08", facts(Kind.DECISION, "兴平市人民政府关于表彰的决定", "决定如下。", COUNTY, (TOWN,))),
    ("R09", facts(Kind.NOTICE, "咸阳市水利局关于防汛的通知", "务必于6月1日前完成。", WATER, (COUNTY,))),
    ("R10", facts(Kind.NOTICE, "咸阳市水利局关于防汛的通知", "请做好准备。", WATER, (COUNTY_WATER,))),
    ("R11", replace(notice("请做好。"), disagreed=("市财政局",))),
    ("R13", replace(with_content(notice("请做好。"), joint_organ_ids=(COUNTY.id,)), joint=(COUNTY,))),
    ("R15", facts(Kind.NOTICE, "咸阳市水利局秘书科关于开会的通知", "请参加。", SECTION, (COUNTY,))),
    ("R16", replace(notice("请做好。"), issuer=replace(CITY, may_issue=False))),
    ("R17", replace(notice("请做好。"), similar=(Similar("关于防火的通知", "咸政发〔2026〕1号", 0.91),))),
    ("R18", facts(Kind.NOTICE, "咸阳市人民政府关于防火的通知", "请做好。", CITY, (VILLAGE,))),
    ("F01", replace(request(), marks=("正文里有密级标志。",))),
    ("F02", with_content(notice("请做好。"), title="咸阳市人民政府关于防火的紧急通知（特急）的通知")),
    ("F06", with_content(request(), title="南位镇张里村民委员会关于补助的报告")),
    ("F06b", with_content(request(), title="补助灌渠资金的请示")),
    ("F06b", with_content(request(), title="")),
    ("F07", with_content(request(), principal_text="南位镇水管站总队")),
    ("F07", with_content(request(), principal_text="兴平市人民政府")),
    ("F07", with_content(request(), principal_text="")),
    ("F08", with_content(request(), attachment_names=("预算表",))),
    ("F08", replace(request(), attachments=("预算表",))),
    ("F09", request(f"{drafts.REQUEST_TEXT}\n兴平市人民政府\n2026年11月24日")),
    ("F10", request(f"{drafts.REQUEST_TEXT}\n2026年11月24日")),
    ("F12", facts(Kind.NOTICE, "咸阳市人民政府关于防火的通知", "请做好。", CITY, (COUNTY,), (COUNTY,))),
    ("F14", notice("请做好。\n（此页无正文）")),
    ("D01", facts(Kind.NOTICE, "咸阳市水利局关于防汛的通知", "由市财政局负责拨付。", WATER, (COUNTY_WATER,))),
    ("D08", facts(Kind.NOTICE, "咸阳市人民政府办公室关于防火的通知", "请做好。", OFFICE, (COUNTY,))),
    ("B01", notice("防" * 4_001)),
    ("B02", replace(notice("请做好。"), issued_this_year=89, issued_last_year=100)),
    ("B02b", replace(notice("请做好。"), issued_this_year=100, issued_last_year=100)),
    ("B03", POLICY),
    ("B05", POLICY),
    ("B04", notice("各县于12月5日前上报贯彻落实情况。")),
    ("B04", notice("请研究制定配套文件。")),
    ("NONE", replace(with_content(request(), body=()), moment=Moment.SEND)),
    ("C01", request("现申请补助资金30万元。")),
    ("C02", with_content(replace(REPLY, answered=ASKED), body=body.parse("现答复如下。"))),
    ("C03", with_content(LETTER, body=body.parse("商请支持。"))),
    ("C04", notice("一、责任\n2、管住火源")),
    ("C05", notice("根据咸政发〔2026〕3号《关于防火的通知》，请做好。")),
    ("C06", with_content(request(), title="南位镇张里村民委员会关于补助灌渠维修资金的请示。")),
    ("C07", notice("根据《关于防火的通知》（咸政发[2026]第03号），请做好。")),
    ("C08", notice("请于2026.12.5前办好。")),
    ("C08", notice("完成95%，比上年提高百分之三。")),
    ("C09", with_content(request(), principal_text="兴平市南位镇人民政府：")),
    ("C10", request(f"{drafts.REQUEST_TEXT}\n南位镇张里村民委员会")),
    ("C11", with_content(request(), note="")),
    ("C12", facts(Kind.PROCLAMATION, "咸阳市人民政府关于封山的公告", "现公告。", CITY, (COUNTY,))),
]


@pytest.mark.parametrize(("rule", "draft"), BROKEN, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(BROKEN)])
def test_a_broken_rule_is_found_with_its_own_action_and_article(rule: str, draft: Facts) -> None:
    found = next(fault for fault in drafts.check(draft) if fault.rule == rule)
    assert found.article == BOOK[rule].article
    assert found.says
    assert found.action is BOOK[rule].action or found.finding.action is not None


def test_dual_leadership_asks_for_a_copy_to_the_other_superior() -> None:
    led = facts(Kind.REPORT, "兴平市水利局关于抗旱的报告", "已办。", COUNTY_WATER, (COUNTY,))
    assert "R07" in rules(replace(led, edges=((EdgeKind.DUAL, WATER.id, COUNTY_WATER.id),)))
    assert "R12" in rules(replace(notice("请做好。"), dual_led={COUNTY.id: 77}))
    assert "R07" not in rules(led)


def test_each_coded_rule_is_shown_broken_here() -> None:
    assert {rule for rule, _ in BROKEN} | {"R07", "R12"} == CODED


NEAR_MISSES: list[tuple[str, Facts]] = [
    ("G11", report("《关于请批准补助资金的请示》已报市政府。")),
    ("G11", report("按照“请予批准”的答复办理。企业申请批准的项目有3个。")),
    ("G11", notice("实施细则报市政府批准后实施。")),
    ("G11", notice("方案经市政府批准后印发，重大事项及时报请批准后办理。")),
    ("G11", notice("重要情况要及时请示报告。")),
    ("G12", request("一、基本情况\n灌渠垮塌。\n二、请求事项\n恳请拨付资金30万元。\n妥否，请批示。")),
    ("R09", facts(Kind.NOTICE, "咸阳市水利局关于召开会议的通知", "请派员参加。", WATER, (COUNTY,))),
    ("R09", facts(Kind.NOTICE, "咸阳市水利局关于防汛的通知", "经市政府同意，务必做好。", WATER, (COUNTY,))),
    ("R09", facts(Kind.LETTER, "咸阳市水利局关于防汛的函", "务必做好。特此函达。", WATER, (COUNTY,))),
    ("D01", facts(Kind.NOTICE, "咸阳市水利局关于防汛的通知", "市财政局已拨付资金。", WATER, (COUNTY_WATER,))),
    ("B04", notice("落实情况将在年底检查。")),
    ("B04", report("现将贯彻落实情况报告如下。")),
    ("F06", with_content(notice("现印发。"), title="咸阳市人民政府关于印发工作报告的通知")),
    ("G01", with_content(notice("现印发。"), title="咸阳市人民政府关于印发《防火实施方案》的通知")),
    ("G10", with_content(notice("现转发。"), title="咸阳市人民政府批转南位镇关于治水的意见的通知")),
    ("F07", with_content(notice("请做好。"), principal_text="各县（市、区）人民政府，市政府各部门")),
    ("F07", with_content(request(), principal_text="镇人民政府")),
    ("F07", with_content(notice("请做好。"), principal_text="各镇、街道，各省、自治区、直辖市水利厅，局属单位")),
    ("C04", notice("一、责任\n（一）到人\n1.到岗\n（1）到点\n（2）到位\n2.到户\n（二）到山\n二、火源")),
    ("C05", notice("根据《关于防火的通知》（咸政发〔2026〕3号），请做好。")),
    ("C08", notice("灌渠长3.5公里，完成95%。")),
    ("F09", notice("请各单位支持市水利局。")),
    ("R06", with_content(report("已办。"), principal_text="咸阳市人民政府")),
    ("G09b", with_content(MINUTES, body=body.parse("会议强调，要抓紧办。与会同志认为可行。"))),
    ("F08", notice("本通知不附件。")),
]


@pytest.mark.parametrize(("rule", "draft"), NEAR_MISSES, ids=[f"{i}-{r}" for i, (r, _) in enumerate(NEAR_MISSES)])
def test_a_near_miss_passes(rule: str, draft: Facts) -> None:
    assert rule not in rules(draft)


def test_a_reply_may_go_to_an_organ_that_passed_the_request_on() -> None:
    assert "G05" not in rules(replace(REPLY, answered=ASKED))


def test_a_reason_lets_a_required_record_pass_but_never_a_refusal() -> None:
    asking = replace(MINUTES, content=replace(MINUTES.content, attendance=Attendance()))
    assert stopping(asking) == {"G09"}
    assert stopping(replace(asking, reasons={"G09": "11月20日市长办公会"})) == set()
    refused = report("以上请予批准。")
    assert "G11" in stopping(replace(refused, reasons={"G11": "就这样"}))


def test_countersign_is_only_told_of_while_typing_and_required_at_sending() -> None:
    touching = facts(Kind.NOTICE, "咸阳市水利局关于防汛的通知", "由市财政局负责拨付。", WATER, (COUNTY_WATER,))
    assert "D01" in rules(touching) - stopping(touching)
    assert "D01" in stopping(replace(touching, countersigned=frozenset()))
    assert "D01" not in rules(replace(touching, countersigned=frozenset({FINANCE.id})))


def test_what_stops_comes_first_and_then_the_order_of_the_paper() -> None:
    found = drafts.check(notice("一、责任\n2、火源\n请于2026.12.5前报。\n妥否，请批示。"))
    assert [fault.stops for fault in found] == sorted((fault.stops for fault in found), reverse=True)
    assert found[0].rule == "G11"
    assert found[0].finding.block == 3
