"""The one XML parser of what comes in: no entities, no network, no DTD, no huge trees."""

from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element

from office.paper.guard import refuse

__all__ = ["Element", "attribute", "below", "child", "local", "parse"]


def parse(data: bytes) -> Element:
    """The root element; RefusedFile when it is not well-formed."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError:
        refuse("xml_broken", "文件损坏，打不开。请重新保存后再传。")


def local(element: Element) -> str:
    """The name without its namespace: transitional and strict files read alike."""
    return str(element.tag).rpartition("}")[2]


def attribute(element: Element | None, name: str) -> str:
    """An attribute by its local name; empty when absent."""
    if element is None:
        return ""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def child(element: Element | None, *path: str) -> Element | None:
    """The first descendant along a path of local names."""
    for name in path:
        if element is None:
            return None
        element = next((one for one in element if local(one) == name), None)
    return element


def below(element: Element, name: str) -> Iterator[Element]:
    """All descendants of that local name, in order."""
    return (one for one in element.iter() if local(one) == name)
