"""Every facet that a value breaks is told as a wrong value."""

from __future__ import annotations

import pytest
from lxml import etree

from conformance.schema.findings import read_findings
from conformance.schema.model import SchemaModel


@pytest.mark.parametrize(
    ("base", "facet", "text"),
    [
        ("int", '<xs:minInclusive value="3"/>', "2"),
        ("int", '<xs:maxInclusive value="3"/>', "4"),
        ("int", '<xs:minExclusive value="3"/>', "3"),
        ("int", '<xs:maxExclusive value="3"/>', "3"),
        ("decimal", '<xs:totalDigits value="2"/>', "123"),
        ("decimal", '<xs:fractionDigits value="1"/>', "1.23"),
        ("string", '<xs:pattern value="[a-z]+"/>', "1"),
        ("string", '<xs:length value="2"/>', "1"),
        ("string", '<xs:minLength value="2"/>', "1"),
        ("string", '<xs:maxLength value="2"/>', "123"),
        ("string", '<xs:enumeration value="x"/>', "1"),
        ("int", "", "x"),
    ],
)
def test_a_broken_facet_is_a_wrong_value(base: str, facet: str, text: str) -> None:
    schema = etree.XMLSchema(
        etree.fromstring(
            f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:simpleType>
            <xs:restriction base="xs:{base}">{facet}</xs:restriction></xs:simpleType></xs:element></xs:schema>"""
        )
    )
    root = etree.fromstring(f"<a>{text}</a>")
    assert not schema.validate(root)
    findings = read_findings(schema.error_log, root.getroottree(), SchemaModel())
    assert [(finding.rule, finding.path) for finding in findings] == [("value", "/a")]
