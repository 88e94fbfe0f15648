"""Which files become cases and which do not, and how cases are selected."""

from __future__ import annotations

import pytest
from projects import Project

ASSUMED = """\
- name: ok
  assumed: That it works.
  request: {DelUser: {webExId: ok}}
  before: {result: FAILURE}
- name: user ${row.n}
  table: [{n: one}, {n: two}]
  request: {DelUser: {webExId: "${row.n}"}}
  before: {result: FAILURE}
"""
ONE = ["one.yaml::ok", "one.yaml::refuse"]
BOMB = "a: &a [x, x, x]\nb: &b [*a, *a, *a]\nc: [*b, *b, *b]\n"


def collected(project: Project, *arguments: str) -> list[str]:
    """Return the node ids that pytest collects, below the folder of the release."""
    lines = project.run("--collect-only", "-q", *arguments).outlines
    return [line.removeprefix("cases/40.2.0/") for line in lines if "::" in line]


def test_the_cases_below_a_folder_of_case_files_are_collected(project: Project) -> None:
    project.words("ok", "refuse")
    project.write(ASSUMED, name="two", root=project.path / "cases")
    assert collected(project) == [
        "one.yaml::ok", "one.yaml::refuse", "two.yaml::ok", "two.yaml::user-one", "two.yaml::user-two",
    ]  # fmt: skip


def test_collecting_alone_sends_nothing_and_writes_no_results(project: Project) -> None:
    project.words("ok")
    project.run("--collect-only", "--conformance-report=out").assert_outcomes()
    assert not project.touched


@pytest.mark.parametrize("argument", ["cases/40.2.0/one.yaml", "cases/40.2.0/one.yaml::ok", "cases/40.2.0"])
def test_a_file_a_folder_or_a_case_can_be_named(project: Project, argument: str) -> None:
    project.words("ok", "refuse")
    project.words("down", name="two", folder="other")
    project.run(argument, "-k", "ok").assert_outcomes(passed=1, deselected="::" not in argument)
    assert project.sent == ["host DelUser ok"]


def test_yaml_files_and_tests_of_others_are_left_alone(project: Project) -> None:
    for name, text in {
        "docker-compose.yaml": "services: {web: {image: nginx}}",
        "fixtures.yaml": "fixtures: [a, b]",
        "broken.yaml": "a: [1, 2\nb: }",
        "bomb.yaml": BOMB,
        "conformance.yml": "format: 1",
        "binary.yaml": "\x00\x01",
    }.items():
        project.path.joinpath(name).write_text(text)
    project.pytester.makepyfile(test_theirs="def test_theirs(): pass")
    project.run().assert_outcomes(passed=1)
    assert not project.touched
    project.words("ok")
    project.run().assert_outcomes(passed=2)


def test_without_cases_nothing_of_the_suite_but_the_plugin_is_imported(project: Project) -> None:
    project.pytester.makepyfile(
        """
        import sys

        def test_theirs():
            ours = {name for name in sys.modules if name.startswith("conformance")}
            others = {name for name in ours if not name.startswith("conformance.plugin")}
            assert others <= {"conformance", "conformance.errors", "conformance.hookspecs"}
            assert not {"xmlschema", "uvicorn", "pydantic", "httpcore2"} & sys.modules.keys()
        """
    )
    project.pytester.makeconftest("")
    project.run_apart(site="mock").assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "cases"),
    [
        (["-k", "refuse"], ["one.yaml::refuse"]),
        (["-k", "one and ok"], ["one.yaml::ok"]),
        (["-k", "two"], ["two.yaml::ok", "two.yaml::user-one", "two.yaml::user-two"]),
        (["-k", "40.2.0/two and ok"], ["two.yaml::ok"]),
        (["-k", "DelUser and not user and not refuse"], []),
        (["-k", "CreateUser"], []),
        (["-m", "conformance and not assumed"], [*ONE, "two.yaml::user-one", "two.yaml::user-two"]),
        (["-m", "assumed"], ["two.yaml::ok"]),
        (["-m", "change(id='40.2.0/one')"], ONE),
        (["-m", "change(since='40.2.0') and not assumed", "-k", "two"], ["two.yaml::user-one", "two.yaml::user-two"]),
        (["-m", "operation(name='DelUser') and assumed"], ["two.yaml::ok"]),
        (["-m", "operation(name='GetUser')"], []),
        (["--conformance-case=40.2.0/one::refuse"], ["one.yaml::refuse"]),
        (["--conformance-case=40.2.0/one::ok", "--conformance-case=40.2.0/one::refuse"], ONE),
        (["--deselect", "cases/40.2.0/two.yaml"], ONE),
    ],
)  # fmt: skip
def test_cases_are_selected_by_name_change_operation_and_marker(
    project: Project, arguments: list[str], cases: list[str]
) -> None:
    project.words("ok", "refuse")
    project.write(ASSUMED, name="two", root=project.path / "cases")
    project.pytester.makepyfile(test_theirs="def test_theirs(): pass")
    assert [id_ for id_ in collected(project, *arguments) if "theirs" not in id_] == cases


def test_the_markers_are_registered(project: Project) -> None:
    project.words("ok")
    project.run("--strict-markers").assert_outcomes(passed=1)
    project.run("--markers").stdout.fnmatch_lines(
        ["*conformance: a case*", "*change(id, since):*", "*operation(name):*", "*assumed:*"]
    )


def test_the_last_failures_can_be_run_again(project: Project) -> None:
    project.words("ok", "refuse", "page", "down")
    assert project.run().parseoutcomes() == {"passed": 1, "failed": 1, "inconclusive": 2}
    result = project.run("--lf", "-v")
    result.stdout.fnmatch_lines(["*one.yaml::refuse FAILED*"])
    assert project.sent[4:] == ["host DelUser refuse"]


@pytest.mark.parametrize(("arguments", "failed"), [(["-x"], 1), (["--maxfail=2"], 2)])
def test_a_run_ends_after_the_failures_it_may_have(project: Project, arguments: list[str], failed: int) -> None:
    project.words("ok", "refuse", *(f"refuse{n}" for n in range(20)))
    project.pytester.makeconftest(
        """
        from lab import *

        def pytest_conformance_provider(config, name):
            return Lab(words={f"refuse{n}": WORDS["refuse"] for n in range(20)}, log=Path(config.rootpath, SENT))
        """
    )
    result = project.run("--conformance-in-flight=1", *arguments)
    result.assert_outcomes(passed=1, failed=failed)
    assert result.ret == 1
    assert len(project.sent) <= failed + 2


@pytest.mark.parametrize("mark", ["skip", "xfail"])
def test_a_mark_that_a_conftest_gives_a_case_is_kept(project: Project, mark: str) -> None:
    project.words("ok", "refuse", "refuse-too", "last")
    project.pytester.makeconftest(
        f"""
        import pytest
        from lab import *

        def pytest_conformance_provider(config, name):
            return Lab(log=Path(config.rootpath, SENT))

        def pytest_collection_modifyitems(items):
            for item in items:
                if "refuse" in item.name:
                    item.add_marker(pytest.mark.{mark}(reason="known"))
        """
    )
    outcomes = project.run().parseoutcomes()
    if mark == "skip":
        assert outcomes == {"passed": 2, "skipped": 2}
        assert sorted(project.sent) == ["host DelUser last", "host DelUser ok"]
    else:
        assert outcomes == {"passed": 2, "xfailed": 1, "xpassed": 1}


def test_cases_and_other_tests_run_side_by_side_in_any_order(project: Project) -> None:
    project.words("ok", "refuse", "down")
    project.words("ok", "nobody", name="two")
    project.pytester.makepyfile(
        test_theirs="""
        import time

        def test_first(tmp_path): time.sleep(0.1)
        def test_second(capsys): print("seen"); assert capsys.readouterr().out == "seen\\n"
        """
    )
    project.pytester.makeconftest(
        """
        from lab import *

        def pytest_conformance_provider(config, name):
            return Lab(log=Path(config.rootpath, SENT))

        def pytest_collection_modifyitems(items):
            items[:] = items[::2] + items[1::2]
        """
    )
    outcomes = project.run("-v").parseoutcomes()
    assert outcomes == {"passed": 4, "failed": 1, "inconclusive": 1, "not": 1}  # applicable
    assert sorted(project.sent) == sorted(f"host DelUser {w}" for w in ("ok", "refuse", "down", "ok", "nobody"))
