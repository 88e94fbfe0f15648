"""Each built-in type and each facet: valid texts of every kind, and wrong ones by name."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from xsd_support import Made, find, made, restricted

BUILTIN = (
    *("string", "normalizedString", "token", "language", "Name", "NCName", "NMTOKEN", "QName", "anyURI", "boolean"),
    *("integer", "nonPositiveInteger", "negativeInteger", "nonNegativeInteger", "positiveInteger", "long", "int"),
    *("short", "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte", "decimal", "float", "double"),
    *("dateTime", "date", "time", "gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay", "duration"),
    *("base64Binary", "hexBinary"),
)

FACETS: dict[str, Made] = {
    "enumeration": restricted("xs:string", '<xs:enumeration value="first"/><xs:enumeration value="last one"/>'),
    "numbers enumerated": restricted("xs:int", '<xs:enumeration value="1"/><xs:enumeration value="20"/>'),
    "length": restricted("xs:string", '<xs:length value="3"/>'),
    "minLength": restricted("xs:string", '<xs:minLength value="30"/>'),
    "maxLength": restricted("xs:string", '<xs:maxLength value="512"/>'),
    "short": restricted("xs:string", '<xs:maxLength value="3"/>'),
    "collapsed": restricted("xs:string", '<xs:maxLength value="4"/><xs:whiteSpace value="collapse"/>'),
    "replaced": restricted("xs:string", '<xs:minLength value="2"/><xs:whiteSpace value="replace"/>'),
    "inclusive": restricted("xs:int", '<xs:minInclusive value="-3"/><xs:maxInclusive value="1440"/>'),
    "exclusive": restricted("xs:integer", '<xs:minExclusive value="-3"/><xs:maxExclusive value="4"/>'),
    "decimal range": restricted("xs:decimal", '<xs:minExclusive value="0"/><xs:maxInclusive value="2.5"/>'),
    "digits": restricted("xs:decimal", '<xs:totalDigits value="4"/><xs:fractionDigits value="2"/>'),
    "whole digits": restricted("xs:integer", '<xs:totalDigits value="2"/>'),
    "double range": restricted("xs:double", '<xs:minInclusive value="-1"/><xs:maxExclusive value="1.5"/>'),
    "pattern": restricted("xs:string", r'<xs:pattern value="[A-Z]\d{2}"/><xs:pattern value="x+"/>'),
    "pattern of numbers": restricted("xs:int", '<xs:pattern value="[1-9][0-9]"/>'),
    "dates": restricted("xs:date", '<xs:minInclusive value="2020-02-28"/><xs:maxInclusive value="2020-03-01"/>'),
    "moments": restricted(
        "xs:dateTime",
        '<xs:minInclusive value="2020-01-01T00:00:00Z"/><xs:maxExclusive value="2020-01-01T00:01:00Z"/>',
    ),
    "times": restricted("xs:time", '<xs:minInclusive value="10:00:00"/><xs:maxInclusive value="11:00:00"/>'),
    "bytes": restricted("xs:base64Binary", '<xs:length value="3"/>'),
    "digits of bytes": restricted("xs:hexBinary", '<xs:maxLength value="2"/>'),
    "short name": restricted("xs:NCName", '<xs:length value="1"/>'),
    "short uri": restricted("xs:anyURI", '<xs:maxLength value="5"/>'),
    "restricted twice": made(
        """<xs:simpleType name="base"><xs:restriction base="xs:string"><xs:pattern value="[a-c]*"/></xs:restriction>
        </xs:simpleType><xs:simpleType name="root"><xs:restriction base="t:base"><xs:maxLength value="2"/>
        </xs:restriction></xs:simpleType>"""
    ),
    "list": made(
        """<xs:simpleType name="root"><xs:restriction><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType>
        <xs:minLength value="1"/><xs:maxLength value="2"/></xs:restriction></xs:simpleType>"""
    ),
    "names": restricted("xs:NMTOKENS", ""),
    "union": made('<xs:simpleType name="root"><xs:union memberTypes="xs:int xs:boolean xs:date"/></xs:simpleType>'),
}

TYPES: dict[str, Made] = {**{name: restricted(f"xs:{name}", "") for name in BUILTIN}, **FACETS}


class TestEveryType:
    @pytest.mark.parametrize("name", TYPES)
    def test_what_is_generated_is_valid(self, name: str) -> None:
        schema = TYPES[name]

        @settings(max_examples=60)
        @given(schema.valid())
        def check(element: object) -> None:
            assert schema.findings(element) == []
            assert schema.xmlschema_takes(element)

        check()

    @pytest.mark.parametrize("name", TYPES)
    def test_what_is_broken_is_refused_for_the_rule_and_at_the_place_that_are_told(self, name: str) -> None:
        schema = TYPES[name]

        @settings(max_examples=40)
        @given(schema.broken())
        def check(broken) -> None:
            assert schema.refuses(broken)

        check()


REACHED: list[tuple[str, str, Callable[[str], bool]]] = [
    ("the first value", "enumeration", lambda text: text == "first"),
    ("the last value", "enumeration", lambda text: text == "last one"),
    ("the empty text", "maxLength", lambda text: text == ""),
    ("the longest text", "maxLength", lambda text: len(text) == 512),
    ("the least length", "minLength", lambda text: len(text) == 30),
    ("the lower end", "inclusive", lambda text: text == "-3"),
    ("the upper end", "inclusive", lambda text: text == "1440"),
    ("the lower end, exclusive", "exclusive", lambda text: text == "-2"),
    ("the upper end, exclusive", "exclusive", lambda text: text == "3"),
    ("the least long", "long", lambda text: text == str(-(2**63))),
    ("the greatest long", "long", lambda text: text == str(2**63 - 1)),
    ("more than a long", "integer", lambda text: len(text) > 19),
    ("a sign", "int", lambda text: text.startswith("+")),
    ("leading zeros", "int", lambda text: text.startswith("00")),
    ("blanks around", "int", lambda text: text != text.strip()),
    ("a fraction", "digits", lambda text: len(text.partition(".")[2]) == 2),
    ("all digits", "digits", lambda text: text in ("9999", "99.99")),
    ("infinity", "float", lambda text: text == "-INF"),
    ("no number", "double", lambda text: text == "NaN"),
    ("an exponent", "double", lambda text: "e" in text.lower()),
    ("1 for true", "boolean", lambda text: text == "1"),
    ("0 for false", "boolean", lambda text: text == "0"),
    ("the first pattern", "pattern", lambda text: text[0].isupper()),
    ("the second pattern", "pattern", lambda text: text == "xx"),
    ("a zone", "dateTime", lambda text: text.endswith("-05:30")),
    ("no zone", "dateTime", lambda text: text[-1].isdigit() and "+" not in text and "-" not in text[10:]),
    ("a part of a second", "dateTime", lambda text: "." in text),
    ("a leap day", "dates", lambda text: text.startswith("2020-02-29")),
    ("the last day", "dates", lambda text: text.startswith("2020-03-01")),
    ("one item", "list", lambda text: len(text.split()) == 1),
    ("two items", "list", lambda text: len(text.split()) == 2),
    ("the last member of a union", "union", lambda text: len(text) >= 10 and text[4] == "-"),
    ("markup", "string", lambda text: "<" in text and "&" in text and "]]>" in text),
    ("beyond the basic plane", "string", lambda text: any(ord(character) > 0xFFFF for character in text)),
    ("from right to left", "string", lambda text: "\u05d0" in text),
    ("combining", "string", lambda text: "\u0301" in text),
    ("a carriage return", "string", lambda text: "\r" in text),
    ("blanks that are collapsed", "collapsed", lambda text: text != text.strip()),
]


class TestRange:
    @pytest.mark.parametrize(("name", "condition"), [row[1:] for row in REACHED], ids=[row[0] for row in REACHED])
    def test_is_reached(self, name: str, condition: Callable[[str], bool]) -> None:
        def holds(element) -> bool:
            return condition(element.text or "")

        assert holds(find(TYPES[name].valid(), holds))

    def test_no_text_holds_what_xml_can_not(self) -> None:
        @settings(max_examples=200)
        @given(TYPES["string"].valid())
        def check(element) -> None:
            for character in element.text or "":
                assert character in "\t\n\r" or ord(character) >= 0x20
                assert not 0x7F <= ord(character) <= 0x9F
                assert character not in "\ufffe\uffff"

        check()


class TestShrinking:
    @pytest.mark.parametrize(
        ("name", "smallest"),
        [("string", None), ("int", "0"), ("inclusive", "0"), ("boolean", "false"), ("enumeration", "first")],
    )
    def test_ends_at_the_simplest_text(self, name: str, smallest: str | None) -> None:
        assert find(TYPES[name].valid(), lambda _: True).text == smallest

    def test_keeps_only_the_character_that_matters(self) -> None:
        assert find(TYPES["string"].valid(), lambda element: "\u05d0" in (element.text or "")).text == "\u05d0"
