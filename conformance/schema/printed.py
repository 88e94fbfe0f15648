"""Requests that are written as the documentation prints them, but for the order of elements: judged as they stand.

To make the canonical form of a request takes ten times as long as to judge it. Most requests do not need it: nothing
departs in them but that children stand in another order than in the schema.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from conformance.schema.canonical import OUT_OF_ORDER
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.schema.model import SchemaModel, TypeModel
from conformance.versions import Version
from conformance.wire.carried import declared_encoding
from conformance.wire.limits import MAX_ELEMENTS, parser
from conformance.wire.names import NAMESPACES, XSI_TYPE, Operation, operation_of_type
from conformance.wire.request import Departure

_MESSAGE = f"{{{NAMESPACES['serv']}}}message"
_ATTRIBUTES = etree.XPath("count(//@*)")
_NUMBER = etree.XPath("count(preceding::*) + count(ancestor::*)")
_START_TAG = re.compile(rb"<[^/?]")
_MOST_OUT_OF_ORDER = 5
"""In so many elements children are put into order; of more, the canonical form is made."""


@dataclass(frozen=True, slots=True)
class _Shuffled:
    """An element whose children are not in the order of the schema."""

    parent: etree._Element
    path: str
    ordered: Sequence[etree._Element]
    first: etree._Element
    """The first child that stands where another one should."""


def judge_as_printed(
    data: bytes, catalog: SchemaCatalog, version: Version
) -> tuple[Operation, Sequence[Departure]] | None:
    """Return the operation of a valid request, and where it is not in order; None where that can not be told so.

    Nothing else departs in it, and its canonical form is valid too.
    """
    root = _read(data)
    content = None if root is None else root.find("body/bodyContent")
    if root is None or content is None:
        return None
    operation = operation_of_type(content.get(XSI_TYPE, ""))
    if operation is None or content.get(XSI_TYPE) != operation.java_type:
        return None
    content.set(XSI_TYPE, etree.QName(operation.namespace, operation.request_type))
    schemas = catalog.part(version, operation.namespace)
    refused = schemas.out_of_place_as_printed(root, _MOST_OUT_OF_ORDER) if schemas.knows(operation) else None
    if not refused:
        return None if refused is None else (operation, [])
    departures = _put_in_order(root, data, refused, operation, schemas)
    return (operation, departures) if departures and schemas.out_of_place_as_printed(root, 0) == [] else None


def _read(data: bytes) -> etree._Element | None:
    """Return the root of a request in which nothing is spelt in its own way; None for any other."""
    if data.count(b"<") > MAX_ELEMENTS or declared_encoding(data) != "utf-8":
        return None
    try:
        root = etree.fromstring(data, parser())
    except etree.XMLSyntaxError:
        return None
    return root if root.tag == _MESSAGE and _ATTRIBUTES(root) == 1 else None


def _put_in_order(
    root: etree._Element,
    data: bytes,
    refused: Sequence[etree._Element],
    operation: Operation,
    schemas: SchemaSet,
) -> list[Departure]:
    """Put the siblings of each element into the order of the schema; return where they were not.

    Nothing where it is not the order, or not the order alone, that is wrong.
    """
    if data.startswith(BOM_UTF8) or b"<!" in data or data.find(b"<?", 1) > 0:
        return []  # of these places are counted in another way, or what looks like a tag may be none
    parents = dict.fromkeys(element.getparent() for element in refused)
    found = [_shuffled(parent, operation, schemas.model) for parent in parents if parent is not None]
    shuffled = [each for each in found if each is not None]
    if len(shuffled) < len(parents):
        return []
    departures = {
        each.parent: Departure("order", f"{each.path}/{each.first.tag}", *_start(each.first, data), OUT_OF_ORDER)
        for each in shuffled
    }
    for each in shuffled:
        each.parent[:] = each.ordered
    return [departures[element] for element in root.iter("*") if element in departures]


def _start(element: etree._Element, data: bytes) -> tuple[int, int]:
    """Return line and column of an element, in bytes in which each ``<`` but the first begins a tag."""
    tag = next(islice(_START_TAG.finditer(data), int(_NUMBER(element)), None))
    before = data[: tag.start()].decode().replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _shuffled(parent: etree._Element, operation: Operation, model: SchemaModel) -> _Shuffled | None:
    names = [etree.QName(node).localname for node in (parent, *parent.iterancestors())][::-1]
    within = _type_at(names, operation, model)
    known = model.children_by_local_name(within) if within is not None and within.ordered else {}
    children = list(parent)
    if any(child.tag not in known for child in children):
        return None
    ordered = sorted(children, key=lambda child: known[str(child.tag)][0])
    first = next((one for one, other in zip(children, ordered, strict=True) if one is not other), None)
    return None if first is None else _Shuffled(parent, "".join(f"/{name}" for name in names), ordered, first)


def _type_at(names: Sequence[str], operation: Operation, model: SchemaModel) -> TypeModel | None:
    """Return the type of the element at a path of local names."""
    within = model.type_of(model.elements[_MESSAGE])
    for depth, name in enumerate(names[1:], 1):
        particle = model.children_by_local_name(within).get(name, (0, None))[1] if within is not None else None
        if particle is None:
            return None
        content = depth == 2 and name == "bodyContent"
        within = (
            model.types[f"{{{operation.namespace}}}{operation.request_type}"] if content else model.type_of(particle)
        )
    return within
