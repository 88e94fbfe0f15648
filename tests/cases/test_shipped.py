"""What the shipped case files are: the changes of the update notes, told to whoever owns a client."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from eight import eight_changes

from conformance.cases.load import load_changes, plan
from conformance.cases.model import RequestStep
from conformance.cases.plan import Change
from conformance.resources import cases_root
from conformance.wire.names import OPERATIONS

CHANGES = load_changes()

KEPT_FOR_GOOD = {"CreateContacts", "CreateDistList", "CreateAccount", "CreateOpportunity"}
"""No operation deletes what these create."""

each_change = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.id)


def test_the_changes_up_to_the_default_version_are_those_of_the_update_notes() -> None:
    """The mock and the reports know changes by these ids."""
    assert {change.id: " ".join(change.file.released_in) for change in eight_changes()} == {
        "40.1.0/getsessioninfo-selectors": "40.1.0",
        "40.1.0/lstaccessanywherehistory": "40.1.0",
        "40.1.2/generated-passwords": "40.1.2",
        "40.2.0/anonymous-lstsummarysession": "40.2.0",
        "40.2.0/start-time-in-the-past": "40.2.0",
        "40.4.0/getenrollmentinfo-empty-domain": "40.4.0",
        "40.4.0/setuser-email-verification": "40.4.0",
        "40.4.3/createuser-html-email": "40.4.3 40.2.4",
    }


def test_each_operation_has_a_case_of_what_must_stay() -> None:
    baseline = [case for change in CHANGES if change.file.is_baseline for case in plan(change)]
    calls = {name for case in baseline for name in case.own_operations}
    assert {name for name in OPERATIONS if not _came_later(name)} - calls == set()


def _came_later(operation: str) -> bool:
    """Whether a documented change brought the operation."""
    return any(change.file.kind == "new operation" and operation in change.file.operations for change in CHANGES)


@each_change
def test_a_change_says_in_a_sentence_or_two_what_it_means_to_a_client(change: Change) -> None:
    for text in (change.file.impact, change.file.advice):
        assert text.endswith(".")
        assert "\n" not in text
        assert len(text) < 400


@each_change
def test_an_assumed_clause_is_proved_by_cases_that_say_so(change: Change) -> None:
    assumed = {name for name, clause in change.file.clauses.items() if clause.assumed}
    for case in change.file.cases:
        if not assumed.isdisjoint(case.proves):
            assert case.assumed or any(step.assumed for step in case.all_steps), case.name


@each_change
def test_what_a_case_creates_it_cleans_up(change: Change) -> None:
    for case in change.file.cases:
        uses = chain(case.given.values(), *(f.given.values() for f in change.fixtures.values()))
        undone = [*case.cleanup, *(step for use in uses for step in change.fixtures[use.fixture].cleanup)]
        removed = [name for step in undone for name in step.request]
        for step in case.all_steps:
            for name in step.request if isinstance(step, RequestStep) and step.expect.result != "FAILURE" else ():
                if name in KEPT_FOR_GOOD:
                    assert case.touches == "shared", f"{case.name}: {name}"
                elif name.startswith("Create"):
                    assert any(other.startswith("Del") for other in removed), f"{case.name}: {name}"


def test_mail_goes_to_nobody() -> None:
    for path in sorted(cases_root().rglob("*.yaml")):
        for domain in re.findall(r"[\w}]@([\w.-]+\.[a-z]+)\b", path.read_text(encoding="utf-8")):
            assert domain.lower().endswith("example.com"), f"{path}: {domain}"


@each_change
def test_names_of_steps_are_plain(change: Change) -> None:
    """Reports show them as they are written."""
    for case in plan(change):
        assert "${" not in "".join(step.name for step in case.case.all_steps)
