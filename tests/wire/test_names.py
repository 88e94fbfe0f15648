"""Names on the wire: operations by every spelling that clients use, prefixes and namespaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import UnknownName
from conformance.schema.catalog import SchemaCatalog
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.names import (
    NAMESPACES,
    OPERATIONS,
    PREFIXES,
    Operation,
    clark,
    operation,
    operation_of_type,
    prefixed,
)

ALL = list(OPERATIONS.values())

catalog = SchemaCatalog()


def name_of(operation: Operation) -> str:
    """Return what a test is called after."""
    return operation.name


class TestOperations:
    @pytest.mark.parametrize("operation", ALL, ids=name_of)
    def test_the_schemas_have_its_request_and_its_response(self, operation: Operation) -> None:
        types = catalog.at(DEFAULT_VERSION).model.types
        assert catalog.at(DEFAULT_VERSION).knows(operation)
        assert f"{{{operation.namespace}}}{operation.response_type}" in types

    @pytest.mark.parametrize(
        ("version", "known"), [("39", False), ("40.1.0", True), ("40.1.2", True), ("40.2.4", True)]
    )
    def test_the_history_of_access_anywhere_came_with_40_1_0(self, version: str, known: bool) -> None:
        assert catalog.at(Version.parse(version)).knows(OPERATIONS["LstAccessAnywhereHistory"]) is known

    def test_every_other_operation_was_there_before(self) -> None:
        oldest = catalog.at(Version(39))
        assert [op.name for op in ALL if not oldest.knows(op)] == ["LstAccessAnywhereHistory"]

    def test_every_response_type_starts_small_but_for_those_documented_with_a_capital(self) -> None:
        assert {op.name for op in ALL if op.response_type[0].isupper()} == {
            *("AssignWebACDAgents", "AssignWebACDQueues", "GetWebACDQueues"),
            "LstAccessAnywhereHistory",
        }

    def test_an_operation_is_found_by_its_exact_name(self) -> None:
        assert operation("CreateUser") is OPERATIONS["CreateUser"]

    @pytest.mark.parametrize(
        ("name", "advice"),
        [("LstSummarySession", "did you mean 'LstsummarySession'?"), ("createUser", "did you mean 'CreateUser'?")],
    )
    def test_another_spelling_is_refused_with_the_right_one(self, name: str, advice: str) -> None:
        with pytest.raises(UnknownName) as refused:
            operation(name)
        assert str(refused.value) == f"unknown operation '{name}', {advice}"
        assert (refused.value.kind, refused.value.name) == ("operation", name)


class TestTypes:
    @pytest.mark.parametrize("operation", ALL, ids=name_of)
    @pytest.mark.parametrize(
        "spelling",
        [
            "java:com.webex.service.binding.{0.package}.{0.name}",
            " \n java:com.webex.service.binding.{0.package}.{0.name}\t",
            "com.webex.service.binding.{0.package}.{0.name}",
            "java:{0.package}.{0.name}",
            "{0.package}.{0.name}",
            "java:{0.name}",
            "{0.name}",
            "{0.prefix}:{0.request_type}",
        ],
        ids=["documented", "blanks", "no prefix", "short", "short, no prefix", "shorter", "bare", "schema type"],
    )
    def test_every_spelling_of_clients_names_the_operation(self, spelling: str, operation: Operation) -> None:
        assert operation_of_type(spelling.format(operation)) is operation

    @pytest.mark.parametrize(
        "xsi_type",
        [
            "",
            "java:",
            ":",
            "java:com.webex.service.binding.user.createUser",
            "java:com.webex.service.binding.meeting.CreateUser",
            "java:com.webex.service.binding.user.CreateUserResponse",
            "java:org.example.user.CreateUser",
            "java:r.CreateUser",
            "java:.CreateUser",
            "java:user..CreateUser",
            "java:com.webex.service.binding.site.LstTimeZones",
            "use:CreateUser",
            "meet:createUser",
            "train:createTeleconferenceSession",
            "use:createUserResponse",
            "unknown:createUser",
            "createUser",
        ],
    )
    def test_anything_else_names_none(self, xsi_type: str) -> None:
        assert operation_of_type(xsi_type) is None

    @given(st.text(alphabet="javcomwebx.:CrteUs ", max_size=30))
    def test_no_text_breaks_the_reading_of_a_type(self, xsi_type: str) -> None:
        assert operation_of_type(xsi_type) is None or xsi_type.strip().endswith("CreateUser")


class TestPrefixes:
    def test_a_prefix_and_its_namespace_are_one_to_one(self) -> None:
        assert {PREFIXES[uri]: uri for uri in NAMESPACES.values()} == NAMESPACES

    @pytest.mark.parametrize("prefix", NAMESPACES)
    def test_a_prefixed_name_and_the_full_one_are_two_ways_to_write_the_same(self, prefix: str) -> None:
        assert clark(f"{prefix}:host") == f"{{{NAMESPACES[prefix]}}}host"
        assert prefixed(clark(f"{prefix}:host")) == f"{prefix}:host"

    def test_a_name_without_a_prefix_stays(self) -> None:
        assert clark("host") == prefixed("host") == "host"

    def test_a_foreign_namespace_is_written_in_full(self) -> None:
        assert prefixed("{urn:other}host") == "{urn:other}host"

    def test_a_prefix_that_is_not_ours_is_refused(self) -> None:
        with pytest.raises(UnknownName, match="unknown prefix 'ns1'"):
            clark("ns1:host")
