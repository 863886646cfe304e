"""The settings of an installation: read once, from the environment; an unknown name is refused."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from web import turn

PREFIX = "YIWANG_"
# Names that other parts read: fonts, the test suite, the benches.
ELSEWHERE = frozenset({"FONTS", "SAMPLES", "STEPS", "WORKERS", "KILLS", "SHOTS"})
NAMES = frozenset(
    {
        "DATA", "DATABASE", "BLOBS", "HOST", "PORT", "CERT", "KEY", "PLAIN", "ORIGINS", "DEMO", "ALLOW_UNSAFE_SQLITE",
        "RECORD", "MEDIA_HOST", "MEDIA_PORT", "TURN", "TURN_SECRET",
    }
)  # fmt: skip


class BadSetting(ValueError):
    """A setting that cannot be right, with the way out."""


@dataclass(frozen=True, slots=True)
class Config:
    """What an installation sets; `data` holds everything that is written unless said otherwise."""

    data: Path = Path("var")
    database: str = ""  # empty: SQLite in `data`
    blobs: str = ""  # empty: a folder in `data`
    host: str = "127.0.0.1"
    port: int = 8443
    cert: str = ""  # empty: a self-signed one in `data`
    key: str = ""
    plain: bool = False  # HTTP, only behind a proxy that does TLS
    origins: tuple[str, ...] = ()  # further origins pages may be opened under
    demo: bool = False
    allow_unsafe_sqlite: bool = False
    record: str = ""  # 备案号, shown at the foot
    media_host: str = ""  # IPv4 address browsers send media to; empty: `host`
    media_port: int = 8444  # UDP; 0: any free one
    turn: tuple[str, ...] = ()  # addresses of a TURN server, for lines that carry no UDP
    turn_secret: str = field(default="", repr=False)  # shared with it

    @property
    def database_url(self) -> str:
        """The URL the database is opened with."""
        return self.database or f"sqlite:///{self.data / 'office.db'}"

    @property
    def blob_place(self) -> str:
        """Where blobs lie: a folder or an S3 address."""
        return self.blobs or str(self.data / "blobs")

    @property
    def media_address(self) -> str:
        """The IPv4 address that browsers are told to send media to."""
        every = {"0.0.0.0", "::", "localhost", "::1"}
        return self.media_host or ("127.0.0.1" if self.host in every else self.host)

    @property
    def media_bind(self) -> str:
        """What the media port is bound to: every address when browsers come by one that is set."""
        return "0.0.0.0" if self.media_host or self.host == "0.0.0.0" else self.media_address


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise BadSetting(f"开关只能写 1 或 0，现在是“{text}”。")


def _port(text: str, name: str = "PORT") -> int:
    if not text.isdigit() or not 0 <= int(text) < 65536:
        raise BadSetting(f"{PREFIX}{name} 要是 0 到 65535 的数，现在是“{text}”。")
    return int(text)


def _ipv4(text: str) -> str:
    try:
        return str(IPv4Address(text)) if text else ""
    except ValueError:
        raise BadSetting(f"{PREFIX}MEDIA_HOST 要写 IPv4 地址，如 10.1.2.3，现在是“{text}”。") from None


def _turn(text: str, secret: str) -> tuple[str, ...]:
    if bool(text) is not bool(secret):
        raise BadSetting(f"{PREFIX}TURN 和 {PREFIX}TURN_SECRET 要一起设置。")
    try:
        return turn.checked(text.split())
    except ValueError as wrong:
        raise BadSetting(
            f"{PREFIX}TURN 要写 turn: 或 turns: 开头的地址，最多 {turn.MOST} 个，现在有“{wrong}”。"
        ) from None


def read(environment: Mapping[str, str] = os.environ) -> Config:
    """The configuration from YIWANG_… variables; BadSetting names what is wrong."""
    given = {name.removeprefix(PREFIX): text for name, text in environment.items() if name.startswith(PREFIX)}
    unknown = sorted(set(given) - NAMES - ELSEWHERE)
    if unknown:
        raise BadSetting(f"不认识的设置：{'、'.join(PREFIX + name for name in unknown)}。请检查拼写。")
    return Config(
        data=Path(given.get("DATA", "var")),
        database=given.get("DATABASE", ""),
        blobs=given.get("BLOBS", ""),
        host=given.get("HOST", "127.0.0.1"),
        port=_port(given.get("PORT", "8443")),
        cert=given.get("CERT", ""),
        key=given.get("KEY", ""),
        plain=_flag(given.get("PLAIN", "")),
        origins=tuple(given.get("ORIGINS", "").split()),
        demo=_flag(given.get("DEMO", "")),
        allow_unsafe_sqlite=_flag(given.get("ALLOW_UNSAFE_SQLITE", "")),
        record=given.get("RECORD", ""),
        media_host=_ipv4(given.get("MEDIA_HOST", "")),
        media_port=_port(given.get("MEDIA_PORT", "8444"), "MEDIA_PORT"),
        turn=_turn(given.get("TURN", ""), given.get("TURN_SECRET", "")),
        turn_secret=given.get("TURN_SECRET", ""),
    )
