"""Schema files as files: read once, with the line of every element, and how they refer to each other.

A schema location is looked for among the files of the set and nowhere else: nothing is ever fetched.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast

from lxml import etree

from conformance.errors import MalformedMessage, UserError
from conformance.wire.limits import MAX_BODY, parser
from conformance.wire.scan import element_starts

XS = "{http://www.w3.org/2001/XMLSchema}"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True, slots=True)
class Link:
    """An import or include: what it names, and where."""

    kind: Literal["import", "include"]
    namespace: str
    location: str
    line: int


@dataclass(frozen=True, slots=True, eq=False)
class SchemaFile:
    """One file: its tree, its namespace and what it refers to."""

    path: Path
    root: etree._Element
    namespace: str
    links: tuple[Link, ...]
    lines: Mapping[etree._Element, int]

    def line(self, node: etree._Element) -> int:
        """Return the line on which an element starts; libxml2 knows only where its tag ends."""
        return self.lines[node]


def read_schema_file(path: Path) -> SchemaFile:
    """Read a schema file; a file that did not change since is not read again.

    Raises UserError where it can not be read, is no XML, has a DOCTYPE, or is no schema.
    """
    try:
        stamp = path.stat()
    except OSError as error:
        raise UserError(f"{path}: can not be read: {error.strerror}") from error
    return _read(path, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=4096)
def _read(path: Path, _changed: int, size: int) -> SchemaFile:
    if size > MAX_BODY:
        raise UserError(f"{path}: has {size} bytes; a schema file of more than {MAX_BODY} is not read")
    try:
        return parse_schema_file(path, path.read_bytes())
    except OSError as error:
        raise UserError(f"{path}: can not be read: {error.strerror}") from error


def parse_schema_file(path: Path, data: bytes) -> SchemaFile:
    """Return the schema file that these bytes are; ``path`` is what it is told by. Raises UserError."""
    try:
        starts = element_starts(data)
        root = etree.fromstring(data, parser())
    except (MalformedMessage, etree.XMLSyntaxError) as error:
        raise UserError(f"{path}:{_line_of(error)}: is not well-formed XML: {_reason(error)}") from error
    if root.getroottree().docinfo.doctype:
        raise UserError(f"{path}: has a DOCTYPE; a schema needs none, and entities are not read")
    if root.tag != f"{XS}schema":
        raise UserError(f"{path}: is no XML Schema: its first element is '{root.tag}'")
    lines = {element: starts[number][0] for number, element in enumerate(root.iter("*"))}
    links = tuple(
        Link(
            cast("Literal['import', 'include']", str(link.tag).removeprefix(XS)),
            link.get("namespace", ""),
            link.get("schemaLocation", ""),
            lines[link],
        )
        for link in root.iterchildren(f"{XS}import", f"{XS}include")
    )
    return SchemaFile(path, root, root.get("targetNamespace", ""), links, lines)


def _line_of(error: MalformedMessage | etree.XMLSyntaxError) -> int:
    return error.line if isinstance(error, MalformedMessage) else int(error.lineno or 1)


def _reason(error: MalformedMessage | etree.XMLSyntaxError) -> str:
    return error.detail if isinstance(error, MalformedMessage) else str(error.msg)


def resolve(name: str, link: Link, namespace: str, files: Mapping[str, Path]) -> str | None:
    """Return which of ``files`` a link of the file ``name`` means; None for an import that needs no file.

    That is the file at its location, from ``name``; else, for locations are often absolute or of another layout, the
    only one of that file name, and of an import the only one of that namespace. ``namespace`` is that of the file.
    Raises UserError where an include means none, or an import means several.
    """
    wanted = link.namespace if link.kind == "import" else namespace
    at = f"{files[name]}:{link.line}"
    located = join(name, link.location) if link.location else ""
    if located in files and read_schema_file(files[located]).namespace in _allowed(link, wanted):
        return located
    same_name = [other for other in files if other.rpartition("/")[2] == link.location.rpartition("/")[2]]
    fitting = [other for other in same_name if read_schema_file(files[other]).namespace in _allowed(link, wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if link.kind == "include":
        raise UserError(f"{at}: includes {link.location or 'nothing'}, which {_how_many(fitting)} of the files is")
    if wanted == XML_NAMESPACE:
        return None
    of_namespace = [other for other, path in files.items() if read_schema_file(path).namespace == wanted]
    if len(of_namespace) == 1:
        return of_namespace[0]
    roots = not_included(of_namespace, files)
    if len(roots) == 1:
        return roots[0]
    raise UserError(f"{at}: imports {wanted or 'no namespace'}, of which {_how_many(roots)} of the files is")


def _allowed(link: Link, wanted: str) -> Collection[str]:
    return (wanted,) if link.kind == "import" else (wanted, "")


def _how_many(found: Collection[str]) -> str:
    return "more than one" if found else "none"


def not_included(names: Collection[str], files: Mapping[str, Path]) -> list[str]:
    """Return those of the files of one namespace that no other one of them includes."""
    included = {
        resolve(name, link, read_schema_file(files[name]).namespace, files)
        for name in names
        for link in read_schema_file(files[name]).links
        if link.kind == "include"
    }
    return sorted(set(names) - included)


def join(name: str, location: str) -> str:
    """Return the name of what a location means in the file ``name``; both are relative, with ``/``."""
    parts = name.split("/")[:-1]
    for step in location.replace("\\", "/").split("/"):
        if step == "..":
            parts = parts[:-1]
        elif step not in (".", ""):
            parts.append(step)
    return "/".join(parts)
