"""Releases against their update notes, and against what one integration uses."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.cases.load import load_changes
from conformance.cases.plan import Change
from conformance.schemadiff.diff import compare_sources
from conformance.schemadiff.model import SchemaDiff
from conformance.schemadiff.reconcile import between, load_between
from conformance.schemadiff.sources import find_source
from conformance.traffic.profile import load_profile
from conformance.versions import Version

CHANGES = load_changes()
HTML = "40.4.3/createuser-html-email"


def compared(a: str, b: str, changes: list[Change] = CHANGES, profile: Path | None = None) -> SchemaDiff:
    """Return the comparison of two sets."""
    return compare_sources(find_source(a), find_source(b), changes, load_profile(profile) if profile else None)


@pytest.mark.parametrize(("old", "new"), [("5.9", "42.11.1"), ("40.2.4", "40.4.0"), ("40.4.3", "40.4.3")])
def test_only_the_changes_of_the_way_are_read(old: str, new: str) -> None:
    versions = Version.parse(old), Version.parse(new)
    assert [change.id for change in load_between(*versions)] == [change.id for change in between(CHANGES, *versions)]


def test_from_39_to_40_4_3_schemas_and_notes_agree_line_by_line() -> None:
    diff = compared("39.11.0", "40.4.3")
    assert {(finding.rule.id, finding.path, *finding.operations) for finding in diff.findings} == {
        ("RESPONSE_ELEMENT_ADDED", "meet:createMeetingResponse/meetingPassword", "CreateMeeting"),
        ("RESPONSE_ELEMENT_ADDED", "event:createEventResponse/eventPassword", "CreateEvent"),
        ("RESPONSE_ELEMENT_ADDED", "train:createTrainingSessionResponse/sessionPassword", "CreateTrainingSession"),
        (
            "RESPONSE_ELEMENT_APPENDED",
            "auo:createTeleconferenceSessionResponse/sessionPassword",
            "CreateTeleconferenceSession",
        ),
        ("REQUEST_ELEMENT_ADDED_OPTIONAL", "ep:getSessionInfo/pmrUrl", "GetSessionInfo"),
        ("REQUEST_ELEMENT_ADDED_OPTIONAL", "ep:getSessionInfo/sipUrl", "GetSessionInfo"),
        ("REQUEST_ELEMENT_ADDED_OPTIONAL", "ep:getSessionInfo/meetingLink", "GetSessionInfo"),
        ("REQUEST_ELEMENT_ADDED_OPTIONAL", "ep:getSessionInfo/meetingUuid", "GetSessionInfo"),
        ("REQUEST_ELEMENT_MADE_OPTIONAL", "ep:getSessionInfo/sessionKey", "GetSessionInfo"),
        ("OPERATION_ADDED", "history:lstAccessAnywhereHistory", "LstAccessAnywhereHistory"),
        ("REQUEST_ELEMENT_ADDED_OPTIONAL", "use:createUser/isHTMLEmail", "CreateUser"),
    }
    assert diff.undocumented == []
    assert diff.unseen == []
    assert set(diff.silent) >= {"40.2.0/anonymous-lstsummarysession", "40.2.0/start-time-in-the-past"}
    assert not [id_ for id_ in diff.silent if id_.startswith("5.9/")]


def test_a_change_of_another_train_is_none_of_the_way() -> None:
    diff = compared("40.2.4", "40.4.0")
    assert [(finding.rule.id, finding.path, finding.notes) for finding in diff.findings] == [
        ("REQUEST_ELEMENT_REMOVED", "use:createUser/isHTMLEmail", (HTML,))
    ]


@pytest.mark.parametrize(
    ("rules", "undocumented", "unseen"),
    [
        ({}, ["use:createUser/isHTMLEmail"], []),
        (
            {"use:createUser/isHTMLEmail": ("accepted",), "use:createUser/email": ("plain",)},
            [],
            [(HTML, "use:createUser/email")],
        ),
    ],
    ids=["schemas without a note", "a note without schemas"],
)
def test_where_notes_and_schemas_disagree_it_is_told(
    rules: dict[str, tuple[str, ...]], undocumented: list[str], unseen: list[tuple[str, str]]
) -> None:
    changes = [
        replace(change, file=change.file.model_copy(update={"schema_rules": rules})) if change.id == HTML else change
        for change in CHANGES
    ]
    diff = compared("40.4.0", "40.4.3", changes)
    assert [finding.path for finding in diff.undocumented] == undocumented
    assert list(diff.unseen) == unseen


def test_a_folder_has_no_notes_to_ask() -> None:
    diff = compared("40.4.0", str(find_source("5.9").files["message.xsd"].parent))
    assert not diff.reconciled
    assert diff.undocumented == []
    assert all(not finding.notes for finding in diff.findings)


def profile(folder: Path, operations: str) -> Path:
    """Write a profile."""
    path = folder / "crm.yaml"
    path.write_text(f"integration: crm\noperations:\n{operations}")
    return path


@pytest.mark.parametrize(
    ("operations", "way", "told"),
    [
        ("  CreateUser: {}\n", ("40.4.0", "40.4.3"), ["CreateUser"]),
        ("  CreateUser: {sends: [email]}\n", ("40.4.0", "40.4.3"), []),
        ("  CreateUser: {sends: [isHTMLEmail]}\n", ("40.4.3", "40.4.0"), ["CreateUser, isHTMLEmail"]),
        ("  GetUser: {}\n", ("40.4.0", "40.4.3"), []),
        (
            "  CreateMeeting: {sends: [], reads: ['//meet:meetingkey']}\n",
            ("40.1.0", "40.1.2"),
            ["CreateMeeting, //meet:meetingkey"],
        ),
        ("  CreateMeeting: {sends: [], reads: []}\n", ("40.1.0", "40.1.2"), []),
        (
            "  LstAccessAnywhereHistory: {calls: '3', sends: [], reads: []}\n",
            ("40.1.0", "39.11.0"),
            ["LstAccessAnywhereHistory (3 calls)"],
        ),
        ("  GetSessionInfo: {sends: [sessionPassword], reads: []}\n", ("40.1.0", "39.11.0"), ["GetSessionInfo"]),
        (
            "  GetSessionInfo: {sends: [sipUrl], reads: []}\n",
            ("40.1.0", "39.11.0"),
            ["GetSessionInfo, sipUrl", "GetSessionInfo"],
        ),
    ],
    ids=range(9),
)
def test_a_profile_leaves_what_concerns_its_integration(
    tmp_path: Path, operations: str, way: tuple[str, str], told: list[str]
) -> None:
    everything = compared(*way)
    diff = compared(*way, profile=profile(tmp_path, operations))
    assert sorted({finding.uses for finding in diff.findings}) == sorted(told)
    assert diff.integration == "crm"
    assert diff.left_out == len(everything.findings) - len(diff.findings)
