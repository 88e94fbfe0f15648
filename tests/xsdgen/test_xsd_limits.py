"""What is not generated is told at once, with its place; overrides; and the example of the documentation runs."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from xsd_support import ROOT, content, find, made, names

from conformance.xsdgen import Unsupported, broken, elements

PEOPLE = content(
    """<xs:sequence><xs:element name="email" type="xs:string"/><xs:element name="person"><xs:complexType><xs:sequence>
      <xs:element name="email" type="xs:string"/></xs:sequence>
      <xs:attribute name="kind" type="xs:string" use="required"/></xs:complexType></xs:element></xs:sequence>"""
)


def _of(type_: str) -> str:
    return f'<xs:sequence><xs:element name="a" minOccurs="0" type="{type_}"/></xs:sequence>'


class TestUnsupported:
    @pytest.mark.parametrize("type_", ["ID", "IDREF", "ENTITY", "ENTITIES"])
    def test_a_type_is_told_with_its_place(self, type_: str) -> None:
        with pytest.raises(Unsupported, match=f"^a: .*xs:{'ENTITY' if type_ == 'ENTITIES' else type_}"):
            content(_of(f"xs:{type_}")).valid()

    @pytest.mark.parametrize(
        ("types", "told"),
        [
            (
                """<xs:complexType name="root"><xs:sequence><xs:element name="a" type="t:root"/></xs:sequence>
                </xs:complexType>""",
                "no end",
            ),
            ('<xs:complexType name="root" abstract="true"/>', "abstract"),
            (
                """<xs:complexType name="root"><xs:sequence><xs:element ref="t:head"/></xs:sequence></xs:complexType>
                <xs:element name="head" abstract="true"/>""",
                "abstract",
            ),
            ('<xs:complexType name="root"><xs:sequence><xs:any/></xs:sequence></xs:complexType>', "wildcard"),
        ],
    )
    def test_a_construct_is_told(self, types: str, told: str) -> None:
        with pytest.raises(Unsupported, match=told):
            made(types).valid()

    def test_nothing_breaks_any_type(self) -> None:
        schema = PEOPLE.xmlschema
        with pytest.raises(Unsupported, match="anyType"):
            broken(schema, "{http://www.w3.org/2001/XMLSchema}anyType", ROOT)

    def test_a_type_that_is_not_there_is_a_mistake(self) -> None:
        with pytest.raises(KeyError):
            elements(PEOPLE.xmlschema, "{urn:example:made}nobody", ROOT)


class TestOverrides:
    def test_the_path_wins_over_the_name(self) -> None:
        own = {"email": st.just("any"), "person/email": st.just("this"), "person/@kind": st.just("that")}

        @given(elements(PEOPLE.xmlschema, ROOT, ROOT, overrides=own))
        def check(root) -> None:
            assert [root[0].text, root[1][0].text, root[1].get("kind")] == ["any", "this", "that"]

        check()

    def test_hold_in_broken_elements_too(self) -> None:
        found = find(
            broken(PEOPLE.xmlschema, ROOT, ROOT, overrides={"email": st.just("any")}),
            lambda fault: fault.mutation == "unknown-child",
        )
        assert "any" in found.element.itertext()


class TestPolymorphism:
    def test_can_be_left_away(self) -> None:
        schema = content(
            '<xs:sequence><xs:element name="shape" type="t:shape"/></xs:sequence>',
            """<xs:complexType name="shape"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence>
            </xs:complexType><xs:complexType name="circle"><xs:complexContent><xs:extension base="t:shape"/>
            </xs:complexContent></xs:complexType>""",
        )
        assert find(schema.valid(), lambda root: len(root[0].attrib) == 1)[0].attrib

        @given(elements(schema.xmlschema, ROOT, ROOT, polymorphic=False))
        def check(root) -> None:
            assert (names(root), dict(root[0].attrib)) == (["shape"], {})

        check()


class TestDocumentation:
    def test_the_example_runs(self, tmp_path: Path) -> None:
        page = (Path(__file__).parents[2] / "docs" / "xsdgen.md").read_text()
        [example] = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        file = tmp_path / "example.py"  # hypothesis reads the source of what it runs
        file.write_text(example)
        scope = runpy.run_path(str(file))
        for name in ("test_a_user_is_valid", "test_a_broken_user_is_not"):
            scope[name]()

    def test_every_element_can_be_written_and_read_again(self) -> None:
        @given(PEOPLE.valid())
        def check(root) -> None:
            again = etree.fromstring(etree.tostring(root))
            assert [element.text for element in again.iter()] == [element.text for element in root.iter()]

        check()
