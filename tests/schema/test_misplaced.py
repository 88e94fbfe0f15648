"""An element out of its place: whose rule was broken, and how sure we are of that rule."""

from __future__ import annotations

import pytest
from schema_messages import response

from conformance.schema.catalog import SchemaSet
from conformance.schema.evidence import Source
from conformance.schema.findings import SchemaFinding

OFFICIAL, ASSUMED = Source.OFFICIAL_2011, Source.ASSUMED


KEY = "<meet:meetingkey>1</meet:meetingkey>"
"""What every meeting has, before all that follows here."""
HOST, EVENT = "<meet:hostKey>1</meet:hostKey>", "<meet:eventID>1</meet:eventID>"
LINK = "<meet:meetingLink>x</meet:meetingLink>"


def line_of(finding: SchemaFinding) -> str:
    """Return the line of the schema that a finding names."""
    assert finding.schema is not None
    return finding.schema.path.read_text().splitlines()[finding.schema.line - 1]


@pytest.mark.parametrize(
    ("inner", "broken", "source", "stands_at"),
    [
        # Both belong where they are not, by the schemas of 2011; what may follow them is only assumed.
        (f"{KEY}{EVENT}{HOST}", "meet:hostKey", OFFICIAL, "hostKey"),
        (f"{KEY}{HOST}{HOST}", "meet:hostKey[2]", OFFICIAL, "hostKey"),
        # That meetingLink stands at the end is what is assumed.
        (f"{KEY}{LINK}<meet:hostType>1</meet:hostType>", "meet:hostType", ASSUMED, "meetingLink"),
        (f"{KEY}{EVENT}{LINK}{HOST}", "meet:hostKey", OFFICIAL, "hostKey"),
        # Twice is too often wherever meetingLink stands.
        (f"{KEY}{HOST}{LINK}{HOST}", "meet:hostKey[2]", OFFICIAL, "hostKey"),
        # Something that must come first is not there, whatever is assumed of the place of what is.
        (LINK, "meet:meetingLink", OFFICIAL, "accessControl"),
        (f"<!-- it comes -->{LINK}", "meet:meetingLink", OFFICIAL, "accessControl"),
    ],
    ids=[
        "behind one that follows it",
        "once too often",
        "behind one whose place is assumed",
        "behind both",
        "once too often, behind one whose place is assumed",
        "too early",
        "too early, behind a comment",
    ],
)
def test_the_rule_is_that_of_the_element_unless_its_neighbours_place_is_assumed(
    schemas: SchemaSet, inner: str, broken: str, source: Source, stands_at: str
) -> None:
    (finding,) = schemas.judge_response(response(inner, "meet:getMeetingResponse"))
    assert (finding.rule, finding.path.rpartition("/")[2]) == ("unexpected", broken)
    assert finding.evidence.source is source
    assert f'name="{stands_at}"' in line_of(finding)


def test_one_that_may_come_again_is_only_behind_the_one_whose_place_is_assumed(schemas: SchemaSet) -> None:
    key = "<train:sessionkey>1</train:sessionkey>"
    inner = f"{key}<train:sessionPassword>x</train:sessionPassword>{key}"
    (finding,) = schemas.judge_response(response(inner, "train:createTrainingSessionResponse"))
    assert (finding.rule, finding.path.rpartition("/")[2]) == ("unexpected", "train:sessionkey[2]")
    assert finding.evidence.source is ASSUMED
    assert 'name="sessionPassword"' in line_of(finding)
