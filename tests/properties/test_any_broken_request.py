"""A request that is broken by one mutation: our validator sees that rule, at that element."""

from __future__ import annotations

from generated import any_operation, as_sent, at, broken_contents, schemas_of
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from conformance.schema.canonical import Canonical
from conformance.schema.findings import SchemaFinding, path_of
from conformance.versions import DEFAULT_VERSION, Version
from conformance.wire.names import OPERATIONS, Operation
from conformance.wire.request import read_request
from conformance.xsdgen import Broken

FORGIVEN = {
    "reorder-children": "order",
    "upper-case-boolean": "boolean-case",
    "empty-value": "empty-value",
}
"""What the service takes all the same: a departure of that id, no finding of that rule."""
UNSEEN = frozenset(
    ("foreign-namespace", "unknown-xsi-type", "underived-xsi-type", "nil-not-nillable", "unknown-attribute")
)
"""Requests are read without namespaces, and no attribute but the ``xsi:type`` of the content means anything."""
MOVED = frozenset({"rename-child"})
"""What nobody knows stands last in the canonical form: that the old name is missing may be seen before it."""


def judged(operation: Operation, release: Version, broken: Broken) -> tuple[list[SchemaFinding], Canonical]:
    """Judge a request as a run does, from its bytes."""
    return schemas_of(release).judge_request(read_request(as_sent(operation, broken.element)))


class TestOneMutation:
    @settings(max_examples=150)
    @given(any_operation(), st.data())
    def test_is_seen_for_its_rule_at_its_element(self, wanted: tuple[Operation, Version], data: st.DataObject) -> None:
        operation, release = wanted
        broken = data.draw(broken_contents(operation, release))
        findings, canonical = judged(operation, release, broken)
        seen = {finding.rule for finding in findings}
        if broken.mutation in FORGIVEN:
            assert FORGIVEN[broken.mutation] in {departure.id for departure in canonical.departures}
            # A required number that is empty counts as absent, and that is told.
            assert seen <= ({"missing", "unexpected"} if broken.mutation == "empty-value" else set())
        elif broken.mutation in UNSEEN:
            assert findings == []
        elif broken.mutation in MOVED:
            assert seen & {"missing", "unexpected"}
        else:
            place = path_of(at(canonical.root, f"/message[1]/body[1]{broken.path}"))
            assert (broken.rule, place) == (findings[0].rule, findings[0].path)

    @settings(max_examples=50)
    @given(any_operation(), st.data())
    def test_the_place_is_that_of_the_bytes_that_were_sent(
        self, wanted: tuple[Operation, Version], data: st.DataObject
    ) -> None:
        operation, release = wanted
        sent = as_sent(operation, data.draw(broken_contents(operation, release)).element)
        request = read_request(sent)
        places = {(node.line, node.column): node.name for node in request.message.walk()}
        for finding in schemas_of(release).judge_request(request)[0]:
            assert places[finding.line, finding.column] in finding.path

    def test_every_kind_of_rule_is_reached(self) -> None:
        operation = OPERATIONS["CreateMeetingAttendee"]
        for rule in ("missing", "unexpected", "value", "text", "other"):
            found = find(
                broken_contents(operation, DEFAULT_VERSION),
                lambda broken, rule=rule: broken.rule == rule and broken.mutation not in UNSEEN | set(FORGIVEN),
                settings=settings(max_examples=1000, database=None, derandomize=True, phases=[Phase.generate]),
            )
            findings, _ = judged(operation, DEFAULT_VERSION, found)
            assert rule in {finding.rule for finding in findings}
