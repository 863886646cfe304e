"""The seam for signature providers: local certificates today, SM2 and outside services later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class SealPlace:
    """Where one organ's seal goes: page from 1, centre and diameter in mm from the page's upper left corner.

    `diameter_mm` 0 signs without a picture (minutes carry no seal, GB/T 9704 10.3).
    """

    organ_id: int
    title: str
    page: int
    x_mm: float
    y_mm: float
    diameter_mm: float


class Outcome(StrEnum):
    """What a verifier may say. UNKNOWN accuses nobody: the file is simply not one of ours."""

    GENUINE = "GENUINE"
    ALTERED = "ALTERED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class SealFact:
    """One seal found in a file."""

    title: str
    sealed_at: datetime | None
    serial: str
    trusted: bool
    revoked: bool
    intact: bool
    unchanged_since: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between what was sealed and what the file shows now."""

    page: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer, the seals, the differences, and what was found in plain words."""

    outcome: Outcome
    seals: tuple[SealFact, ...] = ()
    changes: tuple[Change, ...] = ()
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trust:
    """What judging needs, and nothing secret: the PEM of root and intermediate, serials and when they were revoked."""

    chain: tuple[bytes, ...]
    revoked: dict[str, str]


class SignatureProvider(Protocol):
    """Seals files for organs and judges sealed files."""

    def seal(self, pdf: bytes, places: Sequence[SealPlace], *, reason: str) -> bytes:
        """The file with every organ's seal, each an incremental signature; all valid afterwards."""

    def verify(self, pdf: bytes) -> Verdict:
        """Judge a file; never raises for what is in it."""

    def trust(self) -> Trust:
        """What a process without keys needs to judge files of strangers."""
