"""What a campaign finds: each rule where it is broken, and nothing where only the moment is to blame."""

from __future__ import annotations

import pytest
from fuzz_support import TROUBLES, Listening, Trouble, ran, refuse, seed

from conformance.errors import ExchangeFault
from conformance.fuzz.oracle import RULES
from conformance.schema.catalog import SchemaSet


def test_each_rule_is_broken_below() -> None:
    assert [trouble.id for trouble in TROUBLES] == list(RULES)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.id)
def test_a_broken_rule_is_found_and_nothing_else_is(
    trouble: Trouble, monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet
) -> None:
    site = trouble.switch_on(monkeypatch)
    found = ran(trouble.operation, schemas, site, **trouble.aim)
    assert found.ids == {trouble.id}
    assert found.outcome.observed > 5
    for one in found.outcome.found:
        assert one.finding.rule == RULES[trouble.id]
        assert one.finding.observed


@pytest.mark.parametrize("operation", ["GetUser", "GetMeeting", "LstsummarySession", "SetMeeting"])
def test_a_healthy_site_has_no_findings(operation: str, schemas: SchemaSet) -> None:
    outcome = ran(operation, schemas, invalid=True, deviations=True).outcome
    assert not outcome.found
    assert outcome.observed == outcome.sent > 5
    assert (outcome.untold, outcome.refused, outcome.left, outcome.ended) == ({}, {}, [], "")


@pytest.mark.parametrize("fault", ["charset-contradiction:GetMeeting", "unknown-exception:GetMeeting"])
def test_a_deviation_is_no_finding_unless_it_is_asked_for(fault: str, schemas: SchemaSet) -> None:
    outcome = ran("GetMeeting", schemas, Listening([fault]), most=3).outcome
    assert not outcome.found
    assert outcome.deviations


MOMENTS = (
    "429",
    "502",
    "503",
    "504",
    "401",
    "rate-limit",
    "maintenance",
    "locked-account",
    "lost-answer",
    "login-page",
)


@pytest.mark.parametrize("fault", MOMENTS)
def test_what_tells_of_the_moment_is_never_a_finding(fault: str, schemas: SchemaSet) -> None:
    outcome = ran("GetMeeting", schemas, Listening([f"{fault}:GetMeeting"]), most=3).outcome
    assert (outcome.found, outcome.observed) == ([], 0)
    assert sum(outcome.untold.values()) == outcome.sent > 0


def test_a_network_that_fails_is_never_a_finding(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    trouble = Trouble("none", fault=ExchangeFault("reset", "the connection was reset"))
    outcome = ran("GetMeeting", schemas, trouble.switch_on(monkeypatch), most=3).outcome
    assert (outcome.found, outcome.observed) == ([], 0)


def test_a_scene_that_can_not_be_set_is_never_a_finding(schemas: SchemaSet) -> None:
    outcome = ran("SetMeeting", schemas, Listening(["nul:CreateMeeting"]), most=3).outcome
    assert (outcome.found, outcome.observed) == ([], 0)


def test_a_server_that_errs_at_everything_is_down_and_no_finding(schemas: SchemaSet) -> None:
    outcome = ran("GetMeeting", schemas, Listening(["html-500"]), most=3).outcome
    assert (outcome.found, outcome.observed) == ([], 0)


def test_an_error_that_does_not_come_again_is_no_finding(schemas: SchemaSet) -> None:
    outcome = ran("GetAPIVersion", schemas, Listening(["html-500@1-1"]), most=1).outcome
    assert not outcome.found


def test_a_request_that_was_refused_is_not_read_back(monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet) -> None:
    seed(monkeypatch, "SetMeeting", refuse("000001", "Access denied"))
    outcome = ran("SetMeeting", schemas).outcome
    assert not outcome.found
    assert outcome.observed == outcome.sent
