"""The strategies that the package offers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import xmlschema
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from lxml import etree
from xmlschema.validators import XsdType

from conformance.xsdgen.documents import Documents
from conformance.xsdgen.errors import Unsupported
from conformance.xsdgen.mutations import by_family, mutations
from conformance.xsdgen.nodes import Node, prefixes_of, render
from conformance.xsdgen.outline import ANY_TYPE


@dataclass(frozen=True, slots=True)
class Broken:
    """An element that is invalid by exactly one mutation."""

    element: etree._Element
    mutation: str
    """Stable name of what was done to a valid element, as ``drop-required``; docs/xsdgen.md lists them all."""
    rule: str
    """What it breaks: ``missing``, ``unexpected``, ``value``, ``type``, ``text`` or ``other``."""
    path: str
    """At which element that shows: local names, each with its position among those of the same name."""


def elements(
    schema: xmlschema.XMLSchema10,
    type_name: str,
    tag: str,
    *,
    overrides: Mapping[str, SearchStrategy[str]] | None = None,
    polymorphic: bool = True,
) -> SearchStrategy[etree._Element]:
    """Return valid elements named ``tag`` of a type, or of one derived from it, which ``xsi:type`` then names.

    Names are in Clark notation. ``overrides`` give the text of leaves and attributes, by the local path below the
    element (``phones/phone``, ``phones/@kind``) or by local name wherever that stands; the path wins. Their texts are
    taken as they are. Without ``polymorphic``, elements are of the declared types only.

    Raises Unsupported, and KeyError for a type that the schema does not have.
    """
    prefixes = prefixes_of(schema)
    return _nodes(schema, type_name, tag, overrides, polymorphic).map(lambda node: render(node, prefixes))


def broken(
    schema: xmlschema.XMLSchema10,
    type_name: str,
    tag: str,
    *,
    overrides: Mapping[str, SearchStrategy[str]] | None = None,
    polymorphic: bool = True,
) -> SearchStrategy[Broken]:
    """Return elements as ``elements`` does, each made invalid by exactly one named mutation.

    Raises Unsupported also for ``xs:anyType``, which nothing breaks.
    """
    if type_name == ANY_TYPE:
        raise Unsupported(f"{tag}: nothing is invalid for xs:anyType")
    return _mutated(_nodes(schema, type_name, tag, overrides, polymorphic), schema)


def _nodes(
    schema: xmlschema.XMLSchema10,
    type_name: str,
    tag: str,
    overrides: Mapping[str, SearchStrategy[str]] | None,
    polymorphic: bool,
) -> SearchStrategy[Node]:
    return _made(schema, type_name, tag, frozenset((overrides or {}).items()), polymorphic)


@lru_cache(maxsize=1024)
def _made(
    schema: xmlschema.XMLSchema10,
    type_name: str,
    tag: str,
    overrides: frozenset[tuple[str, SearchStrategy[str]]],
    polymorphic: bool,
) -> SearchStrategy[Node]:
    type_ = schema.maps.types[type_name]
    if not isinstance(type_, XsdType):
        raise Unsupported(f"{type_name}: not a type")
    return Documents(schema, dict(overrides), polymorphic=polymorphic).root(type_, tag)


@st.composite
def _mutated(draw: DrawFn, nodes: SearchStrategy[Node], schema: xmlschema.XMLSchema10) -> Broken:
    root: Node = draw(nodes)
    families = by_family(root)
    family: str = draw(st.sampled_from(sorted(families)))
    possible = mutations(draw(st.sampled_from(families[family])), family)
    if not possible:
        reject()
    mutation = draw(st.sampled_from(possible[draw(st.sampled_from(sorted(possible)))]))
    mutation.apply()
    return Broken(render(root, prefixes_of(schema)), mutation.name, mutation.rule, root.path_to(mutation.at))
