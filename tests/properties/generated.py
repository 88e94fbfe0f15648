"""Requests and responses made from the shipped schemas, as the properties need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import strategies  # noqa: F401 - examples take the time they take
import xmlschema
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from lxml import etree

from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.versions import DEFAULT_VERSION, NEWEST, ROOT, Version
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI, XSI_TYPE, Operation
from conformance.wire.request import Body, build_request
from conformance.xsdgen import Broken, broken, elements

SERV = f"{{{NAMESPACES['serv']}}}"
CONTENT = f"{SERV}bodyContent"
SECURITY = {"webExID": "host", "password": "Secret-1", "siteName": "go"}

_catalog = SchemaCatalog()

KEYS = st.integers(700_000_001, 700_000_012).map(str)
NAMES = st.sampled_from(["host", "HOST", "siteadmin", "attendee", "nobody"])
DATES = st.sampled_from(["02/01/2020 10:00:00", "1/2/2020 3:4:5", "01/01/2019 00:00:00", "13/45/2020 1:0:0", "x", ""])
TELLING: Mapping[str, SearchStrategy[str]] = {
    **dict.fromkeys(("sessionKey", "meetingKey", "meetingkey", "confID", "attendeeID"), KEYS),
    **dict.fromkeys(("webExID", "webExId", "hostWebExID"), NAMES),
    **dict.fromkeys(("startDate", "startDateStart", "startDateEnd", "endDateStart", "endDateEnd"), DATES),
    "timeZoneID": st.integers(-1, 62).map(str),
}
"""Values that mean something to a site; the others are whatever their types allow."""


@cache
def schemas_of(release: Version) -> SchemaSet:
    """Return the shipped schemas of a release, compiled by libxml2."""
    return _catalog.at(release)


@cache
def loaded(release: Version) -> xmlschema.XMLSchema10:
    """Return the shipped schemas of a release, loaded by xmlschema, which has compiled them in tests/schema."""
    with schemas_of(release).materialised() as entry:
        return xmlschema.XMLSchema10(str(entry), validation="skip")


def operations(release: Version) -> list[Operation]:
    """Return the operations that a release knows."""
    return [operation for operation in OPERATIONS.values() if schemas_of(release).knows(operation)]


def _type(operation: Operation, local: str) -> str:
    return f"{{{operation.namespace}}}{local}"


@cache
def contents(operation: Operation, release: Version, *, telling: bool = False) -> SearchStrategy[etree._Element]:
    """Return valid contents of requests. In these nobody names types: the service reads them without namespaces."""
    overrides = TELLING if telling else None
    type_name = _type(operation, operation.request_type)
    return elements(loaded(release), type_name, CONTENT, overrides=overrides, polymorphic=False)


@cache
def broken_contents(operation: Operation, release: Version) -> SearchStrategy[Broken]:
    """Return contents of requests with one fault."""
    return broken(loaded(release), _type(operation, operation.request_type), CONTENT, polymorphic=False)


@cache
def answers(operation: Operation, release: Version) -> SearchStrategy[etree._Element]:
    """Return valid responses."""
    made = elements(loaded(release), _type(operation, operation.response_type), CONTENT)
    return made.map(lambda content: in_message(content, operation))


@cache
def broken_answers(operation: Operation, release: Version) -> SearchStrategy[tuple[etree._Element, Broken]]:
    """Return responses with one fault in their content."""
    made = broken(loaded(release), _type(operation, operation.response_type), CONTENT)
    return made.map(lambda fault: (in_message(fault.element, operation), fault))


def in_message(content: etree._Element, operation: Operation) -> etree._Element:
    """Put a content into a message of its type."""
    root = etree.Element(f"{SERV}message", nsmap={**NAMESPACES, "xsi": XSI})
    header = etree.SubElement(etree.SubElement(root, f"{SERV}header"), f"{SERV}response")
    etree.SubElement(header, f"{SERV}result").text = "SUCCESS"
    etree.SubElement(header, f"{SERV}gsbStatus").text = "PRIMARY"
    content.set(XSI_TYPE, f"{operation.prefix}:{operation.response_type}")
    etree.SubElement(root, f"{SERV}body").append(content)
    return root


def body_of(element: etree._Element) -> Body:
    """Return an element as the body of a request that ``build_request`` takes."""
    if len(element) == 0:
        return element.text or ""
    body: dict[str, Body] = {}
    for name in dict.fromkeys(etree.QName(child).localname for child in element):
        found = [body_of(child) for child in element if etree.QName(child).localname == name]
        body[name] = found[0] if len(found) == 1 else found
    return body


def as_sent(operation: Operation, content: etree._Element, security: Mapping[str, str] | None = None) -> bytes:
    """Return a request with any content, valid or not, without namespaces as clients write it."""
    inner = "".join(_plain(child) for child in content)
    text = content.text or ""
    empty = build_request(operation, SECURITY if security is None else security, "\ue000").decode()
    return empty.replace("\ue000", _escaped(text) + inner).encode()


def _plain(element: etree._Element) -> str:
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    for each in copy.iter():
        each.tag = etree.QName(each).localname
    etree.cleanup_namespaces(copy)
    return etree.tostring(copy, encoding="unicode")


def _escaped(text: str) -> str:
    holder = etree.Element("a")
    holder.text = text
    return etree.tostring(holder, encoding="unicode").removeprefix("<a>").removesuffix("</a>").removesuffix("<a/>")


def at(root: etree._Element, path: str) -> etree._Element:
    """Return the element at a path of local names with positions."""
    [found] = root.getroottree().xpath(re.sub(r"([^/\[]+)(\[\d+\])", r"*[local-name()='\1']\2", path))
    return found


RELEASES = (ROOT, Version(8, 0, 11), Version(10, 0, 12), Version(40, 1, 2), DEFAULT_VERSION, NEWEST)
"""One of each age: every other has the schemas of one of these but for a few elements, and loading takes its time."""

releases = st.sampled_from(RELEASES)


@st.composite
def any_operation(draw: st.DrawFn) -> tuple[Operation, Version]:
    """Return an operation and a release that knows it."""
    release = draw(releases)
    return draw(st.sampled_from(operations(release))), release
