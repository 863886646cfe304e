"""When a publisher is asked for a key frame: wishes of many viewers are one, and one a second is enough. Pure."""

from typing import Final

EVERY: Final = 1.0  # seconds at least between two requests for one layer


class Keyframes:
    """The wishes for one layer. A wish stays until a key frame comes; `due` then says when to ask again."""

    __slots__ = ("_asked", "wished")

    def __init__(self) -> None:
        self._asked = -EVERY
        self.wished = False

    def wish(self) -> None:
        """Someone waits for a key frame."""
        self.wished = True

    def due(self, now: float) -> bool:
        """Whether to ask now: someone waits and the last request is old enough."""
        if not self.wished or now - self._asked < EVERY:
            return False
        self._asked = now
        return True

    def came(self) -> None:
        """A key frame came: nobody waits any more."""
        self.wished = False
