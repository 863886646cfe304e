"""The message catalogue: every text a person reads, by key, so that another language can follow."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import msgspec

FOLDER = Path(__file__).with_name("messages")
LANGUAGE = "zh"


class MissingText(KeyError):
    """A key that no catalogue has: a mistake of ours that a test finds."""


@lru_cache(maxsize=4)
def catalogue(language: str = LANGUAGE) -> Mapping[str, str]:
    """All texts of a language: `drafts.title` is `title` in `drafts.json`."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.json")):
        found = msgspec.json.decode(path.read_bytes(), type=dict[str, str])
        texts.update({f"{path.stem}.{key}": text for key, text in found.items()})
    return texts


def text(key: str, **values: object) -> str:
    """The text of a key with its values filled in; MissingText when there is none."""
    try:
        found = catalogue()[key]
    except KeyError:
        raise MissingText(key) from None
    return found.format(**values) if values else found
