"""The SDP we write: answers to publish offers and offers to viewers. Nothing of the other side's text is echoed but
checked tokens and numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from rtc.engine.control import Source
from rtc.media.gate import BadSdp
from rtc.media.sdp import Description, Format, Media

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"

LAYERS: Final = ("q", "h", "f")
KIND: Final = {Source.MICROPHONE: "audio", Source.CAMERA: "video", Source.SCREEN: "video"}
USED: Final = {"audio": (MID, AUDIO_LEVEL), "video": (MID, RID, REPAIRED_RID, ABS_SEND_TIME)}
ABS_SEND_TIME_ID: Final = 3  # of what we send to viewers

_OPUS = "minptime=10;useinbandfec=1"
_H264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
_FEEDBACK = ("nack", "nack pli", "ccm fir", "goog-remb")  # never transport-cc: we send none


class Codec(StrEnum):
    """What we carry, by its name in SDP."""

    VP8 = "VP8"
    H264 = "H264"
    OPUS = "opus"


RTPMAP: Final = {Codec.VP8: "VP8/90000", Codec.H264: "H264/90000", Codec.OPUS: "opus/48000/2"}
FMTP: Final = {Codec.VP8: "", Codec.H264: _H264, Codec.OPUS: _OPUS}
PAYLOADS: Final = {Codec.VP8: (96, 97), Codec.H264: (102, 103), Codec.OPUS: (111, None)}  # to viewers: media, RTX


@dataclass(frozen=True, slots=True)
class Here:
    """Our side of a connection: where it listens, how it is known, and the digest of its certificate."""

    host: str
    port: int
    ufrag: str
    password: str
    fingerprint: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was agreed for one section of a publish offer."""

    mid: str
    codec: Codec
    payload: int
    rtx: int | None
    extensions: Mapping[str, int]
    rids: tuple[str, ...]
    ssrcs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """One line to a viewer. `ssrc` 0 = it rests; else whose track flows on it, and under which numbers."""

    mid: str
    kind: str
    seat: str = ""
    source: Source = Source.CAMERA
    codec: Codec = Codec.VP8
    ssrc: int = 0
    rtx: int = 0


def accept(media: Media, *, prefer: Codec) -> Accepted:
    """Choose codec, retransmission and extensions of one offered section; BadSdp when nothing fits."""
    found = _find(media, prefer)
    if found is None:
        raise BadSdp("no-codec", f"section {media.mid} offers no codec of ours")
    return found


def _find(media: Media, prefer: Codec) -> Accepted | None:
    wanted = (Codec.OPUS,) if media.kind == "audio" else (prefer, Codec.VP8, Codec.H264)
    for codec in wanted:
        chosen = next((f for f in media.formats if _is(f, codec)), None)
        if chosen is not None:
            used = {uri: media.extensions[uri] for uri in USED[media.kind] if uri in media.extensions}
            rids = tuple(rid for rid in media.rids if rid in LAYERS)
            ssrcs = () if rids else media.ssrcs  # layers are bound late, by MID and RID
            return Accepted(media.mid, codec, chosen.payload, _rtx_of(chosen, media), used, rids, ssrcs)
    return None


def _is(offered: Format, codec: Codec) -> bool:
    """Whether a format is one of ours; of the many H264 lines the one every browser decodes (RFC 7742, 6.2)."""
    if offered.name != codec.lower():
        return False
    return codec is not Codec.H264 or {"packetization-mode=1", "profile-level-id=42e01f"} <= set(
        offered.parameters.replace(" ", "").split(";")
    )


def _rtx_of(chosen: Format, media: Media) -> int | None:
    for other in media.formats:
        if other.name == "rtx" and f"apt={chosen.payload}" in other.parameters.split(";"):
            return other.payload
    return None


def answer(offer: Description, here: Here, accepted: Mapping[str, Accepted], *, version: int) -> str:
    """The answer to a publish offer: same order, every mid; what is not in `accepted` is inactive."""
    bundled = [m.mid for m in offer.media if not _rejected(m)]
    parts = _head(offer.origin, version, bundled)
    for media in offer.media:
        parts += _answer_section(media, here, accepted.get(media.mid))
    return "\r\n".join(parts) + "\r\n"


def _rejected(media: Media) -> bool:
    return media.kind == "application" or not media.port or _find(media, Codec.VP8) is None


def _head(session: str, version: int, mids: Sequence[str]) -> list[str]:
    return [
        "v=0", f"o=- {session} {version} IN IP4 127.0.0.1", "s=-", "t=0 0", "a=ice-lite",
        *([f"a=group:BUNDLE {' '.join(mids)}"] if mids else []), "a=msid-semantic: WMS *",
    ]  # fmt: skip


def _transport(here: Here, setup: str) -> list[str]:
    algorithm, digest = here.fingerprint
    return [
        f"a=candidate:1 1 udp 2130706431 {here.host} {here.port} typ host", "a=end-of-candidates",
        f"a=ice-ufrag:{here.ufrag}", f"a=ice-pwd:{here.password}", f"a=fingerprint:{algorithm} {digest}",
        f"a=setup:{setup}", "a=rtcp-mux", "a=rtcp-rsize",
    ]  # fmt: skip


def _answer_section(media: Media, here: Here, chosen: Accepted | None) -> list[str]:
    if media.kind == "application":
        return ["m=application 0 UDP/DTLS/SCTP webrtc-datachannel", "c=IN IP4 0.0.0.0", "a=inactive",
                f"a=mid:{media.mid}"]  # fmt: skip
    if _rejected(media):
        first = media.formats[0].payload if media.formats else 0
        return [f"m={media.kind} 0 UDP/TLS/RTP/SAVPF {first}", "c=IN IP4 0.0.0.0", "a=inactive", f"a=mid:{media.mid}"]
    known = chosen or accept(media, prefer=Codec.VP8)
    head = [_m_line(media.kind, here, _numbers(known.payload, known.rtx)), f"c=IN IP4 {here.host}"]
    body = [f"a=mid:{media.mid}", "a=recvonly" if chosen else "a=inactive"]
    return [*head, *_transport(here, "passive"), *body, *_codec(known.codec, known.payload, known.rtx),
            *(f"a=extmap:{number} {uri}" for uri, number in known.extensions.items()),
            *(_simulcast(known.rids) if chosen else ())]  # fmt: skip


def _numbers(*payloads: int | None) -> str:
    return " ".join(str(p) for p in payloads if p is not None)


def _m_line(kind: str, here: Here, payloads: str) -> str:
    return f"m={kind} {here.port} UDP/TLS/RTP/SAVPF {payloads}"


def _codec(codec: Codec, payload: int, rtx: int | None) -> list[str]:
    found = [f"a=rtpmap:{payload} {RTPMAP[codec]}"]
    if FMTP[codec]:
        found.append(f"a=fmtp:{payload} {FMTP[codec]}")
    if codec is not Codec.OPUS:
        found += [f"a=rtcp-fb:{payload} {what}" for what in _FEEDBACK]
    if rtx is not None:
        found += [f"a=rtpmap:{rtx} rtx/90000", f"a=fmtp:{rtx} apt={payload}"]
    return found


def _simulcast(rids: Sequence[str]) -> list[str]:
    if not rids:
        return []
    return [*(f"a=rid:{rid} recv" for rid in rids), f"a=simulcast:recv {';'.join(rids)}"]


def offer(lines: Iterable[Sent], here: Here, *, session: str, version: int) -> str:
    """An offer to a viewer: all his lines, those that rest inactive."""
    rows = list(lines)
    parts = _head(session, version, [row.mid for row in rows])
    for row in rows:
        parts += _offer_section(row, here)
    return "\r\n".join(parts) + "\r\n"


def _offer_section(row: Sent, here: Here) -> list[str]:
    codecs = (Codec.OPUS,) if row.kind == "audio" else (row.codec, *({Codec.VP8, Codec.H264} - {row.codec}))
    payloads = [PAYLOADS[codec] for codec in codecs]
    parts = [_m_line(row.kind, here, _numbers(*(p for pair in payloads for p in pair))), f"c=IN IP4 {here.host}",
             *_transport(here, "actpass"), f"a=mid:{row.mid}", "a=sendonly" if row.ssrc else "a=inactive"]  # fmt: skip
    for codec, (payload, rtx) in zip(codecs, payloads, strict=True):
        parts += _codec(codec, payload, rtx)
    if row.kind == "video":
        parts.append(f"a=extmap:{ABS_SEND_TIME_ID} {ABS_SEND_TIME}")
    return parts + (_streams(row) if row.ssrc else [])


def _streams(row: Sent) -> list[str]:
    """Who it is (`msid` = seat and source) and under which SSRCs."""
    name = f"a=msid:{row.seat} {row.source}"
    if not row.rtx:
        return [name, f"a=ssrc:{row.ssrc} cname:{row.seat}"]
    return [
        name,
        f"a=ssrc-group:FID {row.ssrc} {row.rtx}",
        *(f"a=ssrc:{n} cname:{row.seat}" for n in (row.ssrc, row.rtx)),
    ]
