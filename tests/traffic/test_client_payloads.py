"""Requests of real clients: each is judged, with a reason for whatever is not as it should be."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.cases.load import load_changes
from conformance.schema.catalog import SchemaCatalog
from conformance.schema.payload import judge_payload
from conformance.traffic.check import TrafficCheck
from conformance.traffic.learn import learn
from conformance.traffic.model import Severity
from conformance.traffic.read import Reading, read_traffic
from conformance.versions import DEFAULT_VERSION
from conformance.wire.departures import DEPARTURES

DATA = Path(__file__).parents[1] / "data"
FILES = sorted([*(DATA / "clients").glob("*.xml"), *(DATA / "payloads" / "requests").glob("*.xml")])
CATALOG = SchemaCatalog()

NOT_VALID = {
    "CreateMeetingAttendee__crm_template.xml": {"unexpected"},
    "DelMeeting__crm_template.xml": {"missing"},
    "GetMeeting__crm_template.xml": {"missing"},
    "SetMeeting__crm_template.xml": {"missing"},
    "LstsummaryMeeting__node_client.xml": {"value"},
    **{path.name: {"value"} for path in FILES if path.name.endswith("__node_fixture.xml")},
}
"""By the file, which rules it breaks. Templates leave keys empty; tests of the library for Node name a site in siteId,
which is a number."""


def test_there_are_all_of_them() -> None:
    assert len(FILES) == 50
    assert {path.name for path in FILES} >= NOT_VALID.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_is_judged_with_a_reason(path: Path) -> None:
    judged = judge_payload(path.read_bytes(), CATALOG, DEFAULT_VERSION)
    assert judged.valid is (path.name not in NOT_VALID)
    assert judged.name == path.name.partition("__")[0]
    assert {finding.rule for finding in judged.findings} >= NOT_VALID.get(path.name, set())
    assert all(finding.line and finding.message for finding in judged.findings)
    assert all(DEPARTURES[note.id].reason for note in judged.departures)


def test_all_of_them_together_are_a_recording() -> None:
    reading, taken = Reading(), TrafficCheck(load_changes(), CATALOG, DEFAULT_VERSION)
    for one in read_traffic([DATA], reading):
        taken.take(one)
    assert (reading.requests, reading.unread, taken.unread) == (50, [], 0)
    assert sum(taken.unknown.values()) == 0
    concerned = {finding.change for finding in taken.findings() if finding.severity is Severity.REFUSED}
    assert concerned == {"40.2.0/anonymous-lstsummarysession"}
    assert {finding.id for finding in taken.findings() if finding.severity is Severity.UNKNOWN} == {"change"}


def test_a_profile_can_be_learnt_of_them() -> None:
    learnt = learn(read_traffic([DATA / "clients", DATA / "payloads" / "requests"]))
    assert learnt.requests == 50
    assert "schedule/startDate" in learnt.operations["CreateMeeting"].sends
    assert learnt.operations["CreateMeeting"].reads is None


def test_they_name_no_address_of_a_person() -> None:
    for path in (DATA / "clients").glob("*.xml"):
        for address in path.read_text("utf-8").replace("<", " ").split():
            assert "@" not in address or address.split(">")[-1].endswith("@example.com"), path
