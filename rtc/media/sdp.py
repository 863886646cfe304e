"""An SDP text (RFC 8866, JSEP RFC 9429) as a small typed tree: only what we answer to is kept."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from rtc.media.gate import BadSdp, lines, token

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

_DIRECTIONS: Final = ("sendrecv", "sendonly", "recvonly", "inactive")
_ORIGIN = re.compile(r"o=\S+ (\d{1,20}) \d{1,20} IN IP[46] \S+")
_MEDIA = re.compile(r"m=(audio|video|application) (\d{1,5})(?:/\d+)? ([A-Z/]+) ([\w. -]+)")
_RTPMAP = re.compile(r"(\d{1,3}) ([\w.-]+)/(\d{1,6})(?:/(\d))?")
_EXTMAP = re.compile(r"(\d{1,3})(?:/\w+)? (\S+)(?: .*)?")
_MOST_SSRCS = 16


@dataclass(frozen=True, slots=True)
class Format:
    """One payload type: `name` in lower case, `parameters` the text of its fmtp line."""

    payload: int
    name: str
    clock: int
    parameters: str


@dataclass(frozen=True, slots=True)
class Media:
    """One m-section. `port` 0 = rejected; `rids` = simulcast layers it sends; `ssrcs` in order of appearance."""

    kind: str
    mid: str
    port: int
    direction: Direction
    formats: tuple[Format, ...]
    extensions: Mapping[str, int]
    rids: tuple[str, ...]
    ssrcs: tuple[int, ...]

    @property
    def sends(self) -> bool:
        """Whether the other side means to send on it."""
        return self.port != 0 and self.direction in ("sendrecv", "sendonly")


@dataclass(frozen=True, slots=True)
class Description:
    """One offer or answer. `origin` = session id of its connection; `setup` of the first live section."""

    origin: str
    media: tuple[Media, ...]
    ufrag: str
    password: str
    fingerprint: tuple[str, str]
    setup: str


def parse(text: str, *, most_sections: int) -> Description:
    """The tree of an offer or answer that passes the gate; BadSdp otherwise."""
    whole = lines(text, most_sections=most_sections)
    top, sections = _split(whole)
    media = tuple(_media(section) for section in sections)
    if len({m.mid for m in media}) != len(media):
        raise BadSdp("bad-mid", "two sections with one mid")
    algorithm, digest = _first(whole, "fingerprint").split(" ", 1)
    origin = next((m for line in top if (m := _ORIGIN.fullmatch(line))), None)
    if origin is None:
        raise BadSdp("not-sdp", "no origin line")
    return Description(
        origin[1], media, _first(whole, "ice-ufrag"), _first(whole, "ice-pwd"), (algorithm.lower(), digest.upper()),
        _one(whole, "setup"),
    )  # fmt: skip


def _split(whole: Sequence[str]) -> tuple[Sequence[str], list[Sequence[str]]]:
    starts = [i for i, line in enumerate(whole) if line.startswith("m=")]
    ends = [*starts[1:], len(whole)]
    return whole[: starts[0]], [whole[a:b] for a, b in zip(starts, ends, strict=True)]


def _values(section: Sequence[str], name: str) -> Iterator[str]:
    start = f"a={name}:"
    return (line[len(start) :] for line in section if line.startswith(start))


def _one(section: Sequence[str], name: str) -> str:
    return next(_values(section, name), "")


def _first(section: Sequence[str], name: str) -> str:
    return next(_values(section, name))  # the gate saw one


def _media(section: Sequence[str]) -> Media:
    head = _MEDIA.fullmatch(section[0])
    if head is None:
        raise BadSdp("bad-section", "a media section of an unknown form")
    kind, port = head[1], int(head[2])
    if not port and "a=bundle-only" in section:  # port 0, but not rejected: RFC 9143, 6
        port = 9
    return Media(
        kind=kind,
        mid=token(_one(section, "mid"), "mid"),
        port=port,
        direction=_direction(section),
        formats=() if kind == "application" else _formats(head[4].split(), section),
        extensions=_extensions(section),
        rids=_rids(section),
        ssrcs=_ssrcs(section),
    )


def _direction(section: Sequence[str]) -> Direction:
    given = [line[2:] for line in section if line[2:] in _DIRECTIONS]
    return cast("Direction", given[0]) if given else "sendrecv"


def _formats(payloads: Sequence[str], section: Sequence[str]) -> tuple[Format, ...]:
    maps = {m[1]: (m[2].lower(), int(m[3])) for v in _values(section, "rtpmap") if (m := _RTPMAP.fullmatch(v))}
    parameters = dict(v.partition(" ")[::2] for v in _values(section, "fmtp"))
    return tuple(
        Format(int(p), *maps[p], parameters.get(p, "")) for p in payloads if p in maps and int(p) < 128
    )  # fmt: skip


def _extensions(section: Sequence[str]) -> dict[str, int]:
    found = [m for v in _values(section, "extmap") if (m := _EXTMAP.fullmatch(v))]
    return {m[2]: int(m[1]) for m in found if 1 <= int(m[1]) <= 255}


def _rids(section: Sequence[str]) -> tuple[str, ...]:
    """Layers offered for sending, in their order (RFC 8851, RFC 8853)."""
    sent = (v.split(" ") for v in _values(section, "rid"))
    return tuple(dict.fromkeys(token(parts[0], "rid") for parts in sent if parts[1:2] == ["send"]))


def _ssrcs(section: Sequence[str]) -> tuple[int, ...]:
    """Media first, then its retransmission (RFC 5576)."""
    paired = [n for v in _values(section, "ssrc-group") if v.startswith("FID ") for n in v.split(" ")[1:]]
    named = dict.fromkeys([*paired, *(v.split(" ")[0] for v in _values(section, "ssrc"))])
    found = tuple(int(n) for n in named if n.isdecimal() and len(n) <= 10 and int(n) < 1 << 32)
    if len(found) > _MOST_SSRCS:
        raise BadSdp("too-many-ssrcs", f"more than {_MOST_SSRCS} SSRCs in a section")
    return found
