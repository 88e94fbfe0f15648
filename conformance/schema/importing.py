"""The provider's own schemas, made fit to be compiled: laid out by namespace, every reference within the set.

Whoever packed them may have used absolute locations, another layout or none, and left out imports that one tool or
another does without. What they say of messages is not touched.
"""

from __future__ import annotations

import posixpath
import re
import tempfile
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lxml import etree

from conformance.errors import UserError
from conformance.schema.archive import read_archive, write_files
from conformance.schema.catalog import ENTRY
from conformance.schema.evidence import EVIDENCE_NAMESPACE, Source
from conformance.schema.files import (
    XML_NAMESPACE,
    XS,
    Link,
    SchemaFile,
    read_schema_file,
    resolve,
)
from conformance.schema.findings import readable
from conformance.schema.model import read_model
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI

_BASE = NAMESPACES["com"].rpartition("/")[0]
_XSD = XS.strip("{}")
_NAMING = ("type", "base", "ref", "itemType", "memberTypes", "substitutionGroup")
_COMPONENTS = ("element", "complexType", "simpleType", "group", "attributeGroup", "attribute")
_XML_FILE = "xml/xml.xsd"
_XML_SCHEMA = f"""<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="{_XSD}" targetNamespace="{XML_NAMESPACE}">
  <xs:attribute name="lang" type="xs:string"/>
  <xs:attribute name="base" type="xs:anyURI"/>
  <xs:attribute name="space">
    <xs:simpleType><xs:restriction base="xs:NCName">
      <xs:enumeration value="default"/><xs:enumeration value="preserve"/>
    </xs:restriction></xs:simpleType>
  </xs:attribute>
</xs:schema>
""".encode()


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the files of an archive."""

    files: Mapping[str, bytes]
    """The set, by relative name; compile ``message.xsd``."""
    notes: Sequence[str]
    """What was mended or left out, each in one line."""


def import_schemas(path: Path, folder: Path) -> Sequence[str]:
    """Read the schemas of a zip or folder into an empty folder, and prove that they can be used.

    Returns what was mended or left out. Raises UserError that says what is wrong with them; what is in ``folder``
    then is of no use.
    """
    found = read_archive(path)
    with tempfile.TemporaryDirectory(prefix="conformance-import-") as raw:
        try:
            imported = normalised(write_files(Path(raw), found))
        except UserError as error:
            raise UserError(str(error).replace(f"{raw}/", f"{path}: ")) from None
    compiled(write_files(folder, imported.files), folder, path)
    return imported.notes


def normalised(files: Mapping[str, Path]) -> Imported:
    """Return files as a set that needs no other. Raises UserError for no schema, or one that needs what is missing."""
    return _Normaliser(files).run()


@dataclass(slots=True)
class _Normaliser:
    files: Mapping[str, Path]
    notes: list[str] = field(default_factory=list)
    main: dict[str, str] = field(default_factory=dict)
    """By namespace, the new name of the file that stands for all of it."""
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    """By old name and namespace, the new name: a file without a namespace is one of each that includes it."""
    made: dict[str, bytes] = field(default_factory=dict)

    def run(self) -> Imported:
        self._leave_out_copies()
        by_namespace: defaultdict[str, list[str]] = defaultdict(list)
        for name in self.files:
            self._refuse_unknown(self._file(name))
            if namespace := self._file(name).namespace:
                by_namespace[namespace].append(name)
        for namespace, names in sorted(by_namespace.items()):
            self._lay_out(namespace, names)
        self._leave_out_others()
        for (name, namespace), place in sorted(self.places.items()):
            self.made[place] = self._rewritten(self._file(name), name, namespace, place)
        imports = [(namespace, place) for namespace, place in sorted(self.main.items()) if namespace != XML_NAMESPACE]
        self.made[ENTRY] = _linking("", "import", imports)
        return Imported(self.made, self.notes)

    def _file(self, name: str) -> SchemaFile:
        return read_schema_file(self.files[name])

    def _leave_out_copies(self) -> None:
        """Keep one of several copies of a file: packers put the shared ones beside each that imports them."""
        kept: dict[tuple[str, bytes], str] = {}
        for name in sorted(self.files, key=lambda name: (name.count("/"), name)):
            key = (PurePosixPath(name).name, self.files[name].read_bytes())
            if (first := kept.setdefault(key, name)) != name:
                self.notes.append(f"{name}: the same as {first}; left out")
        self.files = {name: self.files[name] for name in sorted(kept.values())}

    def _refuse_unknown(self, file: SchemaFile) -> None:
        for node in file.root.iterchildren(f"{XS}redefine", f"{XS}override"):
            kind = str(node.tag).removeprefix(XS)
            raise UserError(f"{file.path}:{file.line(node)}: xs:{kind} is not supported")

    def _lay_out(self, namespace: str, names: Sequence[str]) -> None:
        folder = _folder_of(namespace)
        waiting = sorted(names)
        while waiting:
            name = waiting.pop(0)
            if (name, namespace) in self.places:
                continue
            self.places[name, namespace] = self._free(folder, PurePosixPath(name).name)
            waiting += [target for link in self._file(name).links if (target := self._included(name, link, namespace))]
        included = {self._included(name, link, namespace) for name in names for link in self._file(name).links}
        roots = [self.places[name, namespace] for name in names if name not in included]
        if len(roots) == 1:
            self.main[namespace] = roots[0]
            return
        # Files that include each other in a circle have no root; any of them brings all.
        place = self.main[namespace] = self._free(folder, "all.xsd")
        parts = roots or [self.places[name, namespace] for name in names]
        located = [("", posixpath.relpath(part, posixpath.dirname(place))) for part in parts]
        self.made[place] = _linking(namespace, "include", located)
        self.notes.append(f"{namespace}: is in {len(parts)} files that do not name each other; {place} includes them")

    def _free(self, folder: str, name: str) -> str:
        """Return a name in a folder that no other file has."""
        taken = {place.casefold() for place in (*self.places.values(), *self.made)}
        stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
        tried, number = f"{folder}/{name}", 1
        while tried.casefold() in taken:
            number += 1
            tried = f"{folder}/{stem}-{number}{suffix}"
        return tried

    def _included(self, name: str, link: Link, namespace: str) -> str | None:
        """Return the file that a link brings into the same namespace; None for an import of another one."""
        if link.kind == "import" and link.namespace != namespace:
            return None
        as_include = Link("include", "", link.location, link.line)
        return resolve(name, as_include, namespace, self.files) if link.location else None

    def _leave_out_others(self) -> None:
        used = {name for name, _ in self.places}
        for name in sorted(self.files.keys() - used):
            defines = any(True for _ in self._file(name).root.iterchildren(*(f"{XS}{kind}" for kind in _COMPONENTS)))
            why = "nothing includes it" if defines else "only names others; the entry is made anew"
            self.notes.append(f"{name}: left out: it has no namespace and {why}")

    def _rewritten(self, file: SchemaFile, name: str, namespace: str, place: str) -> bytes:
        """Return a file with all references within the set, and as the authority that it is."""
        wanted = dict(self._used(file, namespace))
        for link in file.links:
            if link.kind == "import" and link.namespace != namespace and link.namespace not in wanted:
                self.notes.append(f"{name}:{link.line}: imports {link.namespace} and uses nothing of it; left out")
        root = _copy_of(file.root)
        for old in root.findall(f"{XS}import") + root.findall(f"{XS}include"):
            root.remove(old)
        included = [target for link in file.links if (target := self._included(name, link, namespace))]
        links = [("include", "", self.places[target, namespace]) for target in dict.fromkeys(included)]
        links += [("import", uri, self._main(file, uri, line)) for uri, line in sorted(wanted.items())]
        said = {link.namespace for link in file.links if link.kind == "import"}
        for uri in sorted(wanted.keys() - said):
            self.notes.append(f"{name}:{wanted[uri]}: uses {uri} without importing it; the import is added")
        for number, (kind, uri, target) in enumerate(links):
            link = etree.Element(f"{XS}{kind}", {"namespace": uri} if uri else {})
            link.set("schemaLocation", posixpath.relpath(target, posixpath.dirname(place)))
            link.tail = "\n  "
            root.insert(number, link)
        data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        return data

    def _used(self, file: SchemaFile, namespace: str) -> Iterator[tuple[str, int]]:
        """Yield the other namespaces that a file takes something from, each with a line that does."""
        found: dict[str, int] = {}
        for node in file.root.iter(f"{XS}*"):
            for attribute in _NAMING:
                for name in node.get(attribute, "").split():
                    prefix = name.rpartition(":")[0] or None
                    uri = XML_NAMESPACE if prefix == "xml" else node.nsmap.get(prefix)
                    if uri is None and prefix is not None:
                        raise UserError(f"{file.path}:{file.line(node)}: the prefix '{prefix}' is not declared")
                    if uri and uri not in (namespace, _XSD):
                        found.setdefault(uri, file.line(node))
        yield from found.items()

    def _main(self, file: SchemaFile, uri: str, line: int) -> str:
        if uri == XML_NAMESPACE and uri not in self.main:
            self.main[uri] = _XML_FILE
            self.made[_XML_FILE] = _XML_SCHEMA
        if uri not in self.main:
            raise UserError(f"{file.path}:{line}: takes something from {uri}, of which there is no file")
        return self.main[uri]


def _folder_of(namespace: str) -> str:
    """Return the folder of a namespace: below that of the API, as its name goes on."""
    path = namespace.removeprefix(f"{_BASE}/") if namespace.startswith(f"{_BASE}/") else namespace
    steps = (re.sub(r"[^A-Za-z0-9_-]+", "-", step).strip("-") for step in path.split("/"))
    return "/".join(step for step in steps if step) or "other"


def _linking(namespace: str, kind: str, targets: Sequence[tuple[str, str]]) -> bytes:
    """Return a schema file that only imports or includes others."""
    root = etree.Element(f"{XS}schema", {"targetNamespace": namespace} if namespace else {}, {"xs": _XSD})
    for uri, location in targets:
        etree.SubElement(root, f"{XS}{kind}", {"namespace": uri} if uri else {}, schemaLocation=location)
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return data


def _copy_of(root: etree._Element) -> etree._Element:
    """Return a schema that says of itself that it is the provider's; what it says of our evidence is dropped."""
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if uri != EVIDENCE_NAMESPACE}
    prefixes["evidence" if "evidence" not in prefixes else "conformance-evidence"] = EVIDENCE_NAMESPACE
    copy = etree.Element(f"{XS}schema", dict(root.attrib), prefixes)
    copy.text = root.text
    copy.extend(etree.fromstring(etree.tostring(root)))
    for node in copy.iter("*"):
        for name in node.attrib:
            if str(name).startswith((f"{{{EVIDENCE_NAMESPACE}}}", f"{{{XSI}}}")):
                del node.attrib[name]
    copy.set(f"{{{EVIDENCE_NAMESPACE}}}is", Source.OFFICIAL)
    return copy


def compiled(files: Mapping[str, Path], folder: Path, path: Path) -> None:
    """Prove that a set compiles, by libxml2 and by xmlschema, and that it is of this API. Raises UserError."""
    import xmlschema  # noqa: PLC0415 - slow to load, and only an import needs it

    entry = files[ENTRY]
    try:
        etree.XMLSchema(file=str(entry))
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # it only warns of what it could not import
            xmlschema.XMLSchema10(str(entry), allow="local", defuse="always")
    except (etree.XMLSchemaParseError, xmlschema.XMLSchemaException, RecursionError, Warning) as error:
        told = _told(error).replace(f"{folder}/", "").strip()
        raise UserError(f"{path}: does not compile: {' '.join(told.split())[:600]}") from error
    model = read_model(files, ENTRY)
    if f"{{{NAMESPACES['serv']}}}message" not in model.elements:
        raise UserError(f"{path}: has no element serv:message, so these are not the schemas of this API")
    if not any(f"{{{one.namespace}}}{one.request_type}" in model.types for one in OPERATIONS.values()):
        raise UserError(f"{path}: has no operation that the suite knows, so it could judge nothing")


def _told(error: Exception) -> str:
    """Return what an error says; of libxml2 with the file, and without the line, which is that of our copy of it."""
    if isinstance(error, etree.XMLSchemaParseError) and len(error.error_log):
        first = error.error_log[0]
        return f"{PurePosixPath(first.filename).name}: {readable(first.message)}"
    return str(error)
