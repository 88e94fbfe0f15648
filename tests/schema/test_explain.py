"""Why a payload is not valid, in words; and that asking for them never fails."""

from __future__ import annotations

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st
from schema_documents import TYPES, message, spoil
from schema_messages import request, response

from conformance.schema.catalog import SchemaSet
from conformance.schema.explain import explain
from conformance.schema.findings import SchemaFinding
from conformance.wire.names import NAMESPACES


def told(inner: str, schemas: SchemaSet, xsi_type: str = "use:createUserResponse") -> list[SchemaFinding]:
    """Return the findings on a response, explained."""
    root = response(inner, xsi_type)
    return explain(schemas, root, schemas.judge_response(root))


@pytest.mark.parametrize(
    ("inner", "xsi_type", "rule", "expected"),
    [
        ("<use:userId>x</use:userId>", "use:createUserResponse", "value", "invalid literal for int"),
        ("<use:new/>", "use:createUserResponse", "unexpected", "Unexpected child with tag 'use:new' at position 1."),
        ("", "use:getUserResponse", "missing", "Tag 'use:webExId' expected."),
        ("x<use:userId>1</use:userId>", "use:createUserResponse", "text", "character data between child elements"),
        ("", "use:nope", "type", "'use:nope' not found"),
        ("", "unbound:createUserResponse", "type", "'unbound:createUserResponse' not found"),
        ("<use:userId a='1'>1</use:userId>", "use:createUserResponse", "other", "'a' attribute not allowed"),
    ],
)
def test_each_kind_of_finding_gets_words(
    inner: str, xsi_type: str, rule: str, expected: str, schemas: SchemaSet
) -> None:
    finding = told(inner, schemas, xsi_type)[0]
    assert finding.rule == rule
    assert expected in finding.expected


def test_all_but_the_words_stays_as_it_was(schemas: SchemaSet) -> None:
    root = response("<use:userId>x</use:userId>")
    (before,) = schemas.judge_response(root)
    (after,) = explain(schemas, root, [before])
    assert (before.expected, bool(after.expected)) == ("", True)
    assert (after.path, after.line, after.rule, after.evidence) == (
        before.path,
        before.line,
        before.rule,
        before.evidence,
    )


def test_a_request_is_explained_by_its_canonical_form(schemas: SchemaSet) -> None:
    findings, canonical = schemas.judge_request(request("<firstName>a</firstName>"))
    (finding,) = explain(schemas, canonical.root, findings)
    assert "Tag 'use:webExId' expected." in finding.expected
    assert (finding.line, finding.column) == (2, 1)


def test_the_prefix_of_the_document_does_not_matter(schemas: SchemaSet) -> None:
    (finding,) = told(f'<u:userId xmlns:u="{NAMESPACES["use"]}">x</u:userId>', schemas)
    assert "invalid literal for int" in finding.expected


def test_each_of_several_findings_gets_its_own_words(schemas: SchemaSet) -> None:
    first, second = told(
        "<use:user><use:webExId>a</use:webExId><use:status>NO</use:status></use:user><use:new/>",
        schemas,
        "use:delUserResponse",
    )
    assert first.expected == "value must be one of ['SUCCESS', 'FAILURE']"
    assert "use:new" in second.expected


def test_a_finding_without_words_of_its_own_gets_those_of_the_element_around_it(schemas: SchemaSet) -> None:
    root = response("<use:new/>")
    (finding,) = explain(schemas, root, schemas.judge_response(root))
    assert finding.path.endswith("/use:new")
    assert "Unexpected child" in finding.expected


def test_what_only_libxml2_refuses_is_left_without_words(schemas: SchemaSet) -> None:
    (finding,) = told("<use:userId>\uff11</use:userId>", schemas)
    assert (finding.rule, finding.expected) == ("value", "")


def test_ten_thousand_faults_are_explained_for_the_first_twenty(schemas: SchemaSet) -> None:
    user = "<use:user><use:webExId>a</use:webExId><use:status>NO</use:status></use:user>"
    findings = told(user * 10_000, schemas, "use:delUserResponse")
    assert len(findings) == 20
    assert all(finding.expected for finding in findings)


def test_a_deep_payload_is_explained_too(schemas: SchemaSet) -> None:
    (finding,) = told("<use:new>" * 250 + "</use:new>" * 250, schemas)
    assert "Unexpected child" in finding.expected


@given(st.data())
def test_whatever_is_refused_can_be_explained(
    schemas: SchemaSet, compiled: xmlschema.XMLSchema10, data: st.DataObject
) -> None:
    root = message(data.draw(st.sampled_from(TYPES)), compiled)
    spoil(root, data, types=(*TYPES, "use:nope", "unbound:type", ""))
    findings = schemas.judge_response(root)
    assert all(finding.expected for finding in explain(schemas, root, findings))
