"""Fourteen made-up papers of different kinds, lengths and attachments."""

from dataclasses import dataclass, replace
from datetime import date

from office.domain.document import (
    Attendance,
    Block,
    BlockKind,
    Content,
    Imprint,
    Issuer,
    Kind,
    Layout,
    Paper,
    Urgency,
)
from office.paper.sheet import Annex

CITY = Issuer("咸阳市人民政府", "咸阳市人民政府文件", 45.0)
VILLAGE = Issuer("南位镇张里村民委员会", "南位镇张里村民委员会文件", 40.0)
DAY, PRINTED = date(2026, 11, 24), date(2026, 11, 25)
OFFICE = "咸阳市人民政府办公室"
SENTENCES = (
    "各县市区要严格落实行政首长负责制，逐级逐段落实包保责任人，对山洪灾害危险区、淤地坝和在建工程实行清单管理。",
    "严格执行24小时值班和领导带班制度，重要情况第一时间报告，不得迟报、漏报、瞒报。",
    "市水利局要会同气象部门加强会商研判，及时发布预警信息，确保直达村组和农户。",
    "市财政局要统筹安排资金，专款专用，主动接受审计监督和群众监督。",
)
LEVELS = ("压紧压实责任", "抓好监测预警", "强化物资保障", "加强值班值守", "做好宣传引导", "严肃工作纪律")


def paragraph(count: int = 2, start: int = 0) -> Block:
    """A paragraph of `count` sentences."""
    return Block(BlockKind.PARAGRAPH, "".join(SENTENCES[(start + i) % len(SENTENCES)] for i in range(count)))


def text(words: str) -> Block:
    """A paragraph."""
    return Block(BlockKind.PARAGRAPH, words)


def body(parts: int) -> tuple[Block, ...]:
    """An opening and `parts` sections with headings of both upper levels."""
    blocks = [text("经市政府同意，现就有关事项通知如下。")]
    for i in range(parts):
        blocks.append(Block(BlockKind.LEVEL1, f"{'一二三四五六'[i % 6]}、{LEVELS[i % 6]}"))
        blocks.append(paragraph(3, i))
        blocks.append(Block(BlockKind.LEVEL2, f"（一）{LEVELS[(i + 1) % 6]}。{SENTENCES[(i + 2) % 4]}"))
        blocks.append(Block(BlockKind.LEVEL3, f"1.{SENTENCES[(i + 3) % 4]}"))
    return tuple(blocks)


TABLE = Block(
    BlockKind.TABLE,
    rows=(
        ("单位", "任务", "金额（万元）", "完成时间"),
        ("兴平市", "维修加固淤地坝6座", "120.5", "2026年12月20日"),
        ("武功县", "清理河道18公里", "86", "2026年12月25日"),
        ("乾县", "更换水位站设备", "42", "2026年12月31日"),
    ),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A paper with what is set behind it."""

    paper: Paper
    annexes: tuple[Annex, ...] = ()


def _notice() -> Content:
    return Content(
        Kind.NOTICE, "关于切实做好秋淋期间防汛工作的通知", "各县市区人民政府，市政府各工作部门、各直属机构", body(1),
        copy_text="市委各部门，市人大常委会办公室，市政协办公室",
    )  # fmt: skip


def _imprint() -> Imprint:
    return Imprint("咸政发〔2026〕3号", DAY, printer=OFFICE, printed=PRINTED)


def _long() -> Sample:
    content = replace(_notice(), body=body(7), attachment_names=("防汛责任人名单", "防汛物资储备清单"))
    return Sample(Paper(content, CITY, _imprint()))


def _request() -> Sample:
    content = Content(
        Kind.REQUEST, "兴平市人民政府关于解决南位镇张里村饮水工程资金缺口的请示", "咸阳市人民政府",
        (paragraph(4), paragraph(2, 1), text("妥否，请批示。")),
        note="联系人：某某，电话：000-0000000",
    )  # fmt: skip
    issuer = Issuer("兴平市人民政府", "兴平市人民政府文件", 45.0)
    imprint = Imprint("兴政发〔2026〕18号", DAY, ("甲乙丙", "丁戊", "己庚辛"), "市长", "兴平市人民政府办公室", PRINTED)
    return Sample(Paper(content, issuer, imprint))


def _reply() -> Sample:
    content = Content(
        Kind.REPLY, "关于同意南位镇张里村饮水工程资金安排的批复", "兴平市人民政府",
        (text("你市《关于解决饮水工程资金缺口的请示》（兴政发〔2026〕18号）收悉。现批复如下："), paragraph(3)),
        copy_text="市财政局，市水利局",
    )  # fmt: skip
    return Sample(Paper(content, CITY, _imprint()))


def _letter() -> Sample:
    content = Content(
        Kind.LETTER, "关于商请协助开展水质检测工作的函", "市生态环境局",
        (paragraph(3), text("特此函达。")), layout=Layout.LETTER,
        copy_text="市水利局", urgency=Urgency.PRESSING,
    )  # fmt: skip
    issuer = Issuer("咸阳市人民政府办公室", "咸阳市人民政府办公室", 42.0)
    return Sample(Paper(content, issuer, Imprint("咸政办函〔2026〕7号", DAY, serial=12)))


def _long_letter() -> Sample:
    letter = _letter().paper
    return Sample(replace(letter, content=replace(letter.content, body=body(5), copy_text="")))


def _order() -> Sample:
    content = Content(
        Kind.ORDER, "咸阳市人民政府令", "",
        (text("《咸阳市城市供水管理办法》已经市政府常务会议通过，现予公布，自2027年1月1日起施行。"),),
        layout=Layout.ORDER,
    )  # fmt: skip
    issuer = Issuer("咸阳市人民政府", "咸阳市人民政府令", 45.0)
    imprint = Imprint("第12号", DAY, ("甲乙丙",), "市　长", OFFICE, PRINTED)
    return Sample(Paper(content, issuer, imprint))


def _minutes() -> Sample:
    content = Content(
        Kind.MINUTES, "研究秋淋防范应对工作专题会议纪要", "", body(1), layout=Layout.MINUTES,
        attendance=Attendance(
            tuple(f"代表{'甲乙丙丁戊己庚辛壬癸'[i % 10]}{i}" for i in range(14)), ("某甲",), ("某乙", "某丙")
        ),
        copy_text="各参会单位",
    )  # fmt: skip
    issuer = Issuer(OFFICE, "咸阳市人民政府会议纪要", 0.0)
    return Sample(Paper(content, issuer, Imprint("第9期", DAY, printer=OFFICE, printed=PRINTED)))


def _joint(count: int) -> Sample:
    others = ("咸阳市水利局", "咸阳市生态环境局", "咸阳市农业农村局")[: count - 1]
    issuer = Issuer("咸阳市财政局", "咸阳市财政局文件", 42.0, others)
    imprint = Imprint("咸财发〔2026〕21号", DAY, printer="咸阳市财政局办公室", printed=PRINTED)
    return Sample(Paper(replace(_notice(), title="关于印发秋淋防范资金管理办法的通知"), issuer, imprint))


def _with_table() -> Sample:
    content = replace(_notice(), body=(paragraph(2), TABLE, paragraph(2, 2)), attachment_names=("任务分解表",))
    return Sample(Paper(content, CITY, _imprint()), (Annex("任务分解表", (paragraph(1), TABLE)),))


def _with_annexes() -> Sample:
    names = ("防汛责任人名单", "《淤地坝安全运行管理办法》和在建工程安全度汛方案编制说明以及物资储备定额标准")
    content = replace(_notice(), attachment_names=names)
    return Sample(Paper(content, CITY, _imprint()), tuple(Annex(name, (paragraph(4),)) for name in names))


def _urgent() -> Sample:
    content = replace(_notice(), urgency=Urgency.IMMEDIATE, body=body(2))
    return Sample(Paper(content, CITY, replace(_imprint(), serial=37)))


def _wide_title() -> Sample:
    title = "关于转发市财政局市水利局市生态环境局进一步加强农村饮水安全工程运行管理和水源地保护工作实施意见的通知"
    return Sample(Paper(replace(_notice(), title=title), CITY, _imprint()))


def _village() -> Sample:
    content = Content(Kind.NOTICE, "关于冬季取暖安全的通知", "各村民小组", (paragraph(2),), note="此件张贴于村务公开栏")
    return Sample(Paper(content, VILLAGE, Imprint("张村字〔2026〕2号", DAY, printer="张里村民委员会", printed=PRINTED)))


def _unsealed() -> Sample:
    return Sample(Paper(replace(_notice(), copy_text=""), replace(CITY, seal_mm=0.0), _imprint()))


SAMPLES = {
    "notice": Sample(Paper(_notice(), CITY, _imprint())),
    "long notice": _long(),
    "request": _request(),
    "reply": _reply(),
    "letter": _letter(),
    "long letter": _long_letter(),
    "order": _order(),
    "minutes": _minutes(),
    "joint of two": _joint(2),
    "joint of three": _joint(3),
    "table": _with_table(),
    "annexes": _with_annexes(),
    "urgent": _urgent(),
    "wide title": _wide_title(),
    "village": _village(),
    "unsealed": _unsealed(),
}
