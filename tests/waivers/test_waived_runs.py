"""Runs with waivers as a user sees them: exit code, terminal, and every report."""

from __future__ import annotations

import json
import re
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from calling import COMMAND, SECONDS
from eight import FOLDERS
from html_support import HOSTILE, SECRETIVE
from projects import Project
from waiver_files import day, waiver, write

from conformance.report.results import open_results

ENTRY = "every waiver is needed, and holds"
ONE = "40.2.0/one"


def junit(project: Project) -> dict[str, ET.Element]:
    """Return the test cases of junit.xml, by name."""
    return {str(case.get("name")): case for case in ET.parse(project.path / "out/junit.xml").getroot().iter("testcase")}


def verdicts(project: Project) -> dict[str, str]:
    """Return the verdict of each case in results.jsonl."""
    return {case["id"].partition("::")[2]: case["verdict"] for case in project.results()[1]}


def states(project: Project) -> dict[str, str]:
    """Return what became of each waiver, as results.jsonl has it."""
    return {note["id"]: note["state"] for note in project.results()[2]["waivers"]}


class TestInPytest:
    @pytest.fixture(params=[(), ("-n", "2")], ids=["alone", "xdist"])
    def run(self, request: pytest.FixtureRequest, project: Project) -> Any:
        """Run pytest with a file of waivers, in one process and in several."""

        def run(*waivers: dict[str, object], more: tuple[str, ...] = ()) -> pytest.RunResult:
            file = write(project.path / "waivers.yaml", *waivers)
            options = ("--conformance-report=out", f"--conformance-waivers={file.name}", *more)
            return project.run_apart(*request.param, *options) if request.param else project.run(*options)

        return run

    def test_what_is_waived_is_no_failure_and_says_who_answers_for_it(self, project: Project, run: Any) -> None:
        project.words("ok", "refuse")
        ended = run(waiver(f"{ONE}::refuse", ticket="SUP-1"))
        assert ended.ret == 0
        assert re.search(r"1 passed, 1 waived", "\n".join(ended.outlines))
        assert verdicts(project) == {"ok": "PASS", "refuse": "WAIVED"}
        (waived,) = [case for case in project.results()[1] if case["verdict"] == "WAIVED"]
        assert waived["waiver"] == f"{ONE}::refuse, the mail team until {day(10)} (SUP-1)"
        assert waived["reason"].startswith("serv:result: expected SUCCESS, got FAILURE")
        assert waived["steps"][-1]["verdict"] == "FAIL"
        (note,) = project.results()[2]["waivers"]
        assert (note["state"], note["cases"]) == ("applied", [f"{ONE}::refuse"])
        properties = {node.get("name"): node.get("value") for node in junit(project)["refuse"].iter("property")}
        assert properties["verdict"] == "WAIVED"
        assert properties["waiver"] == waived["waiver"]
        assert ENTRY not in junit(project)

    def test_a_waiver_to_change_fails_the_run_wherever_one_looks(self, project: Project, run: Any) -> None:
        project.words("ok", "refuse", "w1")
        waivers = [
            waiver(f"{ONE}::refuse"),
            waiver(f"{ONE}::ok"),
            waiver(f"{ONE}::w1", ahead=-1),
            waiver("40.2.0/onee"),
        ]
        ended = run(*waivers)
        assert ended.ret == 1
        assert states(project) == {
            f"{ONE}::refuse": "applied",
            f"{ONE}::ok": "unneeded",
            f"{ONE}::w1": "expired",
            "40.2.0/onee": "unmatched",
        }
        unneeded = "delete it, or name under 'sites' those that it is for"
        expired = f"{day(-1)} has passed; what it waived holds now: delete it"
        unmatched = "there is no such change, did you mean '40.2.0/one'; mend its id, or delete it"
        told = [
            f"waivers.yaml:7:3: waiver for {ONE}::ok is not needed any more: what it waives holds on lab: {unneeded}",
            f"waivers.yaml:11:3: waiver for {ONE}::w1 has expired: {expired}",
            f"waivers.yaml:15:3: waiver for 40.2.0/onee fits nothing: {unmatched}",
        ]
        assert [line for line in ended.outlines if line in told] == told
        failure = junit(project)[ENTRY].find("failure")
        assert failure is not None
        assert failure.text == "\n".join(told)
        header = (project.path / "out/summary.md").read_text(encoding="utf-8").splitlines()
        assert header[0] == (
            "## WAIVERS TO CHANGE: 1 expired, 1 for nothing that there is, 1 not needed any more;"
            f" 1 does not hold and is waived until {day(10)}"
        )
        assert len([line for line in header if line.startswith("- ❌ waivers.yaml:")]) == 3
        page = (project.path / "out/report.html").read_text(encoding="utf-8")
        assert "WAIVERS TO CHANGE" in page
        assert "waivers.yaml:11:3: waiver for" in page
        assert project.results()[2]["exit_code"] == 1

    def test_an_expired_waiver_waives_nothing(self, project: Project, run: Any) -> None:
        project.words("refuse", "w1")
        assert run(waiver(ONE, ahead=-1)).ret == 1
        assert verdicts(project) == {"refuse": "FAIL", "w1": "PASS"}
        assert states(project) == {ONE: "expired"}

    def test_what_could_not_be_told_is_never_waived(self, project: Project, run: Any) -> None:
        project.words("ok", "down", "boom")
        assert run(waiver(ONE)).ret == 3
        assert verdicts(project) == {"ok": "PASS", "down": "INCONCLUSIVE", "boom": "SUITE_ERROR"}
        assert states(project) == {ONE: "not tried"}

    def test_a_run_of_some_cases_says_nothing_of_the_waivers_of_others(self, project: Project, run: Any) -> None:
        project.words("ok", "refuse")
        project.words("ok", name="two")
        waivers = waiver(ONE), waiver("40.2.0/two")
        for more in (("-k", "refuse"), (f"--conformance-case={ONE}::refuse",), ("cases/40.2.0/one.yaml::refuse",)):
            assert run(*waivers, more=more).ret == 0
            assert states(project) == {ONE: "applied", "40.2.0/two": "not tried"}
        assert run(*waivers, more=("-k", "ok and not two")).ret == 0
        assert states(project) == {ONE: "not tried", "40.2.0/two": "not tried"}

    def test_a_file_that_is_wrong_is_told_before_anything_is_sent(self, project: Project, run: Any) -> None:
        project.words("ok")
        ended = run(waiver(ONE, ahead=500))
        assert ended.ret == 4
        assert "is more than a year ahead" in "\n".join([*ended.errlines, *ended.outlines])
        assert not project.touched


def test_the_order_of_what_a_run_comes_to_is_void_findings_could_not_tell(project: Project) -> None:
    write(project.path / "waivers.yaml", waiver(f"{ONE}::ok"))
    for words, code in ((["ok", "down"], 1), (["ok", "down", "boom"], 3), (["ok"], 1)):
        project.words(*words)
        assert project.run("--conformance-waivers=waivers.yaml", "--conformance-report=out").ret == code
        assert states(project) == {f"{ONE}::ok": "unneeded"}


def test_the_settings_file_names_the_waivers_of_plain_pytest(project: Project) -> None:
    project.words("refuse")
    (project.path / "conformance.toml").write_text('[upgrade]\nwaivers = "known/waivers.yaml"\n')
    (project.path / "known").mkdir()
    write(project.path / "known/waivers.yaml", waiver(ONE))
    assert project.run("--conformance-report=out").ret == 0
    assert project.results()[2]["waivers"][0]["place"] == "known/waivers.yaml:3:3"


def test_only_what_it_names_is_waived_in_a_case(project: Project) -> None:
    project.words("refuse")
    file = write(project.path / "waivers.yaml", waiver(ONE, checks=["reason"]))
    options = (f"--conformance-waivers={file.name}", "--conformance-report=out")
    assert project.run(*options).ret == 1
    assert project.results()[2]["waivers"][0]["advice"].startswith("1 case failed in what it does not cover: ")
    failed = {c["id"] for step in project.results()[1][0]["steps"] for c in step["checks"] if c["verdict"] == "FAIL"}
    write(file, waiver(ONE, checks=sorted(failed)))
    assert project.run(*options).ret == 0


def test_hostile_waivers_are_inert_in_every_report(project: Project) -> None:
    project.words("refuse")
    text = " ".join(value for name, value in HOSTILE.items() if name != "lone surrogate")
    write(project.path / "waivers.yaml", waiver(ONE, reason=text, owner=text, ticket=text), waiver("40.2.0/<b>"))
    ended = project.run_apart("--conformance-waivers=waivers.yaml", "--conformance-report=out")
    assert ended.ret == 1
    for name in ("summary.md", "results.jsonl", "junit.xml", "report.html"):
        written = (project.path / "out" / name).read_text(encoding="utf-8")
        assert not SECRETIVE.search(written), name
    assert not SECRETIVE.search("\n".join(ended.outlines))
    page = (project.path / "out/report.html").read_text(encoding="utf-8")
    assert "<script>window" not in page
    assert "<img src=x" not in page
    assert "<b>" not in (project.path / "out/summary.md").read_text(encoding="utf-8")


class TestCommand:
    """``conformance run --waivers``, against the embedded mock, which is a release behind."""

    CHANGE = "40.4.3/createuser-html-email"
    OLDER = ("--mock-version", "40.4.0", "--api-version", "40.4.3", "--report", "out")

    def run(self, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, "run", *map(str, (*FOLDERS, *arguments))],
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=SECONDS,
            check=False,
        )

    def test_the_terminal_tells_what_is_waived_and_until_when(self, tmp_path: Path) -> None:
        write(tmp_path / "w.yaml", waiver(self.CHANGE))
        ended = self.run(tmp_path, *self.OLDER, "--waivers", "w.yaml")
        assert (ended.returncode, ended.stderr) == (0, "")
        lines = ended.stdout.splitlines()
        assert (
            f"AS DOCUMENTED BUT FOR WAIVERS: 7 documented changes hold, 1 does not hold and is waived until {day(10)}"
            in lines
        )
        assert f"waived: {self.CHANGE}, 5 cases, by the mail team until {day(10)}: not used" in lines
        waived = [line for line in lines if line.startswith("WAIVED ")]
        assert len(waived) == 5
        assert all(line.endswith(f"(waived: {self.CHANGE}, the mail team until {day(10)})") for line in waived)
        summary = (tmp_path / "out/summary.md").read_text(encoding="utf-8")
        assert f"- 🎫 {self.CHANGE}: waived by the mail team until {day(10)}, 5 cases: not used" in summary

    def test_the_terminal_tells_the_line_to_change(self, tmp_path: Path) -> None:
        write(tmp_path / "w.yaml", waiver(self.CHANGE), waiver("40.1.0/getsessioninfo-selectors"))
        ended = self.run(tmp_path, *self.OLDER, "--waivers", "w.yaml")
        assert ended.returncode == 1
        assert "\nWAIVERS TO CHANGE: 1 not needed any more; 1 does not hold and is waived until" in ended.stdout
        told = "\nCHANGE w.yaml:7:3: waiver for 40.1.0/getsessioninfo-selectors is not needed any more: "
        assert told in ended.stdout

    def test_beside_a_failure_it_is_told_too(self, tmp_path: Path) -> None:
        write(tmp_path / "w.yaml", waiver(f"{self.CHANGE}::no-welcome-asked-for"), waiver("40.1.0/x"))
        ended = self.run(tmp_path, *self.OLDER, "--waivers", "w.yaml")
        assert ended.returncode == 1
        told = (
            "NOT AS DOCUMENTED: 1 of 8 documented changes do not hold; waivers to change: 1 for nothing that there is"
        )
        assert told in ended.stdout.splitlines()

    def test_faults_are_lines_on_stderr_and_exit_code_4(self, tmp_path: Path) -> None:
        write(tmp_path / "w.yaml", waiver(self.CHANGE, owner=" ", ahead=1000))
        ended = self.run(tmp_path, *self.OLDER, "--waivers", "w.yaml")
        assert ended.returncode == 4
        assert [line.partition(": ")[0] for line in ended.stderr.splitlines()] == ["w.yaml:5:3", "w.yaml:6:3"]
        assert not (tmp_path / "out").exists()

    def test_a_file_that_is_not_there_and_settings_that_name_none(self, tmp_path: Path) -> None:
        ended = self.run(tmp_path, "--waivers", "none.yaml")
        assert (ended.returncode, ended.stderr) == (
            4,
            "none.yaml:1:1: cannot be read: No such file or directory\n",
        )
        (tmp_path / "conformance.toml").write_text("[upgrade]\nwaivers = 1\n")
        ended = self.run(tmp_path)
        assert ended.returncode == 4
        assert ended.stderr.endswith('[upgrade] waivers: is no path; write waivers = "waivers.yaml"\n')

    def test_a_dry_run_looks_at_them_too(self, tmp_path: Path) -> None:
        write(tmp_path / "w.yaml", waiver(self.CHANGE, until="never"))
        assert self.run(tmp_path, "--dry-run", "--waivers", "w.yaml").returncode == 4

    def test_results_can_be_read_back(self, tmp_path: Path) -> None:
        write(tmp_path / "w.yaml", waiver(self.CHANGE))
        self.run(tmp_path, *self.OLDER, "--waivers", "w.yaml")
        recorded = open_results(tmp_path / "out")
        assert {case.verdict for case in recorded.read_whole()} == {"PASS", "WAIVED"}
        assert recorded.footer is not None
        (note,) = recorded.footer.waivers
        assert (note.state, len(note.cases), note.fails_a_run) == ("applied", 5, False)
        raw = json.loads((tmp_path / "out/results.jsonl").read_text(encoding="utf-8").splitlines()[-1])
        assert raw["counts"] == {"PASS": 81, "WAIVED": 5}
