"""Other people's real papers (folder in YIWANG_SAMPLES): each is read, or refused for a true reason."""

import os
from pathlib import Path

import pytest

from office.domain.document import BlockKind, Kind, Layout
from office.domain.errors import RefusedFile
from office.paper.child_entry import read
from office.paper.intake import Intake
from office.paper.reading_result import Request

PLACE = os.environ.get("YIWANG_SAMPLES", "")
pytestmark = pytest.mark.skipif(not PLACE, reason="YIWANG_SAMPLES names no folder of sample papers")


def _intake(name: str) -> Intake:
    found = read(Path(PLACE) / name, Request(name))
    assert found.question is None
    assert found.intake is not None
    return found.intake


# name, kind, title, start of 主送, blocks, tables, blocks after the signature
PAPERS = [
    ("notice-red-header-shanghai-2011.docx", Kind.NOTICE,
     "上海市人民政府批转市建设交通委关于进一步规范本市建筑市场加强建设工程质量安全管理若干意见的通知",
     "各区、县人民政府", 1, 0, 33),
    ("badly-formatted-urgent-notice-2006.docx", Kind.NOTICE,
     "国家安全生产监督管理局、国家环境保护总局关于督促化工企业切实做好几项安全环保重点工作的紧急通知",
     "各省、自治区、直辖市及新疆生产建设兵团", 15, 0, 0),
    ("long-46-tables-scoring-rules-2013.docx", Kind.NOTICE, "选矿厂安全生产标准化评分办法", "", 126, 46, 0),
    ("letter-invented-city-2026.docx", Kind.LETTER, "关于商请协办2026年云岭文化旅游节的函", "省文化和旅游厅", 2, 0, 0),
    ("minutes-invented-city-2026.docx", Kind.MINUTES, "中共云岭市委常委会会议纪要", "", 3, 0, 0),
    ("request-with-placeholders.docx", Kind.REQUEST,
     "关于申请开展“我的刀盾”传播案例梳理工作的请示", "[主送单位]", 7, 0, 0),
    ("report-with-placeholders.docx", Kind.REPORT, "关于“我的刀盾”网络传播情况的报告", "[主送单位]", 9, 0, 0),
    ("notice-building-safety-2022.pdf", Kind.NOTICE,
     "国务院安委会办公室关于深入推进房屋市政工程安全生产治理行动的通知", "各省、自治区、直辖市", 5, 0, 0),
    ("notice-joint-red-header-2019.pdf", Kind.NOTICE, "关于加强个人所得税纳税信用建设的通知", "各省、自治区、直辖市",
     25, 0, 0),
    ("notice-plan-hainan-2024.pdf", Kind.NOTICE,
     "海南省农业农村厅 海南省财政厅关于印发2024-2026年海南省农机购置与应用补贴实施方案的通知",
     "各市、县、自治县农业农村局", 1, 0, 210),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "kind", "title", "recipients", "blocks", "tables", "annex"), PAPERS, ids=[row[0] for row in PAPERS]
)
def test_a_real_paper_is_read(
    name: str, kind: Kind, title: str, recipients: str, blocks: int, tables: int, annex: int
) -> None:
    found = _intake(name)
    content = found.content
    assert (content.kind, content.title) == (kind, title)
    assert content.principal_text.startswith(recipients)
    assert bool(content.principal_text) is bool(recipients)
    assert len(content.body) == blocks
    assert sum(block.kind is BlockKind.TABLE for block in content.body) == tables
    assert len(found.annex) == annex


def test_the_equation_objects_of_the_hotel_standard_are_a_true_reason() -> None:
    """Two OLE objects of the old equation editor, which ran code in its day: replaced by pictures it would pass."""
    with pytest.raises(RefusedFile) as refused:
        read(Path(PLACE) / "tracked-changes-hotel-standard-2013.docx", Request("a.docx"))
    assert refused.value.rule == "docx_object"


def test_what_is_dropped_is_said() -> None:
    assert any("网页转贴" in note for note in _intake("badly-formatted-urgent-notice-2006.docx").notes)
    assert any("封面和目录" in note for note in _intake("long-46-tables-scoring-rules-2013.docx").notes)
    assert any("落款之后还有《关于进一步规范" in note for note in _intake("notice-red-header-shanghai-2011.docx").notes)


def test_placeholders_minutes_and_attachments() -> None:
    request = _intake("request-with-placeholders.docx")
    assert any("[主送单位]" in note and "[有关单位]" in note for note in request.notes)
    assert request.content.note.startswith("联系人")
    minutes = _intake("minutes-invented-city-2026.docx").content
    assert minutes.layout is Layout.MINUTES
    assert minutes.attendance.present[:2] == ("李四", "王五")
    assert minutes.attendance.excused == ("孙七（因公出差）",)
    safety = _intake("notice-building-safety-2022.pdf")
    assert safety.content.attachment_names == ("住房和城乡建设部关于开展房屋市政工程安全生产治理行动的通知",)
    assert safety.pages == 3
