"""A seat's subscribe connection: what it is to get becomes lines, offered one at a time; wishes meanwhile fold."""

import secrets
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from rtc.engine.control import Line, Quality, Slot, Source
from rtc.media.forward import Viewer
from rtc.media.gate import BadSdp
from rtc.media.lines import Key, arrange, key, told
from rtc.media.negotiation import KIND, Sent, offer
from rtc.media.outbox import Outbox
from rtc.media.peer import Gone, Peer
from rtc.media.publishing import here
from rtc.media.sdp import Description
from rtc.media.track import Track
from rtc.media.udp import UdpPort

UNANSWERED: Final = 10.0  # seconds after which an offer without an answer no longer holds the next one up


Soon = Callable[["Subscribing"], None]


class Listens(Protocol):
    """Who is told what becomes of a subscribe connection."""

    def offered(self, version: int, sdp: str, lines: tuple[Line, ...]) -> None:
        """An offer for the client."""

    def subscribe_up(self) -> None:
        """ICE and DTLS are up."""

    def subscribe_gone(self, why: Gone) -> None:
        """The connection is gone and closed."""

    def narrow(self, seat: str, source: Source, quality: Quality | None) -> None:
        """The client's line carries only so much of a picture."""


class Subscribing:
    """What one seat gets. It outlives its connections: after one is lost the next offer is for a new one.

    `soon` is called when there is something to negotiate; whoever owns it calls `negotiate` when it is this one's turn.
    """

    def __init__(self, port: UdpPort, outbox: Outbox, listens: Listens, *, soon: "Soon") -> None:
        self.slots: tuple[Slot, ...] = ()
        self._port, self._outbox, self._listens, self._soon = port, outbox, listens, soon
        self._version = 0
        self._closed = False
        self._tracks: Mapping[Key, Track] = {}
        self._begin()

    def _begin(self) -> None:
        """A new connection: nothing is offered yet."""
        self.peer = Peer(self._port)
        self.viewer = Viewer(self.peer, self._outbox)
        self.viewer.on_narrow = self._listens.narrow
        self.peer.on_rtcp, self.peer.on_up, self.peer.on_gone = self.viewer.on_rtcp, self._up, self._gone
        self._session = str(secrets.randbits(62))
        self._rows: tuple[Sent, ...] = ()
        self._fingerprint: tuple[str, str] | None = None
        self._unanswered = False
        self._offered_at = 0.0
        self._renewed = False

    def show(self, slots: tuple[Slot, ...], tracks: Mapping[Key, Track]) -> None:
        """What the viewer is to get from now on, of these tracks."""
        self.slots, self._tracks = slots, tracks
        self.viewer.want(slots, tracks)
        self._soon(self)

    def restart(self) -> None:
        """Offer again with new credentials, whether or not the last offer was answered."""
        self.peer.renew()
        self.viewer.want(self.slots, self._tracks)
        self._renewed, self._unanswered = True, False
        self._soon(self)

    def negotiate(self) -> None:
        """Make the next offer when there is one to make and none is in flight."""
        now, rows = time.monotonic(), arrange(self._rows, self._wanted())
        in_flight = self._unanswered and now - self._offered_at < UNANSWERED
        if self._closed or in_flight or not rows or (rows == self._rows and not self._renewed):
            return
        self._rows, self._renewed = rows, False
        self._version += 1
        self._unanswered, self._offered_at = True, now
        sdp = offer(rows, here(self.peer, self._port), session=self._session, version=self._version)
        self._listens.offered(self._version, sdp, told(rows))

    def _wanted(self) -> dict[Key, Sent]:
        return {
            what: Sent("", KIND[what[1]], what[0], what[1], one.track.codec, one.ssrc, one.rtx or 0)
            for what, one in self.viewer.forwards.items()
        }

    def answer(self, version: int, given: Description) -> None:
        """The client's answer; an old one changes nothing. BadSdp when it is none to our offer."""
        if version != self._version or not self._unanswered:
            return
        if [m.mid for m in given.media] != [row.mid for row in self._rows]:
            raise BadSdp("sections", "the answer has other sections than the offer")
        if given.setup != "active":
            raise BadSdp("setup", "the client must be the active side of DTLS")
        self._unanswered = False
        if self._fingerprint not in (None, given.fingerprint):
            self._begin_again()  # another browser connection answered: it needs DTLS of its own
            return
        self._fingerprint = given.fingerprint
        self.peer.start(given.fingerprint)
        self.viewer.open({what for row in self._rows if (what := key(row)) is not None})
        self._soon(self)

    def _begin_again(self) -> None:
        self.peer.close()
        self.viewer.want((), {})
        self._begin()
        self.show(self.slots, self._tracks)

    def stats(self) -> dict[str, int]:
        """Figures of the connection."""
        return {"up": int(self.peer.up), "version": self._version, "lines": len(self._rows), **self.peer.counts}

    def tick(self, now: float) -> None:
        """Once a second: reports, layers, deadlines."""
        self.peer.check(now)
        if self.peer.up:
            self.viewer.tick(now)
        if self._unanswered and now - self._offered_at > UNANSWERED:
            self._soon(self)

    def close(self) -> None:
        """Cut it."""
        self._closed = True
        self.viewer.want((), {})
        self.peer.close()

    def _up(self) -> None:
        self._listens.subscribe_up()

    def _gone(self, why: Gone) -> None:
        """Lost: what it is to get is kept; a later wish or `restart` makes an offer of a new session."""
        self.viewer.want((), {})
        self._begin()
        self._listens.subscribe_gone(why)
