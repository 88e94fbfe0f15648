"""The requests that are generated: what they say, and how the request of a finding becomes small."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.cases.values import resolve_all
from conformance.fuzz.requests import EXAMPLE, Generated, Requests
from conformance.fuzz.smaller import smallest
from conformance.fuzz.values import GIVEN, NEVER
from conformance.schema.catalog import SchemaCatalog, SchemaSet
from conformance.versions import BASELINE
from conformance.wire.names import OPERATIONS, operation

FEW = settings(
    max_examples=4, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def oldest() -> SchemaSet:
    return SchemaCatalog().at(BASELINE)


def requests(name: str, schemas: SchemaSet, *, scene: bool = True, invalid: bool = False) -> Requests:
    return Requests(operation(name), schemas, "host", scene=scene, invalid=invalid)


@pytest.mark.parametrize("name", OPERATIONS)
def test_requests_of_each_operation_are_valid_unless_they_were_broken(name: str, schemas: SchemaSet) -> None:
    seen: list[Generated] = []

    @FEW
    @given(requests(name, schemas, invalid=True).generated)
    def look(generated: Generated) -> None:
        seen.append(generated)
        assert not generated.defect
        assert generated.names <= {*GIVEN, *EXAMPLE, "now"}
        assert not NEVER & generated.body.keys()

    look()
    assert seen


def test_requests_of_an_older_release_are_valid_by_its_schemas(oldest: SchemaSet) -> None:
    for name in ("CreateMeeting", "CreateUser", "GetSessionInfo"):

        @FEW
        @given(requests(name, oldest).generated)
        def look(generated: Generated) -> None:
            assert not generated.defect

        look()


def test_without_a_scene_a_request_is_about_nothing_that_would_have_to_be_created(schemas: SchemaSet) -> None:
    for name in ("GetMeeting", "GetUser", "GetSessionInfo", "LstMeetingAttendee"):

        @settings(FEW, max_examples=25)
        @given(requests(name, schemas, scene=False).generated)
        def look(generated: Generated) -> None:
            assert not generated.names & GIVEN.keys()

        look()


@pytest.mark.parametrize(
    ("name", "strange", "may_be_left_out"),
    [
        ("CreateMeetingAttendee", "contactID", True),
        ("SetUser", "userId", True),
        ("DelRecording", "recordingID", False),
        ("GetEnrollmentInfo", "confID", False),  # which is read
    ],
)
def test_what_is_changed_is_not_named_by_what_can_not_be_ours(
    name: str, strange: str, may_be_left_out: bool, schemas: SchemaSet
) -> None:
    told: list[str] = []

    @settings(FEW, max_examples=25)
    @given(requests(name, schemas).generated)
    def look(generated: Generated) -> None:
        told.append(generated.text)

    look()
    assert any(f'"{strange}"' in text for text in told) != may_be_left_out


def content(xml: str, schemas: SchemaSet) -> Mapping[str, Any] | None:
    return requests("GetUser", schemas)._content(etree.fromstring(f"<a>{xml}</a>"))


@pytest.mark.parametrize(
    ("xml", "body"),
    [
        ("<b>1</b>", {"b": "1"}),
        ("<b/>", {"b": ""}),
        ("<b><c/><d>x</d></b>", {"b": {"c": "", "d": "x"}}),
        ("<b>1</b><b>2</b>", {"b": ["1", "2"]}),
        ('<b c="1"/>', {"b": {"@c": "1"}}),
        ("<b>${host.webExID}</b>", {"b": "${host.webExID}"}),
        ("<newWebExId>x</newWebExId><b/>", {"b": ""}),
        ("<b/>text", None),
        ("<b>text<c/></b>", None),
        ("<b/><c/><b/>", None),
        ('<b c="1">text</b>', None),
        ('<b xmlns:x="urn:x" x:c="1"/>', None),
        ("<b>kim@example.org</b>", None),
    ],
)
def test_an_element_is_said_as_a_case_file_says_it(
    xml: str, body: Mapping[str, Any] | None, schemas: SchemaSet
) -> None:
    assert content(xml, schemas) == body


@given(st.text(st.sampled_from("${}' a"), max_size=12))
def test_a_text_that_looks_like_an_expression_means_itself(schemas: SchemaSet, text: str) -> None:
    root = etree.Element("a")
    etree.SubElement(root, "b").text = text
    body = requests("GetAPIVersion", schemas)._content(root)
    assert resolve_all(body, {}) == {"b": text}


BODY = {"a": {"b": "long text", "c": ["one", "two", {"d": "x"}]}, "e": "${host.webExID}", "f": "0"}


@pytest.mark.parametrize(
    ("works", "small"),
    [
        (lambda _: True, {}),
        (lambda body: body == BODY, BODY),
        (lambda body: "f" in body, {"f": ""}),
        (lambda body: body.get("e"), {"e": "0"}),
        (lambda body: "t" in body.get("a", {}).get("b", ""), {"a": {"b": "t"}}),
        (lambda body: "d" in str(body), {"a": {"c": {"d": ""}}}),
        (lambda body: isinstance(body.get("a", {}).get("c"), list), {"a": {"c": [""]}}),
    ],
)
def test_a_request_becomes_as_small_as_it_can(works: Any, small: Mapping[str, Any]) -> None:
    assert smallest(BODY, works) == small


TREES = st.recursive(
    st.text("abc", max_size=4),
    lambda inner: st.dictionaries(st.sampled_from("xyz"), inner, max_size=3) | st.lists(inner, min_size=2, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from("xyz"), TREES, max_size=3), st.sampled_from("abcxyz"))
def test_what_is_small_still_shows_the_finding(body: Mapping[str, Any], wanted: str) -> None:
    def works(smaller: Any) -> bool:
        return wanted in str(smaller)

    if works(body):
        small = smallest(body, works)
        assert works(small)
        assert len(str(small)) <= len(str(body))
        assert smallest(small, works) == small
