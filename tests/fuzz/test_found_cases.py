"""The case file of a finding: it loads, fails where the finding is there, and passes where it is not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from fuzz_support import TROUBLES, Listening, Trouble, ran
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import xml_texts

from conformance.cases.load import load_changes, plan
from conformance.cases.values import resolve_all
from conformance.fuzz.campaign import Found
from conformance.fuzz.oracle import Finding
from conformance.fuzz.requests import Generated
from conformance.fuzz.scenario import ASKED, Scenario
from conformance.fuzz.writing import Kept, Repeat, keep
from conformance.run.embedded import EmbeddedMock
from conformance.run.engine import Engine, Limits
from conformance.run.verdicts import StepResult, Verdict
from conformance.schema.catalog import SchemaSet
from conformance.site.seam import SiteProvider
from conformance.versions import DEFAULT_VERSION
from conformance.wire.names import operation

REPEAT = Repeat("conformance fuzz --seed 1", "--site mock", "https://go.example.com/WBXService/XMLService")


def kept(trouble: Trouble, site: Listening, schemas: SchemaSet, folder: Path) -> list[Kept]:
    found = ran(trouble.operation, schemas, site, **trouble.aim)
    return keep(found.outcome.found, folder, found.scenario, REPEAT)


def verdicts(folder: Path, provider: SiteProvider, schemas: SchemaSet) -> list[Verdict]:
    cases = [case for change in load_changes([folder]) for case in plan(change)]
    with Engine(provider, schemas, DEFAULT_VERSION, Limits()) as engine:
        engine.connect()
        engine.start(cases)
        return [engine.result(case).verdict for case in cases]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.id)
def test_a_case_fails_where_it_was_found_and_passes_on_a_healthy_site(
    trouble: Trouble, schemas: SchemaSet, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = trouble.switch_on(monkeypatch)
        files = kept(trouble, site, schemas, tmp_path)
        seen = verdicts(tmp_path, site, schemas)
    assert len(files) == len(seen) > 0
    assert {str(verdict) for verdict in seen} == {trouble.verdict}
    assert set(verdicts(tmp_path, EmbeddedMock(DEFAULT_VERSION), schemas)) == {Verdict.PASS}


def test_a_site_without_the_change_is_held_to_what_was_seen(schemas: SchemaSet, tmp_path: Path) -> None:
    trouble = next(trouble for trouble in TROUBLES if trouble.id == "trace")
    with pytest.MonkeyPatch.context() as monkeypatch:
        (one,) = kept(trouble, trouble.switch_on(monkeypatch), schemas, tmp_path)
    (change,) = load_changes([one.case])
    step = change.file.cases[0].all_steps[-1]
    assert step.before is not None
    assert step.before != step.expect
    assert step.before.result == "FAILURE"  # type: ignore[union-attr]
    assert step.before.exception_id == "999999"  # type: ignore[union-attr]


def test_beside_the_case_are_the_request_the_answer_and_all_about_it(schemas: SchemaSet, tmp_path: Path) -> None:
    trouble = next(trouble for trouble in TROUBLES if trouble.id == "schema")
    with pytest.MonkeyPatch.context() as monkeypatch:
        (one,) = kept(trouble, trouble.switch_on(monkeypatch), schemas, tmp_path)
    assert one.case == tmp_path / "40.4.3" / "getmeeting-schema.yaml"
    beside = tmp_path / "getmeeting-schema"
    told = json.loads((beside / "finding.json").read_text("utf-8"))
    assert told == one.data
    assert told["case"] == str(one.case)
    assert told["repeat"] == REPEAT.command
    assert "GetMeeting" in (beside / "request.xml").read_text("utf-8")
    assert "<meet:meetingkey>soon</meet:meetingkey>" in (beside / "response.xml").read_text("utf-8")


def test_an_exchange_without_an_answer_still_shows_what_was_asked(schemas: SchemaSet, tmp_path: Path) -> None:
    trouble = next(trouble for trouble in TROUBLES if trouble.id == "exchange")
    with pytest.MonkeyPatch.context() as monkeypatch:
        (one,) = kept(trouble, trouble.switch_on(monkeypatch), schemas, tmp_path)
    assert "<password>$WEBEX_PASSWORD</password>" in one.data["sent"]


@given(st.dictionaries(st.sampled_from("abc"), xml_texts, min_size=1))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_of_a_request_survives_its_file(schemas: SchemaSet, tmp_path: Path, body: Mapping[str, str]) -> None:
    step = StepResult(ASKED, Verdict.FAIL)
    found = Found(Finding("trace", "", "", "", "", False, step), Generated(escaped(body)))
    scenario = Scenario.of(operation("GetUser"), "host", DEFAULT_VERSION, schemas.model)
    (one,) = keep([found], tmp_path, scenario, REPEAT)
    (change,) = load_changes([one.case])
    (sent,) = change.file.cases[0].steps[0].request.values()  # type: ignore[union-attr]
    assert resolve_all(sent, {}) == body


def escaped(body: Mapping[str, str]) -> Mapping[str, str]:
    return {name: text.replace("${", "${'${'}") for name, text in body.items()}


def test_findings_of_one_kind_get_names_of_their_own(
    monkeypatch: pytest.MonkeyPatch, schemas: SchemaSet, tmp_path: Path
) -> None:
    trouble = next(trouble for trouble in TROUBLES if trouble.id == "schema")
    found = ran("GetMeeting", schemas, trouble.switch_on(monkeypatch))
    names = [one.case.name for one in keep(found.outcome.found * 3, tmp_path, found.scenario, REPEAT)]
    assert names == ["getmeeting-schema.yaml", "getmeeting-schema.2.yaml", "getmeeting-schema.3.yaml"]
