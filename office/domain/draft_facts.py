"""Everything the rules may know about a draft; the service gathers it, the checks only read it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from office.domain.document import Content, Direction, Kind
from office.domain.faults import Moment
from office.domain.organs import EdgeKind, Organ

Edge = tuple[EdgeKind, int, int]


class Relation(Enum):
    """What another organ is to the issuer."""

    ITSELF = auto()
    SUPERIOR = auto()  # 直接上级
    HIGHER = auto()  # a superior further up
    GUIDE = auto()  # 业务指导: the bureau above in the same line
    LOWER = auto()  # 下级, at any depth
    GUIDED = auto()  # the bureau below in the same line
    UNRELATED = auto()  # 不相隶属


UP = frozenset({Relation.SUPERIOR, Relation.HIGHER, Relation.GUIDE})
DOWN = frozenset({Relation.LOWER, Relation.GUIDED})
PUBLIC_KINDS = frozenset({Kind.PROCLAMATION, Kind.COMMUNIQUE, Kind.PUBLIC_NOTICE})
UPWARD_KINDS = frozenset({Kind.REQUEST, Kind.REPORT})


def relation(issuer: Organ, other: Organ, edges: Iterable[Edge] = ()) -> Relation:
    """隶属 first, then 双重领导 and 业务指导."""
    if other.id == issuer.id:
        return Relation.ITSELF
    if other.id == issuer.parent_id or (EdgeKind.DUAL, other.id, issuer.id) in edges:
        return Relation.SUPERIOR
    if issuer.is_under(other):
        return Relation.HIGHER
    if other.is_under(issuer):
        return Relation.LOWER
    if (EdgeKind.GUIDANCE, other.id, issuer.id) in edges:
        return Relation.GUIDE
    if (EdgeKind.GUIDANCE, issuer.id, other.id) in edges:
        return Relation.GUIDED
    return Relation.UNRELATED


@dataclass(frozen=True, slots=True)
class Party:
    """A recipient and what it is to the issuer."""

    organ: Organ
    relation: Relation


@dataclass(frozen=True, slots=True)
class Answered:
    """The paper a 批复 answers. `way` are the organs between which it came: the asker and those who passed it on."""

    kind: Kind
    title: str
    number: str
    way: frozenset[int]


@dataclass(frozen=True, slots=True)
class Similar:
    """An own or superior's document of the last twelve months that is nearly the same (0 to 1)."""

    title: str
    number: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Facts:
    """A draft with its surroundings, at one moment.

    `names` maps every full and short name of the directory to the organs that bear it; `near` are the organs
    whose short forms this issuer uses (its superiors, its sisters, its subordinates).
    `countersigned` are the organs asked for countersign; None while that is not chosen yet.
    """

    content: Content
    issuer: Organ
    moment: Moment = Moment.TYPING
    principals: tuple[Party, ...] = ()
    copies: tuple[Party, ...] = ()
    edges: tuple[Edge, ...] = ()  # of the issuer
    dual_led: Mapping[int, int] = field(default_factory=dict)  # recipient → its other superior
    above: tuple[Organ, ...] = ()  # superiors, nearest first
    sisters: tuple[Organ, ...] = ()  # departments of the same government, the issuer left out
    joint: tuple[Organ, ...] = ()
    names: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    near: Mapping[int, Organ] = field(default_factory=dict)
    attachments: tuple[str, ...] = ()  # names of the real files, in order
    answered: Answered | None = None
    similar: tuple[Similar, ...] = ()
    issued_this_year: int = 0
    issued_last_year: int = 0
    countersigned: frozenset[int] | None = None
    disagreed: tuple[str, ...] = ()  # organs that did not agree in countersign
    reasons: Mapping[str, str] = field(default_factory=dict)  # rule → reason given
    marks: tuple[str, ...] = ()  # hard marks of secrecy found in the text

    @property
    def direction(self) -> Direction:
        """Where the paper goes: by its kind where that decides, else by its first recipient."""
        if self.content.kind in UPWARD_KINDS:
            return Direction.UPWARD
        if self.content.kind in PUBLIC_KINDS and not self.principals:
            return Direction.PUBLIC
        first = self.principals[0] if self.principals else None
        if first is not None and first.relation in UP:
            return Direction.UPWARD
        if first is not None and first.relation in DOWN:
            return Direction.DOWNWARD
        if self.content.kind in (Kind.LETTER, Kind.BILL):
            return Direction.LATERAL
        # A department's paper to a lower tier goes down, though nobody there is subordinate to it.
        beside = first is not None and first.organ.level <= self.issuer.level
        return Direction.LATERAL if beside else Direction.DOWNWARD
