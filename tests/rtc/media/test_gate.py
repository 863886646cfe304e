"""The gate refuses by rule, and nothing it lets through breaks the parser."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.media import gate
from rtc.media.gate import BadSdp
from rtc.media.sdp import parse

OFFERS = sorted((Path(__file__).parent / "offers").glob("*.sdp"))
GOOD = (Path(__file__).parent / "offers" / "chromium_simulcast.sdp").read_text()
CANDIDATE = "a=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\n"
PRINT = "a=fingerprint:"


def swapped(name: str, value: str) -> str:
    lines = [f"a={name}:{value}" if line.startswith(f"a={name}:") else line for line in GOOD.splitlines()]
    return "\r\n".join(lines) + "\r\n"


def without(name: str) -> str:
    return "\r\n".join(line for line in GOOD.splitlines() if not line.startswith(f"a={name}:")) + "\r\n"


SECTION = GOOD[GOOD.index("m=audio") : GOOD.index("m=video")]

REFUSED = [
    ("too-long", GOOD + "a=x\r\n" * 13_000),
    ("too-long", GOOD + "a=" + "中" * 25_000),
    ("too-many-lines", GOOD + "a=x\r\n" * 4_000),
    ("line-too-long", GOOD + "a=" + "x" * 2_048 + "\r\n"),
    ("not-sdp", ""),
    ("not-sdp", "hello"),
    ("not-sdp", GOOD + "a=\x00\r\n"),
    ("not-sdp", GOOD + "a=中\r\n"),
    ("not-sdp", GOOD + "nonsense\r\n"),
    ("sections", GOOD[: GOOD.index("m=audio")]),
    ("sections", GOOD + SECTION * 19),
    ("too-many-candidates", GOOD + CANDIDATE * 51),
    ("no-fingerprint", without("fingerprint")),
    ("weak-fingerprint", swapped("fingerprint", "sha-1 " + ":".join(["AA"] * 20))),
    ("bad-fingerprint", swapped("fingerprint", "sha-256 " + ":".join(["AA"] * 31))),
    ("bad-fingerprint", swapped("fingerprint", "sha-256 " + ":".join(["XX"] * 32))),
    ("no-credentials", without("ice-ufrag")),
    ("no-credentials", without("ice-pwd")),
    ("bad-credentials", swapped("ice-ufrag", "abc")),
    ("bad-credentials", swapped("ice-pwd", "x" * 257)),
    ("bad-credentials", swapped("ice-pwd", "short")),
    ("bad-credentials", swapped("ice-ufrag", "sp ace")),
]


@pytest.mark.parametrize(("rule", "text"), REFUSED, ids=[f"{i}-{rule}" for i, (rule, _) in enumerate(REFUSED)])
def test_each_limit_refuses_with_its_rule(rule: str, text: str) -> None:
    with pytest.raises(BadSdp) as refused:
        gate.lines(text, most_sections=gate.MOST_OFFERED)
    assert refused.value.rule == rule


@pytest.mark.parametrize("path", OFFERS, ids=lambda p: p.stem)
def test_what_browsers_offer_passes(path: Path) -> None:
    assert gate.lines(path.read_text(), most_sections=gate.MOST_OFFERED)


def test_a_fingerprint_may_stand_at_the_top() -> None:
    line = next(line for line in GOOD.splitlines() if line.startswith(PRINT))
    top = without("fingerprint").replace("t=0 0\r\n", f"t=0 0\r\n{line}\r\n", 1)
    assert parse(top, most_sections=20).fingerprint == parse(GOOD, most_sections=20).fingerprint


LINES = st.sampled_from([line for path in OFFERS for line in path.read_text().splitlines()])
ODD = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(LINES, ODD, st.builds("{}={}".format, st.sampled_from("amco"), ODD)), max_size=60))
def test_any_text_is_parsed_or_refused(lines: list[str]) -> None:
    text = "\r\n".join(["v=0", *GOOD.splitlines()[1:12], *lines])
    try:
        tree = parse(text, most_sections=20)
    except BadSdp as refused:
        assert refused.rule  # noqa: PT017 - both ends are right, nothing else may come out
    else:
        assert tree.media


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_mangled_offer_is_parsed_or_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([path.read_text() for path in OFFERS]))
    at = data.draw(st.integers(0, len(text) - 1))
    to = data.draw(st.integers(at, min(len(text), at + 40)))
    try:
        assert parse(text[:at] + data.draw(ODD) + text[to:], most_sections=20).media
    except BadSdp as refused:
        assert refused.rule  # noqa: PT017
