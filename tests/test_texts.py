"""Every text a template asks for is in the catalogue."""

import re
from pathlib import Path

import pytest

from office.domain.chain import ChainPurpose, Purpose, StepKind, Verdict
from office.domain.commands import ReturnReason
from office.domain.document import Layout
from office.domain.organs import Level
from web.texts import MissingText, catalogue, text

TEMPLATES = Path(__file__).resolve().parents[1] / "web" / "templates"
KEY = re.compile(r"""\bt\(\s*["']([a-z_]+\.[A-Za-z_.]+)["']\s*[,)]""")
FAMILIES = {
    "purpose": Purpose, "task": Purpose, "verb_of_task": Purpose, "verb.step": Purpose, "kind": StepKind,
    "verdict": Verdict, "chain": ChainPurpose, "reason": ReturnReason, "layout": Layout,
}  # fmt: skip


def asked() -> set[str]:
    return {key for path in TEMPLATES.rglob("*.html") for key in KEY.findall(path.read_text(encoding="utf-8"))}


def test_no_text_is_missing() -> None:
    assert len(asked()) > 100
    assert sorted(asked() - set(catalogue())) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_member_of_a_family_has_a_text(family: str) -> None:
    members = [member.name for member in FAMILIES[family]]
    assert [m for m in members if f"{family}.{m}" not in catalogue()] == []


def test_every_tier_has_a_text() -> None:
    assert [level.name for level in Level if f"tier.{level.name}" not in catalogue()] == []


def test_a_missing_text_is_an_error() -> None:
    with pytest.raises(MissingText):
        text("no.such_text")
