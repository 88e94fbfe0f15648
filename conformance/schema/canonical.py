"""The canonical form of a request: what the service reads, as the schemas want to see it.

Elements get the namespaces that the schema gives them, whatever prefix they had; children are put into the
order of the schema, which the service does not enforce; ``java:`` types become schema types. Each departure
is noted, with its place in the original bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

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
_NUMBERS = frozenset({"boolean", "long", "int", "integer", "float", "double", "decimal", "base64Binary"})


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


def canonicalise(request: Request, model: SchemaModel) -> Canonical:
    """Return the canonical form of a request."""
    root = etree.Element(f"{{{_SERV}}}message", nsmap=_NSMAP)
    canonical = Canonical(root, departures=list(request.departures))
    operation = request.operation

    def type_of_content(particle: Particle) -> TypeModel | None:
        if operation is None:
            return model.type_of(particle)
        return model.types.get(f"{{{operation.namespace}}}{operation.request_type}")

    _Writer(canonical, model, type_of_content).write(request.message, root, model.elements.get(str(root.tag)))
    if operation is not None:
        content = root.find(f"{{{_SERV}}}body/{{{_SERV}}}bodyContent")
        if content is not None:
            content.set(XSI_TYPE, f"{operation.prefix}:{operation.request_type}")
    return canonical


class _Writer:
    def __init__(
        self,
        canonical: Canonical,
        model: SchemaModel,
        type_of_content: Callable[[Particle], TypeModel | None],
    ) -> None:
        self._canonical = canonical
        self._model = model
        self._type_of_content = type_of_content

    def write(self, node: Node, element: etree._Element, particle: Particle | None, path: str = "") -> None:
        """Write the children and text of ``node`` into ``element``."""
        path = f"{path}/{node.name}"
        self._canonical.origins[element] = node
        element.sourceline = min(node.line, _LAST_LINE)
        within = None
        if particle is not None:
            content = particle.name == f"{{{_SERV}}}bodyContent"
            within = self._type_of_content(particle) if content else self._model.type_of(particle)
        by_name = self._model.children_by_local_name(within) if within else {}
        element.text = self._text(node, particle, path)
        for child in self._sorted(node, by_name, within, path):
            child_particle = by_name.get(child.name, (0, None))[1]
            if child_particle is not None and self._is_empty_number(child, child_particle, f"{path}/{child.name}"):
                continue
            if child_particle is not None:
                tag = child_particle.name
            else:  # unknown elements are put where their parent's type is defined
                around = within.name if within and within.name else str(element.tag)
                tag = f"{around.partition('}')[0]}}}{child.name}"
            self.write(child, etree.SubElement(element, tag), child_particle, path)

    def _sorted(
        self, node: Node, by_name: Mapping[str, tuple[int, Particle]], within: TypeModel | None, path: str
    ) -> list[Node]:
        if within is None or not within.ordered or len(node.children) < 2:
            return node.children
        last = len(by_name)
        ordered = sorted(node.children, key=lambda child: by_name.get(child.name, (last, None))[0])
        for before, after in zip(node.children, ordered, strict=True):
            if before is not after:
                self._depart("order", f"{path}/{before.name}", before, "not in the order of the schema")
                break
        return ordered

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
        self._depart("empty-value", path, node, "empty; the service takes it as absent")
        return True

    def _depart(self, id_: str, path: str, node: Node, note: str) -> None:
        self._canonical.departures.append(Departure(id_, path, node.line, node.column, note))
