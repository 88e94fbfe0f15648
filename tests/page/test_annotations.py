"""Annotations: lines that a runner of jobs reads back as they were meant, and that no text can add to."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from output_samples import CASE, HOSTILE, decision, decisions, empty, hostile, reason

from conformance.page.annotations import annotations
from conformance.page.places import Place
from conformance.report.text import explain_case
from conformance.run.verdicts import CaseResult, Check, StepResult, Verdict
from conformance.upgrade.model import Decision, Outcome

COMMAND = re.compile(r"::(?P<command>[^ :]+)(?: (?P<properties>[^\n]*?))?::(?P<data>.*)", re.DOTALL)


def obeyed(line: str) -> tuple[str, dict[str, str], str]:
    """Read a line as the runner does: properties end at the first ``::``, then what was escaped is put back."""
    match = COMMAND.fullmatch(line)
    assert match, line
    properties = {}
    for part in (match["properties"] or "").split(","):
        key, _, text = part.partition("=")
        for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
            text = text.replace(code, sign)
        properties[key] = text
    data = match["data"]
    for code, sign in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        data = data.replace(code, sign)
    return match["command"], properties, data


def test_each_reason_is_a_line_heaviest_first() -> None:
    lines = [obeyed(line) for line in annotations(decision())]
    assert [command for command, _, _ in lines] == ["error", "error", "error", "warning", "notice"]
    assert lines[0][1] == {
        "file": "cases/40.2.0/start-time-in-the-past.yaml",
        "line": "24",
        "col": "5",
        "title": "40.4.3 on staging: not ready",
    }
    assert lines[0][2] == (
        "40.2.0 CreateMeeting refuses a start that has passed: 2 cases fail. send a start that is ahead"
    )
    assert lines[1][1]["file"] == "waivers.yaml"
    assert lines[2][1] == {"file": "calls.har", "title": "40.4.3 on staging: not ready"}
    assert lines[3][1] == {"title": "40.4.3 on staging: cannot tell"}


def test_they_are_as_they_are_written() -> None:
    (line,) = annotations(decision(reasons=[reason(says="100% of a, b: c", advice="", place="a,b:c.yaml:1:2")]))
    assert line == ("::error file=a%2Cb%3Ac.yaml,line=1,col=2,title=40.4.3 on staging%3A not ready::100%25 of a, b: c")


def test_the_place_of_the_first_case_comes_before_that_of_the_reason(tmp_path: Path) -> None:
    (line,) = annotations(decision(reasons=[reason()]), {CASE: Place("cases/x.yaml", 7, 5)}, tmp_path)
    assert line.startswith("::error file=cases/x.yaml,line=7,col=5,title=")


def test_what_concerns_the_run_as_a_whole_points_at_no_case() -> None:
    (line,) = annotations(decision(reasons=[reason(change="", place="")]), {CASE: Place("cases/x.yaml", 7, 5)})
    assert line.startswith("::error title=")


def test_no_message_of_a_site_begins_a_command_in_what_a_run_prints() -> None:
    hostile_step = StepResult(
        "a step",
        Verdict.FAIL,
        (Check("reason", Verdict.FAIL, "serv:reason", "x", "y\n::error::owned"),),
        request="<a>\n::stop-commands::x</a>",
        response="not xml\n  ##[command]x\n\t::add-mask::y",
    )
    told = explain_case(CaseResult(CASE, CASE.partition("::")[0], Verdict.FAIL, "expect", steps=(hostile_step,)))
    assert not [line for line in told.splitlines() if line.strip().startswith(("::", "##["))]
    assert "\\::add-mask::y" in told


def test_without_reasons_and_for_what_is_ignored_there_are_none() -> None:
    assert list(annotations(empty())) == []
    assert list(annotations(decision(reasons=[reason(outcome=Outcome.IGNORE)]))) == []


def test_hostile_texts_can_not_begin_a_command_or_add_a_property() -> None:
    lines = "\n".join(annotations(hostile())).splitlines()
    assert len(lines) == 2
    for line in lines:
        command, properties, data = obeyed(line)
        assert command == "error"
        assert properties.keys() <= {"file", "line", "col", "title"}
        assert "::error file=x::owned" in data
    assert not [line for line in lines if line.lstrip().startswith(("::stop-commands", "##["))]


@given(decisions, st.text(max_size=40) | st.just(HOSTILE))
def test_any_text_comes_back_in_one_line(made: Decision, text: str) -> None:
    for line in annotations(made):
        assert len(line.splitlines()) == 1
        assert obeyed(line)[1].keys() <= {"file", "line", "col", "title"}
    (line,) = annotations(decision(reasons=[reason(says=text, advice="", place="", cases=())]))
    assert len(line.splitlines()) == 1
    if text.isprintable():
        assert obeyed(line)[2] == text
