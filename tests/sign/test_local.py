"""Seals: made, put in their place, and every later change found."""

import io
import random
from datetime import UTC, date, datetime
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from PIL import ImageChops
from pypdf.annotations import FreeText

from office.domain.document import Block, BlockKind, Content, Imprint, Issuer, Kind, Paper
from office.paper import layout
from office.sign.local import LocalProvider
from office.sign.provider import Outcome, SealPlace


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> LocalProvider:
    return LocalProvider(tmp_path_factory.mktemp("keys"), demo=True)


@pytest.fixture(scope="module")
def unsealed() -> bytes:
    content = Content(Kind.NOTICE, "关于安排68万元的通知", "各县", (Block(BlockKind.PARAGRAPH, "尚缺68万元。"),))
    issuer = Issuer("咸阳市人民政府", "咸阳市人民政府文件", 45)
    return layout.render(Paper(content, issuer, Imprint("咸政发〔2026〕1号", date(2026, 11, 24)))).pdf


PLACE = SealPlace(1, "咸阳市人民政府", 1, 120.0, 220.0, 45.0)


@pytest.fixture(scope="module")
def sealed(provider: LocalProvider, unsealed: bytes) -> bytes:
    return provider.seal(unsealed, [PLACE], reason="用印")


def test_a_sealed_file_is_genuine_and_names_its_organ(provider: LocalProvider, sealed: bytes) -> None:
    verdict = provider.verify(sealed)
    assert verdict.outcome is Outcome.GENUINE
    assert [seal.title for seal in verdict.seals] == ["咸阳市人民政府"]


@pytest.mark.slow
def test_ten_seals_one_after_another_are_all_good(provider: LocalProvider, unsealed: bytes) -> None:
    places = [SealPlace(i, f"咸阳市第{i}局", 1, 40.0 + 12 * i, 120.0, 42.0) for i in range(1, 11)]
    verdict = provider.verify(provider.seal(unsealed, places, reason="联合行文"))
    assert verdict.outcome is Outcome.GENUINE
    assert len(verdict.seals) == 10


def test_a_joint_issue_cut_back_to_its_first_seal_is_found(provider: LocalProvider, unsealed: bytes) -> None:
    places = [SealPlace(i, f"咸阳市第{i}局", 1, 40.0 + 50 * i, 120.0, 42.0) for i in (1, 2)]
    both = provider.seal(unsealed, places, reason="联合行文")
    first = both[: both.index(b"%%EOF", both.index(b"/ByteRange")) + len(b"%%EOF\n")]
    verdict = provider.verify(first)
    assert verdict.outcome is Outcome.ALTERED
    assert [seal.title for seal in verdict.seals] == ["咸阳市第1局"]
    assert "2个章" in verdict.findings[0]
    assert provider.verify(both).outcome is Outcome.GENUINE


def test_a_seal_without_a_picture_is_as_good(provider: LocalProvider, unsealed: bytes) -> None:
    sealed = provider.seal(unsealed, [SealPlace(1, "咸阳市人民政府", 1, 0.0, 0.0, 0.0)], reason="用印")
    assert provider.verify(sealed).outcome is Outcome.GENUINE


def test_an_annotation_behind_the_last_of_several_seals_is_found(provider: LocalProvider, unsealed: bytes) -> None:
    places = [SealPlace(i, f"咸阳市第{i}局", 1, 40.0 + 50 * i, 120.0, 42.0) for i in (1, 2)]
    writer = pypdf.PdfWriter(io.BytesIO(provider.seal(unsealed, places, reason="联合行文")), incremental=True)
    writer.add_annotation(0, FreeText(text="86", rect=(50, 50, 200, 100)))
    out = io.BytesIO()
    writer.write(out)
    verdict = provider.verify(out.getvalue())
    assert verdict.outcome is Outcome.ALTERED
    assert not all(seal.unchanged_since for seal in verdict.seals)


def test_one_changed_byte_of_the_page_says_so_in_plain_words(provider: LocalProvider, sealed: bytes) -> None:
    changed = bytearray(sealed)
    changed[sealed.index(b"stream") + 40] ^= 1
    verdict = provider.verify(bytes(changed))
    assert verdict.outcome is Outcome.ALTERED
    assert "不要据此办理" in verdict.findings[0] or "要原件" in verdict.findings[0]


@pytest.mark.slow
def test_two_hundred_changed_bytes_are_all_found(provider: LocalProvider, sealed: bytes) -> None:
    chance = random.Random(7)
    for _ in range(200):
        at = chance.randrange(len(sealed))
        changed = bytearray(sealed)
        changed[at] ^= 1 << chance.randrange(8)
        assert provider.verify(bytes(changed)).outcome is not Outcome.GENUINE, at


def test_an_annotation_added_later_is_found(provider: LocalProvider, sealed: bytes) -> None:
    writer = pypdf.PdfWriter(io.BytesIO(sealed), incremental=True)
    writer.add_annotation(0, FreeText(text="86", rect=(50, 50, 200, 100)))
    out = io.BytesIO()
    writer.write(out)
    assert provider.verify(out.getvalue()).outcome is Outcome.ALTERED


def test_a_rewritten_file_is_found(provider: LocalProvider, sealed: bytes) -> None:
    out = io.BytesIO()
    pypdf.PdfWriter(clone_from=io.BytesIO(sealed)).write(out)
    assert provider.verify(out.getvalue()).outcome is Outcome.ALTERED


def test_what_is_not_ours_is_unknown_not_false(provider: LocalProvider, sealed: bytes, tmp_path: Path) -> None:
    other = LocalProvider(tmp_path, demo=True)
    assert other.verify(sealed).outcome is Outcome.UNKNOWN
    assert provider.verify(b"no pdf").outcome is Outcome.UNKNOWN


def test_an_unsealed_file_is_unknown(provider: LocalProvider, unsealed: bytes) -> None:
    assert provider.verify(unsealed).outcome is Outcome.UNKNOWN


def test_a_revoked_certificate_makes_no_good_seal(tmp_path: Path, unsealed: bytes) -> None:
    provider = LocalProvider(tmp_path, demo=True)
    sealed = provider.seal(unsealed, [PLACE], reason="用印")
    provider.authority.revoke(1, at=datetime(2026, 1, 1, tzinfo=UTC))
    verdict = provider.verify(sealed)
    assert verdict.outcome is Outcome.ALTERED
    assert verdict.seals[0].revoked
    again = provider.seal(unsealed, [PLACE], reason="用印")
    assert provider.verify(again).outcome is Outcome.GENUINE


def test_keys_are_for_the_service_alone_and_survive_a_restart(tmp_path: Path, unsealed: bytes) -> None:
    sealed = LocalProvider(tmp_path, demo=True).seal(unsealed, [PLACE], reason="用印")
    assert tmp_path.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in tmp_path.iterdir()} == {0o600}
    assert LocalProvider(tmp_path, demo=True).verify(sealed).outcome is Outcome.GENUINE


def test_the_seal_is_where_it_belongs_to_half_a_millimetre(sealed: bytes) -> None:
    scale = 8
    document = pypdfium2.PdfDocument(sealed)
    document.init_forms()
    picture = document[0].render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    document.close()
    mm = 72 / 25.4 * scale
    region = picture.crop((round(90 * mm), round(190 * mm), round(150 * mm), round(250 * mm)))
    red = region.split()[0].point(lambda v: 255 if v > 150 else 0)
    green = region.split()[1].point(lambda v: 255 if v < 120 else 0)
    box = ImageChops.multiply(red, green).getbbox()
    assert box is not None
    found = (90 + box[0] / mm, 190 + box[1] / mm, 90 + box[2] / mm, 190 + box[3] / mm)
    for got, wanted in zip(found, (97.5, 197.5, 142.5, 242.5), strict=True):
        assert abs(got - wanted) <= 0.5, found
