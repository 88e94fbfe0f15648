"""results.sarif: each finding at its line, the same from night to night, and no place of this machine."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eight import eight_changes
from hypothesis import given
from output_samples import ACTED_ON, CASE, HOSTILE, STARTS, decision, decisions, empty, hostile, reason

from conformance.cases.load import load_change, plan
from conformance.page.places import Place, case_places, read_place
from conformance.page.sarif import sarif, sarif_json
from conformance.upgrade.model import Decision, Outcome

ROOT = Path(__file__).parents[2]
HEX = re.compile(r"[0-9a-f]{64}")


def results(made: Decision, **more: Any) -> list[dict[str, Any]]:
    """Return the results of the only run of the log, after a look at what every log must be."""
    log = json.loads(json.dumps(sarif(made, **more)))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "webex-conformance"
    rules = [rule["id"] for rule in driver["rules"]]
    assert len({*rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["level"] in ("error", "warning", "note")
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
        assert physical["region"]["startLine"] >= 1
        assert physical["region"].get("startColumn", 1) >= 1
        assert HEX.fullmatch(result["partialFingerprints"]["conformance/v1"])
    found: list[dict[str, Any]] = run["results"]
    return found


def fingerprints(made: Decision) -> list[str]:
    """Return the fingerprints of the results, sorted."""
    return sorted(result["partialFingerprints"]["conformance/v1"] for result in results(made))


def where(result: dict[str, Any]) -> tuple[str, int, int]:
    """Return path, line and column of a result."""
    physical = result["locations"][0]["physicalLocation"]
    region = physical.get("region", {})
    return physical["artifactLocation"]["uri"], region.get("startLine", 0), region.get("startColumn", 0)


class TestResults:
    def test_each_case_that_fails_is_one_at_its_line(self) -> None:
        places = {CASE: Place("cases/40.2.0/start-time-in-the-past.yaml", 99, 5)}
        first, second, *_ = results(decision(), places=places)
        assert (first["ruleId"], first["level"]) == ("change-broken", "error")
        assert first["message"]["text"] == (
            f"{CASE}: 40.2.0 CreateMeeting refuses a start that has passed: 2 cases fail."
            " exceptionID: expected 060016, got none. send a start that is ahead"
        )
        assert where(first) == ("cases/40.2.0/start-time-in-the-past.yaml", 99, 5)
        # Where the line of a case is not known, that of the reason is.
        assert where(second) == ("cases/40.2.0/start-time-in-the-past.yaml", 24, 5)

    def test_a_waiver_stands_at_its_line_and_recorded_traffic_in_its_file(self) -> None:
        _, _, waiver, traffic, unknown, told = results(decision())
        assert (waiver["ruleId"], where(waiver)) == ("waiver-expired", ("waivers.yaml", 12, 5))
        assert (traffic["ruleId"], where(traffic)) == ("traffic-refused", ("calls.har", 1, 0))
        assert (unknown["level"], where(unknown)) == ("warning", ("readiness.md", 1, 0))
        assert (told["level"], where(told)) == ("note", ("readiness.md", 1, 0))

    def test_what_concerns_the_run_as_a_whole_is_one_however_many_cases_it_has(self) -> None:
        (found,) = results(decision(reasons=[reason(change="", place="")]), places={CASE: Place("cases/x.yaml", 7, 5)})
        assert where(found)[0] == "readiness.md"

    def test_what_was_seen_is_not_told_twice(self) -> None:
        (found,) = results(decision(reasons=[reason(says="a: b", seen="b", advice="", cases=())]))
        assert found["message"]["text"] == "a: b"

    def test_what_is_ignored_is_not_among_them(self) -> None:
        assert results(decision(reasons=[reason(outcome=Outcome.IGNORE)])) == []

    def test_a_void_run_is_an_error(self) -> None:
        (found, _) = results(decision(reasons=[reason(outcome=Outcome.VOID)]))
        assert found["level"] == "error"

    def test_without_reasons_there_are_none(self) -> None:
        assert results(empty()) == []


class TestFingerprints:
    def test_they_are_the_same_on_the_next_night(self) -> None:
        tonight = decision()
        later = [
            replace(
                each,
                says=re.sub(r"3 of 40", "7 of 44", each.says),
                seen="something else",
                since=None,
                place=each.place.replace("12", "17"),
            )
            for each in reversed(tonight.reasons)
        ]
        assert fingerprints(replace(tonight, reasons=later, at=tonight.at.replace(day=23))) == fingerprints(tonight)

    @pytest.mark.parametrize("more", [{"rule": "other"}, {"change": "40.1.0/x"}, {"cases": (f"{STARTS}::another",)}])
    def test_another_finding_has_another(self, more: dict[str, Any]) -> None:
        one = reason(cases=(CASE,))
        assert fingerprints(decision(reasons=[one])) != fingerprints(decision(reasons=[replace(one, **more)]))

    def test_no_two_findings_of_a_night_share_one(self) -> None:
        found = fingerprints(decision())
        assert len({*found}) == len(found)


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("waivers.yaml:12:5", Place("waivers.yaml", 12, 5)),
            ("waivers.yaml:12", Place("waivers.yaml", 12)),
            ("waivers.yaml", Place("waivers.yaml")),
            ("calls.har: entry 12:14:7", Place("calls.har")),
            ("results.jsonl:17: step 2", Place("results.jsonl", 17)),
            ("/somewhere/else/x.yaml:1:2", Place("x.yaml", 1, 2)),
            ("a:b.yaml:3:4", Place("a:b.yaml", 3, 4)),
            ("", None),
            (" ", None),
            (".", None),
        ],
    )
    def test_what_is_told_of_a_place(self, tmp_path: Path, text: str, place: Place | None) -> None:
        assert read_place(text, tmp_path) == place

    def test_a_path_is_told_from_the_root(self, tmp_path: Path) -> None:
        place = read_place(f"{tmp_path}/below/a file.yaml:3:1", tmp_path)
        assert place == Place("below/a file.yaml", 3, 1)
        assert place.uri == "below/a%20file.yaml"

    def test_a_colon_in_a_name_is_no_scheme(self) -> None:
        assert Place("javascript:alert(1)").uri == "javascript%3Aalert%281%29"

    def test_every_shipped_case_has_its_line(self, tmp_path: Path) -> None:
        changes = eight_changes()
        places = case_places(changes, tmp_path)
        assert {*places} == {case.id for change in changes for case in plan(change)}
        for change in changes:
            lines = change.path.read_text(encoding="utf-8").splitlines()
            for case in plan(change):
                place = places[case.id]
                assert place.path == f"cases/{change.id}.yaml"
                assert lines[place.line - 1][place.column - 1 :].startswith("name:")

    def test_rows_of_a_table_share_the_line_of_their_case(self, write_cases: Callable[..., Path]) -> None:
        case = (
            "- name: case ${row.n}\n  table: [{n: '1'}, {n: '2'}]\n"
            "  request: {DelUser: {webExId: '${row.n}'}}\n  before: {result: FAILURE}\n"
        )
        change = load_change(write_cases(case))
        first, second = case_places([change]).values()
        assert first == second
        assert first.line > 1

    def test_a_file_that_is_gone_has_none(self, write_cases: Callable[..., Path]) -> None:
        change = load_change(
            write_cases("- name: a\n  request: {DelUser: {webExId: a}}\n  before: {result: FAILURE}\n")
        )
        change.path.unlink()
        assert case_places([change]) == {}


@given(decisions)
def test_any_text_is_inert(made: Decision) -> None:
    text = sarif_json(made)
    assert text.isascii()
    results(made)


def test_hostile_texts_are_inert_and_places_name_no_folder_of_this_machine() -> None:
    text = sarif_json(hostile())
    shown = json.dumps(json.loads(text), ensure_ascii=False)
    assert not ACTED_ON & {*shown}
    found = results(hostile("/etc/passwd:1:2"))
    assert [where(result)[0] for result in found] == ["passwd", "readiness.md"]
    assert str(ROOT) not in sarif_json(decision(reasons=[reason(place=f"{ROOT}/cases/x.yaml:1:1")]), root=Path("/none"))
    assert HOSTILE not in shown
