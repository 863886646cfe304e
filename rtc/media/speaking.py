"""Who speaks, from how loud the microphones are. Nothing is kept and nothing is counted."""

from collections.abc import Mapping
from typing import Final

AUDIBLE: Final = -50.0  # dBov: quieter is no speech
STAYS: Final = 4  # turns a speaker stays after the last audible one, so that a pause in a sentence is none
MOST: Final = 5


class Speakers:
    """Call `hear` at most four times a second."""

    def __init__(self) -> None:
        self._rests: dict[str, int] = {}
        self._said: tuple[str, ...] = ()

    def hear(self, levels: Mapping[str, float]) -> tuple[str, ...] | None:
        """Who speaks now, loudest first; None when it is as before. `levels` are dBov by seat, 0 the loudest."""
        for seat in [s for s in self._rests if s not in levels]:
            del self._rests[seat]
        for seat, level in levels.items():
            if level >= AUDIBLE:
                self._rests[seat] = STAYS
            elif seat in self._rests:
                self._rests[seat] -= 1
        self._rests = {seat: rest for seat, rest in self._rests.items() if rest > 0}
        said = tuple(sorted(self._rests, key=lambda seat: -levels[seat])[:MOST])
        if set(said) == set(self._said) and said[:1] == self._said[:1]:
            return None
        self._said = said
        return said
