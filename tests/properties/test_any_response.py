"""Responses of every operation: valid ones are accepted, broken ones refused for their rule, by both libraries."""

from __future__ import annotations

from collections.abc import Callable

import xmlschema
from generated import answers, any_operation, at, broken_answers, loaded, schemas_of
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from conformance.run.judge import schema_checks
from conformance.run.verdicts import Verdict
from conformance.schema.evidence import Source
from conformance.schema.findings import path_of
from conformance.versions import Version
from conformance.wire.names import Operation
from conformance.wire.response import read_response


def takes(compiled: xmlschema.XMLSchema10, root: etree._Element) -> bool:
    """Tell whether xmlschema takes a message; on a type that it does not know it raises."""
    try:
        return bool(compiled.is_valid(root))
    except (xmlschema.XMLSchemaException, KeyError):
        return False


class TestValidResponse:
    @settings(max_examples=120)
    @given(any_operation(), st.data())
    def test_is_accepted_by_both_also_from_its_bytes(
        self, wanted: tuple[Operation, Version], data: st.DataObject
    ) -> None:
        operation, release = wanted
        root = data.draw(answers(operation, release))
        response = read_response(etree.tostring(root))
        assert (response.result, response.content_type) == ("SUCCESS", (operation.namespace, operation.response_type))
        assert schemas_of(release).judge_response(response.root) == []
        assert takes(loaded(release), root)


class TestBrokenResponse:
    @settings(max_examples=120)
    @given(any_operation(), st.data())
    def test_is_refused_for_its_rule_at_its_element_by_both(
        self, wanted: tuple[Operation, Version], data: st.DataObject
    ) -> None:
        operation, release = wanted
        root, broken = data.draw(broken_answers(operation, release))
        finding = schemas_of(release).judge_response(root)[0]
        place = path_of(at(root, f"/message[1]/body[1]{broken.path}"))
        assert (finding.rule, finding.path) == (broken.rule, place)
        assert not takes(loaded(release), root)

    @settings(max_examples=60)
    @given(any_operation(), st.data())
    def test_is_a_failure_unless_only_assumed_rules_are_broken(
        self, wanted: tuple[Operation, Version], data: st.DataObject
    ) -> None:
        operation, release = wanted
        root, broken = data.draw(broken_answers(operation, release))
        findings = schemas_of(release).judge_response(root)
        verdicts = [check.verdict for check in schema_checks("response", findings)]
        if broken.mutation == "foreign-namespace" or any(f.evidence.source is not Source.ASSUMED for f in findings):
            assert Verdict.FAIL in verdicts
        else:
            assert set(verdicts) == {Verdict.DEVIATION}


def _remove(element: etree._Element, _text: str) -> None:
    element.getparent().remove(element)


def _move(element: etree._Element, _text: str) -> None:
    element.getparent().insert(0, element)


def _write(element: etree._Element, text: str) -> None:
    element.text = text or None


def _rename(element: etree._Element, text: str) -> None:
    element.tag = f"{element.tag}{len(text)}"


def _mark(element: etree._Element, text: str) -> None:
    element.set(f"a{len(text)}", text)


_EDITS: tuple[Callable[[etree._Element, str], None], ...] = (_remove, _move, _write, _rename, _mark)
_TEXTS = ("", " ", "x", " 1 ", "01", "1.0", "1e3", "TRUE", "true", "INF", "9" * 19, "2147483648", "x" * 129, "PERSONAL")


class TestAnyEdit:
    @settings(max_examples=150)
    @given(any_operation(), st.data())
    def test_is_valid_for_both_or_for_neither(self, wanted: tuple[Operation, Version], data: st.DataObject) -> None:
        operation, release = wanted
        root = data.draw(answers(operation, release))
        for _ in range(data.draw(st.integers(1, 3))):
            below = list(root.iterdescendants())
            edit = data.draw(st.sampled_from(_EDITS))
            edit(data.draw(st.sampled_from(below)), data.draw(st.sampled_from(_TEXTS)))
            if len(root) == 0:
                break
        assert (schemas_of(release).judge_response(root) == []) == takes(loaded(release), root)
