"""What a terminal shows of a run, and what results.jsonl holds: complete, folded, and inert."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from html_support import ALL_HOSTILE, BLUE, CATALOGUE, HOSTILE, SECRETIVE, check, header, result, step

from conformance.report.html import HtmlReport
from conformance.report.jsonl import JsonLines
from conformance.report.progress import Progress
from conformance.report.stream import Footer, Header
from conformance.report.text import closing, explain_case
from conformance.run.verdicts import CaseResult, Verdict


def shown(
    results: list[CaseResult], head: Header | None = None, footer: Footer | None = None, report: Path | None = None
) -> list[str]:
    out = io.StringIO()
    progress = Progress(out, report)
    progress.started(head or replace(header(), planned=len(results)), CATALOGUE)
    for each in results:
        progress.case(each)
    progress.finished(footer or Footer({}, 0, 1.0, sum(len(each.leftovers) for each in results)))
    return out.getvalue().splitlines()


def inconclusive(count: int, reason: str) -> list[CaseResult]:
    return [
        result(f"40.2.0/blue-meetings::case-{n}", Verdict.INCONCLUSIVE, reason=reason.format(n)) for n in range(count)
    ]


class TestEndOfTheTerminal:
    def test_it_names_all_that_is_left_on_the_site(self) -> None:
        lines = shown(
            [result(BLUE, leftovers=("DelMeeting: no", "DelUser: reset")), result(f"{BLUE}-2", leftovers=("x",))]
        )
        at = lines.index("LEFT ON THE SITE, 3 clean-up calls failed:")
        assert lines[at + 1 : at + 4] == [f"  {BLUE}: DelMeeting: no", f"  {BLUE}: DelUser: reset", f"  {BLUE}-2: x"]

    def test_it_says_what_is_to_be_known_of_site_and_run(self) -> None:
        head = replace(header(), planned=1, warnings=("the certificate ends in 3 days",))
        lines = shown([result(BLUE)], head, Footer({}, 0, 1.0, 0, remarks=("2 requests were retried",)))
        assert lines[-2:] == ["note: the certificate ends in 3 days", "note: 2 requests were retried"]

    def test_without_any_it_says_nothing_of_them(self) -> None:
        assert not [line for line in shown([result(BLUE)]) if "note:" in line or "LEFT" in line]


class TestFolding:
    def test_many_cases_with_one_reason_are_one_line_and_a_number(self) -> None:
        lines = shown([*inconclusive(120, "refused: port {}"), *inconclusive(1, "deadline: 5 s")])
        told = [line for line in lines if line.startswith("INCONCLUSIVE")]
        assert [line.rpartition("  ")[2] for line in told] == ["refused: port 0", "deadline: 5 s"]
        assert "... and 119 more cases: refused: port 0" in lines

    def test_the_summary_gives_each_reason_once(self) -> None:
        lines = shown([*inconclusive(120, "refused: port {}"), *inconclusive(1, "deadline: 5 s")])
        at = lines.index("  could not be told of 1 change:")
        assert lines[at + 1 : at + 3] == ["    120 cases: refused: port 0", "    1 case: deadline: 5 s"]
        assert not [line for line in lines if "impact of" in line]

    def test_a_change_that_also_fails_is_told_in_full(self) -> None:
        lines = shown([result(BLUE, Verdict.FAIL), *inconclusive(3, "refused")])
        assert [line for line in lines if "breaks: impact of Meetings can be blue" in line]

    def test_failures_are_never_folded(self) -> None:
        lines = shown([result(f"{BLUE}-{n}", Verdict.FAIL) for n in range(3)])
        assert len([line for line in lines if line.startswith("FAIL  ")]) == 3


class TestManyFailures:
    FAILED = tuple(result(f"{BLUE}-{n}", Verdict.FAIL, step(check()), reason="it is red") for n in range(23))

    def test_with_a_report_the_first_are_explained_and_each_is_named(self) -> None:
        lines = shown([*self.FAILED], report=Path("reports", "night"))
        assert len([line for line in lines if line.startswith("FAIL  ")]) == 23
        assert len([line for line in lines if line.startswith("  again: ")]) == 23
        assert len([line for line in lines if line.strip() == "request:"]) == 20
        assert len([line for line in lines if line.endswith("it is red") and line.startswith("FAIL  ")]) == 3
        assert lines[-1] == "report: reports/night/report.html, which explains the 3 cases that are only named here"

    def test_a_few_are_all_explained(self) -> None:
        lines = shown([*self.FAILED[:20]], report=Path("reports", "night"))
        assert len([line for line in lines if line.strip() == "request:"]) == 20
        assert lines[-1] == "report: reports/night/report.html"

    def test_so_are_all_where_there_is_no_report(self) -> None:
        assert len([line for line in shown([*self.FAILED]) if line.strip() == "request:"]) == 23


class TestAttempts:
    FOUND = result(BLUE, Verdict.FAIL, step(check(), attempts=("HTTP 503", "HTTP 502")))

    def test_they_are_told_in_the_terminal(self) -> None:
        lines = explain_case(self.FOUND).splitlines()
        assert [line.strip() for line in lines if "attempt" in line] == ["attempt 1: HTTP 503", "attempt 2: HTTP 502"]

    def test_and_in_the_evidence_of_the_page(self) -> None:
        from conformance.report.html_case import case_detail

        page = str(case_detail(self.FOUND, header(), CATALOGUE))
        assert "<li>attempt 1: HTTP 503<li>attempt 2: HTTP 502" in page


class TestInert:
    HOSTILE_RUN = (
        result(
            BLUE,
            Verdict.FAIL,
            step(check(observed=ALL_HOSTILE, note=ALL_HOSTILE), attempts=(ALL_HOSTILE,), response=ALL_HOSTILE),
            reason=ALL_HOSTILE,
            leftovers=(ALL_HOSTILE,),
        ),
        *inconclusive(2, ALL_HOSTILE.replace("{", "{{").replace("}", "}}")),
    )

    def test_a_terminal_gets_nothing_that_it_would_act_on(self) -> None:
        head = replace(header(), warnings=(ALL_HOSTILE,))
        lines = shown(list(self.HOSTILE_RUN), head, Footer({}, 0, 1.0, 1, remarks=(ALL_HOSTILE,)))
        assert not SECRETIVE.search("\n".join(lines))
        assert len([line for line in lines if "\\x1b[31mred" in line]) >= 5

    def test_results_are_written_inert_and_read_as_they_were(self, tmp_path: Path) -> None:
        writer = JsonLines(tmp_path / "results.jsonl")
        writer.started(replace(header(), warnings=(ALL_HOSTILE,)), CATALOGUE)
        writer.case(self.HOSTILE_RUN[0])
        writer.finished(Footer({}, 0, 1.0, 1, remarks=(ALL_HOSTILE,)))
        text = (tmp_path / "results.jsonl").read_bytes().decode("utf-8")
        assert not SECRETIVE.search(text)
        head, case, foot = map(json.loads, text.splitlines())
        assert (head["warnings"], case["reason"], foot["remarks"]) == ([ALL_HOSTILE], ALL_HOSTILE, [ALL_HOSTILE])

    @pytest.mark.parametrize("where", ["warnings", "remarks", "leftovers"])
    def test_the_first_screen_of_the_page_is_escaped(self, where: str) -> None:
        report = HtmlReport()
        head = replace(header(), planned=1, warnings=(ALL_HOSTILE,) if where == "warnings" else ())
        report.started(head, CATALOGUE)
        report.case(result(BLUE, leftovers=(ALL_HOSTILE,) if where == "leftovers" else ()))
        report.finished(Footer({}, 0, 1.0, 1, remarks=(ALL_HOSTILE,) if where == "remarks" else ()))
        page = str(report.summary(head))
        top = page[page.index("cf-know") : page.index("<h2>")]
        assert "&lt;script&gt;" in top
        assert HOSTILE["script"] not in page
        assert not SECRETIVE.search(top)


def test_the_site_itself_says_what_is_left_on_it() -> None:
    failed = ["a::b: DelMeeting: reset"]
    assert list(closing(None, Footer({}, 0, 1.0, 1, left=[]), failed)) == [
        "note: 1 clean-up call failed; what was left was removed at the end"
    ]
    assert list(closing(None, Footer({}, 0, 1.0, 1, left=["meeting m: 000035"]), failed)) == [
        "LEFT ON THE SITE, 1 clean-up call failed:",
        "  meeting m: 000035",
    ]
    many = list(closing(None, Footer({}, 0, 1.0, 30, left=[f"meeting {n}" for n in range(30)]), failed))
    assert (len(many), many[-1]) == (22, "  and 10 more, see results.jsonl")
