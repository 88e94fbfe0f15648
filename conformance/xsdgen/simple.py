"""What a simple type allows, gathered from it and all that it is derived from."""

from __future__ import annotations

from typing import Any

from xmlschema.validators import XsdComplexType, XsdElement, XsdList, XsdSimpleType, XsdType, XsdUnion

from conformance.xsdgen.outline import XS

INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "integer": (None, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}
"""The integer types, with their bounds."""

PRESERVED = frozenset({"string", "anySimpleType"})
"""The built-in types whose blanks mean themselves."""


def simple_type(type_: XsdType) -> XsdSimpleType | None:
    """Return the type of an element's text: of a simple type, or of a complex one with simple content."""
    if isinstance(type_, XsdSimpleType):
        return type_
    content = type_.content if isinstance(type_, XsdComplexType) else None
    return content if isinstance(content, XsdSimpleType) else None


def builtin(type_: XsdSimpleType) -> str:
    """Return the local name of the built-in type that a type comes down to."""
    known: Any = type_
    while not (known.name or "").startswith(XS):
        known = known.base_type
    return str(known.local_name)


def list_of(type_: XsdSimpleType) -> XsdSimpleType | None:
    """Return the type of the items where a type is a list."""
    found = _variety(type_, XsdList)
    return None if found is None else found.item_type


def union_of(type_: XsdSimpleType) -> tuple[XsdSimpleType, ...]:
    """Return the types that a union is made of; nothing where it is none."""
    found = _variety(type_, XsdUnion)
    return () if found is None else tuple(found.member_types)


def _variety(type_: XsdSimpleType, variety: type) -> Any:
    known: Any = type_
    while known is not None and not isinstance(known, variety):
        known = known.base_type
    return known


def facet(type_: XsdSimpleType, name: str) -> Any:
    """Return the value of a facet, wherever it was declared; None where it was not."""
    known: Any = type_
    while known is not None:
        own = known.facets.get(f"{XS}{name}")
        if own is not None:
            return own.value
        known = known.base_type if isinstance(known.base_type, XsdSimpleType) else None
    return None


def is_enumerated(type_: XsdSimpleType) -> bool:
    """Tell whether only some values are valid."""
    return type_.get_facet(f"{XS}enumeration") is not None


def enumerated(type_: XsdSimpleType) -> list[str]:
    """Return the values of an enumeration as they are written."""
    found: Any = type_.get_facet(f"{XS}enumeration")
    return [text for text in (str(each.get("value")) for each in found or ()) if fits(type_, text)]


def lengths(type_: XsdSimpleType) -> tuple[int, int | None]:
    """Return the least and the greatest length."""
    exact = facet(type_, "length")
    return (exact, exact) if exact is not None else (facet(type_, "minLength") or 0, facet(type_, "maxLength"))


def whole_bounds(type_: XsdSimpleType) -> tuple[int | None, int | None]:
    """Return the bounds of an integer type, both inclusive."""
    low, high = INTEGERS[builtin(type_)]
    lows = [low, facet(type_, "minInclusive"), _shifted(facet(type_, "minExclusive"), 1)]
    highs = [high, facet(type_, "maxInclusive"), _shifted(facet(type_, "maxExclusive"), -1)]
    if digits := facet(type_, "totalDigits"):
        lows.append(1 - 10**digits)
        highs.append(10**digits - 1)
    return (
        max((int(bound) for bound in lows if bound is not None), default=None),
        min((int(bound) for bound in highs if bound is not None), default=None),
    )


def fits(type_: XsdSimpleType, text: str) -> bool:
    """Tell whether a text is valid for a simple type."""
    return bool(type_.text_is_valid(text))


def emptiable(type_: XsdSimpleType, declaration: XsdElement | None) -> bool:
    """Tell whether an element of that type may be empty: its declaration can bring the value."""
    brought = declaration is not None and (declaration.fixed is not None or declaration.default is not None)
    return brought or fits(type_, "")


def _shifted(bound: Any, by: int) -> int | None:
    return None if bound is None else int(bound) + by
