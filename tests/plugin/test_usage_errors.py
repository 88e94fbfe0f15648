"""What the user gave and can not be used: told in a line each, exit code 4, nothing is sent."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from projects import Project

from conformance.resources import schemas_root

GOOD = "- name: good\n  request: {DelUser: {webExId: ok}}\n  before: {result: FAILURE}\n"
BOMB = (
    "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(12))
)  # fmt: skip


def faults(result: pytest.RunResult) -> list[str]:
    """Return the lines that were told on stderr, which must be all there is."""
    text = "\n".join(result.errlines).removeprefix("ERROR: ").strip()
    assert "Traceback" not in text
    return text.splitlines()


def refused(project: Project, *arguments: str, site: str = "lab") -> list[str]:
    """Run, expect a refusal before anything was sent, and return what was told."""
    result = project.run(*arguments, site=site)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert not project.touched
    assert "INTERNALERROR" not in result.stdout.str()
    return faults(result)


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("- name: a\n  requst: {DelUser: {}}\n", "unknown key 'requst', did you mean 'request'?"),
        ("- name: a\n  given: {u: a usr}\n" + GOOD[13:], "unknown fixture 'a usr', did you mean 'a user'?"),
        ("- name: a\n  request: {DelUsr: {}}\n", "unknown operation 'DelUsr', did you mean 'DelUser'?"),
        ("- name: a\n  as: hots\n" + GOOD[13:], "unknown role 'hots', did you mean 'host'?"),
        (GOOD.replace("ok", '"${hst.webExID}"'), "'hst' is not known here"),
        ("- name: a\n  request: {DelUser: {}}\n", "the same is expected before and after the change"),
        (GOOD + GOOD, "a second case named 'good'"),
        ("- name: [a\n", "expected"),
        ("- name: a\n  anchor: &x y\n", "anchors and aliases are not allowed"),
    ],
)  # fmt: skip
def test_a_fault_is_told_in_one_line_with_its_place(project: Project, case: str, told: str) -> None:
    fixtures = "a user:\n  does: x\n  steps: [{request: {DelUser: {}}}]\n"
    project.write(case, fixtures=fixtures, root=project.path / "cases")
    lines = refused(project)
    place = re.escape(str(project.path / "cases/40.2.0/one.yaml"))
    assert all(re.match(rf"{place}:\d+:\d+: ", line) for line in lines)
    assert [line for line in lines if told in line], lines


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("impact: ", "unknown key 'impct', did you mean 'impact'?"),
        ("released_in: [40.2.0]", "key 'released_in' is missing"),
        ("kind: behaviour changed", "'something' is not allowed here"),
    ],
)
def test_a_fault_in_the_head_is_told_like_any_other(project: Project, change: str, told: str) -> None:
    file = project.words("ok")
    wrong = {"impact: ": "impct: ", "kind: behaviour changed": "kind: something"}.get(change, "")
    file.write_text(file.read_text().replace(change, wrong))
    assert [line for line in refused(project) if told in line]


def test_all_faults_of_all_files_are_told_at_once_in_order(project: Project) -> None:
    for name in ("b", "a"):
        project.write("- name: a\n  requst: {}\n  as: hots\n", name=name, root=project.path / "cases")
    project.words("ok", name="good")
    lines = refused(project)
    places = [re.match(r".*/(\w)\.yaml:(\d+)", line) for line in lines]
    found = [(place[1], int(place[2])) for place in places if place]
    assert found == sorted(found)
    assert {name for name, _ in found} == {"a", "b"}
    assert len(found) == len(lines) == len(set(lines))


def test_a_fault_in_what_cases_share_is_told_once(project: Project) -> None:
    project.words("ok")
    project.words("ok", name="two")
    (project.path / "cases/conformance.yaml").write_text("format: 1\nfixtures: {a: {dos: x}}\n")
    lines = refused(project)
    assert lines == sorted(set(lines))
    assert all("conformance.yaml:" in line for line in lines)


@pytest.mark.parametrize(
    "text",
    [BOMB, "", "\x00", "- a\n- list\n", "just text", "[" * 10_000, "a: b\n---\nc: d\n", "a: b\na: c\n", "? [a]\n: b\n"],
    ids=["bomb", "empty", "binary", "list", "text", "deep", "two", "twice", "key"],
)
def test_a_file_that_is_no_case_file_is_a_fault(project: Project, text: str) -> None:
    project.words("ok")
    (project.path / "cases/40.2.0/odd.yaml").write_text(text)
    lines = refused(project)
    assert all("odd.yaml:" in line for line in lines)
    assert lines


def test_bytes_that_are_no_text_are_a_fault(project: Project) -> None:
    project.words("ok")
    (project.path / "cases/40.2.0/odd.yaml").write_bytes(b"change: \xff\xfe")
    assert "odd.yaml:" in refused(project)[0]


def test_other_peoples_tests_do_not_run_beside_a_fault(project: Project) -> None:
    project.write("- name: a\n  requst: {}\n", root=project.path / "cases")
    project.pytester.makepyfile(test_theirs="def test_theirs(): open('ran', 'w').close()")
    refused(project)
    assert not (project.path / "ran").exists()


def test_a_fault_is_told_though_its_case_was_not_selected(project: Project) -> None:
    project.words("ok")
    project.write("- name: a\n  requst: {}\n", name="two", root=project.path / "cases")
    refused(project, "-k", "ok")
    project.run("cases/40.2.0/one.yaml").assert_outcomes(passed=1)


def test_two_files_of_one_change_are_refused(project: Project) -> None:
    project.words("ok")
    project.words("ok", folder="more")
    (line,) = refused(project)
    assert "more/40.2.0/one.yaml:1:1: " in line
    assert "cases/40.2.0/one.yaml documents 40.2.0/one too" in line


# Options


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--conformance-api-version=forty"], "'forty' is not an API version; write it like 40.4.3"),
        (["--conformance-mock-version=40.x"], "'40.x' is not an API version"),
        (["--conformance-case=40.2.0/one::okk"], "unknown case '40.2.0/one::okk', did you mean '40.2.0/one::ok'?"),
        (["--conformance-in-flight=0"], "0 cases in flight is not possible; write 1 or more"),
        (["--conformance-schemas=nowhere"], "nowhere/5.9: schema file not found"),
        (["--conformance-case-timeout=-1"], "-1 is no time"),
        (["--conformance-time-limit=-1"], "-1 is no time"),
        (["--conformance-case-timeout=nan"], "nan is no time"),
        (["--conformance-mock-clock=nan"], "a clock can not be nan s ahead"),
        (["--conformance-mock-clock=-1e20"], "a clock can not be -1e+20 s ahead"),
    ],
)
def test_an_option_that_can_not_be_used_is_refused(project: Project, arguments: list[str], told: str) -> None:
    project.words("ok")
    (line,) = refused(project, *arguments)
    assert told in line


@pytest.mark.parametrize("option", ["in-flight=many", "mock-clock=late", "case-timeout=long", "time-limit=x"])
def test_an_option_of_the_wrong_kind_is_refused(project: Project, option: str) -> None:
    project.words("ok")
    result = project.run(f"--conformance-{option}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "invalid" in "\n".join(result.errlines)


def test_a_site_that_nobody_knows_is_refused(project: Project) -> None:
    project.words("ok")
    (line,) = refused(project, site="labs")
    assert line == "unknown site 'labs', known are: mock; there is no conformance.toml here that names others"


@pytest.mark.parametrize("folder", ["taken", "taken/below", "out"])
def test_a_report_folder_that_can_not_be_written_is_refused_first(project: Project, folder: str) -> None:
    project.words("ok")
    (project.path / "taken").write_text("a file")
    (project.path / "out/results.jsonl").mkdir(parents=True)
    (line,) = refused(project, f"--conformance-report={folder}")
    assert line.startswith(f"{folder}: reports can not be written here: ")


# Schemas


def copied_schemas(project: Project) -> Path:
    folder = project.path / "schemas"
    folder.mkdir()
    for path in schemas_root().rglob("*.xsd"):
        target = folder / path.relative_to(schemas_root())
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return folder


def test_schemas_of_ones_own_replace_the_shipped_ones(project: Project) -> None:
    project.words("deviant")
    folder = copied_schemas(project)
    assert project.run(f"--conformance-schemas={folder}").parseoutcomes() == {"deviation": 1}
    file = folder / "5.9/user/DelUser.xsd"
    text = file.read_text()
    element = '<xs:element name="status"'
    assert element in text
    file.write_text(text.replace(element, f'<xs:element name="new" type="xs:string" minOccurs="0"/>{element}'))
    result = project.run(f"--conformance-schemas={folder}", "--conformance-report=out")
    header, (case,), _ = project.results()
    assert header["schemas_digest"] != ""
    assert case["verdict"] in ("PASS", "FAIL")  # known now, though not at that place
    assert result.ret == (0 if case["verdict"] == "PASS" else 1)


def test_a_schema_that_a_release_needs_and_is_missing_is_refused(project: Project) -> None:
    project.words("ok")
    folder = copied_schemas(project)
    (folder / "5.9/user/types.xsd").unlink()
    lines = refused(project, f"--conformance-schemas={folder}")
    assert len(lines) == 1
    assert "types.xsd" in lines[0]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("xs:complexType name=", "xs:complexTyp name=", "5.9/user/CreateUser.xsd:"),
        ("</xs:schema>", "", "5.9/user/CreateUser.xsd:"),
        ('base="', 'base="no', "the schemas of 40.1.0 do not compile"),
        ("<xs:import", "<xs:imports", "the schemas of 40.1.0 do not compile"),
    ],
)
def test_a_schema_that_does_not_compile_voids_the_run(project: Project, old: str, new: str, told: str) -> None:
    project.words("ok")
    folder = copied_schemas(project)
    file = folder / "5.9/user/CreateUser.xsd"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    result = project.run(f"--conformance-schemas={folder}", "--conformance-api-version=40.1.0")
    assert result.ret == 3
    output = "\n".join([*result.outlines, *result.errlines])
    assert "RUN VOID" in output
    assert told in output
    assert "Traceback" not in output
    assert "INTERNALERROR" not in output
    assert not project.touched
