"""Breaks a title into lines of 小标宋 二号 without splitting words, 7.3.1."""

import re
from itertools import pairwise

from office.paper.measures import TITLE_COLUMNS

# Where a reader may pause: before these, or after those.
BEFORE = ("关于", "印发", "转发", "批转", "进一步", "全面", "加强", "推进", "开展", "做好", "的通知", "的请示",
          "的报告", "的批复", "的函", "的意见", "的决定", "的通报", "的通告", "的公告", "《", "（")  # fmt: skip
AFTER = ("、", "》", "）", "和", "及", "与", "关于", "办公室", "人民政府", "委员会", "工作", "，")
UNSPLIT = re.compile(r"[0-9A-Za-z〔〕.—\-]{2}")


def lines_of(title: str, *, columns: int = TITLE_COLUMNS) -> tuple[str, ...]:
    """Return the title's lines, as few as fit, as even as the pauses allow; written line breaks stay."""
    written = [line.strip() for line in title.splitlines() if line.strip()]
    if len(written) > 1 and max(map(len, written)) <= columns:
        return tuple(written)
    flat = "".join(written)
    count = -(-len(flat) // columns)
    if count <= 1:
        return (flat,) if flat else ()
    return _best(flat, count, columns) or _best(flat, count + 1, columns) or _chopped(flat, columns)


def _best(flat: str, count: int, columns: int) -> tuple[str, ...]:
    """Cheapest split into exactly `count` lines, or nothing when none fits."""
    even = len(flat) / count
    costs: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(count):
        reached: dict[int, tuple[float, int]] = {}
        for start, (cost, _prior) in costs[-1].items():
            for end in range(start + 1, min(start + columns, len(flat)) + 1):
                total = cost + (end - start - even) ** 2 / 6 + _pain(flat, end)
                if total < reached.get(end, (float("inf"), 0))[0]:
                    reached[end] = (total, start)
        costs.append(reached)
    if len(flat) not in costs[count]:
        return ()
    cuts, end = [len(flat)], len(flat)
    for layer in reversed(costs[1:]):
        end = layer[end][1]
        cuts.append(end)
    edges = cuts[::-1]
    return tuple(flat[a:b] for a, b in pairwise(edges))


def _pain(flat: str, cut: int) -> float:
    """What a break before character `cut` costs: none at a pause, much inside a word or number."""
    if cut == len(flat):
        return 0.0
    if UNSPLIT.fullmatch(flat[cut - 1 : cut + 1]) or (flat[cut] in "、，》）〕的" and not flat.startswith(BEFORE, cut)):
        return 200.0
    if flat.startswith(BEFORE, cut) and flat[cut] != "的":
        return -6.0 if flat.startswith("关于", cut) else 0.0
    return 1.0 if flat[:cut].endswith(AFTER) else 9.0


def _chopped(flat: str, columns: int) -> tuple[str, ...]:
    return tuple(flat[start : start + columns] for start in range(0, len(flat), columns))
