"""The shape of the house: sizes, names, and who may know whom, where import-linter cannot say it."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("office", "rtc", "web")
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
BAD_NAMES = frozenset({"utils", "helpers", "common", "core", "managers", "models", "misc"})
MIGRATIONS = "office/store/migrations"


def files() -> list[Path]:
    found = [path for package in (*PACKAGES, "tests") for path in sorted((ROOT / package).rglob("*.py"))]
    return [p for p in found if "node_modules" not in p.parts and MIGRATIONS not in p.as_posix()]


def functions() -> Iterator[tuple[str, int]]:
    """Every function of the product with its length in lines, its docstring and decorators not counted."""
    for path in files():
        if path.is_relative_to(ROOT / "tests"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                first = node.body[0]
                told = ast.get_docstring(node) is not None and first.end_lineno is not None
                spared = first.end_lineno - first.lineno + 1 if told and first.end_lineno is not None else 0
                yield f"{path.relative_to(ROOT)}:{node.name}", node.end_lineno - node.lineno + 1 - spared


def test_no_file_is_long() -> None:
    lengths = {p.relative_to(ROOT).as_posix(): len(p.read_text(encoding="utf-8").splitlines()) for p in files()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_long_and_most_are_short() -> None:
    lengths = dict(functions())
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION} == {}
    assert statistics.median(lengths.values()) < 10


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [p.as_posix() for p in files() if p.stem in BAD_NAMES or p.parent.name in BAD_NAMES] == []


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return names


def test_only_the_bridge_knows_documents_and_meetings() -> None:
    both = []
    for path in files():
        known = imported(path)
        if any(n.startswith("office.service") for n in known) and any(n.startswith("rtc.service") for n in known):
            both.append(path.relative_to(ROOT).as_posix())
    assert set(both) <= {"web/app.py", "web/bridge.py"}


TOLD = (
    "office", "office/domain", "office/service", "office/store", "office/paper", "office/sign", "rtc/live",
    "rtc/media", "rtc/service", "rtc/store", "web",
)  # fmt: skip


@pytest.mark.parametrize("package", TOLD)
def test_each_package_says_what_lives_there(package: str) -> None:
    told = (ROOT / package / "README.md").read_text(encoding="utf-8")
    missing = [
        path.name for path in sorted((ROOT / package).glob("*.py"))
        if path.name not in told and path.stem not in told and not path.name.startswith("__")
    ]  # fmt: skip
    assert missing == []
