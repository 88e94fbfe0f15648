"""How a run ends: the exit code by what was seen, interruptions, providers that fail."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from projects import CONFTEST, Project

HANGS_AFTER = 60


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["ok"], 0),
        (["ok", "deviant"], 0),
        (["ok", "nobody"], 0),
        (["ok", "refuse"], 1),
        (["invalid", "down"], 1),
        (["ok", "down"], 2),
        (["ok", "page"], 2),
        (["nobody"], 2),
        (["ok", "refuse", "boom"], 3),
    ],
)
def test_the_exit_code_says_what_the_run_came_to(project: Project, words: list[str], code: int) -> None:
    project.words(*words)
    assert project.run("--conformance-report=out").ret == code
    assert project.results()[2]["exit_code"] == code


@pytest.mark.parametrize(
    ("words", "code"), [(["ok"], 1), (["refuse"], 1), (["down"], 1), (["boom"], 3), (["nobody"], 1)]
)
def test_failures_of_other_tests_keep_their_exit_code(project: Project, words: list[str], code: int) -> None:
    project.words(*words)
    project.pytester.makepyfile(test_theirs="def test_theirs(): assert False")
    assert project.run().ret == code


@pytest.mark.parametrize(("words", "code"), [(["ok"], 0), (["refuse"], 1), (["down"], 2), (["boom"], 3)])
def test_other_tests_that_pass_do_not_hide_what_cases_came_to(project: Project, words: list[str], code: int) -> None:
    project.words(*words)
    project.pytester.makepyfile(test_theirs="def test_theirs(): pass")
    assert project.run().ret == code


def test_nothing_selected_is_no_success(project: Project) -> None:
    project.words("ok")
    assert project.run("-k", "nothing").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_other_tests_that_can_not_be_collected_end_the_run_before_anything_is_sent(project: Project) -> None:
    project.words("ok")
    project.pytester.makepyfile(test_theirs="import nothing_of_that_name")
    assert project.run().ret == pytest.ExitCode.INTERRUPTED
    assert not project.touched
    project.run("--continue-on-collection-errors").assert_outcomes(passed=1, errors=1)


def test_a_run_that_stops_at_the_first_failure_says_that_it_saw_but_a_part(project: Project) -> None:
    project.words("ok", "refuse", "ok-too", "refuse-too")
    assert project.run("-x", "--conformance-report=out").ret == 1
    header, cases, footer = project.results()
    assert (header["planned"], len(cases), footer["exit_code"]) == (4, 2, 1)


def test_cases_after_the_time_of_the_run_could_not_be_told(project: Project) -> None:
    project.words("nap", "ok")
    result = project.run("--conformance-in-flight=1", "--conformance-time-limit=0.2", "--conformance-report=out")
    assert result.ret == 2
    _, (first, second), _ = project.results()
    assert (first["verdict"], second["verdict"]) == ("PASS", "INCONCLUSIVE")
    assert second["reason"] == "the run's time limit of 0.2 s was over"
    assert project.sent == ["host DelUser nap"]


def test_a_case_that_takes_too_long_could_not_be_told(project: Project) -> None:
    project.words("hang", "ok")
    assert project.run("--conformance-case-timeout=0.3", "--conformance-report=out").ret == 2
    assert project.results()[1][0]["reason"] == "deadline: the case did not end within 0.3 s"


# Providers that fail


def failing(project: Project, where: str, error: str) -> None:
    project.pytester.makeconftest(CONFTEST.replace("Lab(", f"Lab(fails={{'{where}': {error}}}, "))
    project.words("ok", "ok-too")


def test_a_site_that_can_not_be_reached_could_not_be_told(project: Project) -> None:
    failing(project, "open", "ExchangeFault('refused', 'nobody listens')")
    result = project.run("--conformance-report=out")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*COULD NOT TELL: the site can not be tested now: refused: nobody listens*"])
    assert project.sent == []


def test_a_defect_of_a_provider_is_an_internal_error(project: Project) -> None:
    failing(project, "open", "RuntimeError('a defect')")
    result = project.run()
    assert result.ret == 3
    assert "a defect" in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("where", ["site", "leave"])
def test_a_site_that_fails_ends_each_case_by_itself(project: Project, where: str) -> None:
    failing(project, where, "RuntimeError('no site')")
    assert project.run("--conformance-report=out").ret == 3
    assert [case["reason"] for case in project.results()[1]] == ["RuntimeError: no site"] * 2


def test_a_site_that_can_not_be_let_go_voids_the_run_but_not_its_record(project: Project) -> None:
    failing(project, "close", "RuntimeError('stuck')")
    result = project.run("--conformance-report=out")
    assert result.ret == 3
    told = result.stdout.str() + result.stderr.str()
    assert "RUN VOID: the site could not be let go: RuntimeError: stuck" in told
    _, cases, footer = project.results()
    assert [case["verdict"] for case in cases] == ["PASS", "PASS"]
    assert footer["counts"] == {"PASS": 2}


# Interruptions

HANGING = """\
- name: first
  request: {DelUser: {webExId: ok}}
  before: {result: FAILURE}
- name: second
  given: {user: a user}
  request: {DelUser: {webExId: hang}}
  before: {result: FAILURE}
- name: third
  request: {DelUser: {webExId: ok}}
  before: {result: FAILURE}
"""
FIXTURES = """\
a user:
  does: Makes a user.
  steps:
    - request: {DelUser: {webExId: make}}
  cleanup:
    - request: {DelUser: {webExId: unmake}}
"""


def interrupted(project: Project) -> tuple[int, str]:
    """Run pytest, interrupt it when the lab hangs, and return exit code and output."""
    project.write(HANGING, fixtures=FIXTURES, root=project.path / "cases")
    command = [sys.executable, "-m", "pytest", "--conformance-site=lab", "--conformance-report=out"]
    with subprocess.Popen(
        command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        deadline = time.monotonic() + HANGS_AFTER
        while "host DelUser hang" not in project.sent and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=HANGS_AFTER)
    return process.returncode, output


def test_an_interrupted_run_cleans_up_and_records_what_it_saw_and_no_more(project: Project) -> None:
    code, output = interrupted(project)
    assert code == 2
    assert "KeyboardInterrupt" in output
    header, (first,), footer = project.results()
    assert (header["planned"], first["id"], first["verdict"]) == (3, "40.2.0/one::first", "PASS")
    assert (footer["counts"], footer["exit_code"]) == ({"PASS": 1}, 2)
    assert project.sent.count("host DelUser unmake") == 1
    assert (project.path / "out/junit.xml").exists()
    page = (project.path / "out/report.html").read_text(encoding="utf-8")
    assert "COULD NOT TELL: only 1 of 3 cases ran" in page
    assert "AS DOCUMENTED" not in page
