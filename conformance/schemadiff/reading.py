"""Schema files to components. Releases share most of their files, so what a file says is read once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from lxml import etree

from conformance.errors import UserError
from conformance.schema.evidence import EVIDENCE_NAMESPACE, Evidence, Place, Source
from conformance.schema.files import XML_NAMESPACE, SchemaFile, read_schema_file, resolve
from conformance.schemadiff.components import (
    ANY_ATTRIBUTE,
    ANY_ELEMENT,
    ANY_TYPE,
    UNBOUNDED,
    XS,
    AttributeGroup,
    ComplexType,
    ElementUse,
    Group,
    Origin,
    Schema,
    SimpleType,
    TypeRef,
)

_IS = f"{{{EVIDENCE_NAMESPACE}}}is"
_FROM = f"{{{EVIDENCE_NAMESPACE}}}from"
_UNSAID = Evidence(Source.OFFICIAL_2011)
_GROUPS = ("sequence", "choice", "all", "group")
_FACETS = frozenset(
    ["length", "minLength", "maxLength", "pattern", "whiteSpace", "totalDigits", "fractionDigits"]
    + [f"{end}{kind}" for end in ("min", "max") for kind in ("Inclusive", "Exclusive")]
)


def read_schema(files: Mapping[str, Path], entries: tuple[str, ...]) -> Schema:
    """Return the components of the files that are reached from ``entries``; ``files`` maps names to paths.

    Raises UserError for a file that can not be read, is missing, or defines again what another one has defined.
    """
    schema = Schema()
    waiting: list[tuple[str, str]] = [(entry, "") for entry in entries]
    seen: set[tuple[str, str]] = set()
    while waiting:
        name, namespace = waiting.pop()
        file = read_schema_file(files[name])
        namespace = file.namespace or namespace
        if (name, namespace) in seen:
            continue
        seen.add((name, namespace))
        _merge(schema, _components(files[name], namespace))
        for link in file.links:
            target = resolve(name, link, namespace, files)
            if target is not None:
                waiting.append((target, namespace if link.kind == "include" else ""))
    return schema


def _merge(schema: Schema, found: Schema) -> None:
    for kind in ("types", "elements", "attributes", "groups", "attribute_groups"):
        known: dict[str, Any] = getattr(schema, kind)
        for name, component in getattr(found, kind).items():
            other = known.setdefault(name, component)
            if other is not component:
                raise UserError(f"{_told(component)}: {name} is defined again; the other one is at {_told(other)}")


def _told(component: Any) -> str:
    return str(component.origin.place) if hasattr(component, "origin") else "a group"


@lru_cache(maxsize=4096)
def _components(path: Path, namespace: str) -> Schema:
    """Return the components of a file, of which one without a namespace takes that of who includes it."""
    return _Reader(read_schema_file(path), namespace).read()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one file. ``evidence`` is handed down: what a component does not say, the one around it says."""

    file: SchemaFile
    namespace: str
    schema: Schema = field(default_factory=Schema)

    def read(self) -> Schema:
        evidence = _evidence(self.file.root, _UNSAID)
        kinds: Mapping[str, tuple[dict[str, Any], Callable[[etree._Element, Evidence], Any]]] = {
            "complexType": (self.schema.types, self._complex),
            "simpleType": (self.schema.types, self._simple),
            "element": (self.schema.elements, self._element),
            "attribute": (self.schema.attributes, self._attribute),
            "group": (self.schema.groups, self._group_definition),
            "attributeGroup": (self.schema.attribute_groups, self._attributes),
        }
        for node in self.file.root.iterchildren("*"):
            local = _local(node)
            if local in ("redefine", "override"):
                raise UserError(f"{self.file.path}:{self.file.line(node)}: xs:{local} is not supported")
            if local in kinds:
                known, reader = kinds[local]
                known[self._qualified(node.get("name", ""))] = reader(node, evidence)
        return self.schema

    def _origin(self, node: etree._Element, evidence: Evidence) -> Origin:
        return Origin(Place(self.file.path, self.file.line(node)), evidence)

    def _qualified(self, name: str) -> str:
        return f"{{{self.namespace}}}{name}" if self.namespace and name else name

    def _reference(self, node: etree._Element, attribute: str) -> str:
        return self._resolved(node, node.get(attribute, ""))

    def _resolved(self, node: etree._Element, name: str) -> str:
        prefix, _, local = name.strip().rpartition(":")
        uri = XML_NAMESPACE if prefix == "xml" else node.nsmap.get(prefix or None)
        if prefix and uri is None:
            raise UserError(f"{self.file.path}:{self.file.line(node)}: the prefix '{prefix}' is not declared")
        uri = uri or self.namespace  # of an included file without a namespace, names are the includer's
        return f"{{{uri}}}{local}" if uri and local else local

    def _complex(self, node: etree._Element, around: Evidence) -> ComplexType:
        evidence = _evidence(node, around)
        content = next(_children(node, "complexContent", "simpleContent"), None)
        derived = node if content is None else next(_children(content, "extension", "restriction"), node)
        simple = content is not None and _local(content) == "simpleContent"
        group = next(_children(derived, *_GROUPS), None)
        mixed = node.get("mixed") if content is None else content.get("mixed", node.get("mixed"))
        return ComplexType(
            name=self._qualified(node.get("name", "")) if node.get("name") else "",
            base=self._reference(derived, "base") if derived is not node else "",
            derivation=cast('Literal["", "extension", "restriction"]', _local(derived) if derived is not node else ""),
            content=None if group is None else self._group(group, evidence),
            attributes=self._attributes(derived, evidence),
            mixed=mixed in ("true", "1"),
            text=self._restriction("", derived, evidence) if simple and _local(derived) == "restriction" else None,
            simple=simple,
            origin=self._origin(node, evidence),
        )

    def _simple(self, node: etree._Element, around: Evidence) -> SimpleType:
        evidence = _evidence(node, around)
        name = self._qualified(node.get("name", "")) if node.get("name") else ""
        how = next(_children(node, "restriction", "list", "union"), node)
        if _local(how) == "restriction":
            return self._restriction(name, how, evidence)
        inner = tuple(self._simple(child, evidence) for child in _children(how, "simpleType"))
        if _local(how) == "list":
            item: TypeRef = inner[0] if inner else self._reference(how, "itemType")
            return SimpleType(name, "list", item, (), {}, {}, self._origin(node, evidence))
        named = tuple(self._resolved(how, member) for member in how.get("memberTypes", "").split())
        return SimpleType(name, "union", "", (*named, *inner), {}, {}, self._origin(node, evidence))

    def _restriction(self, name: str, node: etree._Element, evidence: Evidence) -> SimpleType:
        inner = next(_children(node, "simpleType"), None)
        base = self._reference(node, "base") if inner is None else self._simple(inner, evidence)
        facets: dict[str, str] = {}
        values: dict[str, Origin] = {}
        for facet in node.iterchildren("*"):
            kind, value = _local(facet), facet.get("value", "")
            if kind == "enumeration":
                values[value] = self._origin(facet, _evidence(facet, evidence))
            elif kind == "pattern" and kind in facets:
                facets[kind] = f"{facets[kind]}|{value}"
            elif kind in _FACETS:
                facets[kind] = value
        return SimpleType(name, "atomic", base, (), facets, values, self._origin(node, evidence))

    def _group_definition(self, node: etree._Element, around: Evidence) -> Group:
        inner = next(_children(node, *_GROUPS))
        return self._group(inner, _evidence(node, around))

    def _group(self, node: etree._Element, evidence: Evidence) -> Group:
        kind = cast('Literal["sequence", "choice", "all", "group"]', _local(node))
        least, most = _occurs(node)
        if kind == "group":
            return Group(kind, least, most, (), self._reference(node, "ref"))
        parts: list[Group | ElementUse] = []
        for part in _children(node, "element", "any", *_GROUPS):
            match _local(part):
                case "element":
                    parts.append(self._element(part, evidence))
                case "any":
                    parts.append(self._wildcard(ANY_ELEMENT, part, *_occurs(part), evidence))
                case _:
                    parts.append(self._group(part, evidence))
        return Group(kind, least, most, tuple(parts))

    def _element(self, node: etree._Element, around: Evidence) -> ElementUse:
        evidence = _evidence(node, around)
        least, most = _occurs(node)
        if node.get("ref"):
            name = self._reference(node, "ref")
            return ElementUse(name, "", least, most, self._origin(node, evidence), reference=True)
        top = node.getparent() is self.file.root
        form = node.get("form") or self.file.root.get("elementFormDefault", "unqualified")
        name = node.get("name", "")
        return ElementUse(
            name=self._qualified(name) if top or form == "qualified" else name,
            type=self._type(node, evidence, ANY_TYPE),
            least=least,
            most=most,
            origin=self._origin(node, evidence),
            default=node.get("default"),
            fixed=node.get("fixed"),
            nillable=node.get("nillable") in ("true", "1"),
        )

    def _type(self, node: etree._Element, evidence: Evidence, unsaid: str) -> TypeRef:
        for inline in _children(node, "complexType", "simpleType"):
            return (self._complex if _local(inline) == "complexType" else self._simple)(inline, evidence)
        return self._reference(node, "type") or unsaid

    def _wildcard(self, name: str, node: etree._Element, least: int, most: int, evidence: Evidence) -> ElementUse:
        rule = f"{node.get('namespace', '##any')}, {node.get('processContents', 'strict')}"
        return ElementUse(name, ANY_TYPE, least, most, self._origin(node, evidence), rule=rule)

    def _attributes(self, node: etree._Element, around: Evidence) -> AttributeGroup:
        evidence = _evidence(node, around)
        uses = [self._attribute(use, evidence) for use in _children(node, "attribute")]
        uses += [self._wildcard(ANY_ATTRIBUTE, use, 0, 1, evidence) for use in _children(node, "anyAttribute")]
        return AttributeGroup(
            tuple(uses), tuple(self._reference(group, "ref") for group in _children(node, "attributeGroup"))
        )

    def _attribute(self, node: etree._Element, around: Evidence) -> ElementUse:
        evidence = _evidence(node, around)
        use = node.get("use", "optional")
        top = node.getparent() is self.file.root
        form = node.get("form") or self.file.root.get("attributeFormDefault", "unqualified")
        reference = node.get("ref") is not None
        name = self._reference(node, "ref") if reference else node.get("name", "")
        return ElementUse(
            name=f"@{self._qualified(name) if not reference and (top or form == 'qualified') else name}",
            type=self._type(node, evidence, f"{{{XS}}}anySimpleType"),
            least=int(use == "required"),
            most=int(use != "prohibited"),
            origin=self._origin(node, evidence),
            reference=reference,
            default=node.get("default"),
            fixed=node.get("fixed"),
        )


def _children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    return cast("Iterator[etree._Element]", node.iterchildren(*(f"{{{XS}}}{name}" for name in names)))


def _local(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _occurs(node: etree._Element) -> tuple[int, int]:
    most = node.get("maxOccurs", "1")
    try:
        return int(node.get("minOccurs", "1")), UNBOUNDED if most == "unbounded" else int(most)
    except ValueError:
        raise UserError(f"line {node.sourceline}: minOccurs and maxOccurs are numbers") from None


def _evidence(node: etree._Element, around: Evidence) -> Evidence:
    said = node.get(_IS)
    if not said:
        return around
    try:
        return Evidence(Source(said), node.get(_FROM, ""))
    except ValueError:
        return around
