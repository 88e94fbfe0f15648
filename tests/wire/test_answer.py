"""Answers of the mock: declarations, header and body as recorded from the service."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import element_names, xml_texts

from conformance.wire.answer import DECLARATION, Answer, failure, success
from conformance.wire.names import NAMESPACES, OPERATIONS, XSI, operation
from conformance.wire.response import read_response

# Which prefixes a response declares depends on the service; recorded, on failures too.
DECLARED = {
    "user": ["serv", "com", "use"],
    "ep": ["serv", "com", "ep", "meet"],
    "meeting": ["serv", "com", "meet", "att"],
    "meeting.auo": ["serv", "com", "auo"],
    "training": ["serv", "com", "sess", "train"],
    "event": ["serv", "com", "event"],
    "attendee": ["serv", "com", "att"],
    "history": ["serv", "com", "history"],
    "site": ["serv", "com", "ns1", "event"],
    # Of these no answer is recorded: their own prefix (assumed).
    "support": ["serv", "com", "sc"],
    "sales": ["serv", "com", "sales"],
    "meetingtype": ["serv", "com", "mtgtype"],
}


def written(name: str, content: Answer) -> str:
    """Return how a success of CreateUser writes one element."""
    data = success(operation("CreateUser"), {name: content}).decode()
    return data.partition(f'xmlns:xsi="{XSI}">')[2].partition("</serv:bodyContent>")[0]


class TestDeclarations:
    @pytest.mark.parametrize("name", OPERATIONS)
    def test_the_prefixes_are_those_of_the_service_on_success_and_on_failure(self, name: str) -> None:
        op = operation(name)
        for data in (success(op, {}), failure(op, "000001", "no")):
            bound = read_response(data).root.nsmap
            assert list(bound) == DECLARED[op.package]
            assert bound == {p: NAMESPACES["site" if p == "ns1" else p] for p in bound}

    def test_nothing_of_a_service_is_declared_where_none_was_called(self) -> None:
        assert list(read_response(failure(None, "000000", "no")).root.nsmap) == ["serv", "com"]

    def test_the_message_follows_its_declaration_on_one_line(self) -> None:
        data = success(operation("CreateUser"), {"userId": "1"}).decode()
        assert data.startswith(DECLARATION + '<serv:message xmlns:serv="')
        assert data.count("\n") == 1


class TestHeader:
    def test_a_success_has_a_result_and_where_it_came_from(self) -> None:
        data = success(operation("DelUser"), {}, gsb_status="BACKUP").decode()
        assert (
            "<serv:header><serv:response><serv:result>SUCCESS</serv:result>"
            "<serv:gsbStatus>BACKUP</serv:gsbStatus></serv:response></serv:header>"
        ) in data

    def test_a_failure_has_result_reason_where_and_code_in_this_order(self) -> None:
        data = failure(operation("GetUser"), "030001", "Corresponding User not found").decode()
        assert (
            "<serv:header><serv:response><serv:result>FAILURE</serv:result>"
            "<serv:reason>Corresponding User not found</serv:reason><serv:gsbStatus>PRIMARY</serv:gsbStatus>"
            "<serv:exceptionID>030001</serv:exceptionID></serv:response></serv:header>"
        ) in data

    @given(xml_texts)
    def test_a_reason_is_read_back_as_it_was_given(self, reason: str) -> None:
        response = read_response(failure(operation("GetUser"), "000001", reason))
        assert (response.result, response.reason, response.exception_id) == ("FAILURE", reason, "000001")


class TestBody:
    def test_a_failure_of_an_operation_has_an_empty_content_without_a_type(self) -> None:
        assert failure(operation("GetUser"), "030001", "no").endswith(
            b"<serv:body><serv:bodyContent/></serv:body></serv:message>"
        )

    def test_a_failure_before_dispatch_has_no_content(self) -> None:
        assert failure(None, "000000", "no").endswith(b"<serv:body></serv:body></serv:message>")

    @pytest.mark.parametrize("name", OPERATIONS)
    @pytest.mark.parametrize("content", [{}, {"key": "1"}], ids=["empty", "filled"])
    def test_a_success_has_the_type_of_the_response(self, name: str, content: dict[str, Answer]) -> None:
        op = operation(name)
        response = read_response(success(op, content))
        assert response.content_type == (op.namespace, op.response_type)

    def test_the_type_of_a_site_is_written_with_its_prefix_on_the_wire(self) -> None:
        data = success(operation("GetSite"), {"siteInstance": {"metaData": "x"}}).decode()
        assert 'xsi:type="ns1:getSiteResponse"' in data
        assert "<ns1:siteInstance><ns1:metaData>x</ns1:metaData></ns1:siteInstance>" in data

    @pytest.mark.parametrize(
        ("content", "expected"),
        [
            ("x", "<use:a>x</use:a>"),
            ("", "<use:a/>"),
            ({}, "<use:a/>"),
            ([], ""),
            (["x", "", {"b": "y"}], "<use:a>x</use:a><use:a/><use:a><use:b>y</use:b></use:a>"),
            ({"b": {"c": "x"}}, "<use:a><use:b><use:c>x</use:c></use:b></use:a>"),
            ("a&b<c>\r\n", "<use:a>a&amp;b&lt;c&gt;&#13;\n</use:a>"),
        ],
    )
    def test_content_is_written_in_the_prefix_of_the_operation(self, content: Answer, expected: str) -> None:
        assert written("a", content) == expected

    def test_a_prefix_of_its_own_holds_for_what_is_inside_but_not_for_what_is_beside(self) -> None:
        assert written("serv:host", {"a": "1", "com:b": {"c": "2"}, "d": ["3", "4"]}) == (
            "<serv:host><serv:a>1</serv:a><com:b><com:c>2</com:c></com:b><serv:d>3</serv:d><serv:d>4</serv:d></serv:host>"
        )
        assert written("list", [{"serv:x": "1"}, {"y": "2"}]) == (
            "<use:list><serv:x>1</serv:x></use:list><use:list><use:y>2</use:y></use:list>"
        )

    @given(st.dictionaries(element_names, st.lists(xml_texts, min_size=1, max_size=3), max_size=4))
    def test_what_is_written_is_read_back(self, content: dict[str, list[str]]) -> None:
        read = read_response(success(operation("CreateUser"), content)).content
        assert read is not None
        use = f"{{{NAMESPACES['use']}}}"
        expected = [(f"{use}{name}", text) for name, texts in content.items() for text in texts]
        assert [(child.tag, child.text or "") for child in read] == expected
