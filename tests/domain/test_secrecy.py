"""The guard's table: marks, near misses, and harmless words."""

import pytest

from office.domain.secrecy import BODY, FILE_NAME, Finding, Part, Tier, judge

HARD = [
    "000001\n机密★1年\n特急",
    "绝密★长期",
    "机 密 ★ 长期",
    "机密★\n10年",
    "秘密☆",
    "秘密\n咸阳市人民政府文件",
    "【机密】",
    "（绝密）\n关于开展检查的通知",
    "【秘密】关于开展检查的通知",
    "000012  机密  特急",
    "机密 1年",
    "机密级",
    "密级：机密",
    "密 级: 绝 密",
    "密级\n秘密",
    "密级为机密",
    "密级和保密期限：秘密",
    "機密★1年",
    "絕密",
    "祕密★",
    "秘\u200b密★",
    "秘\u00ad密★5年",
    "机·密·★1年",
    "机.密★1年",
    "机　密★１年",
    "机密妇1年",
    "机密女 10年",
    "秘密*5年",
    "工作秘密★",  # kept on purpose: a star is a mark whatever stands before it
    "密级：秘密□ 机密□",  # a form to tick; kept, the sentence says whom to ask
    "如“机密★1年”是规范写法",  # training text that quotes a mark; kept
]
SOFT = [
    "禁止处理国家秘密。",
    "泄露机密的行为，依法处理。",
    "他掌握了一项绝密配方。",
    "收发密件应当登记。",
    "收到密电一份。",
    "技术秘密的保护。",
    "属于国家秘\n密的事项。",
    "泄露机 密的行为。",
    "接触秘密载体的人员。",
]
FINE = [
    "",
    "关于做好防汛工作的通知",
    "严格遵守《中华人民共和国保守国家秘密法》，做好保密工作。",
    "按照保密法的要求",
    "不得泄露商业秘密和工作秘密。",
    "不得泄露商业\n秘密。",
    "本系统为非涉密系统。",
    "内部资料 注意保存",
    "办公室秘书密切联系群众",
    "请妥善保管计算机密码。",
    "司机密切配合交警",
    "司机\n密切配合交警",
    "飞机密集起降",
    "与外界隔绝密封保存",
    "手机密钥丢失的处理",
    "加工精密件的车间",
    "精密电子厂",
    "高密电站",
    "人口密度和机井密度",
    "★重点任务★",
]


def _tier(text: str, where: str = BODY) -> Tier | None:
    found = judge([Part(where, text)])
    return found.tier if found else None


@pytest.mark.parametrize("text", HARD)
def test_a_mark_is_refused(text: str) -> None:
    assert _tier(text) is Tier.HARD


@pytest.mark.parametrize("text", SOFT)
def test_a_word_needs_confirmation(text: str) -> None:
    assert _tier(text) is Tier.SOFT


@pytest.mark.parametrize("text", FINE)
def test_a_near_miss_passes(text: str) -> None:
    assert _tier(text) is None


@pytest.mark.parametrize(
    ("name", "tier"),
    [
        ("【机密】关于某事的通知.docx", Tier.HARD),
        ("机密.docx", Tier.HARD),
        ("绝密-方案.pdf", Tier.HARD),
        ("关于某事的通知(秘密).docx", Tier.HARD),
        ("机密★1年 通知.docx", Tier.HARD),
        ("通知_機密_2026.docx", Tier.HARD),
        ("机密1年 通知.docx", Tier.HARD),
        ("关于机密文件.docx", Tier.SOFT),
        ("保守国家秘密法宣传.docx", None),
        ("商业秘密保护指引.docx", None),
        ("计算机密码管理办法.docx", None),
        ("关于防汛的通知.docx", None),
    ],
)
def test_the_file_name(name: str, tier: Tier | None) -> None:
    assert _tier(name, FILE_NAME) is tier


def test_the_gravest_finding_wins_and_names_the_place_not_the_words() -> None:
    found = judge([Part("正文", "国家秘密"), Part("页眉", "机密★1年")])
    assert found == Finding(Tier.HARD, "mark_star", "页眉")
    assert "页眉" in found.sentence
    assert "机密" not in found.sentence
