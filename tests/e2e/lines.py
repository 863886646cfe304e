"""Lines as villages have them: a client in its own network namespace, behind a wire that loses, narrows or blocks."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.browser import CHROMIUM

TOOLS = ("ip", "tc", "nft")


def possible() -> str:
    """Why it cannot be done here, "" when it can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"missing: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "network namespaces need root"
    tried = subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "network namespaces are not allowed here"


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")


@dataclass(slots=True)
class Line:
    """One client's wire. `server` is the address the client reaches this machine under."""

    name: str
    server: str
    client: str
    program: Path  # starts Chromium behind this wire

    def inside(self, *command: str) -> None:
        """Run a command in the client's namespace."""
        _run("ip", "netns", "exec", self.name, *command)

    def lose(self, percent: int, port: int) -> None:
        """Lose that share of the UDP packets from and to the server's port, each way by itself."""
        self._rules(
            f"add rule ip line in udp sport {port} numgen random mod 100 < {percent} drop",
            f"add rule ip line out udp dport {port} numgen random mod 100 < {percent} drop",
        )

    def block(self, *ports: int) -> None:
        """No UDP to these ports of the server."""
        self._rules(*(f"add rule ip line out udp dport {port} drop" for port in ports))

    def narrow(self, kilobits: int) -> None:
        """The way down carries that much, with a third of a second of queue."""
        _run(
            "tc", "qdisc", "replace", "dev", self.name, "root", "tbf", "rate", f"{kilobits}kbit", "burst", "8kb",
            "latency", "300ms",
        )  # fmt: skip

    def heal(self) -> None:
        """A good line again."""
        with suppress(AssertionError):
            _run("tc", "qdisc", "del", "dev", self.name, "root")
        self._rules()

    def move(self) -> None:
        """The client gets another address, as when a phone changes its network."""
        last = int(self.client.rsplit(".", 1)[1])
        moved = f"{self.client.rsplit('.', 1)[0]}.{last + 1}"
        self.inside("ip", "addr", "del", f"{self.client}/24", "dev", "line")
        self.inside("ip", "addr", "add", f"{moved}/24", "dev", "line")
        self.inside("ip", "route", "replace", "default", "via", self.server)
        self.client = moved

    def _rules(self, *rules: str) -> None:
        self.inside("nft", "flush ruleset")
        self.inside("nft", "add table ip line")
        for hook in ("in", "out"):
            kind = "input" if hook == "in" else "output"
            self.inside("nft", f"add chain ip line {hook} {{ type filter hook {kind} priority 0; }}")
        for rule in rules:
            self.inside("nft", rule)


@contextmanager
def line(folder: Path, number: int) -> Iterator[Line]:
    """A namespace joined to this machine by a wire; gone afterwards. Numbers 1 to 200 may run side by side."""
    name, base = f"yw{os.getpid() % 100_000}n{number}", f"10.{77 + os.getpid() % 100}.{number}"
    program = folder / f"chromium-{number}"
    program.write_text(f'#!/bin/sh\nexec ip netns exec {name} {CHROMIUM} "$@"\n')
    program.chmod(0o755)
    made = Line(name, f"{base}.1", f"{base}.2", program)
    _run("ip", "netns", "add", name)
    try:
        _run("ip", "link", "add", name, "type", "veth", "peer", "name", "line", "netns", name)
        _run("ip", "addr", "add", f"{made.server}/24", "dev", name)
        _run("ip", "link", "set", name, "up")
        for command in (
            ("link", "set", "lo", "up"), ("addr", "add", f"{made.client}/24", "dev", "line"),
            ("link", "set", "line", "up"), ("route", "add", "default", "via", made.server),
        ):  # fmt: skip
            made.inside("ip", *command)
        yield made
    finally:
        subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", name], check=False, capture_output=True)
