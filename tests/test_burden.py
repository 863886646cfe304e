"""What must never be built (国办函〔2026〕12号, 基层减负若干规定): no door, table, column, setting or text of it."""

import re
from pathlib import Path

from office.store import tables
from web.config import NAMES
from web.routes import ROUTES
from web.texts import catalogue

ROOT = Path(__file__).resolve().parents[1]
# English identifiers and Chinese words of check-ins, points, rankings, time online, activation rates, forced photos.
IDENTIFIERS = re.compile(
    r"rank|score|point(s)?$|points_|leaderboard|streak|badge|check_?in|punch|online_(time|minutes)|screen_time|"
    r"activation|active_rate|install_rate|usage_rate|read_rate|sign_rate|track(s|ing)?$|geo|photo",
    re.IGNORECASE,
)
WORDS = re.compile(
    r"排名|排行|积分|打卡|在线时长|活跃率|激活率|安装率|使用率|签收率|阅读率|已读率|红黑榜|通报批评|轨迹|拍照上传|强制登录|连续登录"
)
# 分数 of a quorum and the point of a map are none of these; each exception says why it is none.
ALLOWED: frozenset[str] = frozenset()


def test_no_table_or_column() -> None:
    names = {t.name for t in tables.organ.metadata.sorted_tables}
    names |= {f"{t.name}.{c.name}" for t in tables.organ.metadata.sorted_tables for c in t.columns}
    assert {n for n in names if any(IDENTIFIERS.search(part) for part in n.split("."))} - ALLOWED == set()


def test_no_door() -> None:
    assert [r.path for r in ROUTES if any(IDENTIFIERS.search(part) for part in r.path.split("/"))] == []


def test_no_setting() -> None:
    assert [name for name in NAMES if IDENTIFIERS.search(name)] == []


def test_no_text() -> None:
    assert {key: text for key, text in catalogue().items() if WORDS.search(text)} == {}


def test_no_template() -> None:
    pages = sorted((ROOT / "web" / "templates").rglob("*.html"))
    assert pages
    assert [p.name for p in pages if WORDS.search(p.read_text(encoding="utf-8"))] == []


def test_the_search_would_find_it() -> None:
    assert WORDS.search("各县签收率排名")
    assert IDENTIFIERS.search("person_score")
    assert IDENTIFIERS.search("check_in")
