"""What the result of a step is made of: its name, its caller, what is kept of its checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from conformance.cases.model import MailStep, OpenStep, RequestStep
from conformance.run.verdicts import Check, StepResult, Verdict, worst
from conformance.wire.effects import NOT_FOUND


def redacted(checks: Sequence[Check], redact: Callable[[str], str]) -> tuple[Check, ...]:
    """Return the checks with every secret masked."""
    told = "\n".join(text for c in checks for text in (c.subject, c.expected, c.observed, c.note))
    if redact(told) == told:
        return tuple(checks)
    return tuple(
        replace(
            c,
            subject=redact(c.subject),
            expected=redact(c.expected),
            observed=redact(c.observed),
            note=redact(c.note),
        )
        for c in checks
    )


def assuming(result: StepResult, assumed: str) -> StepResult:
    """Turn what rests on an assumption into a deviation: the notes do not say it, so it can not fail.

    Schema and envelope have evidence of their own, and secrets are none of a case's business.
    """
    if not assumed or result.verdict is not Verdict.FAIL:
        return result
    checks = tuple(
        replace(check, verdict=Verdict.DEVIATION, note=f"assumed: {assumed}")
        if check.verdict is Verdict.FAIL
        and not check.id.startswith(("schema.", "envelope.", "malformed.", "security."))
        else check
        for check in result.checks
    )
    return replace(result, checks=checks, verdict=worst(check.verdict for check in checks))


def step_name(step: RequestStep | MailStep | OpenStep) -> str:
    """Return what a report calls a step."""
    if step.name:
        return step.name
    if isinstance(step, RequestStep):
        return next(iter(step.request))
    return "mail" if isinstance(step, MailStep) else "open link"


def caller_name(caller: str | Mapping[str, str]) -> str:
    """Return what a report calls a caller."""
    return caller if isinstance(caller, str) else "own credentials"


def first_problem(result: StepResult) -> str:
    """Return in one line why a step did not hold."""
    check = next(c for c in result.checks if c.verdict not in (Verdict.PASS, Verdict.DEVIATION))
    return f"{check.subject}: expected {check.expected or 'none'}, got {check.observed} {check.note}".rstrip()


def was_gone(result: StepResult) -> bool:
    """Tell whether a clean-up call failed only because there was nothing to remove."""
    return any(check.id == "result" and check.note.startswith(NOT_FOUND) for check in result.checks)
