"""``conformance changes``: every change with its clauses and the cases that prove them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from calling import Run

from conformance.cases.load import load_changes
from conformance.versions import DEFAULT_VERSION, Version

CHANGE = """\
change: A meeting can be made blue, which takes a title that does not fit into one line of a terminal
released_in: [40.4.0]
kind: request element added
operations: [CreateMeeting, SetMeeting]
source: the notes, page 1
impact: None.
advice: None.
clauses:
  blue: A meeting is blue where the caller says so, whatever colour the meetings of its site have otherwise.
  red:
    says: No meeting is red.
    assumed: The notes say nothing of red.
  green: Green is refused.
cases:
  - name: a blue meeting, ${row.shade}
    proves: [blue, red]
    table: [{shade: dark}, {shade: light}]
    request: {CreateMeeting: {metaData: {confName: "${row.shade}"}}}
    before: {result: FAILURE}
"""

TABLE = """\
40.4.0/blue-meetings: A meeting can be made blue, which takes a title that does
  not fit into one line of a terminal
  released in 40.4.0; CreateMeeting, SetMeeting
  blue (2 cases): A meeting is blue where the caller says so, whatever colour
    the meetings of its site have otherwise.
      a-blue-meeting-dark, a-blue-meeting-light
  red (2 cases): No meeting is red.
    assumed: The notes say nothing of red.
      a-blue-meeting-dark, a-blue-meeting-light
  green (NO CASE): Green is refused.

1 change, 3 clauses, 2 cases
no case proves clause 'green' of 40.4.0/blue-meetings
"""

GREEN = """
  - name: a green meeting
    proves: [green]
    request: {CreateMeeting: {metaData: {confName: green}}}
    expect: {result: FAILURE}
    before: {result: SUCCESS}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of case files in which one clause has no case."""
    root = tmp_path / "mine"
    (root / "40.4.0").mkdir(parents=True)
    (root / "conformance.yaml").write_text('format: "1"\n')
    (root / "40.4.0" / "blue-meetings.yaml").write_text(CHANGE)
    return root


def test_a_clause_without_a_case_is_told_and_all_else_is_listed(command: Run, folder: Path) -> None:
    ended = command("changes", folder)
    assert (ended.out, ended.err, ended.code) == (TABLE, "", 1)


def test_a_clause_with_a_case_is_fine(command: Run, folder: Path) -> None:
    file = folder / "40.4.0" / "blue-meetings.yaml"
    file.write_text(CHANGE + GREEN)
    ended = command("changes", file)
    assert (ended.err, ended.code) == ("", 0)
    assert "  green (1 case): Green is refused.\n      a-green-meeting\n" in ended.out
    assert ended.out.endswith("\n\n1 change, 3 clauses, 3 cases\n")


def test_a_run_refuses_what_is_only_listed_here(command: Run, folder: Path) -> None:
    ended = command("run", folder)
    assert ended.code == 4
    assert "no case proves clause 'green'" in ended.err


def test_json(command: Run, folder: Path) -> None:
    ended = command("changes", "--format", "json", "mine")
    cases = [f"40.4.0/blue-meetings::a-blue-meeting-{shade}" for shade in ("dark", "light")]
    assert ended.code == 1
    assert json.loads(ended.out) == [
        {
            "id": "40.4.0/blue-meetings",
            "title": "A meeting can be made blue, which takes a title that does not fit into one line of a terminal",
            "kind": "request element added",
            "released_in": ["40.4.0"],
            "operations": ["CreateMeeting", "SetMeeting"],
            "source": "the notes, page 1",
            "file": "mine/40.4.0/blue-meetings.yaml",
            "clauses": [
                {
                    "id": "blue",
                    "says": "A meeting is blue where the caller says so, whatever colour the meetings of its site "
                    "have otherwise.",
                    "assumed": "",
                    "cases": cases,
                },
                {
                    "id": "red",
                    "says": "No meeting is red.",
                    "assumed": "The notes say nothing of red.",
                    "cases": cases,
                },
                {"id": "green", "says": "Green is refused.", "assumed": "", "cases": []},
            ],
        }
    ]


def newest_release(change: Mapping[str, Any]) -> Version:
    """Return the newest release of a change that was listed."""
    return max(map(Version.parse, change["released_in"]))


def test_the_shipped_changes_are_all_proved(command: Run) -> None:
    ended = command("changes", "--format", "json")
    listed = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, "")
    assert {change["id"] for change in listed if Version(40) < newest_release(change) <= DEFAULT_VERSION} == {
        "40.1.0/getsessioninfo-selectors",
        "40.1.0/lstaccessanywherehistory",
        "40.1.2/generated-passwords",
        "40.2.0/anonymous-lstsummarysession",
        "40.2.0/start-time-in-the-past",
        "40.4.0/getenrollmentinfo-empty-domain",
        "40.4.0/setuser-email-verification",
        "40.4.3/createuser-html-email",
    }
    (last,) = [change for change in listed if change["id"].startswith("40.4.3/")]
    assert last["released_in"] == ["40.4.3", "40.2.4"]
    for change in listed:
        for clause in change["clauses"]:
            assert clause["cases"]
            assert len(set(clause["cases"])) == len(clause["cases"])


def test_the_shipped_table_fits_80_columns(command: Run) -> None:
    ended = command("changes")
    assert ended.code == 0
    too_long = [line for line in ended.lines if len(line) > 80 and " " in line.strip()]
    assert not too_long  # a name alone is never broken
    assert "\x1b" not in ended.out
    baseline = [change for change in load_changes() if change.file.is_baseline]
    told = f"{len(load_changes()) - len(baseline)} changes, {len(baseline)} parts of the baseline, "
    assert ended.lines[-1].startswith(told)
    assert sum(line.startswith("  at every release; ") for line in ended.lines) == len(baseline)


def test_on_a_terminal_headings_stand_out(on_terminal: Run, folder: Path) -> None:
    ended = on_terminal("changes", folder)
    assert ended.code == 1
    assert "\x1b[1m40.4.0/blue-meetings: A meeting" in ended.out
    assert "\x1b[31mno case proves clause 'green'" in ended.out


def test_json_is_plain_on_a_terminal(on_terminal: Run, folder: Path) -> None:
    ended = on_terminal("changes", folder, "--format", "json")
    assert json.loads(ended.out)[0]["id"] == "40.4.0/blue-meetings"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "nowhere: no such file or folder"),
        (["."], ".: no case files here; a folder of case files holds a conformance.yaml"),
        (["--format", "yaml"], "unknown format 'yaml', known are: table, json"),
    ],
)
def test_what_cannot_be_listed_is_one_line(command: Run, arguments: list[str], told: str) -> None:
    ended = command("changes", *arguments)
    assert (ended.out, ended.err, ended.code) == ("", f"{told}\n", 4)


def test_other_faults_of_a_file_are_all_told_with_their_place(command: Run, folder: Path) -> None:
    file = folder / "40.4.0" / "blue-meetings.yaml"
    file.write_text(CHANGE.replace("CreateMeeting, SetMeeting", "CreateMeeting, SetMeting").replace("red]", "redd]"))
    ended = command("changes", folder)
    assert (ended.out, ended.code) == ("", 4)
    assert ended.err.splitlines() == [
        f"{file}:4:29: unknown operation 'SetMeting', did you mean 'SetMeeting'?",
        f"{file}:16:20: unknown clause 'redd', did you mean 'red'?",
    ]
