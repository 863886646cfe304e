"""Where a paragraph's alignment, size and number come from: itself, else its style, else the style's base."""

from dataclasses import dataclass

from office.paper.reading_xml import Element, attribute, child, local

MOST_BASES = 10


@dataclass(frozen=True, slots=True)
class Look:
    """What matters of a paragraph's look; empty means inherited."""

    align: str = ""
    size: float = 0.0
    number: tuple[str, int] | None = None
    contents: bool = False


class Styles:
    """The styles of a document, resolved on demand."""

    def __init__(self, root: Element | None) -> None:
        self._raw = (
            {attribute(one, "styleId"): one for one in root if local(one) == "style"} if root is not None else {}
        )
        self._default = next((k for k, one in self._raw.items() if _is_default(one)), "")
        self._known: dict[str, Look] = {}

    def of(self, style: str) -> Look:
        """The look a paragraph of that style begins with."""
        name = style or self._default
        if name not in self._known:
            self._known[name] = self._resolve(name)
        return self._known[name]

    def _resolve(self, name: str) -> Look:
        look = Look()
        for _ in range(MOST_BASES):
            one = self._raw.get(name)
            if one is None:
                break
            called = attribute(child(one, "name"), "val").lower()
            own = own_look(child(one, "pPr"), child(one, "rPr"))
            look = over(look, Look(own.align, own.size, own.number, called.startswith("toc ")))
            name = attribute(child(one, "basedOn"), "val")
        return look


def _is_default(one: Element) -> bool:
    return attribute(one, "type") == "paragraph" and attribute(one, "default") in ("1", "true", "on")


def over(first: Look, second: Look) -> Look:
    """`first` where it says something, else `second`."""
    return Look(
        first.align or second.align,
        first.size or second.size,
        first.number if first.number is not None else second.number,
        first.contents or second.contents,
    )


def own_look(paragraph: Element | None, run: Element | None) -> Look:
    """What properties of a paragraph and a run say by themselves."""
    number = child(paragraph, "numPr")
    depth = attribute(child(number, "ilvl"), "val")
    found = attribute(child(number, "numId"), "val")
    size = attribute(child(run, "sz"), "val")
    return Look(
        align=attribute(child(paragraph, "jc"), "val"),
        size=float(size) / 2 if size.isdigit() and len(size) < 5 else 0.0,
        number=(found, int(depth) if depth.isdigit() else 0) if found else None,
    )
