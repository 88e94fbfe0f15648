"""The canonical form of a request: what the service reads, as the schemas want to see it.

Elements get the namespaces that the schema gives them, whatever prefix they had; children are put into the
order of the schema, which the service does not enforce; ``java:`` types become schema types. Each departure
is noted, with its place in the original bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from lxml import etree

from conformance.schema.findings import SchemaFinding, element_at
from conformance.schema.model import Particle, SchemaModel, TypeModel
from conformance.wire.names import NAMESPACES, XSI, XSI_TYPE
from conformance.wire.request import Departure, Request
from conformance.wire.tree import Node

_NSMAP = {**NAMESPACES, "xsi": XSI}
_SERV = NAMESPACES["serv"]
_LAST_LINE = 65535
"""The last that libxml2 can remember; findings are put back to the true line."""
OUT_OF_ORDER = "not in the order of the schema"
_NUMBERS = frozenset({"boolean", "long", "int", "integer", "float", "double", "decimal"})


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
    canonical = Canonical(root, departures=list(request.departures))
    operation = request.operation

    def type_of_content(particle: Particle) -> TypeModel | None:
        if operation is None:
            return model.type_of(particle)
        return model.types.get(f"{{{operation.namespace}}}{operation.request_type}")

    writer = _Writer(canonical, model, type_of_content, ignore_unknown=ignore_unknown)
    writer.write(request.message, root, model.elements.get(str(root.tag)))
    if operation is not None:
        content = root.find(f"{{{_SERV}}}body/{{{_SERV}}}bodyContent")
        if content is not None:
            content.set(XSI_TYPE, f"{operation.prefix}:{operation.request_type}")
    return canonical


Known = tuple[int, Particle] | None
"""Where the schema puts an element, and what it says of it; None for one that it does not know."""


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
        particle: Particle | None,
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
        if particle is not None:
            self._look_at_namespace(node, particle, path, bound)
            content = particle.name == f"{{{_SERV}}}bodyContent"
            within = self._type_of_content(particle) if content else self._model.type_of(particle)
        by_name = self._model.children_by_local_name(within) if within else {}
        element.text = self._text(node, particle, path)
        for child, known in self._sorted(node, by_name, within, path):
            if known is not None:
                if self._is_empty_number(child, known[1], f"{path}/{child.name}"):
                    continue
                self.write(child, etree.SubElement(element, known[1].name), known[1], path, bound)
            elif self._ignore_unknown and within is not None:
                self._depart("unknown-element", f"{path}/{child.name}", child, "not known to the schema; ignored")
            else:  # unknown elements are put where their parent's type is defined
                around = within.name if within and within.name else str(element.tag)
                tag = f"{around.partition('}')[0]}}}{child.name}"
                self.write(child, etree.SubElement(element, tag), None)

    def _sorted(
        self, node: Node, by_name: Mapping[str, tuple[int, Particle]], within: TypeModel | None, path: str
    ) -> list[tuple[Node, Known]]:
        """Return the children of a node in the order of the schema, each with what the schema says of it."""
        children = [(child, self._known(child, by_name, path)) for child in node.children]
        if within is None or not within.ordered or len(children) < 2:
            return children
        last = len(by_name)
        ordered = sorted(children, key=lambda child: last if child[1] is None else child[1][0])
        for (before, _), (after, _) in zip(children, ordered, strict=True):
            if before is not after:
                self._depart("order", f"{path}/{before.name}", before, OUT_OF_ORDER)
                break
        return ordered

    def _known(self, child: Node, by_name: Mapping[str, tuple[int, Particle]], path: str) -> Known:
        known = by_name.get(child.name)
        if known is not None or not by_name:
            return known
        lower = child.name.lower()
        name = next((name for name in by_name if name.lower() == lower), None)
        if name is None:
            return None
        self._depart("name-case", f"{path}/{child.name}", child, f"'{child.name}' instead of '{name}'")
        return by_name[name]

    def _look_at_namespace(self, node: Node, particle: Particle, path: str, bound: Mapping[str, str]) -> None:
        uri = bound.get(node.prefix)
        if uri and node.prefix not in self._told and not particle.name.startswith(f"{{{uri}}}"):
            self._told.add(node.prefix)  # once is enough
            around = f"prefix '{node.prefix}'" if node.prefix else "the namespace without a prefix"
            self._depart("wrong-namespace", path, node, f"{around} is {uri}, which does not hold this element")

    def _text(self, node: Node, particle: Particle | None, path: str) -> str | None:
        if node.children or not node.text:
            return node.text.strip() or None if node.children else None
        if particle is None:
            return node.text
        kind = self._model.builtin(particle)
        text = node.text.strip()
        if not kind:
            return text or None
        if kind == "boolean" and text != text.lower() and text.lower() in ("true", "false"):
            self._depart("boolean-case", path, node, f"'{text}' instead of '{text.lower()}'")
            return text.lower()
        return node.text

    def _is_empty_number(self, node: Node, particle: Particle, path: str) -> bool:
        if node.children or node.text.strip() or self._model.builtin(particle) not in _NUMBERS:
            return False
        if particle.defaulted:
            return False  # valid as it is: it means its default
        self._depart("empty-value", path, node, "empty; the service takes it as absent")
        return True

    def _depart(self, id_: str, path: str, node: Node, note: str) -> None:
        self._canonical.departures.append(Departure(id_, path, node.line, node.column, note))


def _bound_within(node: Node, around: Mapping[str, str]) -> Mapping[str, str]:
    """Return the prefixes that are bound within an element; the empty one is the namespace without a prefix."""
    own = {name[6:]: uri for name, uri in node.attributes.items() if name == "xmlns" or name.startswith("xmlns:")}
    return {**around, **own} if own else around
