"""``conformance run`` as a user calls it: in a process of its own, in a folder that is not the checkout."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from calling import COMMAND, SECONDS, Ended, Run

from conformance.cases.load import load_changes, plan
from conformance.versions import DEFAULT_VERSION, Version

FILES = load_changes()
CASES = [case.id for change in FILES for case in plan(change)]
CHANGES = [change for change in FILES if not change.file.is_baseline]
BASELINE = [change for change in FILES if change.file.is_baseline]
THERE = [change for change in CHANGES if DEFAULT_VERSION.has(change.released_in)]
ONE = "40.4.3/createuser-html-email::no-welcome-asked-for"
ANONYMOUS = "40.2.0/anonymous-lstsummarysession::only-a-site-name"

ALL_FILES = {
    "junit.xml", "report.html", "results.jsonl", "summary.md",
    "readiness.html", "summary.json", "readiness.md", "badge.svg", "metrics.prom", "results.sarif",
}  # fmt: skip
LATER = [change for change in THERE if not Version.parse("40.1.0").has(change.released_in)]


def verdicts(ended: Ended) -> dict[str, str]:
    """Return the verdict of each case that has a line."""
    found = re.findall(r"^([A-Z_]+) +(\d[\w.]*/[\w-]+::\S+)  \d+\.\d\d s", ended.out, re.MULTILINE)
    return {id_: verdict for verdict, id_ in found}


def named(ended: Ended) -> set[str]:
    """Return the changes that the summary names as broken."""
    return {change.id for change in CHANGES if f"  {change.file.change}  (" in ended.out}


def test_the_mock_is_as_documented(command: Run, tmp_path: Path) -> None:
    ended = command("run")
    assert (ended.code, ended.err) == (0, "")
    assert verdicts(ended) == dict.fromkeys(CASES, "PASS")
    assert ended.lines[0] == f"{len(CASES)} cases, site mock held to 40.4.3"
    held = f"AS DOCUMENTED: {len(THERE)} documented changes hold, {len(BASELINE)} parts of the baseline as ever"
    assert f"{held}, {len(CHANGES) - len(THERE)} are not there yet, as they should" in ended.lines
    assert f"{len(CASES)} PASS in " in ended.out
    assert "\x1b" not in ended.out
    folder, history = sorted((tmp_path / "reports").iterdir())
    assert history.name == "history.sqlite3"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-40\.4\.3", folder.name)
    assert {path.name for path in folder.iterdir()} == ALL_FILES
    assert ended.lines[-3:] == [
        f"report: reports/{folder.name}/report.html",
        "readiness: READY for 40.4.3",
        f"           reports/{folder.name}/readiness.html",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["reports"]
    records = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [record["id"] for record in records[1:-1]] == CASES
    assert records[0]["run"] == folder.name
    assert records[-1]["counts"] == {"PASS": len(CASES)}


def test_a_site_of_an_older_release_is_told_what_came_later(command: Run) -> None:
    ended = command("run", "--no-report", "--mock-version", "40.1.0")
    assert (ended.code, ended.err) == (1, "")
    assert named(ended) == {change.id for change in LATER}
    assert f"NOT AS DOCUMENTED: {len(LATER)} of {len(CHANGES)} documented changes do not hold" in ended.lines
    assert ended.lines[0] == f"{len(CASES)} cases, site mock (really 40.1.0) held to 40.4.3"
    for change in LATER:
        assert f"    breaks: {change.file.impact}" in ended.lines
        assert f"    change: {change.file.advice}" in ended.lines


def test_a_failure_tells_how_to_repeat_it_and_that_repeats_it(command: Run) -> None:
    first = command("run", "--no-report", "--mock-version", "40.1.0", "--case", ANONYMOUS)
    (again,) = [line.partition("again: conformance ")[2] for line in first.lines if "again: " in line]
    second = command(*again.split(), "--no-report")
    assert verdicts(first) == verdicts(second) == {ANONYMOUS: "FAIL"}
    assert first.code == second.code == 1


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_is_wrong_changes_no_verdict(command: Run, seconds: int) -> None:
    ended = command("run", "--no-report", "--mock-clock", seconds)
    assert ended.code == 0
    assert set(verdicts(ended).values()) == {"PASS"}
    seen = re.fullmatch(r".*, clock ([+-]\d+) s", ended.lines[0])
    assert seen is not None
    assert abs(int(seen[1]) - seconds) <= 2  # the Date header counts whole seconds


def test_on_a_terminal_progress_moves_and_failures_show_as_they_happen(on_terminal: Run) -> None:
    ended = on_terminal("run", "--no-report", "--mock-version", "40.1.0", "--in-flight", "4")
    assert (ended.code, ended.err) == (1, "")
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", ended.out)
    assert "\x1b[" in ended.out
    assert f"/{len(CASES)}" in plain
    failed, summary = plain.index(f"FAIL           {ANONYMOUS}"), plain.index("NOT AS DOCUMENTED:")
    assert failed < summary
    # The moving line is drawn again after the failure was shown.
    assert re.search(rf"\d+/{len(CASES)}", plain[failed:summary])
    assert plain.count("PASS           ") == 0


# What is run


@pytest.mark.parametrize(
    ("arguments", "cases"),
    [
        (["--case", ONE, "--case", ANONYMOUS], [ANONYMOUS, ONE]),
        (["-k", "LstsummarySession and only-a-site"], [ANONYMOUS]),
    ],
)
def test_cases_can_be_chosen(command: Run, arguments: list[str], cases: list[str]) -> None:
    ended = command("run", "--no-report", *arguments)
    assert (ended.code, list(verdicts(ended))) == (0, cases)


def test_nothing_chosen_is_no_success_and_said_so(command: Run) -> None:
    ended = command("run", "--no-report", "-k", "no_case_is_called_so")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "COULD NOT TELL: nothing was tested; no case is named like that\n"


@pytest.mark.parametrize(("option", "failures"), [(["-x"], 1), (["--maxfail", 3], 3)])
def test_a_run_can_end_at_the_first_failures(command: Run, option: list[object], failures: int) -> None:
    ended = command("run", "--no-report", "--mock-version", "40.1.0", "--in-flight", 1, *option)
    assert ended.code == 1
    assert list(verdicts(ended).values()).count("FAIL") == failures
    assert list(verdicts(ended).values())[-1] == "FAIL"


def test_a_run_that_has_no_time_can_not_tell(command: Run) -> None:
    ended = command("run", "--no-report", "--time-limit", "0.000001")
    assert ended.code == 2
    assert set(verdicts(ended).values()) == {"INCONCLUSIVE"}
    assert f"COULD NOT TELL: {len(CASES)} cases were not observed" in ended.lines


def test_no_time_limit_is_none(command: Run) -> None:
    ended = command("run", "--no-report", "--time-limit", 0, "--case-timeout", 0, "--case", ONE)
    assert (ended.code, verdicts(ended)) == (0, {ONE: "PASS"})


# Reports


def test_a_run_without_report_writes_nothing(command: Run, tmp_path: Path) -> None:
    assert command("run", "--no-report", "--case", ONE).code == 0
    assert list(tmp_path.iterdir()) == []


def test_a_report_can_be_written_anywhere(command: Run, tmp_path: Path) -> None:
    ended = command("run", "--report", "a/b c", "--case", ONE)
    assert "report: a/b c/report.html" in ended.lines
    assert ended.lines[-2].startswith("readiness: CANNOT TELL for 40.4.3: ")
    assert {path.name for path in (tmp_path / "a/b c").iterdir()} == ALL_FILES
    assert (tmp_path / "a/history.sqlite3").is_file()


# The user's own cases, and other people's pytest

CASE = """\
- name: refused
  request: {GetAPIVersion: {}}
  expect: {result: FAILURE}
  before: {result: SUCCESS}
- name: answered
  request: {GetAPIVersion: {}}
  before: {result: FAILURE}
"""
CONFTEST = """
import sys
sys.path.insert(0, LAB)
from lab import Lab

def pytest_conformance_provider(config, name):
    return Lab() if name == "lab" else None
"""


def test_cases_of_ones_own_are_run(command: Run, write_cases: Run, tmp_path: Path) -> None:
    write_cases(CASE)
    ended = command("run", "--no-report", "cases")
    assert verdicts(ended) == {"40.2.0/one::refused": "FAIL", "40.2.0/one::answered": "PASS"}
    assert ended.code == 1
    assert command("run", "--no-report", tmp_path / "cases/40.2.0/one.yaml", "-k", "answered").code == 0


def test_a_conftest_can_bring_a_site_of_ones_own(command: Run, write_cases: Run, tmp_path: Path) -> None:
    write_cases(CASE)
    lab = Path(__file__).parents[1] / "run"
    (tmp_path / "conftest.py").write_text(CONFTEST.replace("LAB", repr(str(lab))))
    ended = command("run", "--no-report", "--site", "lab", "cases")
    assert ended.lines[0] == "2 cases, site lab held to 40.4.3"
    assert verdicts(ended) == {"40.2.0/one::refused": "FAIL", "40.2.0/one::answered": "PASS"}


def test_pytest_settings_of_the_folder_and_the_environment_have_no_say(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\npython_files = *\n")
    (tmp_path / "test_theirs.py").write_text("def test_theirs(): assert False")
    (tmp_path / "tox.ini").write_text("[pytest]\nbroken")
    done = subprocess.run(
        [*COMMAND, "run", "--no-report", "--case", ONE],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**environment, "PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no.such.plugin"},
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 PASS in " in done.stdout


# What can not be used


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--api-version", "forty"], "'forty' is not an API version; write it like 40.4.3"),
        (["--mock-version", "40..1"], "'40..1' is not an API version; write it like 40.4.3"),
        (["--case", "40.4.3/createuser-html-email::no"], "unknown case '40.4.3/createuser-html-email::no'"),
        (["--site", "mok"], "unknown site 'mok', did you mean 'mock'?"),
        (["--in-flight", "0"], "0 cases in flight is not possible; write 1 or more"),
        (["--case-timeout", "-1"], "-1 is no time"),
        (["--time-limit", "inf"], "inf is no time"),
        (["--mock-clock", "nan"], "a clock can not be nan s ahead"),
        (["--schemas", "nowhere"], "nowhere/5.9: schema file not found"),
        (["nowhere"], "nowhere: no such file or folder"),
        (["."], ".: no case files here; a folder of case files holds a conformance.yaml"),
        (["--in-flight", "many"], "Invalid value for '--in-flight'"),
        (["--no-such-option"], "No such option: --no-such-option"),
        (["--report", "/dev/null/x"], "/dev/null/x: reports can not be written here"),
        (["-k", "and and"], "and and"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_can_not_be_used_is_told_and_exits_4(
    command: Run, tmp_path: Path, arguments: list[str], told: str
) -> None:
    ended = command("run", "--no-report" if "--report" not in arguments else "--in-flight=2", *arguments)
    assert ended.code == 4
    assert told in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_faults_in_files_are_told_one_a_line(command: Run, write_cases: Run, tmp_path: Path) -> None:
    write_cases("- name: a\n  requst: {}\n  as: hots\n")
    write_cases("- name: [a\n", name="two")
    ended = command("run", "cases")
    assert (ended.code, ended.out) == (4, "")
    places = [re.match(r"cases/40\.2\.0/(one|two)\.yaml:\d+:\d+: ", line) for line in ended.err.splitlines()]
    assert {place[1] for place in places if place} == {"one", "two"}
    assert None not in places
    assert "did you mean 'request'?" in ended.err
    assert not (tmp_path / "reports").exists()


def test_schemas_that_do_not_compile_void_the_run(command: Run, tmp_path: Path) -> None:
    folder = tmp_path / "5.9"
    folder.mkdir()
    (folder / "message.xsd").write_text('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:bad/></xs:schema>')
    ended = command("run", "--no-report", "--schemas", tmp_path)
    assert ended.code == 3
    assert ended.err.startswith("RUN VOID: ")
    assert len(ended.err.splitlines()) == 1


def test_a_site_that_can_not_be_reached_is_told(command: Run, write_cases: Run, tmp_path: Path) -> None:
    write_cases(CASE)
    lab = Path(__file__).parents[1] / "run"
    failing = "Lab(fails={'open': ExchangeFault('refused', 'nobody listens')})"
    text = CONFTEST.replace("LAB", repr(str(lab))).replace("Lab()", failing).replace("import Lab", "import *")
    (tmp_path / "conftest.py").write_text(text)
    ended = command("run", "--no-report", "--site", "lab", "cases")
    assert ended.code == 2
    assert ended.err == "COULD NOT TELL: the site can not be tested now: refused: nobody listens\n"


# Interruptions


def test_an_interrupted_run_says_so_and_does_not_claim_to_be_as_documented(
    environment: Mapping[str, str], write_cases: Run, tmp_path: Path
) -> None:
    cases = "".join(
        f"- name: {word}\n  request: {{DelUser: {{webExId: {word}}}}}\n  before: {{result: FAILURE}}\n"
        for word in ("ok", "hang")
    )
    write_cases(cases)
    lab = Path(__file__).parents[1] / "run"
    (tmp_path / "conftest.py").write_text(CONFTEST.replace("LAB", repr(str(lab))))
    with subprocess.Popen(
        [*COMMAND, "run", "--report", "out", "--site", "lab", "cases"],
        cwd=tmp_path,
        env={**environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while line := process.stdout.readline():
            if line.startswith("PASS"):
                break
        os.kill(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 2
    assert err == "interrupted; what ran is reported, the rest is not known\n"
    assert "COULD NOT TELL: only 1 of 2 cases ran" in out
    footer = json.loads((tmp_path / "out/results.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert (footer["kind"], footer["counts"], footer["exit_code"]) == ("footer", {"PASS": 1}, 2)
