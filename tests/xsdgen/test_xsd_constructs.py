"""Each construct of XSD: what is generated is valid for both validators, what is broken for neither."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xsd_support import Made, content, find, made, names, restricted, written

SEQUENCE = content(
    """<xs:sequence>
      <xs:element name="a" type="xs:string"/>
      <xs:element name="b" type="xs:int" minOccurs="0"/>
      <xs:element name="c" type="xs:boolean" maxOccurs="unbounded"/>
      <xs:element name="d" type="xs:string" minOccurs="2" maxOccurs="3"/>
    </xs:sequence>"""
)
OFTEN = content('<xs:sequence><xs:element name="a" type="xs:int" minOccurs="0" maxOccurs="50"/></xs:sequence>')
CHOICE = content(
    """<xs:choice>
      <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/>
      <xs:sequence><xs:element name="c" type="xs:string"/><xs:element name="d" type="xs:string"/></xs:sequence>
    </xs:choice>"""
)
REPEATED_CHOICE = content(
    """<xs:choice minOccurs="0" maxOccurs="2">
      <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" maxOccurs="2"/>
    </xs:choice>"""
)
ALL = content(
    """<xs:all>
      <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string"/>
      <xs:element name="c" type="xs:string" minOccurs="0"/>
    </xs:all>"""
)
GROUPS = content(
    """<xs:sequence>
      <xs:group ref="t:pair" minOccurs="0" maxOccurs="2"/>
      <xs:sequence minOccurs="0"><xs:element name="c" type="xs:string"/></xs:sequence>
      <xs:element name="never" type="xs:string" minOccurs="0" maxOccurs="0"/>
    </xs:sequence>""",
    """<xs:group name="pair"><xs:sequence>
      <xs:element name="a" type="xs:string"/><xs:element name="b" type="xs:string" minOccurs="0"/>
    </xs:sequence></xs:group>""",
)
EXTENSION = made(
    """<xs:complexType name="base"><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence>
      <xs:attribute name="x" type="xs:int"/></xs:complexType>
    <xs:complexType name="root"><xs:complexContent><xs:extension base="t:base">
      <xs:sequence><xs:element name="b" type="xs:string"/></xs:sequence>
      <xs:attribute name="y" type="xs:int" use="required"/></xs:extension></xs:complexContent></xs:complexType>"""
)
RESTRICTION = made(
    """<xs:complexType name="base"><xs:sequence>
      <xs:element name="a" type="xs:string" minOccurs="0"/><xs:element name="b" type="xs:string" minOccurs="0"/>
      </xs:sequence><xs:attribute name="x" type="xs:string"/></xs:complexType>
    <xs:complexType name="root"><xs:complexContent><xs:restriction base="t:base">
      <xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence>
      <xs:attribute name="x" use="prohibited"/></xs:restriction></xs:complexContent></xs:complexType>"""
)
NESTED = content(
    """<xs:sequence><xs:element name="outer"><xs:complexType><xs:sequence>
      <xs:element name="inner"><xs:simpleType><xs:restriction base="xs:string"><xs:maxLength value="3"/>
      </xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element></xs:sequence>"""
)
POLYMORPHIC = content(
    '<xs:sequence><xs:element name="shape" type="t:shape" maxOccurs="2"/></xs:sequence>',
    """<xs:complexType name="shape" abstract="true"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence>
      </xs:complexType>
    <xs:complexType name="circle"><xs:complexContent><xs:extension base="t:shape"><xs:sequence>
      <xs:element name="radius" type="xs:decimal"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
    <xs:complexType name="disc"><xs:complexContent><xs:extension base="t:circle"><xs:sequence>
      <xs:element name="colour" type="xs:string"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>""",
)
BLOCKED = content(
    '<xs:sequence><xs:element name="shape" type="t:shape" block="extension"/></xs:sequence>',
    """<xs:complexType name="shape"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType>
    <xs:complexType name="circle"><xs:complexContent><xs:extension base="t:shape"><xs:sequence>
      <xs:element name="radius" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>""",
)
SUBSTITUTION = content(
    '<xs:sequence><xs:element ref="t:head" maxOccurs="2"/></xs:sequence>',
    """<xs:element name="head" type="xs:string" abstract="true"/>
    <xs:element name="one" type="xs:string" substitutionGroup="t:head"/>
    <xs:element name="two" type="xs:string" substitutionGroup="t:head"/>""",
)
ATTRIBUTES = content(
    """<xs:sequence><xs:element name="a" type="xs:string" minOccurs="0"/></xs:sequence>
    <xs:attribute name="needed" type="xs:boolean" use="required"/>
    <xs:attribute name="free"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="one"/>
      <xs:enumeration value="two"/></xs:restriction></xs:simpleType></xs:attribute>
    <xs:attribute name="fixed" type="xs:string" fixed="same"/>"""
)
SIMPLE_CONTENT = content(
    """<xs:simpleContent><xs:extension base="xs:int"><xs:attribute name="unit" type="xs:string"/></xs:extension>
    </xs:simpleContent>"""
)
VALUES = content(
    """<xs:sequence><xs:element name="usual" type="xs:int" default="7"/>
      <xs:element name="same" type="xs:string" fixed="same" maxOccurs="2"/></xs:sequence>"""
)
NILLABLE = content(
    """<xs:sequence><xs:element name="a" type="xs:int" nillable="true"/><xs:element name="b" nillable="true">
      <xs:complexType><xs:sequence><xs:element name="c" type="xs:int"/></xs:sequence></xs:complexType></xs:element>
    </xs:sequence>"""
)
RECURSIVE = content(
    """<xs:sequence><xs:element name="name" type="xs:string"/>
      <xs:element name="left" type="t:root" minOccurs="0"/><xs:element name="right" type="t:root" minOccurs="0"/>
    </xs:sequence>"""
)
MIXED = made(
    """<xs:complexType name="root" mixed="true"><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence>
    </xs:complexType>"""
)
WILDCARD = content(
    """<xs:sequence><xs:element name="a" type="xs:int"/>
      <xs:any namespace="##other" processContents="lax" minOccurs="0" maxOccurs="2"/></xs:sequence>
    <xs:anyAttribute/>"""
)
ANYTHING = content('<xs:sequence><xs:element name="a" type="xs:anyType"/></xs:sequence>')
UNQUALIFIED = content(
    """<xs:sequence><xs:element name="a" type="xs:int" form="unqualified"/>
      <xs:element name="b" type="xs:int"/></xs:sequence>"""
)
EMPTY = content("")

CONSTRUCTS = {
    name.lower(): schema for name, schema in list(globals().items()) if isinstance(schema, Made) and name.isupper()
}


class TestEveryConstruct:
    @pytest.mark.parametrize("construct", CONSTRUCTS)
    def test_what_is_generated_is_valid(self, construct: str) -> None:
        schema = CONSTRUCTS[construct]

        @settings(max_examples=50)
        @given(schema.valid())
        def check(element: object) -> None:
            assert schema.findings(element) == []
            assert schema.xmlschema_takes(element)

        check()

    @pytest.mark.parametrize("construct", CONSTRUCTS)
    def test_what_is_broken_is_refused_for_the_rule_and_at_the_place_that_are_told(self, construct: str) -> None:
        schema = CONSTRUCTS[construct]

        @settings(max_examples=50)
        @given(schema.broken())
        def check(broken) -> None:
            assert schema.refuses(broken)

        check()


REACHED: list[tuple[str, Made, Callable[[object], bool]]] = [
    ("no optional child", SEQUENCE, lambda root: names(root) == ["a", "c", "d", "d"]),
    ("every child as often as it may", SEQUENCE, lambda root: names(root)[-3:] == ["d"] * 3 and "b" in names(root)),
    ("an unbounded child more than twice", SEQUENCE, lambda root: names(root).count("c") > 2),
    ("none of fifty", OFTEN, lambda root: len(root) == 0),
    ("all of fifty", OFTEN, lambda root: len(root) == 50),
    ("the first choice", CHOICE, lambda root: names(root) == ["a"]),
    ("the last choice", CHOICE, lambda root: names(root) == ["c", "d"]),
    ("two choices", REPEATED_CHOICE, lambda root: names(root) == ["b", "b", "a"]),
    ("another order", ALL, lambda root: names(root) == ["c", "b", "a"]),
    ("a group twice", GROUPS, lambda root: names(root) == ["a", "b", "a", "c"]),
    ("both attributes of an extension", EXTENSION, lambda root: len(root.attrib) == 2),
    ("a type derived from a derived one", POLYMORPHIC, lambda root: names(root[0])[-1] == "colour"),
    ("two types side by side", POLYMORPHIC, lambda root: len(root) == 2 and len(root[0]) != len(root[1])),
    ("each substitute", SUBSTITUTION, lambda root: names(root) == ["two", "one"]),
    ("the last value of an attribute", ATTRIBUTES, lambda root: root.get("free") == "two"),
    ("an attribute that is left away", ATTRIBUTES, lambda root: len(root.attrib) == 1),
    ("the default", VALUES, lambda root: root[0].text is None),
    ("a nil", NILLABLE, lambda root: [len(child.attrib) for child in root] == [1, 1]),
    ("text among children", MIXED, lambda root: bool(root.text)),
    ("something from elsewhere", WILDCARD, lambda root: len(root) == 3),
    ("something in anything", ANYTHING, lambda root: len(root[0]) > 0),
    ("text in anything", ANYTHING, lambda root: bool(root[0].text)),
    ("a tree", RECURSIVE, lambda root: len(root.xpath(".//*[local-name()='right']/*[local-name()='left']")) > 0),
]


class TestRange:
    @pytest.mark.parametrize(("schema", "condition"), [row[1:] for row in REACHED], ids=[row[0] for row in REACHED])
    def test_is_reached(self, schema: Made, condition: Callable[[object], bool]) -> None:
        assert condition(find(schema.valid(), condition))

    def test_of_a_blocked_derivation_nothing_is_made(self) -> None:
        @given(BLOCKED.valid())
        def check(element) -> None:
            assert names(element[0]) == ["id"]

        check()

    def test_recursion_has_an_end(self) -> None:
        @given(RECURSIVE.valid())
        def check(element) -> None:
            assert len(list(element.iterancestors())) == 0
            assert max(len(list(below.iterancestors())) for below in element.iter()) <= 3

        check()


CIRCLE = '<shape xsi:type="circle"><id>0</id><radius>0</radius></shape>'


class TestShrinking:
    @pytest.mark.parametrize(
        ("schema", "condition", "smallest"),
        [
            (SEQUENCE, lambda _: True, "<root><a/><c>false</c><d/><d/></root>"),
            (SEQUENCE, lambda root: "b" in names(root), "<root><a/><b>0</b><c>false</c><d/><d/></root>"),
            (POLYMORPHIC, lambda root: len(root) == 2, f"<root>{2 * CIRCLE}</root>"),
            (RECURSIVE, lambda root: len(root) > 1, "<root><name/><left><name/></left></root>"),
            (ALL, lambda root: len(root) == 3, "<root><a/><b/><c/></root>"),
        ],
    )
    def test_ends_at_the_smallest(self, schema: Made, condition, smallest: str) -> None:
        assert written(find(schema.valid(), condition)).replace("t:", "") == smallest


MUTATIONS = {
    "drop-required": SEQUENCE,
    "unknown-child": SEQUENCE,
    "repeat-child": SEQUENCE,
    "reorder-children": SEQUENCE,
    "rename-child": SEQUENCE,
    "foreign-namespace": SEQUENCE,
    "text-in-complex": SEQUENCE,
    "child-in-simple": SEQUENCE,
    "unknown-xsi-type": SEQUENCE,
    "underived-xsi-type": SEQUENCE,
    "nil-not-nillable": SEQUENCE,
    "bad-boolean": SEQUENCE,
    "upper-case-boolean": SEQUENCE,
    "empty-value": SEQUENCE,
    "bad-number": SEQUENCE,
    "out-of-range": SEQUENCE,
    "too-long": NESTED,
    "unknown-attribute": ATTRIBUTES,
    "drop-required-attribute": ATTRIBUTES,
    "not-enumerated": ATTRIBUTES,
    "not-fixed": ATTRIBUTES,
    "too-short": restricted("xs:string", '<xs:minLength value="2"/>'),
    "pattern": restricted("xs:string", '<xs:pattern value="[A-Z]{2}"/>'),
    "too-many-digits": restricted("xs:decimal", '<xs:totalDigits value="3"/>'),
    "bad-date": restricted("xs:dateTime", ""),
    "bad-binary": restricted("xs:base64Binary", ""),
    "bad-name": restricted("xs:NCName", ""),
    "bad-item": made('<xs:simpleType name="root"><xs:list itemType="xs:int"/></xs:simpleType>'),
    "bad-value": made('<xs:simpleType name="root"><xs:union memberTypes="xs:int xs:boolean"/></xs:simpleType>'),
}


class TestMutations:
    @pytest.mark.parametrize("mutation", MUTATIONS)
    def test_is_reached(self, mutation: str) -> None:
        schema = MUTATIONS[mutation]
        found = find(schema.broken(), lambda broken: broken.mutation == mutation)
        assert schema.findings(found.element)

    def test_all_are_known(self) -> None:
        seen: set[str] = set()

        @settings(max_examples=200)
        @given(st.one_of([schema.broken() for schema in [*CONSTRUCTS.values(), *MUTATIONS.values()]]))
        def collect(broken) -> None:
            seen.add(broken.mutation)

        collect()
        assert seen <= set(MUTATIONS)
