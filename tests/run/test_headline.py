"""The sentence that a run comes to, and what is said after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cases.load import load_change
from conformance.cases.waivers import WaiverNote
from conformance.report.stream import (
    HEADLINES,
    Catalogue,
    Footer,
    Header,
    Tally,
    headline,
    headline_word,
    left_on_site,
    rerun_command,
)
from conformance.report.text import summarise
from conformance.run.verdicts import CaseResult, ExitCode, Verdict


def counted(*told: str, planned: int | None = None) -> Tally:
    """Count results told as ``change verdict``, with ``before`` behind those that a site was held to so."""
    tally = Tally(planned=len(told) if planned is None else planned)
    for number, text in enumerate(told):
        change, verdict, *side = text.split()
        side_of = "before" if side else "expect"
        tally.add(CaseResult(f"{change}::{number}", change, Verdict(verdict), side_of))  # type: ignore[arg-type]
    return tally


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (["a PASS", "a PASS", "b PASS"], "AS DOCUMENTED: 2 documented changes hold"),
        (["a PASS", "b DEVIATION"], "AS DOCUMENTED: 2 documented changes hold, 1 deviation from what is only assumed"),
        (["a PASS", "b NOT_APPLICABLE"], "AS DOCUMENTED: 1 documented change holds"),
        (["a PASS", "b PASS before"], "AS DOCUMENTED: 1 documented change holds, 1 are not there yet, as they should"),
        (["a FAIL", "a PASS", "b PASS"], "NOT AS DOCUMENTED: 1 of 2 documented changes do not hold"),
        (["a FAIL", "b INCONCLUSIVE"], "NOT AS DOCUMENTED: 1 of 2 documented changes do not hold"),
        (["a PASS", "a INCONCLUSIVE", "b BLOCKED"], "COULD NOT TELL: 2 cases were not observed"),
        (["a PASS", "b FAIL", "c SUITE_ERROR"], "RUN VOID: 1 case met a defect of the suite itself"),
        (["a SUITE_ERROR", "a SUITE_ERROR"], "RUN VOID: 2 cases met a defect of the suite itself"),
        ([], "COULD NOT TELL: nothing was tested"),
    ],
)
def test_a_run_comes_to_a_sentence_with_numbers(told: list[str], sentence: str) -> None:
    assert headline(counted(*told)) == sentence


FIRST, LATER = "2026-12-01", "2027-01-31"


@pytest.mark.parametrize(
    ("told", "waivers", "code", "sentence"),
    [
        (
            ["a PASS", "b WAIVED", "c PASS before"],
            [f"applied {FIRST}"],
            0,
            (
                "AS DOCUMENTED BUT FOR WAIVERS: 1 documented change holds, 1 are not there yet, as they should,"
                " 1 does not hold and is waived until 2026-12-01"
            ),
        ),
        (
            ["a PASS", "a WAIVED", "b WAIVED before", "c WAIVED"],
            [f"applied {LATER}", f"applied {FIRST}"],
            0,
            (
                "AS DOCUMENTED BUT FOR WAIVERS: 0 documented changes hold,"
                " 3 do not hold and are waived, the first until 2026-12-01"
            ),
        ),
        (
            ["a WAIVED"],
            [],
            0,
            "AS DOCUMENTED BUT FOR WAIVERS: 0 documented changes hold, 1 does not hold and is waived",
        ),
        (
            ["a DEVIATION", "a DEVIATION"],
            [f"not tried {FIRST}"],
            0,
            "AS DOCUMENTED: 1 documented change holds, 2 deviations from what is only assumed",
        ),
        (
            ["a FAIL", "a WAIVED", "b WAIVED", "c PASS"],
            [f"applied {FIRST}", f"not tried {LATER}"],
            1,
            "NOT AS DOCUMENTED: 1 of 3 documented changes do not hold, 1 does not hold and is waived until 2026-12-01",
        ),
        (
            ["a FAIL", "b INCONCLUSIVE"],
            [f"expired {FIRST}"],
            1,
            "NOT AS DOCUMENTED: 1 of 2 documented changes do not hold; waivers to change: 1 expired",
        ),
        (
            ["a PASS", "b WAIVED"],
            [f"unneeded {FIRST}", f"expired {FIRST}", f"unneeded {FIRST}", f"unmatched {FIRST}", f"applied {LATER}"],
            1,
            (
                "WAIVERS TO CHANGE: 1 expired, 1 for nothing that there is, 2 not needed any more;"
                " 1 does not hold and is waived until 2027-01-31"
            ),
        ),
        (
            ["a PASS", "b INCONCLUSIVE", "c BLOCKED"],
            [f"unneeded {FIRST}"],
            1,
            "WAIVERS TO CHANGE: 1 not needed any more; 2 cases were not observed",
        ),
        (["a SUITE_ERROR"], [f"expired {FIRST}"], 3, "RUN VOID: 1 case met a defect of the suite itself"),
    ],
)
def test_waivers_are_part_of_the_sentence(told: list[str], waivers: list[str], code: int, sentence: str) -> None:
    tally = counted(*told)
    tally.waivers = [
        WaiverNote("a", *(text.rpartition(" ")[0], "known", "the mail team", text.rpartition(" ")[2]), "w.yaml:1:1")
        for text in waivers
    ]
    assert (tally.exit_code, headline(tally)) == (ExitCode(code), sentence)


def test_waivers_to_change_are_told_before_that_cases_are_missing() -> None:
    tally = counted("a PASS", planned=4)
    tally.waivers = [WaiverNote("a", "unmatched", "known", "the mail team", FIRST, "w.yaml:1:1")]
    assert headline(tally) == "WAIVERS TO CHANGE: 1 for nothing that there is; only 1 of 4 cases ran"
    whole = counted("a PASS", planned=1)
    whole.waivers = tally.waivers
    assert headline(whole) == "WAIVERS TO CHANGE: 1 for nothing that there is"


@pytest.mark.parametrize(
    ("told", "code"),
    [(["a PASS"], 0), (["a FAIL"], 1), (["a BLOCKED"], 2), (["a INCONCLUSIVE"], 2), (["a SUITE_ERROR"], 3), ([], 2)],
)
def test_the_word_is_that_of_the_exit_code(told: list[str], code: int) -> None:
    assert headline_word(counted(*told)) == HEADLINES[ExitCode(code)]


def test_a_tally_counts_over_all_and_by_change() -> None:
    tally = counted("a PASS", "a PASS before", "a FAIL", "b FAIL", "c PASS")
    tally.add(CaseResult("c::1", "c", Verdict.PASS, "expect", leftovers=("one", "two")))
    tally.add(CaseResult("c::2", "c", Verdict.PASS, "expect", leftovers=("three",)))
    assert tally.total == {Verdict.PASS: 5, Verdict.FAIL: 2}
    assert tally.by_change["a"] == {Verdict.PASS: 2, Verdict.FAIL: 1}
    assert (tally.leftovers, tally.not_yet) == (3, {"a"})
    assert (tally.having(Verdict.FAIL), tally.having(Verdict.PASS)) == (["a", "b"], ["a", "c"])


def test_what_is_left_is_what_the_site_knows_else_the_clean_ups_that_failed() -> None:
    failed = ["a", "b"]
    assert left_on_site(None, failed) == failed
    assert left_on_site(Footer({}, 0, 1.0, 2), failed) == failed
    assert left_on_site(Footer({}, 0, 1.0, 2, left=("c",)), failed) == ["c"]
    assert left_on_site(Footer({}, 0, 1.0, 2, left=()), failed) == []


def test_of_much_that_is_left_the_first_twenty_are_shown() -> None:
    left = [str(number) for number in range(22)]
    assert left_on_site(None, left[:20]) == left[:20]
    assert left_on_site(None, left[:21]) == [*left[:20], "and 1 more, see results.jsonl"]
    assert left_on_site(None, left) == [*left[:20], "and 2 more, see results.jsonl"]


@pytest.mark.parametrize(
    ("site", "mock", "more"),
    [
        ("mock", "40.4.3", ""),
        ("mock", "40.2.0", " --mock-version 40.2.0"),
        ("staging", "", " --site staging"),
        ("mock", "", ""),
    ],
)
def test_a_case_is_repeated_at_the_same_site_and_versions(site: str, mock: str, more: str) -> None:
    known = {
        "told_version": "",
        "schema_release": "",
        "schemas_digest": "",
        "cases_digest": "",
        "clock_offset_seconds": 0,
    }
    header = Header(
        run="r", started="", suite_version="1", site=site, endpoint="", api_version="40.4.3", mock_version=mock,
        planned=1, **known,  # type: ignore[arg-type]
    )  # fmt: skip
    assert rerun_command("40.2.0/a::b", header) == f"conformance run --case 40.2.0/a::b --api-version 40.4.3{more}"


def test_a_run_that_was_cut_short_is_not_as_documented() -> None:
    assert headline(counted("a PASS", planned=3)) == "COULD NOT TELL: only 1 of 3 cases ran"
    assert headline(counted("a FAIL", planned=3)).startswith("NOT AS DOCUMENTED")


def test_what_broke_is_told_with_what_it_means_and_what_to_change(write_cases: Callable[..., Path]) -> None:
    case = "- name: a\n  request: {DelUser: {webExId: a}}\n  before: {result: FAILURE}\n"
    changes = [load_change(write_cases(case, name=name)) for name in ("one", "two", "three")]
    catalogue = Catalogue({change.id: change for change in changes})
    tally = counted("40.2.0/one FAIL", "40.2.0/one PASS", "40.2.0/two PASS", "40.2.0/three BLOCKED", "other FAIL")
    assert list(summarise(tally, catalogue))[1:] == [
        "",
        "  40.2.0  one changes  (1 of 2 FAIL)",
        "    breaks: Clients of one break.",
        "    change: Mend them.",
        "",
        "  40.2.0  three changes  (1 of 1 BLOCKED)",
        "    breaks: Clients of three break.",
        "    change: Mend them.",
    ]
