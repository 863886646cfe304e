"""The child that judges one file and dies: `python -m web.judging_entry FOLDER MEMORY CPU`.

It has no key and no database. One JSON document comes in (`Trust`), one goes out (`Judged`). Here pyHanko needs an
event loop and with it a socket pair, so the jail's second fence is left open; the limits of the first one hold.
"""

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from office.paper import child_jail
from office.sign import judge
from office.sign.provider import Trust, Verdict

FILE = "file"
MOST_TRUST = 1 << 20


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict, and the SHA-256 of the file and of what each seal closed: our books know one of them."""

    verdict: Verdict
    hashes: tuple[str, ...]


def look(pdf: bytes, trust: Trust) -> Judged:
    """Judge the file in this process."""
    hashes = [hashlib.sha256(part).hexdigest() for part in (pdf, *judge.revisions(pdf))]
    return Judged(judge.judge(pdf, trust.chain, trust.revoked), tuple(dict.fromkeys(hashes)))


def main(arguments: list[str]) -> None:
    """Read what to trust, judge, answer, end."""
    folder, memory, cpu = Path(arguments[0]), int(arguments[1]), int(arguments[2])
    child_jail.enter(memory=memory)
    trust = msgspec.json.decode(sys.stdin.buffer.read(MOST_TRUST), type=Trust)
    child_jail.start_clock(cpu=cpu)
    sys.stdout.buffer.write(msgspec.json.encode(look((folder / FILE).read_bytes(), trust)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
