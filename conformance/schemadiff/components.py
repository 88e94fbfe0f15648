"""What a set of schemas is made of, as its files write it: names stand for components until they are asked for.

The tables of ``schema/model.py`` hold what judging a message needs; here is all that can differ between two sets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from conformance.schema.evidence import Evidence, Place

XS = "http://www.w3.org/2001/XMLSchema"
ANY_TYPE = f"{{{XS}}}anyType"
UNBOUNDED = 1_000_000
ANY_ELEMENT = "*"
ANY_ATTRIBUTE = "@*"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a component stands, and how sure we are of it."""

    place: Place
    evidence: Evidence


@dataclass(frozen=True, slots=True, eq=False)
class SimpleType:
    """A restriction, list or union. ``base`` is what is restricted, the item of a list, or nothing of a union."""

    name: str
    variety: Literal["atomic", "list", "union"]
    base: TypeRef
    members: tuple[TypeRef, ...]
    facets: Mapping[str, str]
    values: Mapping[str, Origin]
    """The enumeration; empty where every value is allowed."""
    origin: Origin


@dataclass(frozen=True, slots=True, eq=False)
class ElementUse:
    """An element in a content model, a global element, or an attribute (named ``@name``)."""

    name: str
    type: TypeRef
    least: int
    most: int
    origin: Origin
    reference: bool = False
    """Whether ``name`` is that of a global component, which has the rest."""
    default: str | None = None
    fixed: str | None = None
    nillable: bool = False
    rule: str = ""
    """Of a wildcard: what it lets in."""


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A sequence, a choice or all of its parts; a ``group`` stands for the named one."""

    kind: Literal["sequence", "choice", "all", "group"]
    least: int
    most: int
    parts: tuple[Group | ElementUse, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class AttributeGroup:
    """Attributes, each with ``most`` 0 where it is prohibited, and the names of groups of them."""

    uses: tuple[ElementUse, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ComplexType:
    """A type with children or attributes. Content of an extension follows that of its base."""

    name: str
    base: TypeRef
    derivation: Literal["", "extension", "restriction"]
    content: Group | None
    attributes: AttributeGroup
    mixed: bool
    text: SimpleType | None
    """Of simple content: the value, as far as this type says it."""
    simple: bool
    origin: Origin


TypeRef: TypeAlias = str | SimpleType | ComplexType
"""A type: its name, or where it has none, itself."""


@dataclass(slots=True)
class Schema:
    """All global components of a set, by ``{namespace}name``."""

    types: dict[str, SimpleType | ComplexType] = field(default_factory=dict)
    elements: dict[str, ElementUse] = field(default_factory=dict)
    attributes: dict[str, ElementUse] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    attribute_groups: dict[str, AttributeGroup] = field(default_factory=dict)
