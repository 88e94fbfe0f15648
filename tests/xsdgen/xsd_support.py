"""Small schemas for the tests of the generator, and the two validators that judge what it makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import strategies  # noqa: F401 - examples take the time they take
import xmlschema
from hypothesis import Phase, settings
from hypothesis import find as hypothesis_find
from hypothesis.strategies import SearchStrategy
from lxml import etree

from conformance.schema.findings import SchemaFinding, path_of, read_findings
from conformance.schema.model import SchemaModel
from conformance.xsdgen import Broken, broken, elements

NAMESPACE = "urn:example:made"
T = TypeVar("T")

ROOT = f"{{{NAMESPACE}}}root"


@dataclass(frozen=True)
class Made:
    """One schema, compiled by both libraries. Its type ``root`` is that of its element ``root``."""

    xmlschema: xmlschema.XMLSchema10
    libxml2: etree.XMLSchema

    def valid(self) -> SearchStrategy[etree._Element]:
        """Return valid roots."""
        return elements(self.xmlschema, ROOT, ROOT)

    def broken(self) -> SearchStrategy[Broken]:
        """Return roots with one fault."""
        return broken(self.xmlschema, ROOT, ROOT)

    def findings(self, element: etree._Element) -> list[SchemaFinding]:
        """Return what libxml2 says, in the words that the suite has for it."""
        self.libxml2(element)
        return read_findings(self.libxml2.error_log, element.getroottree(), SchemaModel())

    def refuses(self, broken: Broken) -> bool:
        """Tell whether both refuse an element, libxml2 for the rule and at the place that are told."""
        finding = self.findings(broken.element)[0]
        told = (broken.rule, path_of(at(broken.element, broken.path)))
        return (finding.rule, finding.path) == told and not self.xmlschema_takes(broken.element)

    def xmlschema_takes(self, element: etree._Element) -> bool:
        """Tell whether xmlschema takes an element; it raises on a type that it does not know."""
        try:
            return bool(self.xmlschema.is_valid(element))
        except (xmlschema.XMLSchemaException, KeyError, ValueError):
            return False


@cache
def made(types: str) -> Made:
    """Compile a schema with these components; ``t:`` is its own namespace."""
    text = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{NAMESPACE}"
        targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
        <xs:element name="root" type="t:root"/>{types}</xs:schema>"""
    return Made(xmlschema.XMLSchema10(text), etree.XMLSchema(etree.fromstring(text)))


def content(inner: str, more: str = "") -> Made:
    """Return a schema whose root is a complex type with this content."""
    return made(f'<xs:complexType name="root">{inner}</xs:complexType>{more}')


def restricted(base: str, facets: str) -> Made:
    """Return a schema whose root is a simple type with these facets."""
    return made(f'<xs:simpleType name="root"><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>')


def find(strategy: SearchStrategy[T], condition: Callable[[T], bool]) -> T:
    """Return the smallest example that hypothesis finds; always the same."""
    quiet = settings(
        max_examples=2000, database=None, derandomize=True, deadline=None, phases=[Phase.generate, Phase.shrink]
    )
    return hypothesis_find(strategy, condition, settings=quiet)


def names(element: etree._Element) -> list[str]:
    """Return the local names of the children."""
    return [etree.QName(child).localname for child in element]


def written(element: etree._Element) -> str:
    """Return the element as text, without the declarations of namespaces."""
    return re.sub(r' xmlns(:\w+)?="[^"]*"', "", etree.tostring(element, encoding="unicode"))


def at(root: etree._Element, path: str) -> etree._Element:
    """Return the element at a path that a mutation tells."""
    [found] = root.getroottree().xpath(re.sub(r"([^/\[]+)(\[\d+\])", r"*[local-name()='\1']\2", path))
    return found
