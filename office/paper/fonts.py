"""Which font file serves which role of GB/T 9704; found once at start-up, shown by the start-up check."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
import typst

PROJECT_FONTS = Path(__file__).resolve().parents[2] / ".fonts"
FONTS_VARIABLE = "YIWANG_FONTS"


class Role(StrEnum):
    """A typeface the standard asks for; the value is its Chinese name."""

    FANG = "仿宋"
    KAI = "楷体"
    HEI = "黑体"
    TITLE = "小标宋"
    SONG = "宋体"


SERIF, SANS = "Noto Serif SC", "Noto Sans SC"

# The offices' own fonts come first, then the free ones: GB/T 9704 5.2.2 names the faces, not the makers.
WANTED: Mapping[Role, tuple[str, ...]] = {
    Role.FANG: ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "FandolFang R"),
    Role.KAI: ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "STKaiti", "FandolKai", "LXGW WenKai"),
    Role.HEI: ("SimHei", "黑体", "STHeiti", "FandolHei"),
    Role.TITLE: ("FZXiaoBiaoSong-B05S", "方正小标宋简体", "FZXiaoBiaoSong-B05", "FandolSong"),
    Role.SONG: ("SimSun", "宋体", "STSong", "FandolSong"),
}
STAND_IN = {Role.FANG: SERIF, Role.KAI: SERIF, Role.HEI: SANS, Role.TITLE: SERIF, Role.SONG: SERIF}
BOLD_STAND_INS = frozenset({"FandolSong"})  # no free 小标宋: the bold Song is the nearest


@dataclass(frozen=True, slots=True)
class FontSet:
    """The loaded font files and, for each role, family names in the order they are tried."""

    fonts: typst.Fonts
    families: Mapping[Role, tuple[str, ...]]

    def faithful(self, role: Role) -> bool:
        """Whether the role has a face of its own and not just the glyph fallback."""
        return len(self.families[role]) > 1

    def bold_title(self) -> bool:
        """Whether the title face has to be emboldened to stand in for 小标宋."""
        return self.families[Role.TITLE][0] in BOLD_STAND_INS

    def report(self) -> tuple[str, ...]:
        """One Chinese line a role, for the start-up check."""
        return tuple(
            f"{role.value}：{self.families[role][0]}" + ("" if self.faithful(role) else "（替代字体，没有找到原字体）")
            for role in Role
        )


def folders() -> tuple[Path, ...]:
    """Folders that may hold font files, the most wanted first."""
    configured = os.environ.get(FONTS_VARIABLE, "")
    wished = (Path(configured),) if configured else ()
    return tuple(folder for folder in (*wished, PROJECT_FONTS) if folder.is_dir())


def load(where: tuple[Path, ...]) -> FontSet:
    """Load every font of the folders; the packaged Noto faces always serve the missing glyphs."""
    packaged = Path(str(pylopdf_fonts_zh_cn.serif_path())).parent
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in (*where, packaged)],
    )
    present = set(fonts.families())
    families = {role: (*_first(WANTED[role], present), STAND_IN[role]) for role in Role}
    return FontSet(fonts, families)


def _first(wanted: tuple[str, ...], present: set[str]) -> tuple[str, ...]:
    return next(((name,) for name in wanted if name in present), ())


@lru_cache(maxsize=1)
def find() -> FontSet:
    """Return the one font set of this process; the files are read at the first call."""
    return load(folders())
