"""The sentence that a run comes to, and what is said after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.cases.load import load_change
from conformance.report.stream import Catalogue, Tally, headline
from conformance.report.text import summarise
from conformance.run.verdicts import CaseResult, Verdict


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
        (["a PASS", "b NOT_APPLICABLE"], "AS DOCUMENTED: 1 documented changes hold"),
        (["a PASS", "b PASS before"], "AS DOCUMENTED: 1 documented changes hold, 1 are not there yet, as they should"),
        (["a FAIL", "a PASS", "b PASS"], "NOT AS DOCUMENTED: 1 of 2 documented changes do not hold"),
        (["a FAIL", "b INCONCLUSIVE"], "NOT AS DOCUMENTED: 1 of 2 documented changes do not hold"),
        (["a PASS", "a INCONCLUSIVE", "b BLOCKED"], "COULD NOT TELL: 2 cases were not observed"),
        (["a PASS", "b FAIL", "c SUITE_ERROR"], "RUN VOID: 1 cases met a defect of the suite itself"),
        ([], "COULD NOT TELL: nothing was tested"),
    ],
)
def test_a_run_comes_to_a_sentence_with_numbers(told: list[str], sentence: str) -> None:
    assert headline(counted(*told)) == sentence


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
