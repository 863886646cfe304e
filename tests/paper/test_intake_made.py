"""Made papers: what is taken for title, recipients, body, attachments, signature, colophon."""

import io
import zipfile

import pytest

from office.domain.document import BlockKind, Kind, Layout, Urgency
from office.paper import intake_lines as lines
from office.paper.intake import Intake, recognise
from office.paper.intake_head import join_title
from office.paper.reading_docx import read
from office.paper.reading_numbers import chinese
from office.paper.reading_source import Grid, Line, Source
from tests.paper import makers as m


def _lines(text: str) -> Intake:
    """A paper given as lines: `>` right, `^` centred, `|` a row of a table."""
    items: list[Line | Grid] = []
    for row in text.strip("\n").split("\n"):
        if row.startswith("|"):
            items.append(Grid((tuple(row.strip("|").split("|")),)))
        else:
            items.append(Line(row.lstrip("^>").strip(), row.startswith("^"), row.startswith(">")))
    return recognise(Source(items=items))


def _docx(body: str, **extra: str) -> Intake:
    data = m.docx(body, {f"word/{name}.xml": text for name, text in extra.items()})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return recognise(read(archive, "word/document.xml"))


WHOLE = """
000012
特急
^某市人民政府文件
^某政发〔2026〕3号

^某市人民政府
^关于做好防汛工作的通知

各县（区）人民政府，市政府各部门：
汛期将至，现就有关事项通知如下：
一、提高认识
（一）加强领导
1.落实责任。
（1）分到个人。
|县|人数|
附件：1.防汛值班表
2.联系方式

>某市人民政府
>2026年6月1日
（联系人：某某，电话：000）
附件1
^防汛值班表
|日|人|
抄送：市委办公室，市人大常委会办公室。
某市人民政府办公室　2026年6月1日印发
"""


def test_a_whole_paper_is_told_apart() -> None:
    read_ = _lines(WHOLE)
    content = read_.content
    assert (content.kind, content.title) == (Kind.NOTICE, "某市人民政府关于做好防汛工作的通知")
    assert content.urgency is Urgency.IMMEDIATE
    assert content.principal_text == "各县（区）人民政府，市政府各部门"
    assert [block.kind for block in content.body] == [
        BlockKind.PARAGRAPH, BlockKind.LEVEL1, BlockKind.LEVEL2, BlockKind.LEVEL3, BlockKind.LEVEL4, BlockKind.TABLE,
    ]  # fmt: skip
    assert content.attachment_names == ("防汛值班表", "联系方式")
    assert content.note == "联系人：某某，电话：000"
    assert content.copy_text == "市委办公室，市人大常委会办公室"
    assert (read_.annex_title, [block.rows for block in read_.annex]) == ("防汛值班表", [(("日", "人"),)])
    said = "".join(read_.notes)
    assert "落款之后还有《防汛值班表》" in said
    assert "附件本身请另行上传" in said


def test_upward_heading_with_a_signatory_and_an_amount() -> None:
    read_ = _lines("""
某镇人民政府文件
某镇字〔2026〕9号　　签发人：某某
^关于申请解决防汛经费的请示
县人民政府：
我镇共申请解决防汛经费12.5万元，用于购买物资。
妥否，请批示。
>某镇人民政府
>二〇二六年六月一日
""")
    content = read_.content
    assert (content.kind, content.title, content.amount_yuan) == (Kind.REQUEST, "关于申请解决防汛经费的请示", 125_000)
    assert [block.text for block in content.body] == [
        "我镇共申请解决防汛经费12.5万元，用于购买物资。",
        "妥否，请批示。",
    ]


def test_minutes_keep_who_was_there() -> None:
    content = _lines("""
^某镇人民政府会议纪要
^第5期
^镇长办公会议纪要
2026年6月1日，召开镇长办公会议。
会议议定如下事项。
出席：甲、乙（副镇长、主持）、丙
请假：丁
列席：戊
抄送：县政府办公室。
""").content
    assert (content.kind, content.layout, content.title) == (Kind.MINUTES, Layout.MINUTES, "镇长办公会议纪要")
    assert content.attendance.present == ("甲", "乙（副镇长、主持）", "丙")
    assert (content.attendance.excused, content.attendance.observing) == (("丁",), ("戊",))
    assert len(content.body) == 2
    assert content.copy_text == "县政府办公室"


def test_a_date_inside_the_body_ends_nothing() -> None:
    content = _lines("""
^关于会期的通知
各村：
时间如下。
2026年6月1日
请准时参加，不得缺席。
地点：镇政府。
>某镇人民政府
>2026年5月1日
""").content
    assert [block.text for block in content.body][1:] == ["2026年6月1日", "请准时参加，不得缺席。", "地点：镇政府。"]


def test_a_short_last_sentence_is_not_a_signature() -> None:
    content = _lines("""
^关于某事的函
县教育局：
现将有关情况函告如下。
特此函告。
>某镇人民政府
>2026年5月1日
""").content
    assert [block.text for block in content.body][-1] == "特此函告。"
    assert content.layout is Layout.LETTER


def test_nothing_but_text_stays_text() -> None:
    read_ = _lines("今天下午三点开会。\n请准时。")
    assert read_.content.title == ""
    assert [block.text for block in read_.content.body] == ["今天下午三点开会。", "请准时。"]
    assert "没有认出标题" in "".join(read_.notes)


def test_an_empty_file_reads_as_an_empty_draft() -> None:
    assert recognise(Source()).content.body == ()


def test_placeholders_are_named() -> None:
    read_ = _lines("^关于某事的报告\n【主送机关】：\n经费XX万元，由[单位]负责，见〔2026〕3号。\n>[发文单位]\n>[日期]")
    said = next(note for note in read_.notes if "待填" in note)
    assert all(word in said for word in ("【主送机关】", "XX", "[单位]"))
    assert "2026" not in said


NUMBERING = m.part(
    "numbering",
    '<w:abstractNum w:abstractNumId="0">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="%1、"/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:lvlText w:val="（%2）"/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%3."/></w:lvl>'
    '<w:lvl w:ilvl="3"><w:start w:val="3"/><w:numFmt w:val="decimal"/><w:lvlText w:val="（%4）"/></w:lvl>'
    "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="0"/>'
    '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>',
)


def _numbered(text: str, level: int, list_: int = 1) -> str:
    properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_}"/></w:numPr>'
    return m.paragraph(text, properties=properties)


def test_automatic_numbers_become_visible_text() -> None:
    body = m.LINES[0] + m.LINES[1] + "".join(
        _numbered(text, level)
        for text, level in [("甲", 0), ("乙", 1), ("丙", 1), ("丁", 2), ("戊", 3), ("己", 0), ("庚", 1)]
    ) + _numbered("辛", 0, 2)  # fmt: skip
    content = _docx(body, numbering=NUMBERING).content
    assert [block.text for block in content.body] == [
        "一、甲", "（一）乙", "（二）丙", "1.丁", "（3）戊", "二、己", "（一）庚", "一、辛",
    ]  # fmt: skip
    assert [block.kind for block in content.body][:4] == [
        BlockKind.LEVEL1, BlockKind.LEVEL2, BlockKind.LEVEL2, BlockKind.LEVEL3,
    ]  # fmt: skip


def test_number_and_alignment_may_come_from_the_style() -> None:
    styles = m.part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="base"><w:name w:val="base"/>'
        '<w:pPr><w:jc w:val="right"/></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="sign"><w:name w:val="sign"/><w:basedOn w:val="base"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="h1"><w:name w:val="heading 1"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>',
    )
    styled = '<w:pStyle w:val="{}"/>'
    body = "".join([
        *m.LINES[:2],
        m.paragraph("总则", properties=styled.format("h1")),
        m.paragraph("正文在此。"),
        m.paragraph("某镇", properties=styled.format("sign")),
        m.paragraph("2026年6月1日", properties=styled.format("sign")),
    ])  # fmt: skip
    content = _docx(body, styles=styles, numbering=NUMBERING).content
    assert [block.text for block in content.body] == ["一、总则", "正文在此。"]


def test_inserted_text_counts_and_deleted_text_does_not() -> None:
    tracked = (
        '<w:p><w:r><w:t>应到</w:t></w:r><w:del w:id="1"><w:r><w:delText>八</w:delText></w:r></w:del>'
        '<w:ins w:id="2"><w:r><w:t>九</w:t></w:r></w:ins><w:r><w:t>人。</w:t></w:r></w:p>'
    )
    joined = '<w:p><w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr><w:r><w:t>前半</w:t></w:r></w:p>' + m.paragraph(
        "后半。"
    )
    read_ = _docx(m.LINES[0] + m.LINES[1] + tracked + joined)
    assert [block.text for block in read_.content.body] == ["应到九人。", "前半后半。"]
    assert read_.tracked_changes
    assert "修订痕迹" in "".join(read_.notes)


def test_text_boxes_and_hidden_text_are_named_not_taken() -> None:
    box = f"<w:p><w:r><w:pict><w:txbxContent>{m.paragraph('框里')}</w:txbxContent></w:pict></w:r></w:p>"
    hidden = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>看不见</w:t></w:r></w:p>"
    read_ = _docx(m.BODY.replace(m.LINES[2], m.LINES[2] + box + hidden))
    assert [block.text for block in read_.content.body] == ["汛期将至，请做好准备。"]
    assert "文本框" in "".join(read_.notes)
    assert "隐藏文字" in "".join(read_.notes)


def test_tables_keep_their_rows_and_spans() -> None:
    wide = (
        "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" + m.paragraph("宽") + "</w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge w:val='restart'/></w:tcPr>" + m.paragraph("高") + "</w:tc><w:tc>"
        + m.paragraph("一") + m.paragraph("二") + "</w:tc></w:tr>"
        "<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr>" + m.paragraph("") + "</w:tc><w:tc>" + m.paragraph("三")
        + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    framed = m.table(("只是一个框。",))
    content = _docx(m.LINES[0] + m.LINES[1] + wide + framed).content
    assert content.body[0].rows == (("宽", ""), ("高", "一\n二"), ("", "三"))
    assert content.body[1].text == "只是一个框。"


@pytest.mark.parametrize(
    "text",
    ["2026年6月1日", "2026 年 6 月 1 日", "二〇二六年六月一日", "二○一一年一月十一日", "二00六年一月二十四日",
     "２０２６年６月１日", "[日期]", "2026年X月X日", "二〇二六年十二月三十一日"],
)  # fmt: skip
def test_dates(text: str) -> None:
    assert lines.is_date(text)


@pytest.mark.parametrize("text", ["2026年6月", "2026年6月1日前完成", "自2026年6月1日", "六月一日", "2026年7月16日印发"])
def test_no_dates(text: str) -> None:
    assert not lines.is_date(text)


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("关于某事的通知", Kind.NOTICE),
        ("关于某事的紧急通知", Kind.NOTICE),
        ("关于某事的通告", Kind.PUBLIC_NOTICE),
        ("关于某事的公告", Kind.PROCLAMATION),
        ("关于某事的复函", Kind.LETTER),
        ("关于某事的批复", Kind.REPLY),
        ("关于某事的意见（试行）", Kind.OPINION),
        ("某市人民政府令", Kind.ORDER),
        ("关于某事的决定", Kind.DECISION),
        ("某办法", None),
    ],
)
def test_kind_by_the_title_s_end(title: str, kind: Kind | None) -> None:
    assert lines.kind_of_title(title) is kind


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("现申请经费3万元", 30_000),
        ("恳请拨付资金1,250.5万元", 12_505_000),
        ("请求安排专项资金1.2亿元", 120_000_000),
        ("申请补助800元", 800),
        ("全村收入3万元", 0),
        ("申请事项。另有3万元", 0),
    ],
)
def test_the_amount_asked_for(text: str, yuan: int) -> None:
    assert lines.amount(text) == yuan


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "一"), (10, "十"), (11, "十一"), (20, "二十"), (21, "二十一"), (99, "九十九"), (100, "一百"),
     (101, "一百零一"), (110, "一百一十"), (115, "一百一十五"), (120, "一百二十"), (999, "九百九十九")],
)  # fmt: skip
def test_chinese_counting(number: int, text: str) -> None:
    assert chinese(number) == text


@pytest.mark.parametrize(
    ("texts", "title"),
    [
        (["某市人民政府", "关于防汛的通知"], "某市人民政府关于防汛的通知"),
        (["甲局  乙局", "关于某事的通知"], "甲局 乙局关于某事的通知"),
        (["关于印发《a", "b》的通知"], "关于印发《a b》的通知"),
    ],
)
def test_title_lines_join(texts: list[str], title: str) -> None:
    assert join_title(texts) == title
