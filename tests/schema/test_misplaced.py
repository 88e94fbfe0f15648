"""An element out of its place: whose rule was broken, and how sure we are of that rule."""

from __future__ import annotations

import pytest
from schema_messages import response

from conformance.schema.catalog import SchemaSet
from conformance.schema.evidence import Source

OFFICIAL, ASSUMED = Source.OFFICIAL_2011, Source.ASSUMED


KEY = "<meet:meetingkey>1</meet:meetingkey>"
"""What every meeting has, before all that follows here."""


@pytest.mark.parametrize(
    ("inner", "broken", "source"),
    [
        # Both belong where they are not, by the schemas of 2011; what may follow them is only assumed.
        (f"{KEY}<meet:eventID>1</meet:eventID><meet:hostKey>1</meet:hostKey>", "meet:hostKey", OFFICIAL),
        (f"{KEY}<meet:hostKey>1</meet:hostKey><meet:hostKey>1</meet:hostKey>", "meet:hostKey[2]", OFFICIAL),
        # That meetingLink stands at the end is what is assumed.
        (f"{KEY}<meet:meetingLink>x</meet:meetingLink><meet:hostType>1</meet:hostType>", "meet:hostType", ASSUMED),
        (f"{KEY}<meet:eventID>1</meet:eventID><meet:meetingLink/><meet:hostKey/>", "meet:hostKey", OFFICIAL),
        # Something that must come first is not there, whatever is assumed of the place of what is.
        ("<meet:meetingLink>x</meet:meetingLink>", "meet:meetingLink", OFFICIAL),
    ],
    ids=[
        "behind one that follows it",
        "once too often",
        "behind one whose place is assumed",
        "behind both",
        "too early",
    ],
)
def test_the_rule_is_that_of_the_element_unless_its_neighbours_place_is_assumed(
    schemas: SchemaSet, inner: str, broken: str, source: Source
) -> None:
    (finding,) = schemas.judge_response(response(inner, "meet:getMeetingResponse"))
    assert finding.rule == "unexpected"
    assert finding.path.endswith(f"/{broken}")
    assert finding.evidence.source is source
