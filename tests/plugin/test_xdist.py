"""Several processes: the same verdicts, one record of them."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from projects import CONFTEST, Project

# The first result comes after others.
WORDS = ["nap", "ok", "refuse", "down", "nobody", *(f"w{n}" for n in range(12)), "boom", "last"]


def verdicts(project: Project) -> dict[str, str]:
    return {case["id"]: case["verdict"] for case in project.results()[1]}


def test_two_processes_come_to_the_same_as_one(project: Project) -> None:
    project.words(*WORDS)
    project.words("ok", "refuse", name="two")
    project.pytester.makepyfile(test_theirs="def test_theirs(): pass")
    alone = project.run("--conformance-report=out")
    expected = verdicts(project)
    header, cases, footer = project.results()
    both = project.run_apart("-n", "2", "--conformance-report=both")
    assert both.ret == alone.ret == 3
    got_header, got_cases, got_footer = project.results("both")
    assert [case["id"] for case in got_cases] == list(expected)
    assert {case["id"]: case["verdict"] for case in got_cases} == expected
    assert got_header["planned"] == header["planned"] == len(cases)
    assert got_footer["counts"] == footer["counts"]
    assert got_footer["exit_code"] == footer["exit_code"]
    for key in ("changes", "cases_digest", "schemas_digest", "api_version", "site"):
        assert got_header[key] == header[key]
    names = [case.get("name") for case in ET.parse(project.path / "both/junit.xml").getroot().iter("testcase")]
    assert len(names) == len(cases) + 2
    assert "the run is conclusive" in names
    assert "40.2.0/two::refuse" in (project.path / "both/report.html").read_text(encoding="utf-8")
    assert sorted(project.sent[: len(cases)]) == sorted(project.sent[len(cases) :])


def test_only_what_was_selected_is_planned_and_run(project: Project) -> None:
    project.words("ok", "refuse", "w1", "w2")
    result = project.run_apart("-n", "2", "-k", "not refuse", "--conformance-report=out")
    header, cases, footer = project.results()
    assert [case["id"] for case in cases] == ["40.2.0/one::ok", "40.2.0/one::w1", "40.2.0/one::w2"]
    assert (header["planned"], footer["exit_code"], result.ret) == (3, 0, 0)


def test_what_could_not_be_told_is_no_success(project: Project) -> None:
    project.words("ok", "down")
    result = project.run_apart("-n", "2", "--conformance-report=out")
    assert result.ret == 2
    result.stdout.fnmatch_lines(["*1 passed, 1 inconclusive*"])


def test_a_fault_in_a_file_is_told_once_and_nothing_is_sent(project: Project) -> None:
    project.words("ok")
    project.write("- name: a\n  requst: {}\n", name="two", root=project.path / "cases")
    result = project.run_apart("-n", "2", "--conformance-report=out")
    assert result.ret == 4
    assert sum("two.yaml:" in line and "requst" in line for line in [*result.errlines, *result.outlines]) == 1
    assert not project.touched


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--conformance-api-version=x"], "'x' is not an API version"),
        (["--conformance-case=40.2.0/one::no"], "unknown case '40.2.0/one::no'"),
    ],
)
def test_options_that_can_not_be_used_are_refused(project: Project, arguments: list[str], told: str) -> None:
    project.words("ok", "refuse")
    result = project.run_apart("-n", "2", *arguments)
    assert result.ret == 4
    assert told in "\n".join([*result.errlines, *result.outlines])
    assert not project.touched


def test_a_site_that_can_not_be_reached_is_told(project: Project) -> None:
    project.pytester.makeconftest(
        CONFTEST.replace("Lab(", "Lab(fails={'open': ExchangeFault('refused', 'nobody listens')}, ")
    )
    project.words("ok", "refuse")
    result = project.run_apart("-n", "2", "--conformance-report=out")
    assert result.ret == 2
    assert "refused: nobody listens" in "\n".join([*result.errlines, *result.outlines])
    assert project.sent == []


def test_tests_of_others_that_look_like_cases_are_left_to_them(project: Project) -> None:
    project.pytester.makepyfile(
        test_theirs="""
        import pytest

        @pytest.mark.parametrize("name", ["cases/40.2.0/one.yaml::ok"])
        def test_theirs(name): pass
        """
    )
    project.pytester.makeconftest(
        CONFTEST
        + """
import pytest

class Item(pytest.Item):
    def runtest(self): pass

class File(pytest.File):
    def collect(self): yield Item.from_parent(self, name="theirs")

def pytest_collect_file(file_path, parent):
    return File.from_parent(parent, path=file_path) if file_path.name == "theirs.yaml" else None
"""
    )
    (project.path / "theirs.yaml").write_text("a: [")
    project.run_apart("-n", "2", "--conformance-report=out").assert_outcomes(passed=2)
    assert not project.touched
