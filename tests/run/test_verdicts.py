"""Which verdict weighs how much, what a run comes to, and that results survive JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.run.verdicts import CaseResult, Check, ExitCode, StepResult, Verdict, exit_code, worst

PASS, FAIL, DEVIATION = Verdict.PASS, Verdict.FAIL, Verdict.DEVIATION
NOT_APPLICABLE, BLOCKED, INCONCLUSIVE = Verdict.NOT_APPLICABLE, Verdict.BLOCKED, Verdict.INCONCLUSIVE
WAIVED, SUITE_ERROR = Verdict.WAIVED, Verdict.SUITE_ERROR

verdicts = st.sampled_from(Verdict)
checks = st.builds(
    Check, id=st.text(), verdict=verdicts, subject=st.text(), expected=st.text(), observed=st.text(), note=st.text()
)
steps = st.builds(
    StepResult,
    name=st.text(),
    verdict=verdicts,
    checks=st.lists(checks, max_size=3).map(tuple),
    request=st.text(),
    response=st.text(),
    status=st.integers(0, 999),
    seconds=st.floats(0, 1e6),
)
results = st.builds(
    CaseResult,
    id=st.text(),
    change=st.text(),
    verdict=verdicts,
    side=st.sampled_from(["expect", "before"]),
    reason=st.text(),
    assumed=st.text(),
    steps=st.lists(steps, max_size=3).map(tuple),
    seconds=st.floats(0, 1e6),
    leftovers=st.lists(st.text(), max_size=3).map(tuple),
)


@given(results)
def test_a_result_survives_json(result: CaseResult) -> None:
    assert CaseResult.from_json(json.loads(json.dumps(result.as_json()))) == result


@given(st.lists(verdicts, min_size=1), st.randoms())
def test_the_worst_verdict_does_not_depend_on_the_order(some: list[Verdict], random: object) -> None:
    shuffled = list(some)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert worst(some) == worst(shuffled)
    assert worst(some) in some


@pytest.mark.parametrize(
    ("some", "heaviest"),
    [
        ([], PASS),
        ([PASS, NOT_APPLICABLE], NOT_APPLICABLE),
        ([DEVIATION, PASS], DEVIATION),
        ([DEVIATION, WAIVED], WAIVED),
        ([BLOCKED, WAIVED], BLOCKED),
        ([BLOCKED, DEVIATION], BLOCKED),
        ([BLOCKED, INCONCLUSIVE], INCONCLUSIVE),
        ([FAIL, INCONCLUSIVE], FAIL),
        ([SUITE_ERROR, FAIL], SUITE_ERROR),
    ],
)
def test_the_heavier_verdict_wins(some: list[Verdict], heaviest: Verdict) -> None:
    assert worst(some) is heaviest


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({}, ExitCode.COULD_NOT_TELL),
        ({PASS: 1}, ExitCode.AS_DOCUMENTED),
        ({DEVIATION: 1}, ExitCode.AS_DOCUMENTED),
        ({WAIVED: 1}, ExitCode.AS_DOCUMENTED),
        ({WAIVED: 1, FAIL: 1}, ExitCode.FINDINGS),
        ({WAIVED: 1, INCONCLUSIVE: 1}, ExitCode.COULD_NOT_TELL),
        ({PASS: 1, NOT_APPLICABLE: 5}, ExitCode.AS_DOCUMENTED),
        ({NOT_APPLICABLE: 5}, ExitCode.COULD_NOT_TELL),
        ({PASS: 100, INCONCLUSIVE: 1}, ExitCode.COULD_NOT_TELL),
        ({PASS: 100, BLOCKED: 1}, ExitCode.COULD_NOT_TELL),
        ({PASS: 100, INCONCLUSIVE: 100, FAIL: 1}, ExitCode.FINDINGS),
        ({FAIL: 1, SUITE_ERROR: 1}, ExitCode.SUITE_ERROR),
        ({PASS: 0, FAIL: 0, SUITE_ERROR: 0}, ExitCode.COULD_NOT_TELL),
    ],
)
def test_what_a_run_comes_to(counts: dict[Verdict, int], code: ExitCode) -> None:
    assert exit_code(counts) is code


@given(st.dictionaries(verdicts, st.integers(0, 5)))
def test_only_passes_and_nothing_doubtful_are_as_documented(counts: dict[Verdict, int]) -> None:
    doubtful = sum(counts.get(v, 0) for v in (FAIL, SUITE_ERROR, INCONCLUSIVE, BLOCKED))
    observed = sum(counts.get(v, 0) for v in (PASS, DEVIATION, WAIVED))
    assert (exit_code(counts) is ExitCode.AS_DOCUMENTED) == (observed > 0 and doubtful == 0)
