"""Damaged files: whatever bytes are changed, the answer is a reading or a refusal that names its rule."""

import random
from pathlib import Path

import pytest

from office.domain.errors import RefusedFile
from office.paper.child_entry import read
from office.paper.reading_result import Request
from tests.paper import makers as m

SEEDS = (
    m.docx(),
    m.docx(m.table(("甲", "乙")) + m.BODY, {"word/header1.xml": m.part("hdr", m.paragraph("页眉"))}),
    m.pdf("关于防汛工作的通知\n各村：\n请做好准备。"),
    m.png(30, 20, {"Comment": "说明"}),
)
PIECES = (b"<w:p>", b"</w:p>", b"<w:tbl/>", b"<w:ins>", b'w:val="9"', b'"', b"<w:tr/>", b"<w:gridSpan w:val='-3'/>")


def _damaged(data: bytes, dice: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(dice.randint(1, 10)):
        at = dice.randrange(len(found))
        match dice.randrange(3):
            case 0:
                found[at] = dice.randrange(256)
            case 1:
                del found[at : at + dice.randint(1, 100)]
            case _:
                found[at:at] = found[max(0, at - 80) : at]
        if not found:
            return b"0"
    return bytes(found)


def _damaged_part(dice: random.Random) -> bytes:
    text = bytearray(m.document(m.BODY + m.table(("甲", "乙"))).encode())
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(text))
        if dice.random() < 0.5:
            text[at:at] = dice.choice(PIECES)
        else:
            del text[at : at + dice.randint(1, 20)]
    return m.docx(extra={"word/document.xml": bytes(text)})


def _judged(place: Path, data: bytes) -> str:
    place.write_bytes(data)
    try:
        return read(place, Request("文件")).media.name
    except RefusedFile as refused:
        return refused.rule if refused.sentence else "a refusal without a sentence"


@pytest.mark.parametrize("seed", range(4))
def test_damage_is_refused_by_rule_or_read(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    answers = {_judged(tmp_path / "file", _damaged(dice.choice(SEEDS), dice)) for _ in range(300)}
    answers |= {_judged(tmp_path / "file", _damaged_part(dice)) for _ in range(200)}
    assert "a refusal without a sentence" not in answers
    assert {"DOCX", "PDF", "xml_broken", "zip_broken", "pdf_broken"} <= answers
