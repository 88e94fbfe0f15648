"""Elements before they are XML: each knows what it was declared as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import xmlschema
from lxml import etree
from xmlschema.validators import XsdElement, XsdType

from conformance.xsdgen.outline import XS, namespace_of

XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(slots=True)
class Node:
    """One element. ``type`` is None where a wildcard let it in and nothing is known of it."""

    tag: str
    type: XsdType | None = None
    declaration: XsdElement | None = None
    text: str = ""
    children: list[Node] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)
    xsi_type: str = ""
    """The type that ``xsi:type`` names, in Clark notation; empty where there is no ``xsi:type``."""
    nil: bool = False

    @property
    def local_name(self) -> str:
        """The name without its namespace."""
        return self.tag.rpartition("}")[2]

    def walk(self) -> Iterator[Node]:
        """Yield this element and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def path_to(self, wanted: Node) -> str:
        """Return the path of an element below this one: ``/user[1]/phone[2]``; empty where it is not there."""
        if wanted is self:
            return f"/{self.local_name}[1]"
        below = self._steps_to(wanted)
        return f"/{self.local_name}[1]{below}" if below else ""

    def _steps_to(self, wanted: Node) -> str:
        seen: dict[str, int] = {}
        for child in self.children:
            number = seen[child.local_name] = seen.get(child.local_name, 0) + 1
            below = "" if child is wanted else child._steps_to(wanted)
            if child is wanted or below:
                return f"/{child.local_name}[{number}]{below}"
        return ""


@lru_cache(maxsize=16)
def prefixes_of(schema: xmlschema.XMLSchema10) -> Mapping[str | None, str]:
    """Return prefixes for the namespaces of a schema: its own where it has some, and those of XSD."""
    targets = {str(uri) for uri in schema.maps.namespaces if uri}
    prefixes: dict[str | None, str] = {"xsi": XSI, "xs": XS[1:-1]}
    for file in schema.maps.iter_schemas():
        for prefix, uri in file.namespaces.items():
            if prefix and uri in targets and uri not in prefixes.values():
                prefixes.setdefault(prefix, uri)
    for number, uri in enumerate(sorted(targets - set(prefixes.values()))):
        prefixes[f"n{number}"] = uri
    return prefixes


def render(node: Node, prefixes: Mapping[str | None, str]) -> etree._Element:
    """Return the element as lxml has it."""
    root = etree.Element(node.tag, nsmap=dict(prefixes))
    _fill(root, node, {uri: prefix for prefix, uri in prefixes.items()})
    return root


def _fill(element: etree._Element, node: Node, prefix_of: Mapping[str, str | None]) -> None:
    element.text = node.text or None  # no parser makes an empty text
    if node.xsi_type:
        prefix, local = prefix_of.get(namespace_of(node.xsi_type)), node.xsi_type.rpartition("}")[2]
        element.set(f"{{{XSI}}}type", f"{prefix}:{local}" if prefix else local)
    if node.nil:
        element.set(f"{{{XSI}}}nil", "true")
    for name, value in node.attributes.items():
        element.set(name, value)
    for child in node.children:
        _fill(etree.SubElement(element, child.tag), child, prefix_of)
