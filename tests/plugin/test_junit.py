"""junit.xml alone: a run that can not be relied on is red there too, and says why."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from projects import CONFTEST, Project

NAME = "the run is conclusive"
HANGS_AFTER = 60


def entry(project: Project, file: str = "out/junit.xml") -> str | None:
    """Return what the entry of the run says; None where there is none. It must be counted among the failures."""
    (suite,) = ET.parse(project.path / file).getroot()
    cases = list(suite.iter("testcase"))
    assert suite.get("tests") == str(len(cases))
    assert suite.get("failures") == str(len(list(suite.iter("failure"))))
    assert suite.get("errors") == str(len(list(suite.iter("error"))))
    ours = [case for case in cases if case.get("name") == NAME]
    if not ours:
        return None
    (case,) = ours
    assert case.get("classname") == "conformance"
    (failure,) = case
    assert failure.tag == "failure"
    assert failure.get("message") == failure.text
    return failure.text


def is_green(project: Project, file: str = "out/junit.xml") -> bool:
    """Tell whether a reader of junit.xml alone would take the run for a success."""
    root = ET.parse(project.path / file).getroot()
    return not [*root.iter("failure"), *root.iter("error")]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ok", "deviant", "nobody"], None),
        (["ok", "refuse"], None),
        (["ok", "down"], "COULD NOT TELL: 1 cases were not observed"),
        (["nobody"], "COULD NOT TELL: 0 cases were not observed"),
        (["ok", "boom"], "RUN VOID: 1 case met a defect of the suite itself"),
    ],
)
def test_it_is_added_where_the_exit_code_is_2_or_3(project: Project, words: list[str], told: str | None) -> None:
    project.words(*words)
    result = project.run("--conformance-report=out")
    assert entry(project) == told
    assert is_green(project) == (result.ret == 0)
    assert NAME not in "\n".join(result.outlines)


@pytest.mark.parametrize(
    ("words", "told"), [(["ok"], None), (["down", "boom"], "RUN VOID: 1 case met a defect of the suite itself")]
)
def test_it_is_added_where_the_results_of_several_processes_come_together(
    project: Project, words: list[str], told: str | None
) -> None:
    project.words(*words)
    result = project.run_apart("-n", "2", "--conformance-report=out")
    assert entry(project) == told
    assert is_green(project) == (result.ret == 0)


def test_inconclusive_and_blocked_are_skipped_with_their_reason_and_a_suite_error_is_an_error(project: Project) -> None:
    project.words("down", "boom", name="two")
    project.write(
        "- name: blocked\n  given: {user: a user}\n  request: {DelUser: {webExId: ok}}\n  before: {result: FAILURE}\n",
        fixtures="a user:\n  does: Fails.\n  steps:\n    - request: {DelUser: {webExId: refuse}}\n",
        root=project.path / "cases",
    )
    project.run("--conformance-report=out")
    found = {case.get("name"): case for case in ET.parse(project.path / "out/junit.xml").getroot().iter("testcase")}
    for name, reason in {"blocked": "BLOCKED: fixture 'a user' failed", "down": "INCONCLUSIVE: "}.items():
        skipped = found[name].find("skipped")
        assert skipped is not None
        assert str(skipped.get("message")).startswith(reason)
    error = found["boom"].find("error")
    assert error is not None
    assert "RuntimeError: boom" in str(error.text)
    assert found["boom"].find("failure") is None


def test_a_run_that_was_cut_short_is_not_conclusive_whatever_it_found(project: Project) -> None:
    project.words("ok", "refuse", "ok-too", "refuse-too")
    assert project.run("-x", "--conformance-report=out").ret == 1
    assert entry(project) == (
        "NOT AS DOCUMENTED: 1 of 1 documented changes do not hold\nOnly 2 of 4 cases ran."
    )  # fmt: skip


def test_a_failed_test_of_others_does_not_hide_it(project: Project) -> None:
    project.words("ok", "down")
    project.pytester.makepyfile(test_theirs="def test_theirs(): assert False")
    assert project.run("--conformance-report=out").ret == 1
    assert entry(project) == "COULD NOT TELL: 1 cases were not observed"


@pytest.mark.parametrize("apart", [False, True], ids=["alone", "xdist"])
def test_a_site_that_can_not_be_reached(project: Project, apart: bool) -> None:
    project.pytester.makeconftest(
        CONFTEST.replace("Lab(", "Lab(fails={'open': ExchangeFault('refused', 'nobody listens')}, ")
    )
    project.words("ok")
    options = ["--conformance-report=out"]
    result = project.run_apart("-n", "2", *options) if apart else project.run(*options)
    assert result.ret == 2
    told = entry(project)
    assert told is not None
    assert told.startswith("COULD NOT TELL: the site can not be ")
    assert "refused: nobody listens" in told


def test_a_site_that_can_not_be_let_go(project: Project) -> None:
    project.pytester.makeconftest(CONFTEST.replace("Lab(", "Lab(fails={'close': RuntimeError('stuck')}, "))
    project.words("ok")
    assert project.run("--conformance-report=out").ret == 3
    assert str(entry(project)).startswith("RUN VOID: the site could not be let go: RuntimeError: stuck")


def test_a_defect_in_the_middle_of_pytest(project: Project) -> None:
    project.pytester.makeconftest(CONFTEST.replace("Lab(", "Lab(fails={'open': RuntimeError('a defect')}, "))
    project.words("ok")
    assert project.run("--conformance-report=out").ret == 3
    assert entry(project) == "RUN VOID: pytest or a plugin of it failed"


@pytest.mark.parametrize("apart", [False, True], ids=["alone", "xdist"])
def test_nothing_that_was_chosen(project: Project, apart: bool) -> None:
    project.words("ok")
    options = ["--conformance-report=out", "-k", "nothing"]
    result = project.run_apart("-n", "2", *options) if apart else project.run(*options)
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert entry(project) == "COULD NOT TELL: nothing was tested"


def test_tests_of_others_alone_are_no_run_of_cases(project: Project) -> None:
    project.words("ok")
    project.pytester.makepyfile(test_theirs="def test_theirs(): pass")
    assert project.run("--conformance-report=out", "-k", "theirs").ret == 2
    assert entry(project) == "COULD NOT TELL: nothing was tested"


def test_what_can_not_be_done(project: Project) -> None:
    project.words("ok")
    assert project.run("--conformance-report=out", "--conformance-api-version=x").ret == 4
    assert str(entry(project)).startswith("NOT RUN: ")


def test_a_fault_in_a_case_file(project: Project) -> None:
    project.write("- name: a\n  requst: {}\n", name="two", root=project.path / "cases")
    assert project.run("--junitxml=mine.xml").ret == 4
    assert str(entry(project, "mine.xml")).startswith("NOT RUN: ")


def test_an_interruption(project: Project) -> None:
    project.words("ok", "hang", "ok-too")
    command = [sys.executable, "-m", "pytest", "--conformance-site=lab", "--conformance-report=out"]
    with subprocess.Popen(command, cwd=project.path, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + HANGS_AFTER
        while "host DelUser hang" not in project.sent and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(HANGS_AFTER) == 2
    assert str(entry(project)).startswith("COULD NOT TELL: only 1 of 3 cases ran")


@pytest.mark.parametrize("arguments", [["--collect-only"], ["--conformance-dry-run"]])
def test_what_is_no_run_gets_no_entry(project: Project, arguments: list[str]) -> None:
    project.words("ok")
    assert project.run("--conformance-report=out", *arguments).ret == 0
    assert entry(project) is None


def test_a_pytest_run_without_cases_is_left_alone(project: Project) -> None:
    project.pytester.makepyfile(test_theirs="def test_theirs(): assert False")
    for arguments in ([], ["-k", "nothing"], ["--no-such-option"]):
        project.run("--junitxml=mine.xml", *arguments)
        if (file := Path(project.path, "mine.xml")).exists():
            assert NAME not in file.read_text(encoding="utf-8")


def test_without_junit_there_is_nothing_to_add(project: Project) -> None:
    project.words("down", "boom")
    assert project.run("--conformance-report=out", "-p", "no:junitxml").ret == 3
    assert not (project.path / "out/junit.xml").exists()
