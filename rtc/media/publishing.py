"""A seat's publish connection: its offers become tracks, its packets go to them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from rtc.engine.control import Source
from rtc.media.gate import BadSdp
from rtc.media.negotiation import KIND, Accepted, Codec, Here, accept, answer
from rtc.media.outbox import Outbox
from rtc.media.peer import Gone, Peer
from rtc.media.sdp import Description, Media
from rtc.media.track import Publisher, Track
from rtc.media.udp import UdpPort

MOST_VERSIONS: Final = 1 << 31


def here(peer: Peer, port: UdpPort) -> Here:
    """What the other side is told of a peer of ours."""
    return Here(*port.address, peer.ufrag, peer.password, peer.fingerprint)


class Listens(Protocol):
    """Who is told what becomes of a publish connection."""

    def track_added(self, track: Track) -> None:
        """A line began to carry a source."""

    def track_dropped(self, track: Track) -> None:
        """The line is gone, or the connection."""

    def started(self, track: Track) -> None:
        """Packets began to arrive."""

    def stopped(self, track: Track) -> None:
        """No packet came for three seconds."""

    def publish_up(self) -> None:
        """ICE and DTLS are up."""

    def publish_gone(self, why: Gone) -> None:
        """The connection is gone and closed."""


@dataclass(frozen=True, slots=True)
class _Known:
    """By what an offer of the same connection is known again."""

    origin: str
    fingerprint: tuple[str, str]


class Publishing:
    """One browser connection that sends. It lives as long as the browser's: another one gets another."""

    def __init__(self, seat: str, port: UdpPort, outbox: Outbox, listens: Listens, *, offer: Description) -> None:
        self.seat = seat
        self.peer = Peer(port)
        self.tracks: dict[str, Track] = {}  # by mid
        self._port = port
        self._listens = listens
        self._known = _Known(offer.origin, offer.fingerprint)
        self._remote_ufrag = offer.ufrag
        self._version = 0
        self.publisher = Publisher(self.peer.send_rtcp, outbox)
        self.publisher.on_started = listens.started
        self.publisher.on_stopped = listens.stopped
        self.peer.on_rtp, self.peer.on_rtcp = self.publisher.on_rtp, self.publisher.on_rtcp
        self.peer.on_up, self.peer.on_gone = listens.publish_up, self._gone

    def same(self, offer: Description) -> bool:
        """Whether an offer belongs to this connection."""
        return self._known == _Known(offer.origin, offer.fingerprint)

    def take(self, offer: Description, sources: Mapping[str, Source], *, prefer: Codec) -> str:
        """Bring the tracks where the offer wants them, and answer it. BadSdp changes nothing."""
        accepted = {m.mid: accept(m, prefer=self._prefer(m, prefer)) for m in offer.media if _sends(m, sources)}
        if offer.setup == "passive":
            raise BadSdp("setup", "both sides would be passive")
        self._version = min(self._version + 1, MOST_VERSIONS)
        if offer.ufrag != self._remote_ufrag:
            self._remote_ufrag = offer.ufrag
            self.peer.renew()
        self._arrange(accepted, sources)
        self.peer.start(offer.fingerprint)
        return answer(offer, here(self.peer, self._port), accepted, version=self._version)

    def _prefer(self, media: Media, prefer: Codec) -> Codec:
        """A line that carries a track stays with its codec."""
        known = self.tracks.get(media.mid)
        return prefer if known is None or known.codec is Codec.OPUS else known.codec

    def _arrange(self, accepted: Mapping[str, Accepted], sources: Mapping[str, Source]) -> None:
        for mid, track in list(self.tracks.items()):
            chosen = accepted.get(mid)
            if chosen is None or sources[mid] is not track.source or chosen.payload != track.payload:
                self._drop(mid)
        for mid, chosen in accepted.items():
            if mid not in self.tracks:
                self._add(chosen, sources[mid])

    def _add(self, chosen: Accepted, source: Source) -> None:
        track = Track(
            self.seat, source, chosen.codec, mid=chosen.mid, extensions=chosen.extensions, payload=chosen.payload,
            rtx=chosen.rtx, ssrcs=chosen.ssrcs,
        )  # fmt: skip
        self.tracks[chosen.mid] = track
        self.publisher.add(track)
        self._listens.track_added(track)

    def _drop(self, mid: str) -> None:
        track = self.tracks.pop(mid)
        self.publisher.drop(track)
        self._listens.track_dropped(track)

    def keep(self, sources: Collection[Source]) -> None:
        """Drop what is not among these sources."""
        for mid in [mid for mid, track in self.tracks.items() if track.source not in sources]:
            self._drop(mid)

    def loudness(self, now: float) -> float | None:
        """How loud its microphone is, in dBov; None when it has none or may not be heard."""
        for track in self.tracks.values():
            if track.source is Source.MICROPHONE and track.allowed:
                return self.publisher.loudness(track, now)
        return None

    def stats(self) -> dict[str, int]:
        """Figures of the connection."""
        return {"up": int(self.peer.up), **self.peer.counts}

    def tick(self, now: float) -> None:
        """Once a second: reports, and whether the peer is still there."""
        self.peer.check(now)
        if self.peer.up:
            self.publisher.tick(now)

    def close(self) -> None:
        """Cut it; its tracks are dropped."""
        self.peer.close()
        for mid in list(self.tracks):
            self._drop(mid)

    def _gone(self, why: Gone) -> None:
        self.close()
        self._listens.publish_gone(why)


def _sends(media: Media, sources: Mapping[str, Source]) -> bool:
    source = sources.get(media.mid)
    if source is None or not media.sends:
        return False
    if KIND[source] != media.kind:
        raise BadSdp("wrong-kind", f"section {media.mid} is {media.kind}, which cannot carry {source}")
    return True
