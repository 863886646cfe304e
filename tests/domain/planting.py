"""Plants one small mistake in the running program: a function's source with one place changed, for one test."""

import inspect
import sys
import textwrap
from types import FunctionType, ModuleType

import pytest


def plant(monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str, right: str, wrong: str) -> None:
    """Replace `right`, which must occur exactly once, by `wrong` in that function, everywhere it is used by name."""
    holder, _, plain = name.rpartition(".")
    owner: object = getattr(module, holder) if holder else module
    sound = getattr(owner, plain)
    source = textwrap.dedent(inspect.getsource(sound))
    assert source.count(right) == 1, f"{name} no longer reads {right!r}: plant this mistake anew"
    scope: dict[str, object] = {}
    exec(compile(source.replace(right, wrong), f"<planted in {name}>", "exec"), module.__dict__, scope)
    broken = scope[plain]
    assert isinstance(broken, FunctionType)
    if holder:
        monkeypatch.setattr(owner, plain, broken)
        return
    for user in [m for key, m in sys.modules.items() if key.startswith(("office.", "rtc.", "tests."))]:
        for known, value in list(vars(user).items()):
            if value is sound:
                monkeypatch.setattr(user, known, broken)
