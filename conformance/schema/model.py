"""The schemas as tables: which children a type has, in which order, from which evidence, at which line.

libxml2 tells that a payload is wrong but not where in the schema it says so, and xmlschema takes seconds to
load. Requests need the tables on every call, to be put into the order that the service does not ask for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from conformance.errors import MalformedMessage, SchemaNotFound, SuiteError
from conformance.schema.evidence import EVIDENCE_NAMESPACE, Evidence, Place, Source
from conformance.wire.limits import parser
from conformance.wire.scan import element_starts

XS = "{http://www.w3.org/2001/XMLSchema}"
_IS = f"{{{EVIDENCE_NAMESPACE}}}is"
_FROM = f"{{{EVIDENCE_NAMESPACE}}}from"
_UNBOUNDED = 1_000_000


@dataclass(frozen=True, slots=True)
class Particle:
    """One child element that a type allows."""

    name: str
    type: str
    inline: TypeModel | None
    least: int
    most: int
    defaulted: bool
    """Whether it has a default, which it means when it is empty."""
    evidence: Evidence
    place: Place


@dataclass(frozen=True, slots=True)
class TypeModel:
    """One type. ``particles`` are its own children; those of ``base`` come before them."""

    name: str
    base: str
    particles: tuple[Particle, ...]
    ordered: bool
    """Whether the children form one plain sequence, so that they can be sorted into it."""
    evidence: Evidence
    place: Place


@dataclass(slots=True, eq=False, weakref_slot=True)
class SchemaModel:
    """All types of a release, by ``{namespace}name``."""

    types: dict[str, TypeModel] = field(default_factory=dict)
    elements: dict[str, Particle] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    """The names of the files that it was read from."""
    _children: dict[int, Mapping[str, tuple[int, Particle]]] = field(default_factory=dict)
    _by_local: dict[int, Mapping[str, tuple[int, Particle]]] = field(default_factory=dict)

    def type_of(self, particle: Particle) -> TypeModel | None:
        """Return the type of an element; None for a built-in one."""
        return particle.inline or self.types.get(particle.type)

    def children(self, model: TypeModel) -> Mapping[str, tuple[int, Particle]]:
        """Return the children of a type by name, each with its place in the sequence; bases come first."""
        known = self._children.get(id(model))
        if known is None:
            known = self._children[id(model)] = {p.name: (i, p) for i, p in enumerate(self._particles(model))}
        return known

    def children_by_local_name(self, model: TypeModel) -> Mapping[str, tuple[int, Particle]]:
        """Return the children of a type as ``children`` does, by name without namespace."""
        known = self._by_local.get(id(model))
        if known is None:
            children = self.children(model).items()
            known = self._by_local[id(model)] = {name.rpartition("}")[2]: child for name, child in children}
        return known

    def _particles(self, model: TypeModel) -> Iterator[Particle]:
        if model.base in self.types:
            yield from self._particles(self.types[model.base])
        yield from model.particles

    def builtin(self, particle: Particle) -> str:
        """Return the local name of the built-in type that a simple element comes down to, or an empty text."""
        model = self.type_of(particle)
        name = particle.type if model is None else model.base
        while name in self.types:
            name = self.types[name].base
        return name.removeprefix(XS) if name.startswith(XS) else ""


@dataclass(frozen=True, slots=True)
class Link:
    """An import or an include of a file."""

    namespace: str
    """What an import is of; empty for an include."""
    file: str
    """The name of the file."""
    place: Place


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """What one schema file defines, and the files that it needs."""

    types: Mapping[str, TypeModel]
    elements: Mapping[str, Particle]
    links: Sequence[Link]


def read_model(
    files: Mapping[str, Path], *entries: str, already_read: dict[Path, SchemaFile] | None = None
) -> SchemaModel:
    """Read the schema files reachable from ``entries``; ``files`` maps relative names to where they really are.

    ``already_read`` are the files that other models were read from; those read now are added. Raises SchemaNotFound
    for a file that is missing, SuiteError for one that cannot be read.
    """
    model = SchemaModel()
    pending = [(entry, Place(Path(entry), 1)) for entry in entries]
    while pending:
        name, wanted_by = pending.pop()
        if name in model.files:
            continue
        model.files.add(name)
        file = read_file(files, name, wanted_by, already_read)
        model.types |= file.types
        model.elements |= file.elements
        pending += [(link.file, link.place) for link in file.links]
    return model


def read_file(
    files: Mapping[str, Path], name: str, wanted_by: Place, already_read: dict[Path, SchemaFile] | None = None
) -> SchemaFile:
    """Read one schema file, which ``wanted_by`` names; see ``read_model``."""
    path = files.get(name)
    if path is not None and already_read is not None and path in already_read:
        return already_read[path]
    if path is None or not path.is_file():
        raise SchemaNotFound(path or Path(name), f"{wanted_by} needs it")
    data = path.read_bytes()
    root = _parse(path, data)
    try:
        file = _File(name, path, root, element_starts(data)).read()
    except (ValueError, MalformedMessage) as error:
        raise SuiteError(f"{path}: {error}") from error
    if already_read is not None:
        already_read[path] = file
    return file


def _join(name: str, location: str) -> str:
    parts = name.split("/")[:-1]
    for step in location.split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step != ".":
            parts.append(step)
    return "/".join(parts)


def _parse(path: Path, data: bytes) -> etree._Element:
    try:
        return etree.fromstring(data, parser())
    except etree.XMLSyntaxError as error:
        raise SuiteError(f"{path}:{error.lineno}: the schema is not well-formed: {error.msg}") from error


class _File:
    """Reads the components of one schema file."""

    def __init__(self, name: str, path: Path, root: etree._Element, starts: Mapping[int, tuple[int, int]]) -> None:
        self._name_of_file = name
        self._path = path
        self._root = root
        # libxml2 knows only where a tag ends.
        self._lines = {element: starts[number][0] for number, element in enumerate(root.iter("*"))}
        self._namespace = root.get("targetNamespace", "")

    def read(self) -> SchemaFile:
        components = self._root.iterchildren(f"{XS}complexType", f"{XS}simpleType")
        types = [self._type(component, self._qualified(component.get("name", ""))) for component in components]
        elements = [self._particle(element) for element in self._root.iterchildren(f"{XS}element")]
        links = [link for link in self._root.iterchildren(f"{XS}import", f"{XS}include") if link.get("schemaLocation")]
        return SchemaFile(
            types={model.name: model for model in types},
            elements={particle.name: particle for particle in elements},
            links=[
                Link(
                    link.get("namespace", ""),
                    _join(self._name_of_file, link.get("schemaLocation", "")),
                    self.place(link),
                )
                for link in links
            ],
        )

    def place(self, node: etree._Element) -> Place:
        return Place(self._path, self._lines[node])

    def _type(self, component: etree._Element, name: str = "") -> TypeModel:
        derivations = [d for d in component.iter(f"{XS}extension", f"{XS}restriction") if self._owner(d) is component]
        elements = [e for e in component.iter(f"{XS}element") if self._owner(e) is component]
        groups = [g for g in component.iter(f"{XS}choice", f"{XS}sequence") if self._owner(g) is component]
        plain = len(groups) <= 1 and all(g.tag == f"{XS}sequence" and g.get("maxOccurs", "1") == "1" for g in groups)
        return TypeModel(
            name,
            self._name(derivations[0], "base") if derivations else "",
            tuple(map(self._particle, elements)),
            plain,
            self._evidence(component),
            self.place(component),
        )

    def _particle(self, element: etree._Element) -> Particle:
        inline = element.find(f"{XS}complexType")
        if inline is None:
            inline = element.find(f"{XS}simpleType")
        most = element.get("maxOccurs", "1")
        return Particle(
            name=self._qualified(element.get("name", "")),
            type=self._name(element, "type"),
            inline=None if inline is None else self._type(inline),
            least=int(element.get("minOccurs", "1")),
            most=_UNBOUNDED if most == "unbounded" else int(most),
            defaulted=element.get("default") is not None,
            evidence=self._evidence(element),
            place=self.place(element),
        )

    def _owner(self, node: etree._Element) -> etree._Element:
        """Return the type definition that an element or group belongs to, not one around it."""
        return next(node.iterancestors(f"{XS}complexType", f"{XS}simpleType"))

    def _qualified(self, name: str) -> str:
        return f"{{{self._namespace}}}{name}" if self._namespace else name

    def _name(self, node: etree._Element, attribute: str) -> str:
        prefix, _, local = node.get(attribute, "").rpartition(":")
        uri = node.nsmap.get(prefix or None, "")
        return f"{{{uri}}}{local}" if uri and local else local

    def _evidence(self, node: etree._Element) -> Evidence:
        """Return what a component says of itself, else what the one around it says."""
        for around in (node, *node.iterancestors()):
            if source := around.get(_IS):
                return Evidence(Source(source), around.get(_FROM, ""))
        return Evidence(Source.OFFICIAL_2011)
