"""The gate: what an SDP text must look like before anything of it is parsed deeper. A refusal carries a stable rule."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

MOST_BYTES: Final = 64 * 1024
MOST_LINES: Final = 4_000
LONGEST_LINE: Final = 2_048
MOST_CANDIDATES: Final = 50
MOST_OFFERED: Final = 20  # m-lines of a publish offer
MOST_ANSWERED: Final = 64  # m-lines of a subscribe answer
DIGESTS: Final = {"sha-256": 32, "sha-384": 48, "sha-512": 64}  # bytes of each

_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})+")
_ICE_CHARS = re.compile(r"[A-Za-z0-9+/]+")  # RFC 8839, 5.4
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32}")  # RFC 8866, with a length of our own
_UFRAG, _PASSWORD = (4, 256), (22, 256)  # characters, RFC 8839, 5.4


class BadSdp(Exception):
    """An SDP we do not take; `rule` is stable, the reason is English and for the log."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(f"{rule}: {reason}")
        self.rule = rule


def lines(text: str, *, most_sections: int) -> tuple[str, ...]:
    """The lines of a text within the limits, or BadSdp."""
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise BadSdp("too-long", f"more than {MOST_BYTES} bytes")
    found = tuple(line for line in text.replace("\r", "\n").split("\n") if line)
    _check_lines(found)
    _check_counts(found, most_sections)
    _check_fingerprints(found)
    _check_credentials(found)
    return found


def token(value: str, what: str) -> str:
    """`value` when it may be written back into an SDP of ours."""
    if not _TOKEN.fullmatch(value):
        raise BadSdp("bad-token", f"{what} is no token of at most 32 characters")
    return value


def _check_lines(found: Sequence[str]) -> None:
    if len(found) > MOST_LINES:
        raise BadSdp("too-many-lines", f"more than {MOST_LINES} lines")
    if not found or found[0] != "v=0":
        raise BadSdp("not-sdp", "does not begin with v=0")
    for line in found:
        if len(line) > LONGEST_LINE:
            raise BadSdp("line-too-long", f"a line of more than {LONGEST_LINE} characters")
        if line[1:2] != "=" or not line[0].islower() or not line.isascii() or not line.isprintable():
            raise BadSdp("not-sdp", "a line that is not <letter>=<printable ASCII>")


def _check_counts(found: Sequence[str], most_sections: int) -> None:
    sections = sum(line.startswith("m=") for line in found)
    if not 1 <= sections <= most_sections:
        raise BadSdp("sections", f"{sections} media sections, not 1 to {most_sections}")
    if sum(line.startswith("a=candidate:") for line in found) > MOST_CANDIDATES:
        raise BadSdp("too-many-candidates", f"more than {MOST_CANDIDATES} candidates")


def _values(found: Iterable[str], name: str) -> list[str]:
    start = f"a={name}:"
    return [line[len(start) :] for line in found if line.startswith(start)]


def _check_fingerprints(found: Sequence[str]) -> None:
    given = _values(found, "fingerprint")
    if not given:
        raise BadSdp("no-fingerprint", "no certificate fingerprint, at the top or in a section")
    for value in given:
        algorithm, _, digest = value.partition(" ")
        size = DIGESTS.get(algorithm.lower())
        if size is None:
            raise BadSdp("weak-fingerprint", "a fingerprint that is not sha-256, sha-384 or sha-512")
        if not _FINGERPRINT.fullmatch(digest) or len(digest) != 3 * size - 1:
            raise BadSdp("bad-fingerprint", "a fingerprint of another length or form")


def _check_credentials(found: Sequence[str]) -> None:
    for name, (least, most) in (("ice-ufrag", _UFRAG), ("ice-pwd", _PASSWORD)):
        given = _values(found, name)
        if not given:
            raise BadSdp("no-credentials", f"no {name}")
        for value in given:
            if not least <= len(value) <= most or not _ICE_CHARS.fullmatch(value):
                raise BadSdp("bad-credentials", f"{name} is not {least} to {most} ice-chars")
