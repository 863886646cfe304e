"""What a check of a draft finds: faults with their rule, their place and the fix to press."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What a rule does when it applies."""

    REFUSE = "refuse"  # stops
    REQUIRE = "require"  # stops until a reason or record is attached
    WARN = "warn"  # goes on; the reason given stays for ever
    AUTO = "auto"  # the system acts by itself and says so
    ALLOW = "allow"  # says plainly that it is permitted
    FORBID = "forbid"  # a ban on the product, proved by tests


class Moment(StrEnum):
    """When the rules run: the same engine three times."""

    TYPING = "typing"
    SEND = "send"  # 送审
    RECHECK = "recheck"  # 复核


class Part(StrEnum):
    """Where on the paper a fault is."""

    PAPER = ""
    TITLE = "title"
    PRINCIPAL = "principal"
    BODY = "body"
    ATTACHMENTS = "attachments"
    NOTE = "note"
    COPIES = "copies"


@dataclass(frozen=True, slots=True)
class Fix:
    """A fix to press: its id (`fixes.mend` knows it) and the words on the button."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check saw. `block` is the body block (0 is the first); `quote` the words it is about.

    `action` softens the rule where the case is milder than its text; `goes_to` names a page that helps.
    """

    part: Part = Part.PAPER
    block: int | None = None
    quote: str = ""
    says: str = ""
    fixes: tuple[Fix, ...] = ()
    goes_to: str = ""
    action: Action | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding under its rule, ready to show."""

    rule: str
    action: Action
    says: str
    remedy: str
    article: str
    finding: Finding
    reason: str = ""

    @property
    def stops(self) -> bool:
        """Whether the draft cannot go on: refused, or required and nothing attached yet."""
        return self.action is Action.REFUSE or (self.action is Action.REQUIRE and not self.reason)

    @property
    def needs_reason(self) -> bool:
        """Whether a reason may be attached and has not been."""
        return self.action in (Action.REQUIRE, Action.WARN) and not self.reason
