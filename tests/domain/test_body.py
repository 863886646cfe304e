import pytest
from hypothesis import given
from hypothesis import strategies as st

from office.domain import body
from office.domain.document import Block, BlockKind


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("一、总体要求", BlockKind.LEVEL1),
        ("十二、附则", BlockKind.LEVEL1),
        ("（一）统一平台。", BlockKind.LEVEL2),
        ("(二)规范格式", BlockKind.LEVEL2),
        ("1.坚持需求导向", BlockKind.LEVEL3),
        ("2、管住火源", BlockKind.LEVEL3),
        ("（1）每季度", BlockKind.LEVEL4),
        ("3.5公里灌渠垮塌", BlockKind.PARAGRAPH),
        ("一二三号井", BlockKind.PARAGRAPH),
        ("2026年工作", BlockKind.PARAGRAPH),
    ],
)
def test_a_line_is_a_heading_by_its_number(line: str, kind: BlockKind) -> None:
    assert body.parse(line) == (Block(kind, line),)


def test_rows_between_bars_are_one_table_and_an_empty_line_divides_two() -> None:
    blocks = body.parse("|村名|亩数|\n|张里|120|\n\n|项|元|\n说明")
    assert blocks == (
        Block(BlockKind.TABLE, rows=(("村名", "亩数"), ("张里", "120"))),
        Block(BlockKind.TABLE, rows=(("项", "元"),)),
        Block(BlockKind.PARAGRAPH, "说明"),
    )


lines = st.text(st.characters(blacklist_characters="\r\n|", blacklist_categories=("Cs", "Cc")), min_size=1).map(
    lambda s: s.strip(" \t\u3000")
)
cells = st.text(st.sampled_from("村亩12 一（）\n"), max_size=6).map(str.strip)


@given(
    st.lists(
        lines.filter(bool).map(lambda s: Block(body.kind_of(s), s))
        | st.lists(st.tuples(cells, cells), min_size=1, max_size=3).map(
            lambda rows: Block(BlockKind.TABLE, rows=tuple(rows))
        )
    )
)
def test_what_is_shown_for_editing_parses_to_the_same_blocks(blocks: list[Block]) -> None:
    assert body.parse(body.render(tuple(blocks))) == tuple(blocks)
