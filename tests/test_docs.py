"""What a person has to know stands in a README: settings, commands, scripts, benches, events."""

import argparse
from pathlib import Path
from typing import get_args

from office.domain.chain_events import Event
from office.domain.commands import Command
from web.cli import parser
from web.config import NAMES, PREFIX

ROOT = Path(__file__).resolve().parents[1]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_every_setting_is_explained() -> None:
    told = read("README.md")
    assert [name for name in sorted(NAMES) if PREFIX + name not in told] == []


def test_every_command_is_explained() -> None:
    told = read("README.md")
    choices = next(a.choices for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    assert choices is not None
    assert [name for name in choices if f"web {name}" not in told and f"scripts/{name}" not in told] == []


def test_every_script_is_explained() -> None:
    told = read("README.md")
    scripts = [p.name for p in (ROOT / "scripts").iterdir() if p.is_file() and p.suffix != ".py"]
    assert [name for name in scripts if f"scripts/{name}" not in told and name not in ("fonts", "build")] == []


def test_every_bench_is_explained() -> None:
    told = read("README.md")
    benches = [p.stem.removeprefix("bench_") for p in (ROOT / "scripts").glob("bench_*.py")]
    assert benches
    assert [name for name in benches if f"scripts/bench {name}" not in told] == []


def test_every_verb_and_event_of_a_chain_is_explained() -> None:
    told = read("office/domain/README.md")
    members = [kind.__name__ for kind in (*get_args(Event), *get_args(Command))]
    assert [name for name in members if name not in told] == []


def test_the_pictures_of_the_readme_are_there() -> None:
    shown = [part.split(")")[0] for part in read("README.md").split("](")[1:] if part.split(")")[0].endswith(".png")]
    assert shown
    assert [path for path in shown if not (ROOT / path).is_file()] == []
