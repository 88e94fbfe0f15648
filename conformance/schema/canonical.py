"""The canonical form of a request: what the service reads, as the schemas want to see it.

Elements get the namespaces that the schema gives them, whatever prefix they had; children are put into the
order of the schema, which the service does not enforce; ``java:`` types become schema types. Each departure
is noted, with its place in the original bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lxml import etree

from conformance.schema.findings import SchemaFinding, element_at
from conformance.schema.model import Particle, SchemaModel, TypeModel
from conformance.schema.reading import EMPTY, Child, content_of, in_capitals
from conformance.wire.names import NAMESPACES, XSI, XSI_TYPE
from conformance.wire.request import Departure, Request
from conformance.wire.tree import Node

_NSMAP = {**NAMESPACES, "xsi": XSI}
_SERV = NAMESPACES["serv"]
_LAST_LINE = 65535
"""The last that libxml2 can remember; findings are put back to the true line."""
CONTENT = f"{{{_SERV}}}bodyContent"


@dataclass(slots=True)
class Canonical:
    """A request in canonical form, and which original element each of its elements was."""

    root: etree._Element
    origins: dict[etree._Element, Node] = field(default_factory=dict)
    departures: list[Departure] = field(default_factory=list)

    def at_origin(self, finding: SchemaFinding, tree: etree._ElementTree) -> SchemaFinding:
        """Return a finding on the canonical form at the place of the original element."""
        element = element_at(tree, finding.path)
        node = None if element is None else self.origins.get(element)
        return finding if node is None else replace(finding, line=node.line, column=node.column)


def canonicalise(request: Request, model: SchemaModel, *, ignore_unknown: bool = False) -> Canonical:
    """Return the canonical form of a request, without the elements that the schema does not know if it shall be so."""
    root = etree.Element(f"{{{_SERV}}}message", nsmap=_NSMAP)
    canonical = Canonical(root)
    operation = request.operation

    def type_of_content(particle: Particle) -> TypeModel | None:
        if operation is None:
            return model.type_of(particle)
        return model.types.get(f"{{{operation.namespace}}}{operation.request_type}")

    writer = _Writer(canonical, model, type_of_content, ignore_unknown=ignore_unknown)
    particle = model.elements.get(str(root.tag))
    message = None if particle is None else Child(0, particle, model.builtin(particle))
    writer.write(request.message, root, message)
    canonical.departures.sort(key=lambda departure: (departure.line, departure.column))
    canonical.departures[:0] = request.departures
    if operation is not None:
        content = root.find(f"{{{_SERV}}}body/{CONTENT}")
        if content is not None:
            content.set(XSI_TYPE, f"{operation.prefix}:{operation.request_type}")
    return canonical


class _Writer:
    def __init__(
        self,
        canonical: Canonical,
        model: SchemaModel,
        type_of_content: Callable[[Particle], TypeModel | None],
        *,
        ignore_unknown: bool,
    ) -> None:
        self._canonical = canonical
        self._model = model
        self._type_of_content = type_of_content
        self._ignore_unknown = ignore_unknown
        self._told: set[str] = set()
        """The prefixes that were told to be bound to another namespace."""

    def write(
        self,
        node: Node,
        element: etree._Element,
        child: Child | None,
        path: str = "",
        bound: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Write the children and text of ``node`` into ``element``. ``bound`` are the prefixes declared around it."""
        path = f"{path}/{node.name}"
        self._canonical.origins[element] = node
        element.sourceline = min(node.line, _LAST_LINE)
        if node.attributes:
            bound = _bound_within(node, bound)
        within = None
        if child is not None:
            self._look_at_namespace(node, child.particle, path, bound)
            content = child.particle.name == CONTENT
            within = self._type_of_content(child.particle) if content else self._model.type_of(child.particle)
        element.text = self._text(node, child, path)
        for inner, known in self._sorted(node, within, path):
            if known is not None:
                if known.left_out_if_empty and not inner.children and not inner.text.strip():
                    self._depart("empty-value", f"{path}/{inner.name}", inner, EMPTY)
                else:
                    self.write(inner, etree.SubElement(element, known.particle.name), known, path, bound)
            elif self._ignore_unknown and within is not None:
                self._depart("unknown-element", f"{path}/{inner.name}", inner, "not known to the schema; ignored")
            else:  # unknown elements are put where their parent's type is defined
                around = within.name if within and within.name else str(element.tag)
                tag = f"{around.partition('}')[0]}}}{inner.name}"
                self.write(inner, etree.SubElement(element, tag), None)

    def _sorted(self, node: Node, within: TypeModel | None, path: str) -> Iterator[tuple[Node, Child | None]]:
        """Yield the children of a node in the order of the schema, each with what the schema says of it."""
        children = node.children
        if within is None:
            yield from ((child, None) for child in children)
            return
        reading = content_of(within, self._model).read(tuple([child.name for child in children]))
        for note in reading.notes:
            departed = children[note.number]
            self._depart(note.id, f"{path}/{departed.name}", departed, note.words)
        order = range(len(children)) if reading.order is None else reading.order
        yield from ((children[number], reading.children[number]) for number in order)

    def _look_at_namespace(self, node: Node, particle: Particle, path: str, bound: Mapping[str, str]) -> None:
        uri = bound.get(node.prefix)
        if uri and node.prefix not in self._told and not particle.name.startswith(f"{{{uri}}}"):
            self._told.add(node.prefix)  # once is enough
            around = f"prefix '{node.prefix}'" if node.prefix else "the namespace without a prefix"
            self._depart("wrong-namespace", path, node, f"{around} is {uri}, which does not hold this element")

    def _text(self, node: Node, child: Child | None, path: str) -> str | None:
        if node.children or not node.text:
            return node.text.strip() or None if node.children else None
        if child is None:
            return node.text
        text = node.text.strip()
        if not child.builtin:
            return text or None
        if (small := child.in_small_letters(text)) is not None:
            self._depart("boolean-case", path, node, in_capitals(text))
            return small
        return node.text

    def _depart(self, id_: str, path: str, node: Node, note: str) -> None:
        self._canonical.departures.append(Departure(id_, path, node.line, node.column, note))


def _bound_within(node: Node, around: Mapping[str, str]) -> Mapping[str, str]:
    """Return the prefixes that are bound within an element; the empty one is the namespace without a prefix."""
    own = {name[6:]: uri for name, uri in node.attributes.items() if name == "xmlns" or name.startswith("xmlns:")}
    return {**around, **own}
