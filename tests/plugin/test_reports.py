"""What a run writes and shows: results.jsonl, junit.xml, report.html, the terminal; writers of others."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from projects import CONFTEST, Project

ALL_FILES = {
    "junit.xml", "report.html", "results.jsonl", "summary.md",
    "readiness.html", "summary.json", "readiness.md", "badge.svg", "metrics.prom", "results.sarif",
}  # fmt: skip

WORDS = {
    "ok": "PASS",
    "refuse": "FAIL",
    "down": "INCONCLUSIVE",
    "nobody": "NOT_APPLICABLE",
    "boom": "SUITE_ERROR",
    "other": "FAIL",
    "page": "INCONCLUSIVE",
}


def test_results_are_written_in_the_order_of_the_files(project: Project) -> None:
    project.words(*WORDS)
    project.words("ok", name="zwei")
    project.words("refuse", name="two")
    project.run("--conformance-report=out")
    header, cases, footer = project.results()
    ids = [f"40.2.0/one::{word}" for word in WORDS] + ["40.2.0/two::refuse", "40.2.0/zwei::ok"]
    assert [case["id"] for case in cases] == ids
    assert [case["verdict"] for case in cases] == [*WORDS.values(), "FAIL", "PASS"]
    assert header["planned"] == len(cases)
    assert footer["counts"] == dict(Counter(case["verdict"] for case in cases))
    assert footer["exit_code"] == 3


def test_the_header_says_what_the_run_was(project: Project) -> None:
    project.words("ok")
    project.run("--conformance-report=out", "--conformance-api-version=40.2.4")
    header, (case,), _ = project.results()
    assert header["format"] == 1
    assert (header["site"], header["endpoint"], header["api_version"]) == ("lab", "lab:", "40.2.4")
    assert (header["told_version"], header["mock_version"], header["schema_release"]) == ("40.4.3", "", "40.2.4")
    assert header["changes"].keys() == {"40.2.0/one"}
    assert len(header["changes"]["40.2.0/one"]) == len(header["cases_digest"]) == len(header["schemas_digest"]) == 64
    assert header["libraries"]["pytest"] == pytest.__version__
    assert case["side"] == "expect"


def test_only_what_was_selected_is_planned(project: Project) -> None:
    project.words("ok", "refuse", "down")
    project.run("--conformance-report=out", "-k", "not refuse")
    header, cases, _ = project.results()
    assert header["planned"] == len(cases) == 2


def test_junit_holds_one_testcase_a_case_with_its_verdict(project: Project) -> None:
    project.words(*WORDS)
    project.pytester.makepyfile(test_theirs="def test_theirs(): pass")
    project.run("--conformance-report=out")
    (suite,) = ET.parse(project.path / "out/junit.xml").getroot()
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert cases.keys() == {*WORDS, "test_theirs", "the run is conclusive"}
    assert len(list(suite.iter("testcase"))) == len(cases)
    outcomes = {"PASS": None, "FAIL": "failure", "SUITE_ERROR": "error"}
    for word, verdict in WORDS.items():
        properties = {p.get("name"): p.get("value") for p in cases[word].iter("property")}
        assert properties == {"verdict": verdict, "change": "40.2.0/one"}
        told = [child.tag for child in cases[word] if child.tag != "properties"]
        assert told == [outcomes.get(verdict, "skipped")] * (verdict != "PASS")
    message = cases["refuse"].find("failure")
    assert message is not None
    assert "expected: SUCCESS" in str(message.text)
    counts = [suite.get(name) for name in ("tests", "failures", "errors", "skipped")]
    assert counts == ["9", "3", "1", "3"]


def test_a_junit_file_of_ones_own_is_kept(project: Project) -> None:
    project.words("ok")
    project.run("--conformance-report=out", "--junitxml=mine.xml")
    assert (project.path / "mine.xml").exists()
    assert not (project.path / "out/junit.xml").exists()


def test_the_html_report_is_one_file_with_all_cases(project: Project) -> None:
    project.words(*WORDS)
    project.run("--conformance-report=out")
    assert {path.name for path in (project.path / "out").iterdir()} == ALL_FILES
    page = (project.path / "out/report.html").read_text(encoding="utf-8")
    assert [word for word in WORDS if f"40.2.0/one::{word}" not in page] == []


def test_an_html_report_without_a_case_says_so(project: Project) -> None:
    project.run("--conformance-report=out", "-k", "no-such-case")
    html = (project.path / "out" / "report.html").read_text()
    assert '<title id="head-title">Webex XML API - no case was run<' in html
    assert "<strong>COULD NOT TELL: nothing was tested<" in html


def test_an_html_report_of_other_tests_is_none_of_our_business(project: Project) -> None:
    project.pytester.makepyfile(test_theirs="def test_theirs(): pass")
    project.pytester.runpytest("--html=theirs.html", "test_theirs.py")
    html = (project.path / "theirs.html").read_text()
    assert "theirs.html<" in html
    assert "Webex" not in html


def test_without_a_report_folder_nothing_is_written(project: Project) -> None:
    project.words("ok")
    before = {path.name for path in project.path.iterdir()}
    project.run("-p", "no:cacheprovider", "-p", "no:metadata")
    assert {path.name for path in project.path.iterdir()} - before <= {"sent.log", "__pycache__"}


def test_a_second_run_replaces_the_results_of_the_first(project: Project) -> None:
    project.words("ok", "refuse")
    project.run("--conformance-report=out")
    project.run("--conformance-report=out", "-k", "ok")
    assert len(project.results()[1]) == 1


# The terminal


def test_the_terminal_names_our_verdicts(project: Project) -> None:
    project.words("ok", "refuse", "down", "nobody", "deviant", "boom")
    result = project.run("-v")
    result.stdout.fnmatch_lines(
        [
            "cases/40.2.0/one.yaml::ok PASSED*",
            "cases/40.2.0/one.yaml::refuse FAILED*",
            "cases/40.2.0/one.yaml::down INCONCLUSIVE*",
            "cases/40.2.0/one.yaml::nobody NOT_APPLICABLE*",
            "cases/40.2.0/one.yaml::deviant DEVIATION*",
            "cases/40.2.0/one.yaml::boom SUITE_ERROR*",
        ]
    )


@pytest.mark.parametrize(
    ("word", "lines"),
    [
        ("refuse", ["FAIL *40.2.0/one::refuse*", "* FAIL result: serv:result", "*expected: SUCCESS", "*got: *FAILURE"]),
        ("boom", ["SUITE_ERROR *40.2.0/one::boom*", "*lab.py*", "*RuntimeError: boom"]),
    ],
)
def test_why_a_case_failed_is_shown(project: Project, word: str, lines: list[str]) -> None:
    project.words("ok", word, "ok-too")
    result = project.run()
    result.stdout.fnmatch_lines(lines)
    assert "conformance/plugin/" not in result.stdout.str()


# Writers of others

WRITER = """
from conformance.report.jsonl import JsonLines

class Loud:
    def started(self, header, catalogue):
        print("STARTED", header.planned, sorted(catalogue.cases))
    def case(self, result):
        print("CASE", result.id, result.verdict)
    def finished(self, footer):
        print("FINISHED", dict(footer.counts), footer.exit_code)

def pytest_conformance_writers(config):
    return [Loud()]
"""


def test_writers_of_a_conftest_get_the_whole_stream(project: Project) -> None:
    project.pytester.makeconftest(CONFTEST + WRITER)
    project.words("ok", "refuse")
    result = project.run("-s")
    lines = [line for line in result.outlines if "STARTED" in line or "CASE" in line or "FINISHED" in line]
    told = [line[line.index(word) :] for line in lines for word in ("STARTED", "CASE", "FINISHED") if word in line]
    assert told == [
        "STARTED 2 ['40.2.0/one::ok', '40.2.0/one::refuse']",
        "CASE 40.2.0/one::ok PASS",
        "CASE 40.2.0/one::refuse FAIL",
        "FINISHED {'PASS': 1, 'FAIL': 1} 1",
    ]


def test_several_plugins_can_give_writers(project: Project) -> None:
    project.pytester.makeconftest(CONFTEST + WRITER)
    project.pytester.makepyfile(more="def pytest_conformance_writers(): return []")
    project.pytester.syspathinsert()
    project.words("ok")
    assert project.run("-s", "-p", "more").ret == 0


# Other plugins


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        ([], ALL_FILES),
        (["-p", "no:html"], ALL_FILES - {"report.html"}),
        (["-p", "no:junitxml"], ALL_FILES - {"junit.xml"}),
        (["-p", "no:terminal"], ALL_FILES),
        (["-p", "no:html", "-p", "no:metadata", "-p", "no:xdist"], ALL_FILES - {"report.html"}),
        (["-p", "no:cacheprovider", "-p", "no:logging", "-p", "no:skipping"], ALL_FILES),
        (["-c", "other.ini"], ALL_FILES),
        (["-p", "no:capture"], ALL_FILES),
        (["--setup-show"], ALL_FILES),
        (["--import-mode=importlib", "--durations=3", "-vv"], ALL_FILES),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_the_plugin_works_with_other_plugins_and_without_them(
    project: Project, arguments: list[str], files: set[str]
) -> None:
    (project.path / "other.ini").write_text("[pytest]\nmarkers = mine: x\n")
    project.words("ok", "refuse", "down")
    result = project.run("--conformance-report=out", *arguments)
    assert result.ret == 1
    assert "INTERNALERROR" not in result.stdout.str() + result.stderr.str()
    assert {path.name for path in (project.path / "out").iterdir()} == files
    assert [case["verdict"] for case in project.results()[1]] == ["PASS", "FAIL", "INCONCLUSIVE"]


def test_an_html_report_of_ones_own_needs_no_report_folder(project: Project) -> None:
    project.words("ok", "refuse")
    result = project.run("--html=mine.html", "--self-contained-html")
    assert result.ret == 1
    assert "40.2.0/one::refuse" in (project.path / "mine.html").read_text(encoding="utf-8")


def test_without_the_plugin_yaml_files_are_nothing(project: Project) -> None:
    project.words("ok")
    project.pytester.makeconftest("")
    result = project.pytester.runpytest_inprocess("-p", "no:conformance")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
