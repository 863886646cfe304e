"""People, the posts they hold, and who may act for whom and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from office.domain.document import Kind


class Role(StrEnum):
    """What a post does in its organ. Rights follow posts, never persons."""

    CLERK = "CLERK"  # 文秘: drafts, receives, registers, numbers, seals, dispatches (条例29)
    OFFICE_HEAD = "OFFICE_HEAD"  # 办公室主任: reviews, proposes handling
    DEPUTY_LEADER = "DEPUTY_LEADER"  # 分管负责人
    LEADER = "LEADER"  # 主要负责人: signs off
    HANDLER = "HANDLER"  # 承办人
    SYSTEM_ADMIN = "SYSTEM_ADMIN"  # 系统管理员: accounts, re-assignment
    SECURITY_ADMIN = "SECURITY_ADMIN"  # 安全管理员
    AUDITOR = "AUDITOR"  # 审计管理员: reads the history


ADMIN_ROLES = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person in a post of an organ; `on_behalf` names the post he signs for (代)."""

    person_id: int
    post_id: int
    organ_id: int
    role: Role
    person_name: str = ""
    post_name: str = ""
    on_behalf: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """A post (职务) of an organ; empty when `person_id` is None."""

    id: int
    organ_id: int
    name: str
    role: Role
    person_id: int | None
    person_name: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Delegation:
    """委托: `deputy_id` acts for `post_id` in [since, until), for `kinds` (None: all kinds)."""

    post_id: int
    deputy_id: int
    since: datetime
    until: datetime
    kinds: frozenset[Kind] | None = None

    def covers(self, kind: Kind | None, at: datetime) -> bool:
        """Whether it holds for a document of `kind` at `at`; the period is half open."""
        return self.since <= at < self.until and (self.kinds is None or kind in self.kinds)


def deputy_of(post_id: int, delegations: Iterable[Delegation], *, kind: Kind | None, at: datetime) -> int | None:
    """The deputy who acts for `post_id` at `at`, or None. One hop: a deputy's own deputy never inherits."""
    held = list(delegations)
    for delegation in held:
        if delegation.post_id == post_id and delegation.covers(kind, at):
            return delegation.deputy_id
    return None
