"""Strategies for the text of simple types: the strings, and which strategy serves which type."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from xmlschema.validators import XsdSimpleType

from conformance.xsdgen import literals
from conformance.xsdgen.errors import Unsupported
from conformance.xsdgen.outline import XS
from conformance.xsdgen.simple import (
    INTEGERS,
    builtin,
    enumerated,
    facet,
    fits,
    is_enumerated,
    lengths,
    list_of,
    union_of,
)

_NOT_XML = "\ufffe\uffff"
_LONGEST = 4096
"""A greater maximum length is not reached."""
_USUAL = 20
"""How much longer than it must be a text usually is at most."""

xml_characters = st.characters(
    exclude_categories=("Cs", "Cc"), include_characters="\t\n\r", exclude_characters=_NOT_XML
)
"""All that XML 1.0 allows but the control characters of C1."""
_visible = st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters=_NOT_XML)
_name_characters = st.characters(min_codepoint=45, max_codepoint=122, categories=("Lu", "Ll", "Nd"))
_latin = st.characters(max_codepoint=0x24F, exclude_categories=("Cs", "Cc"), include_characters="\t\n\r")
"""For patterns: the two validators know different versions of Unicode."""

_TRICKY = (
    "<&>\"']]>",
    "&amp;",
    "  two  blanks  ",
    "e\u0301\u0323",  # combining
    "\u05d0\u05d1 \u0627\u0644",  # from right to left
    "\u202ereversed\u202c",
    "\U0001f600\U00020000",  # beyond the basic plane
    "\u00a0\u200b\u3000",
    "line\nline\r\n\ttab",
    "${now}",
    "0",
    "true",
)
"""Texts that programs stumble over."""


@lru_cache(maxsize=4096)
def texts(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return valid texts of a simple type; raise Unsupported."""
    if is_enumerated(type_):
        return _enumeration(type_)
    if _has_pattern(type_):
        return _pattern(type_)
    item = list_of(type_)
    if item is not None:
        return _list(type_, item)
    members = union_of(type_)
    if members:
        return st.one_of([texts(member).filter(partial(fits, type_)) for member in members])
    name = builtin(type_)
    if name in INTEGERS:
        return literals.whole_numbers(type_)
    made = _MADE.get(name)
    if made is None:
        raise Unsupported(f"type {type_.name or 'without a name'}: nothing is generated for xs:{name}")
    return made(type_)


def _enumeration(type_: XsdSimpleType) -> SearchStrategy[str]:
    values = enumerated(type_)
    if not values:
        raise Unsupported(f"type {type_.name or 'without a name'}: no value of its enumeration is valid")
    return st.sampled_from(values)


def _has_pattern(type_: XsdSimpleType) -> bool:
    """Tell whether a pattern was declared, other than those by which XSD itself defines names and languages."""
    known: Any = type_
    while known is not None and not (known.name or "").startswith(XS):
        if f"{XS}pattern" in known.facets:
            return True
        known = known.base_type
    return False


def _pattern(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return texts that match one of the patterns; those of the types it is derived from are tried on the result."""
    assert type_.patterns is not None  # noqa: S101 - for the type checker
    return st.one_of(
        [
            st.from_regex(re.compile(_without_anchors(each.pattern)), fullmatch=True, alphabet=_latin)
            for each in type_.patterns.patterns
        ]
    ).filter(partial(fits, type_))


def _without_anchors(pattern: str) -> str:
    return pattern.removeprefix("^").removesuffix(r"$(?!\n\Z)")


def _list(type_: XsdSimpleType, item: XsdSimpleType) -> SearchStrategy[str]:
    least, most = lengths(type_)
    shortest = least + 3 if most is None else most
    items = texts(item).map(str.split).filter(lambda words: len(words) == 1).map(lambda words: words[0])
    return st.lists(items, min_size=least, max_size=shortest).map(" ".join)


def _strings(type_: XsdSimpleType) -> SearchStrategy[str]:
    if facet(type_, "whiteSpace") in ("replace", "collapse"):
        return _words(type_)
    return _sized(type_, xml_characters, "x")


def _words(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return texts whose length is the same before and after blanks are collapsed."""
    least, _ = lengths(type_)
    spaced = st.tuples(_sized(type_, _visible, "x"), st.sampled_from([" {} ", "\n{}", "{}\t", "{}"]))
    return st.one_of(
        _sized(type_, _visible, "x"),
        spaced.map(lambda parts: parts[1].format(parts[0]) if parts[0] or not least else "x"),
    ).filter(partial(fits, type_))


def _sized(type_: XsdSimpleType, characters: SearchStrategy[str], filler: str) -> SearchStrategy[str]:
    """Return texts of every length that is allowed: usually short ones, now and then the longest."""
    least, most = lengths(type_)
    usual = st.text(characters, min_size=least, max_size=least + _USUAL if most is None else min(most, least + _USUAL))
    choices = [usual]
    if tricky := [text for text in _TRICKY if characters is xml_characters and fits(type_, text)]:
        choices.append(st.sampled_from(tricky))
    if most is not None and least + _USUAL < most <= _LONGEST:
        choices.append(usual.map(lambda text: text.ljust(most, filler)))
    return st.one_of(choices)


def _names(type_: XsdSimpleType) -> SearchStrategy[str]:
    """Return names in letters and digits, which are valid for every kind of name."""
    least, most = lengths(type_)
    longest = max(least, 1) + _USUAL if most is None else most
    rest = st.text(_name_characters, min_size=max(least - 1, 0), max_size=max(longest - 1, 0))
    return st.tuples(st.sampled_from("an_Z"), rest).map("".join)


def _uris(type_: XsdSimpleType) -> SearchStrategy[str]:
    plain = _sized(type_, st.sampled_from("abz09-._~/"), "z")
    known = ("", "http://example.com/?a=b&c=%20#d", "mailto:someone@example.com", "../a/b", "urn:example:a")
    fitting = [uri for uri in known if fits(type_, uri)]
    return st.one_of(plain, st.sampled_from(fitting)) if fitting else plain


def _binary(type_: XsdSimpleType) -> SearchStrategy[str]:
    least, most = lengths(type_)
    return literals.binary(builtin(type_), least, least + _USUAL if most is None else most)


def _languages(type_: XsdSimpleType) -> SearchStrategy[str]:
    fitting = [tag for tag in ("en", "de-CH", "zh-Hant-TW", "x-klingon") if fits(type_, tag)]
    if not fitting:
        raise Unsupported(f"type {type_.name or 'without a name'}: no language tag that is known here is valid")
    return st.sampled_from(fitting)


_MADE: dict[str, Callable[[XsdSimpleType], SearchStrategy[str]]] = {
    **dict.fromkeys(("string", "anySimpleType", "normalizedString", "token"), _strings),
    **dict.fromkeys(("Name", "NCName", "NMTOKEN", "QName"), _names),
    **dict.fromkeys(("base64Binary", "hexBinary"), _binary),
    **dict.fromkeys(("float", "double"), literals.floats),
    **dict.fromkeys(("dateTime", "date", "time"), literals.moments),
    **dict.fromkeys(("gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay", "duration"), literals.parts_of_dates),
    "boolean": lambda _: st.sampled_from(["false", "true", "0", "1", " true "]),
    "decimal": literals.decimals,
    "anyURI": _uris,
    "language": _languages,
}
