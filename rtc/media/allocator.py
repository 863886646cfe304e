"""What a viewer's line carries: from his estimate to a layer for each picture. Pure: the time is given.

Sound first, then every picture at its lowest, then sharper in order of rank. Down at once; up after a quiet time, where
needed by a probe: the receiver's estimate follows what it receives and does not rise by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rtc.media.lines import Key

OFF: Final = -1  # the level of a picture that is not sent
SHARE: Final = 0.9  # of the estimate is given away
SPARE: Final = 1.05  # of what was tried: the rate of a picture is never the same twice
QUIET: Final = 8.0  # seconds after a fall before more is tried
LONGEST_QUIET: Final = 60.0
PROBE: Final = 2.0  # seconds
GRACE: Final = 2.0  # seconds of a new connection in which estimates are too low to believe
SOON: Final = 10.0  # a fall within this time after a rise: the rise was wrong
BAD_LOSS, GOOD_LOSS = 0.10, 0.02
FALLEN: Final = 0.97  # of the estimate before: the receiver saw a queue grow
RISE: Final = 1.08  # of the loss-based estimate in a second without loss
STALE: Final = 10.0  # seconds after which an estimate says nothing


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing a viewer is to get; `rates` are bits a second of the levels up to the wanted one, lowest first."""

    what: Key
    rates: tuple[float, ...]
    rank: int = 0
    sound: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The level of each wish, and the bits a second of duplicates to send meanwhile."""

    levels: dict[Key, int]
    probe: float = 0.0


def allocate(budget: float | None, wishes: Sequence[Wish]) -> dict[Key, int]:
    """The levels a budget in bits a second buys; None buys everything."""
    there = [wish for wish in wishes if wish.rates]
    if budget is None:
        return {wish.what: len(wish.rates) - 1 for wish in there}
    levels: dict[Key, int] = {wish.what: 0 for wish in there if wish.sound}
    left = budget - sum(wish.rates[0] for wish in there if wish.sound)
    pictures = sorted((wish for wish in there if not wish.sound), key=lambda wish: wish.rank)
    for wish in pictures:
        levels[wish.what] = 0 if wish.rates[0] <= left else OFF
        left -= wish.rates[0] if levels[wish.what] == 0 else 0.0
    for wish in pictures:
        if levels[wish.what] == 0:
            affordable = [n for n, rate in enumerate(wish.rates) if rate - wish.rates[0] <= left]
            levels[wish.what] = max(affordable, default=0)
            left -= max(0.0, wish.rates[levels[wish.what]] - wish.rates[0])
    return levels


def cost(levels: dict[Key, int], wishes: Sequence[Wish]) -> float:
    """Bits a second of a choice."""
    return sum(w.rates[levels[w.what]] for w in wishes if w.rates and levels.get(w.what, OFF) != OFF)


def next_step(levels: dict[Key, int], wishes: Sequence[Wish]) -> float:
    """What the cheapest rise in order of rank costs more, in bits a second; 0 when everything wanted is sent."""
    for off in (True, False):
        for wish in sorted(wishes, key=lambda wish: wish.rank):
            level = levels.get(wish.what, OFF)
            if wish.rates and level + 1 < len(wish.rates) and (level == OFF) == off:
                return max(1.0, wish.rates[level + 1] - (0.0 if level == OFF else wish.rates[level]))
    return 0.0


class Allocator:
    """The choices for one viewer from second to second."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._remb: tuple[float, float] | None = None  # bits a second, when
        self._narrow = False  # an estimate fell; until then it only follows what is received
        self._trusted = 0.0  # bits a second tried on trust, until the line says otherwise
        self._by_loss: float | None = None
        self._loss = 0.0
        self._levels: dict[Key, int] = {}
        self._wait = QUIET
        self._not_before = float("-inf")
        self._raised = float("-inf")
        self._probe_ends: float | None = None
        self._fell = False  # since the probe began
        self._safe: dict[Key, int] = {}  # the levels before the last rise
        self._blamed = False  # the last rise was followed by a fall

    def hear_remb(self, bitrate: float, now: float) -> None:
        """The receiver's own estimate. It climbs behind what is received by 8 % a second and falls only for a queue."""
        if self._remb is not None and bitrate < FALLEN * self._remb[0]:
            self._narrow, self._fell, self._trusted = True, True, 0.0
        self._remb = (bitrate, now)

    def hear_loss(self, loss: float, sent: float) -> None:
        """The share of packets lost in the last second, of `sent` bits a second."""
        self._loss = loss
        if loss > BAD_LOSS:
            self._by_loss = min(self._by_loss or sent, sent) * (1 - loss / 2)
        elif loss < GOOD_LOSS and self._by_loss is not None:
            self._by_loss *= RISE
            if self._by_loss > 2 * sent:
                self._by_loss = None

    def estimate(self, now: float) -> float | None:
        """Bits a second the line carries; None while nothing says that it is narrow."""
        known = [] if self._by_loss is None else [self._by_loss]
        if self._narrow and self._remb is not None and now - self._remb[1] < STALE:
            known.append(max(self._remb[0], self._trusted))
        return min(known, default=None)

    def decide(self, now: float, wishes: Sequence[Wish], *, sent: float) -> Decision:
        """Once a second: what to send; `sent` is what was sent in the last one, in bits."""
        self._began = now if self._began is None else self._began
        estimate = self.estimate(now)
        if now - self._began < GRACE and self._loss <= BAD_LOSS:
            estimate = None
        affordable = allocate(None if estimate is None else SHARE * estimate, wishes)
        before = {wish.what: self._known(wish, affordable) for wish in wishes if wish.rates}
        bearable = allocate(estimate, wishes)
        lower = {what: min(level, bearable[what]) for what, level in before.items()}
        if lower != before:
            self._levels = before
            return self._fall(now, lower, wishes)
        if cost(affordable, wishes) > cost(before, wishes) and now >= self._not_before:
            return self._rise(now, {what: max(level, affordable[what]) for what, level in before.items()})
        self._levels = before
        if before == allocate(None, wishes):
            self._narrow = self._narrow and affordable != before  # all that is wished fits
        elif all(before[wish.what] == OFF for wish in wishes if wish.rates and not wish.sound):
            return self._try_one(now, before, wishes)
        if estimate is None or now < self._not_before:
            return Decision(dict(before))
        return Decision(dict(before), self._probe(now, next_step(before, wishes), cost(before, wishes), sent))

    def _known(self, wish: Wish, affordable: dict[Key, int]) -> int:
        """The level so far; what is new begins where the budget allows."""
        return min(self._levels.get(wish.what, affordable[wish.what]), len(wish.rates) - 1)

    def _fall(self, now: float, levels: dict[Key, int], wishes: Sequence[Wish]) -> Decision:
        """Down at once. Soon after a rise it was the rise that was wrong: then no lower than before it."""
        if now - self._raised < SOON:
            levels = {what: max(at, min(self._safe.get(what, OFF), self._levels[what])) for what, at in levels.items()}
            self._by_loss = None if self._by_loss is None else max(self._by_loss, SPARE * cost(levels, wishes))
            if not self._blamed:
                self._wait, self._blamed = min(2 * self._wait, LONGEST_QUIET), True
        self._not_before, self._probe_ends, self._levels = now + self._wait, None, levels
        return Decision(dict(levels))

    def _rise(self, now: float, levels: dict[Key, int]) -> Decision:
        """Up, and then a quiet time before more."""
        if now - self._raised > LONGEST_QUIET:
            self._wait = QUIET
        self._safe, self._blamed = self._levels, False
        self._raised, self._not_before, self._probe_ends, self._levels = now, now + QUIET, None, levels
        return Decision(dict(levels))

    def _try_one(self, now: float, before: dict[Key, int], wishes: Sequence[Wish]) -> Decision:
        """No picture is sent, so there is nothing to probe with: the first goes on trust, after a quiet time."""
        first = min(
            (wish for wish in wishes if wish.rates and not wish.sound), key=lambda wish: wish.rank, default=None
        )
        if first is None or now < self._not_before:
            return Decision(dict(before))
        levels = {**before, first.what: 0}
        self._trusted = SPARE * cost(levels, wishes) / SHARE
        return self._rise(now, levels)

    def _probe(self, now: float, step: float, spent: float, sent: float) -> float:
        """Two seconds of duplicates up to the next level's rate. A line that bears them is trusted with that level:
        the estimate climbs too slowly to follow a probe, but it falls within a second when a queue grows."""
        if not step or not sent:
            return 0.0
        if self._probe_ends is None:
            self._probe_ends, self._fell = now + PROBE, False
        if self._fell or self._loss >= GOOD_LOSS:
            self._wait = min(2 * self._wait, LONGEST_QUIET)
            self._not_before, self._probe_ends = now + self._wait, None
            return 0.0
        if now >= self._probe_ends:
            self._trusted, self._probe_ends = SPARE * (spent + step) / SHARE, None
            self._by_loss = None if self._by_loss is None else max(self._by_loss, self._trusted)
            return 0.0
        first = now < self._probe_ends - PROBE / 2  # half at first: a queue that grows is not to become a freeze
        return step / SHARE / (2 if first else 1)
