"""Texts that a simple type refuses, by the name of what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

from xmlschema.validators import XsdSimpleType

from conformance.xsdgen.simple import (
    INTEGERS,
    builtin,
    enumerated,
    facet,
    fits,
    lengths,
    list_of,
    union_of,
    whole_bounds,
)

_NUMBERS = frozenset({*INTEGERS, "decimal", "float", "double"})
_LONGEST = 10_000
"""No text is longer than this, however long it would have to be."""

_BAD: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "boolean": ("bad-boolean", ("2", "yes", "tru", "-1", "true false")),
    **dict.fromkeys(INTEGERS, ("bad-number", ("x", "1.5", "1e3", "0x1", "--1", "1 0", "1,000"))),
    "decimal": ("bad-number", ("x", "1e3", "INF", "1,5", "1.2.3", "--1")),
    **dict.fromkeys(("float", "double"), ("bad-number", ("x", "inf", "nan", "1,5", "0x1", "Infinity"))),
    "dateTime": ("bad-date", ("x", "2020-01-01", "2020-02-30T00:00:00", "2020-01-01 00:00:00", "01/31/2020 10:00:00")),
    "date": ("bad-date", ("x", "2020-02-30", "2020-1-1", "01/31/2020", "2020-01-01T00:00:00")),
    "time": ("bad-date", ("x", "25:00:00", "10:00", "10:61:00")),
    **dict.fromkeys(
        ("gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay", "duration"), ("bad-date", ("x", "P", "0", "--13"))
    ),
    "base64Binary": ("bad-binary", ("A", "=AAA", "AAAA=")),
    "hexBinary": ("bad-binary", ("A", "GG", "0x00")),
    "language": ("bad-name", ("?", "en--", "toolongalanguage")),
    **dict.fromkeys(("Name", "NCName", "QName", "NMTOKEN"), ("bad-name", ("", "a b", "<", "!"))),
}
"""By built-in type: what it is called, and texts that are not even written like one."""


@lru_cache(maxsize=4096)
def wrong_texts(type_: XsdSimpleType) -> Mapping[str, tuple[str, ...]]:
    """Return texts that a simple type refuses, by mutation; nothing where it takes every text."""
    found: dict[str, tuple[str, ...]] = {}
    for mutation, candidates in _candidates(type_):
        wrong = tuple(dict.fromkeys(text for text in candidates if not fits(type_, text)))
        if wrong:
            found.setdefault(mutation, wrong)
    return found


def _candidates(type_: XsdSimpleType) -> Iterator[tuple[str, Iterable[str]]]:
    if (item := list_of(type_)) is not None:
        yield from _of_list(type_, item)
        return
    if union_of(type_):
        yield "bad-value", ("?", "-", "no such value", "")
        return
    name = builtin(type_)
    if values := enumerated(type_):
        yield "not-enumerated", _near(name, values)
    if name in _BAD:
        yield _BAD[name]
    if name == "boolean":
        yield "upper-case-boolean", ("TRUE", "FALSE", "True", "False")
    if name in _NUMBERS or name == "boolean":
        yield "empty-value", ("",)
    if name in _NUMBERS:
        yield "out-of-range", _beyond(type_, name)
        yield "too-many-digits", _too_many_digits(type_)
    yield from _of_length(type_, name)
    if type_.patterns is not None:
        yield "pattern", _against_pattern(type_)


def _near(name: str, values: list[str]) -> Iterator[str]:
    """Yield texts that are like those of the enumeration; numbers stay numbers."""
    if name in _NUMBERS:
        yield from (str(Decimal(value) + 1) for value in values if _is_finite(value))
        return
    for value in values:
        yield from (f"{value}X", value.swapcase(), value[:-1], f" {value}")


def _is_finite(value: str) -> bool:
    return value.strip().lstrip("+-").replace(".", "", 1).isdigit()


def _beyond(type_: XsdSimpleType, name: str) -> Iterator[str]:
    if name in INTEGERS:
        low, high = whole_bounds(type_)
        yield from (str(low - by) for by in (1, 1000) if low is not None)
        yield from (str(high + by) for by in (1, 1000) if high is not None)
        return
    for facet_name, by in (("minInclusive", -1), ("maxInclusive", 1), ("minExclusive", 0), ("maxExclusive", 0)):
        bound = facet(type_, facet_name)
        if bound is not None:
            yield f"{Decimal(str(bound)) + by:f}"


def _too_many_digits(type_: XsdSimpleType) -> Iterator[str]:
    total, fraction = facet(type_, "totalDigits"), facet(type_, "fractionDigits")
    if total is not None:
        yield "1" * (total + 1)
    if fraction is not None and builtin(type_) == "decimal":
        yield "0." + "1" * (fraction + 1)


def _of_length(type_: XsdSimpleType, name: str) -> Iterator[tuple[str, Iterable[str]]]:
    least, most = lengths(type_)
    unit = {"base64Binary": "AAAA", "hexBinary": "00"}.get(name, "x")
    if most is not None and most < _LONGEST:
        further = "\U0001f600" if unit == "x" else unit
        yield "too-long", (unit * (most + 1), further * (most + 2))
    if least:
        yield "too-short", ("",) if unit == "AAAA" else (unit * (least - 1), "")


def _against_pattern(type_: XsdSimpleType) -> Iterator[str]:
    base = type_.base_type
    for text in ("", "x", "0", "-", "x y", "X" * 9, "0" * 9, "\u00e9", "!"):
        if not isinstance(base, XsdSimpleType) or fits(base, text):
            yield text


def _of_list(type_: XsdSimpleType, item: XsdSimpleType) -> Iterator[tuple[str, Iterable[str]]]:
    for wrong in wrong_texts(item).values():
        yield "bad-item", [text for text in wrong if text.strip() and len(text.split()) == 1]
    least, most = lengths(type_)
    one = next((text for text in ("x", "1", "true", "2020-01-01", *enumerated(item)) if fits(item, text)), None)
    if one is not None and most is not None:
        yield "too-long", (" ".join([one] * (most + 1)),)
    if one is not None and least > 1:  # libxml2 takes an empty list where one item is the least
        yield "too-short", (" ".join([one] * (least - 1)),)
