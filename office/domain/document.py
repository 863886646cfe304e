"""The paper: kind, content, recipients, and what is added after sign-off."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum

from office.domain.organs import Level


class Kind(StrEnum):
    """The 15 kinds (文种) of 条例8; the value is the Chinese name."""

    RESOLUTION = "决议"
    DECISION = "决定"
    ORDER = "命令"
    COMMUNIQUE = "公报"
    PROCLAMATION = "公告"
    PUBLIC_NOTICE = "通告"
    OPINION = "意见"
    NOTICE = "通知"
    CIRCULAR = "通报"
    REPORT = "报告"
    REQUEST = "请示"
    REPLY = "批复"
    BILL = "议案"
    LETTER = "函"
    MINUTES = "纪要"


class Layout(StrEnum):
    """Format of the page, GB/T 9704-2012 chapters 7 and 10."""

    GENERAL = "GENERAL"  # 文件式
    LETTER = "LETTER"  # 信函格式 10.1
    ORDER = "ORDER"  # 命令(令)格式 10.2
    MINUTES = "MINUTES"  # 纪要格式 10.3


LAYOUT_OF = {Kind.LETTER: Layout.LETTER, Kind.ORDER: Layout.ORDER, Kind.MINUTES: Layout.MINUTES}


class Urgency(StrEnum):
    """紧急程度, 条例9(3)."""

    NORMAL = "NORMAL"  # 平件: not printed
    PRESSING = "加急"
    IMMEDIATE = "特急"


class Direction(StrEnum):
    """行文方向."""

    UPWARD = "UPWARD"
    DOWNWARD = "DOWNWARD"
    LATERAL = "LATERAL"
    PUBLIC = "PUBLIC"


class BlockKind(StrEnum):
    """A paragraph's place in the numbering of GB/T 9704 7.3.3, or a table."""

    LEVEL1 = "LEVEL1"  # 一、 黑体
    LEVEL2 = "LEVEL2"  # （一） 楷体
    LEVEL3 = "LEVEL3"  # 1.
    LEVEL4 = "LEVEL4"  # （1）
    PARAGRAPH = "PARAGRAPH"
    TABLE = "TABLE"


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or table of the body. `rows` only for tables."""

    kind: BlockKind
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen recipients: single organs, whole tiers below an organ, less the excluded ones.

    `tiers` holds (organ_id, level): everything of that level under that organ.
    """

    organ_ids: tuple[int, ...] = ()
    tiers: tuple[tuple[int, Level], ...] = ()
    excluded: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.organ_ids or self.tiers)


@dataclass(frozen=True, slots=True)
class Attendance:
    """出席、请假、列席 of minutes, GB/T 9704 10.3: label and names."""

    present: tuple[str, ...] = ()
    excused: tuple[str, ...] = ()
    observing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """All that is written before sign-off. Immutable: an edit makes a new version."""

    kind: Kind
    title: str = ""
    principal_text: str = ""  # 主送 as printed, without the colon
    body: tuple[Block, ...] = ()
    attachment_names: tuple[str, ...] = ()  # 附件说明
    note: str = ""  # 附注, without brackets
    urgency: Urgency = Urgency.NORMAL
    reach: Level | None = None  # 发至层级; None: the recipients only
    layout: Layout = Layout.GENERAL
    principals: Selection = field(default_factory=Selection)
    copies: Selection = field(default_factory=Selection)
    copy_text: str = ""  # 抄送 as printed, without the full stop; colophon
    joint_organ_ids: tuple[int, ...] = ()  # 联合行文, lead organ not repeated
    attendance: Attendance = field(default_factory=Attendance)
    amount_yuan: int = 0  # what a request asks for; decides which tier is competent
    answers_document_id: int | None = None  # the 请示 a 批复 answers

    def text(self) -> str:
        """The running text, one block a line; what rules and the classification guard read."""
        lines = [self.title, self.principal_text]
        for block in self.body:
            lines.append(block.text)
            lines.extend("\t".join(row) for row in block.rows)
        return "\n".join([*lines, *self.attachment_names, self.note, self.copy_text])


COLOPHON_FIELDS = frozenset({"copy_text", "copies"})


def canonical(value: object) -> bytes:
    """Sorted keys, UTF-8, no white space, no floats: the bytes every hash of ours is taken over."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()


def signed_part(content: Content, attachment_hashes: Mapping[str, str]) -> dict[str, object]:
    """What the signatory signs: everything but the colophon (条例25(1))."""
    fields = {key: value for key, value in asdict(content).items() if key not in COLOPHON_FIELDS}
    return {"content": fields, "attachments": dict(attachment_hashes)}


def content_hash(content: Content, attachment_hashes: Mapping[str, str]) -> str:
    """SHA-256 (hex) of the signed part; `attachment_hashes` maps name to the file's SHA-256."""
    return hashlib.sha256(canonical(signed_part(content, attachment_hashes))).hexdigest()


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues, as the page shows it. `joint` are the other organs' titles in order."""

    title: str
    mark: str  # 发文机关标志, as 咸阳市人民政府文件
    seal_mm: float = 42.0
    joint: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Imprint:
    """What may still be added after sign-off: number, date, signatories, colophon (条例25(1))."""

    number: str = ""  # 咸政发〔2026〕3号
    day: date | None = None  # 成文日期
    signatories: tuple[str, ...] = ()  # 签发人, printed on upward documents
    signatory_post: str = ""  # 市长, for orders and bills
    printer: str = ""  # 印发机关
    printed: date | None = None  # 印发日期
    serial: int | None = None  # 份号
    demo: bool = False  # prints 演示文件，不具效力


@dataclass(frozen=True, slots=True)
class Paper:
    """A whole page's worth: what `office.paper.layout` sets."""

    content: Content
    issuer: Issuer
    imprint: Imprint = field(default_factory=Imprint)
