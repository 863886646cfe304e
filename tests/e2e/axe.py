"""axe-core in the page: what a screen reader or a keyboard would stumble over."""

from functools import lru_cache
from pathlib import Path

from playwright.async_api import Page

SCRIPT = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
  const found = await axe.run(document, { resultTypes: ["violations"] });
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(" ")).slice(0, 3).join(" | ")}`);
}"""


@lru_cache(maxsize=1)
def _source() -> str:
    return SCRIPT.read_text(encoding="utf-8")


async def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now, every rule on. The page's own policy allows no foreign script, so the
    script is put in from outside, as an extension would."""
    line = await page.context.new_cdp_session(page)
    await line.send("Runtime.evaluate", {"expression": _source()})
    await line.detach()
    found: list[str] = await page.evaluate(RUN)
    return found
