"""``conformance schema-diff`` as a user calls it: table, programs' forms, files, exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tiny_api import EDITS, USER, edited, write_set

from conformance.cli import app
from conformance.commands.schema_diff import schema_diff
from conformance.errors import UnknownName, UserError
from conformance.run.verdicts import ExitCode
from conformance.schemadiff.rules import RULES

HARMLESS = next(edit for edit in EDITS if edit.name == "an order is freed")
HOSTILE = "</script><b>`|*_\x1b[31m"


def called(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """Return the exit code and the output of a call, as typed."""
    code = app(["schema-diff", *map(str, arguments)], standalone_mode=False)
    return int(code or 0), capsys.readouterr().out


@pytest.fixture
def sets(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders, of which the second breaks what the first allowed."""
    text = USER.replace('name="one" type="xs:int"', 'name="one" type="xs:short"')
    return write_set(tmp_path / "old"), write_set(tmp_path / "new", user=text)


class TestTable:
    def test_it_begins_with_the_answer_and_tells_rule_operations_note_place_and_evidence(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, out = called(capsys, "40.1.0", "40.1.2")
        lines = out.splitlines()
        assert code == 0
        assert lines[0] == "40.1.0 -> 40.1.2: NOTHING BREAKS: 0 breaking, 3 risky, 1 compatible"
        start = lines.index(
            "  meet:createMeetingResponse/meetingPassword (response): is new, with others after it: optional xs:string"
        )
        assert lines[start + 1] == "      RESPONSE_ELEMENT_ADDED, in CreateMeeting"
        assert lines[start + 2] == "      documented by 40.1.2/generated-passwords"
        assert re.fullmatch(
            r"      at schemas/40\.1\.2/meeting/CreateMeeting\.xsd:\d+; documented: .*", lines[start + 3]
        )
        assert "4 of 4 differences documented by update notes" in lines

    def test_what_the_notes_say_is_told_whole_however_much_it_is(self, capsys: pytest.CaptureFixture[str]) -> None:
        told = called(capsys, "39", "42.11.1")[1].rpartition("\n\n")[2]
        silent = json.loads(called(capsys, "39", "42.11.1", "--format", "json")[1])["notes"]["silent"]
        assert f"{len(silent)} documented changes of behaviour alone: {', '.join(silent)}" in " ".join(told.split())
        assert max(map(len, told.splitlines())) <= 120

    def test_of_no_difference_between_releases_nothing_more_is_said(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert called(capsys, "40.1.0", "40.1.0")[1] == "40.1.0 -> 40.1.0: NO DIFFERENCE on the wire\n"

    def test_no_difference_is_said(self, capsys: pytest.CaptureFixture[str], sets: tuple[Path, Path]) -> None:
        code, out = called(capsys, sets[0], sets[0])
        assert (code, out) == (0, f"{sets[0]} -> {sets[0]}: NO DIFFERENCE on the wire\n")

    def test_the_rules_can_be_listed(self, capsys: pytest.CaptureFixture[str]) -> None:
        out = called(capsys, "--rules")[1]
        assert all(f"| `{rule}` |" in out for rule in RULES)


@pytest.mark.parametrize(
    ("fail_on", "forth", "back"),
    [("breaking", ExitCode.FINDINGS, ExitCode.FINDINGS), ("none", ExitCode.AS_DOCUMENTED, ExitCode.AS_DOCUMENTED)],
)
def test_the_exit_code_follows_what_breaks(
    capsys: pytest.CaptureFixture[str], sets: tuple[Path, Path], fail_on: str, forth: ExitCode, back: ExitCode
) -> None:
    assert called(capsys, *sets, "--fail-on", fail_on)[0] == forth
    assert called(capsys, *reversed(sets), "--fail-on", fail_on)[0] == back


@pytest.mark.parametrize(("fail_on", "code"), [("breaking", 0), ("risky", 1), ("none", 0)])
def test_what_is_risky_counts_where_it_is_asked_for(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, fail_on: str, code: int
) -> None:
    sets = write_set(tmp_path / "a"), write_set(tmp_path / "b", **edited(HARMLESS))
    assert called(capsys, *sets, "--fail-on", fail_on)[0] == code


def test_json_says_all_of_it(capsys: pytest.CaptureFixture[str], sets: tuple[Path, Path]) -> None:
    code, out = called(capsys, *sets, "--format", "json")
    data: dict[str, Any] = json.loads(out)
    assert (data["format"], data["exit_code"], data["counts"]) == (
        1,
        code,
        {"breaking": 1, "risky": 0, "compatible": 1},
    )
    assert data["a"] == {"label": str(sets[0]), "version": None, "files": 2}
    assert (data["notes"], data["integration"], data["left_out"]) == (None, None, 0)
    first = data["findings"][0]
    assert (first["rule"], first["direction"], first["severity"]) == ("REQUEST_TYPE_NARROWED", "request", "breaking")
    assert (first["path"], first["old"], first["new"]) == ("use:thingType/one", "xs:int", "xs:short")
    assert first["operations"] == ["CreateUser"]
    assert re.fullmatch(r".*old/user\.xsd:\d+", first["before"]["place"])
    assert len(first["fingerprint"]) == 64
    assert json.loads(called(capsys, "40.4.0", "40.4.3", "--format", "json")[1])["notes"]["undocumented"] == []


def test_markdown_can_do_nothing_where_it_is_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    value = HOSTILE.replace("<", "&lt;").replace("\x1b", "")
    text = USER.replace('<xs:enumeration value="Event"/>', f'<xs:enumeration value="{value}"/>')
    _, out = called(capsys, write_set(tmp_path / "a"), write_set(tmp_path / "b", user=text), "--format", "markdown")
    assert out.startswith("## ")
    assert "| breaking | use:serviceType" in out
    assert "<b>" not in out
    assert r"\`\|\*\_" in out


def test_a_file_is_written_and_the_answer_told_beside_it(
    capsys: pytest.CaptureFixture[str], sets: tuple[Path, Path], tmp_path: Path
) -> None:
    for output in ("table", "json", "markdown", "sarif", "html"):
        target = tmp_path / f"diff.{output}"
        code = schema_diff(*map(str, sets), profile=None, output=output, to=target, fail_on="breaking")
        assert code == ExitCode.FINDINGS
        told = capsys.readouterr()
        assert told.out == ""
        assert "SOMETHING BREAKS: 1 breaking difference in 1 operation" in told.err
        assert "use:thingType/one" in target.read_text(encoding="utf-8")
    with pytest.raises(UserError, match="cannot be written"):
        schema_diff(*map(str, sets), profile=None, output="json", to=tmp_path, fail_on="breaking")


@pytest.mark.parametrize(("option", "value"), [("--format", "xml"), ("--fail-on", "everything")])
def test_what_is_none_of_the_choices_is_refused(
    capsys: pytest.CaptureFixture[str], sets: tuple[Path, Path], option: str, value: str
) -> None:
    with pytest.raises(UnknownName, match=f"'{value}'"):
        called(capsys, *sets, option, value)


class TestProfile:
    def test_it_is_told_whose_and_how_many_are_left_out(
        self, capsys: pytest.CaptureFixture[str], tmp_path: Path
    ) -> None:
        profile = tmp_path / "crm.yaml"
        profile.write_text("integration: crm\noperations:\n  CreateMeeting: {calls: '12', sends: []}\n")
        code, out = called(capsys, "40.1.0", "40.1.2", "--profile", profile)
        lines = out.splitlines()
        assert code == 0
        assert lines[:2] == [
            "40.1.0 -> 40.1.2: NOTHING BREAKS for crm: 0 breaking, 1 risky, 0 compatible",
            "  3 other differences of no concern to it",
        ]
        assert "      you use CreateMeeting (12 calls)" in lines

    def test_nothing_of_concern_is_said_so(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        profile = tmp_path / "crm.yaml"
        profile.write_text("integration: crm\noperations:\n  GetUser: {}\n")
        out = called(capsys, "40.1.0", "40.1.2", "--profile", profile)[1]
        assert out.startswith("40.1.0 -> 40.1.2: NO DIFFERENCE for crm; 4 differences of no concern\n")


class TestSarif:
    def log(self, capsys: pytest.CaptureFixture[str], *sets: object) -> dict[str, Any]:
        log: dict[str, Any] = json.loads(called(capsys, *sets, "--format", "sarif")[1])
        assert (log["version"], log["$schema"].rpartition("/")[2]) == ("2.1.0", "sarif-schema-2.1.0.json")
        (run,) = log["runs"]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert len(rules) == len(set(rules))
        for rule in run["tool"]["driver"]["rules"]:
            assert rule["shortDescription"]["text"] == RULES[rule["id"]].purpose
        for result in run["results"]:
            assert rules[result["ruleIndex"]] == result["ruleId"]
            assert result["message"]["text"]
            for location in (*result["locations"], *result.get("relatedLocations", ())):
                physical = location["physicalLocation"]
                assert physical["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
                assert not physical["artifactLocation"]["uri"].startswith("/")
                assert physical["region"]["startLine"] >= 1
            assert len(result["locations"]) == 1
        return dict(run)

    def test_levels_places_and_notes(self, capsys: pytest.CaptureFixture[str]) -> None:
        run = self.log(capsys, "39.11.0", "40.4.3")
        levels = {result["message"]["text"].partition(" ")[0]: result for result in run["results"]}
        added = levels["meet:createMeetingResponse/meetingPassword"]
        assert (added["level"], added["properties"]["notes"]) == ("warning", ["40.1.2/generated-passwords"])
        where = added["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert where == "schemas/40.1.2/meeting/CreateMeeting.xsd"
        both = levels["ep:getSessionInfo/sessionKey"]
        assert both["relatedLocations"][0]["message"]["text"] == "as it was"

    def test_the_fingerprint_of_each_result_is_that_of_its_finding(
        self, capsys: pytest.CaptureFixture[str], sets: tuple[Path, Path]
    ) -> None:
        run = self.log(capsys, *sets)
        data = json.loads(called(capsys, *sets, "--format", "json")[1])
        assert [r["partialFingerprints"]["conformance/schema-diff/v1"] for r in run["results"]] == [
            finding["fingerprint"] for finding in data["findings"]
        ]
        assert [result["level"] for result in run["results"]] == ["error", "note"]
