"""Failures on a site that others use too: what is not seen twice is not held against it."""

from __future__ import annotations

from dataclasses import replace

from conformance.run.verdicts import CaseResult, Verdict


def confirmed(first: CaseResult, second: CaseResult) -> CaseResult:
    """Return what a failed case comes to after it was run again: both are shown, only what is seen twice is a FAIL.

    Others change the site meanwhile; a failure that they caused does not come again, or comes elsewhere.
    """
    steps = (*first.steps, *(replace(step, name=f"again: {step.name}", round=2) for step in second.steps))
    both = replace(
        first,
        steps=steps,
        seconds=round(first.seconds + second.seconds, 6),
        leftovers=(*first.leftovers, *second.leftovers),
    )
    match second.verdict:
        case Verdict.SUITE_ERROR:
            return replace(both, verdict=second.verdict, reason=second.reason)
        case Verdict.FAIL if _failed(first) & _failed(second):
            return replace(both, reason=second.reason)
        case Verdict.FAIL:
            told = f"interference: failed in one way ({first.reason}), then in another ({second.reason})"
        case Verdict.PASS | Verdict.DEVIATION:
            told = f"interference: failed ({first.reason}), and held when it was run again"
        case _:
            told = f"failed ({first.reason}); run again, it could not tell: {second.reason}"
    return replace(both, verdict=Verdict.INCONCLUSIVE, reason=told)


def _failed(result: CaseResult) -> set[tuple[str, str]]:
    """Return what did not hold; not the values, which differ from run to run."""
    return {(step.name, check.id) for step in result.steps for check in step.checks if check.verdict is Verdict.FAIL}
