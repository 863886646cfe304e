"""Losses, reorders, padding, mutes and switches in any order, against a model that knows only what packets say."""

import struct
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from rtc.engine.control import Quality
from rtc.media.packet import Packet
from tests.rtc.media.rig import KEY, NEXT, Rig, rig

STEPS = st.sampled_from(["q", "q", "f", "f", "key q", "key f", "pad q", "pad f", "lose q", "lose f", "hold", "release",
                         "LOW", "HIGH", "mute", "unmute", "flush"])  # fmt: skip


@dataclass
class Model:
    """Told independently: which numbers of a layer leave no trace, and what may go out."""

    padded: dict[str, list[int]] = field(default_factory=lambda: {"q": [], "f": []})
    forbidden: set[bytes] = field(default_factory=set)
    keys: set[bytes] = field(default_factory=set)

    def rank(self, rid: str, number: int) -> int:
        """The number of a packet among those that are not padding."""
        return number - sum(1 for padded in self.padded[rid] if padded < number)


class Play:
    """Acts steps out; every packet names its layer and number in its payload."""

    def __init__(self, there: Rig) -> None:
        self.there, self.model = there, Model()
        self.got: list[Packet] = []
        self._held: list[tuple[int, bytes]] = []
        self._muted = False

    def step(self, step: str) -> None:
        """One step."""
        self.there.now += 0.01
        kind, _, rid = step.rpartition(" ")
        if rid in ("q", "f"):
            self._packet(kind, rid)
        elif step == "hold":
            self.there.numbers["q"] += 1
            self._held.append((self.there.numbers["q"], NEXT + f"q{self.there.numbers['q']}".encode()))
        elif step == "release" and self._held:
            number, payload = self._held.pop()
            self.model.forbidden |= {payload} if self._muted else set()
            self.there.raw("q", number, payload)
        elif step in ("LOW", "HIGH"):
            self.there.want(Quality[step])
        else:
            self.got += self.there.got()
            self._muted = {"mute": True, "unmute": False}.get(step, self._muted)
            self.there.track.allowed = not self._muted

    def _packet(self, kind: str, rid: str) -> None:
        there, model = self.there, self.model
        if kind == "pad":
            there.pad(rid)
            model.padded[rid] += [] if self._muted else [there.numbers[rid]]
            return
        there.numbers[rid] += 1
        payload = (KEY if kind == "key" else NEXT) + f"{rid}{there.numbers[rid]}".encode()
        model.forbidden |= {payload} if self._muted else set()
        model.keys |= {payload} if kind == "key" else set()
        if kind != "lose":
            there.raw(rid, there.numbers[rid], payload)


@settings(max_examples=150, deadline=None)
@given(st.lists(STEPS, max_size=80))
def test_whatever_happens_the_numbers_follow(steps: list[str]) -> None:
    """Losses, reorders, padding, mutes and switches: compared with a model that knows only the payloads."""
    with rig() as there:
        acted = Play(there)
        for step in ["key q", "key f", *steps, "key q", "key f", "flush"]:
            acted.step(step)
        model, got = acted.model, acted.got
        assert not {packet.payload for packet in got} & model.forbidden
        assert len({packet.payload for packet in got}) == len(got)
        check_runs(model, got)
        check_nacks(there, got)


def check_runs(model: Model, got: list[Packet]) -> None:
    """Within a run numbers differ as ranks do; a run begins with a key frame, right behind the one before."""
    base = got[0].sequence if got else 0
    highest, run, anchor = -1, "", (0, 0)
    for packet in got:
        number = (packet.sequence - base + 0x8000 & 0xFFFF) - 0x8000
        rid, raw = chr(packet.payload[2]), int(packet.payload[3:])
        rank = model.rank(rid, raw)
        if rid != run or number - anchor[0] != rank - anchor[1]:
            assert packet.payload in model.keys
            assert number == highest + 1
            run, anchor = rid, (number, rank)
        highest = max(highest, number)


def check_nacks(there: Rig, got: list[Packet]) -> None:
    """Each number asked for is answered by the packet that was sent under it, or not at all."""
    sent = {packet.sequence: packet for packet in got}
    for at, packet in enumerate(got):
        if at % 15 == 0:
            there.viewer.tick(there.now)  # the share of a second is not what is tested here
        (again,) = there.nack(packet.sequence)
        assert again.payload == struct.pack("!H", packet.sequence) + sent[packet.sequence].payload
        assert again.timestamp == packet.timestamp
