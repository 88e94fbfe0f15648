"""The values that a simple type allows, down to the built-in type it comes from, and how two of them compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from conformance.schemadiff.components import XS, ComplexType, Origin, SimpleType, TypeRef
from conformance.schemadiff.content import Flattener

_DERIVED = {
    "normalizedString": "string",
    "token": "normalizedString",
    "language": "token",
    "Name": "token",
    "NMTOKEN": "token",
    "NCName": "Name",
    "ID": "NCName",
    "IDREF": "NCName",
    "ENTITY": "NCName",
    "integer": "decimal",
    "nonPositiveInteger": "integer",
    "negativeInteger": "nonPositiveInteger",
    "long": "integer",
    "int": "long",
    "short": "int",
    "byte": "short",
    "nonNegativeInteger": "integer",
    "positiveInteger": "nonNegativeInteger",
    "unsignedLong": "nonNegativeInteger",
    "unsignedInt": "unsignedLong",
    "unsignedShort": "unsignedInt",
    "unsignedByte": "unsignedShort",
}
"""Built-in types by the one they narrow. All others narrow ``string``: what is written is a text."""

_UPPER = {"maxLength", "totalDigits", "fractionDigits", "maxInclusive", "maxExclusive"}
_LOWER = {"minLength", "minInclusive", "minExclusive"}

Aspect = Literal[
    "TYPE_CHANGED",
    "TYPE_NARROWED",
    "TYPE_WIDENED",
    "ENUM_VALUE_ADDED",
    "ENUM_VALUE_REMOVED",
    "FACET_TIGHTENED",
    "FACET_LOOSENED",
    "FACET_CHANGED",
]


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a simple type."""

    variety: Literal["atomic", "list", "union"]
    builtin: str
    """Of an atomic type: the local name of the built-in type."""
    item: Values | None
    members: frozenset[str]
    """Of a union: what each member allows, as a text."""
    facets: Mapping[str, str]
    enumeration: Mapping[str, Origin]

    @property
    def text(self) -> str:
        """The type for people: ``xs:string``, ``list of xs:int``."""
        if self.variety == "list" and self.item is not None:
            return f"list of {self.item.text}"
        return " or ".join(sorted(self.members)) if self.variety == "union" else f"xs:{self.builtin}"

    @property
    def key(self) -> str:
        """All that it allows, as a text: two types of the same key allow the same."""
        facets = [f"{name}={value}" for name, value in sorted(self.facets.items())]
        return " ".join([self.text, *facets, *(["|".join(sorted(self.enumeration))] if self.enumeration else [])])


def values_of(reference: TypeRef, types: Flattener) -> Values:
    """Return the values of a simple type, or of a type with simple content."""
    type_ = types.resolved(reference)
    if isinstance(type_, str):
        return Values("atomic", type_.removeprefix(f"{{{XS}}}"), None, frozenset(), {}, {})
    if isinstance(type_, ComplexType):
        base = values_of(type_.base, types)
        return _restricted(base, type_.text) if type_.text else base
    if type_.variety == "list":
        return Values("list", "", values_of(type_.base, types), frozenset(), {}, {})
    if type_.variety == "union":
        members = frozenset(values_of(member, types).key for member in type_.members)
        return Values("union", "", None, members, {}, {})
    return _restricted(values_of(type_.base, types), type_)


def _restricted(base: Values, by: SimpleType) -> Values:
    facets = {**base.facets, **by.facets}
    if "length" in facets:
        facets["minLength"] = facets["maxLength"] = facets.pop("length")
    if "pattern" in base.facets and "pattern" in by.facets:
        facets["pattern"] = f"{base.facets['pattern']} and {by.facets['pattern']}"
    return Values(base.variety, base.builtin, base.item, base.members, facets, by.values or base.enumeration)


def compare_values(old: Values, new: Values) -> Iterator[tuple[Aspect, str, str, str]]:
    """Yield what differs, each as aspect, what of the type, old text and new text."""
    if (old.variety, old.text) != (new.variety, new.text):
        yield _types(old, new), "", old.text, new.text
    yield from _enumerations(old, new)
    for facet in sorted(old.facets.keys() | new.facets.keys()):
        before, after = old.facets.get(facet), new.facets.get(facet)
        if before != after:
            yield _facet(facet, before, after), facet, before or "none", after or "none"


def _types(old: Values, new: Values) -> Aspect:
    if old.variety == new.variety == "union":
        if old.members < new.members:
            return "TYPE_WIDENED"
        return "TYPE_NARROWED" if new.members < old.members else "TYPE_CHANGED"
    if old.variety == new.variety == "list" and old.item is not None and new.item is not None:
        return _types(old.item, new.item)
    if old.variety != "atomic" or new.variety != "atomic":
        return "TYPE_CHANGED"
    if new.builtin in _wider(old.builtin):
        return "TYPE_WIDENED"
    return "TYPE_NARROWED" if old.builtin in _wider(new.builtin) else "TYPE_CHANGED"


def _wider(builtin: str) -> Iterator[str]:
    if builtin in ("string", "anySimpleType"):
        yield "anySimpleType" if builtin == "string" else ""
        return
    wider = _DERIVED.get(builtin, "string")
    yield wider
    yield from _wider(wider)


def _enumerations(old: Values, new: Values) -> Iterator[tuple[Aspect, str, str, str]]:
    if bool(old.enumeration) != bool(new.enumeration):
        aspect: Aspect = "FACET_TIGHTENED" if new.enumeration else "FACET_LOOSENED"
        yield aspect, "enumeration", _listed(old), _listed(new)
        return
    for value in old.enumeration.keys() - new.enumeration.keys():
        yield "ENUM_VALUE_REMOVED", value, value, ""
    for value in new.enumeration.keys() - old.enumeration.keys():
        yield "ENUM_VALUE_ADDED", value, "", value


def _listed(values: Values) -> str:
    return " | ".join(values.enumeration) or "none"


def _facet(facet: str, old: str | None, new: str | None) -> Aspect:
    if facet == "whiteSpace":
        return "FACET_CHANGED"
    if old is None or new is None:
        return "FACET_TIGHTENED" if old is None else "FACET_LOOSENED"
    try:
        grew = Decimal(new) > Decimal(old)
        same = Decimal(new) == Decimal(old)
    except InvalidOperation:
        return "FACET_CHANGED"
    if same or facet not in _UPPER | _LOWER:
        return "FACET_CHANGED"
    return "FACET_LOOSENED" if grew is (facet in _UPPER) else "FACET_TIGHTENED"
